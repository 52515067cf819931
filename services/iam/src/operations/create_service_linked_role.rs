//! `iam:CreateServiceLinkedRole`: the role that one AWS service works with in this account.

use iam_api::shapes::{CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse};
use iam_api::{operations, permission};
use identity::{Prefix, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use super::create_role::MOST;
use crate::attachment::{Use, row};
use crate::find::Named;
use crate::service_linked_role::{self, Given, Template, template};
use crate::{errors, shapes};

pub(crate) struct CreateServiceLinkedRole;

/// The role that is wanted.
pub(crate) struct Wanted {
    template: &'static Template,
    name: String,
    role: Named<Role>,
}

impl Operation for CreateServiceLinkedRole {
    type Api = operations::CreateServiceLinkedRole;
    type Target = Wanted;

    async fn access(
        input: &CreateServiceLinkedRoleRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let service = &input.aws_service_name;
        let template = template(service).ok_or_else(|| errors::no_linked_service(service))?;
        let name = template.role_name(input.custom_suffix.as_deref())?;
        let path = service_linked_role::path(service);
        let role = Named::<Role>::wanted(look, &path, &name).await?;
        let needs = permission::CreateServiceLinkedRole {
            role: role.resource(),
            aws_service_name: Some(service.clone().into()),
        };
        let wanted = Wanted {
            template,
            name,
            role,
        };
        Ok(Access::to(wanted, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateServiceLinkedRoleResponse, Failure> {
        let Wanted {
            template,
            name,
            role,
        } = call.target();
        if role.record().is_some() {
            return Err(errors::linked_role_taken(name));
        }
        let account = call.call().account();
        let prefix = Role::prefix(account);
        if call.look().count::<Role>(&prefix, MOST).await? >= MOST {
            return Err(errors::quota_exceeded("RolesPerAccount", MOST));
        }
        let role = template.role(Given {
            account,
            name: name.clone(),
            id: call.unique_id(Prefix::Role),
            description: call.input().description.clone(),
            created: call.call().now(),
        })?;
        for policy in &role.attached {
            call.put(row(&role, policy, Use::Permissions));
        }
        let answer = shapes::described_role(&role);
        call.put(role);
        Ok(CreateServiceLinkedRoleResponse { role: Some(answer) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{TRUST, denies, fails, iam, policy, role, root, server};

    const ECS: &str = "AWSServiceRoleForECS";
    const POLICY: &str = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";

    fn of(service: &str) -> Value {
        json!({"AWSServiceName": service})
    }

    #[tokio::test]
    async fn makes_the_role_of_a_service() {
        let alcazar = server().await;
        let input = json!({"AWSServiceName": "ecs.amazonaws.com", "Description": "it"});
        let made = root(&alcazar, "CreateServiceLinkedRole", input).await;
        let arn = "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
        assert_eq!(made.field("Arn"), arn);
        assert!(made.field("RoleId").starts_with("AROA"));
        assert!(
            made.field("AssumeRolePolicyDocument")
                .contains("ecs.amazonaws.com")
        );
        let got = root(&alcazar, "GetRole", json!({"RoleName": ECS})).await;
        assert_eq!(got.field("Description"), "it");
        assert_eq!(got.field("Path"), "/aws-service-role/ecs.amazonaws.com/");
        let attached = root(
            &alcazar,
            "ListAttachedRolePolicies",
            json!({"RoleName": ECS}),
        )
        .await;
        assert_eq!(attached.field("PolicyArn"), POLICY);
        let entities = root(
            &alcazar,
            "ListEntitiesForPolicy",
            json!({"PolicyArn": POLICY}),
        )
        .await;
        assert_eq!(entities.field("RoleName"), ECS);
    }

    #[tokio::test]
    async fn a_suffix_tells_roles_of_some_services_apart() {
        let alcazar = server().await;
        let input = json!({"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": "web"});
        let made = root(&alcazar, "CreateServiceLinkedRole", input).await;
        assert_eq!(made.field("RoleName"), "AWSServiceRoleForAutoScaling_web");
        root(
            &alcazar,
            "CreateServiceLinkedRole",
            of("autoscaling.amazonaws.com"),
        )
        .await;
        let long = "a".repeat(36);
        let input = json!({"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": long});
        let too_long = "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64";
        fails(
            &alcazar,
            "CreateServiceLinkedRole",
            input,
            ("ValidationError", too_long),
        )
        .await;
        let input = json!({"AWSServiceName": "ecs.amazonaws.com", "CustomSuffix": "web"});
        let none = "Custom suffix is not allowed for ecs.amazonaws.com";
        fails(
            &alcazar,
            "CreateServiceLinkedRole",
            input,
            ("InvalidInput", none),
        )
        .await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        root(&alcazar, "CreateServiceLinkedRole", of("ecs.amazonaws.com")).await;
        role(&alcazar, "AWSServiceRoleForRDS").await;
        for (service, name) in [("ecs", ECS), ("rds", "AWSServiceRoleForRDS")] {
            let taken = format!(
                "Service role name {name} has been taken in this account, please try a different suffix."
            );
            let input = of(&format!("{service}.amazonaws.com"));
            let error = ("InvalidInput", taken.as_str());
            fails(&alcazar, "CreateServiceLinkedRole", input, error).await;
        }
        for service in ["ec2.amazonaws.com", "nonsense", "ECS.amazonaws.com"] {
            let unknown =
                format!("AWS service name {service} is not one that a role can be linked to.");
            let error = ("InvalidInput", unknown.as_str());
            fails(&alcazar, "CreateServiceLinkedRole", of(service), error).await;
        }
    }

    #[tokio::test]
    async fn only_its_service_changes_the_role() {
        let alcazar = server().await;
        root(&alcazar, "CreateServiceLinkedRole", of("ecs.amazonaws.com")).await;
        let instance = json!({"InstanceProfileName": "web"});
        root(&alcazar, "CreateInstanceProfile", instance).await;
        let message = "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS";
        let other = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        for (operation, more) in [
            ("AttachRolePolicy", json!({"PolicyArn": other})),
            ("DetachRolePolicy", json!({"PolicyArn": POLICY})),
            (
                "PutRolePolicy",
                json!({"PolicyName": "p", "PolicyDocument": policy("s3:*", 0)}),
            ),
            ("DeleteRolePolicy", json!({"PolicyName": "p"})),
            (
                "PutRolePermissionsBoundary",
                json!({"PermissionsBoundary": other}),
            ),
            ("DeleteRolePermissionsBoundary", json!({})),
            ("UpdateAssumeRolePolicy", json!({"PolicyDocument": TRUST})),
            ("UpdateRole", json!({"MaxSessionDuration": 7200})),
            (
                "AddRoleToInstanceProfile",
                json!({"InstanceProfileName": "web"}),
            ),
            (
                "RemoveRoleFromInstanceProfile",
                json!({"InstanceProfileName": "web"}),
            ),
            ("DeleteRole", json!({})),
        ] {
            let mut input = json!({"RoleName": ECS});
            let members = more.as_object().unwrap().clone();
            input.as_object_mut().unwrap().extend(members);
            fails(&alcazar, operation, input, ("UnmodifiableEntity", message)).await;
        }
        let described = json!({"RoleName": ECS, "Description": "ours"});
        root(&alcazar, "UpdateRole", described.clone()).await;
        root(&alcazar, "UpdateRoleDescription", described).await;
    }

    #[tokio::test]
    async fn its_policy_is_for_no_other_role() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops", "PolicyArn": POLICY});
        let message = "Cannot attach a Service Role Policy to a Customer Role.";
        fails(
            &alcazar,
            "AttachRolePolicy",
            input,
            ("PolicyNotAttachable", message),
        )
        .await;
    }

    #[tokio::test]
    async fn a_policy_may_say_of_which_services() {
        let alcazar = server().await;
        let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "arn:aws:iam::*:role/aws-service-role/*",
            "Condition": {"StringLike": {"iam:AWSServiceName": "ecs.amazonaws.com"}}}]});
        let ann = alcazar.user("ann", &document.to_string()).await;
        iam(&ann, "CreateServiceLinkedRole", of("rds.amazonaws.com"))
            .await
            .fails("AccessDenied");
        iam(&ann, "CreateServiceLinkedRole", of("ecs.amazonaws.com"))
            .await
            .ok();
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "CreateServiceLinkedRole", of("ecs.amazonaws.com")).await;
        root(&alcazar, "CreateServiceLinkedRole", of("ecs.amazonaws.com")).await;
        let event = alcazar.event("CreateServiceLinkedRole").await;
        assert_eq!(
            event["requestParameters"]["aWSServiceName"],
            "ecs.amazonaws.com"
        );
        assert_eq!(event["responseElements"]["role"]["roleName"], ECS);
    }
}
