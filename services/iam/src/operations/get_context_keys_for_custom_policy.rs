//! `iam:GetContextKeysForCustomPolicy`: which condition keys the given policies name.

use iam_api::shapes::{GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::simulation::distinct;
use crate::simulation::source::Sources;

pub(crate) struct GetContextKeysForCustomPolicy;

impl Operation for GetContextKeysForCustomPolicy {
    type Api = operations::GetContextKeysForCustomPolicy;
    type Target = ();

    async fn access(
        _: &GetContextKeysForCustomPolicyRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let needs = permission::GetContextKeysForCustomPolicy {};
        Ok(Access::to((), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetContextKeysForPolicyResponse, Failure> {
        let mut sources = Sources::default();
        sources.add_given(&call.input().policy_input_list)?;
        Ok(GetContextKeysForPolicyResponse {
            context_key_names: Some(distinct(sources.condition_keys())),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, root, server};

    #[tokio::test]
    async fn every_key_once_as_first_written() {
        let alcazar = server().await;
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#;
        let two = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"AWS:securetransport":"true"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;
        let input = json!({"PolicyInputList": [one, ANYTHING, two]});
        let found = root(&alcazar, "GetContextKeysForCustomPolicy", input).await;
        assert_eq!(
            found.fields("member"),
            ["aws:username", "aws:SecureTransport", "aws:SourceIp"]
        );
    }

    #[tokio::test]
    async fn refuses_what_is_no_policy() {
        let alcazar = server().await;
        let input = json!({"PolicyInputList": ["{}"]});
        let error = ("InvalidInput", "Syntax errors in policy.");
        fails(&alcazar, "GetContextKeysForCustomPolicy", input, error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = json!({"PolicyInputList": [ANYTHING]});
        denies(&alcazar, "GetContextKeysForCustomPolicy", input.clone()).await;
        root(&alcazar, "GetContextKeysForCustomPolicy", input).await;
        let event = alcazar.event("GetContextKeysForCustomPolicy").await;
        assert_eq!(event["requestParameters"]["policyInputList"][0], ANYTHING);
        assert_eq!(event["readOnly"], true);
    }
}
