//! `iam:ListPolicies`: the managed policies of the account, and AWS's.

use std::collections::HashMap;
use std::sync::Arc;

use iam_api::shapes::{
    ListPoliciesRequest, ListPoliciesResponse, PolicyScopeType, PolicyUsageType,
};
use iam_api::{operations, permission};
use identity::{ManagedPolicy, aws_managed};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::Usage;
use crate::managed_policy::{listed, place};
use crate::paging::{Paging, below};

pub(crate) struct ListPolicies;

impl Operation for ListPolicies {
    type Api = operations::ListPolicies;
    type Target = ();

    async fn access(_: &ListPoliciesRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListPolicies {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListPoliciesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let usage = Usage::of_all(call.look()).await?;
        let used = |policy: &ManagedPolicy| usage_of(&usage, policy);
        let mut policies = within(call.look(), input.scope.unwrap_or_default()).await?;
        policies.retain(|policy| below(&input.path_prefix, &policy.path));
        policies.retain(|policy| is_wanted(input, used(policy)));
        let page = paging.list(policies, |policy| place(policy.arn.as_str()));
        Ok(ListPoliciesResponse {
            policies: Some(page.map(|policy| listed(policy, used(policy)))),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

async fn within(
    look: &Lookup<'_>,
    scope: PolicyScopeType,
) -> Result<Vec<Arc<ManagedPolicy>>, Failure> {
    let mut policies = match scope {
        PolicyScopeType::Local => Vec::new(),
        PolicyScopeType::All | PolicyScopeType::Aws => aws_managed::all(),
    };
    if scope != PolicyScopeType::Aws {
        let prefix = ManagedPolicy::prefix(look.call().account());
        let own = look
            .scan::<ManagedPolicy>(&prefix, None, usize::MAX)
            .await?;
        policies.extend(own.iter().map(|held| held.arc()));
    }
    Ok(policies)
}

fn usage_of(usage: &HashMap<String, Usage>, policy: &ManagedPolicy) -> Usage {
    usage.get(policy.arn.as_str()).copied().unwrap_or_default()
}

fn is_wanted(input: &ListPoliciesRequest, usage: Usage) -> bool {
    let attached = usage.attachments > 0;
    match input.policy_usage_filter {
        Some(PolicyUsageType::PermissionsPolicy) => attached,
        Some(PolicyUsageType::PermissionsBoundary) => usage.boundaries > 0,
        None => attached || input.only_attached != Some(true),
    }
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use identity::aws_managed;
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, managed_policy, policy, root, server, user};

    const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";

    /// The names on all pages.
    async fn names(alcazar: &Alcazar, mut input: Value) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let page = root(alcazar, "ListPolicies", input.clone()).await;
            names.extend(page.fields("PolicyName"));
            if page.field("IsTruncated") == "false" {
                return names;
            }
            input["Marker"] = json!(page.field("Marker"));
        }
    }

    #[tokio::test]
    async fn of_each_scope() {
        let alcazar = server().await;
        managed_policy(&alcazar, "P", "kms:*").await;
        let of_aws = aws_managed::all().len();
        for (scope, expected) in [("Local", 1), ("AWS", of_aws), ("All", of_aws + 1)] {
            let input = json!({"Scope": scope, "MaxItems": 1000});
            assert_eq!(names(&alcazar, input).await.len(), expected, "{scope}");
        }
        assert_eq!(
            names(&alcazar, json!({"MaxItems": 1000})).await.len(),
            of_aws + 1
        );
        let input = json!({"PathPrefix": "/job-function/"});
        assert!(names(&alcazar, input).await.contains(&"Billing".to_owned()));
        let input = json!({"PathPrefix": "/job-function/", "Scope": "Local"});
        assert!(names(&alcazar, input).await.is_empty());
    }

    #[tokio::test]
    async fn by_use() {
        let alcazar = server().await;
        let own = managed_policy(&alcazar, "P", "kms:*").await;
        user(&alcazar, "ann").await;
        let attach = json!({"UserName": "ann", "PolicyArn": BILLING});
        root(&alcazar, "AttachUserPolicy", attach).await;
        let bound = json!({"UserName": "ann", "PermissionsBoundary": own});
        root(&alcazar, "PutUserPermissionsBoundary", bound).await;
        for (input, expected) in [
            (json!({"OnlyAttached": true}), "Billing"),
            (json!({"PolicyUsageFilter": "PermissionsPolicy"}), "Billing"),
            (json!({"PolicyUsageFilter": "PermissionsBoundary"}), "P"),
        ] {
            assert_eq!(names(&alcazar, input.clone()).await, [expected], "{input}");
        }
        let listed = root(&alcazar, "ListPolicies", json!({"OnlyAttached": true})).await;
        assert_eq!(listed.field("AttachmentCount"), "1");
        let listed = root(&alcazar, "ListPolicies", json!({"Scope": "Local"})).await;
        assert_eq!(listed.field("PermissionsBoundaryUsageCount"), "1");
    }

    #[tokio::test]
    async fn in_pages() {
        let alcazar = server().await;
        let description = json!({"PolicyName": "A", "PolicyDocument": policy("kms:*", 0),
            "Description": "in no list", "Tags": [{"Key": "in", "Value": "no list"}]});
        root(&alcazar, "CreatePolicy", description).await;
        managed_policy(&alcazar, "B", "kms:*").await;
        let first = json!({"Scope": "Local", "MaxItems": 1});
        let first = root(&alcazar, "ListPolicies", first).await;
        assert_eq!(first.fields("PolicyName"), ["A"]);
        assert_eq!(first.field("IsTruncated"), "true");
        assert_eq!(
            (first.field("Description"), first.field("Tags")),
            Default::default()
        );
        let second = json!({"Scope": "Local", "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListPolicies", second).await;
        assert_eq!(second.fields("PolicyName"), ["B"]);
        assert_eq!(second.field("IsTruncated"), "false");
        let event = alcazar.event("ListPolicies").await;
        assert_eq!(event["requestParameters"]["scope"], "Local");
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListPolicies", json!({"Marker": "%"}), error).await;
    }

    #[tokio::test]
    async fn denied() {
        denies(&server().await, "ListPolicies", json!({})).await;
    }

    #[tokio::test]
    async fn of_this_account_alone() {
        let alcazar = server().await;
        managed_policy(&alcazar, "P", "kms:*").await;
        let other = alcazar.other_root();
        let listed = crate::testing::iam(&other, "ListPolicies", json!({"Scope": "Local"})).await;
        assert!(listed.ok().fields("PolicyName").is_empty());
    }
}
