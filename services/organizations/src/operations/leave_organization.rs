//! `organizations:LeaveOrganization`: the caller's account is no member any more.

use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::standing::Standing;
use crate::{errors, leaving};

pub(crate) struct LeaveOrganization;

impl Operation for LeaveOrganization {
    type Api = operations::LeaveOrganization;
    type Target = Standing;

    async fn access(_: &Empty, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::LeaveOrganization {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().joined()?;
        let member = call.target().member.as_ref();
        let member = member.ok_or_else(errors::not_in_use)?;
        leaving::leave(&call, organization, member).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, denies, join, organized};

    const OPERATION: &str = "LeaveOrganization";

    #[tokio::test]
    async fn by_itself() {
        let (alcazar, top) = organized().await;
        alcazar.root().trusts().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        other
            .fails(OPERATION, json!({}), "AWSOrganizationsNotInUseException")
            .await;
        join(&alcazar, &top).await;
        other.does(OPERATION, json!({})).await;
        other
            .fails(
                "DescribeOrganization",
                json!({}),
                "AWSOrganizationsNotInUseException",
            )
            .await;
        let accounts = root.does("ListAccounts", json!({})).await;
        assert_eq!(accounts["Accounts"].as_array().unwrap().len(), 1);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["recipientAccountId"], harness::OTHER_ACCOUNT);
    }

    #[tokio::test]
    async fn who_stays() {
        let (alcazar, top) = organized().await;
        alcazar.root().trusts().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        root.fails(
            OPERATION,
            json!({}),
            "MasterCannotLeaveOrganizationException",
        )
        .await;
        let service = "ram.amazonaws.com";
        let input = json!({"AccountId": harness::OTHER_ACCOUNT, "ServicePrincipal": service});
        root.does("RegisterDelegatedAdministrator", input).await;
        let other = alcazar.other_root();
        let reason = other
            .reason(OPERATION, json!({}), "ConstraintViolationException")
            .await;
        assert_eq!(reason, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG");
    }

    #[tokio::test]
    async fn denied() {
        denies(&organized().await.0, OPERATION, json!({})).await;
    }
}
