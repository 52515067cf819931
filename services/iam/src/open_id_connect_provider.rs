//! OpenID Connect providers: naming one by its ARN, and the rules for what one is made of.
//!
//! AWS document: IAM API Reference, "CreateOpenIDConnectProvider".

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::OpenIdConnectProvider;
use pipeline::{Failure, Lookup};
use policy::{NamedResource, Resource};

use crate::errors;

/// Digits of a thumbprint: SHA-1 in hexadecimal.
const THUMBPRINT: usize = 40;

/// A provider that a call names, be it there or not.
pub(crate) struct Named {
    arn: Arn,
    record: Option<Arc<OpenIdConnectProvider>>,
    resource: Arc<dyn Resource>,
}

impl Named {
    /// The provider of this ARN.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let arn: Arn = text.parse().map_err(|_| errors::invalid_arn(text))?;
        let account = arn.account().parse::<AccountId>();
        let (Ok(account), Some(url)) = (account, OpenIdConnectProvider::url_in(&arn)) else {
            return Err(errors::invalid_arn(text));
        };
        let named = Self::of(look, account, url).await?;
        match named.arn == arn {
            true => Ok(named),
            // As of another partition.
            false => Err(errors::invalid_arn(text)),
        }
    }

    /// The provider of this URL, which is without `https://`.
    pub(crate) async fn of(
        look: &Lookup<'_>,
        account: AccountId,
        url: &str,
    ) -> Result<Self, Failure> {
        let key = OpenIdConnectProvider::key_of(account, url);
        let arn = OpenIdConnectProvider::arn_of(account, url);
        let record = look.get::<OpenIdConnectProvider>(&key).await?;
        let resource: Arc<dyn Resource> = match &record {
            Some(provider) => provider.clone(),
            None => Arc::new(NamedResource::new(arn.clone(), account)),
        };
        Ok(Self {
            arn,
            record,
            resource,
        })
    }

    /// What policies see of it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The provider, or the error that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<OpenIdConnectProvider>, Failure> {
        let record = self.record.as_ref();
        record.ok_or_else(|| errors::no_such_oidc_provider(self.arn.as_str()))
    }

    /// Fails when there is one.
    pub(crate) fn free(&self) -> Result<(), Failure> {
        match &self.record {
            None => Ok(()),
            Some(provider) => Err(errors::oidc_provider_exists(&provider.issuer())),
        }
    }
}

/// The URL of a provider without `https://`. AWS: it begins so, has neither query nor port, and may have a path.
pub(crate) fn url(given: &str) -> Result<&str, Failure> {
    let url = given
        .strip_prefix("https://")
        .ok_or_else(errors::invalid_oidc_url)?;
    let (host, path) = url.split_once('/').unwrap_or((url, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    // What would be a pattern or a separator in an ARN or a condition key has no place in a path.
    let in_path = |byte: u8| plain(byte) || b"/._~%+=@,".contains(&byte);
    // The host is what the provider's condition keys begin with: with a dot it is no service's prefix.
    let apart = host.contains('.') && host.split('.').all(label);
    match apart && path.bytes().all(in_path) {
        true => Ok(url),
        false => Err(errors::invalid_oidc_url()),
    }
}

/// Thumbprints as they are kept: in lower case.
pub(crate) fn thumbprints(given: &[String]) -> Result<Vec<String>, Failure> {
    if given.len() > OpenIdConnectProvider::MOST_THUMBPRINTS {
        return Err(errors::too_many_thumbprints());
    }
    let hexadecimal = |text: &String| {
        text.len() == THUMBPRINT && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    match given.iter().all(hexadecimal) {
        true => Ok(given.iter().map(|text| text.to_ascii_lowercase()).collect()),
        false => Err(errors::invalid_thumbprint()),
    }
}

/// Client ids without repetitions.
pub(crate) fn client_ids<'a>(
    given: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>, Failure> {
    let mut kept: Vec<String> = Vec::new();
    for id in given {
        if !kept.contains(id) {
            kept.push(id.clone());
        }
    }
    match kept.len() > OpenIdConnectProvider::MOST_CLIENT_IDS {
        true => Err(errors::quota_exceeded(
            "ClientIdsPerOpenIdConnectProvider",
            OpenIdConnectProvider::MOST_CLIENT_IDS,
        )),
        false => Ok(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (given, valid) in [
            ("https://example.com", true),
            ("https://localhost", false),
            ("https://Id-1.example.com/a/b_c~d.e/", true),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", true),
            ("http://example.com", false),
            ("example.com", false),
            ("https://", false),
            ("https:///a", false),
            ("https://example.com:8443", false),
            ("https://user@example.com", false),
            ("https://example..com", false),
            ("https://example.com?a=b", false),
            ("https://example.com/a?b", false),
            ("https://example.com/#a", false),
            ("https://example.com/*", false),
            ("https://example.com/a:b", false),
            ("https://example.com/${a}", false),
            ("https://exämple.com", false),
        ] {
            assert_eq!(url(given).is_ok(), valid, "{given}");
        }
    }

    #[test]
    fn thumbprints_are_sha_1() {
        let of = |text: &str, count| thumbprints(&vec![text.repeat(40); count]);
        assert_eq!(of("A", 5).unwrap(), vec!["a".repeat(40); 5]);
        assert!(of("a", 6).is_err());
        assert!(of("g", 1).is_err());
        assert!(thumbprints(&["a".repeat(39)]).is_err());
    }
}
