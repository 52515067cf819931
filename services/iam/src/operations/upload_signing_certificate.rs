//! `iam:UploadSigningCertificate`: an X.509 certificate by which a user signs.

use iam_api::shapes::{UploadSigningCertificateRequest, UploadSigningCertificateResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use std::sync::Arc;

use crypto::Certificate;
use identity::{HeldCredential, HeldKind};

use crate::find::Subject;
use crate::{errors, held};

/// Certificates that a user may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 2;

pub(crate) struct UploadSigningCertificate;

impl Operation for UploadSigningCertificate {
    type Api = operations::UploadSigningCertificate;
    type Target = Subject;

    async fn access(
        input: &UploadSigningCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::UploadSigningCertificate { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UploadSigningCertificateResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let parsed = Certificate::parse(&input.certificate_body);
        let parsed = parsed.ok_or_else(errors::malformed_certificate)?;
        let now = call.call().now();
        if parsed.not_after <= now || parsed.not_before > now {
            return Err(errors::invalid_certificate());
        }
        let all = held::of(call.look(), user, held::is_certificate).await?;
        let same = |held: &Arc<HeldCredential>| {
            Certificate::parse(held::body(held)).is_some_and(|other| other.der == parsed.der)
        };
        if all.iter().any(same) {
            return Err(errors::duplicate_certificate());
        }
        if all.len() >= MOST {
            return Err(errors::quota_exceeded("SigningCertificatesPerUser", MOST));
        }
        let kind = HeldKind::SigningCertificate(input.certificate_body.clone());
        let kept = held::new(&call, user, held::certificate_id(&call), kind);
        let certificate = held::certificate_shape(user, &kept);
        call.put(kept);
        Ok(UploadSigningCertificateResponse { certificate })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::certificates::{Pair, pair};
    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    fn input(pair: &Pair) -> Value {
        json!({"UserName": "ann", "CertificateBody": pair.certificate})
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let pair = pair();
        let body = json!({"CertificateBody": pair.certificate});
        let made = iam(&ann, "UploadSigningCertificate", body).await.ok();
        let id = made.field("CertificateId");
        assert_eq!(made.field("UserName"), "ann");
        let named = json!({"UserName": "ann", "CertificateId": id});
        let mut update = named.clone();
        update["Status"] = json!("Inactive");
        denies(&alcazar, "UpdateSigningCertificate", update.clone()).await;
        root(&alcazar, "UpdateSigningCertificate", update.clone()).await;
        denies(
            &alcazar,
            "ListSigningCertificates",
            json!({"UserName": "ann"}),
        )
        .await;
        let listed = iam(&ann, "ListSigningCertificates", json!({})).await.ok();
        assert_eq!(listed.fields("Status"), ["Inactive"]);
        assert_eq!(
            listed.field("CertificateBody").trim(),
            pair.certificate.trim()
        );
        denies(&alcazar, "DeleteSigningCertificate", named.clone()).await;
        root(&alcazar, "DeleteSigningCertificate", named.clone()).await;
        for operation in ["UpdateSigningCertificate", "DeleteSigningCertificate"] {
            let event = alcazar.event(operation).await;
            assert_eq!(
                event["requestParameters"]["certificateId"], id,
                "{operation}"
            );
        }
        assert_eq!(
            alcazar.event("ListSigningCertificates").await["readOnly"],
            true
        );
        let message = format!("The Certificate with id {id} cannot be found.");
        fails(
            &alcazar,
            "DeleteSigningCertificate",
            named,
            ("NoSuchEntity", &message),
        )
        .await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let pairs = [pair(), pair(), pair()];
        let client = alcazar.root();
        let malformed = json!({"UserName": "ann", "CertificateBody": "x"});
        iam(&client, "UploadSigningCertificate", malformed)
            .await
            .fails("MalformedCertificate");
        root(&alcazar, "UploadSigningCertificate", input(&pairs[0])).await;
        iam(&client, "UploadSigningCertificate", input(&pairs[0]))
            .await
            .fails("DuplicateCertificate");
        root(&alcazar, "UploadSigningCertificate", input(&pairs[1])).await;
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for SigningCertificatesPerUser: 2",
        );
        fails(&alcazar, "UploadSigningCertificate", input(&pairs[2]), full).await;
        iam(
            &client,
            "UploadSigningCertificate",
            json!({"CertificateBody": "x"}),
        )
        .await
        .fails("ValidationError");
        alcazar.clock.advance_seconds(-200 * 365 * 86_400);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let pair = pair();
        denies(&alcazar, "UploadSigningCertificate", input(&pair)).await;
        root(&alcazar, "UploadSigningCertificate", input(&pair)).await;
        let event = alcazar.event("UploadSigningCertificate").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
