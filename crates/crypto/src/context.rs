//! Bytes without ambiguity, for what is authenticated beside a ciphertext.

use std::collections::BTreeMap;

/// An encryption context as bytes: the number of pairs, then each name and value behind its length, in the order of
/// names. Different contexts never give the same bytes.
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
pub fn canonical(context: &BTreeMap<String, String>) -> Vec<u8> {
    let texts = context.iter().flat_map(|(name, value)| [name, value]);
    join(context.len(), texts.map(String::as_bytes))
}

/// Several byte strings as one, each behind its length. Different lists never give the same bytes.
pub fn bind(parts: &[&[u8]]) -> Vec<u8> {
    join(parts.len(), parts.iter().copied())
}

fn join<'a>(count: usize, parts: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
    let length: usize = parts.clone().map(|part| 8 + part.len()).sum();
    let mut joined = Vec::with_capacity(8 + length);
    joined.extend((count as u64).to_be_bytes());
    for part in parts {
        joined.extend((part.len() as u64).to_be_bytes());
        joined.extend(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> Vec<u8> {
        canonical(
            &pairs
                .iter()
                .map(|(n, v)| (n.to_string(), v.to_string()))
                .collect(),
        )
    }

    #[test]
    fn order_of_insertion_does_not_matter() {
        assert_eq!(
            context(&[("a", "1"), ("b", "2")]),
            context(&[("b", "2"), ("a", "1")])
        );
    }

    #[test]
    fn different_contexts_differ() {
        let table: &[&[(&str, &str)]] = &[
            &[],
            &[("", "")],
            &[("a", "")],
            &[("", "a")],
            &[("a", "b")],
            &[("ab", "")],
            &[("", "ab")],
            &[("a", "bc"), ("d", "")],
            &[("a", "b"), ("cd", "")],
            &[("a", "b"), ("c", "d")],
            &[("a", "b\0\0\0\0\0\0\0\u{1}c")],
        ];
        for (at, one) in table.iter().enumerate() {
            for other in &table[at + 1..] {
                assert_ne!(context(one), context(other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn golden() {
        assert_eq!(
            context(&[("k", "v")]),
            b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01k\0\0\0\0\0\0\0\x01v"
        );
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(bind(&[b"ab", b"c"]), bind(&[b"a", b"bc"]));
        assert_ne!(bind(&[b"ab"]), bind(&[b"ab", b""]));
    }
}
