//! `organizations:ListAccountsWithInvalidEffectivePolicy`: accounts whose effective policy lacks what its service needs.

use identity::organization::Member;
use organizations_api::shapes::{
    ListAccountsWithInvalidEffectivePolicyRequest, ListAccountsWithInvalidEffectivePolicyResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::inheritance::{self, Inheritance, Judged};
use crate::paging::Asked;
use crate::standing::Standing;
use crate::{node, shapes};

pub(crate) struct ListAccountsWithInvalidEffectivePolicy;

impl Operation for ListAccountsWithInvalidEffectivePolicy {
    type Api = operations::ListAccountsWithInvalidEffectivePolicy;
    type Target = Standing;

    async fn access(
        input: &ListAccountsWithInvalidEffectivePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let policy_type = Some(input.policy_type.as_str().into());
        let needs = permission::ListAccountsWithInvalidEffectivePolicy { policy_type };
        Ok(Access::to(standing, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListAccountsWithInvalidEffectivePolicyResponse, Failure> {
        let input = call.input();
        let organization = call.target().reads()?;
        let kind = inheritance::kind(organization, input.policy_type)?;
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let mut invalid = Vec::new();
        let mut judged = Judged::default();
        for member in node::members(call.look(), organization).await? {
            let above = Inheritance::above(call.look(), organization, (&member, kind)).await?;
            if above.is_some_and(|above| judged.is_invalid(&above)) {
                invalid.push(member);
            }
        }
        invalid.sort_by_key(|member| member.account);
        let page = asked.of_all(invalid.iter(), |member| member.account.to_string());
        let account = |member: &&std::sync::Arc<Member>| shapes::account(organization, member);
        Ok(ListAccountsWithInvalidEffectivePolicyResponse {
            accounts: Some(page.items.iter().map(account).collect()),
            policy_type: Some(input.policy_type),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use harness::OTHER_ACCOUNT;
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, join, organized};

    const OPERATION: &str = "ListAccountsWithInvalidEffectivePolicy";

    #[tokio::test]
    async fn a_page_after_the_other() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        let input = json!({"PolicyType": "BACKUP_POLICY"});
        let none = "EffectivePolicyNotFoundException";
        root.fails(OPERATION, input.clone(), none).await;
        root.enable("BACKUP_POLICY").await;
        let listed = root.does(OPERATION, input.clone()).await;
        assert_eq!(listed["PolicyType"], "BACKUP_POLICY");
        assert!(ids(&listed["Accounts"], "Id").is_empty());
        let plan = r#"{"plans":{"p":{"regions":{"@@assign":["us-east-1"]}}}}"#;
        let plan = root.policy_of("p", "BACKUP_POLICY", plan).await;
        root.attach(&plan, &top).await;
        let first = json!({"PolicyType": "BACKUP_POLICY", "MaxResults": 1});
        let listed = root.does(OPERATION, first).await;
        assert_eq!(ids(&listed["Accounts"], "Id"), [MANAGEMENT]);
        let rest = json!({"PolicyType": "BACKUP_POLICY", "NextToken": listed["NextToken"]});
        let listed = root.does(OPERATION, rest).await;
        assert_eq!(ids(&listed["Accounts"], "Id"), [OTHER_ACCOUNT]);
        assert!(listed.get("NextToken").is_none_or(|token| token.is_null()));
        let whole = r#"{"plans":{"p":{"rules":{"r":{"target_backup_vault_name":{"@@assign":"v"}}},"selections":{"tags":{"t":{"tag_key":{"@@assign":"a"}}}}}}}"#;
        let whole = root.policy_of("whole", "BACKUP_POLICY", whole).await;
        root.attach(&whole, OTHER_ACCOUNT).await;
        let listed = root.does(OPERATION, input).await;
        assert_eq!(ids(&listed["Accounts"], "Id"), [MANAGEMENT]);
        alcazar.event(OPERATION).await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"PolicyType": "TAG_POLICY"})).await;
    }
}
