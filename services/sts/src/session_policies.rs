//! Session policies: what a session may do at most.
//!
//! AWS document: IAM User Guide, "Policies and permissions in IAM", section "Session policies".

use base::{AccountId, Arn};
use identity::{Document, ManagedPolicy, aws_managed};
use pipeline::{Failure, Lookup};
use policy::Grammar;
use sts_api::shapes::PolicyDescriptorType;

use crate::errors;

/// Managed policies that one session may have.
const MOST_ARNS: usize = 10;

/// The policies of a session that is about to begin.
pub(crate) struct SessionPolicies {
    /// Given inline.
    pub(crate) documents: Vec<Document>,
    /// ARNs of managed policies.
    pub(crate) arns: Vec<String>,
}

impl SessionPolicies {
    /// Checks the policies of a call. Managed ones are AWS's own or of `account`.
    pub(crate) async fn given(
        look: &Lookup<'_>,
        account: AccountId,
        inline: Option<&str>,
        managed: Option<&[PolicyDescriptorType]>,
    ) -> Result<Self, Failure> {
        let parse = |text| Document::parse(text, Grammar::Session);
        let documents = inline
            .map(parse)
            .transpose()
            .map_err(errors::malformed_policy)?;
        let managed = managed.unwrap_or_default();
        if managed.len() > MOST_ARNS {
            return Err(errors::too_many_policies());
        }
        let mut arns = Vec::with_capacity(managed.len());
        for descriptor in managed {
            let arn = descriptor.arn.as_deref().unwrap_or_default();
            if !exists(look, account, arn).await? {
                return Err(errors::unknown_policy(arn));
            }
            arns.push(arn.to_owned());
        }
        Ok(Self {
            documents: documents.into_iter().collect(),
            arns,
        })
    }
}

async fn exists(look: &Lookup<'_>, account: AccountId, arn: &str) -> Result<bool, Failure> {
    if aws_managed::find(arn).is_some() {
        return Ok(true);
    }
    let own = arn
        .parse()
        .is_ok_and(|arn: Arn| arn.account() == account.as_str());
    match ManagedPolicy::key_of_arn(arn).filter(|_| own) {
        Some(key) => {
            let policy = look.get::<ManagedPolicy>(&key).await?;
            Ok(policy.is_some_and(|policy| policy.arn.as_str() == arn))
        }
        None => Ok(false),
    }
}
