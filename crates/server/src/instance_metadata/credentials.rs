//! The credentials that are given out now: asked for anew long before they end.

use std::sync::Arc;
use std::time::Duration;

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

/// After an answer without credentials the server is not asked again for so long, in seconds.
const PAUSE: i64 = 10;
/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Credentials of one instance, and where they come from.
pub(super) struct Credentials {
    data: DataOption,
    asking: InstanceAsking,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    credentials: Option<Arc<IssuedCredentials>>,
    /// When the server last gave none.
    in_vain: Option<Timestamp>,
}

impl Credentials {
    pub(super) fn new(data: DataOption, asking: InstanceAsking) -> Self {
        Self {
            data,
            asking,
            held: Mutex::default(),
        }
    }

    /// Credentials to give out; none where the role cannot be assumed. A server that does not answer takes none away that
    /// hold.
    ///
    /// # Errors
    /// Where the server does not answer and those of before have ended.
    pub(super) async fn get(&self) -> Result<Option<Arc<IssuedCredentials>>, Failure> {
        // One at a time, so that all who wait get what the first is given.
        let mut held = self.held.lock().await;
        let now = SystemClock.now();
        if held.is_due(now) {
            let asked = self.ask().await;
            held.answered(now, asked)?;
        }
        Ok(held.lasting(now))
    }

    async fn ask(&self) -> Result<Option<Arc<IssuedCredentials>>, Failure> {
        let data = self.data.clone();
        let question = Question::InstanceCredentials(self.asking.clone());
        let asked = tokio::task::spawn_blocking(move || ask(&data, &question));
        let other = || Failure::Refused("the server answered another question".into());
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Ok(Answer::InstanceCredentials(issued)))) => Ok(issued.map(Arc::new)),
            Ok(Ok(Ok(_)) | Err(_)) => Err(other()),
            Ok(Ok(Err(failure))) => Err(failure),
            Err(_) => Err(Failure::Refused("the server took too long".into())),
        }
    }
}

impl Held {
    /// Whether the server is to be asked: also where the clock was set back.
    fn is_due(&self, now: Timestamp) -> bool {
        let within = |from: Timestamp, seconds| from <= now && now < from.plus_seconds(seconds);
        if self.in_vain.is_some_and(|then| within(then, PAUSE)) {
            return false;
        }
        let fresh = |held: &Arc<IssuedCredentials>| within(held.issued(), RENEWED_AFTER);
        !self.credentials.as_ref().is_some_and(fresh)
    }

    /// What the server says counts: a role that may not be assumed any more gives nothing more.
    fn answered(
        &mut self,
        now: Timestamp,
        asked: Result<Option<Arc<IssuedCredentials>>, Failure>,
    ) -> Result<(), Failure> {
        self.in_vain = match asked {
            Ok(Some(_)) => None,
            _ => Some(now),
        };
        match asked {
            Ok(issued) => self.credentials = issued,
            Err(failure) if self.lasting(now).is_none() => return Err(failure),
            Err(failure) => tracing::warn!(%failure, "the server gives no new credentials"),
        }
        Ok(())
    }

    fn lasting(&self, now: Timestamp) -> Option<Arc<IssuedCredentials>> {
        let held = self.credentials.as_ref();
        held.filter(|held| now < held.expires()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(THEN + seconds)
    }

    fn issued() -> Arc<IssuedCredentials> {
        Arc::new(IssuedCredentials {
            access_key_id: "ASIA1".into(),
            secret_access_key: "s".into(),
            session_token: "t".into(),
            issued: THEN,
            expires: THEN + 6 * 60 * 60,
        })
    }

    fn held() -> Held {
        let mut held = Held::default();
        assert!(held.is_due(at(0)));
        held.answered(at(0), Ok(Some(issued()))).unwrap();
        held
    }

    #[test]
    fn new_after_an_hour() {
        let held = held();
        assert!(!held.is_due(at(0)) && !held.is_due(at(3599)));
        assert!(held.is_due(at(3600)) && held.is_due(at(-1)));
        assert!(held.lasting(at(6 * 60 * 60)).is_none());
    }

    #[test]
    fn a_server_that_fails_takes_nothing_away() {
        let mut held = held();
        let failed = || Err(Failure::Refused("gone".into()));
        held.answered(at(3600), failed()).unwrap();
        assert!(held.lasting(at(3600)).is_some());
        assert!(!held.is_due(at(3609)) && held.is_due(at(3610)));
        assert!(held.answered(at(6 * 60 * 60), failed()).is_err());
    }

    #[test]
    fn a_role_that_may_not_be_assumed_gives_nothing_more() {
        let mut held = held();
        held.answered(at(3600), Ok(None)).unwrap();
        assert!(held.lasting(at(3600)).is_none());
        assert!(!held.is_due(at(3601)) && held.is_due(at(3610)));
    }
}
