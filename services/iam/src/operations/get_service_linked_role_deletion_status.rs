//! `iam:GetServiceLinkedRoleDeletionStatus`: what became of the wish to delete a role that is linked to a service.

use std::sync::Arc;

use iam_api::shapes::{
    DeletionTaskStatusType, GetServiceLinkedRoleDeletionStatusRequest,
    GetServiceLinkedRoleDeletionStatusResponse,
};
use iam_api::{operations, permission};
use identity::{LinkedRoleDeletion, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::NamedResource;

use crate::{errors, names, service_linked_role};

pub(crate) struct GetServiceLinkedRoleDeletionStatus;

impl Operation for GetServiceLinkedRoleDeletionStatus {
    type Api = operations::GetServiceLinkedRoleDeletionStatus;
    /// The deletion, if the task is known.
    type Target = Option<Arc<LinkedRoleDeletion>>;

    async fn access(
        input: &GetServiceLinkedRoleDeletionStatusRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let task = &input.deletion_task_id;
        let (service, role) = parts(task).ok_or_else(errors::invalid_deletion_task)?;
        let path = service_linked_role::path(service);
        names::check_path(&path)?;
        let account = look.call().account();
        let key = LinkedRoleDeletion::key_of(account, role);
        let deletion = look.get::<LinkedRoleDeletion>(&key).await?;
        let arn = Role::arn_of(account, &path, role);
        let needs = permission::GetServiceLinkedRoleDeletionStatus {
            role: Arc::new(NamedResource::new(arn, account)),
        };
        Ok(Access::to(deletion.filter(|it| it.task == *task), needs))
    }

    /// A deletion is done before its task is named.
    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetServiceLinkedRoleDeletionStatusResponse, Failure> {
        match call.target() {
            Some(_) => Ok(GetServiceLinkedRoleDeletionStatusResponse {
                status: DeletionTaskStatusType::Succeeded,
                reason: None,
            }),
            None => Err(errors::no_such_deletion(&call.input().deletion_task_id)),
        }
    }
}

/// Service and role of `task/aws-service-role/SERVICE/ROLE/UUID`.
fn parts(task: &str) -> Option<(&str, &str)> {
    let rest = task.strip_prefix("task/aws-service-role/")?;
    let (rest, id) = rest.rsplit_once('/')?;
    let (service, role) = rest.split_once('/')?;
    let named = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        !text.is_empty() && text.chars().all(plain)
    };
    let whole = [service, role, id].into_iter().all(named);
    whole.then_some((service, role))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parts;
    use crate::testing::{denies, fails, iam, root, server};

    const STATUS: &str = "GetServiceLinkedRoleDeletionStatus";

    fn task(id: &str) -> Value {
        json!({"DeletionTaskId": id})
    }

    #[tokio::test]
    async fn tells_that_it_is_done() {
        let alcazar = server().await;
        let input = json!({"AWSServiceName": "ecs.amazonaws.com"});
        root(&alcazar, "CreateServiceLinkedRole", input).await;
        let input = json!({"RoleName": "AWSServiceRoleForECS"});
        let deleted = root(&alcazar, "DeleteServiceLinkedRole", input).await;
        let id = deleted.field("DeletionTaskId");
        let status = root(&alcazar, STATUS, task(&id)).await;
        assert_eq!(status.field("Status"), "SUCCEEDED");
        iam(&alcazar.other_root(), STATUS, task(&id))
            .await
            .fails("NoSuchEntity");
        denies(&alcazar, STATUS, task(&id)).await;
        let other = id.replace("ForECS/", "ForRDS/");
        let message = format!("The deletion task with id {other} cannot be found.");
        fails(&alcazar, STATUS, task(&other), ("NoSuchEntity", &message)).await;
    }

    #[tokio::test]
    async fn refuses_what_is_no_task() {
        let alcazar = server().await;
        for id in [
            "nonsense",
            "task/aws-service-role/a/b",
            "task/aws-service-role/*/b/c",
        ] {
            let error = ("InvalidInput", "DeletionTaskId has an invalid format.");
            fails(&alcazar, STATUS, task(id), error).await;
        }
    }

    #[test]
    fn tasks() {
        let task = "task/aws-service-role/ecs.amazonaws.com/R/1-2";
        assert_eq!(parts(task), Some(("ecs.amazonaws.com", "R")));
        for wrong in [
            "",
            "task/aws-service-role/a/b/c/d",
            "task/aws-service-role/a//c",
        ] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
