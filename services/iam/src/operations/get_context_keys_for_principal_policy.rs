//! `iam:GetContextKeysForPrincipalPolicy`: which condition keys the policies of a user, group or role name.

use iam_api::shapes::{GetContextKeysForPolicyResponse, GetContextKeysForPrincipalPolicyRequest};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::simulation::distinct;
use crate::simulation::entity::PolicySource;
use crate::simulation::source::Sources;

pub(crate) struct GetContextKeysForPrincipalPolicy;

impl Operation for GetContextKeysForPrincipalPolicy {
    type Api = operations::GetContextKeysForPrincipalPolicy;
    type Target = PolicySource;

    async fn access(
        input: &GetContextKeysForPrincipalPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let source = PolicySource::find(look, &input.policy_source_arn).await?;
        let [group, role, user] = source.resources();
        let needs = permission::GetContextKeysForPrincipalPolicy { group, role, user };
        Ok(Access::to(source, needs))
    }

    /// AWS: those of the boundary and of service control policies are not among them.
    async fn run(call: Permitted<'_, Self>) -> Result<GetContextKeysForPolicyResponse, Failure> {
        let mut sources = Sources::of(call.look(), call.target()).await?;
        sources.boundary = None;
        let given = call.input().policy_input_list.as_deref();
        sources.add_given(given.unwrap_or_default())?;
        Ok(GetContextKeysForPolicyResponse {
            context_key_names: Some(distinct(sources.condition_keys())),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, managed_policy, role, root, server, user};

    const ANN: &str = "arn:aws:iam::111122223333:user/ann";

    fn naming(key: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"Null":{{"{key}":"true"}}}}}}}}"#
        )
    }

    #[tokio::test]
    async fn keys_of_own_and_of_groups_policies() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "dev").await;
        role(&alcazar, "r").await;
        let into = json!({"UserName": "ann", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", into).await;
        for (kind, name, key) in [
            ("User", "ann", "aws:a"),
            ("Group", "dev", "aws:b"),
            ("Role", "r", "aws:c"),
        ] {
            let put = json!({format!("{kind}Name"): name, "PolicyName": "p", "PolicyDocument": naming(key)});
            root(&alcazar, &format!("Put{kind}Policy"), put).await;
        }
        let bound = json!({"PolicyName": "bound", "PolicyDocument": naming("aws:no")});
        let bound = root(&alcazar, "CreatePolicy", bound).await.field("Arn");
        let bound = json!({"UserName": "ann", "PermissionsBoundary": bound});
        root(&alcazar, "PutUserPermissionsBoundary", bound).await;
        let plain = managed_policy(&alcazar, "plain", "kms:*").await;
        let attach = json!({"UserName": "ann", "PolicyArn": plain});
        root(&alcazar, "AttachUserPolicy", attach).await;
        for (entity, expected) in [
            ("user/ann", vec!["aws:a", "aws:b", "aws:given"]),
            ("group/dev", vec!["aws:b", "aws:given"]),
            ("role/r", vec!["aws:c", "aws:given"]),
        ] {
            let arn = format!("arn:aws:iam::111122223333:{entity}");
            let input = json!({"PolicySourceArn": arn, "PolicyInputList": [naming("aws:given")]});
            let found = root(&alcazar, "GetContextKeysForPrincipalPolicy", input).await;
            assert_eq!(found.fields("member"), expected);
        }
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = |arn: &str, document: &str| json!({"PolicySourceArn": arn, "PolicyInputList": [document]});
        let operation = "GetContextKeysForPrincipalPolicy";
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, operation, input(ANN, &naming("a:b")), missing).await;
        user(&alcazar, "ann").await;
        let malformed = ("InvalidInput", "Syntax errors in policy.");
        fails(&alcazar, operation, input(ANN, "{}"), malformed).await;
        let session = "arn:aws:sts::111122223333:assumed-role/r/s";
        let unclear =
            format!("Invalid Entity Arn: {session} does not clearly define entity type and name.");
        fails(
            &alcazar,
            operation,
            input(session, "{}"),
            ("InvalidInput", &unclear),
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"PolicySourceArn": ANN});
        denies(&alcazar, "GetContextKeysForPrincipalPolicy", input.clone()).await;
        root(&alcazar, "GetContextKeysForPrincipalPolicy", input).await;
        let event = alcazar.event("GetContextKeysForPrincipalPolicy").await;
        assert_eq!(event["requestParameters"]["policySourceArn"], ANN);
    }
}
