//! SHA-256 over text that comes in small pieces.

use aws_lc_rs::digest::{self, SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};

const GATHERED: usize = 2048;

/// Takes a text piece by piece.
pub(crate) trait Sink {
    /// Appends `piece`.
    fn put(&mut self, piece: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, piece: &[u8]) {
        self.extend_from_slice(piece);
    }
}

/// A SHA-256 as 64 lower-case hexadecimal digits.
pub(crate) type HexDigest = [u8; 64];

/// Hashes what is put into it, in constant memory.
///
/// Pieces are gathered on the stack: a text that fits there is hashed in one call, without the
/// allocation a streaming context makes.
pub(crate) struct Digester {
    gathered: [u8; GATHERED],
    length: usize,
    context: Option<digest::Context>,
}

impl Digester {
    /// One that nothing was put into.
    pub(crate) fn new() -> Self {
        Self {
            gathered: [0; GATHERED],
            length: 0,
            context: None,
        }
    }

    /// The hash of all that was put.
    pub(crate) fn finish(self) -> HexDigest {
        let rest = self.gathered.get(..self.length).unwrap_or_default();
        match self.context {
            None => hex_sha256(rest),
            Some(mut context) => {
                context.update(rest);
                hex_of(context.finish())
            }
        }
    }

    #[cold]
    fn overflow(&mut self, piece: &[u8]) {
        let context = self
            .context
            .get_or_insert_with(|| digest::Context::new(&SHA256));
        context.update(self.gathered.get(..self.length).unwrap_or_default());
        context.update(piece);
        self.length = 0;
    }
}

impl Sink for Digester {
    #[inline]
    fn put(&mut self, piece: &[u8]) {
        let end = self.length + piece.len();
        match self.gathered.get_mut(self.length..end) {
            Some(place) => {
                place.copy_from_slice(piece);
                self.length = end;
            }
            None => self.overflow(piece),
        }
    }
}

/// The SHA-256 of `bytes`.
pub(crate) fn hex_sha256(bytes: &[u8]) -> HexDigest {
    hex_of(digest::digest(&SHA256, bytes))
}

/// The SHA-256 of `bytes` in Base64, as AWS's messages show headers they will not repeat.
pub(crate) fn base64_sha256(bytes: &[u8]) -> String {
    STANDARD.encode(digest::digest(&SHA256, bytes))
}

fn hex_of(digest: digest::Digest) -> HexDigest {
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest.as_ref()) {
        if let [high, low] = pair {
            *high = hex_digit(byte >> 4);
            *low = hex_digit(byte & 15);
        }
    }
    text
}

fn hex_digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hash_as_the_whole() {
        let text: Vec<u8> = (0..5000u32).map(|i| i as u8).collect();
        for length in [0, 1, 55, 64, 2047, 2048, 2049, 4096, 5000] {
            for step in [1, 7, 512, 2048, 2049, 5000] {
                let mut digester = Digester::new();
                text[..length]
                    .chunks(step)
                    .for_each(|piece| digester.put(piece));
                assert_eq!(
                    digester.finish(),
                    hex_sha256(&text[..length]),
                    "{length} by {step}"
                );
            }
        }
    }

    #[test]
    fn known_digest() {
        assert_eq!(
            &hex_sha256(b""),
            b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
