//! How a secret is rotated, and the rotation that is under way.
//!
//! A rotation is tried up to six times, with longer and longer pauses, and a scheduled one within its window only. Then
//! the next window is waited for. All the while its version and its tokens stay the same.
//!
//! AWS document: AWS Secrets Manager User Guide, "Rotation by Lambda function".

use base::{Arn, RequestId, Secret as Hidden, Timestamp};
use pipeline::Failure;
use secretsmanager_api::shapes::RotationRulesType;

use crate::schedule::{Rules, Window};
use crate::secret::Secret;
use crate::version::{CURRENT, PENDING, Valued};

/// Seconds between a try that failed and the next one.
const PAUSES: [i64; 5] = [60, 120, 240, 480, LONGEST_PAUSE];
/// The longest of them.
pub(crate) const LONGEST_PAUSE: i64 = 960;
const DAY: i64 = 24 * 3600;

/// What is known of the rotation of a secret that has a function for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rotation {
    /// `RotationEnabled`: false once it was called off.
    pub(crate) enabled: bool,
    /// `RotationLambdaARN`.
    pub(crate) function: Arn,
    /// `RotationRules`; none for a secret that is rotated when it is asked for alone.
    pub(crate) rules: Option<Rules>,
    /// `LastRotatedDate`.
    pub(crate) last: Option<Timestamp>,
    /// When the value that is current came to be: days count from there.
    pub(crate) since: Timestamp,
    /// The window of the next scheduled rotation.
    pub(crate) next: Option<Window>,
    /// When there is something to be done for it: its place in the queue.
    pub(crate) due: Option<Timestamp>,
    /// `ClientRequestToken` of the last call that began one.
    pub(crate) asked: String,
    /// The rotation that is under way.
    pub(crate) attempt: Option<Attempt>,
}

/// A rotation under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    /// `ClientRequestToken`: the version that is going to be current.
    pub(crate) token: String,
    /// `RotationToken`: who has it acts for this rotation.
    pub(crate) rotation_token: Hidden<String>,
    /// What is to be done now.
    pub(crate) step: Step,
    /// How often it failed.
    pub(crate) failures: usize,
    /// When its window closes, if it has one: it is not begun again from then on.
    pub(crate) until: Option<Timestamp>,
}

/// What a function is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `createSecret`: give the pending version a value.
    Create,
    /// `setSecret`: make the service behind take it.
    Set,
    /// `testSecret`: try it there.
    Test,
    /// `finishSecret`: make it current.
    Finish,
    /// `testSecret` by itself, with the value that is current.
    Trial,
}

impl Step {
    /// As the function reads it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test | Self::Trial => "testSecret",
            Self::Finish => "finishSecret",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Create => Self::Set,
            Self::Set => Self::Test,
            Self::Test | Self::Finish => Self::Finish,
            Self::Trial => Self::Trial,
        }
    }
}

impl Attempt {
    pub(crate) fn new(token: &str, step: Step, until: Option<Timestamp>) -> Self {
        Self {
            token: token.to_owned(),
            rotation_token: Hidden::new(new_token()),
            step,
            failures: 0,
            until,
        }
    }

    /// Whether it would begin anew outside of its window.
    pub(crate) fn is_too_late(&self, now: Timestamp) -> bool {
        let again = self.failures > 0 && self.step == Step::Create;
        again && self.until.is_some_and(|until| now >= until)
    }
}

/// A token for a version or a rotation.
pub(crate) fn new_token() -> String {
    RequestId::from_random(crypto::random::bytes()).to_string()
}

impl Rotation {
    /// Plans the next scheduled rotation, which opens behind `now`.
    pub(crate) fn plan(&mut self, now: Timestamp) {
        let rules = self.rules.as_ref().filter(|_| self.enabled);
        self.wait_for(rules.and_then(|rules| rules.next(self.since, now)));
    }

    /// Plans the scheduled rotation whose window is open, or else the next.
    pub(crate) fn plan_at_once(&mut self, now: Timestamp) {
        let rules = self.rules.as_ref().filter(|_| self.enabled);
        self.wait_for(rules.and_then(|rules| rules.open_or_next(self.since, now)));
    }

    fn wait_for(&mut self, window: Option<Window>) {
        self.next = window;
        self.due = window.map(|window| window.opens);
        self.attempt = None;
    }

    /// As a copy in another region has it: nothing is done there.
    pub(crate) fn of_copy(&self) -> Self {
        Self {
            due: None,
            attempt: None,
            ..self.clone()
        }
    }

    /// `RotationRules` as they are told: with the days between rotations, as far as they are known.
    pub(crate) fn told_rules(&self) -> Option<RotationRulesType> {
        let rules = self.rules.as_ref()?;
        let (days, duration, expression) = rules.given();
        let between = || {
            let next = self.next?.opens.seconds().div_euclid(DAY);
            let days = next - self.last?.seconds().div_euclid(DAY);
            Some(days).filter(|days| *days > 0)
        };
        Some(RotationRulesType {
            automatically_after_days: days.or_else(|| rules.days()).or_else(between),
            duration,
            schedule_expression: expression,
        })
    }

    /// `NextRotationDate`.
    pub(crate) fn told_next(&self) -> Option<Timestamp> {
        self.next.map(Window::last_instant)
    }
}

