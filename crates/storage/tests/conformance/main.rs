//! One suite, run by every engine. Where an engine may differ, the difference is an argument.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod basics;
mod conflicts;
mod model;
mod support;

use std::sync::Arc;
use storage::{Embedded, Memory, Settings};
use support::{Opened, Reopening};

/// Runs every case against one engine.
macro_rules! suite {
    ($name:ident, $open:expr, $reopening:expr) => {
        mod $name {
            use super::*;
            suite!(@cases $open, $reopening;
                basics::reads_what_was_committed
                basics::scans_in_both_orders
                basics::commits_whole_or_not_at_all
                basics::tells_what_changed
                basics::an_abandoned_commit_is_still_published
                conflicts::a_changed_row
                conflicts::a_span_with_a_phantom
                conflicts::a_conflict_spoils_nobody_else
                conflicts::counts_exactly_under_contention
            );

            #[test]
            fn behaves_like_a_sorted_map() {
                model::behaves_like_a_sorted_map($open, $reopening);
            }
        }
    };
    (@cases $open:expr, $reopening:expr; $($module:ident::$case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $module::$case($open().engine).await;
            }
        )*
    };
}

fn memory() -> Opened {
    Opened {
        engine: Arc::new(Memory::default()),
        folder: None,
        settings: Settings::default(),
    }
}

fn embedded() -> Opened {
    embedded_with(Settings::default())
}

/// Rows leave memory all the time.
fn embedded_draining() -> Opened {
    embedded_with(Settings {
        layer_bytes: 1000,
        log_bytes: 16 << 10,
        ..Settings::default()
    })
}

fn embedded_with(settings: Settings) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open_with(folder.path(), support::keys(), settings.clone()).unwrap();
    Opened {
        engine: Arc::new(engine),
        folder: Some(folder),
        settings,
    }
}

suite!(in_memory, memory, Reopening::LosesEverything);
suite!(on_disk, embedded, Reopening::KeepsEverything);
suite!(
    on_disk_draining,
    embedded_draining,
    Reopening::KeepsEverything
);
