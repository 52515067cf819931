//! What shall become of a parameter in time: that it expires, and who is told before, or that it was left unchanged.
//!
//! AWS document: AWS Systems Manager User Guide, "Assigning parameter policies in Parameter Store".

use base::Timestamp;
use pipeline::Failure;
use serde::{Deserialize, Serialize};
use ssm_api::shapes::ParameterInlinePolicy;

use crate::errors;
use crate::limits::POLICIES;

/// The one version that policies have.
const VERSION: &str = "1.0";
/// More days or hours than anybody waits.
const LONGEST: u32 = 100_000;

/// One policy, as its parameter has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParameterPolicy {
    kind: Kind,
    /// Whether it has done what it is for: `Finished`, and before that `Pending`.
    pub(crate) finished: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// The parameter is deleted at an instant. The text is the caller's own.
    Expiration { at: Timestamp, text: String },
    /// An event this long before that.
    ExpirationNotification(Span),
    /// An event this long after the last change.
    NoChangeNotification(Span),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    number: u32,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Unit {
    Days,
    Hours,
}

/// One policy as callers write it; the order of its members is that of AWS's own texts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Written<A> {
    r#type: String,
    version: String,
    attributes: A,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Expiring {
    timestamp: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Before {
    before: String,
    unit: Unit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct After {
    after: String,
    unit: Unit,
}

/// Reads `Policies` of PutParameter, as of `now`. An empty list, or AWS's `[{}]`, is none.
pub(crate) fn read(text: &str, now: Timestamp) -> Result<Vec<ParameterPolicy>, Failure> {
    let list: Vec<serde_json::Value> =
        serde_json::from_str(text).map_err(|_| errors::policies_no_list())?;
    if let [serde_json::Value::Object(only)] = list.as_slice()
        && only.is_empty()
    {
        return Ok(Vec::new());
    }
    if list.len() > POLICIES {
        return Err(errors::too_many_parameter_policies());
    }
    let mut policies = Vec::new();
    for written in list {
        let kind = Kind::read(written)?;
        if matches!(kind, Kind::Expiration { at, .. } if at <= now) {
            return Err(errors::expiration_in_the_past());
        }
        policies.push(ParameterPolicy {
            kind,
            finished: false,
        });
    }
    check_together(&policies)?;
    Ok(policies)
}

/// Refuses what cannot be obeyed together: two ends, or notice of an end that never comes.
fn check_together(policies: &[ParameterPolicy]) -> Result<(), Failure> {
    let ends = policies.iter().filter(|policy| policy.expires());
    let notices = policies
        .iter()
        .any(|policy| matches!(policy.kind, Kind::ExpirationNotification(_)));
    match ends.count() {
        0 if notices => Err(errors::notification_without_expiration()),
        0 | 1 => Ok(()),
        _ => Err(errors::two_expirations()),
    }
}

/// The policies of a version that its caller gave none, after those of the version before. AWS: a change of the parameter
/// moves no expiration, and begins the wait for changes anew.
pub(crate) fn carried_over(before: &[ParameterPolicy]) -> Vec<ParameterPolicy> {
    let anew = |policy: &ParameterPolicy| ParameterPolicy {
        kind: policy.kind.clone(),
        finished: policy.finished && !matches!(policy.kind, Kind::NoChangeNotification(_)),
    };
    before.iter().map(anew).collect()
}

/// When this policy of a version of these policies, made at `modified`, is due; none where it is finished.
pub(crate) fn due(
    policy: &ParameterPolicy,
    all: &[ParameterPolicy],
    modified: Timestamp,
) -> Option<Timestamp> {
    if policy.finished {
        return None;
    }
    match &policy.kind {
        Kind::Expiration { at, .. } => Some(*at),
        Kind::NoChangeNotification(after) => Some(modified.plus_seconds(after.seconds())),
        Kind::ExpirationNotification(before) => {
            let end = all.iter().find_map(ParameterPolicy::end)?;
            Some(end.plus_seconds(-before.seconds()))
        }
    }
}

impl ParameterPolicy {
    /// Whether it deletes its parameter.
    pub(crate) fn expires(&self) -> bool {
        self.end().is_some()
    }

    fn end(&self) -> Option<Timestamp> {
        match self.kind {
            Kind::Expiration { at, .. } => Some(at),
            Kind::ExpirationNotification(_) | Kind::NoChangeNotification(_) => None,
        }
    }

    /// `PolicyType`
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Expiration { .. } => "Expiration",
            Kind::ExpirationNotification(_) => "ExpirationNotification",
            Kind::NoChangeNotification(_) => "NoChangeNotification",
        }
    }

    /// `PolicyText`
    pub(crate) fn text(&self) -> String {
        match &self.kind {
            Kind::Expiration { text, .. } => self.written(Expiring {
                timestamp: text.clone(),
            }),
            Kind::ExpirationNotification(span) => self.written(Before {
                before: span.number.to_string(),
                unit: span.unit,
            }),
            Kind::NoChangeNotification(span) => self.written(After {
                after: span.number.to_string(),
                unit: span.unit,
            }),
        }
    }

    fn written(&self, attributes: impl Serialize) -> String {
        let written = Written {
            r#type: self.name().to_owned(),
            version: VERSION.to_owned(),
            attributes,
        };
        // A form of strings always has JSON; a text without a body never loads.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// As replies tell it.
    pub(crate) fn told(&self) -> ParameterInlinePolicy {
        let status = if self.finished { "Finished" } else { "Pending" };
        ParameterInlinePolicy {
            policy_text: Some(self.text()),
            policy_type: Some(self.name().to_owned()),
            policy_status: Some(status.to_owned()),
        }
    }
}

impl Kind {
    fn read(written: serde_json::Value) -> Result<Self, Failure> {
        let name = written.get("Type").and_then(serde_json::Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        match &*name {
            "Expiration" => {
                let text = attributes::<Expiring>(&name, written)?.timestamp;
                let at = instant(&text).ok_or_else(|| errors::invalid_policy(&name))?;
                Ok(Self::Expiration { at, text })
            }
            "ExpirationNotification" => {
                let Before { before, unit } = attributes(&name, written)?;
                Span::read(&name, &before, unit).map(Self::ExpirationNotification)
            }
            "NoChangeNotification" => {
                let After { after, unit } = attributes(&name, written)?;
                Span::read(&name, &after, unit).map(Self::NoChangeNotification)
            }
            _ => Err(errors::no_such_policy_type(&name)),
        }
    }
}

fn attributes<A: for<'de> Deserialize<'de>>(
    name: &str,
    written: serde_json::Value,
) -> Result<A, Failure> {
    let written: Option<Written<A>> = serde_json::from_value(written).ok();
    let written = written.filter(|written| written.version == VERSION);
    let written = written.ok_or_else(|| errors::invalid_policy(name))?;
    Ok(written.attributes)
}

/// Reads Java's `ISO_INSTANT` and `ISO_OFFSET_DATE_TIME`, which have no name of a time zone.
fn instant(text: &str) -> Option<Timestamp> {
    let plain = !text.contains(['[', ' ']);
    plain.then(|| Timestamp::parse_rfc3339(text).ok())?
}

impl Span {
    fn read(name: &str, number: &str, unit: Unit) -> Result<Self, Failure> {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| number.parse().ok()).flatten();
        let number = number.filter(|number| (1..=LONGEST).contains(number));
        let number = number.ok_or_else(|| errors::invalid_policy(name))?;
        Ok(Self { number, unit })
    }

    fn seconds(self) -> i64 {
        let unit = match self.unit {
            Unit::Days => 86_400,
            Unit::Hours => 3_600,
        };
        i64::from(self.number) * unit
    }
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredPolicy {
    text: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    finished: bool,
}

impl StoredPolicy {
    pub(crate) fn of(policy: &ParameterPolicy) -> Self {
        Self {
            text: policy.text(),
            finished: policy.finished,
        }
    }

    pub(crate) fn read(self) -> Option<ParameterPolicy> {
        let written = serde_json::from_str(&self.text).ok()?;
        Some(ParameterPolicy {
            kind: Kind::read(written).ok()?,
            finished: self.finished,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &str = r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2026-12-02T21:34:33.000Z"}}"#;

    fn code(text: &str) -> String {
        let now = Timestamp::parse_rfc3339("2026-11-23T06:38:13Z").unwrap();
        match read(text, now) {
            Ok(policies) => format!("{} good", policies.len()),
            Err(Failure::Fault(fault)) => fault.facts.code.to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn notice(attributes: &str) -> String {
        format!(r#"{{"Type":"ExpirationNotification","Version":"1.0","Attributes":{attributes}}}"#)
    }

    #[test]
    fn what_callers_write() {
        let before = notice(r#"{"Before":"15","Unit":"Days"}"#);
        let unchanged = r#"{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Hours"}}"#;
        let at = |time: &str| format!("[{}]", END.replace("2026-12-02T21:34:33.000Z", time));
        let wrong = "InvalidPolicyAttributeException";
        for (text, answer) in [
            ("[]".to_owned(), "0 good"),
            ("[{}]".to_owned(), "0 good"),
            (format!("[{END},{before},{before},{unchanged}]"), "4 good"),
            (at("2026-12-01T22:13:48.87+10:30"), "1 good"),
            (at("2026-12-01T22:13:48Z"), "1 good"),
            (at("2026-12-01T22:13:48"), wrong),
            (at("2026-12-01"), wrong),
            (at("2026-11-23T06:38:13Z"), wrong),
            (at("2026-12-01T22:13:48+01:00[Europe/Paris]"), wrong),
            ("{}".to_owned(), wrong),
            ("x".to_owned(), wrong),
            (format!("[{END},{{}}]"), "InvalidPolicyTypeException"),
            ("[1]".to_owned(), "InvalidPolicyTypeException"),
            (
                r#"[{"Type":"Rotation"}]"#.to_owned(),
                "InvalidPolicyTypeException",
            ),
            (r#"[{"Type":"Expiration"}]"#.to_owned(), wrong),
            (format!("[{}]", END.replace("1.0", "2.0")), wrong),
            (format!("[{END},{END}]"), "IncompatiblePolicyException"),
            (format!("[{before}]"), "IncompatiblePolicyException"),
            (
                format!("[{}]", [unchanged; 11].join(",")),
                "PoliciesLimitExceededException",
            ),
            (format!("[{}]", [unchanged; 10].join(",")), "10 good"),
        ] {
            assert_eq!(code(&text), answer, "{text}");
        }
        for attributes in [
            r#"{"Before":"0","Unit":"Days"}"#,
            r#"{"Before":"-1","Unit":"Days"}"#,
            r#"{"Before":"+1","Unit":"Days"}"#,
            r#"{"Before":"","Unit":"Days"}"#,
            r#"{"Before":"100001","Unit":"Days"}"#,
            r#"{"Before":1,"Unit":"Days"}"#,
            r#"{"Before":"1","Unit":"Weeks"}"#,
            r#"{"After":"1","Unit":"Days"}"#,
            r#"{"Before":"1","Unit":"Days","More":"1"}"#,
            r#"{"Before":"1"}"#,
        ] {
            assert_eq!(
                code(&format!("[{END},{}]", notice(attributes))),
                wrong,
                "{attributes}"
            );
        }
    }

    #[test]
    fn texts_stay_as_they_were_written() {
        let text = format!("[{END}]");
        let policies = read(&text, Timestamp::from_seconds(0)).unwrap();
        assert_eq!(policies[0].text(), END);
        let stored = StoredPolicy::of(&policies[0]);
        assert_eq!(stored.read().as_ref(), Some(&policies[0]));
    }
}
