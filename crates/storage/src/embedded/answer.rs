//! The thread that tells callers what became of their commits, while the next group is on its way to disk.

use crate::{CommitError, Kept, Version};
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// Where the outcome of a commit is awaited. Whoever has stopped waiting is not told.
pub(super) type Reply = oneshot::Sender<Result<Version, CommitError>>;

/// A commit that is kept.
pub(super) struct Acknowledgement {
    pub(super) version: Version,
    pub(super) kept: Kept,
    pub(super) reply: Reply,
}

/// Acknowledges group after group, in the order of commits, until there are no more.
pub(super) fn run(groups: &Receiver<Vec<Acknowledgement>>) {
    for Acknowledgement {
        version,
        kept,
        reply,
    } in groups.iter().flatten()
    {
        kept(version);
        let _ = reply.send(Ok(version));
    }
}
