//! `iam:GenerateCredentialReport`: makes the credential report, unless there is one of the last four hours.

use iam_api::shapes::{GenerateCredentialReportResponse, ReportStateType};
use iam_api::{operations, permission};
use identity::CredentialReport;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::credential_report;

/// How long a report is good, in seconds. AWS: "once every four hours".
pub(crate) const GOOD_FOR: i64 = 4 * 3600;

pub(crate) struct GenerateCredentialReport;

impl Operation for GenerateCredentialReport {
    type Api = operations::GenerateCredentialReport;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GenerateCredentialReport {}))
    }

    /// Reads every user of the account: its cost grows with them. The report is there when this answers.
    async fn run(call: Permitted<'_, Self>) -> Result<GenerateCredentialReportResponse, Failure> {
        let (account, now) = (call.call().account(), call.call().now());
        let key = CredentialReport::key_of(account);
        let former = call.look().get::<CredentialReport>(&key).await?;
        if former.is_some_and(|report| now.seconds_since(report.made) < GOOD_FOR) {
            return Ok(GenerateCredentialReportResponse {
                state: Some(ReportStateType::Complete),
                description: None,
            });
        }
        call.put(CredentialReport {
            account,
            made: now,
            content: credential_report::content(&call).await?,
        });
        let description = "No report exists. Starting a new report generation task";
        Ok(GenerateCredentialReportResponse {
            state: Some(ReportStateType::Started),
            description: Some(description.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use harness::Alcazar;
    use serde_json::json;

    use crate::testing::certificates::pair;
    use crate::testing::mfa::Authenticator;
    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    async fn report(alcazar: &Alcazar) -> String {
        let found = root(alcazar, "GetCredentialReport", json!({})).await;
        String::from_utf8(STANDARD.decode(found.field("Content")).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn tells_what_is_true() {
        let alcazar = server().await;
        user(&alcazar, "a,b").await;
        let ann = alcazar.user("ann", ANYTHING).await;
        iam(&ann, "GetUser", json!({})).await.ok();
        let policy = json!({"MaxPasswordAge": 1});
        root(&alcazar, "UpdateAccountPasswordPolicy", policy).await;
        let password = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        root(&alcazar, "CreateLoginProfile", password).await;
        Authenticator::enabled(&alcazar, "ann").await;
        let certificate = json!({"UserName": "ann", "CertificateBody": pair().certificate});
        root(&alcazar, "UploadSigningCertificate", certificate).await;
        let made = root(&alcazar, "GenerateCredentialReport", json!({})).await;
        assert_eq!(made.field("State"), "STARTED");
        let report = report(&alcazar).await;
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines.len(), 4);
        let columns = lines[0].split(',').count();
        assert_eq!(columns, 22);
        assert!(lines[1].starts_with("<root_account>,arn:aws:iam::111122223333:root,"));
        assert!(lines[1].contains(",not_supported,"));
        let at = "2026-11-23T06:38:13+00:00";
        let bare = format!(
            "\"a,b\",\"arn:aws:iam::111122223333:user/a,b\",{at},false,N/A,N/A,N/A,false,\
             false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        );
        assert_eq!(lines[2], bare);
        let full = format!(
            "ann,arn:aws:iam::111122223333:user/ann,{at},true,no_information,{at},\
             2026-11-24T06:38:13+00:00,true,true,{at},2026-11-23T06:38:00+00:00,us-east-1,iam,\
             false,N/A,N/A,N/A,N/A,true,{at},false,N/A"
        );
        assert_eq!(lines[3], full);
    }

    #[tokio::test]
    async fn is_good_for_four_hours() {
        let alcazar = server().await;
        let absent = "No report exists; use GenerateCredentialReport to generate one.";
        let error = ("ReportNotPresent", absent);
        fails(&alcazar, "GetCredentialReport", json!({}), error).await;
        for state in ["STARTED", "COMPLETE"] {
            let made = root(&alcazar, "GenerateCredentialReport", json!({})).await;
            assert_eq!(made.field("State"), state);
        }
        user(&alcazar, "ann").await;
        assert!(!report(&alcazar).await.contains("ann"));
        alcazar.clock.advance_seconds(4 * 3600);
        let old = "The report has expired; use GenerateCredentialReport to generate a new one.";
        fails(
            &alcazar,
            "GetCredentialReport",
            json!({}),
            ("ReportExpired", old),
        )
        .await;
        root(&alcazar, "GenerateCredentialReport", json!({})).await;
        assert!(report(&alcazar).await.contains("ann"));
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        for operation in ["GenerateCredentialReport", "GetCredentialReport"] {
            denies(&alcazar, operation, json!({})).await;
            root(&alcazar, operation, json!({})).await;
            let event = alcazar.event(operation).await;
            assert!(event["errorCode"].is_null());
        }
    }
}
