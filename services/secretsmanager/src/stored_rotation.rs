//! The stored form of a secret's rotation.

use base::{Secret as Hidden, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rotation::{Attempt, Rotation, Step};
use crate::schedule::{Given, Rules, Window};

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredRotation {
    enabled: bool,
    function: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<StoredRules>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<i64>,
    since: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<(i64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<i64>,
    asked: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<StoredAttempt>,
}

#[derive(Serialize, Deserialize)]
struct StoredRules {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StoredAttempt {
    token: String,
    rotation_token: String,
    step: StoredStep,
    failures: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStep {
    Create,
    Set,
    Test,
    Finish,
    Trial,
}

impl StoredRotation {
    pub(crate) fn of(rotation: &Rotation) -> Self {
        Self {
            enabled: rotation.enabled,
            function: rotation.function.to_string(),
            rules: rotation.rules.as_ref().map(StoredRules::of),
            last: rotation.last.map(Timestamp::micros),
            since: rotation.since.micros(),
            next: rotation
                .next
                .map(|next| (next.opens.micros(), next.closes.micros())),
            due: rotation.due.map(Timestamp::micros),
            asked: rotation.asked.clone(),
            attempt: rotation.attempt.as_ref().map(StoredAttempt::of),
        }
    }

    /// `None` where it is not what was stored.
    pub(crate) fn read(self) -> Option<Rotation> {
        Some(Rotation {
            enabled: self.enabled,
            function: self.function.parse().ok()?,
            rules: match self.rules {
                Some(rules) => Some(rules.read()?),
                None => None,
            },
            last: self.last.map(Timestamp::from_micros),
            since: Timestamp::from_micros(self.since),
            next: self.next.map(|(opens, closes)| Window {
                opens: Timestamp::from_micros(opens),
                closes: Timestamp::from_micros(closes),
            }),
            due: self.due.map(Timestamp::from_micros),
            asked: self.asked,
            attempt: self.attempt.map(StoredAttempt::read),
        })
    }
}

impl StoredRules {
    fn of(rules: &Rules) -> Self {
        let (days, duration, expression) = rules.given();
        Self {
            days,
            duration,
            expression,
            from: rules.counted_from().map(Timestamp::micros),
        }
    }

    fn read(&self) -> Option<Rules> {
        let given = Given {
            days: self.days,
            duration: self.duration.as_deref(),
            expression: self.expression.as_deref(),
        };
        let from = Timestamp::from_micros(self.from.unwrap_or_default());
        Rules::accepted(given, from).ok()
    }
}

impl StoredAttempt {
    fn of(attempt: &Attempt) -> Self {
        Self {
            token: attempt.token.clone(),
            rotation_token: attempt.rotation_token.expose().clone(),
            step: match attempt.step {
                Step::Create => StoredStep::Create,
                Step::Set => StoredStep::Set,
                Step::Test => StoredStep::Test,
                Step::Finish => StoredStep::Finish,
                Step::Trial => StoredStep::Trial,
            },
            failures: attempt.failures,
            until: attempt.until.map(Timestamp::micros),
        }
    }

    fn read(self) -> Attempt {
        Attempt {
            token: self.token,
            rotation_token: Hidden::new(self.rotation_token),
            step: match self.step {
                StoredStep::Create => Step::Create,
                StoredStep::Set => Step::Set,
                StoredStep::Test => Step::Test,
                StoredStep::Finish => Step::Finish,
                StoredStep::Trial => Step::Trial,
            },
            failures: self.failures,
            until: self.until.map(Timestamp::from_micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let now = Timestamp::from_seconds(90_000);
        let given = Given {
            duration: Some("2h"),
            expression: Some("rate(8 hours)"),
            ..Given::default()
        };
        let rules = Rules::read(given, now).unwrap();
        let mut rotation = Rotation {
            enabled: true,
            function: "arn:aws:lambda:us-east-1:111122223333:function:f"
                .parse()
                .unwrap(),
            next: rules.next(now, now),
            rules: Some(rules),
            last: Some(Timestamp::from_seconds(1)),
            since: Timestamp::from_seconds(2),
            due: Some(Timestamp::from_seconds(3)),
            asked: "t".into(),
            attempt: Some(Attempt {
                token: "t".into(),
                rotation_token: Hidden::new("r".into()),
                step: Step::Finish,
                failures: 1,
                until: Some(Timestamp::from_seconds(4)),
            }),
        };
        let stored = r#"{"enabled":true,"function":"arn:aws:lambda:us-east-1:111122223333:function:f","rules":{"duration":"2h","expression":"rate(8 hours)","from":86400000000},"last":1000000,"since":2000000,"next":[115200000000,122400000000],"due":3000000,"asked":"t","attempt":{"token":"t","rotation_token":"r","step":"finish","failures":1,"until":4000000}}"#;
        let written = serde_json::to_string(&StoredRotation::of(&rotation)).unwrap();
        assert_eq!(written, stored);
        let read: StoredRotation = serde_json::from_str(stored).unwrap();
        assert_eq!(read.read().unwrap(), rotation);
        let given = Given {
            days: Some(30),
            ..Given::default()
        };
        rotation = Rotation {
            rules: Some(Rules::read(given, now).unwrap()),
            last: None,
            next: None,
            due: None,
            attempt: None,
            ..rotation
        };
        let stored = r#"{"enabled":true,"function":"arn:aws:lambda:us-east-1:111122223333:function:f","rules":{"days":30},"since":2000000,"asked":"t"}"#;
        let written = serde_json::to_string(&StoredRotation::of(&rotation)).unwrap();
        assert_eq!(written, stored);
        let read: StoredRotation = serde_json::from_str(stored).unwrap();
        assert_eq!(read.read().unwrap(), rotation);
    }

    #[test]
    fn what_is_not_its_form() {
        for rules in [r#"{"days":1,"expression":"rate(1 day)"}"#, "{}"] {
            let stored = format!(
                r#"{{"enabled":true,"function":"arn:aws:lambda:r:1:f","rules":{rules},"since":0,"asked":""}}"#
            );
            let read: StoredRotation = serde_json::from_str(&stored).unwrap();
            assert_eq!(read.read(), None, "{rules}");
        }
    }
}
