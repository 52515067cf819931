//! `iam:GetCredentialReport`: the credential report, if it is not too old. Its tests are those of
//! GenerateCredentialReport.

use iam_api::shapes::{GetCredentialReportResponse, ReportFormatType};
use iam_api::{operations, permission};
use identity::CredentialReport;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::{Blob, Empty};

use super::generate_credential_report::GOOD_FOR;
use crate::errors;

pub(crate) struct GetCredentialReport;

impl Operation for GetCredentialReport {
    type Api = operations::GetCredentialReport;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetCredentialReport {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetCredentialReportResponse, Failure> {
        let key = CredentialReport::key_of(call.call().account());
        let report = call.look().get::<CredentialReport>(&key).await?;
        let report = report.ok_or_else(errors::no_credential_report)?;
        if call.call().now().seconds_since(report.made) >= GOOD_FOR {
            return Err(errors::old_credential_report());
        }
        Ok(GetCredentialReportResponse {
            content: Some(Blob::from(report.content.as_bytes())),
            report_format: Some(ReportFormatType::default()),
            generated_time: Some(report.made),
        })
    }
}
