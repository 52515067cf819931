//! `organizations:DescribeAccount`: one account of the organization.

use organizations_api::shapes::{DescribeAccountRequest, DescribeAccountResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::{errors, shapes};

pub(crate) struct DescribeAccount;

impl Operation for DescribeAccount {
    type Api = operations::DescribeAccount;
    type Target = Sought;

    async fn access(
        input: &DescribeAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let account = sought.resource();
        Ok(Access::to(sought, permission::DescribeAccount { account }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeAccountResponse, Failure> {
        let organization = call.target().standing.reads()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        Ok(DescribeAccountResponse {
            account: Some(shapes::account(organization, member)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized, text};

    const OPERATION: &str = "DescribeAccount";

    #[tokio::test]
    async fn tells_of_an_account() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let id = root.account("dev").await;
        let told = root.does(OPERATION, json!({"AccountId": id})).await;
        let told = &told["Account"];
        for (member, value) in [
            ("Id", id.as_str()),
            ("Email", "dev@example.com"),
            ("Name", "dev"),
            ("Status", "ACTIVE"),
            ("State", "ACTIVE"),
            ("JoinedMethod", "CREATED"),
        ] {
            assert_eq!(told[member], value, "{member}");
        }
        let arn = text(&told["Arn"]);
        assert!(arn.starts_with(&format!("arn:aws:organizations::{MANAGEMENT}:account/o-")));
        assert!(arn.ends_with(&id));
        assert!(text(&told["Paths"][0]).ends_with(&format!("/{top}/{id}/")));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["accountId"], id);
        let stranger = json!({"AccountId": harness::OTHER_ACCOUNT});
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await
            .saying("You specified an account that doesn't exist.");
    }

    #[tokio::test]
    async fn policies_may_name_the_account() {
        let (alcazar, _) = organized().await;
        let id = alcazar.root().account("dev").await;
        let told = alcazar
            .root()
            .does(OPERATION, json!({"AccountId": id}))
            .await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "organizations:DescribeAccount", "Resource": told["Account"]["Arn"]
        }]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        ann.does(OPERATION, json!({"AccountId": id})).await;
        let other = json!({"AccountId": MANAGEMENT});
        ann.fails(OPERATION, other, "AccessDeniedException").await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"AccountId": MANAGEMENT})).await;
    }
}
