//! The id each call carries in its reply, its errors and its audit record.

use std::fmt;

/// A version 4 UUID (RFC 9562, section 5.4) made from sixteen random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// Sets version and variant bits on `random`.
    pub fn from_random(mut random: [u8; 16]) -> Self {
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut random;
        *version = (*version & 0x0f) | 0x40;
        *variant = (*variant & 0x3f) | 0x80;
        Self(random)
    }

    /// The sixteen bytes of the id.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 36 characters of the id, on the stack.
    pub fn text(&self) -> [u8; 36] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut places = text
            .iter_mut()
            .enumerate()
            .filter(|(index, _)| !matches!(index, 8 | 13 | 18 | 23))
            .map(|(_, place)| place);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 0x0f] {
                if let (Some(place), Some(digit)) = (places.next(), HEX.get(usize::from(nibble))) {
                    *place = *digit;
                }
            }
        }
        text
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_version_4_uuid() {
        let id = RequestId::from_random([0xff; 16]).to_string();
        assert_eq!(id, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let id = RequestId::from_random(
            *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
        );
        assert_eq!(id.to_string(), "00112233-4455-4677-8899-aabbccddeeff");
    }
}
