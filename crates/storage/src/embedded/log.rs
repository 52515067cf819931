//! The log: where a commit is kept first, by one write and one sync for many callers.
//!
//! A log is one file, `log.GENERATION`, sealed as a segment of the key ring. Its first block says which generation it
//! is and behind which commit it begins; groups of commits follow, each in whole blocks, so that a torn write never
//! touches a group that was acknowledged. A file comes into being under another name and is renamed once it is on
//! disk: a log that exists has a whole first block. After a failure nothing more is written to a log: the next one is
//! begun, because a number of the segment must not seal twice.

use super::files::{Faults, create_file, io};
use super::frame::{self, Commit};
use crate::{StorageError, Version};
use base::Secret;
use crypto::{KeyRing, SEGMENT_HEADER_BYTES, SegmentOpener, SegmentSealer};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Groups begin at multiples of this many bytes.
pub(super) const BLOCK_BYTES: usize = 4096;
/// Before each sealed part: its number in the segment (8) and its length (4).
const PREFIX_BYTES: usize = 12;

/// A log that is being written.
pub(super) struct Log {
    file: File,
    path: PathBuf,
    sealer: SegmentSealer,
    end: u64,
    buffer: Vec<u8>,
    faults: Arc<Faults>,
}

impl Log {
    /// Begins the log of `generation` behind the commit `after`, in a spent file if `folder` has one: the disk need
    /// not find new space then. It is on disk when this returns.
    pub(super) fn create(
        folder: &Path,
        keys: &KeyRing,
        generation: u64,
        after: Version,
        faults: Arc<Faults>,
    ) -> Result<Self, StorageError> {
        let path = path_of(folder, generation);
        let sealer = keys.new_segment(&name_of(generation))?;
        let mut first = sealer.header().to_vec();
        let facts = [generation.to_be_bytes(), after.number().to_be_bytes()].concat();
        append_sealed(&sealer, &facts, &mut first)?;
        first.resize(BLOCK_BYTES, 0);
        let file = create_file(&spare_path(folder), &path, &first)?;
        Ok(Self {
            file,
            path,
            sealer,
            end: BLOCK_BYTES as u64,
            buffer: Vec::new(),
            faults,
        })
    }

    /// Appends one group of encoded commits, and answers how many bytes that took. It is on disk when this returns; if this fails it may be or not, and the
    /// log must not be written to again.
    pub(super) fn append(&mut self, group: &[u8]) -> Result<usize, StorageError> {
        self.buffer.clear();
        append_sealed(&self.sealer, group, &mut self.buffer)?;
        self.buffer
            .resize(self.buffer.len().next_multiple_of(BLOCK_BYTES), 0);
        self.file
            .write_all_at(&self.buffer, self.end)
            .map_err(io(&self.path))?;
        self.faults.sync(&self.file).map_err(io(&self.path))?;
        let bytes = self.buffer.len();
        self.end += bytes as u64;
        self.buffer.shrink_to(1 << 20);
        Ok(bytes)
    }

    /// How long the log is, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.end
    }
}

fn append_sealed(
    sealer: &SegmentSealer,
    part: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), StorageError> {
    let start = out.len();
    out.resize(start + PREFIX_BYTES, 0);
    let place = sealer.reserve(1);
    let number = place.offset();
    sealer.seal(place, part, out)?;
    let length = (out.len() - start - PREFIX_BYTES) as u32;
    if let Some(prefix) = out.get_mut(start..start + PREFIX_BYTES) {
        let (number_bytes, length_bytes) = prefix.split_at_mut(8);
        number_bytes.copy_from_slice(&number.to_be_bytes());
        length_bytes.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// What a log holds.
#[derive(Debug)]
pub(super) struct Replayed {
    /// The commit behind which the log begins.
    pub(super) after: Version,
    /// The commits, up to the first group that is not whole.
    pub(super) commits: Vec<Commit>,
    /// A whole group lies behind one that is not: no crash does that.
    pub(super) gap: bool,
}

/// Reads the log of `generation`.
pub(super) fn replay(
    folder: &Path,
    keys: &KeyRing,
    generation: u64,
) -> Result<Replayed, StorageError> {
    let path = path_of(folder, generation);
    let bytes = read_synced(&path).map_err(io(&path))?;
    let damaged = |reason: &str| StorageError::Damaged {
        path: path.clone(),
        reason: reason.to_string(),
    };
    let (header, first) = bytes
        .split_first_chunk::<SEGMENT_HEADER_BYTES>()
        .ok_or_else(|| damaged("it has no first block"))?;
    let opener = keys
        .open_segment(&name_of(generation), header)
        .map_err(|_| damaged("it is of no known format"))?;
    let facts =
        open_sealed(&opener, 0, first).ok_or_else(|| damaged("its first block does not open"))?;
    let after = facts
        .expose()
        .strip_prefix(&generation.to_be_bytes())
        .and_then(|after| after.try_into().ok());
    let after = after
        .map(u64::from_be_bytes)
        .ok_or_else(|| damaged("its first block is another log's"))?;

    let mut commits = Vec::new();
    let mut rest = bytes.get(BLOCK_BYTES..).unwrap_or_default();
    let mut number = 1;
    while let Some(group) = open_sealed(&opener, number, rest) {
        let group_blocks = (PREFIX_BYTES + group.expose().len() + crypto::FRAME_OVERHEAD)
            .next_multiple_of(BLOCK_BYTES);
        commits.extend(
            frame::decode(group.expose())
                .ok_or_else(|| damaged("a group of commits is not readable"))?,
        );
        rest = rest.get(group_blocks..).unwrap_or_default();
        number += 1;
    }
    let gap = rest.chunks(BLOCK_BYTES).enumerate().skip(1).any(|(at, _)| {
        let behind = rest.get(at * BLOCK_BYTES..).unwrap_or_default();
        number_of(behind)
            .is_some_and(|later| later > number && open_sealed(&opener, later, behind).is_some())
    });
    Ok(Replayed {
        after: Version::from_number(after),
        commits,
        gap,
    })
}

/// What is read must be on disk: the last group may have been written and not synced.
fn read_synced(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.sync_data()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn number_of(bytes: &[u8]) -> Option<u64> {
    bytes
        .first_chunk()
        .map(|number| u64::from_be_bytes(*number))
}

/// The part at the start of `bytes`, if it is whole and has this number.
fn open_sealed(opener: &SegmentOpener, number: u64, bytes: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX_BYTES>()?;
    let (number_bytes, length) = prefix.split_at_checked(8)?;
    if number_bytes != number.to_be_bytes() {
        return None;
    }
    let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
    opener.open(number, rest.get(..length)?).ok()
}

/// The generations that have a log in `folder`, lowest first.
pub(super) fn generations(folder: &Path) -> Result<Vec<u64>, StorageError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let name = entry.map_err(io(folder))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("log."));
        found.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Gives up the logs of all generations before `first`. One file is kept to be written over.
pub(super) fn discard_before(folder: &Path, first: u64) -> Result<(), StorageError> {
    for generation in generations(folder)?
        .into_iter()
        .filter(|generation| *generation < first)
    {
        let path = path_of(folder, generation);
        fs::rename(&path, spare_path(folder)).map_err(io(&path))?;
    }
    Ok(())
}

fn path_of(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("log.{generation:06}"))
}

fn spare_path(folder: &Path) -> PathBuf {
    folder.join("log.spare")
}

fn name_of(generation: u64) -> String {
    format!("store/log/{generation}")
}
