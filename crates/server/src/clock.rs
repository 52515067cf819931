//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use base::{Clock, Timestamp};

/// Tells the system's time.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = since.map(|since| since.as_micros()).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}
