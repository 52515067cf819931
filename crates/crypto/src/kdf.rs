//! One key from another: KBKDF, HMAC-SHA-256 in counter mode (NIST SP 800-108 revision 1, section 4.1).

use crate::ModuleFailure;
use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
use zeroize::Zeroizing;

/// 256 bits, in bytes: every key here is this long.
pub(crate) const KEY_BYTES: usize = 32;

/// The key that belongs to `label` and `context` under `secret`. The fixed input is
/// `label || 0x00 || context || 256 as a 32-bit big-endian number`; no label has a zero byte.
pub(crate) fn derive(
    secret: &[u8; KEY_BYTES],
    label: &'static str,
    context: &[u8],
) -> Result<Zeroizing<[u8; KEY_BYTES]>, ModuleFailure> {
    let algorithm =
        get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).ok_or(ModuleFailure)?;
    let fixed_input = [label.as_bytes(), &[0], context, &256u32.to_be_bytes()].concat();
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    kbkdf_ctr_hmac(algorithm, secret, &fixed_input, key.as_mut_slice())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The construction spelled out with HMAC alone, as the standard writes it.
    #[test]
    fn is_the_standards_construction() {
        let secret = [7u8; KEY_BYTES];
        let mut message = 1u32.to_be_bytes().to_vec();
        message.extend(b"label\0context");
        message.extend(256u32.to_be_bytes());
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let expected = aws_lc_rs::hmac::sign(&key, &message);
        assert_eq!(
            derive(&secret, "label", b"context").unwrap().as_slice(),
            expected.as_ref()
        );
    }

    #[test]
    fn label_context_and_secret_each_matter() {
        let secret = [7u8; KEY_BYTES];
        let base = derive(&secret, "a", b"bc").unwrap();
        assert_ne!(base, derive(&secret, "ab", b"c").unwrap());
        assert_ne!(base, derive(&secret, "a", b"bd").unwrap());
        assert_ne!(base, derive(&[8; KEY_BYTES], "a", b"bc").unwrap());
    }
}
