//! Whole rotations, with a function in memory.

use std::sync::Arc;

use harness::Client;
use pipeline::FunctionFault;
use serde_json::{Value, json};

use crate::rotating::ROTATION;
use crate::testing::{SecretsManager, alcazar, token};
use crate::testing_rotation::{DAY, FUNCTION, Instead, Rotator, describe, told_events, work};

async fn rotate(root: &Client, number: &str) -> harness::Answer {
    let input = json!({"SecretId": "s", "ClientRequestToken": token(number), "RotationLambdaARN": FUNCTION,
        "RotationRules": {"AutomaticallyAfterDays": 30}});
    root.secrets("RotateSecret", input).await
}

#[tokio::test]
async fn a_whole_rotation() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    let arn = root.new_secret("s", "one").await;
    let reply = rotate(&root, "2").await.ok().json().unwrap();
    assert_eq!(
        reply,
        json!({"ARN": arn, "Name": "s", "VersionId": token("2")})
    );
    // Staged, and empty.
    let told = describe(&root, "s").await;
    assert_eq!(
        told["VersionIdsToStages"][token("2")],
        json!(["AWSPENDING"])
    );
    assert_eq!(told["RotationEnabled"], true);
    assert_eq!(told["LastRotatedDate"], Value::Null);
    for by in [
        json!({"VersionId": token("2")}),
        json!({"VersionStage": "AWSPENDING"}),
    ] {
        let mut input = by;
        input["SecretId"] = json!("s");
        root.secrets("GetSecretValue", input)
            .await
            .fails("ResourceNotFoundException");
    }
    alcazar.clock.advance_seconds(1);
    work(&alcazar).await;
    let events = rotator.events.lock().unwrap().clone();
    assert_eq!(
        rotator.steps(),
        ["createSecret", "setSecret", "testSecret", "finishSecret"]
    );
    for event in &events {
        assert_eq!(
            (&event["SecretId"], &event["ClientRequestToken"]),
            (&json!(arn), &json!(token("2")))
        );
        assert_eq!(event["RotationToken"], events[0]["RotationToken"]);
        assert_eq!(event.as_object().unwrap().len(), 4);
    }
    assert_eq!(root.value("s").await, format!("made for {}", token("2")));
    let told = describe(&root, "s").await;
    assert_eq!(told["RotationLambdaARN"], FUNCTION);
    assert_eq!(told["RotationRules"], json!({"AutomaticallyAfterDays": 30}));
    // 2026-11-23T06:38:14Z, and the end of the day thirty days later.
    assert_eq!(told["LastRotatedDate"], 1_795_415_894.0);
    assert_eq!(told["NextRotationDate"], 1_798_070_399.0);
    assert_eq!(
        told["VersionIdsToStages"][token("2")],
        json!(["AWSCURRENT", "AWSPENDING"])
    );
}

#[tokio::test]
async fn what_is_told_of_a_rotation() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    let arn = root.new_secret("s", "one").await;
    rotate(&root, "2").await.ok();
    alcazar.clock.advance_seconds(1);
    work(&alcazar).await;
    let events = rotator.events.lock().unwrap().clone();
    rotator.steps();
    let told = describe(&root, "s").await;
    let listed = root
        .secrets("ListSecrets", json!({}))
        .await
        .ok()
        .json()
        .unwrap();
    for member in [
        "RotationEnabled",
        "RotationLambdaARN",
        "RotationRules",
        "LastRotatedDate",
        "NextRotationDate",
    ] {
        assert_eq!(listed["SecretList"][0][member], told[member], "{member}");
    }
    assert_eq!(
        told_events(&alcazar).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    let event = alcazar.event("RotationSucceeded").await;
    assert_eq!(event["additionalEventData"], json!({"SecretId": arn}));
    assert_eq!(
        event["userIdentity"]["invokedBy"],
        "secretsmanager.amazonaws.com"
    );
    assert_eq!(event["requestID"], format!("Rotation-{arn}-{}", token("2")));
    // The tokens of rotations are in no record.
    for event in alcazar.events().await {
        let secret = events[0]["RotationToken"].as_str().unwrap();
        assert!(!event.to_string().contains(secret), "{event}");
    }
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
}

