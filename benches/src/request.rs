//! Requests as an SDK sends them, signed once and sent as often as wanted.

use crate::Outcome;
use base::{Secret, Timestamp};
use bytes::Bytes;
use form_urlencoded::Serializer;
use serde_json::Value;
use sigv4::{Credentials, Signer, Unsigned};
use std::time::{SystemTime, UNIX_EPOCH};

/// The region of every request.
pub const REGION: &str = "us-east-1";
/// What every request is addressed to, wherever it is sent: it is signed.
const HOST: &str = "localhost:4566";
/// Headers of an SDK that it does not sign.
const UNSIGNED: &str = "Accept-Encoding: identity\r\n\
    User-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.2\r\n\
    amz-sdk-invocation-id: 3f0c2a5e-6f0c-4b3a-9d53-0d5c1a3f7e21\r\n\
    amz-sdk-request: attempt=1\r\n";

/// Whoever signs.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Id of the access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret<String>,
}

/// One call: a service, an operation and its input.
#[derive(Clone, Debug)]
pub struct Call {
    service: &'static str,
    target: Option<String>,
    body: String,
}

impl Call {
    /// An operation of KMS.
    pub fn kms(operation: &str, input: &Value) -> Self {
        Self {
            service: "kms",
            target: Some(format!("TrentService.{operation}")),
            body: input.to_string(),
        }
    }

    /// An operation of Secrets Manager.
    pub fn secretsmanager(operation: &str, input: &Value) -> Self {
        Self {
            service: "secretsmanager",
            target: Some(format!("secretsmanager.{operation}")),
            body: input.to_string(),
        }
    }

    /// An operation of Systems Manager.
    pub fn ssm(operation: &str, input: &Value) -> Self {
        Self {
            service: "ssm",
            target: Some(format!("AmazonSSM.{operation}")),
            body: input.to_string(),
        }
    }

    /// An operation of IAM.
    pub fn iam(operation: &str, input: &[(&str, &str)]) -> Self {
        Self::query("iam", operation, "2010-05-08", input)
    }

    /// An operation of STS.
    pub fn sts(operation: &str) -> Self {
        Self::query("sts", operation, "2011-06-15", &[])
    }

    fn query(
        service: &'static str,
        operation: &str,
        version: &str,
        input: &[(&str, &str)],
    ) -> Self {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", operation);
        form.append_pair("Version", version);
        form.extend_pairs(input);
        Self {
            service,
            target: None,
            body: form.finish(),
        }
    }

    /// The service, as credential scopes name it.
    pub fn service(&self) -> &'static str {
        self.service
    }

    fn content_type(&self) -> &'static str {
        match self.target {
            Some(_) => "application/x-amz-json-1.1",
            None => "application/x-www-form-urlencoded; charset=utf-8",
        }
    }
}

impl Caller {
    /// The bytes of `call`, signed now: good for five minutes.
    ///
    /// # Errors
    /// If the call cannot be signed.
    pub fn sign(&self, call: &Call) -> Outcome<Bytes> {
        let mut headers = vec![("content-type", call.content_type())];
        headers.extend(
            call.target
                .as_deref()
                .map(|target| ("x-amz-target", target)),
        );
        let credentials = Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            session_token: None,
        };
        let signed = Signer::new(credentials, REGION, call.service, now()).sign(&Unsigned {
            method: "POST",
            host: HOST,
            path: "/",
            query: "",
            headers: &headers,
            body: call.body.as_bytes(),
        });
        let signed = signed.map_err(|refusal| refusal.message())?;
        let own = signed
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        headers.extend(own);
        Ok(bytes(&headers, &call.body).into())
    }
}

fn bytes(headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\n{UNSIGNED}");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// This machine's time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    Timestamp::from_seconds(seconds.try_into().unwrap_or(i64::MAX))
}
