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

/// What a session was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issued {
    /// Session policies that were sent along.
    pub(crate) policies: Vec<Document>,
    /// ARNs of managed policies that are session policies.
    pub(crate) policy_arns: Vec<String>,
    /// Session tags that were sent along.
    pub(crate) tags: Tags,
    /// Whether a session issued it, whose tags may have been passed on.
    pub(crate) chained: bool,
}

/// Finds how the credentials that made a recorded call were issued; `None` where no record tells it.
pub(crate) async fn find(core: &Core, asked: &Asked) -> Result<Option<Issued>, Failure> {
    let (Some(key), Some(at)) = (&asked.access_key_id, asked.instant()) else {
        return Ok(None);
    };
    let wanted = key.clone();
    let matches = move |event: &Value| {
        let handed_out = event.pointer("/responseElements/credentials/accessKeyId");
        let by_sts = event.pointer("/eventSource").and_then(Value::as_str);
        by_sts == Some("sts.amazonaws.com") && handed_out.and_then(Value::as_str) == Some(&wanted)
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
    Ok(found.first().and_then(|found| read(&found.event)))
}

/// `None` where the record does not hold all of it.
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
    let tags = list("tags")?;
    let mut given = Tags::default();
    for tag in &tags {
        given.set(text(tag, "key")?, text(tag, "value")?);
    }
    Some(Issued {
        policies: inline.into_iter().collect(),
        policy_arns: arns.collect::<Option<_>>()?,
        tags: given,
        chained: event.pointer("/userIdentity/sessionContext").is_some(),
    })
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
            "userIdentity": {"sessionContext": {}},
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
        assert!(issued.chained);
        let plain = read(&json!({"userIdentity": {}, "requestParameters": {}})).unwrap();
        assert!(plain.policies.is_empty() && !plain.chained);
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
