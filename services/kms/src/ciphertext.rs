//! What Encrypt answers: which key it is under, and what was sealed.
//!
//! Form 1: `0x01 || account (40 bits) || length of region (8 bits) || region || key id (16 bytes) || version of the
//! material (32 bits) || sealed`, numbers big-endian. Form 2, of multi-Region keys, begins with `0x02` and has neither
//! region nor its length: the related key of every region opens it. The key and the version are authenticated with
//! what was sealed, so that nothing in front of it can be altered unnoticed.

use base::{AccountId, Region};

use crate::key::Key;
use crate::key_id::KeyId;

const OF_ONE_REGION: u8 = 1;
const MULTI_REGION: u8 = 2;
/// One more than the highest account number.
const ACCOUNTS: u64 = 1_000_000_000_000;

/// A ciphertext taken apart. Nothing in it is to be trusted before it was opened.
#[derive(Debug, PartialEq)]
pub(crate) struct Ciphertext<'a> {
    /// Account of the key.
    pub(crate) account: AccountId,
    /// Region of the key; none for a multi-Region key.
    pub(crate) region: Option<Region>,
    /// The key.
    pub(crate) key: KeyId,
    /// Version of its material.
    pub(crate) version: u32,
    /// What the material sealed.
    pub(crate) sealed: &'a [u8],
}

impl<'a> Ciphertext<'a> {
    /// Takes `bytes` apart; none if they have not the form of a ciphertext.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (format, bytes) = bytes.split_first()?;
        let (&[a, b, c, d, e], bytes) = bytes.split_first_chunk()?;
        let account = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        let (region, bytes) = match *format {
            OF_ONE_REGION => {
                let (length, bytes) = bytes.split_first()?;
                let (region, bytes) = bytes.split_at_checked(usize::from(*length))?;
                (Some(std::str::from_utf8(region).ok()?.parse().ok()?), bytes)
            }
            MULTI_REGION => (None, bytes),
            _ => return None,
        };
        let (key, bytes) = bytes.split_first_chunk()?;
        let (version, sealed) = bytes.split_first_chunk()?;
        (account < ACCOUNTS).then_some(Self {
            account: AccountId::from_number(account),
            region,
            key: KeyId::from_bytes(*key, *format == MULTI_REGION),
            version: u32::from_be_bytes(*version),
            sealed,
        })
    }

    /// The ciphertext of what `version` of the material of `key` has sealed.
    pub(crate) fn write(key: &Key, version: u32, sealed: &[u8]) -> Vec<u8> {
        let region = key.region.as_str().as_bytes();
        let [_, _, _, account @ ..] = key.account.number().to_be_bytes();
        let mut bytes = Vec::with_capacity(27 + region.len() + sealed.len());
        if key.id.is_multi_region() {
            bytes.push(MULTI_REGION);
            bytes.extend_from_slice(&account);
        } else {
            bytes.push(OF_ONE_REGION);
            bytes.extend_from_slice(&account);
            // The name of a region has at most thirty bytes.
            bytes.push(region.len() as u8);
            bytes.extend_from_slice(region);
        }
        bytes.extend_from_slice(key.id.bytes());
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes.extend_from_slice(sealed);
        bytes
    }

    /// Whether it says to be under `key`.
    pub(crate) fn is_under(&self, key: &Key) -> bool {
        (self.account, self.key) == (key.account, key.id)
            && self.region.is_none_or(|region| region == key.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;
    use proptest::prelude::*;

    #[test]
    fn golden_bytes() {
        let bytes = Ciphertext::write(&some_key(), 1, b"sealed");
        let expected = b"\x01\x19\xdf\x66\x90\xe5\x09us-east-1\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x00\x00\x00\x01sealed";
        assert_eq!(
            bytes.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
        let read = Ciphertext::read(&bytes).unwrap();
        assert!(read.is_under(&some_key()));
        assert_eq!((read.version, read.sealed), (1, &b"sealed"[..]));
    }

    #[test]
    fn golden_bytes_of_a_multi_region_key() {
        let key = |region: &str, multi_region| Key {
            id: KeyId::from_bytes([0x11; 16], multi_region),
            region: region.parse().unwrap(),
            ..some_key()
        };
        let bytes = Ciphertext::write(&key("us-east-1", true), 1, b"sealed");
        let expected = b"\x02\x19\xdf\x66\x90\xe5\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x00\x00\x00\x01sealed";
        assert_eq!(
            bytes.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
        let read = Ciphertext::read(&bytes).unwrap();
        assert!(read.is_under(&key("us-east-1", true)));
        assert!(read.is_under(&key("eu-west-1", true)));
        assert!(!read.is_under(&key("us-east-1", false)));
    }

    #[test]
    fn every_shortened_header_is_refused() {
        let multi_region = Key {
            id: KeyId::from_bytes([0x11; 16], true),
            ..some_key()
        };
        for key in [some_key(), multi_region] {
            let bytes = Ciphertext::write(&key, 1, b"");
            for length in 0..bytes.len() {
                assert_eq!(Ciphertext::read(&bytes[..length]), None, "{length}");
            }
        }
    }

    #[test]
    fn accounts_have_twelve_digits() {
        let mut bytes = Ciphertext::write(&some_key(), 1, b"");
        bytes[1] = 0xff;
        assert_eq!(Ciphertext::read(&bytes), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
            let _ = Ciphertext::read(&bytes);
        }

        #[test]
        fn what_is_read_is_written_the_same(
            tail in proptest::collection::vec(any::<u8>(), 0..64),
            account in any::<[u8; 5]>(),
            multi_region in any::<bool>(),
        ) {
            let region: &[u8] = if multi_region { b"" } else { b"\x09eu-west-1" };
            let bytes = [&[1 + u8::from(multi_region)][..], &account, region, &tail].concat();
            if let Some(read) = Ciphertext::read(&bytes) {
                let region = read.region.unwrap_or(Region::US_EAST_1);
                let key = Key { account: read.account, region, id: read.key, ..some_key() };
                prop_assert_eq!(Ciphertext::write(&key, read.version, read.sealed), bytes);
            }
        }
    }
}
