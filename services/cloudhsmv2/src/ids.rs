//! Ids of clusters, HSMs and backups: a word and eleven letters of base 32.

use crypto::random;

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 11;

/// A new id that begins with `kind`, as `cluster`.
pub(crate) fn new(kind: &str) -> String {
    let bytes: [u8; LENGTH] = random::bytes();
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied();
    let letters = bytes.iter().filter_map(letter).map(char::from);
    format!("{kind}-{}", letters.collect::<String>())
}

/// A password of `length` letters: five bits each.
pub(crate) fn password<const LENGTH: usize>() -> String {
    let bytes: [u8; LENGTH] = random::bytes();
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied();
    bytes.iter().filter_map(letter).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_the_models_pattern() {
        let id = new("cluster");
        let rest = id.strip_prefix("cluster-").unwrap();
        assert_eq!(rest.len(), 11);
        assert!(rest.bytes().all(|byte| LETTERS.contains(&byte)));
        assert_ne!(new("hsm"), new("hsm"));
        assert_eq!(password::<26>().len(), 26);
    }
}
