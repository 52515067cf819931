//! What is counted of rotations, and how many wait to be tried again.

use pipeline::audit::ServiceEvent;
use pipeline::{BoxFuture, Duty, Exposition, Failure, Tally};

use crate::due::Due;
use crate::rotation::{LONGEST_PAUSE, Step};
use crate::secret::Secret;

/// Places of the queue that are read at once.
const PAGE: usize = 256;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function did it.
    Succeeded,
    /// It did not.
    Failed,
    /// As many functions ran as may: it is done later.
    Delayed,
}

const fn rotations(labels: &'static [(&'static str, &'static str)]) -> Tally {
    Tally {
        family: "alcazar_rotations_total",
        help: "Attempts at rotating a secret, by outcome; one that failed is tried again, or waits for the next window.",
        labels,
    }
}

const fn steps(labels: &'static [(&'static str, &'static str)]) -> Tally {
    Tally {
        family: "alcazar_rotation_steps_total",
        help: "Steps of rotations that functions were called for, by outcome; a trial is testSecret by itself.",
        labels,
    }
}

const SUCCEEDED: Tally = rotations(&[("outcome", "succeeded")]);
const FAILED: Tally = rotations(&[("outcome", "failed")]);

/// All of them.
pub(crate) const TALLIES: &[Tally] = &[
    SUCCEEDED,
    FAILED,
    step(Step::Create, Outcome::Succeeded),
    step(Step::Create, Outcome::Failed),
    step(Step::Create, Outcome::Delayed),
    step(Step::Set, Outcome::Succeeded),
    step(Step::Set, Outcome::Failed),
    step(Step::Set, Outcome::Delayed),
    step(Step::Test, Outcome::Succeeded),
    step(Step::Test, Outcome::Failed),
    step(Step::Test, Outcome::Delayed),
    step(Step::Finish, Outcome::Succeeded),
    step(Step::Finish, Outcome::Failed),
    step(Step::Finish, Outcome::Delayed),
    step(Step::Trial, Outcome::Succeeded),
    step(Step::Trial, Outcome::Failed),
    step(Step::Trial, Outcome::Delayed),
];

/// That of a step which has come to this.
pub(crate) const fn step(step: Step, outcome: Outcome) -> Tally {
    use Outcome::{Delayed, Failed, Succeeded};
    match (step, outcome) {
        (Step::Create, Succeeded) => steps(&[("step", "createSecret"), ("outcome", "succeeded")]),
        (Step::Create, Failed) => steps(&[("step", "createSecret"), ("outcome", "failed")]),
        (Step::Create, Delayed) => steps(&[("step", "createSecret"), ("outcome", "delayed")]),
        (Step::Set, Succeeded) => steps(&[("step", "setSecret"), ("outcome", "succeeded")]),
        (Step::Set, Failed) => steps(&[("step", "setSecret"), ("outcome", "failed")]),
        (Step::Set, Delayed) => steps(&[("step", "setSecret"), ("outcome", "delayed")]),
        (Step::Test, Succeeded) => steps(&[("step", "testSecret"), ("outcome", "succeeded")]),
        (Step::Test, Failed) => steps(&[("step", "testSecret"), ("outcome", "failed")]),
        (Step::Test, Delayed) => steps(&[("step", "testSecret"), ("outcome", "delayed")]),
        (Step::Finish, Succeeded) => steps(&[("step", "finishSecret"), ("outcome", "succeeded")]),
        (Step::Finish, Failed) => steps(&[("step", "finishSecret"), ("outcome", "failed")]),
        (Step::Finish, Delayed) => steps(&[("step", "finishSecret"), ("outcome", "delayed")]),
        (Step::Trial, Succeeded) => steps(&[("step", "trial"), ("outcome", "succeeded")]),
        (Step::Trial, Failed) => steps(&[("step", "trial"), ("outcome", "failed")]),
        (Step::Trial, Delayed) => steps(&[("step", "trial"), ("outcome", "delayed")]),
    }
}

/// Counts the rotations whose end these events tell of.
pub(crate) fn count_ended(duty: &Duty<'_>, events: &[ServiceEvent]) {
    for event in events {
        match event.name {
            "RotationSucceeded" => duty.count(&SUCCEEDED),
            "RotationFailed" => duty.count(&FAILED),
            _ => {}
        }
    }
}

