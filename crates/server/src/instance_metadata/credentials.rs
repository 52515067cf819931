//! The credentials that are given out now: asked for anew long before they end.

use std::sync::Arc;

use base::{Clock, Timestamp};
use tokio::sync::Mutex;

use super::issue::{InstanceAsking, IssuedCredentials};
use crate::ask::ask;
use crate::clock::SystemClock;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::failure::Failure;

/// Age at which there are new ones, in seconds.
const RENEWED_AFTER: i64 = 60 * 60;

/// Credentials of one instance, and where they come from.
pub(super) struct Credentials {
    data: DataOption,
    asking: InstanceAsking,
    held: Mutex<Option<Arc<IssuedCredentials>>>,
}

impl Credentials {
    pub(super) fn new(data: DataOption, asking: InstanceAsking) -> Self {
        Self {
            data,
            asking,
            held: Mutex::new(None),
        }
    }

    /// Credentials to give out; none where the role cannot be assumed now and those of before have ended.
    ///
    /// # Errors
    /// Where the server does not answer and those of before have ended.
    pub(super) async fn get(&self) -> Result<Option<Arc<IssuedCredentials>>, Failure> {
        // One at a time, so that all who wait get what the first is given.
        let mut held = self.held.lock().await;
        let now = SystemClock.now();
        if let Some(fresh) = held.as_ref().filter(|held| !is_due(held, now)) {
            return Ok(Some(fresh.clone()));
        }
        let asked = self.ask().await;
        if let Ok(Some(issued)) = &asked {
            *held = Some(issued.clone());
        }
        let lasting = held.clone().filter(|held| now < held.expires());
        lasting.map_or(asked, |lasting| Ok(Some(lasting)))
    }

    async fn ask(&self) -> Result<Option<Arc<IssuedCredentials>>, Failure> {
        let data = self.data.clone();
        let question = Question::InstanceCredentials(self.asking.clone());
        let asked = tokio::task::spawn_blocking(move || ask(&data, &question));
        match asked.await {
            Ok(Ok(Answer::InstanceCredentials(issued))) => Ok(issued.map(Arc::new)),
            Ok(Err(failure)) => Err(failure),
            Ok(Ok(_)) | Err(_) => Err(Failure::Refused(
                "the server answered another question".into(),
            )),
        }
    }
}

fn is_due(held: &IssuedCredentials, now: Timestamp) -> bool {
    now >= held.issued().plus_seconds(RENEWED_AFTER) || now >= held.expires()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_after_an_hour() {
        let held = IssuedCredentials {
            access_key_id: "ASIA1".into(),
            secret_access_key: "s".into(),
            session_token: "t".into(),
            issued: 1_000_000,
            expires: 1_000_000 + 6 * 60 * 60,
        };
        let due = |seconds: i64| is_due(&held, Timestamp::from_seconds(1_000_000 + seconds));
        assert!(!due(0) && !due(3599));
        assert!(due(3600) && due(7 * 60 * 60));
    }
}
