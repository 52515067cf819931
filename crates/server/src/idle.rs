//! Ends connections on which nothing is asked for long: each takes one of the places that there are for all.
//!
//! What does not end by itself is a peer that reads no answers, and one that answers pings and asks for nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Looks in a row that may find nothing asked; one, where places are scarce.
const BORNE: u32 = 12;
const BORNE_WHERE_SCARCE: u32 = 1;
/// Places are scarce where fewer are left than one in so many.
const SCARCE: usize = 8;
/// How long a connection that is told to end may take for it.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The places for connections.
#[derive(Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    all: usize,
}

impl Places {
    /// So many places.
    pub(crate) fn new(all: usize) -> Self {
        let free = Arc::new(Semaphore::new(all));
        Self { free, all }
    }

    /// A place, as soon as there is one.
    pub(crate) async fn take(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    fn borne(&self) -> u32 {
        match self.free.available_permits() < self.all.div_ceil(SCARCE) {
            true => BORNE_WHERE_SCARCE,
            false => BORNE,
        }
    }
}

/// The requests of one connection, counted.
#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Counts>);

#[derive(Default)]
struct Counts {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A request that is being answered.
pub(crate) struct Answering(Arc<Counts>);

impl Requests {
    /// Another request has come.
    pub(crate) fn begin(&self) -> Answering {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        Answering(self.0.clone())
    }

    fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::Relaxed)
    }

    fn is_answering(&self) -> bool {
        self.begun() != self.0.ended.load(Ordering::Relaxed)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits for `connection` to end; for no longer than something is asked on it. `end` tells it to.
pub(crate) async fn while_asked<C: Future>(
    mut connection: Pin<&mut C>,
    requests: &Requests,
    places: &Places,
    end: impl FnOnce(Pin<&mut C>),
) -> Option<C::Output> {
    let (mut begun, mut silent) = (requests.begun(), 0);
    while silent < places.borne() {
        if let Ok(ended) = timeout(LOOK, connection.as_mut()).await {
            return Some(ended);
        }
        let now = requests.begun();
        let asked = now != begun || requests.is_answering();
        silent = if asked { 0 } else { silent + 1 };
        begun = now;
    }
    end(connection.as_mut());
    timeout(END_WITHIN, connection).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use tokio::time::Instant;

    /// How long a connection lives that never ends by itself, while `asks` asks on it.
    async fn lived(places: &Places, asks: impl AsyncFn(&Requests)) -> (Duration, bool) {
        let (requests, began) = (Requests::default(), Instant::now());
        let mut told = false;
        {
            let connection = pin!(std::future::pending::<()>());
            let whole = while_asked(connection, &requests, places, |_| told = true);
            tokio::select! {
                ended = whole => assert_eq!(ended, None),
                () = async { asks(&requests).await; std::future::pending().await } => {}
            }
        }
        (began.elapsed(), told)
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_connection() {
        let places = Places::new(100);
        let (alone, told) = lived(&places, async |_| {}).await;
        assert_eq!(alone, LOOK * BORNE + END_WITHIN);
        assert!(told);
        let (asking, _) = lived(&places, async |requests| {
            for _ in 0..10 {
                tokio::time::sleep(LOOK * (BORNE - 2)).await;
                drop(requests.begin());
            }
        })
        .await;
        assert!(asking > LOOK * (BORNE - 2) * 10 + END_WITHIN, "{asking:?}");
        let (answering, _) = lived(&places, async |requests| {
            let _long = requests.begin();
            tokio::time::sleep(LOOK * 100).await;
        })
        .await;
        assert!(answering > LOOK * 100, "{answering:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn where_places_are_scarce_silence_is_short() {
        let places = Places::new(16);
        let mut taken = Vec::new();
        for _ in 0..15 {
            taken.extend(places.take().await);
        }
        let (lived_for, _) = lived(&places, async |_| {}).await;
        assert_eq!(lived_for, LOOK * BORNE_WHERE_SCARCE + END_WITHIN);
        taken.truncate(8);
        let (lived_for, _) = lived(&places, async |_| {}).await;
        assert_eq!(lived_for, LOOK * BORNE + END_WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn what_ends_by_itself_is_waited_for() {
        let connection = pin!(async {
            tokio::time::sleep(LOOK * 3).await;
            7
        });
        let requests = Requests::default();
        let ended = while_asked(connection, &requests, &Places::new(1), |_| {}).await;
        assert_eq!(ended, Some(7));
    }
}
