//! `iam:GenerateServiceLastAccessedDetails`: asks for a report on when an entity, or those who have a policy, last used
//! the services that its policies allow.

use iam_api::shapes::{
    AccessAdvisorUsageGranularityType, GenerateServiceLastAccessedDetailsRequest,
    GenerateServiceLastAccessedDetailsResponse,
};
use iam_api::{operations, permission};
use identity::ReportScope;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::access_report::{self, about::About};

pub(crate) struct GenerateServiceLastAccessedDetails;

impl Operation for GenerateServiceLastAccessedDetails {
    type Api = operations::GenerateServiceLastAccessedDetails;
    type Target = About;

    async fn access(
        input: &GenerateServiceLastAccessedDetailsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let about = About::find(look, &input.arn).await?;
        let [group, policy, role, user] = about.resources(look);
        let needs = permission::GenerateServiceLastAccessedDetails {
            group,
            policy,
            role,
            user,
        };
        Ok(Access::to(about, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GenerateServiceLastAccessedDetailsResponse, Failure> {
        let (look, about) = (call.look(), call.target());
        let scope = match call.input().granularity {
            Some(AccessAdvisorUsageGranularityType::ActionLevel) => ReportScope::Actions,
            _ => ReportScope::Services,
        };
        let reported = about.reported(look).await?;
        let allowing = about.allowing(look).await?;
        let allowed = |action: &str| allowing.names(action);
        let services = access_report::services(look.services()?, scope, allowed);
        let id = access_report::ask(&call, scope, reported, services);
        Ok(GenerateServiceLastAccessedDetailsResponse { job_id: Some(id) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, managed_policy, role, root, server, user};

    const OPERATION: &str = "GenerateServiceLastAccessedDetails";

    #[tokio::test]
    async fn every_kind_of_entity() {
        let alcazar = server().await;
        user(&alcazar, "x").await;
        group(&alcazar, "x").await;
        role(&alcazar, "x").await;
        managed_policy(&alcazar, "x", "iam:*").await;
        for kind in ["user", "group", "role", "policy"] {
            let arn = format!("arn:aws:iam::111122223333:{kind}/x");
            let asked = root(&alcazar, OPERATION, json!({"Arn": arn})).await;
            assert_eq!(asked.field("JobId").len(), 36);
        }
        let aws =
            json!({"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Granularity": "ACTION_LEVEL"});
        root(&alcazar, OPERATION, aws).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        for (arn, code, message) in [
            (
                "arn:aws:iam::111122223333:user/ann",
                "NoSuchEntity",
                "The user with name ann cannot be found.",
            ),
            (
                "arn:aws:iam::111122223333:policy/p",
                "NoSuchEntity",
                "Policy arn:aws:iam::111122223333:policy/p was not found.",
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/1",
                "InvalidInput",
                "Invalid Entity Arn: arn:aws:kms:us-east-1:111122223333:key/1 does not clearly define entity type and name.",
            ),
            (
                "arn:aws:iam::444455556666:user/ann",
                "InvalidInput",
                "Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in account 444455556666",
            ),
        ] {
            fails(&alcazar, OPERATION, json!({"Arn": arn}), (code, message)).await;
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"Arn": "arn:aws:iam::111122223333:user/ann"});
        denies(&alcazar, OPERATION, input.clone()).await;
        root(&alcazar, OPERATION, input.clone()).await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["arn"], input["Arn"]);
        assert_eq!(event["readOnly"], true);
    }
}
