//! What a session was given when it began, as the record of the call tells that issued its credentials.
//!
//! The session itself lives in its token, which nobody keeps; but the record of AssumeRole or GetFederationToken names
//! the access key that it handed out, and has the session policies and tags among its parameters.

use base::{Tags, Timestamp};
use identity::Document;
use pipeline::Core;
use pipeline::audit::Query;
use policy::Grammar;
use serde_json::Value;

use super::asked::Asked;
use crate::failure::Failure;

/// No session lasts longer. AWS document: AWS STS API Reference, "GetFederationToken", DurationSeconds.
const LONGEST_SECONDS: i64 = 36 * 3_600;

/// Sessions that may have issued one another; each lasts an hour at most.
const LONGEST_CHAIN: usize = 40;

/// What a session was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issued {
    /// Session policies that were sent along.
    pub(crate) policies: Vec<Document>,
    /// ARNs of managed policies that are session policies.
    pub(crate) policy_arns: Vec<String>,
    /// Session tags: those sent along, and those that the session which issued it passed on.
    pub(crate) tags: Tags,
    /// Those of them that pass on to the next session.
    transitive: Tags,
    /// Whether a session issued it of whose beginning nothing is known: then tags may have been passed on.
    pub(crate) unknown_chain: bool,
}

impl Issued {
    /// The same issued by a session that had been given `before`.
    fn after(mut self, before: Option<&Self>) -> Self {
        self.unknown_chain = before.is_none_or(|before| before.unknown_chain);
        for tag in before
            .into_iter()
            .flat_map(|before| before.transitive.iter())
        {
            self.tags.set(&tag.key, &tag.value);
            self.transitive.set(&tag.key, &tag.value);
        }
        self
    }
}

/// Finds how the credentials that made a recorded call were issued; `None` where no record tells it.
pub(crate) async fn find(core: &Core, asked: &Asked) -> Result<Option<Issued>, Failure> {
    let mut next = asked.access_key_id.clone().zip(asked.instant());
    let mut chain = Vec::new();
    while let (Some((key, at)), true) = (next.take(), chain.len() < LONGEST_CHAIN) {
        let Some(event) = record(core, key, at).await? else {
            break;
        };
        next = issuer(&event);
        chain.push(event);
    }
    Ok(whole(&chain))
}

/// The record of the call that handed out this access key, which was used at this time.
async fn record(core: &Core, key: String, at: Timestamp) -> Result<Option<Value>, Failure> {
    let matches = move |event: &Value| {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let handed_out = text("/responseElements/credentials/accessKeyId");
        // The record in the account of the role does not say who assumed it.
        text("/eventSource") == Some("sts.amazonaws.com")
            && handed_out == Some(&key)
            && text("/userIdentity/arn").is_some()
    };
    let query = Query {
        from: Some(at.plus_seconds(-LONGEST_SECONDS)),
        // Records tell whole seconds.
        to: Some(at.plus_seconds(1)),
        matches: Some(Box::new(matches)),
        limit: 1,
        ..Query::default()
    };
    let found = core.trail.find(&core.records, &query).await;
    let found = found.map_err(Failure::Pipeline)?;
    Ok(found.into_iter().next().map(|found| found.event))
}

/// The access key of the session that issued another one, and when; none where no session did.
fn issuer(event: &Value) -> Option<(String, Timestamp)> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    event.pointer("/userIdentity/sessionContext")?;
    let at = Timestamp::parse_rfc3339(text("/eventTime")?).ok()?;
    Some((text("/userIdentity/accessKeyId")?.to_owned(), at))
}

/// What the first of these sessions has, each of which was issued by the next.
fn whole(chain: &[Value]) -> Option<Issued> {
    let mut before = None;
    for event in chain.iter().rev() {
        let given = read(event);
        let chained = event.pointer("/userIdentity/sessionContext").is_some();
        before = match chained {
            true => given.map(|given| given.after(before.as_ref())),
            false => given,
        };
    }
    before
}

