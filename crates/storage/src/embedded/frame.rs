//! Commits as bytes in the log.

use crate::{Batch, Place, Version, Write};
use std::sync::Arc;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// One commit as the log keeps it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) version: Version,
    pub(super) writes: Vec<Write>,
}

/// Appends the commit of `batch` as `version`: `version (8) || rows (4)`, then for each row
/// `length (4) || place || 0x00` (deleted) or `… || 0x01 || length (4) || bytes`. Numbers are big-endian.
pub(super) fn encode(version: Version, batch: &Batch, out: &mut Vec<u8>) {
    out.extend_from_slice(&version.number().to_be_bytes());
    out.extend_from_slice(&(batch.writes.len() as u32).to_be_bytes());
    for Write { place, bytes } in &batch.writes {
        put_bytes(place.as_bytes(), out);
        match bytes {
            None => out.push(ABSENT),
            Some(bytes) => {
                out.push(PRESENT);
                put_bytes(bytes, out);
            }
        }
    }
}

/// The commits that were encoded one after another. None if the bytes are anything else.
pub(super) fn decode(mut bytes: &[u8]) -> Option<Vec<Commit>> {
    let mut commits = Vec::new();
    while !bytes.is_empty() {
        let version = Version::from_number(u64::from_be_bytes(take(&mut bytes)?));
        let rows = u32::from_be_bytes(take(&mut bytes)?);
        // Not reserved by `rows`: it is not yet known that there are so many.
        let mut writes = Vec::new();
        for _ in 0..rows {
            writes.push(decode_row(&mut bytes)?);
        }
        commits.push(Commit { version, writes });
    }
    Some(commits)
}

fn decode_row(bytes: &mut &[u8]) -> Option<Write> {
    let place = Place::from_bytes(take_bytes(bytes)?);
    let bytes = match take::<1>(bytes)? {
        [ABSENT] => None,
        [PRESENT] => Some(Arc::from(take_bytes(bytes)?)),
        _ => return None,
    };
    Some(Write { place, bytes })
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(take(bytes)?) as usize;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use proptest::prelude::*;

    fn write() -> impl Strategy<Value = Write> {
        let bytes = prop::option::of(prop::collection::vec(any::<u8>(), 0..40));
        ("[a-c]{0,3}", bytes).prop_map(|(name, bytes)| Write {
            place: Place::of("t", &Key::root().then(&name)),
            bytes: bytes.map(Arc::from),
        })
    }

    proptest! {
        #[test]
        fn decodes_what_it_encoded(groups in prop::collection::vec(prop::collection::vec(write(), 0..5), 0..5)) {
            let mut bytes = Vec::new();
            let mut expected = Vec::new();
            for (at, writes) in groups.into_iter().enumerate() {
                let version = Version::from_number(at as u64 + 7);
                let batch = Batch { expected: vec![], writes };
                encode(version, &batch, &mut bytes);
                expected.push(Commit { version, writes: batch.writes });
            }
            prop_assert_eq!(decode(&bytes), Some(expected));
            if let Some((_, shorter)) = bytes.split_last() {
                prop_assert_eq!(decode(shorter), None);
            }
        }

        #[test]
        fn no_bytes_upset_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn a_false_count_is_no_reason_to_reserve() {
        let mut bytes = 1u64.to_be_bytes().to_vec();
        bytes.extend(u32::MAX.to_be_bytes());
        assert_eq!(decode(&bytes), None);
    }
}
