//! Somebody without credentials whom an identity provider vouches for.

use base::{AccountId, Arn};

use crate::{Claims, SamlIdentity, WebIdentity};

/// Who calls an operation that a token proves, by the kind of token.
#[derive(Clone, Debug, PartialEq)]
pub enum Vouched {
    /// AssumeRoleWithWebIdentity: by an OpenID Connect provider.
    Web(WebIdentity),
    /// AssumeRoleWithSAML: by a SAML provider.
    Saml(SamlIdentity),
}

impl Vouched {
    /// The provider's account.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Web(web) => web.account,
            Self::Saml(saml) => saml.account,
        }
    }

    /// The provider's ARN.
    pub fn provider(&self) -> &Arn {
        match self {
            Self::Web(web) => &web.provider,
            Self::Saml(saml) => &saml.provider,
        }
    }

    /// Whom it vouches for, by the provider's own name for him.
    pub fn subject(&self) -> &str {
        match self {
            Self::Web(web) => &web.subject,
            Self::Saml(saml) => &saml.subject,
        }
    }

    /// What conditions can ask for.
    pub fn claims(&self) -> &Claims {
        match self {
            Self::Web(web) => &web.claims,
            Self::Saml(saml) => &saml.claims,
        }
    }

    /// `principalId` of its audit records.
    pub fn principal_id(&self) -> String {
        match self {
            Self::Web(web) => web.principal_id(),
            Self::Saml(saml) => saml.principal_id(),
        }
    }
}
