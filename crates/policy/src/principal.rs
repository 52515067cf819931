//! Who asks, as policies see it.

use base::AccountId;

/// The caller of one request. Borrowed from the pipeline's authenticated principal.
#[derive(Clone, Copy, Debug)]
pub struct Principal<'a> {
    /// The account the caller belongs to.
    pub account: AccountId,
    /// What kind of caller, with the names policies know it by.
    pub kind: PrincipalKind<'a>,
}

/// The kinds of caller and what `Principal` elements may name them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind<'a> {
    /// The account's root user: `arn:aws:iam::ACCOUNT:root`.
    Root,
    /// An IAM user.
    User {
        /// `arn:aws:iam::ACCOUNT:user/path/name`
        arn: &'a str,
        /// `AIDA…`
        id: &'a str,
    },
    /// A role session.
    AssumedRole {
        /// `arn:aws:iam::ACCOUNT:role/path/name`
        role_arn: &'a str,
        /// `AROA…`
        role_id: &'a str,
        /// `arn:aws:sts::ACCOUNT:assumed-role/name/session`
        session_arn: &'a str,
    },
    /// A session of a role that is linked to a service and only made by it: no policy of an organization limits it.
    /// Whether a role is one is for whoever keeps roles to say: an ARN is no proof.
    ServiceLinkedRole {
        /// `arn:aws:iam::ACCOUNT:role/aws-service-role/SERVICE/name`
        role_arn: &'a str,
        /// `AROA…`
        role_id: &'a str,
        /// `arn:aws:sts::ACCOUNT:assumed-role/name/session`
        session_arn: &'a str,
    },
    /// A session of GetFederationToken: `arn:aws:sts::ACCOUNT:federated-user/name`.
    FederatedUser {
        /// The session's ARN.
        arn: &'a str,
        /// The IAM user who called GetFederationToken (root: the account's root ARN).
        issuer_arn: &'a str,
        /// The issuer's `AIDA…`; root has none.
        issuer_id: Option<&'a str>,
    },
    /// An AWS service, as `lambda.amazonaws.com`.
    Service(&'a str),
    /// Somebody whom an identity provider vouches for and who has no credentials yet: the caller of
    /// AssumeRoleWithSAML or AssumeRoleWithWebIdentity. The account is that of the provider, or of the role where the
    /// provider is of no account.
    Federated {
        /// ARN of the provider in IAM, or a name as `accounts.google.com`.
        provider: &'a str,
    },
    /// A caller without credentials.
    Anonymous,
}

impl PrincipalKind<'_> {
    /// Whether the caller has policies of its own that could allow something.
    pub(crate) fn is_identity(&self) -> bool {
        !matches!(
            self,
            Self::Service(_) | Self::Federated { .. } | Self::Anonymous
        )
    }
}
