//! `organizations:RemoveAccountFromOrganization`: an account is no member any more; it goes on by itself.

use organizations_api::shapes::RemoveAccountFromOrganizationRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::node::Sought;
use crate::{errors, leaving};

pub(crate) struct RemoveAccountFromOrganization;

impl Operation for RemoveAccountFromOrganization {
    type Api = operations::RemoveAccountFromOrganization;
    type Target = Sought;

    async fn access(
        input: &RemoveAccountFromOrganizationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let account = sought.resource();
        let needs = permission::RemoveAccountFromOrganization { account };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().standing.manages()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        if !member.is_active() {
            return Err(errors::closed_account_stays());
        }
        leaving::leave(&call, organization, member).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, MANAGEMENT, Organizations, guards, join, organized};

    const OPERATION: &str = "RemoveAccountFromOrganization";

    fn input(account: &str) -> Value {
        json!({"AccountId": account})
    }

    #[tokio::test]
    async fn its_policies_limit_it_no_longer() {
        let (alcazar, top) = organized().await;
        alcazar.root().trusts().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        root.enable("SERVICE_CONTROL_POLICY").await;
        let policy = root.policy("deny").await;
        let content = ANYTHING.replace("Allow", "Deny");
        root.does(
            "UpdatePolicy",
            json!({"PolicyId": policy, "Content": content}),
        )
        .await;
        let target = json!({"PolicyId": policy, "TargetId": harness::OTHER_ACCOUNT});
        root.does("AttachPolicy", target).await;
        let bob = alcazar.other_user("bob", ANYTHING).await;
        bob.fails("DescribeOrganization", json!({}), "AccessDeniedException")
            .await;
        root.does(OPERATION, input(harness::OTHER_ACCOUNT)).await;
        bob.fails(
            "DescribeOrganization",
            json!({}),
            "AWSOrganizationsNotInUseException",
        )
        .await;
        let used = root
            .does("ListTargetsForPolicy", json!({"PolicyId": policy}))
            .await;
        assert_eq!(used["Targets"], json!([]));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["accountId"],
            harness::OTHER_ACCOUNT
        );
    }

    #[tokio::test]
    async fn who_stays() {
        let (alcazar, _) = organized().await;
        alcazar.root().trusts().await;
        let root = alcazar.root();
        let management = "MasterCannotLeaveOrganizationException";
        root.fails(OPERATION, input(MANAGEMENT), management).await;
        let stranger = input(harness::OTHER_ACCOUNT);
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await;
        let (one, two) = (root.account("one").await, root.account("two").await);
        let service = "ram.amazonaws.com";
        let delegation = json!({"AccountId": one, "ServicePrincipal": service});
        root.does("RegisterDelegatedAdministrator", delegation)
            .await;
        root.does("CloseAccount", input(&two)).await;
        for (account, reason) in [
            (&one, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"),
            (&two, "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"),
        ] {
            let code = "ConstraintViolationException";
            assert_eq!(root.reason(OPERATION, input(account), code).await, reason);
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT)).await;
    }
}
