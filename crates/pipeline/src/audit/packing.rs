//! Joined events made small before they are sealed: most of an event is what those before it said already.
//!
//! Packed form: `0x02 || length of the events (4, little endian) || the events as an LZ4 block`. The events of one frame
//! are packed together, so the length of a frame tells whoever can read the file how alike its events are, and nothing
//! else: records hold no secrets.

use std::borrow::Cow;

use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};

const PACKED: u8 = 2;
const HEADER: usize = 5;
/// Memory kept between frames, in bytes.
const LARGEST_SPARE: usize = 1 << 18;

/// What packing needs, kept by a thread from frame to frame.
#[derive(Default)]
pub(super) struct Packer {
    table: CompressTable,
    room: Vec<u8>,
}

impl Packer {
    /// The events packed, or as they are where that is no longer.
    pub(super) fn pack<'a>(&'a mut self, events: &'a [u8]) -> &'a [u8] {
        self.room.truncate(LARGEST_SPARE);
        self.room.shrink_to(LARGEST_SPARE);
        match self.packed(events) {
            Some(length) if length < events.len() => self.room.get(..length).unwrap_or(events),
            _ => events,
        }
    }

    fn packed(&mut self, events: &[u8]) -> Option<usize> {
        let length = u32::try_from(events.len()).ok()?;
        let needed = HEADER + get_maximum_output_size(events.len());
        self.room.resize(needed.max(self.room.len()), 0);
        let (header, block) = self.room.split_first_chunk_mut::<HEADER>()?;
        let (kind, size) = header.split_first_mut()?;
        *kind = PACKED;
        size.copy_from_slice(&length.to_le_bytes());
        let packed = compress_into_with_table(events, block, &mut self.table).ok()?;
        Some(HEADER + packed)
    }
}

/// The events that were packed; a frame that is not packed as it is. None if it cannot be, or if there are more than
/// `limit` bytes of them.
pub(super) fn unpack(frame: &[u8], limit: usize) -> Option<Cow<'_, [u8]>> {
    let Some((&[PACKED, ref length @ ..], block)) = frame.split_first_chunk::<HEADER>() else {
        return Some(Cow::Borrowed(frame));
    };
    let length = u32::from_le_bytes(*length) as usize;
    let mut events = vec![0; Some(length).filter(|length| *length <= limit)?];
    let unpacked = decompress_into(block, &mut events).ok()?;
    (unpacked == length).then_some(Cow::Owned(events))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unpacks_what_was_packed(event: Vec<u8>, times in 1usize..60, others: Vec<u8>) {
            let mut events = vec![1];
            events.extend(event.repeat(times));
            events.extend(others);
            let mut packer = Packer::default();
            for _ in 0..2 {
                let packed = packer.pack(&events);
                prop_assert!(packed.len() <= events.len());
                prop_assert_eq!(&*unpack(packed, events.len()).unwrap(), &*events);
            }
        }

        #[test]
        fn whatever_comes_is_answered(frame: Vec<u8>) {
            for limit in [0, 1 << 20] {
                if let Some(events) = unpack(&[&[PACKED], &*frame].concat(), limit) {
                    prop_assert!(events.len() <= limit.max(frame.len() + 1));
                }
            }
        }
    }

    #[test]
    fn what_says_the_same_again_gets_small() {
        let event =
            br#"{"eventVersion":"1.11","eventSource":"kms.amazonaws.com","eventName":"Decrypt"}"#;
        let events = [&[1], &*event.repeat(32)].concat();
        let mut packer = Packer::default();
        let packed = packer.pack(&events);
        assert!(packed.len() < events.len() / 8, "{}", packed.len());
        assert_eq!(unpack(packed, events.len() - 1), None);
        assert_eq!(unpack(&packed[..packed.len() - 1], events.len()), None);
    }
}
