//! Does what the policies of parameters ask for when it is due.
//!
//! AWS document: AWS Systems Manager User Guide, "Assigning parameter policies in Parameter Store".

use std::time::Duration;

use pipeline::audit::{ServiceEvent, Told};
use pipeline::{Duty, Emitted, Failure, Worker};
use serde_json::json;
use storage::{Held, Reads, Record, Writes};

use crate::emitted::{self, Change};
use crate::parameter::Parameter;
use crate::parameter_policy::{ParameterPolicy, due};
use crate::policy_due::PolicyDue;
use crate::{keeping, tally};

/// Name of the worker that does what policies ask for.
pub(crate) const PARAMETER_POLICIES: &str = "ssm parameter policies";
/// Parameters read at once.
const BATCH: usize = 256;

/// What Parameter Store does unasked.
pub(crate) const WORKERS: &[Worker] = &[Worker {
    name: PARAMETER_POLICIES,
    every: Duration::from_secs(30),
    run: |duty| Box::pin(obey_due_policies(duty)),
}];

/// Goes through what is due, and no further. What fails is tried again in the next round, and keeps nothing else waiting.
async fn obey_due_policies(duty: Duty<'_>) -> Result<(), Failure> {
    let (mut after, mut outcome) = (None, Ok(()));
    loop {
        let soonest = duty.scan::<PolicyDue>(after.as_ref(), BATCH).await?;
        for next in soonest.iter() {
            if next.at > duty.now() {
                return outcome;
            }
            let obeyed = obey(&duty, next).await;
            outcome = outcome.and(obeyed);
        }
        match soonest.last() {
            Some(last) if soonest.len() == BATCH => after = Some(last.key()),
            _ => return outcome,
        }
    }
}

/// Obeys what is due of one parameter, unless it has changed meanwhile: then the next round sees to it.
async fn obey(duty: &Duty<'_>, next: &PolicyDue) -> Result<(), Failure> {
    let Some(place) = next.of_parameter() else {
        return Err(Failure::internal("a due policy of no parameter"));
    };
    let Some(parameter) = duty.get::<Parameter>(&place).await? else {
        return Ok(());
    };
    if PolicyDue::of(&parameter).as_ref() != Some(next) {
        return Ok(());
    }
    let (version, now) = (&parameter.current, duty.now());
    let ripe = |policy: &&ParameterPolicy| {
        due(policy, &version.policies, version.modified).is_some_and(|at| at <= now)
    };
    let ripe: Vec<_> = version.policies.iter().filter(ripe).collect();
    match ripe.iter().any(|policy| policy.expires()) {
        true => expire(duty, &parameter, &ripe).await,
        false => notify(duty, &parameter, &ripe).await,
    }
}

/// Deletes the parameter with all its versions.
async fn expire(
    duty: &Duty<'_>,
    parameter: &Held<Parameter>,
    ripe: &[&ParameterPolicy],
) -> Result<(), Failure> {
    let mut reads = Reads::default();
    reads.held(parameter);
    let mut writes = keeping::without(parameter);
    if let Some(tally) = tally::without(duty, parameter, &mut reads).await? {
        writes.put(tally);
    }
    let events = [event("DeleteParameter", parameter, ripe)];
    let mut emitted = actions(parameter, ripe);
    emitted.push(emitted::change(Change::Delete, parameter));
    let done = duty.commit_and_emit(reads, writes, &events, emitted);
    done.await.map(drop)
}

/// Notes that the policies are finished: each is told of once for its version.
async fn notify(
    duty: &Duty<'_>,
    parameter: &Held<Parameter>,
    ripe: &[&ParameterPolicy],
) -> Result<(), Failure> {
    let mut told = Parameter::clone(parameter);
    for policy in &mut told.current.policies {
        policy.finished |= ripe.contains(&&*policy);
    }
    let mut writes = Writes::none();
    if let Some(was) = PolicyDue::of(parameter) {
        writes.delete::<PolicyDue>(&was.key());
    }
    if let Some(next) = PolicyDue::of(&told) {
        writes.put(next);
    }
    writes.put(told);
    let mut reads = Reads::default();
    reads.held(parameter);
    let events = [event("NotifyParameterPolicy", parameter, ripe)];
    let emitted = actions(parameter, ripe);
    let done = duty.commit_and_emit(reads, writes, &events, emitted);
    done.await.map(drop)
}

fn actions(parameter: &Parameter, ripe: &[&ParameterPolicy]) -> Vec<Emitted> {
    let ripe = ripe.iter();
    ripe.map(|policy| emitted::policy_action(policy, parameter))
        .collect()
}

