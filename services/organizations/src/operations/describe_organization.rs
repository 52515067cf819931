//! `organizations:DescribeOrganization`: the organization of the caller's account.

use identity::organization::Member;
use organizations_api::shapes::DescribeOrganizationResponse;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::shapes;
use crate::standing::Standing;

pub(crate) struct DescribeOrganization;

impl Operation for DescribeOrganization {
    type Api = operations::DescribeOrganization;
    type Target = Standing;

    async fn access(_: &Empty, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::DescribeOrganization {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeOrganizationResponse, Failure> {
        let organization = call.target().joined()?;
        let key = Member::key_of(organization.management);
        let management = call.look().get::<Member>(&key).await?;
        let email = management.map(|member| member.email.clone());
        Ok(DescribeOrganizationResponse {
            organization: Some(shapes::organization(organization, email)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, denies, join, organized};

    #[tokio::test]
    async fn every_member_may_ask() {
        let (alcazar, root) = organized().await;
        let other = alcazar.other_root();
        let none = other.org("DescribeOrganization", json!({})).await;
        none.fails("AWSOrganizationsNotInUseException")
            .saying("Your account is not a member of an organization.");
        join(&alcazar, &root).await;
        let ours = alcazar.root().does("DescribeOrganization", json!({})).await;
        assert_eq!(ours["Organization"]["MasterAccountId"], MANAGEMENT);
        assert_eq!(other.does("DescribeOrganization", json!({})).await, ours);
        let event = alcazar.event("DescribeOrganization").await;
        assert_eq!(
            (&event["readOnly"], &event["responseElements"]),
            (&json!(true), &Value::Null)
        );
    }

    #[tokio::test]
    async fn denied() {
        denies(&organized().await.0, "DescribeOrganization", json!({})).await;
    }
}
