//! `cloudhsm:GetResourcePolicy`: the policy on a backup.

use cloudhsmv2_api::shapes::{GetResourcePolicyRequest, GetResourcePolicyResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::Sought;

pub(crate) struct GetResourcePolicy;

impl Operation for GetResourcePolicy {
    type Api = operations::GetResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &GetResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::own(look, &input.resource_arn).await?;
        let backup = target.resource();
        Ok(Access::to(target, permission::GetResourcePolicy { backup }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetResourcePolicyResponse, Failure> {
        let backup = call.target().existing()?;
        let policy = backup.policy.as_ref();
        Ok(GetResourcePolicyResponse {
            policy: policy.map(|policy| policy.text().to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, arn, backup, guards, shared_with};

    const OPERATION: &str = "GetResourcePolicy";

    #[tokio::test]
    async fn as_it_was_put() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = arn(&backup(&alcazar).await);
        let input = json!({"ResourceArn": arn});
        assert_eq!(root.does(OPERATION, input.clone()).await, json!({}));
        let policy = shared_with("arn:aws:iam::444455556666:root", &arn);
        let put = json!({"ResourceArn": arn, "Policy": policy});
        root.does("PutResourcePolicy", put).await;
        let told = root.does(OPERATION, input.clone()).await;
        assert_eq!(told, json!({"Policy": policy}));
        assert_eq!(alcazar.event(OPERATION).await["readOnly"], true);
        guards(&alcazar, OPERATION, input).await;
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (arn, code) in [
            (json!(null), "CloudHsmInvalidRequestException"),
            (
                json!("arn:aws:cloudhsm:us-east-1:111122223333:cluster/cluster-abcdefgh234"),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!(arn("backup-abcdefgh234")),
                "CloudHsmResourceNotFoundException",
            ),
            (
                json!("arn:aws:cloudhsm:eu-west-1:111122223333:backup/backup-abcdefgh234"),
                "CloudHsmResourceNotFoundException",
            ),
        ] {
            for operation in [OPERATION, "DeleteResourcePolicy"] {
                root.fails(operation, json!({"ResourceArn": arn}), code)
                    .await;
            }
            let put = json!({"ResourceArn": arn, "Policy": "{}"});
            root.fails("PutResourcePolicy", put, code).await;
        }
    }
}