#[tokio::test]
async fn every_step_may_fail() {
    let faults = [
        ("createSecret", FunctionFault::TimedOut),
        ("setSecret", FunctionFault::Ended("hunter2".into())),
        (
            "testSecret",
            FunctionFault::Raised {
                kind: "ValueError".into(),
                message: "hunter2".into(),
            },
        ),
        ("finishSecret", FunctionFault::NoRole),
    ];
    for (step, fault) in faults {
        let alcazar = alcazar().await;
        let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
        root.new_secret("s", "one").await;
        rotate(&root, "2").await.ok();
        rotator.instead(step, Instead::Fail(fault));
        work(&alcazar).await;
        assert_eq!(rotator.steps().last().unwrap(), step);
        assert_eq!(root.value("s").await, "one");
        let told = describe(&root, "s").await;
        assert_eq!(told["LastRotatedDate"], Value::Null);
        assert_eq!(
            told["VersionIdsToStages"][token("2")],
            json!(["AWSPENDING"])
        );
        let event = alcazar.event("RotationFailed").await;
        let words = format!("Error when executing lambda {FUNCTION} during {step} step: ");
        let message = event["errorMessage"].as_str().unwrap();
        assert!(
            message.starts_with(&words) && !message.contains("hunter2"),
            "{message}"
        );
        // Refused while it is tried again.
        let words = "A previous rotation isn't complete. That rotation will be reattempted.";
        rotate(&root, "3")
            .await
            .fails("InvalidRequestException")
            .saying(words);
        rotator.behave();
        alcazar.clock.advance_seconds(59);
        work(&alcazar).await;
        assert!(rotator.steps().is_empty());
        alcazar.clock.advance_seconds(1);
        work(&alcazar).await;
        assert_eq!(
            rotator.steps(),
            ["createSecret", "setSecret", "testSecret", "finishSecret"]
        );
        assert_eq!(root.value("s").await, format!("made for {}", token("2")));
        assert_eq!(
            told_events(&alcazar).await.last().unwrap(),
            "RotationSucceeded"
        );
        rotate(&root, "4").await.ok();
    }
}

#[tokio::test]
async fn a_step_that_was_under_way_at_the_end_is_done_once_more() {
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        let alcazar = alcazar().await;
        let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
        root.new_secret("s", "one").await;
        rotate(&root, "2").await.ok();
        let notify = Arc::new(tokio::sync::Notify::new());
        rotator.instead(step, Instead::Hang(notify.clone()));
        tokio::select! {
            _ = alcazar.core.run_worker(ROTATION) => panic!("it ended"),
            () = notify.notified() => {}
        }
        let before = rotator.events.lock().unwrap().last().unwrap().clone();
        rotator.steps();
        rotator.behave();
        work(&alcazar).await;
        let again = rotator.events.lock().unwrap().first().unwrap().clone();
        assert_eq!(before, again);
        assert_eq!(root.value("s").await, format!("made for {}", token("2")));
    }
}

#[tokio::test]
async fn one_at_a_time() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let calls = (0..8).map(|number| {
        let root = root.clone();
        tokio::spawn(async move { rotate(&root, &number.to_string()).await.status })
    });
    let mut begun = 0;
    for call in calls.collect::<Vec<_>>() {
        begun += u32::from(call.await.unwrap() == 200);
    }
    assert_eq!(begun, 1);
    work(&alcazar).await;
    assert_eq!(rotator.steps().len(), 4);
    // The same call once more begins nothing.
    let told = describe(&root, "s").await;
    let stages = told["VersionIdsToStages"].as_object().unwrap();
    let current = stages
        .iter()
        .find(|(_, stages)| stages.to_string().contains("CURRENT"))
        .unwrap();
    let input = json!({"SecretId": "s", "ClientRequestToken": current.0});
    root.secrets("RotateSecret", input).await.ok();
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
}

#[tokio::test]
async fn called_off_under_way() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    let arn = root.new_secret("s", "one").await;
    rotate(&root, "2").await.ok();
    rotator.instead(
        "setSecret",
        Instead::First("CancelRotateSecret", json!({"SecretId": "s"})),
    );
    work(&alcazar).await;
    assert_eq!(rotator.steps(), ["createSecret", "setSecret"]);
    let told = describe(&root, "s").await;
    assert_eq!(told["RotationEnabled"], false);
    assert_eq!(told["NextRotationDate"], Value::Null);
    assert_eq!(told["RotationLambdaARN"], FUNCTION);
    assert_eq!(
        told["VersionIdsToStages"][token("2")],
        json!(["AWSPENDING"])
    );
    let reply = alcazar.event("CancelRotateSecret").await["responseElements"].clone();
    assert_eq!(
        reply,
        json!({"aRN": arn, "name": "s", "versionId": token("2")})
    );
    alcazar.clock.advance_seconds(400 * DAY);
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
    rotate(&root, "3").await.fails("InvalidRequestException");
    // As documented: the label is to be removed first.
    let removed =
        json!({"SecretId": "s", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token("2")});
    root.secrets("UpdateSecretVersionStage", removed).await.ok();
    rotator.behave();
    let input = json!({"SecretId": "s", "ClientRequestToken": token("3")});
    root.secrets("RotateSecret", input).await.ok();
    work(&alcazar).await;
    assert_eq!(root.value("s").await, format!("made for {}", token("3")));
    assert_eq!(
        describe(&root, "s").await["RotationRules"],
        json!({"AutomaticallyAfterDays": 30})
    );
}

