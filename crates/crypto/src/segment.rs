//! Sealing of append-only files, frame by frame.
//!
//! A segment has a key of its own, derived from a random salt in its header, so a frame's place in it serves as its
//! nonce. Frames open only in their own segment and at their own place.

use crate::material::{append_ciphertext, cipher, open_ciphertext};
use crate::{Material, ModuleFailure, NotAuthentic, context, random};
use aws_lc_rs::aead::{LessSafeKey, NONCE_LEN};
use base::Secret;
use std::sync::atomic::{AtomicU64, Ordering};

/// Length of a segment's header in bytes: format and salt.
pub const SEGMENT_HEADER_BYTES: usize = 1 + SALT_BYTES;

/// How much longer a sealed frame is than the frame, in bytes.
pub const FRAME_OVERHEAD: usize = 16;

const FORMAT: u8 = 1;
const SALT_BYTES: usize = 32;
const SEGMENT_LABEL: &str = "alcazar segment key";

/// Seals the frames of one new segment, each at a place of its own. Callers need no lock.
pub struct SegmentSealer {
    key: LessSafeKey,
    header: [u8; SEGMENT_HEADER_BYTES],
    next: AtomicU64,
}

/// A place in a segment that no other frame has. Consumed by sealing, so that no place is ever used twice.
pub struct Place<'a> {
    segment: &'a SegmentSealer,
    offset: u64,
}

impl Place<'_> {
    /// Where it begins, counted from the first place.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl SegmentSealer {
    /// A segment called `name`, with a fresh salt: never the key of any other segment, whatever its name.
    pub(crate) fn create(root: &Material, name: &str) -> Result<Self, ModuleFailure> {
        let mut header = [FORMAT; SEGMENT_HEADER_BYTES];
        if let Some((_, salt)) = header.split_first_mut() {
            random::fill(salt);
        }
        let next = AtomicU64::new(0);
        Ok(Self {
            key: segment_key(root, name, &header)?,
            header,
            next,
        })
    }

    /// What the file begins with.
    pub fn header(&self) -> &[u8; SEGMENT_HEADER_BYTES] {
        &self.header
    }

    /// Takes the next `length` bytes of the segment; at least one, so that no two places begin together.
    pub fn reserve(&self, length: u64) -> Place<'_> {
        Place {
            segment: self,
            offset: self.next.fetch_add(length.max(1), Ordering::Relaxed),
        }
    }

    /// How far the segment has been reserved.
    pub fn reserved(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Appends the frame sealed for its place to `out`: [`FRAME_OVERHEAD`] longer than `frame`. A place of another
    /// segment is refused.
    pub fn seal(
        &self,
        place: Place<'_>,
        frame: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), ModuleFailure> {
        if !std::ptr::eq(self, place.segment) {
            return Err(ModuleFailure);
        }
        append_ciphertext(&self.key, vector(place.offset), &[], frame, out)
    }
}

/// Opens the frames of a segment.
pub struct SegmentOpener(LessSafeKey);

impl SegmentOpener {
    /// The segment called `name` whose file begins with `header`.
    pub(crate) fn open_segment(
        root: &Material,
        name: &str,
        header: &[u8; SEGMENT_HEADER_BYTES],
    ) -> Result<Self, NotAuthentic> {
        if header.first() != Some(&FORMAT) {
            return Err(NotAuthentic);
        }
        Ok(Self(segment_key(root, name, header)?))
    }

    /// The frame sealed for the place that begins at `offset`.
    pub fn open(&self, offset: u64, sealed: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        open_ciphertext(&self.0, vector(offset), &[], sealed)
    }
}

fn segment_key(
    root: &Material,
    name: &str,
    header: &[u8; SEGMENT_HEADER_BYTES],
) -> Result<LessSafeKey, ModuleFailure> {
    let key = root.derive(SEGMENT_LABEL, &context::bind(&[name.as_bytes(), header]))?;
    cipher(key.expose())
}

fn vector(offset: u64) -> [u8; NONCE_LEN] {
    let mut vector = [0; NONCE_LEN];
    if let Some(low) = vector.last_chunk_mut::<8>() {
        *low = offset.to_be_bytes();
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_open_in_their_own_segment_at_their_own_place() {
        let root = Material::generate();
        let one = SegmentSealer::create(&root, "one").unwrap();
        let mut frames = [vec![], vec![]];
        for (number, frame) in frames.iter_mut().enumerate() {
            let place = one.reserve(1);
            assert_eq!(place.offset(), number as u64);
            one.seal(place, b"same frame", frame).unwrap();
        }
        assert_ne!(frames[0], frames[1]);

        let opener = SegmentOpener::open_segment(&root, "one", one.header()).unwrap();
        assert_eq!(opener.open(0, &frames[0]).unwrap().expose(), b"same frame");
        assert_eq!(opener.open(1, &frames[1]).unwrap().expose(), b"same frame");
        assert_eq!(opener.open(1, &frames[0]), Err(NotAuthentic));

        let renamed = SegmentOpener::open_segment(&root, "two", one.header()).unwrap();
        assert_eq!(renamed.open(0, &frames[0]), Err(NotAuthentic));
        let again = SegmentSealer::create(&root, "one").unwrap();
        let salted = SegmentOpener::open_segment(&root, "one", again.header()).unwrap();
        assert_eq!(salted.open(0, &frames[0]), Err(NotAuthentic));
    }

    #[test]
    fn a_place_of_another_segment_is_refused() {
        let root = Material::generate();
        let one = SegmentSealer::create(&root, "one").unwrap();
        let two = SegmentSealer::create(&root, "two").unwrap();
        let mut out = vec![];
        assert_eq!(
            two.seal(one.reserve(1), b"frame", &mut out),
            Err(ModuleFailure)
        );
        assert!(out.is_empty());
    }

    #[test]
    fn refuses_a_format_of_the_future() {
        let root = Material::generate();
        let mut header = *SegmentSealer::create(&root, "one").unwrap().header();
        header[0] = 2;
        assert!(SegmentOpener::open_segment(&root, "one", &header).is_err());
    }
}