/// AWS documents no record of what policies do: these are of our own.
fn event(name: &'static str, parameter: &Parameter, ripe: &[&ParameterPolicy]) -> ServiceEvent {
    let policies: Vec<_> = ripe.iter().map(|policy| policy.text()).collect();
    ServiceEvent {
        source: "ssm.amazonaws.com",
        name,
        subject: emitted::subject(parameter),
        resource_type: "AWS::SSM::Parameter",
        told: Told::Details(json!({
            "name": parameter.name, "version": parameter.current.number, "policies": policies,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::*;
    use harness::{Alcazar, Client};
    use serde_json::Value;

    const DAY: i64 = 86_400;

    /// Policies of a parameter that ends ten days after the harness's first instant.
    fn policies() -> Value {
        let policies = json!([
            {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2026-12-03T06:38:13Z"}},
            {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "5", "Unit": "Days"}},
            {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "36", "Unit": "Hours"}},
            {"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "2", "Unit": "Days"}},
        ]);
        policies.to_string().into()
    }

    async fn put(root: &Client, more: Value) {
        let mut input = json!({"Name": "/a", "Value": "1", "Type": "String", "Tier": "Advanced", "Overwrite": true});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        root.ssm("PutParameter", input).await.ok();
    }

    /// The status of each policy, by its first letter.
    async fn statuses(root: &Client) -> String {
        let told = root.ssm("DescribeParameters", json!({})).await.ok();
        let told = told.json().unwrap();
        let told = told["Parameters"][0]["Policies"].as_array().unwrap().iter();
        told.map(|policy| {
            policy["PolicyStatus"]
                .as_str()
                .unwrap()
                .get(..1)
                .unwrap()
                .to_owned()
        })
        .collect()
    }

    async fn round(alcazar: &Alcazar, days: i64) {
        alcazar.clock.advance_seconds(days * DAY);
        assert!(alcazar.core.run_worker(PARAMETER_POLICIES).await.unwrap());
    }

    async fn number_of(alcazar: &Alcazar, name: &str) -> usize {
        let events = alcazar.events().await;
        events
            .iter()
            .filter(|event| event["eventName"] == name)
            .count()
    }

    #[tokio::test]
    async fn policies_are_obeyed_when_they_are_due() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        put(&root, json!({"Policies": policies()})).await;
        let mut seen = Vec::new();
        for days in [1, 1, 3, 3, 1] {
            round(&alcazar, days).await;
            round(&alcazar, 0).await;
            seen.push((
                statuses(&root).await,
                number_of(&alcazar, "NotifyParameterPolicy").await,
            ));
        }
        let expected = [
            ("PPPP", 0),
            ("PPPF", 1),
            ("PFPF", 2),
            ("PFPF", 2),
            ("PFFF", 3),
        ];
        assert_eq!(
            seen,
            expected.map(|(statuses, events)| (statuses.to_owned(), events))
        );
        assert_eq!(root.value("/a").await, "1");
        round(&alcazar, 1).await;
        root.ssm("GetParameter", json!({"Name": "/a"}))
            .await
            .fails("ParameterNotFound");
        let event = alcazar.event("DeleteParameter").await;
        assert_eq!(event["eventType"], "AwsServiceEvent");
        assert_eq!(event["serviceEventDetails"]["name"], "/a");
        round(&alcazar, 100).await;
        assert_eq!(number_of(&alcazar, "DeleteParameter").await, 1);
        let left = alcazar
            .core
            .records
            .scan::<PolicyDue>(&storage::Key::root(), None, 9)
            .await;
        assert_eq!(left.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a_new_version_keeps_replaces_and_drops_policies() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        put(&root, json!({"Policies": policies()})).await;
        round(&alcazar, 6).await;
        assert_eq!(statuses(&root).await, "PFPF");
        put(&root, json!({})).await;
        assert_eq!(
            statuses(&root).await,
            "PFPP",
            "the wait for changes begins anew"
        );
        put(&root, json!({"Policies": policies()})).await;
        assert_eq!(statuses(&root).await, "PPPP");
        put(&root, json!({"Policies": "[{}]"})).await;
        assert_eq!(statuses(&root).await, "");
        round(&alcazar, 100).await;
        assert_eq!(root.value("/a").await, "1");
        let history = root
            .ssm("GetParameterHistory", json!({"Name": "/a"}))
            .await
            .ok();
        let history = history.json().unwrap();
        let kept = history["Parameters"].as_array().unwrap().iter();
        let kept: Vec<_> = kept
            .map(|it| it["Policies"].as_array().unwrap().len())
            .collect();
        assert_eq!(kept, [4, 4, 4, 0]);
        assert_eq!(
            history["Parameters"][0]["Policies"][0]["PolicyText"],
            r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2026-12-03T06:38:13Z"}}"#
        );
    }

    #[tokio::test]
    async fn of_a_deleted_parameter_nothing_is_due() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        put(&root, json!({"Policies": policies()})).await;
        root.ssm("DeleteParameter", json!({"Name": "/a"}))
            .await
            .ok();
        root.put("/a", "new").await;
        round(&alcazar, 100).await;
        assert_eq!(root.value("/a").await, "new");
        assert_eq!(number_of(&alcazar, "NotifyParameterPolicy").await, 0);
    }

    async fn advanced_parameters(alcazar: &Alcazar) -> usize {
        let all = storage::Key::root();
        let tallies = alcazar.core.records.scan::<tally::Tally>(&all, None, 99);
        let tallies = tallies.await.unwrap();
        let forms = tallies
            .iter()
            .map(|it| String::from_utf8(it.store()).unwrap());
        forms.filter(|form| form.contains("\"advanced\":1")).count()
    }

    #[tokio::test]
    async fn what_expires_no_longer_counts() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        put(&root, json!({"Policies": policies()})).await;
        let before = advanced_parameters(&alcazar).await;
        round(&alcazar, 10).await;
        assert_eq!((before, advanced_parameters(&alcazar).await), (1, 0));
    }

    #[tokio::test]
    async fn policies_are_for_advanced_parameters() {
        let root = alcazar().await.root();
        let put = |tier: Value| json!({"Name": "/b", "Value": "1", "Type": "String", "Tier": tier, "Policies": policies()});
        for tier in [json!("Standard"), Value::Null] {
            root.ssm("PutParameter", put(tier))
                .await
                .fails("ValidationException");
        }
        let put = root
            .ssm("PutParameter", put(json!("Intelligent-Tiering")))
            .await;
        assert_eq!(put.ok().field("Tier"), "Advanced");
    }
}
