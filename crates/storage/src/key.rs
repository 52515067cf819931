//! The place of a record in its table.

use smallvec::SmallVec;

/// Ordered bytes made from parts. Parts end in a zero byte (zero bytes within are escaped), so that no part can
/// run into the next and a prefix of parts is a prefix of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(SmallVec<[u8; 64]>);

impl Key {
    /// The empty key: prefix of every key.
    pub fn root() -> Self {
        Self::default()
    }

    /// This key with one more part.
    #[must_use]
    pub fn then(mut self, part: &str) -> Self {
        for byte in part.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(0xff);
            }
        }
        self.0.push(0);
        self
    }

    /// The bytes as the engine sorts them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let keys = [
            Key::root(),
            Key::root().then(""),
            Key::root().then("").then(""),
            Key::root().then("a"),
            Key::root().then("a").then("b"),
            Key::root().then("ab"),
            Key::root().then("a\0b"),
            Key::root().then("a\0").then("b"),
            Key::root().then("a").then("\0b"),
        ];
        for (at, one) in keys.iter().enumerate() {
            for other in &keys[at + 1..] {
                assert_ne!(one, other);
            }
        }
        assert_eq!(Key::root().then("a").then("b").as_bytes(), b"a\0b\0");
    }

    #[test]
    fn sorts_by_parts() {
        assert!(Key::root().then("a").then("z") < Key::root().then("aa").then("a"));
    }
}
