//! One step of a rotation.
//!
//! Source: AWS Secrets Manager User Guide, "Lambda rotation functions", "Rotation by Lambda function".

use std::path::Path;

use base::Secret;

use crate::credentials::Credentials;
use crate::database::{self, LogIn};
use crate::event::{Event, Step};
use crate::failure::Failure;
use crate::rotator::Rotator;
use crate::secrets_manager::{CURRENT, Described, PENDING, PREVIOUS, SecretsManager};
use crate::settings::Settings;
use crate::steps;

/// What a step has to hand.
pub(crate) struct Rotation<'a> {
    pub(crate) rotator: Rotator,
    pub(crate) secret: String,
    /// The id of the version that becomes the new one.
    pub(crate) version: String,
    pub(crate) described: Described,
    pub(crate) secrets_manager: &'a SecretsManager<'a>,
    database_authorities: &'a Path,
}

/// Does what `event` asks, if the secret is in a state for it.
///
/// # Errors
/// Whatever keeps the step from its end. Each step may be asked for again.
pub(crate) async fn rotate(
    rotator: Rotator,
    settings: &Settings,
    event: Event,
) -> Result<(), Failure> {
    let secrets_manager = SecretsManager::new(settings)?;
    let described = secrets_manager.describe(&event.secret_id).await?;
    if is_over(&described, &event.client_request_token)? {
        return Ok(());
    }
    let rotation = Rotation {
        rotator,
        secret: event.secret_id,
        version: event.client_request_token,
        described,
        secrets_manager: &secrets_manager,
        database_authorities: &settings.database_authorities,
    };
    match event.step {
        Step::Create => steps::create_secret(&rotation).await,
        Step::Set => steps::set_secret(&rotation).await,
        Step::Test => steps::test_secret(&rotation).await,
        Step::Finish => steps::finish_secret(&rotation).await,
    }
}

/// Whether the version is the current one already; fails where it is not about to be.
fn is_over(described: &Described, version: &str) -> Result<bool, Failure> {
    let refused = |what: &str| {
        let arn = &described.arn;
        Err(Failure::Precondition(format!("{arn}: {what}")))
    };
    if described.rotation_enabled == Some(false) {
        return refused("the secret is not enabled for rotation");
    }
    if !described.version_ids_to_stages.contains_key(version) {
        return refused("the version to become the new one has no stage");
    }
    if described.bears(version, CURRENT) {
        return Ok(true);
    }
    match described.bears(version, PENDING) {
        true => Ok(false),
        false => refused("the version to become the new one is not AWSPENDING"),
    }
}

impl Rotation<'_> {
    /// The current version.
    pub(crate) async fn current(&self) -> Result<Credentials, Failure> {
        let found = self.read(&self.secret, CURRENT, None).await?;
        found.ok_or_else(|| missing(CURRENT))
    }

    /// The version that becomes the new one.
    pub(crate) async fn pending(&self) -> Result<Credentials, Failure> {
        let found = self.maybe_pending().await?;
        found.ok_or_else(|| missing(PENDING))
    }

    /// The version that becomes the new one, if it was made.
    pub(crate) async fn maybe_pending(&self) -> Result<Option<Credentials>, Failure> {
        self.read(&self.secret, PENDING, Some(&self.version)).await
    }

    /// The version before the current one, if there is one.
    pub(crate) async fn previous(&self) -> Result<Option<Credentials>, Failure> {
        self.read(&self.secret, PREVIOUS, None).await
    }

    /// The superuser's secret that `credentials` name.
    pub(crate) async fn master(&self, credentials: &Credentials) -> Result<Credentials, Failure> {
        let named = credentials.master.as_deref();
        let named = named.ok_or_else(|| Failure::Credentials {
            stage: CURRENT,
            reason: "it has no masterarn, the secret of a superuser".to_owned(),
        })?;
        let found = self.read(named, CURRENT, None).await;
        let found = found.map_err(|failure| match failure {
            Failure::Credentials { reason, .. } => {
                Failure::Precondition(format!("the secret of the superuser: {reason}"))
            }
            other => other,
        })?;
        found.ok_or_else(|| {
            Failure::Precondition("the secret of the superuser does not exist".to_owned())
        })
    }

    async fn read(
        &self,
        secret: &str,
        stage: &'static str,
        version: Option<&str>,
    ) -> Result<Option<Credentials>, Failure> {
        let text = self.secrets_manager.value(secret, stage, version).await?;
        let Some(text) = text else { return Ok(None) };
        let read = Credentials::parse(self.rotator.family, text);
        read.map(Some)
            .map_err(|reason| Failure::Credentials { stage, reason })
    }

    /// Puts a version with another user and password than `current`.
    pub(crate) async fn put(
        &self,
        current: &Credentials,
        username: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let value = current.with(username, password);
        let value = value.map_err(|reason| Failure::Credentials {
            stage: PENDING,
            reason,
        })?;
        self.secrets_manager
            .put_pending(&self.secret, &self.version, &value)
            .await
    }

    /// Logs in, with what the database says to it.
    pub(crate) async fn log_in(&self, credentials: &Credentials) -> Result<LogIn, Failure> {
        database::log_in(credentials, self.database_authorities).await
    }
}

fn missing(stage: &'static str) -> Failure {
    Failure::Credentials {
        stage,
        reason: "there is none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(enabled: Option<bool>, labels: &[&str]) -> Described {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Described {
            arn: "arn".to_owned(),
            rotation_enabled: enabled,
            version_ids_to_stages: [("v".to_owned(), labels)].into(),
        }
    }

    #[test]
    fn what_is_asked_before_anything_else() {
        assert_eq!(is_over(&described(Some(true), &[PENDING]), "v"), Ok(false));
        assert_eq!(is_over(&described(None, &[PENDING]), "v"), Ok(false));
        assert_eq!(
            is_over(&described(None, &[PENDING, CURRENT]), "v"),
            Ok(true)
        );
        for (enabled, labels, version) in [
            (Some(false), [PENDING], "v"),
            (Some(true), [PREVIOUS], "v"),
            (Some(true), [PENDING], "w"),
        ] {
            let refused = is_over(&described(enabled, &labels), version);
            assert!(
                matches!(refused, Err(Failure::Precondition(_))),
                "{refused:?}"
            );
        }
    }
}