/// Tells how many rotations have failed and are going to be tried again.
pub(crate) fn measure<'a>(
    duty: Duty<'a>,
    to: &'a mut Exposition,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let waiting = waiting(&duty).await?;
        to.gauge(
            "alcazar_rotation_retries",
            "Rotations that have failed and are going to be tried again.",
        )
        .is(&[], waiting);
        Ok(())
    })
}

/// All of them are in the queue for before the longest pause is over.
async fn waiting(duty: &Duty<'_>) -> Result<u64, Failure> {
    let latest = duty.now().plus_seconds(LONGEST_PAUSE);
    let (mut after, mut waiting) = (None, 0);
    loop {
        let page = duty.scan::<Due>(after.as_ref(), PAGE).await?;
        for due in page.iter().take_while(|due| due.at <= latest) {
            let secret = duty.get::<Secret>(&due.of_secret()).await?;
            let rotation = secret.as_ref().and_then(|it| it.rotation.as_ref());
            let attempt = rotation.filter(|it| it.due == Some(due.at));
            let attempt = attempt.and_then(|it| it.attempt.as_ref());
            waiting += u64::from(attempt.is_some_and(|attempt| attempt.failures > 0));
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE && last.at <= latest => Some(last.key()),
            _ => return Ok(waiting),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SecretsManager, alcazar, token};
    use crate::testing_rotation::{FUNCTION, Instead, Rotator, work};
    use harness::Alcazar;
    use pipeline::FunctionFault;
    use serde_json::json;

    async fn told(alcazar: &Alcazar) -> Vec<String> {
        let mut told = Exposition::default();
        alcazar.core.measure(&mut told).await.unwrap();
        let text = told.into_text();
        let numbers = text
            .lines()
            .filter(|line| line.starts_with("alcazar_rotation") && !line.ends_with(" 0"));
        numbers.map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn every_step_and_every_failure_is_counted() {
        let alcazar = alcazar().await;
        let (root, rotator) = (alcazar.root(), Rotator::new(&alcazar).await);
        root.new_secret("s", "one").await;
        rotator.instead("setSecret", Instead::Fail(FunctionFault::TimedOut));
        let input = json!({"SecretId": "s", "ClientRequestToken": token("2"), "RotationLambdaARN": FUNCTION});
        root.secrets("RotateSecret", input).await.ok();
        assert!(told(&alcazar).await.is_empty());
        alcazar.clock.advance_seconds(1);
        work(&alcazar).await;
        let failed = [
            r#"alcazar_rotations_total{outcome="failed"} 1"#,
            r#"alcazar_rotation_steps_total{step="createSecret",outcome="succeeded"} 1"#,
            r#"alcazar_rotation_steps_total{step="setSecret",outcome="failed"} 1"#,
            "alcazar_rotation_retries 1",
        ];
        assert_eq!(told(&alcazar).await, failed);
        rotator.instead("createSecret", Instead::Fail(FunctionFault::Busy));
        alcazar.clock.advance_seconds(LONGEST_PAUSE);
        work(&alcazar).await;
        rotator.behave();
        alcazar.clock.advance_seconds(LONGEST_PAUSE);
        work(&alcazar).await;
        let succeeded = [
            r#"alcazar_rotations_total{outcome="succeeded"} 1"#,
            r#"alcazar_rotations_total{outcome="failed"} 1"#,
            r#"alcazar_rotation_steps_total{step="createSecret",outcome="succeeded"} 2"#,
            r#"alcazar_rotation_steps_total{step="createSecret",outcome="delayed"} 1"#,
            r#"alcazar_rotation_steps_total{step="setSecret",outcome="succeeded"} 1"#,
            r#"alcazar_rotation_steps_total{step="setSecret",outcome="failed"} 1"#,
            r#"alcazar_rotation_steps_total{step="testSecret",outcome="succeeded"} 1"#,
            r#"alcazar_rotation_steps_total{step="finishSecret",outcome="succeeded"} 1"#,
        ];
        assert_eq!(told(&alcazar).await, succeeded);
    }

    #[test]
    fn every_counter_is_named_once() {
        let steps = [
            Step::Create,
            Step::Set,
            Step::Test,
            Step::Finish,
            Step::Trial,
        ];
        let outcomes = [Outcome::Succeeded, Outcome::Failed, Outcome::Delayed];
        for (at, tally) in TALLIES.iter().enumerate() {
            assert!(!TALLIES[..at].contains(tally), "{tally:?}");
        }
        let all = steps.map(|it| outcomes.map(|outcome| step(it, outcome)));
        assert!(
            all.as_flattened()
                .iter()
                .all(|tally| TALLIES.contains(tally))
        );
    }
}
