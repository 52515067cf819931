//! A rotation function in memory that works as AWS's templates do, for tests.

use std::sync::{Arc, Mutex};

use harness::{Alcazar, Client};
use pipeline::FunctionFault;
use serde_json::{Value, json};

use crate::rotating::ROTATION;
use crate::testing::SecretsManager;

pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:rotate";
pub(crate) const DAY: i64 = 86_400;

/// What the function was called with, and how it shall behave.
#[derive(Clone, Default)]
pub(crate) struct Rotator {
    pub(crate) events: Arc<Mutex<Vec<Value>>>,
    /// A step at which it does something else than its duty.
    instead: Arc<Mutex<Option<(&'static str, Instead)>>>,
}

#[derive(Clone)]
pub(crate) enum Instead {
    Fail(FunctionFault),
    /// It does not come back.
    Hang(Arc<tokio::sync::Notify>),
    /// It makes this call, and then does its duty.
    First(&'static str, Value),
    /// It does nothing and says that all is well.
    Lie,
}

impl Rotator {
    pub(crate) async fn new(alcazar: &Alcazar) -> Self {
        let rotator = Self::default();
        let (root, mine) = (alcazar.root(), rotator.clone());
        alcazar.functions.set(FUNCTION, move |event| {
            let (root, mine) = (root.clone(), mine.clone());
            async move { mine.run(&root, event).await }
        });
        rotator
    }

    pub(crate) fn instead(&self, step: &'static str, instead: Instead) {
        *self.instead.lock().unwrap() = Some((step, instead));
    }

    pub(crate) fn behave(&self) {
        *self.instead.lock().unwrap() = None;
    }

    /// The steps it was called for since it was asked last.
    pub(crate) fn steps(&self) -> Vec<String> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        events
            .iter()
            .map(|event| event["Step"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn run(&self, root: &Client, event: Value) -> Result<Value, FunctionFault> {
        self.events.lock().unwrap().push(event.clone());
        let step = event["Step"].as_str().unwrap();
        let instead = self.instead.lock().unwrap().clone();
        match instead
            .filter(|(at, _)| *at == step)
            .map(|(_, instead)| instead)
        {
            Some(Instead::Fail(fault)) => return Err(fault),
            Some(Instead::Hang(notify)) => {
                notify.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Instead::First(operation, input)) => {
                root.secrets(operation, input).await.ok();
            }
            Some(Instead::Lie) => return Ok(Value::Null),
            None => {}
        }
        self.duty(root, &event).await;
        Ok(Value::Null)
    }

    /// As the templates of AWS: every step bears to be repeated.
    async fn duty(&self, root: &Client, event: &Value) {
        let (secret, version) = (&event["SecretId"], &event["ClientRequestToken"]);
        let told = describe(root, secret.as_str().unwrap()).await;
        let stages = &told["VersionIdsToStages"];
        let is_current = |it: &Value| it.to_string().contains("AWSCURRENT");
        if is_current(&stages[version.as_str().unwrap()]) {
            return;
        }
        let pending =
            json!({"SecretId": secret, "VersionId": version, "VersionStage": "AWSPENDING"});
        let pending = root.secrets("GetSecretValue", pending).await;
        match event["Step"].as_str().unwrap() {
            "createSecret" if pending.status != 200 => {
                pending.fails("ResourceNotFoundException");
                let value = format!("made for {}", version.as_str().unwrap());
                let put = json!({
                    "SecretId": secret, "ClientRequestToken": version, "SecretString": value,
                    "VersionStages": ["AWSPENDING"], "RotationToken": event["RotationToken"],
                });
                root.secrets("PutSecretValue", put).await.ok();
            }
            "finishSecret" => {
                let stages = stages.as_object().unwrap();
                let current = stages
                    .iter()
                    .find(|(_, stages)| is_current(stages))
                    .unwrap()
                    .0;
                let moved = json!({
                    "SecretId": secret, "VersionStage": "AWSCURRENT",
                    "MoveToVersionId": version, "RemoveFromVersionId": current,
                });
                root.secrets("UpdateSecretVersionStage", moved).await.ok();
            }
            _ => {
                pending.ok();
            }
        }
    }
}

pub(crate) async fn describe(client: &Client, secret: &str) -> Value {
    let told = client.secrets("DescribeSecret", json!({"SecretId": secret}));
    told.await.ok().json().unwrap()
}

pub(crate) async fn work(alcazar: &Alcazar) {
    assert!(alcazar.core.run_worker(ROTATION).await.unwrap());
}

/// The names of the service's own events, newest last, each once per instant.
pub(crate) async fn told_events(alcazar: &Alcazar) -> Vec<String> {
    let mut events = alcazar.events().await;
    events.retain(|event| {
        event["eventType"] == "AwsServiceEvent"
            && event["eventSource"] == "secretsmanager.amazonaws.com"
    });
    events.reverse();
    events
        .iter()
        .map(|event| event["eventName"].as_str().unwrap().to_owned())
        .collect()
}
