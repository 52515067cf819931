//! `organizations:CloseAccount`: nobody acts in the account any more.

use std::sync::Arc;

use identity::organization::{Member, MemberStatus};
use organizations_api::shapes::CloseAccountRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::node::{self, Sought};
use crate::quotas::{self, DAY};

pub(crate) struct CloseAccount;

impl Operation for CloseAccount {
    type Api = operations::CloseAccount;
    type Target = Sought;

    async fn access(
        input: &CloseAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let account = sought.resource();
        Ok(Access::to(sought, permission::CloseAccount { account }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().standing.manages()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        if member.account == organization.management {
            return Err(errors::cannot_close_management());
        }
        if !member.is_active() {
            return Err(errors::account_closed());
        }
        let now = call.call().now();
        let members = node::members(call.look(), organization).await?;
        let lately = |member: &&Arc<Member>| {
            let closed = member.closed.map(|closed| now.seconds_since(closed));
            closed.is_some_and(|seconds| seconds < 30 * DAY)
        };
        if members.iter().filter(lately).count() >= quotas::closures(members.len()) {
            return Err(errors::too_many_closures());
        }
        call.put(Member {
            status: MemberStatus::Suspended,
            closed: Some(now),
            ..Member::clone(member)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, MANAGEMENT, Organizations, guards, join, organized};

    const OPERATION: &str = "CloseAccount";

    #[tokio::test]
    async fn nobody_acts_in_it_any_more() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let bob = alcazar.other_user("bob", ANYTHING).await;
        bob.does("DescribeOrganization", json!({})).await;
        let input = json!({"AccountId": harness::OTHER_ACCOUNT});
        root.does(OPERATION, input.clone()).await;
        let told = root.does("DescribeAccount", input.clone()).await;
        assert_eq!(told["Account"]["Status"], "SUSPENDED");
        assert_eq!(told["Account"]["State"], "CLOSED");
        for caller in [other, bob] {
            let answer = caller.org("DescribeOrganization", json!({})).await;
            assert_ne!(answer.status, 200, "{}", answer.text);
        }
        root.fails(OPERATION, input, "AccountAlreadyClosedException")
            .await
            .saying("The provided account is already closed.");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["accountId"],
            harness::OTHER_ACCOUNT
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        let management = json!({"AccountId": MANAGEMENT});
        let reason = root
            .reason(OPERATION, management, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT");
        let stranger = json!({"AccountId": harness::OTHER_ACCOUNT});
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"AccountId": MANAGEMENT})).await;
    }
}
