//! The answer to a request and its reasons.

use crate::statement::Statement;

/// The kinds of policy that take part in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PolicyType {
    /// Attached to a user, group or role.
    Identity,
    /// On the resource, KMS key policies included.
    Resource,
    /// On a role: who may assume it.
    Trust,
    /// The permissions boundary of a user or role.
    Boundary,
    /// Given when the session was made.
    Session,
    /// Of the organization, on its accounts' principals.
    ServiceControl,
    /// Of the organization, on its accounts' resources.
    ResourceControl,
    /// On the VPC endpoint the call came through.
    Endpoint,
    /// A grant on the resource. It only allows: for lack of one nobody is denied.
    Grant,
    /// An entry of the resource's access control list. It only allows, beside the resource's policy.
    AccessControlList,
}

/// A statement that matched the request, and the policy it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    /// The kind of policy.
    pub policy_type: PolicyType,
    /// Name or ARN of the policy, or a grant's id; empty for the resource's own.
    pub policy: &'a str,
    /// The statement's place in the policy, from 0.
    pub index: usize,
    /// The statement.
    pub statement: &'a Statement,
}

/// The answer to one request.
#[must_use]
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Allowed.
    Allowed {
        /// The statement that granted it; none where the root user's own power did.
        by: Option<Matched<'a>>,
    },
    /// Denied.
    Denied(Denial<'a>),
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug)]
pub enum Denial<'a> {
    /// A `Deny` statement matched.
    Explicit(Matched<'a>),
    /// No policy of this type allowed it.
    Implicit(PolicyType),
}

impl<'a> Decision<'a> {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The reason, if denied.
    pub fn denial(self) -> Option<Denial<'a>> {
        match self {
            Self::Allowed { .. } => None,
            Self::Denied(denial) => Some(denial),
        }
    }
}

impl PolicyType {
    /// The type in AWS's words, as in `no identity-based policy allows`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Endpoint => "VPC endpoint policy",
            Self::Grant => "grant",
            Self::AccessControlList => "access control list",
        }
    }

    /// Whether it names principals and hangs on a resource: there, what names nobody is about nobody.
    pub(crate) fn is_on_resource(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::Trust | Self::Grant | Self::AccessControlList
        )
    }

    fn article(self) -> &'static str {
        match self {
            Self::Identity | Self::AccessControlList => "an",
            Self::Trust => "the",
            _ => "a",
        }
    }
}

impl<'a> Denial<'a> {
    /// Whether a `Deny` statement was the reason.
    pub fn is_explicit(&self) -> bool {
        matches!(self, Self::Explicit(_))
    }

    /// The type of the policy that denied or did not allow.
    pub fn policy_type(&self) -> PolicyType {
        match self {
            Self::Explicit(matched) => matched.policy_type,
            Self::Implicit(policy_type) => *policy_type,
        }
    }

    /// The `Deny` statement, if one was the reason.
    pub fn statement(&self) -> Option<Matched<'a>> {
        match self {
            Self::Explicit(matched) => Some(*matched),
            Self::Implicit(_) => None,
        }
    }

    /// AWS's message for this denial. `principal` and `resource` are ARNs; an empty `resource` is not mentioned,
    /// as some services do for actions that know none; others say `*`.
    /// Source: IAM User Guide, "Troubleshoot access denied error messages".
    pub fn message(&self, principal: &str, action: &str, resource: &str) -> String {
        let mut refusal = format!("User: {principal} is not authorized to perform: {action}");
        if !resource.is_empty() {
            refusal += " on resource: ";
            refusal += resource;
        }
        let (name, article) = (self.policy_type().name(), self.policy_type().article());
        match self {
            Self::Explicit(_) => format!("{refusal} with an explicit deny in {article} {name}"),
            // AWS: STS keeps silent about the reason when nothing allowed a role to be assumed.
            Self::Implicit(PolicyType::Identity | PolicyType::Trust)
                if action.starts_with("sts:AssumeRole") =>
            {
                refusal
            }
            Self::Implicit(_) => format!("{refusal} because no {name} allows the {action} action"),
        }
    }
}
