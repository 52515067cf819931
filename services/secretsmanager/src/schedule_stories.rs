//! Schedules, lived through; with a function in memory.

use std::collections::BTreeSet;

use harness::Alcazar;
use pipeline::FunctionFault;
use serde_json::{Value, json};

use crate::testing::{SecretsManager, alcazar, token};
use crate::testing_rotation::{DAY, FUNCTION, Instead, Rotator, describe, told_events, work};

#[tokio::test]
async fn after_six_tries_the_next_window_is_waited_for() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let input = json!({"SecretId": "s", "ClientRequestToken": token("2"), "RotationLambdaARN": FUNCTION,
        "RotationRules": {"ScheduleExpression": "cron(0 8 * * ? *)", "Duration": "2h"}});
    root.secrets("RotateSecret", input).await.ok();
    rotator.instead("testSecret", Instead::Fail(FunctionFault::TimedOut));
    let mut tries = 0;
    for _ in 0..60 {
        work(&alcazar).await;
        tries += rotator.steps().len() / 3;
        alcazar.clock.advance_seconds(60);
    }
    assert_eq!(tries, 6);
    // 07:38 now; it opens at 08:00 and the same version is tried again, within the window alone.
    let told = describe(&root, "s").await;
    assert_eq!(told["NextRotationDate"], 1_795_427_999.0);
    rotator.instead("testSecret", Instead::Fail(FunctionFault::NotFound));
    alcazar.clock.advance_seconds(22 * 60 + 100 * 60);
    work(&alcazar).await;
    let events = rotator.events.lock().unwrap().clone();
    let tried = rotator.steps();
    assert_eq!(tried.len(), 3);
    assert_eq!(events[0]["ClientRequestToken"], token("2"));
    for _ in 0..30 {
        alcazar.clock.advance_seconds(60);
        work(&alcazar).await;
    }
    // At 09:41, 09:43 and 09:47; 09:55 too, not at 10:11.
    assert_eq!(rotator.steps().len() / 3, 4);
    rotator.behave();
    alcazar.clock.advance_seconds(22 * 3600);
    work(&alcazar).await;
    assert_eq!(root.value("s").await, format!("made for {}", token("2")));
    let told = describe(&root, "s").await;
    assert_eq!(told["RotationRules"]["AutomaticallyAfterDays"], 1);
}

#[tokio::test]
async fn a_trial_of_the_function() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let trial = |number: &str| {
        json!({"SecretId": "s", "ClientRequestToken": token(number), "RotationLambdaARN": FUNCTION,
        "RotationRules": {"ScheduleExpression": "rate(10 days)"}, "RotateImmediately": false})
    };
    root.secrets("RotateSecret", trial("2")).await.ok();
    let staged = describe(&root, "s").await["VersionIdsToStages"].clone();
    assert_eq!(staged[token("2")], json!(["AWSPENDING"]));
    alcazar.clock.advance_seconds(1);
    work(&alcazar).await;
    assert_eq!(rotator.steps(), ["testSecret"]);
    let told = describe(&root, "s").await;
    assert_eq!(told["VersionIdsToStages"].as_object().unwrap().len(), 1);
    assert_eq!(told["LastRotatedDate"], Value::Null);
    assert_eq!(
        told["RotationRules"],
        json!({"AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)"})
    );
    assert_eq!(told["NextRotationDate"], 1_796_342_399.0);
    assert_eq!(
        told_events(&alcazar).await,
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
    let listed = json!({"SecretId": "s", "IncludeDeprecated": true});
    let listed = root
        .secrets("ListSecretVersionIds", listed)
        .await
        .ok()
        .json()
        .unwrap();
    assert_eq!(listed["Versions"].as_array().unwrap().len(), 1);
    rotator.instead("testSecret", Instead::Fail(FunctionFault::NotAllowed));
    root.secrets("RotateSecret", trial("3")).await.ok();
    alcazar.clock.advance_seconds(1);
    work(&alcazar).await;
    assert_eq!(
        told_events(&alcazar).await.last().unwrap(),
        "TestRotationFailed"
    );
    rotator.behave();
    rotator.steps();
    alcazar.clock.advance_seconds(10 * DAY);
    alcazar.clock.advance_seconds(1);
    work(&alcazar).await;
    assert_eq!(rotator.steps().len(), 4);
    assert_ne!(root.value("s").await, "one");
}

/// The days of a year on which secrets of these rules are rotated, by a worker that looks every half hour.
async fn year(rules: Value) -> Vec<String> {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let input = json!({"SecretId": "s", "RotationLambdaARN": FUNCTION, "RotationRules": rules, "RotateImmediately": false});
    root.secrets("RotateSecret", input).await.ok();
    work(&alcazar).await;
    rotator.steps();
    let mut rotated = Vec::new();
    for _ in 0..365 * 48 {
        alcazar.clock.advance_seconds(1800);
        work(&alcazar).await;
        if !rotator.steps().is_empty() {
            let now = pipeline_now(&alcazar);
            rotated.push(now);
        }
    }
    rotated
}

fn pipeline_now(alcazar: &Alcazar) -> String {
    alcazar
        .core
        .clock
        .now()
        .basic()
        .get(4..13)
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_year_of_first_days_of_months() {
    let rotated = year(json!({"ScheduleExpression": "cron(0 8 1 * ? *)", "Duration": "2h"})).await;
    let months: BTreeSet<&str> = rotated.iter().map(|at| at.get(..2).unwrap()).collect();
    assert_eq!((rotated.len(), months.len()), (12, 12), "{rotated:?}");
    assert!(
        rotated.iter().all(|at| at.ends_with("01T0808")),
        "{rotated:?}"
    );
}

#[tokio::test]
async fn a_year_of_thirty_days() {
    let rotated = year(json!({"AutomaticallyAfterDays": 30})).await;
    assert_eq!(rotated.len(), 12, "{rotated:?}");
    assert_eq!(rotated.first().unwrap(), "1223T0008");
    assert_eq!(rotated.get(1).unwrap(), "0122T0008");
}

#[tokio::test]
async fn a_window_that_was_missed() {
    let alcazar = alcazar().await;
    let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
    root.new_secret("s", "one").await;
    let rules = json!({"ScheduleExpression": "cron(0 8 * * ? *)", "Duration": "1h"});
    let input = json!({"SecretId": "s", "RotationLambdaARN": FUNCTION, "RotationRules": rules, "RotateImmediately": false});
    root.secrets("RotateSecret", input).await.ok();
    work(&alcazar).await;
    rotator.steps();
    // 10:38 of a day later: not before tomorrow at eight.
    alcazar.clock.advance_seconds(DAY + 4 * 3600);
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
    let missed = alcazar.event("RotationFailed").await;
    assert_eq!(
        missed["errorMessage"],
        "The rotation window closed before the rotation could begin."
    );
    alcazar.clock.advance_seconds(21 * 3600);
    work(&alcazar).await;
    assert!(rotator.steps().is_empty());
    alcazar.clock.advance_seconds(1800);
    work(&alcazar).await;
    assert_eq!(rotator.steps().len(), 4);
}
