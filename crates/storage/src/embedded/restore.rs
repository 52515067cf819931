//! What the logs hold that redb does not, after the process ended in whatever way.

use super::base::Reach;
use super::frame::Commit;
use super::layer::Layer;
use super::log;
use crate::{StorageError, Version};
use crypto::KeyRing;
use std::path::Path;

/// The state to go on from.
pub(super) struct Restored {
    /// The rows that redb does not have yet.
    pub(super) layer: Layer,
    /// The latest commit.
    pub(super) latest: Version,
    /// A generation that has no log yet.
    pub(super) generation: u64,
}

/// Reads every log that redb still needs.
pub(super) fn restore(
    folder: &Path,
    keys: &KeyRing,
    reach: Reach,
) -> Result<Restored, StorageError> {
    let damaged = |reason: String| StorageError::Damaged {
        path: folder.to_path_buf(),
        reason,
    };
    let mut generations = log::generations(folder)?;
    generations.retain(|generation| *generation >= reach.generation);
    // Redb is made before the first log, and every later log before redb relies on it.
    if generations.is_empty() && reach.applied != Version::ZERO {
        return Err(damaged(format!("log {} is missing", reach.generation)));
    }
    let mut commits: Vec<Commit> = Vec::new();
    let mut latest = reach.applied;
    for (generation, expected) in generations.iter().zip(reach.generation..) {
        if *generation != expected {
            return Err(damaged(format!("log {expected} is missing")));
        }
        let replayed = log::replay(folder, keys, expected)?;
        if replayed.gap || replayed.after > latest || replayed.after < reach.applied {
            return Err(damaged(format!(
                "commits before the end of log {expected} are not readable"
            )));
        }
        // Where the next log begins earlier than this one ends, the end was never acknowledged.
        latest = replayed.after;
        commits.retain(|commit| commit.version <= latest);
        let mut version = replayed.after;
        for commit in replayed.commits {
            version = version.next();
            if commit.version != version {
                return Err(damaged(format!("log {expected} skips a commit")));
            }
            commits.push(commit);
        }
        latest = version;
    }
    let mut layer = Layer::default();
    for Commit { version, writes } in commits {
        layer.apply(version, writes);
    }
    let generation = generations.last().map_or(reach.generation, |last| last + 1);
    Ok(Restored {
        layer,
        latest,
        generation,
    })
}
