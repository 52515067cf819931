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
        for (at, piece) in part.as_bytes().split(|byte| *byte == 0).enumerate() {
            if at > 0 {
                self.0.extend_from_slice(&[0, 0xff]);
            }
            self.0.extend_from_slice(piece);
        }
        self.0.push(0);
        self
    }

    /// This key with one more part, its ASCII letters in lower case: for names that differ in more than case.
    #[must_use]
    pub fn then_in_lower_case(self, part: &str) -> Self {
        let start = self.0.len();
        let mut key = self.then(part);
        if let Some(part) = key.0.get_mut(start..) {
            part.make_ascii_lowercase();
        }
        key
    }

    /// The bytes as the engine sorts them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// This key without its last part.
    pub(crate) fn parent(&self) -> Self {
        let mut ends = self.0.windows(2).enumerate().rev();
        // A zero byte ends a part unless 0xff follows.
        let end = ends.find(|(_, pair)| matches!(pair, [0, next] if *next != 0xff));
        let length = end.map_or(0, |(at, _)| at + 1);
        Self::from_bytes(self.0.get(..length).unwrap_or_default())
    }

    /// The last part.
    pub(crate) fn name(&self) -> String {
        let before = self.parent().as_bytes().len();
        let part = self.0.get(before..).unwrap_or_default();
        let part = String::from_utf8_lossy(part.strip_suffix(&[0]).unwrap_or(part));
        // What 0xff is in no text stands for: the escape of a zero byte.
        part.replace("\0\u{fffd}", "\0")
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
        let mixed = Key::root().then("A").then_in_lower_case("\0BÉ");
        assert_eq!(mixed, Key::root().then("A").then("\0bÉ"));
    }

    #[test]
    fn parents() {
        let parts = ["", "a", "a\0b", "\0", "\0\0", "é"];
        for one in parts {
            let parent = Key::root().then(one);
            assert_eq!(parent.parent(), Key::root(), "{one:?}");
            for other in parts {
                assert_eq!(
                    parent.clone().then(other).parent(),
                    parent,
                    "{one:?} {other:?}"
                );
                assert_eq!(parent.clone().then(other).name(), other);
            }
        }
        assert_eq!(Key::root().parent(), Key::root());
    }

    #[test]
    fn sorts_by_parts() {
        assert!(Key::root().then("a").then("z") < Key::root().then("aa").then("a"));
    }
}
