//! `organizations:CreateOrganization`: the caller's account becomes the management account of a new organization.

use std::collections::BTreeSet;

use base::Tags;
use identity::Account;
use identity::organization::{
    ChildKind, FeatureSet, JoinedMethod, Member, MemberStatus, Organization,
};
use organizations_api::shapes::{
    CreateOrganizationRequest, CreateOrganizationResponse, OrganizationFeatureSet,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::standing::Standing;
use crate::{errors, ids, node, policies, shapes};

pub(crate) struct CreateOrganization;

impl Operation for CreateOrganization {
    type Api = operations::CreateOrganization;
    type Target = Standing;

    async fn access(
        _: &CreateOrganizationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::CreateOrganization {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateOrganizationResponse, Failure> {
        if call.target().known().is_some() {
            return Err(errors::already_in_organization());
        }
        let organization = new(&call);
        let account = call.call().account();
        let record = call
            .look()
            .get::<Account>(&Account::key_of(account))
            .await?;
        call.put(Member {
            account,
            organization: organization.id.clone(),
            name: record
                .map(|account| account.name.clone())
                .unwrap_or_default(),
            email: String::new(),
            parents: vec![organization.root.clone()],
            status: MemberStatus::Active,
            joined: JoinedMethod::Invited,
            joined_at: call.call().now(),
            closed: None,
            tags: Tags::default(),
        });
        policies::attach_defaults(&call, &organization, &organization.root);
        let child = (ChildKind::Account, account.as_str());
        node::settle(&call, &organization, &organization.root, child);
        let answer = shapes::organization(&organization, None);
        call.put(organization);
        Ok(CreateOrganizationResponse {
            organization: Some(answer),
        })
    }
}

fn new(call: &Permitted<'_, CreateOrganization>) -> Organization {
    let features = match call.input().feature_set {
        None | Some(OrganizationFeatureSet::All) => FeatureSet::All,
        Some(OrganizationFeatureSet::ConsolidatedBilling) => FeatureSet::ConsolidatedBilling,
    };
    Organization {
        id: ids::organization(),
        management: call.call().account(),
        root: ids::root(),
        features,
        enabled: BTreeSet::new(),
        root_tags: Tags::default(),
        created: call.call().now(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, alcazar, denies, join, text};

    #[tokio::test]
    async fn makes_an_organization_with_a_root_and_its_first_account() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let made = root
            .does("CreateOrganization", json!({"FeatureSet": "ALL"}))
            .await;
        let made = &made["Organization"];
        let id = text(&made["Id"]);
        let arn = |rest: &str| format!("arn:aws:organizations::{MANAGEMENT}:{rest}");
        assert_eq!(made["Arn"], arn(&format!("organization/{id}")));
        assert_eq!(
            made["MasterAccountArn"],
            arn(&format!("account/{id}/{MANAGEMENT}"))
        );
        assert_eq!(
            (&made["FeatureSet"], &made["MasterAccountId"]),
            (&json!("ALL"), &json!(MANAGEMENT))
        );
        let accounts = root.does("ListAccounts", json!({})).await;
        assert_eq!(accounts["Accounts"].as_array().unwrap().len(), 1);
        assert_eq!(accounts["Accounts"][0]["JoinedMethod"], "INVITED");
        let top = root.root_id().await;
        for target in [&top, MANAGEMENT] {
            let attached = root.attached(target, "SERVICE_CONTROL_POLICY").await;
            assert_eq!(attached, ["p-FullAWSAccess"]);
            assert!(
                root.attached(target, "RESOURCE_CONTROL_POLICY")
                    .await
                    .is_empty()
            );
        }
        let event = alcazar.event("CreateOrganization").await;
        assert_eq!(event["eventSource"], "organizations.amazonaws.com");
        assert_eq!(event["responseElements"]["organization"]["id"], id);
        assert_eq!(event["awsRegion"], "us-east-1");
    }

    #[tokio::test]
    async fn for_bills_alone() {
        let root = alcazar().await.root();
        let input = json!({"FeatureSet": "CONSOLIDATED_BILLING"});
        let made = root.does("CreateOrganization", input).await;
        assert_eq!(made["Organization"]["FeatureSet"], "CONSOLIDATED_BILLING");
        assert!(
            root.attached(MANAGEMENT, "SERVICE_CONTROL_POLICY")
                .await
                .is_empty()
        );
    }

    #[tokio::test]
    async fn an_account_is_in_one_at_most() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.does("CreateOrganization", json!({})).await;
        let top = root.root_id().await;
        join(&alcazar, &top).await;
        for caller in [root, alcazar.other_root()] {
            let refused = caller.org("CreateOrganization", json!({})).await;
            refused.fails("AlreadyInOrganizationException");
        }
    }

    #[tokio::test]
    async fn denied() {
        denies(&alcazar().await, "CreateOrganization", json!({})).await;
    }
}
