//! `cloudhsm:DeleteResourcePolicy`: shares a backup with nobody any more. Clusters that were made of it stay.

use cloudhsmv2_api::shapes::{DeleteResourcePolicyRequest, DeleteResourcePolicyResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Sought};
use crate::errors;

pub(crate) struct DeleteResourcePolicy;

impl Operation for DeleteResourcePolicy {
    type Api = operations::DeleteResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &DeleteResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::own(look, &input.resource_arn).await?;
        let backup = target.resource();
        Ok(Access::to(
            target,
            permission::DeleteResourcePolicy { backup },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteResourcePolicyResponse, Failure> {
        let backup = call.target().existing()?;
        let policy = backup.policy.as_ref();
        let policy = policy.ok_or_else(|| errors::no_policy(&backup.id))?;
        let told = DeleteResourcePolicyResponse {
            resource_arn: Some(backup.arn.to_string()),
            policy: Some(policy.text().to_owned()),
        };
        call.put(Backup {
            policy: None,
            ..backup.clone()
        });
        Ok(told)
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, arn, backup, cluster_of, guards, settle, shared_with};

    const OPERATION: &str = "DeleteResourcePolicy";
    const ANYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudhsm:*","Resource":"*"}}"#;

    #[tokio::test]
    async fn nobody_else_makes_clusters_of_it_and_those_made_stay() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = arn(&backup(&alcazar).await);
        let input = json!({"ResourceArn": arn});
        root.fails(
            OPERATION,
            input.clone(),
            "CloudHsmResourceNotFoundException",
        )
        .await;
        let policy = shared_with("arn:aws:iam::444455556666:root", &arn);
        let put = json!({"ResourceArn": arn, "Policy": policy});
        root.does("PutResourcePolicy", put).await;
        let stranger = alcazar.other_user("stranger", ANYTHING).await;
        let made = stranger.does("CreateCluster", cluster_of(&arn)).await;
        let told = root.does(OPERATION, input.clone()).await;
        assert_eq!(told, json!({"ResourceArn": arn, "Policy": policy}));
        let again = cluster_of(&arn);
        stranger
            .fails("CreateCluster", again, "AccessDeniedException")
            .await;
        settle(&alcazar).await;
        let id = made["Cluster"]["ClusterId"].as_str().unwrap();
        let hsm = json!({"ClusterId": id, "AvailabilityZone": "us-east-1a"});
        stranger.does("CreateHsm", hsm).await;
        settle(&alcazar).await;
        assert_eq!(stranger.cluster(id).await["State"], "ACTIVE");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["resourceArn"], arn);
        guards(&alcazar, OPERATION, input).await;
    }
}
