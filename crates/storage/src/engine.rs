//! The store trait: an ordered key-value store with optimistic transactions.

use crate::{Place, Span, StorageError};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// An answer that may take a journey: the embedded engine has it at once, one over the network has not.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The number of a commit. Later commits have higher numbers; a row has that of the commit that wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Before the first commit.
    pub const ZERO: Self = Self(0);

    /// The commit's number.
    pub const fn number(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_number(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A row's bytes and the commit that wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The commit that wrote the row.
    pub version: Version,
    /// What it wrote.
    pub bytes: Arc<[u8]>,
}

/// What was read, and the last commit it takes into account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf<T> {
    /// Every commit up to this one is in what was read, and none after it.
    pub version: Version,
    /// What was read.
    pub found: T,
}

/// What a read answers.
pub type Reading<'a, T> = Pending<'a, Result<AsOf<T>, StorageError>>;

/// From which end a stretch is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Lowest place first.
    Forward,
    /// Highest place first.
    Backward,
}

/// What a commit relies on: it is refused if any of this has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The row at `place` is still that of `version`, or still absent.
    Row {
        /// The row's place.
        place: Place,
        /// The commit that wrote it; none if it was absent.
        version: Option<Version>,
        /// A commit as of which this is known to hold, if one is: it may save the engine a look.
        as_of: Option<Version>,
    },
    /// No row in `span` was written or deleted since `as_of`.
    Span {
        /// The stretch that was read.
        span: Span,
        /// The last commit that the reading took into account.
        as_of: Version,
    },
}

/// One row as a commit leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The row's place.
    pub place: Place,
    /// Its bytes; none deletes it.
    pub bytes: Option<Arc<[u8]>>,
}

/// What is committed together, whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// What it relies on.
    pub expected: Vec<Expected>,
    /// What it changes: each place at most once.
    pub writes: Vec<Write>,
}

/// Why a batch was not committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something it relied on has changed, or may have: read again and try again. Nothing was written.
    #[error("another commit came between")]
    Conflict,
    /// It could not be kept, and is not acknowledged. Where the disk failed half way the change may still be found
    /// after a restart, as with any call whose answer was lost.
    #[error(transparent)]
    Failed(#[from] StorageError),
}

/// What is done once a batch is committed: in the order of commits, before its caller is told, and even if that caller
/// has stopped waiting. Short, and without waiting.
pub type Kept = Box<dyn FnOnce(Version) + Send>;

/// What changed since a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Every place that was written or deleted, with the commit that did so, in the order of commits.
    Known {
        /// Ask from here next time.
        until: Version,
        /// The places.
        places: Vec<(Version, Place)>,
    },
    /// Too long ago: whoever follows the changes has to read everything again.
    Forgotten {
        /// Ask from here next time.
        until: Version,
    },
}

/// An ordered key-value store. No caller knows which one it is.
///
/// What holds for each: a read sees all of a commit or nothing of it; it sees every commit acknowledged before it
/// began; a commit is acknowledged once it is kept for good.
pub trait Engine: Send + Sync {
    /// The last commit that reads take into account.
    fn latest(&self) -> Version;

    /// The row at `place`.
    fn get<'a>(&'a self, place: &'a Place) -> Reading<'a, Option<Versioned>>;

    /// The first `limit` rows of `span`, counted from the end that `order` names.
    fn scan<'a>(
        &'a self,
        span: &'a Span,
        order: Order,
        limit: usize,
    ) -> Reading<'a, Vec<(Place, Versioned)>>;

    /// How many rows `span` has.
    fn count<'a>(&'a self, span: &'a Span) -> Reading<'a, usize>;

    /// Commits `batch` if all it expects still holds, and then does `kept`.
    fn commit(&self, batch: Batch, kept: Kept) -> Pending<'_, Result<Version, CommitError>>;

    /// Which places changed after `version`.
    fn changes_since(&self, version: Version) -> Pending<'_, Result<Changes, StorageError>>;
}
