//! What Parameter Store tells the event bus.
//!
//! AWS document: AWS Systems Manager User Guide, "Setting up notifications or triggering actions based on Parameter Store
//! events"; Amazon EventBridge event examples for Systems Manager.

use pipeline::{Emitted, Subject};
use serde_json::{Value, json};

use crate::parameter::Parameter;
use crate::parameter_policy::ParameterPolicy;

/// What happened to a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Create,
    Update,
    Delete,
    LabelParameterVersion,
}

/// That a parameter has changed into `parameter`, or is gone.
pub(crate) fn change(change: Change, parameter: &Parameter) -> Emitted {
    let version = &parameter.current;
    let mut detail = json!({
        "operation": format!("{change:?}"),
        "name": parameter.name,
        "type": version.kind.as_str(),
    });
    if let (Some(members), Some(description)) = (detail.as_object_mut(), &version.description) {
        members.insert("description".to_owned(), description.clone().into());
    }
    emitted("Parameter Store Change", parameter, detail)
}

/// That a policy of `parameter` has done what it is for.
pub(crate) fn policy_action(policy: &ParameterPolicy, parameter: &Parameter) -> Emitted {
    let detail = json!({
        "parameter-name": parameter.name,
        "parameter-type": parameter.current.kind.as_str(),
        "policy-type": policy.name(),
        "policy-content": policy.text(),
        "action-status": "Success",
        "action-reason": "",
    });
    emitted("Parameter Store Policy Action", parameter, detail)
}

fn emitted(detail_type: &'static str, parameter: &Parameter, detail: Value) -> Emitted {
    Emitted {
        source: "aws.ssm",
        detail_type,
        subject: subject(parameter),
        detail,
    }
}

