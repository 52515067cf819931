//! Whom the token of an OpenID Connect provider vouches for.
//!
//! AWS documents: IAM User Guide, "OIDC federation", "Create an OpenID Connect (OIDC) identity provider in IAM" and "Pass
//! session tags in AWS STS"; OpenID Connect Core 1.0, section 2.

mod claims;

use std::sync::Arc;

use base::AccountId;
use crypto::{KeySet, UnverifiedToken, WebToken};
use identity::{OpenIdConnectProvider, WebIdentity};
use pipeline::{Failure, IdentityProviderFault, Unproved};
use serde_json::{Map, Value};

use crate::errors;

/// Proves by `token` who calls for a role of `account`: that is the account whose provider must have signed it.
pub(crate) async fn prove(
    token: &str,
    account: AccountId,
    unproved: &Unproved<'_>,
) -> Result<WebIdentity, Failure> {
    let token = WebToken::parse(token).map_err(|_| errors::no_token())?;
    let provider = provider(&token, account, unproved).await?;
    unproved.concerns(account);
    let now = unproved.now();
    let claims = &verified(&token, &provider, unproved).await?;
    claims::identity(claims, &provider, now)
}

/// The provider whose URL the token says is its issuer.
async fn provider(
    token: &WebToken,
    account: AccountId,
    unproved: &Unproved<'_>,
) -> Result<Arc<OpenIdConnectProvider>, Failure> {
    let issuer = token.said_issuer();
    let issuer = issuer.ok_or_else(|| errors::missing_claim("iss"))?;
    let unknown = || errors::no_provider(issuer);
    // AWS: what GetWebIdentityToken gives is no way back.
    if unproved.issues(issuer) {
        return Err(unknown());
    }
    let url = issuer.strip_prefix("https://").ok_or_else(unknown)?;
    let place = OpenIdConnectProvider::key_of(account, url);
    let provider = unproved.get::<OpenIdConnectProvider>(&place).await?;
    provider.ok_or_else(unknown)
}

/// The token's claims, if the provider has signed them. A key that is not known may be new: then the provider is asked
/// again.
async fn verified(
    token: &WebToken,
    provider: &OpenIdConnectProvider,
    unproved: &Unproved<'_>,
) -> Result<Map<String, Value>, Failure> {
    let known = keys(provider, false, unproved).await?;
    let claims = match token.verified(&known) {
        Err(UnverifiedToken::UnknownKey) => {
            let now = keys(provider, true, unproved).await?;
            token.verified(&now).cloned()
        }
        decided => decided.cloned(),
    };
    claims.map_err(|unverified| match unverified {
        UnverifiedToken::UnknownKey => errors::no_verification_key(),
        UnverifiedToken::WrongSignature => errors::wrong_signature(),
    })
}

async fn keys(
    provider: &OpenIdConnectProvider,
    known_lack_one: bool,
    unproved: &Unproved<'_>,
) -> Result<Arc<KeySet>, Failure> {
    let keys = unproved.keys(provider, known_lack_one).await;
    keys.map_err(|fault| match fault {
        IdentityProviderFault::NotReachable => errors::no_communication(),
        IdentityProviderFault::Unusable => errors::no_verification_key(),
    })
}
