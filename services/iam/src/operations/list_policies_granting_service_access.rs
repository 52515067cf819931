//! `iam:ListPoliciesGrantingServiceAccess`: through which policies a user, group or role is allowed something of a service.

use iam_api::shapes::{
    ListPoliciesGrantingServiceAccessEntry, ListPoliciesGrantingServiceAccessRequest,
    ListPoliciesGrantingServiceAccessResponse, PolicyGrantingServiceAccess, PolicyOwnerEntityType,
    PolicyType,
};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted, TrackedService};

use crate::paging::Paging;
use crate::simulation::entity::{Kind, PolicySource};
use crate::simulation::source::{Origin, Source, Sources};

pub(crate) struct ListPoliciesGrantingServiceAccess;

impl Operation for ListPoliciesGrantingServiceAccess {
    type Api = operations::ListPoliciesGrantingServiceAccess;
    type Target = PolicySource;

    async fn access(
        input: &ListPoliciesGrantingServiceAccessRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let source = PolicySource::find(look, &input.arn).await?;
        let [group, role, user] = source.resources();
        let needs = permission::ListPoliciesGrantingServiceAccess { group, role, user };
        Ok(Access::to(source, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListPoliciesGrantingServiceAccessResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, None)?;
        let sources = Sources::of(call.look(), call.target()).await?.identity;
        let known = call.look().services()?;
        let wanted = input.service_namespaces.iter().enumerate();
        let page = paging.list(wanted, |(place, _)| format!("{place:09}"));
        let entry = |namespace: &String| {
            let service = known.iter().find(|service| service.namespace == *namespace);
            let granting = sources.iter();
            let granting = granting.filter(|source| service.is_some_and(|it| grants(source, it)));
            ListPoliciesGrantingServiceAccessEntry {
                service_namespace: Some(namespace.clone()),
                policies: Some(granting.map(shape).collect()),
            }
        };
        Ok(ListPoliciesGrantingServiceAccessResponse {
            policies_granting_service_access: page.map(|(_, namespace)| entry(namespace)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

fn grants(source: &Source, service: &TrackedService) -> bool {
    let policy = source.document.policy();
    let mut actions = service.actions.keys();
    actions.any(|name| policy.names_as_allowed(&format!("{}:{name}", service.namespace)))
}

/// AWS: whose a policy is is told of inline policies alone.
fn shape(source: &Source) -> PolicyGrantingServiceAccess {
    match &source.origin {
        Origin::Inline { kind, entity, name } => PolicyGrantingServiceAccess {
            policy_name: name.clone(),
            policy_type: PolicyType::Inline,
            policy_arn: None,
            entity_type: Some(match kind {
                Kind::User => PolicyOwnerEntityType::User,
                Kind::Group => PolicyOwnerEntityType::Group,
                Kind::Role => PolicyOwnerEntityType::Role,
            }),
            entity_name: Some(entity.clone()),
        },
        Origin::Managed(arn) => managed(source, Some(arn.clone())),
        Origin::Given => managed(source, None),
    }
}

fn managed(source: &Source, arn: Option<String>) -> PolicyGrantingServiceAccess {
    PolicyGrantingServiceAccess {
        policy_name: source.id.clone(),
        policy_type: PolicyType::Managed,
        policy_arn: arn,
        entity_type: None,
        entity_name: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, managed_policy, policy, root, server, user};

    const LIST: &str = "ListPoliciesGrantingServiceAccess";
    const ANN: &str = "arn:aws:iam::111122223333:user/ann";

    #[tokio::test]
    async fn own_and_groups_policies() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "Dev").await;
        let into = json!({"UserName": "ann", "GroupName": "Dev"});
        root(&alcazar, "AddUserToGroup", into).await;
        for (kind, name, action) in [
            ("User", "ann", "iam:Get*"),
            ("Group", "Dev", "*"),
            ("User", "ann", "s3:*"),
        ] {
            let put = json!({format!("{kind}Name"): name, "PolicyName": action.replace(['*', ':'], "-"), "PolicyDocument": policy(action, 0)});
            root(&alcazar, &format!("Put{kind}Policy"), put).await;
        }
        let arn = managed_policy(&alcazar, "m", "iam:CreateUser").await;
        let attach = json!({"UserName": "ann", "PolicyArn": arn});
        root(&alcazar, "AttachUserPolicy", attach).await;
        let input = json!({"Arn": ANN, "ServiceNamespaces": ["iam", "s3"]});
        let told = root(&alcazar, LIST, input).await;
        assert_eq!(told.fields("PolicyName"), ["iam-Get-", "m", "-"]);
        assert_eq!(told.fields("PolicyType"), ["INLINE", "MANAGED", "INLINE"]);
        assert_eq!(told.fields("EntityName"), ["ann", "Dev"]);
        assert_eq!(told.fields("PolicyArn"), [arn]);
        assert_eq!(told.fields("ServiceNamespace"), ["iam", "s3"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"Arn": ANN, "ServiceNamespaces": ["iam"]});
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, LIST, input, missing).await;
        let arn = "arn:aws:iam::111122223333:policy/p";
        let input = json!({"Arn": arn, "ServiceNamespaces": ["iam"]});
        let message =
            format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
        fails(&alcazar, LIST, input, ("InvalidInput", &message)).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"Arn": ANN, "ServiceNamespaces": ["iam"]});
        denies(&alcazar, LIST, input.clone()).await;
        root(&alcazar, LIST, input).await;
        assert_eq!(alcazar.event(LIST).await["requestParameters"]["arn"], ANN);
    }
}