/// A parameter as events have it.
pub(crate) fn subject(parameter: &Parameter) -> Subject {
    Subject {
        account: parameter.account,
        region: parameter.region,
        arn: parameter.arn.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::*;
    use crate::workers::PARAMETER_POLICIES;
    use harness::Alcazar;
    use pipeline::{BusEvent, Failure, Service, Subscriber};
    use std::sync::atomic::{AtomicBool, Ordering};
    use storage::{Key, Record, Unreadable, Writes};

    /// What a listener has heard, by the event's id.
    struct Heard(BusEvent);

    impl Record for Heard {
        const TABLE: &'static str = "test.heard";
        fn key(&self) -> Key {
            Key::root().then(&self.0.id)
        }
        fn store(&self) -> Vec<u8> {
            serde_json::to_vec(&self.0).unwrap()
        }
        fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
            Ok(Self(serde_json::from_slice(bytes).unwrap()))
        }
    }

    /// Whether the listener of this test can take nothing.
    static DEAF: AtomicBool = AtomicBool::new(false);

    const HEARS: Subscriber = Subscriber {
        name: "listener",
        wants: |event| event.source == "aws.ssm",
        receive: |_, event| {
            Box::pin(async move {
                if event.resources[0].ends_with("/deaf") && DEAF.load(Ordering::SeqCst) {
                    return Err(Failure::internal("deaf"));
                }
                let mut writes = Writes::none();
                writes.put(Heard(event.clone()));
                Ok(writes)
            })
        },
    };

    static LISTENER: Service = Service {
        subscribers: &[
            HEARS,
            Subscriber {
                name: "uninterested",
                wants: |event| event.source == "aws.kms",
                receive: |_, _| Box::pin(async { panic!("was not asked for") }),
            },
        ],
        ..Service::of(&secretsmanager_api::operations::SERVICE, &[], "{}")
    };

    async fn listened() -> Alcazar {
        Alcazar::new(&[&crate::SERVICE, &kms::SERVICE, &LISTENER]).await
    }

    async fn deliver(alcazar: &Alcazar) -> Vec<BusEvent> {
        let _ = alcazar.core.run_worker("event delivery").await;
        heard(alcazar).await
    }

    async fn heard(alcazar: &Alcazar) -> Vec<BusEvent> {
        let all = Key::root();
        let heard = alcazar.core.records.scan::<Heard>(&all, None, 99).await;
        heard.unwrap().iter().map(|heard| heard.0.clone()).collect()
    }

    /// What was heard, in no order.
    fn details(heard: &[BusEvent]) -> Vec<String> {
        let mut details: Vec<_> = heard.iter().map(|event| event.detail.to_string()).collect();
        details.sort();
        details
    }

    #[tokio::test]
    async fn every_change_is_told_once_it_is_made() {
        let alcazar = listened().await;
        let root = alcazar.root();
        let made = json!({"Name": "/a", "Value": "hunter2", "Type": "String", "Description": "d"});
        root.ssm("PutParameter", made.clone()).await.ok();
        assert!(heard(&alcazar).await.is_empty());
        let first = deliver(&alcazar).await;
        assert_eq!(
            details(&first),
            [r#"{"description":"d","name":"/a","operation":"Create","type":"String"}"#]
        );
        let envelope = serde_json::to_value(&first[0]).unwrap();
        let expected = json!({"version": "0", "id": first[0].id, "detail-type": "Parameter Store Change", "source": "aws.ssm",
            "account": "111122223333", "time": "2026-11-23T06:38:13Z", "region": "us-east-1",
            "resources": ["arn:aws:ssm:us-east-1:111122223333:parameter/a"], "detail": first[0].detail});
        assert_eq!(envelope, expected);
        root.put_secret("b", "hunter2").await;
        root.put("/a", "two").await;
        let label = |label: &str| json!({"Name": "/a", "Labels": [label]});
        root.ssm("LabelParameterVersion", label("x")).await.ok();
        root.ssm("LabelParameterVersion", label("1x")).await.ok();
        root.ssm("DeleteParameters", json!({"Names": ["/a", "b", "/c"]}))
            .await
            .ok();
        // What fails or is denied changes nothing, and is not told.
        root.ssm("PutParameter", json!({"Name": "/d", "Value": "1"}))
            .await
            .fails("ValidationException");
        root.ssm("DeleteParameter", json!({"Name": "/d"}))
            .await
            .fails("ParameterNotFound");
        alcazar
            .powerless()
            .await
            .ssm("PutParameter", made)
            .await
            .fails("AccessDeniedException");
        let all = deliver(&alcazar).await;
        assert_eq!(
            details(&all),
            [
                r#"{"description":"d","name":"/a","operation":"Create","type":"String"}"#,
                r#"{"description":"d","name":"/a","operation":"Delete","type":"String"}"#,
                r#"{"description":"d","name":"/a","operation":"LabelParameterVersion","type":"String"}"#,
                r#"{"description":"d","name":"/a","operation":"Update","type":"String"}"#,
                r#"{"name":"b","operation":"Create","type":"SecureString"}"#,
                r#"{"name":"b","operation":"Delete","type":"SecureString"}"#,
            ]
        );
        assert!(!format!("{all:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn what_was_not_taken_is_given_again_after_a_crash_too() {
        let mut alcazar = listened().await;
        DEAF.store(true, Ordering::SeqCst);
        alcazar.root().put("/deaf", "1").await;
        alcazar.root().put("/other", "1").await;
        assert_eq!(
            deliver(&alcazar).await.len(),
            1,
            "one that is not taken keeps none waiting"
        );
        alcazar.restart();
        assert_eq!(deliver(&alcazar).await.len(), 1);
        DEAF.store(false, Ordering::SeqCst);
        let heard = deliver(&alcazar).await;
        assert_eq!(heard.len(), 2);
        alcazar.restart();
        assert_eq!(deliver(&alcazar).await, heard);
    }

    #[tokio::test]
    async fn nothing_is_told_of_a_change_that_was_not_kept() {
        let alcazar = listened().await;
        let root = alcazar.root();
        let mut follower = alcazar.core.follow_events();
        root.put("/a", "1").await;
        assert_eq!(follower.try_recv().unwrap().detail["operation"], "Create");
        alcazar.memory.meet_next(storage::Mishap::Failure);
        let put = json!({"Name": "/b", "Value": "1", "Type": "String"});
        assert_eq!(root.ssm("PutParameter", put).await.status, 500);
        assert!(follower.try_recv().is_err());
        assert_eq!(deliver(&alcazar).await.len(), 1);
    }

    #[tokio::test]
    async fn policies_tell_what_they_do() {
        let alcazar = listened().await;
        let policies = json!([
            {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2026-11-24T06:38:13Z"}},
            {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "12", "Unit": "Hours"}}]);
        let put = json!({"Name": "/a", "Value": "1", "Type": "String", "Tier": "Advanced", "Policies": policies.to_string()});
        alcazar.root().ssm("PutParameter", put).await.ok();
        let mut told = Vec::new();
        for _ in 0..4 {
            alcazar.clock.advance_seconds(12 * 3600);
            alcazar.core.run_worker(PARAMETER_POLICIES).await.unwrap();
            let heard = deliver(&alcazar).await;
            let new = heard.iter().filter(|event| {
                !told
                    .iter()
                    .any(|(known, _): &(BusEvent, _)| known == *event)
            });
            let new: Vec<_> = new.cloned().map(|event| (event, told.len())).collect();
            told.extend(new);
        }
        let mut actions = told
            .iter()
            .filter(|(event, _)| event.detail_type == "Parameter Store Policy Action");
        let kinds: Vec<_> = actions
            .clone()
            .map(|(event, _)| event.detail["policy-type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["ExpirationNotification", "Expiration"]);
        let (last, _) = actions.next_back().unwrap();
        assert_eq!(
            last.detail,
            json!({"parameter-name": "/a", "parameter-type": "String", "policy-type": "Expiration",
            "policy-content": r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2026-11-24T06:38:13Z"}}"#,
            "action-status": "Success", "action-reason": ""})
        );
        assert_eq!(
            details(
                &told
                    .iter()
                    .map(|(event, _)| event.clone())
                    .collect::<Vec<_>>()
            )
            .len(),
            4
        );
    }
}
