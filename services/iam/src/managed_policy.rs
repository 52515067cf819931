//! Managed policies: naming one by its ARN, the rules for documents and versions, and how the API shows them.

use std::sync::Arc;

use base::{AccountId, Arn};
use iam_api::shapes;
use identity::{Document, ManagedPolicy, PolicyVersion, Role, aws_managed};
use pipeline::{Failure, Lookup};
use policy::{Called, Grammar, NamedResource, Resource};
use storage::Key;

use crate::attachment::Usage;
use crate::find::Entity;
use crate::{errors, policy_size, tagging};

/// Characters a document may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
const LONGEST: usize = 6_144;
/// Versions a policy may have. AWS: as above.
pub(crate) const MOST_VERSIONS: usize = 5;
/// What stands for the account in the ARNs of AWS's own policies.
const AWS: &str = "aws";

/// A policy that is about to be made has a name, but others are found by their ARNs: see `Named`.
impl Entity for ManagedPolicy {
    const KIND: &'static str = "policy";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        record.clone()
    }
    fn taken(name: &str) -> Failure {
        errors::policy_exists(name)
    }
}

/// A managed policy that a call names, be it there or not.
pub(crate) struct Named {
    arn: Arn,
    /// `None` for AWS's own.
    account: Option<AccountId>,
    record: Option<Arc<ManagedPolicy>>,
}

impl Named {
    /// The policy of this ARN; `None` for what is no ARN of a policy.
    pub(crate) async fn parse(look: &Lookup<'_>, text: &str) -> Result<Option<Self>, Failure> {
        let Some((arn, account, name)) = parts(text) else {
            return Ok(None);
        };
        let record = match account {
            None => aws_managed::find(text),
            Some(account) => look.get(&ManagedPolicy::key_of(account, name)).await?,
        };
        Ok(Some(Self {
            // AWS: names are taken without regard to case and path, but an ARN is found only as it is.
            record: record.filter(|policy: &Arc<ManagedPolicy>| policy.arn == arn),
            arn,
            account,
        }))
    }

    /// The policy of this ARN. Fails for what is no ARN of a policy.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let named = Self::parse(look, text).await?;
        named.ok_or_else(|| errors::invalid_arn(text))
    }

    /// What policies see of it where it is only read: AWS's own policies are at home in every account.
    pub(crate) fn readable(&self, look: &Lookup<'_>) -> Arc<dyn Resource> {
        self.resource(look.call().account())
    }

    /// What policies see of it where it is changed: AWS's own policies belong to an account that lets nobody in.
    pub(crate) fn changeable(&self) -> Arc<dyn Resource> {
        self.resource(AccountId::from_number(0))
    }

    fn resource(&self, home_of_aws: AccountId) -> Arc<dyn Resource> {
        let account = self.account.unwrap_or(home_of_aws);
        let tags = self.record.as_ref().map(|policy| policy.tags.clone());
        let tags = tags.unwrap_or_default();
        let resource = NamedResource::tagged(self.arn.clone(), account, tags);
        Arc::new(Called {
            words: format!("policy {}", self.arn),
            resource: Arc::new(resource),
        })
    }

    /// The policy, or the error that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<ManagedPolicy>, Failure> {
        let record = self.record.as_ref();
        record.ok_or_else(|| errors::policy_not_found(self.arn.as_str()))
    }

    /// The policy and its version of this id, or the error that there is none.
    pub(crate) fn version(&self, id: &str) -> Result<(&ManagedPolicy, &PolicyVersion), Failure> {
        let found = self.record.as_deref().and_then(|policy| {
            let version = policy.version(version_number(id)?)?;
            Some((policy, version))
        });
        found.ok_or_else(|| errors::no_such_policy_version(self.arn.as_str(), id))
    }

    /// Whether it is AWS's own for roles that are linked to a service.
    pub(crate) fn is_for_linked_roles(&self) -> bool {
        let record = self.record.as_ref();
        self.account.is_none() && record.is_some_and(|it| it.path == Role::LINKED_TO_SERVICE)
    }

    /// Whether entities of `account` can have it: it is there, and the account's own or AWS's.
    pub(crate) fn is_attachable_in(&self, account: AccountId) -> bool {
        self.record.is_some() && self.account.is_none_or(|owner| owner == account)
    }
}

/// ARN, owner (`None`: AWS) and name.
fn parts(text: &str) -> Option<(Arn, Option<AccountId>, &str)> {
    let arn: Arn = text.parse().ok()?;
    let is_iam = arn.partition() == "aws" && arn.service() == "iam" && arn.region().is_empty();
    let account = match arn.account() {
        AWS => None,
        account => Some(account.parse().ok()?),
    };
    let has_name = arn
        .resource()
        .strip_prefix("policy/")
        .is_some_and(|rest| !rest.is_empty());
    let (_, name) = text.rsplit_once('/')?;
    (is_iam && has_name && !name.is_empty()).then_some((arn, account, name))
}

