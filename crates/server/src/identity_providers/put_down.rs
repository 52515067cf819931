//! The keys of identity providers, as the operator has put them down: these providers are not asked for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crypto::KeySet;

use crate::failure::Failure;

/// Largest file of keys, in bytes. A set that is larger is refused by its reader.
const LARGEST_FILE: u64 = 1024 * 1024;

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
pub(super) struct PutDownKeys(BTreeMap<String, Arc<KeySet>>);

impl PutDownKeys {
    /// Reads every file.
    ///
    /// # Errors
    /// If one cannot be read, is no set of keys or has none that could verify a token, or if an issuer is there twice.
    pub(super) fn load(listed: &[PutDown]) -> Result<Self, Failure> {
        let mut sets = BTreeMap::new();
        for PutDown { issuer, file } in listed {
            let set = Arc::new(read(file)?);
            if sets.insert(issuer.clone(), set).is_some() {
                return Err(Failure::Refused(format!(
                    "--oidc-jwks names {issuer} twice; put all of its keys into one file"
                )));
            }
        }
        Ok(Self(sets))
    }

    /// The keys of `issuer`, if they were put down.
    pub(super) fn of(&self, issuer: &str) -> Option<Arc<KeySet>> {
        self.0.get(issuer).cloned()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn load(listed: &[(&str, &Path)]) -> Result<PutDownKeys, Failure> {
        let put_down = |(issuer, file): &(&str, &Path)| {
            let text = format!("{issuer}={}", file.display());
            text.parse().unwrap()
        };
        let listed: Vec<PutDown> = listed.iter().map(put_down).collect();
        PutDownKeys::load(&listed)
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
        assert!(load(&[(issuer, &good)]).is_ok());
        assert!(load(&[(issuer, &good), (issuer, &good)]).is_err());
        for wrong in [
            file("empty", r#"{"keys": []}"#),
            file("none", "{}"),
            folder.path().join("missing"),
        ] {
            let refused = load(&[(issuer, &wrong)]);
            assert!(refused.is_err(), "{}", wrong.display());
        }
    }
}
