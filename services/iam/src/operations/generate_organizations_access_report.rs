//! `iam:GenerateOrganizationsAccessReport`: asks for a report on when the accounts of a part of the organization last used
//! the services that its policies leave to them.

use std::sync::Arc;

use base::Arn;
use iam_api::shapes::{
    GenerateOrganizationsAccessReportRequest, GenerateOrganizationsAccessReportResponse,
};
use iam_api::{operations, permission};
use identity::{AwaitedReport, Document, ReportScope};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::NamedResource;

use crate::access_report::{self, organization::Part};
use crate::errors;

/// Reports on the organization that may be under way; ours.
const MOST: usize = 5;

pub(crate) struct GenerateOrganizationsAccessReport;

impl Operation for GenerateOrganizationsAccessReport {
    type Api = operations::GenerateOrganizationsAccessReport;
    type Target = ();

    async fn access(
        input: &GenerateOrganizationsAccessReportRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let account = look.call().account();
        let resource = format_args!("access-report/{}", input.entity_path);
        let arn = Arn::new("iam", "", account.as_str(), resource);
        let needs = permission::GenerateOrganizationsAccessReport {
            access_report: Arc::new(NamedResource::new(arn, account)),
            organizations_policy_id: input.organizations_policy_id.clone().map(Into::into),
        };
        Ok(Access::to((), needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GenerateOrganizationsAccessReportResponse, Failure> {
        let (look, input) = (call.look(), call.input());
        let part = Part::find(look, &input.entity_path).await?;
        let levels = match &input.organizations_policy_id {
            Some(id) => vec![vec![part.policy(look, id).await?]],
            None => part.allowing(look).await?,
        };
        let prefix = AwaitedReport::prefix(call.call().account());
        let scope = ReportScope::Organization;
        let awaited = look.survey::<AwaitedReport>(&prefix).await?;
        if awaited.iter().filter(|it| it.scope == scope).count() >= MOST {
            return Err(errors::too_many_reports());
        }
        let names = |document: &Document, action: &str| document.policy().names_as_allowed(action);
        let allowed = |action: &str| {
            let mut levels = levels.iter();
            levels.all(|level| level.iter().any(|document| names(document, action)))
        };
        let services = access_report::services(look.services()?, scope, allowed);
        let accounts = part.accounts(look).await?;
        let id = access_report::ask(&call, scope, accounts, services);
        Ok(GenerateOrganizationsAccessReportResponse { job_id: Some(id) })
    }
}

#[cfg(test)]
mod tests {
    use identity::organization::FeatureSet;
    use serde_json::json;

    use crate::root_access::testing::organize;
    use crate::testing::{ANYTHING, denies, iam, root, server};

    const OPERATION: &str = "GenerateOrganizationsAccessReport";
    const ROOT: &str = "o-exampleorg/r-root";

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = server().await;
        let member = alcazar.other_user("bob", ANYTHING).await;
        let input = json!({"EntityPath": ROOT});
        let account = alcazar.root();
        iam(&account, OPERATION, input.clone())
            .await
            .fails("AccessDenied");
        organize(&alcazar, FeatureSet::All).await;
        iam(&member, OPERATION, input.clone())
            .await
            .fails("AccessDenied");
        for (path, policy) in [
            ("o-otherexample/r-root", None),
            ("o-exampleorg/r-other", None),
            ("o-exampleorg/r-root/ou-root-12345678", None),
            ("o-exampleorg/r-root/999999999999", None),
            (ROOT, Some("p-12345678")),
        ] {
            let mut input = json!({"EntityPath": path});
            if let Some(id) = policy {
                input["OrganizationsPolicyId"] = json!(id);
            }
            iam(&account, OPERATION, input).await.fails("InvalidInput");
        }
        for _ in 0..5 {
            root(&alcazar, OPERATION, input.clone()).await;
        }
        let more = iam(&account, OPERATION, input.clone()).await;
        more.fails("ReportGenerationLimitExceeded");
        alcazar.core.run_worker("access reports").await.unwrap();
        root(&alcazar, OPERATION, input).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        let input = json!({"EntityPath": ROOT});
        denies(&alcazar, OPERATION, input.clone()).await;
        root(&alcazar, OPERATION, input).await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["entityPath"], ROOT);
        assert_eq!(event["readOnly"], true);
    }
}
