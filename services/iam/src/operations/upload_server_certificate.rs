//! `iam:UploadServerCertificate`: a certificate for servers, with its private key, which is never given out.

use base::Tags;
use crypto::Certificate;
use iam_api::shapes::{UploadServerCertificateRequest, UploadServerCertificateResponse};
use iam_api::{operations, permission};
use identity::{Prefix, ServerCertificate};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::server_certificate::{MOST, metadata};
use crate::{errors, names, tagging};

pub(crate) struct UploadServerCertificate;

impl Operation for UploadServerCertificate {
    type Api = operations::UploadServerCertificate;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &UploadServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        let name = &input.server_certificate_name;
        let named = Named::<ServerCertificate>::wanted(look, path, name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let tagging = input
            .tags
            .is_some()
            .then(|| permission::TagServerCertificate {
                server_certificate: named.resource(),
                request_tags: request_tags.clone(),
            });
        let uploading = permission::UploadServerCertificate {
            server_certificate: named.resource(),
            request_tags,
        };
        let access = Access::to(named, uploading);
        Ok(match tagging {
            Some(permission) => access.and(permission),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UploadServerCertificateResponse, Failure> {
        let (input, account) = (call.input(), call.call().account());
        call.target().free()?;
        let parsed = parsed(input)?;
        let prefix = ServerCertificate::prefix(account);
        let all = call
            .look()
            .scan::<ServerCertificate>(&prefix, None, MOST)
            .await?;
        if all.len() >= MOST {
            return Err(errors::quota_exceeded("ServerCertificatesPerAccount", MOST));
        }
        let (path, name) = (names::path(&input.path), &input.server_certificate_name);
        let tags = input.tags.as_deref().unwrap_or_default();
        let kept = ServerCertificate {
            name: name.clone(),
            path: path.to_owned(),
            id: call.unique_id(Prefix::ServerCertificate),
            arn: ServerCertificate::arn_of(account, path, name),
            account,
            uploaded: call.call().now(),
            expires: parsed.not_after,
            body: input.certificate_body.clone(),
            chain: input.certificate_chain.clone(),
            private_key: input.private_key.clone(),
            tags: tagging::with_exactly(&Tags::default(), tags)?,
        };
        let answer = UploadServerCertificateResponse {
            server_certificate_metadata: Some(metadata(&kept)),
            tags: tagging::shape(&kept.tags),
        };
        call.put(kept);
        Ok(answer)
    }
}

/// The certificate, once it is known to be one, with its key and a chain of certificates.
fn parsed(input: &UploadServerCertificateRequest) -> Result<Certificate, Failure> {
    let parsed = Certificate::parse(&input.certificate_body);
    let parsed = parsed.ok_or_else(errors::malformed_certificate)?;
    let chain = input.certificate_chain.as_deref();
    if chain.is_some_and(|chain| Certificate::parse_chain(chain).is_none()) {
        return Err(errors::malformed_certificate());
    }
    match parsed.belongs_to(&input.private_key) {
        None => Err(errors::malformed_private_key()),
        Some(false) => Err(errors::key_pair_mismatch()),
        Some(true) => Ok(parsed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::certificates::{Pair, pair};
    use crate::testing::{denies, fails, iam, root, server};

    fn input(name: &str, pair: &Pair) -> Value {
        json!({"ServerCertificateName": name, "CertificateBody": pair.certificate,
            "PrivateKey": pair.private_key})
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        let pair = pair();
        let mut upload = input("web", &pair);
        upload["Path"] = json!("/cloudfront/");
        upload["CertificateChain"] = json!(pair.certificate);
        upload["Tags"] = json!([{"Key": "a", "Value": "1"}]);
        let made = root(&alcazar, "UploadServerCertificate", upload).await;
        let arn = "arn:aws:iam::111122223333:server-certificate/cloudfront/web";
        assert_eq!(made.field("Arn"), arn);
        assert!(made.field("ServerCertificateId").starts_with("ASCA"));
        let web = json!({"ServerCertificateName": "WEB"});
        let found = root(&alcazar, "GetServerCertificate", web.clone()).await;
        assert_eq!(
            found.field("CertificateBody").trim(),
            pair.certificate.trim()
        );
        assert_eq!(found.field("Key"), "a");
        assert!(!found.text.contains("PRIVATE KEY"));
        let tags = json!({"ServerCertificateName": "web", "Tags": [{"Key": "b", "Value": "2"}]});
        let untag = json!({"ServerCertificateName": "web", "TagKeys": ["a"]});
        let rename = json!({"ServerCertificateName": "web", "NewServerCertificateName": "www", "NewPath": "/"});
        for (operation, input) in [
            ("TagServerCertificate", tags),
            ("UntagServerCertificate", untag),
            ("UpdateServerCertificate", rename),
        ] {
            denies(&alcazar, operation, input.clone()).await;
            root(&alcazar, operation, input).await;
            let event = alcazar.event(operation).await;
            assert_eq!(event["requestParameters"]["serverCertificateName"], "web");
        }
        let www = json!({"ServerCertificateName": "www"});
        for (operation, input) in [
            ("GetServerCertificate", www.clone()),
            ("ListServerCertificateTags", www.clone()),
            ("ListServerCertificates", json!({"PathPrefix": "/"})),
            ("DeleteServerCertificate", www.clone()),
        ] {
            denies(&alcazar, operation, input.clone()).await;
            let answer = root(&alcazar, operation, input).await;
            if operation == "ListServerCertificateTags" {
                assert_eq!(answer.fields("Key"), ["b"]);
            }
            if operation == "ListServerCertificates" {
                assert_eq!(answer.fields("ServerCertificateName"), ["www"]);
            }
            assert!(alcazar.event(operation).await["errorCode"].is_null());
        }
        let gone = (
            "NoSuchEntity",
            "The Server Certificate with name www cannot be found.",
        );
        fails(&alcazar, "DeleteServerCertificate", www, gone).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let [one, other] = [pair(), pair()];
        root(&alcazar, "UploadServerCertificate", input("web", &one)).await;
        let with = |name: &str, value: &str| {
            let mut input = input("new", &one);
            input[name] = json!(value);
            input
        };
        for (input, code) in [
            (input("Web", &one), "EntityAlreadyExists"),
            (with("CertificateBody", "x"), "MalformedCertificate"),
            (with("CertificateChain", "x"), "MalformedCertificate"),
            (with("PrivateKey", "x"), "MalformedCertificate"),
            (with("PrivateKey", &other.private_key), "KeyPairMismatch"),
            (with("Path", "/*/"), "ValidationError"),
        ] {
            let answer = iam(&alcazar.root(), "UploadServerCertificate", input).await;
            let text = answer.fails(code).text;
            assert!(!text.contains("PRIVATE KEY"), "{text}");
        }
        for number in 1..20 {
            let input = input(&format!("c{number}"), &one);
            root(&alcazar, "UploadServerCertificate", input).await;
        }
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for ServerCertificatesPerAccount: 20",
        );
        fails(
            &alcazar,
            "UploadServerCertificate",
            input("c20", &one),
            full,
        )
        .await;
        let taken = json!({"ServerCertificateName": "c1", "NewServerCertificateName": "WEB"});
        iam(&alcazar.root(), "UpdateServerCertificate", taken)
            .await
            .fails("EntityAlreadyExists");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_private_key() {
        let alcazar = server().await;
        let input = input("web", &pair());
        denies(&alcazar, "UploadServerCertificate", input.clone()).await;
        root(&alcazar, "UploadServerCertificate", input).await;
        let event = alcazar.event("UploadServerCertificate").await;
        assert_eq!(event["requestParameters"]["serverCertificateName"], "web");
        assert!(!event.to_string().contains("PRIVATE KEY"));
    }
}
