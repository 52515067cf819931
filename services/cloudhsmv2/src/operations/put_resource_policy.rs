//! `cloudhsm:PutResourcePolicy`: says which other accounts may make clusters of a backup.
//!
//! AWS document: AWS CloudHSM User Guide, "Working with shared backups".

use cloudhsmv2_api::shapes::{BackupState, PutResourcePolicyRequest, PutResourcePolicyResponse};
use cloudhsmv2_api::{operations, permission};
use identity::Document;
use pipeline::{Access, Failure, Lookup, Operation, Permitted, Unbound, bound_policy};
use policy::Grammar;

use crate::backup::{Backup, Sought};
use crate::errors;

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Api = operations::PutResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &PutResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::own(look, &input.resource_arn).await?;
        let backup = target.resource();
        Ok(Access::to(target, permission::PutResourcePolicy { backup }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutResourcePolicyResponse, Failure> {
        let backup = call.target().existing()?;
        backup.in_state(BackupState::Ready)?;
        let text = call.input().policy.as_deref();
        let policy = read(call.look(), text.ok_or_else(errors::policy_missing)?).await?;
        let told = PutResourcePolicyResponse {
            resource_arn: Some(backup.arn.to_string()),
            policy: Some(policy.text().to_owned()),
        };
        call.put(Backup {
            policy: Some(policy),
            ..backup.clone()
        });
        Ok(told)
    }
}

/// Reads a policy. Its principals must exist, and are bound to who they are now.
async fn read(look: &Lookup<'_>, text: &str) -> Result<Document, Failure> {
    let read = bound_policy(look, text, Grammar::Resource).await?;
    read.map_err(|unbound| match unbound {
        Unbound::Malformed(malformed) => errors::bad_policy(malformed.message),
        Unbound::Principal => errors::bad_policy("it names a principal that does not exist"),
    })
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, arn, backup, cluster_of, guards, shared_with};

    const OPERATION: &str = "PutResourcePolicy";
    const ANYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudhsm:*","Resource":"*"}}"#;
    const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    const DENIED: &str = "AccessDeniedException";

    #[tokio::test]
    async fn who_is_named_makes_clusters_of_it_and_nothing_else() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = backup(&alcazar).await;
        let arn = arn(&id);
        let stranger = alcazar.other_user("stranger", ANYTHING).await;
        stranger
            .fails("CreateCluster", cluster_of(&arn), DENIED)
            .await;
        let policy = shared_with("arn:aws:iam::444455556666:user/stranger", &arn);
        let put = json!({"ResourceArn": arn, "Policy": policy});
        let told = root.does(OPERATION, put.clone()).await;
        assert_eq!(told, put);
        let made = stranger.does("CreateCluster", cluster_of(&arn)).await;
        assert_eq!(made["Cluster"]["SourceBackupId"], id.as_str());
        // An id is of the caller's own account.
        stranger
            .fails(
                "CreateCluster",
                cluster_of(&id),
                "CloudHsmResourceNotFoundException",
            )
            .await;
        for (name, rights) in [("another", ANYTHING), ("idle", NOTHING)] {
            let other = alcazar.other_user(name, rights).await;
            other.fails("CreateCluster", cluster_of(&arn), DENIED).await;
        }
        // A later user of that name is someone else.
        let stranger = alcazar.other_user("stranger", ANYTHING).await;
        stranger
            .fails("CreateCluster", cluster_of(&arn), DENIED)
            .await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policy"], policy);
        guards(&alcazar, OPERATION, put).await;
    }

    #[tokio::test]
    async fn a_denial_counts_for_its_owner_too() {
        let alcazar = alcazar().await;
        let arn = arn(&backup(&alcazar).await);
        let ann = alcazar.user("ann", ANYTHING).await;
        ann.does("CreateCluster", cluster_of(&arn)).await;
        let policy = shared_with("arn:aws:iam::111122223333:user/ann", &arn);
        let denial = policy.replace("Allow", "Deny");
        let put = json!({"ResourceArn": arn, "Policy": denial});
        alcazar.root().does(OPERATION, put).await;
        ann.fails("CreateCluster", cluster_of(&arn), DENIED).await;
        let denial = denial.replace("Deny", "Allow");
        let put = json!({"ResourceArn": arn, "Policy": denial});
        alcazar.root().does(OPERATION, put).await;
        ann.does("CreateCluster", cluster_of(&arn)).await;
    }

    /// AWS: no cross-account use, whatever the policy allows.
    #[tokio::test]
    async fn nobody_else_sets_or_sees_it() {
        let alcazar = alcazar().await;
        let arn = arn(&backup(&alcazar).await);
        let policy = shared_with("arn:aws:iam::444455556666:root", &arn);
        let policy = policy.replace("cloudhsm:CreateCluster", "cloudhsm:*");
        let put = json!({"ResourceArn": arn, "Policy": policy});
        alcazar.root().does(OPERATION, put.clone()).await;
        let other = alcazar.other_root();
        other.does("CreateCluster", cluster_of(&arn)).await;
        other.fails(OPERATION, put, DENIED).await;
        for operation in ["GetResourcePolicy", "DeleteResourcePolicy"] {
            other
                .fails(operation, json!({"ResourceArn": arn}), DENIED)
                .await;
        }
        let shared = other.does("DescribeBackups", json!({"Shared": true})).await;
        assert_eq!(shared["Backups"], json!([]));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = backup(&alcazar).await;
        let arn = arn(&id);
        let nobody = shared_with("arn:aws:iam::444455556666:user/nobody", &arn);
        for policy in [json!(null), json!("nonsense"), json!(nobody)] {
            let put = json!({"ResourceArn": arn, "Policy": policy});
            root.fails(OPERATION, put, "CloudHsmInvalidRequestException")
                .await;
        }
        let put = json!({"ResourceArn": arn, "Policy": ""});
        root.fails(OPERATION, put, "ValidationException").await;
        root.does("DeleteBackup", json!({"BackupId": id})).await;
        let policy = shared_with("arn:aws:iam::444455556666:root", &arn);
        let put = json!({"ResourceArn": arn, "Policy": policy});
        root.fails(OPERATION, put, "CloudHsmInvalidRequestException")
            .await
            .saying(&format!("Backup '{id}' is in state PENDING_DELETION."));
    }
}
