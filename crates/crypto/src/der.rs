//! As much DER as is needed to write the few forms that keys have, and to refuse what is not exactly one value.

use crate::KeyRejected;

/// Tag of `INTEGER`.
pub(crate) const INTEGER: u8 = 0x02;
/// Tag of `BIT STRING`.
pub(crate) const BIT_STRING: u8 = 0x03;
/// Tag of `OCTET STRING`.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// Tag of `SEQUENCE`.
pub(crate) const SEQUENCE: u8 = 0x30;

/// Tag and length of a value of `length` bytes, fewer than 65,536.
pub(crate) fn header(tag: u8, length: usize) -> Vec<u8> {
    match length.to_be_bytes() {
        [.., 0, low @ 0..=0x7f] => vec![tag, low],
        [.., 0, low] => vec![tag, 0x81, low],
        [.., high, low] => vec![tag, 0x82, high, low],
    }
}

/// The content of `der`, which is one `SEQUENCE` in its shortest form with nothing behind it. The library's parsers stop
/// at its end and do not look at what follows.
pub(crate) fn only_sequence(der: &[u8]) -> Result<&[u8], KeyRejected> {
    let (length, content) = match der {
        [SEQUENCE, length @ 0..=0x7f, content @ ..] => (usize::from(*length), content),
        [SEQUENCE, 0x81, length @ 0x80..=0xff, content @ ..] => (usize::from(*length), content),
        [SEQUENCE, 0x82, high @ 1..=0xff, low, content @ ..] => {
            (usize::from(u16::from_be_bytes([*high, *low])), content)
        }
        _ => return Err(KeyRejected),
    };
    if content.len() == length {
        Ok(content)
    } else {
        Err(KeyRejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let der = [header(SEQUENCE, length), vec![7; length]].concat();
            assert_eq!(only_sequence(&der), Ok(&vec![7; length][..]), "{length}");
            assert_eq!(
                only_sequence(&der[..der.len() - 1]),
                Err(KeyRejected),
                "{length}"
            );
            assert_eq!(
                only_sequence(&[&der[..], &[0]].concat()),
                Err(KeyRejected),
                "{length}"
            );
        }
    }

    #[test]
    fn refuses_other_forms() {
        let bad: [&[u8]; 6] = [
            b"",
            &[0x30],
            &[0x31, 0],
            &[0x30, 0x81, 1, 7],
            &[0x30, 0x82, 0, 1, 7],
            &[0x30, 0x80, 0, 0],
        ];
        for bad in bad {
            assert_eq!(only_sequence(bad), Err(KeyRejected), "{bad:02x?}");
        }
    }
}
