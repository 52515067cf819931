//! The role that a caller asks for, be it there or not.

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use identity::{Document, Role};
use pipeline::{Failure, Lookup};
use policy::{Grammar, Resource, ResourcePolicy};

use crate::errors;

/// The name of a role in some account.
pub(crate) struct RoleArn {
    arn: Arn,
    account: AccountId,
}

impl RoleArn {
    /// Reads `RoleArn`. What is an ARN but not of a role names a role that does not exist.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = || errors::invalid_arn(text);
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let account = arn.account().parse().map_err(|_| invalid())?;
        let parts = [arn.partition(), arn.service(), arn.resource()];
        match parts.iter().any(|part| part.is_empty()) {
            true => Err(invalid()),
            false => Ok(Self { arn, account }),
        }
    }

    /// The account that it would belong to.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// The role of exactly this ARN.
    pub(crate) async fn find(&self, look: &Lookup<'_>) -> Result<Option<Arc<Role>>, Failure> {
        let named = self.arn.resource().strip_prefix("role/");
        let Some(name) = named.and_then(|path| path.rsplit('/').next()) else {
            return Ok(None);
        };
        let role = look.get::<Role>(&Role::key_of(self.account, name)).await?;
        Ok(role.filter(|role| role.arn == self.arn))
    }

    /// What is asked for, for the decision: the role, or one that trusts nobody.
    pub(crate) fn resource(self, role: Option<&Arc<Role>>) -> Result<Arc<dyn Resource>, Failure> {
        match role {
            Some(role) => Ok(role.clone()),
            None => Ok(Arc::new(MissingRole::new(self)?)),
        }
    }
}

/// AWS: a role that does not exist denies, as one that does not trust the caller.
struct MissingRole {
    named: RoleArn,
    trust: Document,
    tags: Tags,
}

/// Trusts nobody: no decision is ever made on this action.
const TRUSTS_NOBODY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:GetCallerIdentity"}}"#;

impl MissingRole {
    fn new(named: RoleArn) -> Result<Self, Failure> {
        Ok(Self {
            named,
            trust: Document::parse(TRUSTS_NOBODY, Grammar::Trust).map_err(Failure::internal)?,
            tags: Tags::default(),
        })
    }
}

impl Resource for MissingRole {
    fn arn(&self) -> &Arn {
        &self.named.arn
    }
    fn account(&self) -> AccountId {
        self.named.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Trust(self.trust.policy())
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_role() {
        for (text, valid) in [
            ("arn:aws:iam::111122223333:role/Ops", true),
            ("arn:aws:iam::111122223333:role/a/b/Ops", true),
            ("arn:aws:iam::111122223333:user/ann", true),
            ("nothing-valid-in-here", false),
            ("arn::b:::something/test-role", false),
            ("arn:a::::something/test-role", false),
            ("arn:a:::something/test-role", false),
            ("arn:a:a::111122223333:", false),
            ("arn:aws:iam::11112222333:role/Ops", false),
        ] {
            assert_eq!(RoleArn::parse(text).is_ok(), valid, "{text}");
        }
    }
}