/// What came with the call; `None` where the record does not hold all of it.
fn read(event: &Value) -> Option<Issued> {
    let parameters = event.pointer("/requestParameters")?;
    let inline = match parameters.get("policy") {
        None | Some(Value::Null) => None,
        Some(text) => Some(Document::parse(text.as_str()?, Grammar::Session).ok()?),
    };
    let list = |name: &str| match parameters.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => list.as_array().cloned(),
    };
    let text = |value: &Value, member: &str| value.get(member)?.as_str().map(str::to_owned);
    let arns = list("policyArns")?;
    let arns = arns.iter().map(|it| text(it, "arn"));
    let mut issued = Issued {
        policies: inline.into_iter().collect(),
        policy_arns: arns.collect::<Option<_>>()?,
        ..Issued::default()
    };
    for tag in &list("tags")? {
        issued.tags.set(text(tag, "key")?, text(tag, "value")?);
    }
    for key in &list("transitiveTagKeys")? {
        let value = issued.tags.get_ignoring_case(key.as_str()?)?.to_owned();
        issued.transitive.set(key.as_str()?, value);
    }
    Some(issued)
}

impl Asked {
    /// When the call was made, if one was recorded.
    fn instant(&self) -> Option<Timestamp> {
        Timestamp::parse_rfc3339(self.at.as_deref()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

    #[test]
    fn a_record_tells_what_a_session_was_given() {
        let issued = read(&json!({
            "requestParameters": {
                "policy": POLICY, "policyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
                "tags": [{"key": "Team", "value": "red"}],
            },
        }));
        let issued = issued.unwrap();
        assert_eq!(issued.policies[0].text(), POLICY);
        assert_eq!(
            issued.policy_arns,
            ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
        );
        assert_eq!(issued.tags.get("Team"), Some("red"));
        let plain = read(&json!({"requestParameters": {}})).unwrap();
        assert!(plain.policies.is_empty() && plain.tags.is_empty());
    }

    fn assuming(chained: bool, tags: Value, transitive: Value) -> Value {
        let mut event = json!({
            "userIdentity": {"arn": "a"},
            "requestParameters": {"tags": tags, "transitiveTagKeys": transitive},
        });
        if chained {
            event["userIdentity"]["sessionContext"] = json!({});
        }
        event
    }

    #[test]
    fn transitive_tags_pass_on_through_every_session() {
        let tag = |key: &str| json!([{"key": key, "value": "v"}]);
        let first = assuming(
            false,
            json!([{"key": "Team", "value": "red"}, {"key": "Stays", "value": "v"}]),
            json!(["team"]),
        );
        let second = assuming(true, tag("Own"), json!([]));
        let third = assuming(true, json!([]), Value::Null);
        let issued = whole(&[third.clone(), second.clone(), first]).unwrap();
        assert_eq!(issued.tags.iter().count(), 1);
        assert_eq!(issued.tags.get_ignoring_case("Team"), Some("red"));
        assert!(!issued.unknown_chain);
        let unknown = whole(&[third, second]).unwrap();
        assert!(unknown.unknown_chain && unknown.tags.is_empty());
        let broken = assuming(false, tag("Team"), json!(["Other"]));
        let after = whole(&[assuming(true, json!([]), Value::Null), broken]).unwrap();
        assert!(after.unknown_chain);
    }

    /// What is not whole is not taken for the whole.
    #[test]
    fn a_record_that_lacks_something_tells_nothing() {
        for parameters in [
            json!({"policy": "{\"Statement\": ..."}),
            json!({"policy": 7}),
            json!({"policyArns": "all"}),
            json!({"policyArns": [{}]}),
            json!({"tags": [{"key": "Team"}]}),
        ] {
            let event = json!({"requestParameters": parameters});
            assert!(read(&event).is_none(), "{event}");
        }
        assert!(read(&json!({})).is_none());
    }
}