/// The name of the policy of this ARN.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The path of the policy of this ARN.
pub(crate) fn path(arn: &str) -> &str {
    let resource = arn
        .split_once(":policy")
        .map_or("/", |(_, resource)| resource);
    resource.strip_suffix(name(arn)).unwrap_or("/")
}

/// Where the policy of this ARN stands in lists: by name, the account's own before AWS's.
pub(crate) fn place(arn: &str) -> String {
    let owner = arn.split(':').nth(4).unwrap_or_default();
    format!("{} {owner}", name(arn).to_ascii_lowercase())
}

/// A document for a managed policy, checked.
pub(crate) fn document(text: &str) -> Result<Document, Failure> {
    match policy_size::characters(text) > LONGEST {
        true => Err(errors::quota_exceeded("PolicySize", LONGEST)),
        false => Document::parse(text, Grammar::Managed).map_err(errors::malformed_policy),
    }
}

fn version_number(id: &str) -> Option<u32> {
    id.strip_prefix('v')?.parse().ok()
}

fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// A version of `policy` without its document, as in lists.
pub(crate) fn listed_version(
    policy: &ManagedPolicy,
    version: &PolicyVersion,
) -> shapes::PolicyVersion {
    shapes::PolicyVersion {
        document: None,
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created),
    }
}

/// A policy as in lists. AWS: lists leave descriptions and tags out.
pub(crate) fn listed(policy: &ManagedPolicy, usage: Usage) -> shapes::Policy {
    shapes::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn.to_string()),
        path: Some(policy.path.clone()),
        default_version_id: Some(version_id(policy.default_version)),
        attachment_count: Some(usage.attachments),
        permissions_boundary_usage_count: Some(usage.boundaries),
        is_attachable: Some(true),
        description: None,
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        tags: None,
    }
}

/// A policy with everything.
pub(crate) fn shape(policy: &ManagedPolicy, usage: Usage) -> shapes::Policy {
    shapes::Policy {
        description: policy.description.clone(),
        tags: Some(tagging::shape(&policy.tags).unwrap_or_default()),
        ..listed(policy, usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::policy;

    #[test]
    fn arns_of_policies() {
        for (text, account, expected) in [
            (
                "arn:aws:iam::111122223333:policy/P",
                Some("111122223333"),
                "P",
            ),
            (
                "arn:aws:iam::111122223333:policy/a/b/P",
                Some("111122223333"),
                "P",
            ),
            (
                "arn:aws:iam::aws:policy/job-function/Billing",
                None,
                "Billing",
            ),
        ] {
            let (arn, owner, name) = parts(text).unwrap();
            assert_eq!(arn.as_str(), text);
            assert_eq!(owner.map(|id| id.to_string()).as_deref(), account);
            assert_eq!(name, expected);
        }
    }

    #[test]
    fn no_arns_of_policies() {
        for text in [
            "longpolicynamebutnoarn",
            "arn:aws:iam::111122223333:user/ann",
            "arn:aws:iam::111122223333:policy/",
            "arn:aws:iam::111122223333:policy/a/",
            "arn:aws:iam::1111:policy/P",
            "arn:aws:iam:us-east-1:111122223333:policy/P",
            "arn:aws:s3::111122223333:policy/P",
            "arn:aws-cn:iam::111122223333:policy/P",
        ] {
            assert!(parts(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_and_paths_of_arns() {
        let arn = "arn:aws:iam::aws:policy/job-function/Billing";
        assert_eq!((name(arn), path(arn)), ("Billing", "/job-function/"));
        let arn = "arn:aws:iam::111122223333:policy/policy";
        assert_eq!((name(arn), path(arn)), ("policy", "/"));
        assert_eq!(place(arn), "policy 111122223333");
    }

    #[test]
    fn white_space_does_not_count() {
        let longest = LONGEST - policy("kms:*", 0).len();
        let spaced = policy("kms:*", longest).replace("\":", "\" : \n\t");
        assert!(spaced.len() > LONGEST);
        assert!(document(&spaced).is_ok());
        assert!(document(&policy("kms:*", longest + 1)).is_err());
    }

    #[test]
    fn ids_of_versions() {
        assert_eq!(version_number("v12"), Some(12));
        assert_eq!(version_id(12), "v12");
        for id in ["v1.alpha", "v99999999999", "12"] {
            assert_eq!(version_number(id), None, "{id}");
        }
    }
}
