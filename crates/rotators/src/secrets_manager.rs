//! Secrets Manager as any client sees it: signed calls over the wire, with the execution role's credentials.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base::{Secret, Timestamp};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use rustls::pki_types::ServerName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sigv4::{Credentials, Signed, Signer, Unsigned};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::authorities;
use crate::failure::Failure;
use crate::http::{self, Answer};
use crate::settings::Settings;

const SERVICE: &str = "secretsmanager";
const JSON: &str = "application/x-amz-json-1.1";
/// Of one call, from the search for the host to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(10);

/// Staging labels.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The version that a rotation makes.
pub(crate) const PENDING: &str = "AWSPENDING";
/// The version before the current one.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// The client.
pub(crate) struct SecretsManager<'a> {
    settings: &'a Settings,
    /// None where the endpoint is without TLS.
    tls: Option<TlsConnector>,
}

/// What `DescribeSecret` says that a rotation needs.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    #[serde(rename = "ARN")]
    pub(crate) arn: String,
    pub(crate) rotation_enabled: Option<bool>,
    #[serde(default)]
    pub(crate) version_ids_to_stages: BTreeMap<String, Vec<String>>,
}

impl Described {
    /// Whether a version bears a label.
    pub(crate) fn bears(&self, version: &str, label: &str) -> bool {
        let labels = self.version_ids_to_stages.get(version);
        labels.is_some_and(|labels| labels.iter().any(|each| each == label))
    }

