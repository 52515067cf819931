//! What Secrets Manager hands to a rotation function.
//!
//! Source: AWS Secrets Manager User Guide, "Lambda rotation functions".

use serde::Deserialize;

use crate::failure::Failure;

/// Bytes of an event; what Secrets Manager sends has some hundreds.
const EVENT_BYTES: usize = 64 * 1024;

/// The part of a rotation that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Step {
    /// Make the new version.
    #[serde(rename = "createSecret")]
    Create,
    /// Make the database accept it.
    #[serde(rename = "setSecret")]
    Set,
    /// Use it.
    #[serde(rename = "testSecret")]
    Test,
    /// Make it the current one.
    #[serde(rename = "finishSecret")]
    Finish,
}

/// One step of one rotation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Event {
    pub(crate) step: Step,
    pub(crate) secret_id: String,
    /// The id of the version that becomes the new one.
    pub(crate) client_request_token: String,
}

impl Event {
    /// Reads JSON.
    ///
    /// # Errors
    /// Anything that is not the event of a rotation.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        if bytes.len() > EVENT_BYTES {
            return Err(Failure::Event("it is too long"));
        }
        let refused = "it needs SecretId, ClientRequestToken, and a Step of the four there are";
        serde_json::from_slice(bytes).map_err(|_| Failure::Event(refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events() {
        let event =
            br#"{"Step":"setSecret","SecretId":"s","ClientRequestToken":"t","RotationToken":"r"}"#;
        let event = Event::parse(event).unwrap();
        assert_eq!(
            (event.step, &*event.secret_id, &*event.client_request_token),
            (Step::Set, "s", "t")
        );
        for refused in [
            "",
            "{}",
            "[]",
            r#"{"Step":"dropSecret","SecretId":"s","ClientRequestToken":"t"}"#,
        ] {
            assert!(Event::parse(refused.as_bytes()).is_err(), "{refused}");
        }
        assert_eq!(
            Event::parse(&[b' '; EVENT_BYTES + 1]),
            Err(Failure::Event("it is too long"))
        );
    }
}
