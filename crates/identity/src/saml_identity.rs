//! Somebody whom a SAML provider vouches for.

use base::{AccountId, Arn, Tags, Timestamp};

use crate::Claims;

/// Who calls AssumeRoleWithSAML, as the verified assertion says. He has no credentials yet.
#[derive(Clone, Debug, PartialEq)]
pub struct SamlIdentity {
    /// The provider's account.
    pub account: AccountId,
    /// The provider's ARN.
    pub provider: Arn,
    /// Whom it vouches for: `NameID`.
    pub subject: String,
    /// The format of `NameID`, without the prefix that formats of SAML 2.0 have.
    pub subject_type: String,
    /// Entity id of the identity provider.
    pub issuer: String,
    /// Where the assertion was to be sent: `Recipient`.
    pub recipient: String,
    /// A hash of issuer, account and provider, which makes the subject unique.
    pub name_qualifier: String,
    /// What conditions can ask for.
    pub claims: Claims,
    /// `RoleSessionName`
    pub session_name: String,
    /// The longest that the session may last, in seconds, where the assertion says so.
    pub session_seconds: Option<i32>,
    /// When the session at the identity provider ends, where the assertion says so.
    pub session_ends: Option<Timestamp>,
    /// Session tags that the assertion gives.
    pub tags: Tags,
    /// Keys of those that pass on to the next role.
    pub transitive_tag_keys: Vec<String>,
    /// Who the assertion says is behind the session.
    pub source_identity: Option<String>,
}

impl SamlIdentity {
    /// `principalId` of its audit records. AWS: CloudTrail User Guide, "CloudTrail userIdentity element".
    pub fn principal_id(&self) -> String {
        format!("{}:{}", self.name_qualifier, self.subject)
    }
}
