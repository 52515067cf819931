//! Work of many milliseconds, such as making an RSA key, beside the threads that serve calls.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::Failure;

/// How much of it goes on at once.
static ROOM: Semaphore = Semaphore::const_new(4);

/// What `work` gives. Other calls go on meanwhile; what is asked for while there is much of it waits.
pub async fn long_work<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let _room = ROOM.acquire().await.map_err(Failure::internal)?;
    spawn_blocking(work).await.map_err(Failure::internal)
}
