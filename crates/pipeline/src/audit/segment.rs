//! One append-only file of sealed frames.
//!
//! Writers reserve their place with one atomic addition and write there, so none waits for another. A place that was
//! reserved but never written (the process was killed in between) stays a hole, which readers step over.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crypto::{KeyRing, SEGMENT_HEADER_BYTES, SegmentSealer};

use super::EventRecord;
use super::packing::{Packer, unpack};
use super::row::read_form;

/// Where frames begin: the header, rounded up.
const START: u64 = (SEGMENT_HEADER_BYTES as u64).next_multiple_of(ALIGNMENT);
const ALIGNMENT: u64 = 8;
const MARK: [u8; 4] = *b"alcz";
const FRAME_HEADER: usize = MARK.len() + 4;
const TAG: usize = 16;
/// Before each of the events joined in a frame: this byte, and the length of its form (4).
const ENTRY: u8 = 1;
const ENTRY_HEADER: usize = 5;
/// Longest frame a reader believes in, in bytes; a longer one is not written.
const FRAME_LIMIT: usize = 8 * 1024 * 1024;

/// A segment being written.
pub(super) struct Segment {
    file: File,
    sealer: SegmentSealer,
    events: AtomicU64,
    dirty: AtomicBool,
}

/// Memory that a thread keeps from frame to frame.
#[derive(Default)]
pub(super) struct Spare {
    packer: Packer,
    frame: Vec<u8>,
}

/// As much memory at most, in bytes.
const LARGEST_SPARE: usize = 1 << 18;

impl Segment {
    /// A new file `name` in `folder`, on disk with its header and its name.
    pub(super) fn create(folder: &Path, name: &str, keys: &KeyRing) -> io::Result<Self> {
        let sealer = keys.new_segment(name).map_err(io::Error::other)?;
        let path = folder.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all_at(sealer.header(), 0)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(Self {
            file,
            sealer,
            events: AtomicU64::new(0),
            dirty: AtomicBool::new(false),
        })
    }

    /// Bytes of events appended so far, as they are before they are packed.
    pub(super) fn length(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Hands joined events to the kernel, as one frame.
    pub(super) fn append(&self, events: &[u8], spare: &mut Spare) -> io::Result<()> {
        if !fits(events) {
            return Err(io::Error::other("an event is larger than readers believe"));
        }
        self.events
            .fetch_add(events.len() as u64, Ordering::Relaxed);
        let Spare { packer, frame } = spare;
        let events = packer.pack(events);
        let body = u32::try_from(events.len() + TAG).map_err(io::Error::other)?;
        let length = FRAME_HEADER as u64 + u64::from(body);
        let place = self.sealer.reserve(length.next_multiple_of(ALIGNMENT));
        let at = START + place.offset();
        frame.clear();
        frame.extend_from_slice(&MARK);
        frame.extend_from_slice(&body.to_le_bytes());
        self.sealer
            .seal(place, events, frame)
            .map_err(io::Error::other)?;
        self.file.write_all_at(frame, at)?;
        frame.shrink_to(LARGEST_SPARE);
        self.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether something was appended since the last `sync`.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Acquire)
    }

    /// Forces what was appended to disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.dirty.swap(false, Ordering::AcqRel) {
            self.file.sync_data()?;
        }
        Ok(())
    }
}

/// Whether readers believe a frame of these events.
pub(super) fn fits(events: &[u8]) -> bool {
    events.len() + TAG <= FRAME_LIMIT
}