#[tokio::test]
async fn deleted_under_way() {
    for forced in [false, true] {
        let alcazar = alcazar().await;
        let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
        root.new_secret("s", "one").await;
        rotate(&root, "2").await.ok();
        let delete = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": forced});
        rotator.instead("testSecret", Instead::First("DeleteSecret", delete));
        let lied = rotator.clone();
        let root_too = root.clone();
        alcazar.functions.set(FUNCTION, move |event| {
            let (lied, root) = (lied.clone(), root_too.clone());
            async move {
                match event["Step"].as_str().unwrap() {
                    "testSecret" => {
                        lied.events.lock().unwrap().push(event);
                        let delete = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": forced});
                        root.secrets("DeleteSecret", delete).await.ok();
                        Ok(Value::Null)
                    }
                    _ => lied.run(&root, event).await,
                }
            }
        });
        work(&alcazar).await;
        assert_eq!(rotator.steps(), ["createSecret", "setSecret", "testSecret"]);
        alcazar.clock.advance_seconds(DAY);
        work(&alcazar).await;
        rotate(&root, "3")
            .await
            .status
            .eq(&400)
            .then_some(())
            .unwrap();
        assert!(rotator.steps().is_empty());
        if forced {
            continue;
        }
        root.secrets("RestoreSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(root.value("s").await, "one");
        let told = describe(&root, "s").await;
        assert_eq!(told["NextRotationDate"], 1_798_070_399.0);
        let _ = Rotator::new(&alcazar).await;
        alcazar.clock.advance_seconds(29 * DAY);
        work(&alcazar).await;
        // With the version that was left behind.
        assert_eq!(root.value("s").await, format!("made for {}", token("2")));
    }
}

#[tokio::test]
async fn a_value_by_hand_ends_a_rotation() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    rotate(&root, "2").await.ok();
    rotator.instead("setSecret", Instead::Fail(FunctionFault::TimedOut));
    work(&alcazar).await;
    alcazar.clock.advance_seconds(DAY);
    let put = json!({"SecretId": "s", "SecretString": "by hand", "ClientRequestToken": token("3")});
    root.secrets("PutSecretValue", put).await.ok();
    let told = describe(&root, "s").await;
    assert_eq!(told["VersionIdsToStages"][token("2")], Value::Null);
    assert_eq!(
        told["VersionIdsToStages"][token("3")],
        json!(["AWSCURRENT"])
    );
    // It counts as a rotation for the next date, not as the last one.
    assert_eq!(told["NextRotationDate"], 1_798_156_799.0);
    assert_eq!(told["LastRotatedDate"], Value::Null);
    assert_eq!(
        told_events(&alcazar).await.last().unwrap(),
        "RotationAbandoned"
    );
    rotator.steps();
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
    rotator.behave();
    rotate(&root, "4").await.ok();
    work(&alcazar).await;
    assert_eq!(root.value("s").await, format!("made for {}", token("4")));
}

#[tokio::test]
async fn a_function_that_does_not_finish() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    rotate(&root, "2").await.ok();
    rotator.instead("finishSecret", Instead::Lie);
    work(&alcazar).await;
    let event = alcazar.event("RotationFailed").await;
    let message = event["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with("during finishSecret step: the version is not AWSCURRENT"),
        "{message}"
    );
    assert_eq!(root.value("s").await, "one");
    // Nor is it current without a value.
    rotator.instead("createSecret", Instead::Lie);
    let current = describe(&root, "s").await["VersionIdsToStages"].clone();
    assert_eq!(current[token("2")], json!(["AWSPENDING"]));
}

