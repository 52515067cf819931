//! Encryption context: what is authenticated with a plaintext and not kept with it.
//!
//! AWS document: AWS KMS Developer Guide, "Encryption context".

use std::collections::BTreeMap;

use crypto::context;
use pipeline::Failure;

use crate::errors;

/// Names and values as a caller sends them.
pub(crate) type Given = Option<BTreeMap<String, String>>;

/// Bytes that all names and values together may have.
const MOST_BYTES: usize = 8192;

/// The context as policies see it. Its size is checked here, before any policy's pattern is matched against it.
pub(crate) fn requested(given: &Given) -> Result<Given, Failure> {
    let pairs = given.iter().flatten();
    let bytes: usize = pairs.map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MOST_BYTES {
        return Err(errors::validation(format!(
            "1 validation error detected: Value at 'encryptionContext' failed to satisfy \
             constraint: Member must have length less than or equal to {MOST_BYTES}"
        )));
    }
    Ok(given.clone())
}

/// What is authenticated with a plaintext: the context, the key and the version of its material.
pub(crate) fn authenticated(given: &Given, key: &str, version: u32) -> Vec<u8> {
    // AWS: no context and an empty one are the same.
    let context = match given {
        Some(context) => context::canonical(context),
        None => context::canonical(&BTreeMap::new()),
    };
    context::bind(&[key.as_bytes(), &version.to_be_bytes(), &context])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Given {
        let pairs = pairs.iter();
        Some(
            pairs
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
        )
    }

    #[test]
    fn context_key_and_version_each_matter() {
        let base = authenticated(&given(&[("a", "b")]), "k", 1);
        for other in [
            authenticated(&given(&[("a", "c")]), "k", 1),
            authenticated(&given(&[("A", "b")]), "k", 1),
            authenticated(&given(&[]), "k", 1),
            authenticated(&given(&[("a", "b")]), "l", 1),
            authenticated(&given(&[("a", "b")]), "k", 2),
        ] {
            assert_ne!(other, base);
        }
        let empty = authenticated(&given(&[]), "k", 1);
        assert_eq!(authenticated(&None, "k", 1), empty);
    }

    #[test]
    fn has_a_largest_size() {
        let value = "v".repeat(MOST_BYTES - 1);
        assert!(requested(&given(&[("n", &value)])).is_ok());
        assert!(requested(&given(&[("nn", &value)])).is_err());
    }
}