/// Appends one event, in the form of rows, to those that become a frame.
pub(super) fn append_entry(to: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    to.push(ENTRY);
    to.extend_from_slice(&[0; 4]);
    write(to);
    let length = (to.len() - start - ENTRY_HEADER) as u32;
    if let Some(place) = to.get_mut(start + 1..start + ENTRY_HEADER) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// The events of an opened frame. One that was written alone, before events were joined, begins with its instant:
/// with a zero, or for an instant before 1970 with 0xff.
fn entries(frame: &[u8]) -> Option<Vec<EventRecord>> {
    if frame.first() != Some(&ENTRY) {
        return Some(vec![read_form(frame)?]);
    }
    let mut events = Vec::new();
    let mut rest = frame;
    while !rest.is_empty() {
        let (form, behind) = first_entry(rest)?;
        events.push(read_form(form)?);
        rest = behind;
    }
    Some(events)
}

/// The form of the first of joined events, and the others.
fn first_entry(joined: &[u8]) -> Option<(&[u8], &[u8])> {
    let entry = joined.strip_prefix(&[ENTRY])?;
    let (length, entry) = entry.split_first_chunk()?;
    entry.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// How many events are joined here.
pub(super) fn joined(events: &[u8]) -> u64 {
    let (mut rest, mut number) = (events, 0);
    while let Some((_, behind)) = first_entry(rest) {
        (rest, number) = (behind, number + 1);
    }
    number
}

/// Every event of the segment file at `path`, in the order of their places.
pub(super) fn read(path: &Path, keys: &KeyRing) -> io::Result<Vec<EventRecord>> {
    let bytes = std::fs::read(path)?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let Some(header) = bytes.first_chunk::<SEGMENT_HEADER_BYTES>() else {
        // Killed before the header was written: nothing was acknowledged from this file.
        return Ok(Vec::new());
    };
    let opener = keys.open_segment(name, header).map_err(io::Error::other)?;
    let mut events = Vec::new();
    let mut at = START as usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let body = body(rest);
        let opened = body.and_then(|body| opener.open(at as u64 - START, body).ok());
        let found = opened.and_then(|opened| entries(&unpack(opened.expose(), FRAME_LIMIT)?));
        at += match (found, body) {
            (Some(found), Some(body)) => {
                events.extend(found);
                (FRAME_HEADER + body.len()).next_multiple_of(ALIGNMENT as usize)
            }
            _ => ALIGNMENT as usize,
        };
    }
    Ok(events)
}

/// The sealed body of a frame that may begin here.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let (mark, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let plausible = *mark == MARK && length <= FRAME_LIMIT;
    plausible.then(|| rest.get(..length)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::row::write_form;
    use base::{AccountId, Region, RequestId, Timestamp};

    fn event(number: u8) -> EventRecord {
        EventRecord {
            at: Timestamp::from_seconds(number.into()),
            id: RequestId::from_random([number; 16]),
            account: Some(AccountId::from_number(1)),
            region: Region::US_EAST_1,
            json: format!("{{\"number\":{number}}}").into_bytes(),
        }
    }

    fn append(segment: &Segment, events: &[EventRecord]) -> io::Result<()> {
        let mut joined = Vec::new();
        for event in events {
            append_entry(&mut joined, |to| write_form(event, to));
        }
        segment.append(&joined, &mut Spare::default())
    }

    fn numbers(path: &Path, keys: &KeyRing) -> Vec<i64> {
        let events = read(path, keys).unwrap();
        events.iter().map(|event| event.at.seconds()).collect()
    }

    #[test]
    fn what_was_appended_is_read_and_is_not_plain() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::ephemeral().unwrap();
        let segment = Segment::create(folder.path(), "one", &keys).unwrap();
        for number in 0..50 {
            append(&segment, &[event(number)]).unwrap();
        }
        segment.sync().unwrap();
        let path = folder.path().join("one");
        assert_eq!(numbers(&path, &keys), (0..50).collect::<Vec<_>>());
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"number"));
    }

    #[test]
    fn what_could_not_be_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::ephemeral().unwrap();
        let segment = Segment::create(folder.path(), "one", &keys).unwrap();
        let of = |bytes| EventRecord {
            json: vec![b' '; bytes],
            ..event(1)
        };
        let append = |bytes| append(&segment, &[of(bytes)]);
        assert!(append(FRAME_LIMIT).is_err());
        append(FRAME_LIMIT - 100).unwrap();
        assert_eq!(numbers(&folder.path().join("one"), &keys), [1]);
    }

    #[test]
    fn holes_and_torn_frames_hide_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::ephemeral().unwrap();
        let segment = Segment::create(folder.path(), "one", &keys).unwrap();
        append(&segment, &[event(1)]).unwrap();
        let _never_written = segment.sealer.reserve(4096);
        append(&segment, &[event(2)]).unwrap();
        let torn = segment.sealer.reserved();
        append(&segment, &[event(3)]).unwrap();
        append(&segment, &[event(4)]).unwrap();
        segment
            .file
            .write_all_at(&[0; 20], START + torn + 20)
            .unwrap();
        let path = folder.path().join("one");
        assert_eq!(numbers(&path, &keys), [1, 2, 4]);
    }

    #[test]
    fn a_frame_copied_elsewhere_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::ephemeral().unwrap();
        let segment = Segment::create(folder.path(), "one", &keys).unwrap();
        append(&segment, &[event(1)]).unwrap();
        let path = folder.path().join("one");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let copy = bytes[START as usize..].to_vec();
        bytes.extend(copy);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(numbers(&path, &keys), [1]);
    }

    #[test]
    fn joined_events_and_those_of_the_form_before_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::ephemeral().unwrap();
        let segment = Segment::create(folder.path(), "one", &keys).unwrap();
        append(&segment, &[event(1), event(2), event(3)]).unwrap();
        let mut alone = Vec::new();
        write_form(&event(4), &mut alone);
        segment.append(&alone, &mut Spare::default()).unwrap();
        append(&segment, &[event(5)]).unwrap();
        let path = folder.path().join("one");
        assert_eq!(numbers(&path, &keys), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_frame_that_is_not_whole_holds_nothing() {
        let mut joined = Vec::new();
        for number in 0..2 {
            append_entry(&mut joined, |to| write_form(&event(number), to));
        }
        assert_eq!(entries(&joined).unwrap().len(), 2);
        let second = joined.len() / 2;
        for cut in (1..joined.len()).filter(|cut| *cut != second) {
            // A form may end anywhere in its JSON, but not a joined one.
            assert!(entries(&joined[..cut]).is_none(), "{cut}");
        }
        joined[second] = 2;
        assert!(entries(&joined).is_none());
    }
}