#[tokio::test]
async fn copies_follow() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let west = root.region("eu-west-1");
    let copied = json!({"SecretId": "s", "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    root.secrets("ReplicateSecretToRegions", copied).await.ok();
    let words = "Operation not permitted on a replica secret. Call must be made in primary secret's region.";
    for operation in ["RotateSecret", "CancelRotateSecret"] {
        let input = json!({"SecretId": "s", "RotationLambdaARN": FUNCTION});
        west.secrets(operation, input)
            .await
            .fails("InvalidParameterException")
            .saying(words);
    }
    rotate(&root, "2").await.ok();
    assert_eq!(
        describe(&west, "s").await["VersionIdsToStages"]
            .as_object()
            .unwrap()
            .len(),
        1
    );
    work(&alcazar).await;
    assert_eq!(rotator.steps().len(), 4);
    assert_eq!(west.value("s").await, format!("made for {}", token("2")));
    let (here, there) = (describe(&root, "s").await, describe(&west, "s").await);
    for member in [
        "RotationEnabled",
        "LastRotatedDate",
        "NextRotationDate",
        "VersionIdsToStages",
    ] {
        assert_eq!(here[member], there[member], "{member}");
    }
    assert_eq!(
        here["ReplicationStatus"][0]["LastAccessedDate"],
        1_795_392_000.0
    );
    west.secrets("StopReplicationToReplica", json!({"SecretId": "s"}))
        .await
        .ok();
    assert_eq!(describe(&west, "s").await["RotationEnabled"], Value::Null);
}

#[tokio::test]
async fn rotation_tokens_are_for_their_rotation() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    rotate(&root, "2").await.ok();
    rotator.instead("setSecret", Instead::Fail(FunctionFault::Busy));
    work(&alcazar).await;
    let given = rotator.events.lock().unwrap()[0]["RotationToken"].clone();
    let put = |version: &str, given: &Value| {
        json!({"SecretId": "s", "ClientRequestToken": token(version), "SecretString": "x",
            "VersionStages": ["AWSPENDING"], "RotationToken": given})
    };
    let wrong = json!(format!("{}1111", token("9")));
    for input in [put("2", &wrong), put("3", &given)] {
        root.secrets("PutSecretValue", input)
            .await
            .fails("InvalidRequestException");
    }
    // Of this version there is a value already.
    root.secrets("PutSecretValue", put("2", &given))
        .await
        .fails("ResourceExistsException");
    rotator.behave();
    alcazar.clock.advance_seconds(5);
    work(&alcazar).await;
    assert_eq!(
        told_events(&alcazar).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    root.secrets("PutSecretValue", put("2", &given))
        .await
        .fails("InvalidRequestException");
}

#[tokio::test]
async fn many_at_once() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    let key = root.new_key().await;
    for number in 0..20 {
        let name = format!("s{number}");
        let made = json!({"Name": name, "SecretString": "one", "KmsKeyId": key});
        root.secrets("CreateSecret", made).await.ok();
        let input = json!({"SecretId": name, "RotationLambdaARN": FUNCTION});
        root.secrets("RotateSecret", input).await.ok();
    }
    work(&alcazar).await;
    assert_eq!(rotator.steps().len(), 80);
    for number in 0..20 {
        let told = describe(&root, &format!("s{number}")).await;
        assert!(told["LastRotatedDate"].is_number());
        // Without rules it is rotated when asked for alone.
        assert_eq!(
            (&told["RotationRules"], &told["NextRotationDate"]),
            (&Value::Null, &Value::Null)
        );
    }
}

#[tokio::test]
async fn an_account_keeps_no_other_waiting() {
    let alcazar = alcazar().await;
    let hung = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let begun = hung.clone();
    alcazar.functions.set(FUNCTION, move |_| {
        begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::future::pending()
    });
    let elsewhere = FUNCTION.replace("111122223333", "444455556666");
    let notify = Arc::new(tokio::sync::Notify::new());
    let reached = notify.clone();
    alcazar.functions.set(&elsewhere, move |_| {
        reached.notify_one();
        std::future::pending()
    });
    let (root, other) = (alcazar.root(), alcazar.other_root());
    for number in 0..70 {
        let name = format!("s{number}");
        root.new_secret(&name, "one").await;
        let input = json!({"SecretId": name, "RotationLambdaARN": FUNCTION});
        root.secrets("RotateSecret", input).await.ok();
    }
    alcazar.clock.advance_seconds(1);
    other.new_secret("s", "one").await;
    let input = json!({"SecretId": "s", "RotationLambdaARN": elsewhere});
    other.secrets("RotateSecret", input).await.ok();
    tokio::select! {
        _ = alcazar.core.run_worker(ROTATION) => panic!("it ended"),
        () = notify.notified() => {}
    }
    assert_eq!(hung.load(std::sync::atomic::Ordering::SeqCst), 2);
}
