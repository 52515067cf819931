//! What is asked, and the policies that have a say in it.

use std::sync::Arc;

use crate::context::Context;
use crate::grant::Grant;
use crate::permission::Resource;
use crate::policy::Policy;
use crate::principal::Principal;

/// One action on one resource by one principal: the unit AWS decides on.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// As `kms:Encrypt`; compared without case.
    pub action: &'a str,
    /// The resource with its own policy; `None` is `*` in the caller's account, for actions
    /// that know no resource, as `kms:ListKeys`.
    pub resource: Option<&'a dyn Resource>,
    /// Knows the values of condition keys.
    pub context: &'a dyn Context,
}

/// A policy with the name by which an explanation calls it.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// The ARN of a managed policy, the name of an inline one.
    pub name: &'a str,
    /// The policy.
    pub policy: &'a Policy,
}

/// Every policy around a request but the resource's own, which its `Resource` brings along, and what is permitted by
/// no policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Policies of the user and its groups, of the role, or of the issuer of a federated session.
    pub identity: &'a [Attached<'a>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<Attached<'a>>,
    /// Session policies; `None` where the session has none and is not limited.
    /// An empty list allows nothing, as a federated session without policies.
    pub session: Option<&'a [Attached<'a>]>,
    /// Service control policies above the caller's account, one list a level of the organization
    /// (root, each unit, account). Each level must allow. No level: no organization.
    pub service_control: &'a [&'a [Attached<'a>]],
    /// Resource control policies above the resource's account, one list a level.
    pub resource_control: &'a [&'a [Attached<'a>]],
    /// The policy of the VPC endpoint the call came through.
    pub endpoint: Option<Attached<'a>>,
    /// Grants on the resource, as those of KMS keys. A grant permits by itself: neither the resource's policy nor an
    /// identity policy must allow too, be the grantee of the resource's account or of another. A grant to an account
    /// leaves it to the account's identity policies; one to a role stays within boundary and session policies of its
    /// sessions, and so does every grant across accounts. No grant withstands a `Deny` or the lack of an `Allow` in
    /// the policies of an organization or of a VPC endpoint.
    /// Source: AWS KMS Developer Guide, "Grants in AWS KMS" and "Troubleshooting AWS KMS permissions".
    pub grants: &'a [Arc<Grant>],
    /// The entries of the resource's access control list, as those of S3: as if the resource's policy said them too.
    /// Source: IAM User Guide, "Policies and permissions in AWS Identity and Access Management".
    pub access_control_list: &'a [Arc<Grant>],
}
