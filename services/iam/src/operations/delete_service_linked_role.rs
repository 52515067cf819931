//! `iam:DeleteServiceLinkedRole`: the end of a role that is linked to a service.

use iam_api::shapes::{DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse};
use iam_api::{operations, permission};
use identity::{Attachment, LinkedRoleDeletion, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;

use crate::attachment::{Use, row};
use crate::errors;
use crate::find::Named;

pub(crate) struct DeleteServiceLinkedRole;

impl Operation for DeleteServiceLinkedRole {
    type Api = operations::DeleteServiceLinkedRole;
    type Target = Named<Role>;

    async fn access(
        input: &DeleteServiceLinkedRoleRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::DeleteServiceLinkedRole {
            role: role.resource(),
        };
        Ok(Access::to(role, needs))
    }

    /// Deletes at once: no service of this server needs its role.
    async fn run(call: Permitted<'_, Self>) -> Result<DeleteServiceLinkedRoleResponse, Failure> {
        let role = call.target().found()?;
        let service = role.linked_service();
        let service = service.ok_or_else(|| errors::no_such("role", &call.input().role_name))?;
        for policy in &role.attached {
            call.delete::<Attachment>(&row(&**role, policy, Use::Permissions).key());
        }
        call.delete::<Role>(&role.key());
        let task = format!(
            "task/aws-service-role/{service}/{}/{}",
            role.name,
            call.call().id()
        );
        call.put(LinkedRoleDeletion {
            account: role.account,
            role: role.name.clone(),
            task: task.clone(),
            at: call.call().now(),
        });
        Ok(DeleteServiceLinkedRoleResponse {
            deletion_task_id: task,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, role, root, server};

    const POLICY: &str = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";

    #[tokio::test]
    async fn nothing_of_it_is_left() {
        let alcazar = server().await;
        let ecs = json!({"AWSServiceName": "ecs.amazonaws.com"});
        let name = json!({"RoleName": "AWSServiceRoleForECS"});
        for _ in 0..2 {
            root(&alcazar, "CreateServiceLinkedRole", ecs.clone()).await;
            let deleted = root(&alcazar, "DeleteServiceLinkedRole", name.clone()).await;
            let task = deleted.field("DeletionTaskId");
            let start = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/";
            assert_eq!(task.strip_prefix(start).unwrap().len(), 36, "{task}");
            let missing = "The role with name AWSServiceRoleForECS cannot be found.";
            let missing = ("NoSuchEntity", missing);
            fails(&alcazar, "GetRole", name.clone(), missing).await;
            fails(&alcazar, "DeleteServiceLinkedRole", name.clone(), missing).await;
            let input = json!({"PolicyArn": POLICY});
            let entities = root(&alcazar, "ListEntitiesForPolicy", input).await;
            assert!(entities.fields("RoleName").is_empty());
        }
    }

    #[tokio::test]
    async fn of_linked_roles_only() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops"});
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "DeleteServiceLinkedRole", input, missing).await;
        root(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let ecs = json!({"AWSServiceName": "ecs.amazonaws.com"});
        root(&alcazar, "CreateServiceLinkedRole", ecs).await;
        let input = json!({"RoleName": "AWSServiceRoleForECS"});
        denies(&alcazar, "DeleteServiceLinkedRole", input.clone()).await;
        let deleted = root(&alcazar, "DeleteServiceLinkedRole", input).await;
        let event = alcazar.event("DeleteServiceLinkedRole").await;
        assert_eq!(
            event["requestParameters"]["roleName"],
            "AWSServiceRoleForECS"
        );
        assert_eq!(
            event["responseElements"]["deletionTaskId"],
            deleted.field("DeletionTaskId")
        );
    }
}
