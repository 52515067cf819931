//! Tokens of the instance metadata service. None is stored: each says when it ends, under a key of this process.

use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto::{MacAlgorithm, MacKey, random};

/// Longest life of a token, in seconds.
const LONGEST: u32 = 21_600;
const NONCE_BYTES: usize = 16;
const EXPIRES_BYTES: usize = 8;
const MESSAGE_BYTES: usize = NONCE_BYTES + EXPIRES_BYTES;

/// How long a token shall live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ttl(u32);

impl Ttl {
    /// From the header: 1 to 21,600.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|_| digits);
        seconds
            .filter(|seconds| (1..=LONGEST).contains(seconds))
            .map(Self)
    }

    pub(super) fn seconds(self) -> u32 {
        self.0
    }
}

/// Makes tokens, and knows those it has made.
pub(super) struct Tokens(MacKey);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(MacKey::generate(MacAlgorithm::HmacSha256))
    }

    pub(super) fn make(&self, now: Timestamp, ttl: Ttl) -> String {
        let expires = now.plus_seconds(i64::from(ttl.0)).micros();
        let nonce: [u8; NONCE_BYTES] = random::bytes();
        let mut token = [nonce.as_slice(), &expires.to_be_bytes()].concat();
        token.extend(self.0.generate_mac(&token));
        URL_SAFE_NO_PAD.encode(&token)
    }

    /// Whether it was made here and has not ended.
    pub(super) fn holds(&self, now: Timestamp, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        let Some((message, mac)) = bytes.split_at_checked(MESSAGE_BYTES) else {
            return false;
        };
        let Some(expires) = message.last_chunk().copied().map(i64::from_be_bytes) else {
            return false;
        };
        self.0.verify_mac(message, mac).is_ok() && now < Timestamp::from_micros(expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn lives() {
        assert_eq!(Ttl::parse("21600").unwrap().seconds(), 21_600);
        for text in ["", "0", "21601", "-1", "+1", "1.5", " 1", "99999999999"] {
            assert_eq!(Ttl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn hold_until_they_end() {
        let tokens = Tokens::new();
        let token = tokens.make(NOW, Ttl(60));
        assert!(tokens.holds(NOW, &token));
        assert!(tokens.holds(NOW.plus_seconds(59), &token));
        assert!(!tokens.holds(NOW.plus_seconds(60), &token));
        assert_ne!(token, tokens.make(NOW, Ttl(60)));
    }

    #[test]
    fn only_its_own_unchanged() {
        let tokens = Tokens::new();
        let token = tokens.make(NOW, Ttl(60));
        assert!(!Tokens::new().holds(NOW, &token));
        assert!(!tokens.holds(NOW, ""));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(
                !tokens.holds(NOW, std::str::from_utf8(&changed).unwrap()),
                "{at}"
            );
            let (cut, _) = token.split_at(at);
            assert!(!tokens.holds(NOW, cut), "{at}");
        }
    }
}
