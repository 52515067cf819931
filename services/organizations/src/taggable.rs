//! What has tags: a root, a unit, an account or a policy.

use std::borrow::Cow;
use std::sync::Arc;

use base::Tags;
use identity::organization::OrganizationPolicy;
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::Resource;

use crate::errors;
use crate::node::Sought;
use crate::policies::SoughtPolicy;
use crate::standing::Standing;

/// What a caller names by its id.
pub(crate) enum Taggable {
    /// A root, unit or account.
    Node(Sought),
    /// A policy.
    Policy(SoughtPolicy),
}

/// For the permissions on it: exactly one is there.
pub(crate) struct Resources {
    pub(crate) account: Option<Arc<dyn Resource>>,
    pub(crate) unit: Option<Arc<dyn Resource>>,
    pub(crate) policy: Option<Arc<dyn Resource>>,
    pub(crate) root: Option<Arc<dyn Resource>>,
    /// `organizations:PolicyType`
    pub(crate) policy_type: Option<Cow<'static, str>>,
}

impl Taggable {
    /// What `id` names in the caller's organization.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        Ok(match id.starts_with("p-") {
            true => Self::Policy(SoughtPolicy::find(look, id).await?),
            false => Self::Node(Sought::find(look, id).await?),
        })
    }
    pub(crate) fn standing(&self) -> &Standing {
        match self {
            Self::Node(sought) => &sought.standing,
            Self::Policy(sought) => &sought.standing,
        }
    }
    pub(crate) fn resources(&self) -> Resources {
        match self {
            Self::Node(sought) => Resources {
                account: sought.account(),
                unit: sought.unit(),
                policy: None,
                root: sought.root(),
                policy_type: None,
            },
            Self::Policy(sought) => Resources {
                account: None,
                unit: None,
                policy: Some(sought.resource()),
                root: None,
                policy_type: sought.policy_type(),
            },
        }
    }
    /// Its tags, or that it is not there.
    pub(crate) fn tags(&self) -> Result<&Tags, Failure> {
        let tags = match self {
            Self::Node(sought) => sought.node.as_ref().map(|node| node.tags()),
            Self::Policy(sought) => sought.policy.as_ref().map(|policy| &policy.tags),
        };
        tags.ok_or_else(errors::no_such_target)
    }
    /// Keeps it with these tags.
    pub(crate) fn put<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        tags: Tags,
    ) -> Result<(), Failure> {
        match self {
            Self::Node(sought) => {
                let node = sought.node.as_ref().ok_or_else(errors::no_such_target)?;
                node.put_tags(call, tags);
            }
            Self::Policy(sought) => call.put(OrganizationPolicy {
                tags,
                ..OrganizationPolicy::clone(sought.own()?)
            }),
        }
        Ok(())
    }
}
