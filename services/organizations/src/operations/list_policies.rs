//! `organizations:ListPolicies`: the policies of one type, AWS's own included.

use identity::organization::{OrganizationPolicy, PolicyKind};
use organizations_api::shapes::{ListPoliciesRequest, ListPoliciesResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Asked, Listing};
use crate::standing::Standing;
use crate::{policies, shapes};

pub(crate) struct ListPolicies;

impl Operation for ListPolicies {
    type Api = operations::ListPolicies;
    type Target = Standing;

    async fn access(
        input: &ListPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let policy_type = policies::named(input.filter);
        Ok(Access::to(
            standing,
            permission::ListPolicies { policy_type },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListPoliciesResponse, Failure> {
        let input = call.input();
        let organization = call.target().reads()?;
        let kind = policies::kind(input.filter)?;
        let prefix = OrganizationPolicy::prefix(&organization.id);
        let listing = Listing {
            wanted: &|policy: &OrganizationPolicy| policy.kind == kind,
            name: &|policy: &OrganizationPolicy| policy.id.clone(),
            key: &|name: &str| prefix.clone().then(name),
        };
        // AWS's own comes first, where it has one.
        let own = of_aws(kind);
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let (asked, first) = asked.first_page_less(usize::from(own.is_some()));
        let page = asked.below(call.look(), &prefix, &listing).await?;
        let mut summaries = Vec::new();
        summaries.extend(own.filter(|_| first));
        summaries.extend(page.items.iter().map(|policy| shapes::summary(policy)));
        Ok(ListPoliciesResponse {
            policies: Some(summaries),
            next_token: page.next_token,
        })
    }
}

fn of_aws(kind: PolicyKind) -> Option<organizations_api::shapes::PolicySummary> {
    let policy = kind.full_access().and_then(OrganizationPolicy::aws_managed);
    policy.map(|policy| shapes::summary(&policy))
}

#[cfg(test)]
mod tests {
    use harness::Client;
    use serde_json::{Value, json};

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "ListPolicies";

    #[tokio::test]
    async fn of_one_type_in_pages() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let mut made = vec!["p-FullAWSAccess".to_owned()];
        for number in 0..5 {
            made.push(root.policy(&number.to_string()).await);
        }
        made.sort();
        for size in [1, 2, 3, 6, 20] {
            assert_eq!(all(&root, size).await, made, "{size}");
        }
        let others = root
            .does(OPERATION, json!({"Filter": "RESOURCE_CONTROL_POLICY"}))
            .await;
        assert_eq!(ids(&others["Policies"], "Id"), ["p-RCPFullAWSAccess"]);
    }

    async fn all(root: &Client, size: usize) -> Vec<String> {
        let (mut found, mut token) = (Vec::new(), Value::Null);
        loop {
            let input =
                json!({"Filter": "SERVICE_CONTROL_POLICY", "MaxResults": size, "NextToken": token});
            let page = root.does(OPERATION, input).await;
            let policies = ids(&page["Policies"], "Id");
            assert!((1..=size).contains(&policies.len()), "{page}");
            found.extend(policies);
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        found.sort();
        found
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        let listed = root.does(OPERATION, json!({"Filter": "TAG_POLICY"})).await;
        assert_eq!(listed["Policies"], json!([]));
        let input = json!({"Filter": "SERVICE_CONTROL_POLICY", "NextToken": "!"});
        let reason = root.reason(OPERATION, input, "InvalidInputException").await;
        assert_eq!(reason, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"Filter": "SERVICE_CONTROL_POLICY"})).await;
    }
}
