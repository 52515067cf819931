//! AWS-managed policies: facts, compiled when first asked for.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use base::{Tags, Timestamp};
use policy::Grammar;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Document, ManagedPolicy, PolicyVersion};

/// Facts as imported: see the head of the file for their provenance.
const FACTS: &str = include_str!("../aws_managed.json");

#[derive(Deserialize)]
struct Facts<'a> {
    #[serde(borrow)]
    policies: Vec<Fact<'a>>,
}

/// One of them, in the place where the facts lie: nothing is copied before it is asked for.
#[derive(Deserialize)]
struct Fact<'a> {
    arn: &'a str,
    name: &'a str,
    path: &'a str,
    id: &'a str,
    created: i64,
    updated: i64,
    version: u32,
    #[serde(borrow)]
    document: &'a RawValue,
    #[serde(skip)]
    compiled: OnceLock<Option<Arc<ManagedPolicy>>>,
}

static BY_ARN: LazyLock<HashMap<&'static str, Fact<'static>>> = LazyLock::new(|| {
    let facts: Facts = serde_json::from_str(FACTS).unwrap_or(Facts { policies: vec![] });
    let policies = facts.policies.into_iter();
    policies.map(|fact| (fact.arn, fact)).collect()
});

/// The AWS-managed policy of this ARN.
pub fn find(arn: &str) -> Option<Arc<ManagedPolicy>> {
    if !arn.starts_with("arn:aws:iam::aws:policy/") {
        return None;
    }
    let fact = BY_ARN.get(arn)?;
    fact.compiled.get_or_init(|| compile(fact)).clone()
}

/// Every AWS-managed policy, sorted by ARN.
pub fn all() -> Vec<Arc<ManagedPolicy>> {
    let mut arns: Vec<_> = BY_ARN.keys().collect();
    arns.sort();
    arns.into_iter().filter_map(|arn| find(arn)).collect()
}

fn compile(fact: &Fact<'_>) -> Option<Arc<ManagedPolicy>> {
    let document = Document::parse(fact.document.get(), Grammar::Identity).ok()?;
    let updated = Timestamp::from_seconds(fact.updated);
    Some(Arc::new(ManagedPolicy {
        name: fact.name.to_owned(),
        path: fact.path.to_owned(),
        id: fact.id.to_owned(),
        arn: fact.arn.parse().ok()?,
        account: None,
        created: Timestamp::from_seconds(fact.created),
        updated,
        description: None,
        tags: Tags::default(),
        versions: vec![PolicyVersion {
            number: fact.version,
            document,
            created: updated,
        }],
        default_version: fact.version,
        next_version: fact.version + 1,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_compiles() {
        assert!(BY_ARN.len() >= 1_500, "{}", BY_ARN.len());
        assert_eq!(all().len(), BY_ARN.len());
    }

    #[test]
    fn the_well_known_ones_are_there() {
        for name in [
            "AdministratorAccess",
            "ReadOnlyAccess",
            "PowerUserAccess",
            "IAMFullAccess",
            "job-function/ViewOnlyAccess",
            "job-function/Billing",
            "AmazonS3ReadOnlyAccess",
            "SecurityAudit",
        ] {
            let arn = format!("arn:aws:iam::aws:policy/{name}");
            assert!(find(&arn).is_some(), "{arn}");
        }
        assert!(find("arn:aws:iam::aws:policy/NoSuchPolicy").is_none());
    }
}
