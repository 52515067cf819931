//! Encryption context: what is authenticated with a plaintext and not kept with it.
//!
//! AWS document: AWS KMS Developer Guide, "Encryption context".

use std::collections::BTreeMap;

use base::Arn;
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
pub(crate) fn authenticated(given: &Given, key: &Arn, version: u32) -> Vec<u8> {
    // AWS: no context and an empty one are the same.
    let context = match given {
        Some(context) => context::canonical(context),
        None => context::canonical(&BTreeMap::new()),
    };
    let (key, version) = (key.as_str().as_bytes(), version.to_be_bytes());
    context::bind(&[key, &version, &context])
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

    fn arn(id: &str) -> Arn {
        Arn::new("kms", "us-east-1", "111122223333", id)
    }

    #[test]
    fn context_key_and_version_each_matter() {
        let base = authenticated(&given(&[("a", "b")]), &arn("k"), 1);
        for other in [
            authenticated(&given(&[("a", "c")]), &arn("k"), 1),
            authenticated(&given(&[("A", "b")]), &arn("k"), 1),
            authenticated(&given(&[]), &arn("k"), 1),
            authenticated(&given(&[("a", "b")]), &arn("l"), 1),
            authenticated(&given(&[("a", "b")]), &arn("k"), 2),
        ] {
            assert_ne!(other, base);
        }
        let empty = authenticated(&given(&[]), &arn("k"), 1);
        assert_eq!(authenticated(&None, &arn("k"), 1), empty);
    }

    #[test]
    fn has_a_largest_size() {
        let value = "v".repeat(MOST_BYTES - 1);
        assert!(requested(&given(&[("n", &value)])).is_ok());
        assert!(requested(&given(&[("nn", &value)])).is_err());
    }
}
