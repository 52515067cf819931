//! `organizations:ListEffectivePolicyValidationErrors`: what an account's effective policy lacks.

use identity::organization::{Defect, Member, Organization};
use organizations_api::shapes::{
    EffectivePolicyValidationError, ListEffectivePolicyValidationErrorsRequest,
    ListEffectivePolicyValidationErrorsResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::inheritance::{self, Inheritance};
use crate::node::Sought;
use crate::paging::Asked;
use crate::{errors, shapes};

pub(crate) struct ListEffectivePolicyValidationErrors;

impl Operation for ListEffectivePolicyValidationErrors {
    type Api = operations::ListEffectivePolicyValidationErrors;
    type Target = Sought;

    async fn access(
        input: &ListEffectivePolicyValidationErrorsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.account_id).await?;
        let needs = permission::ListEffectivePolicyValidationErrors {
            account: target.resource(),
            policy_type: Some(input.policy_type.as_str().into()),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListEffectivePolicyValidationErrorsResponse, Failure> {
        let input = call.input();
        let organization = call.target().standing.reads()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        let kind = inheritance::kind(organization, input.policy_type)?;
        let above = Inheritance::above(call.look(), organization, (member, kind)).await?;
        let above = above.ok_or_else(errors::no_effective_policy)?;
        let mut found = above.defects();
        found.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.of_all(found, |(defect, _)| defect.path.clone());
        Ok(ListEffectivePolicyValidationErrorsResponse {
            account_id: Some(member.account.to_string()),
            policy_type: Some(input.policy_type),
            path: Some(path(organization, member)),
            evaluation_timestamp: Some(call.call().now()),
            next_token: page.next_token,
            effective_policy_validation_errors: Some(page.items.into_iter().map(told).collect()),
        })
    }
}

fn path(organization: &Organization, member: &Member) -> String {
    let path = shapes::account(organization, member).paths;
    path.into_iter().flatten().next().unwrap_or_default()
}

fn told((defect, policies): (Defect, Vec<String>)) -> EffectivePolicyValidationError {
    EffectivePolicyValidationError {
        error_code: Some("ELEMENT_MISSING".to_owned()),
        error_message: Some(format!(
            "The effective policy does not contain the required element {}.",
            defect.path
        )),
        path_to_error: Some(defect.path),
        contributing_policies: Some(policies),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, organized, text};

    const OPERATION: &str = "ListEffectivePolicyValidationErrors";

    #[tokio::test]
    async fn what_is_missing_and_whose_it_is() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let input = json!({"AccountId": MANAGEMENT, "PolicyType": "BACKUP_POLICY"});
        let none = "EffectivePolicyNotFoundException";
        root.fails(OPERATION, input.clone(), none).await;
        root.enable("BACKUP_POLICY").await;
        root.fails(OPERATION, input.clone(), none).await;
        let plan = r#"{"plans":{"p":{"regions":{"@@assign":["us-east-1"]}}}}"#;
        let plan = root.policy_of("p", "BACKUP_POLICY", plan).await;
        root.attach(&plan, &top).await;
        let told = root.does(OPERATION, input).await;
        let errors = &told["EffectivePolicyValidationErrors"];
        assert_eq!(
            ids(errors, "PathToError"),
            ["plans/p/rules", "plans/p/selections"]
        );
        assert_eq!(errors[0]["ContributingPolicies"], json!([plan]));
        assert_eq!(told["AccountId"], MANAGEMENT);
        let path = text(&told["Path"]);
        assert!(path.ends_with(&format!("/{top}/{MANAGEMENT}/")), "{path}");
        let first =
            json!({"AccountId": MANAGEMENT, "PolicyType": "BACKUP_POLICY", "MaxResults": 1});
        let told = root.does(OPERATION, first.clone()).await;
        let mut rest = first;
        rest["NextToken"] = told["NextToken"].clone();
        let told = root.does(OPERATION, rest).await;
        let errors = &told["EffectivePolicyValidationErrors"];
        assert_eq!(ids(errors, "PathToError"), ["plans/p/selections"]);
        let nobody = json!({"AccountId": "999999999999", "PolicyType": "BACKUP_POLICY"});
        root.fails(OPERATION, nobody, "AccountNotFoundException")
            .await;
        alcazar.event(OPERATION).await;
    }

    #[tokio::test]
    async fn guarded() {
        let input = json!({"AccountId": MANAGEMENT, "PolicyType": "TAG_POLICY"});
        guards(OPERATION, input).await;
    }
}