    /// The version that bears a label.
    pub(crate) fn bearer(&self, label: &str) -> Option<&str> {
        let mut versions = self.version_ids_to_stages.keys();
        versions
            .find(|version| self.bears(version, label))
            .map(String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Held {
    secret_string: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Random {
    random_password: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type", default)]
    code: String,
    #[serde(alias = "Message", default)]
    message: String,
}

impl<'a> SecretsManager<'a> {
    /// A client of the endpoint that the environment names.
    ///
    /// # Errors
    /// Authorities that cannot be read.
    pub(crate) fn new(settings: &'a Settings) -> Result<Self, Failure> {
        let tls = settings.endpoint.tls;
        let tls = tls.then(|| authorities::vouched(&settings.authorities));
        let tls = tls.transpose().map_err(Failure::Environment)?;
        Ok(Self { settings, tls })
    }

    pub(crate) async fn describe(&self, secret: &str) -> Result<Described, Failure> {
        self.call("DescribeSecret", &json!({"SecretId": secret}))
            .await
    }

    /// The text of the version with this label, and this id if one is given; none if there is no such version.
    pub(crate) async fn value(
        &self,
        secret: &str,
        label: &'static str,
        version: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let mut asked = json!({"SecretId": secret, "VersionStage": label});
        if let (Some(version), Some(fields)) = (version, asked.as_object_mut()) {
            fields.insert("VersionId".to_owned(), version.into());
        }
        let held: Result<Held, Failure> = self.call("GetSecretValue", &asked).await;
        let held = match held {
            Err(Failure::Refused { code, .. }) if code == "ResourceNotFoundException" => {
                return Ok(None);
            }
            other => other?,
        };
        let reason = "it is not text".to_owned();
        let unreadable = Failure::Credentials {
            stage: label,
            reason,
        };
        held.secret_string.map(Some).ok_or(unreadable)
    }

    pub(crate) async fn random_password(&self) -> Result<Secret<String>, Failure> {
        let rules = serde_json::to_value(&self.settings.passwords);
        let rules = rules.map_err(|error| Failure::Environment(error.to_string()))?;
        let random: Random = self.call("GetRandomPassword", &rules).await?;
        Ok(Secret::new(random.random_password))
    }

    /// Puts a pending version.
    pub(crate) async fn put_pending(
        &self,
        secret: &str,
        version: &str,
        value: &Secret<String>,
    ) -> Result<(), Failure> {
        let body = Put {
            secret_id: secret,
            client_request_token: version,
            secret_string: value.expose(),
            version_stages: [PENDING],
        };
        let _: Value = self.call("PutSecretValue", &body).await?;
        Ok(())
    }

    /// Moves `AWSCURRENT`.
    pub(crate) async fn make_current(
        &self,
        secret: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<(), Failure> {
        let mut asked = json!({"SecretId": secret, "VersionStage": CURRENT, "MoveToVersionId": to});
        if let (Some(from), Some(fields)) = (from, asked.as_object_mut()) {
            fields.insert("RemoveFromVersionId".to_owned(), from.into());
        }
        let _: Value = self.call("UpdateSecretVersionStage", &asked).await?;
        Ok(())
    }

    async fn call<O: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &impl serde::Serialize,
    ) -> Result<O, Failure> {
        let silent = |reason: String| Failure::NoAnswer { operation, reason };
        let body =
            serde_json::to_vec(body).map_err(|_| silent("the request is not JSON".into()))?;
        let request = self
            .request(operation, Zeroizing::new(body))
            .ok_or_else(|| silent("the request cannot be signed".to_owned()))?;
        let answered = timeout(WITHIN, self.exchange(request)).await;
        let answer = answered.unwrap_or(Err("it took too long".to_owned()));
        read(operation, &answer.map_err(silent)?)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let endpoint = &self.settings.endpoint;
        let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await;
        let stream = stream.map_err(|error| error.to_string())?;
        let Some(tls) = &self.tls else {
            return http::exchange(stream, request).await;
        };
        let name =
            ServerName::try_from(endpoint.host.clone()).map_err(|error| error.to_string())?;
        let stream = tls.connect(name, stream).await;
        http::exchange(stream.map_err(|error| error.to_string())?, request).await
    }

    fn request(&self, operation: &str, body: Zeroizing<Vec<u8>>) -> Option<Request<Full<Bytes>>> {
        let target = format!("{SERVICE}.{operation}");
        let authority = &self.settings.endpoint.authority;
        let headers = [("content-type", JSON), ("x-amz-target", target.as_str())];
        let signed = self.signed(authority, &headers, &body)?;
        let mut request = Request::post("/")
            .header(HOST, authority)
            .header(CONTENT_TYPE, JSON)
            .header("x-amz-target", &target)
            .header(CONTENT_LENGTH, body.len());
        for (name, value) in signed.headers {
            let mut value = HeaderValue::try_from(value).ok()?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        request.body(Full::new(Bytes::from_owner(body))).ok()
    }

    fn signed(&self, host: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Signed> {
        let role = &self.settings.role;
        let credentials = Credentials {
            access_key_id: &role.access_key_id,
            secret_access_key: role.secret_access_key.expose(),
            session_token: role
                .session_token
                .as_ref()
                .map(|token| token.expose().as_str()),
        };
        let signer = Signer::new(credentials, &self.settings.region, SERVICE, now());
        let unsigned = Unsigned {
            method: "POST",
            host,
            path: "/",
            query: "",
            headers,
            body,
        };
        signer.sign(&unsigned).ok()
    }
}

/// The request of `PutSecretValue`.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Put<'a> {
    secret_id: &'a str,
    client_request_token: &'a str,
    secret_string: &'a str,
    version_stages: [&'static str; 1],
}

fn read<O: DeserializeOwned>(operation: &'static str, answer: &Answer) -> Result<O, Failure> {
    let silent = |reason: &str| Failure::NoAnswer {
        operation,
        reason: reason.to_owned(),
    };
    let body = answer.body.expose();
    if answer.status.is_success() {
        return serde_json::from_slice(body).map_err(|_| silent("it is not one"));
    }
    let refusal: Refusal = serde_json::from_slice(body)
        .map_err(|_| silent(&format!("HTTP {} without an error", answer.status.as_u16())))?;
    let code = refusal.code.rsplit('#').next().unwrap_or_default();
    Err(Failure::Refused {
        operation,
        code: code.to_owned(),
        message: refusal.message,
    })
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map(|since| since.as_secs()).unwrap_or_default();
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, StatusCode};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Secret::new(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn refusals_are_read() {
        let refused = r#"{"__type":"com.amazon#AccessDeniedException","Message":"no"}"#;
        let failure = read::<Value>("GetSecretValue", &answer(400, refused)).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "GetSecretValue: AccessDeniedException: no"
        );
        let failure = read::<Value>("GetSecretValue", &answer(502, "<html>")).unwrap_err();
        let expected = "GetSecretValue: no answer from Secrets Manager: HTTP 502 without an error";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn labels_lead_to_versions() {
        let described =
            r#"{"ARN":"a","VersionIdsToStages":{"1":["AWSCURRENT"],"2":["AWSPENDING","x"]}}"#;
        let described: Described = read("DescribeSecret", &answer(200, described)).unwrap();
        assert_eq!(
            (described.bearer(CURRENT), described.bearer(PREVIOUS)),
            (Some("1"), None)
        );
        assert!(described.bears("2", "x") && !described.bears("3", "x"));
        assert_eq!(described.rotation_enabled, None);
    }
}
