//! The threads that serve connections, each with a runtime of its own.
//!
//! A connection stays on its thread for life: what its calls touch stays in the caches of one core, and calls that are
//! under way together on a thread join their records without another core having a say (docs/decisions/0008).

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle};

/// Serving threads of a server.
pub(crate) struct Threads(Vec<Thread>);

struct Thread {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
}

/// One connection, counted while it lasts.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn on(thread: &Thread) -> Self {
        thread.connections.fetch_add(1, Ordering::Relaxed);
        Self(thread.connections.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Threads {
    /// Starts one for each core. They end with the process.
    ///
    /// # Errors
    /// If the operating system refuses a thread or what its runtime needs.
    pub(crate) fn start() -> std::io::Result<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        (0..cores)
            .map(|_| Thread::start())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Connections that are open.
    pub(crate) fn connections(&self) -> usize {
        let load = |thread: &Thread| thread.connections.load(Ordering::Relaxed);
        self.0.iter().map(load).sum()
    }

    /// Runs `connection` on the thread that has the fewest.
    pub(crate) fn run(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let load = |thread: &&Thread| thread.connections.load(Ordering::Relaxed);
        let Some(thread) = self.0.iter().min_by_key(load) else {
            return;
        };
        let counted = Counted::on(thread);
        thread.runtime.spawn(async move {
            connection.await;
            drop(counted);
        });
    }
}

impl Thread {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let serve = move || runtime.block_on(pending::<()>());
        std::thread::Builder::new()
            .name("serving".into())
            .spawn(serve)?;
        Ok(Self {
            runtime: handle,
            connections: Arc::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::sync::oneshot;

    #[test]
    fn connections_go_where_there_are_fewest() {
        let threads = Threads(vec![Thread::start().unwrap(), Thread::start().unwrap()]);
        let (told, tells) = mpsc::channel();
        let open = || {
            let (end, ended) = oneshot::channel::<()>();
            let told = told.clone();
            threads.run(async move {
                told.send(std::thread::current().id()).unwrap();
                let _ = ended.await;
                drop(told);
            });
            (tells.recv().unwrap(), end)
        };
        let (first, end) = open();
        let (second, _lasts) = open();
        assert_ne!(first, second);
        drop(end);
        while threads
            .0
            .iter()
            .all(|thread| thread.connections.load(Ordering::Relaxed) == 1)
        {
            std::thread::yield_now();
        }
        assert_eq!(threads.connections(), 1);
        let (third, _lasts) = open();
        assert_eq!(third, first);
        assert_eq!(threads.connections(), 2);
    }

    #[test]
    fn a_panic_ends_one_connection_and_its_count() {
        let threads = Threads(vec![Thread::start().unwrap()]);
        threads.run(async { panic!("of a test") });
        let (told, tells) = mpsc::channel();
        threads.run(async move { told.send(()).unwrap() });
        tells.recv().unwrap();
        while threads.0[0].connections.load(Ordering::Relaxed) != 0 {
            std::thread::yield_now();
        }
    }
}
