//! `iam:DeleteLoginProfile`: a user without a password.

use iam_api::shapes::DeleteLoginProfileRequest;
use iam_api::{operations, permission};
use identity::LoginProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Subject;
use crate::passwords;

pub(crate) struct DeleteLoginProfile;

impl Operation for DeleteLoginProfile {
    type Api = operations::DeleteLoginProfile;
    type Target = Subject;

    async fn access(
        input: &DeleteLoginProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::DeleteLoginProfile { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let profile = passwords::profile(call.look(), call.target().user()?).await?;
        call.delete::<LoginProfile>(&profile.key());
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn is_gone_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let ann = json!({"UserName": "ann"});
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        root(&alcazar, "CreateLoginProfile", input).await;
        denies(&alcazar, "DeleteLoginProfile", ann.clone()).await;
        let kept = (
            "DeleteConflict",
            "Cannot delete entity, must delete login profile first.",
        );
        fails(&alcazar, "DeleteUser", ann.clone(), kept).await;
        root(&alcazar, "DeleteLoginProfile", ann.clone()).await;
        let event = alcazar.event("DeleteLoginProfile").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        let gone = (
            "NoSuchEntity",
            "Login Profile for User ann cannot be found.",
        );
        fails(&alcazar, "DeleteLoginProfile", ann.clone(), gone).await;
        root(&alcazar, "DeleteUser", ann).await;
    }
}
