//! Hashing passwords beside the calls that need it: it takes long and much memory, so few go on at once.

use base::Secret;
use crypto::PasswordHash;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::{Failure, Operation, Permitted};

/// Hashes computed at once; each takes 19 MiB.
static ROOM: Semaphore = Semaphore::const_new(4);

impl<O: Operation> Permitted<'_, O> {
    /// The hash of a password, to be kept in its place.
    pub async fn hash_password(&self, password: &Secret<String>) -> Result<PasswordHash, Failure> {
        let password = password.clone();
        let _room = ROOM.acquire().await.map_err(Failure::internal)?;
        let hash = spawn_blocking(move || PasswordHash::of(&password)).await;
        hash.map_err(Failure::internal)?.map_err(Failure::internal)
    }

    /// Whether `password` is one of those behind `hashes`. Compares with all, so that the time does not tell which.
    pub async fn is_password(
        &self,
        password: &Secret<String>,
        hashes: Vec<PasswordHash>,
    ) -> Result<bool, Failure> {
        let password = password.clone();
        let _room = ROOM.acquire().await.map_err(Failure::internal)?;
        let compare = move || {
            let matches = hashes.iter().map(|hash| hash.matches(&password));
            matches.fold(false, |any, matches| any | matches)
        };
        spawn_blocking(compare).await.map_err(Failure::internal)
    }
}
