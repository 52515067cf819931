//! The stored form of a grant.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Unreadable;

use super::{Constraints, ContextConstraint, Grant, GrantId, Party};
use crate::key_id::KeyId;
use crate::stored::{self, bad, named};

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    region: String,
    key: String,
    issuer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    created: i64,
    grantee: StoredParty,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retiring: Option<StoredParty>,
    operations: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context_equals: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context_subset: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredParty {
    Principal {
        arn: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    Service(String),
}

impl StoredParty {
    fn of(party: &Party) -> Self {
        match party {
            Party::Principal { arn, id } => Self::Principal {
                arn: arn.to_string(),
                id: id.clone(),
            },
            Party::Service(name) => Self::Service(name.clone()),
        }
    }

    fn read(self) -> Option<Party> {
        Some(match self {
            Self::Principal { arn, id } => Party::Principal {
                arn: arn.parse().ok()?,
                id,
            },
            Self::Service(name) => Party::Service(name),
        })
    }
}

/// The bytes of `grant`.
pub(super) fn write(grant: &Grant) -> Vec<u8> {
    let pairs = grant.constraints.pairs();
    let (context_equals, context_subset) = match &grant.constraints.context {
        Some(ContextConstraint::Equals(_)) => (pairs, None),
        Some(ContextConstraint::Subset(_)) => (None, pairs),
        None => (None, None),
    };
    let operations = grant.operations.iter();
    stored::write(&StoredV1 {
        id: grant.id.to_string(),
        account: grant.account.to_string(),
        region: grant.region.to_string(),
        key: grant.key.to_string(),
        issuer: grant.issuer.to_string(),
        name: grant.name.clone(),
        created: grant.created.micros(),
        grantee: StoredParty::of(&grant.grantee),
        retiring: grant.retiring.as_ref().map(StoredParty::of),
        operations: operations.map(|it| it.as_str().to_owned()).collect(),
        context_equals,
        context_subset,
        source_arn: grant.constraints.source_arn.clone(),
    })
}

/// Reads what `write` wrote.
pub(super) fn read(table: &'static str, bytes: &[u8]) -> Result<Grant, Unreadable> {
    let form: StoredV1 = stored::read(table, bytes)?;
    let bad = |field| move || bad(table, field);
    let context = match (form.context_equals, form.context_subset) {
        (None, None) => None,
        (Some(pairs), None) => Some(ContextConstraint::Equals(pairs)),
        (None, Some(pairs)) => Some(ContextConstraint::Subset(pairs)),
        (Some(_), Some(_)) => return Err(bad("context_subset")()),
    };
    let operations = form.operations.iter().map(|name| named(name));
    let retiring = form
        .retiring
        .map(|party| party.read().ok_or_else(bad("retiring")));
    Ok(Grant {
        id: GrantId::parse(&form.id).ok_or_else(bad("id"))?,
        account: form.account.parse().ok().ok_or_else(bad("account"))?,
        region: form.region.parse().ok().ok_or_else(bad("region"))?,
        key: KeyId::parse(&form.key).ok_or_else(bad("key"))?,
        issuer: form.issuer.parse().ok().ok_or_else(bad("issuer"))?,
        name: form.name,
        created: Timestamp::from_micros(form.created),
        grantee: form.grantee.read().ok_or_else(bad("grantee"))?,
        retiring: retiring.transpose()?,
        operations: operations
            .collect::<Option<_>>()
            .ok_or_else(bad("operations"))?,
        constraints: Constraints {
            context,
            source_arn: form.source_arn,
        },
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use kms_api::shapes::GrantOperation;
    use storage::Record;

    /// A grant as it might be kept.
    pub(in crate::grant) fn some_grant() -> Grant {
        let principal = |arn: &str, id: &str| Party::Principal {
            arn: arn.parse().unwrap(),
            id: Some(id.to_owned()),
        };
        Grant {
            id: GrantId::from([0x22; 32]),
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            key: KeyId::from_bytes([0x11; 16], false),
            issuer: "111122223333".parse().unwrap(),
            name: Some("n".into()),
            created: Timestamp::from_seconds(1),
            grantee: principal("arn:aws:iam::111122223333:role/ops", "AROA1"),
            retiring: Some(principal("arn:aws:iam::444455556666:user/eve", "AIDA1")),
            operations: vec![GrantOperation::Decrypt, GrantOperation::CreateGrant],
            constraints: Constraints {
                context: Some(ContextConstraint::Subset(BTreeMap::from([(
                    "a".into(),
                    "1".into(),
                )]))),
                source_arn: None,
            },
        }
    }

    const GOLDEN: &str = r#"{"id":"2222222222222222222222222222222222222222222222222222222222222222","account":"111122223333","region":"us-east-1","key":"11111111-1111-1111-1111-111111111111","issuer":"111122223333","name":"n","created":1000000,"grantee":{"principal":{"arn":"arn:aws:iam::111122223333:role/ops","id":"AROA1"}},"retiring":{"principal":{"arn":"arn:aws:iam::444455556666:user/eve","id":"AIDA1"}},"operations":["Decrypt","CreateGrant"],"context_subset":{"a":"1"}}"#;

    const BARE: &str = r#"{"id":"2222222222222222222222222222222222222222222222222222222222222222","account":"111122223333","region":"us-east-1","key":"11111111-1111-1111-1111-111111111111","issuer":"111122223333","created":1000000,"grantee":{"service":"s3.amazonaws.com"},"operations":["Decrypt","CreateGrant"],"context_equals":{"a":"1"},"source_arn":"arn:aws:s3:::b"}"#;

    #[test]
    fn golden_bytes() {
        let pairs = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let bare = Grant {
            name: None,
            grantee: Party::Service("s3.amazonaws.com".into()),
            retiring: None,
            constraints: Constraints {
                context: Some(ContextConstraint::Equals(pairs)),
                source_arn: Some("arn:aws:s3:::b".into()),
            },
            ..some_grant()
        };
        for (grant, json) in [(some_grant(), GOLDEN), (bare, BARE)] {
            let stored = format!("\x01{json}");
            assert_eq!(String::from_utf8(grant.store()).unwrap(), stored);
            assert_eq!(Grant::load(stored.as_bytes()).unwrap(), grant);
        }
    }

    #[test]
    fn what_does_not_load() {
        for (from, to) in [
            (r#""Decrypt""#, r#""Explode""#),
            ("us-east-1", "nowhere"),
            (r#""id":"22"#, r#""id":"zz"#),
            ("arn:aws:iam::111122223333:role/ops", "ops"),
            (
                r#""context_subset""#,
                r#""context_equals":{"a":"1"},"context_subset""#,
            ),
        ] {
            let stored = format!("\x01{}", GOLDEN.replacen(from, to, 1));
            assert!(Grant::load(stored.as_bytes()).is_err(), "{from}");
        }
    }
}
