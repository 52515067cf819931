//! The keys of identity providers, as the operator has put them down: no provider is asked for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use base::Timestamp;
use clap::Args;
use crypto::KeySet;
use identity::OpenIdConnectProvider;
use pipeline::{BoxFuture, IdentityProviderFault, IdentityProviders};

use crate::failure::Failure;

/// Largest file of keys, in bytes. A set that is larger is refused by its reader.
const LARGEST_FILE: u64 = 1024 * 1024;

/// What `alcazar serve` takes about identity providers.
#[derive(Args, Debug)]
pub(crate) struct OidcOptions {
    /// The keys of an OpenID Connect provider (IAM CreateOpenIDConnectProvider): its issuer as its tokens have it, and a
    /// file with its JSON Web Key Set (RFC 7517). Read at the start. Tokens of other issuers are not taken. May be given
    /// several times.
    #[arg(long, value_name = "https://ISSUER=FILE")]
    pub(crate) oidc_jwks: Vec<PutDown>,
}

/// An issuer and the file of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PutDown {
    issuer: String,
    file: PathBuf,
}

impl FromStr for PutDown {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A path may have an equals sign; hosts and most issuers have none.
        let (issuer, file) = text
            .split_once('=')
            .ok_or("behind the issuer = and a file belong, as https://id.example.com=keys.json")?;
        if !issuer.starts_with("https://") || issuer == "https://" {
            return Err(format!(
                "{issuer:?} is not an issuer: it begins with https://, as the claim iss of its tokens"
            ));
        }
        if file.is_empty() {
            return Err("the file of the keys is missing behind =".to_owned());
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            file: PathBuf::from(file),
        })
    }
}

/// Keys by issuer.
pub(crate) struct PutDownKeys(BTreeMap<String, Arc<KeySet>>);

impl PutDownKeys {
    /// Reads every file.
    ///
    /// # Errors
    /// If one cannot be read, is no set of keys or has none that could verify a token, or if an issuer is there twice.
    pub(crate) fn load(options: &OidcOptions) -> Result<Self, Failure> {
        let mut sets = BTreeMap::new();
        for PutDown { issuer, file } in &options.oidc_jwks {
            let set = Arc::new(read(file)?);
            if sets.insert(issuer.clone(), set).is_some() {
                return Err(Failure::Refused(format!(
                    "--oidc-jwks names {issuer} twice; put all of its keys into one file"
                )));
            }
        }
        Ok(Self(sets))
    }
}

fn read(file: &Path) -> Result<KeySet, Failure> {
    let refused = |what: &dyn std::fmt::Display| {
        Failure::Refused(format!(
            "the keys in {} cannot be used: {what}; name what the provider publishes at its jwks_uri with --oidc-jwks \
             https://ISSUER=FILE",
            file.display()
        ))
    };
    let size = std::fs::metadata(file).map_err(|error| refused(&error))?;
    if size.len() > LARGEST_FILE {
        return Err(refused(&"the file is too large"));
    }
    let json = std::fs::read(file).map_err(|error| refused(&error))?;
    let set = KeySet::parse(&json).map_err(|error| refused(&error))?;
    match set.is_empty() {
        true => Err(refused(
            &"it has no key for RS256, RS384, RS512, ES256, ES384 or ES512",
        )),
        false => Ok(set),
    }
}

impl IdentityProviders for PutDownKeys {
    fn keys<'a>(
        &'a self,
        provider: &'a OpenIdConnectProvider,
        _: bool,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, IdentityProviderFault>> {
        let issuer = provider.issuer();
        let found = self.0.get(&issuer).cloned();
        if found.is_none() {
            tracing::warn!(
                issuer,
                "a token of an identity provider came whose keys this server does not have; to take its tokens, add \
                 --oidc-jwks https://ISSUER=FILE to `alcazar serve`"
            );
        }
        let found = found.ok_or(IdentityProviderFault::NotReachable);
        Box::pin(std::future::ready(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(listed: &[(&str, &Path)]) -> OidcOptions {
        let put_down = |(issuer, file): &(&str, &Path)| {
            let text = format!("{issuer}={}", file.display());
            text.parse().unwrap()
        };
        OidcOptions {
            oidc_jwks: listed.iter().map(put_down).collect(),
        }
    }

    #[test]
    fn issuers_are_named_with_their_files() {
        let listed = |text: &str| text.parse::<PutDown>();
        let good = listed("https://id.example.com/a=k=1.json").unwrap();
        assert_eq!(good.issuer, "https://id.example.com/a");
        assert_eq!(good.file, PathBuf::from("k=1.json"));
        for wrong in [
            "",
            "k.json",
            "http://a=k",
            "https://=k",
            "a=k",
            "https://a=",
        ] {
            assert!(listed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_hold_keys() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let key = r#"{"kty": "RSA", "n": "AQAB", "e": "AQAB"}"#;
        let good = file("good", &format!(r#"{{"keys": [{key}]}}"#));
        let issuer = "https://id.example.com";
        assert!(PutDownKeys::load(&options(&[(issuer, &good)])).is_ok());
        assert!(PutDownKeys::load(&options(&[(issuer, &good), (issuer, &good)])).is_err());
        for wrong in [
            file("empty", r#"{"keys": []}"#),
            file("none", "{}"),
            folder.path().join("missing"),
        ] {
            let refused = PutDownKeys::load(&options(&[(issuer, &wrong)]));
            assert!(refused.is_err(), "{}", wrong.display());
        }
    }
}
