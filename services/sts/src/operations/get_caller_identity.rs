//! `sts:GetCallerIdentity`: who signed this call.

use pipeline::{Access, Failure, Lookup, NeedsNoPermission, Operation, Permitted};
use sts_api::operations;
use sts_api::shapes::{GetCallerIdentityRequest, GetCallerIdentityResponse};

pub(crate) struct GetCallerIdentity;

/// AWS: "No permissions are required to perform this operation", and none can deny it.
impl NeedsNoPermission for GetCallerIdentity {}

impl Operation for GetCallerIdentity {
    type Api = operations::GetCallerIdentity;
    type Target = ();

    async fn access(_: &GetCallerIdentityRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::unguarded(()))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetCallerIdentityResponse, Failure> {
        let caller = call.call().caller();
        Ok(GetCallerIdentityResponse {
            user_id: Some(caller.user_id()),
            account: Some(caller.account.to_string()),
            arn: Some(caller.arn().to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use serde_json::json;

    const DENY: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

    #[tokio::test]
    async fn names_each_kind_of_caller() {
        let alcazar = Alcazar::new(&[&crate::SERVICE]).await;
        let root = alcazar
            .root()
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        assert_eq!(root.field("Arn"), "arn:aws:iam::111122223333:root");
        assert_eq!(root.field("UserId"), "111122223333");
        assert_eq!(root.field("Account"), "111122223333");
        let session = alcazar.role_session("Ops", DENY).await;
        let session = session
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        assert_eq!(
            session.field("Arn"),
            "arn:aws:sts::111122223333:assumed-role/Ops/harness"
        );
    }

    #[tokio::test]
    async fn no_policy_denies_it() {
        let alcazar = Alcazar::new(&[&crate::SERVICE]).await;
        let ann = alcazar.user("ann", DENY).await;
        let answer = ann.call("sts", "GetCallerIdentity", json!({})).await.ok();
        assert_eq!(answer.field("Arn"), "arn:aws:iam::111122223333:user/ann");
    }

    #[tokio::test]
    async fn is_recorded() {
        let alcazar = Alcazar::new(&[&crate::SERVICE]).await;
        alcazar
            .root()
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        let event = alcazar.event("GetCallerIdentity").await;
        assert_eq!(event["eventSource"], "sts.amazonaws.com");
        assert_eq!(event["userIdentity"]["type"], "Root");
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn nobody_calls_it_unsigned() {
        let alcazar = Alcazar::new(&[&crate::SERVICE]).await;
        let answer = alcazar
            .root()
            .unsigned("sts", "GetCallerIdentity", json!({}))
            .await;
        answer.fails("MissingAuthenticationToken");
    }
}