impl Secret {
    /// Whether a rotation is under way, or was left behind.
    pub(crate) fn is_being_rotated(&self) -> bool {
        let rotation = self.rotation.as_ref();
        rotation.is_some_and(|rotation| rotation.attempt.is_some())
            || self.versions.pending().is_some()
    }

    /// The version that is going to be current, if there is one: the name of its rotation.
    pub(crate) fn pending_token(&self) -> String {
        let attempt = self.rotation.as_ref().and_then(|it| it.attempt.as_ref());
        let pending = self.versions.pending();
        let token = attempt.map(|attempt| attempt.token.clone());
        token
            .or_else(|| pending.map(|version| version.id.clone()))
            .unwrap_or_default()
    }

    /// Begins a rotation to the version `token`, or a trial of the function; answers the ids of versions that this drops.
    pub(crate) fn begin_rotation(
        &mut self,
        token: &str,
        step: Step,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<String>, Failure> {
        let current = self.versions.labelled(CURRENT);
        let value = match (step, current) {
            (Step::Trial, Some(current)) => Valued::As(current.id.clone()),
            (_, _) => Valued::Not,
        };
        let dropped = self.versions.stage(token, now, value)?;
        if let Some(rotation) = &mut self.rotation {
            rotation.attempt = Some(Attempt::new(token, step, until));
            rotation.due = Some(now);
        }
        self.changed = now;
        Ok(dropped)
    }

    /// The step was done.
    pub(crate) fn advance_rotation(&mut self) {
        let rotation = self.rotation.as_mut();
        if let Some(attempt) = rotation.and_then(|rotation| rotation.attempt.as_mut()) {
            attempt.step = attempt.step.next();
        }
    }

    /// The last step was done.
    pub(crate) fn finish_rotation(&mut self, now: Timestamp) {
        if let Some(rotation) = &mut self.rotation {
            rotation.last = Some(now);
            rotation.since = now;
            rotation.plan(now);
        }
        self.changed = now;
    }

    /// A step failed: the whole rotation is tried again after a pause, or not before the next window.
    pub(crate) fn fail_rotation(&mut self, now: Timestamp) {
        let Some(rotation) = &mut self.rotation else {
            return;
        };
        let Some(attempt) = &mut rotation.attempt else {
            return;
        };
        let again = PAUSES.get(attempt.failures);
        let again = again.map(|pause| now.plus_seconds(*pause));
        let in_time = |again: &Timestamp| attempt.until.is_none_or(|until| *again < until);
        match again.filter(in_time) {
            Some(again) => {
                attempt.failures += 1;
                attempt.step = Step::Create;
                rotation.due = Some(again);
            }
            None => rotation.plan(now),
        }
    }

    /// As many functions run as may: the step is done a little later.
    pub(crate) fn delay_rotation(&mut self, until: Timestamp) {
        if let Some(rotation) = &mut self.rotation {
            rotation.due = Some(until);
        }
    }

    /// What is under way ends without having succeeded, and the next scheduled rotation is planned.
    pub(crate) fn leave_rotation(&mut self, now: Timestamp) {
        self.forget_trial();
        if let Some(rotation) = &mut self.rotation {
            rotation.plan(now);
        }
    }

    /// What is under way ends, and nothing is planned. The pending version stays.
    pub(crate) fn stop_rotation(&mut self) {
        self.forget_trial();
        if let Some(rotation) = &mut self.rotation {
            rotation.wait_for(None);
        }
    }

    fn forget_trial(&mut self) {
        let attempt = self.rotation.as_ref().and_then(|it| it.attempt.as_ref());
        let trial = attempt.filter(|attempt| attempt.step == Step::Trial);
        if let Some(token) = trial.map(|attempt| attempt.token.clone()) {
            self.versions.forget_stand_in(&token);
        }
    }

    /// Draws the consequences of a change that `before` underwent, with or without a version of a new value. Answers
    /// whether a rotation was abandoned by it.
    pub(crate) fn follow_change(
        &mut self,
        before: &Self,
        fresh: Option<&str>,
        now: Timestamp,
    ) -> bool {
        let Some(rotation) = &self.rotation else {
            return false;
        };
        let token = rotation
            .attempt
            .as_ref()
            .map(|attempt| attempt.token.clone());
        let by_hand = fresh
            .filter(|id| Some(*id) != token.as_deref())
            .is_some_and(|id| self.versions.is_current(id));
        let displaced = by_hand && self.versions.pending().is_some();
        if displaced {
            self.versions.unstage();
        }
        let lost = token.is_some_and(|token| {
            let version = self.versions.get(&token);
            version.is_none_or(|it| !it.labels.contains(PENDING) && !it.labels.contains(CURRENT))
        });
        let under_way = rotation.attempt.is_some() && !lost;
        let current = |secret: &Self| secret.versions.labelled(CURRENT).map(|it| it.id.clone());
        let moved = current(self) != current(before);
        if moved
            && !under_way
            && let Some(rotation) = &mut self.rotation
        {
            rotation.since = now;
        }
        if lost || (moved && !under_way) {
            self.leave_rotation(now);
        }
        displaced || lost
    }
}
