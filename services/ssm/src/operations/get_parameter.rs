//! `ssm:GetParameter`: a parameter with its value.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{GetParameterRequest, GetParameterResult};
use ssm_api::{operations, permission};

use crate::sought::Sought;
use crate::{secret_reference, told};

pub(crate) struct GetParameter;

impl Operation for GetParameter {
    type Api = operations::GetParameter;
    type Target = Sought;

    async fn access(
        input: &GetParameterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find_to_read(look, &input.name).await?;
        let needs = permission::GetParameter {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParameterResult, Failure> {
        let (sought, with_decryption) = (call.target(), call.input().with_decryption);
        if let Some(secret) = secret_reference::read(&call, sought, with_decryption).await? {
            let parameter = Some(secret);
            return Ok(GetParameterResult { parameter });
        }
        let (parameter, version) = (sought.existing()?, sought.version(call.look()).await?);
        let told = told::with_value(&call, parameter, &version, with_decryption).await?;
        Ok(GetParameterResult {
            parameter: Some(told::selected(told, sought.selector())),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::json;

    #[tokio::test]
    async fn by_name_arn_version_and_label() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a/b", "one").await;
        root.put("/a/b", "two").await;
        root.put("c", "three").await;
        let label = json!({"Name": "/a/b", "ParameterVersion": 1, "Labels": ["old"]});
        root.ssm("LabelParameterVersion", label).await.ok();
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/a/b";
        for (name, value, selector) in [
            ("/a/b", "two", ""),
            ("/a/b:1", "one", ":1"),
            ("/a/b:old", "one", ":old"),
            (arn, "two", ""),
            (&format!("{arn}:1"), "one", ":1"),
            ("c", "three", ""),
            ("/c", "three", ""),
        ] {
            let read = root.ssm("GetParameter", json!({"Name": name})).await.ok();
            assert_eq!(read.field("/Parameter/Value"), value, "{name}");
            assert_eq!(read.field("/Parameter/Selector"), selector, "{name}");
        }
        for (name, code) in [
            ("/a", "ParameterNotFound"),
            ("/A/b", "ParameterNotFound"),
            ("/a/b:3", "ParameterVersionNotFound"),
            ("/a/b:none", "ParameterVersionNotFound"),
            ("a/b", "ValidationException"),
            ("/a//b", "ValidationException"),
            ("/a/b/", "ValidationException"),
            ("/a/b:", "ValidationException"),
            ("/a/b:1:1", "ValidationException"),
            (
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
                "ParameterNotFound",
            ),
        ] {
            root.ssm("GetParameter", json!({"Name": name}))
                .await
                .fails(code);
        }
        let event = alcazar.event("GetParameter").await;
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn secrets_of_both_tiers() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let long = "é".repeat(4000);
        for (name, tier, value) in [("/s", "Standard", "hunter2"), ("/t", "Advanced", &*long)] {
            let input = json!({"Name": name, "Value": value, "Type": "SecureString", "Tier": tier});
            root.ssm("PutParameter", input).await.ok();
            assert_eq!(root.value(name).await, value);
            let sealed = root.ssm("GetParameter", json!({"Name": name})).await.ok();
            assert!(!sealed.text.contains(value));
        }
        // The ciphertext of a standard parameter is KMS's own, under the documented context.
        let mine = root
            .call("kms", "CreateKey", json!({}))
            .await
            .ok()
            .field("/KeyMetadata/Arn");
        let input =
            json!({"Name": "/u", "Value": "hunter2", "Type": "SecureString", "KeyId": mine});
        root.ssm("PutParameter", input).await.ok();
        let sealed = root
            .ssm("GetParameter", json!({"Name": "/u"}))
            .await
            .ok()
            .field("/Parameter/Value");
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/u";
        let opened = json!({"CiphertextBlob": sealed, "EncryptionContext": {"PARAMETER_ARN": arn}});
        assert_eq!(
            root.call("kms", "Decrypt", opened)
                .await
                .ok()
                .field("Plaintext"),
            "aHVudGVyMg=="
        );
        let other = json!({"CiphertextBlob": sealed, "EncryptionContext": {"PARAMETER_ARN": "x"}});
        root.call("kms", "Decrypt", other)
            .await
            .fails("InvalidCiphertextException");
        for event in alcazar.events().await {
            assert!(!event.to_string().contains("hunter2"), "{event}");
        }
    }

    #[tokio::test]
    async fn a_disabled_key_and_one_that_the_caller_may_not_use() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root
            .call("kms", "CreateKey", json!({}))
            .await
            .ok()
            .field("/KeyMetadata/Arn");
        let input = json!({"Name": "/s", "Value": "hunter2", "Type": "SecureString", "KeyId": key});
        root.ssm("PutParameter", input).await.ok();
        let ann = alcazar.user("ann", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}"#).await;
        let read = json!({"Name": "/s", "WithDecryption": true});
        ann.ssm("GetParameter", read.clone())
            .await
            .fails("AccessDeniedException");
        ann.ssm(
            "GetParameters",
            json!({"Names": ["/s"], "WithDecryption": true}),
        )
        .await
        .fails("AccessDeniedException");
        ann.ssm(
            "GetParametersByPath",
            json!({"Path": "/", "WithDecryption": true}),
        )
        .await
        .fails("AccessDeniedException");
        ann.ssm("GetParameterHistory", read.clone())
            .await
            .fails("AccessDeniedException");
        ann.ssm("GetParameter", json!({"Name": "/s"})).await.ok();
        let put = json!({"Name": "/t", "Value": "x", "Type": "SecureString", "KeyId": key});
        ann.ssm("PutParameter", put)
            .await
            .fails("AccessDeniedException");
        root.call("kms", "DisableKey", json!({"KeyId": key}))
            .await
            .ok();
        let refused = root.ssm("GetParameter", read).await.fails("InvalidKeyId");
        assert!(
            refused.message().contains("DisabledException"),
            "{}",
            refused.text
        );
    }

    #[tokio::test]
    async fn tags_decide_who_may() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a", "1").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter",
            "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        ann.ssm("GetParameter", json!({"Name": "/a"}))
            .await
            .fails("AccessDeniedException");
        let tag = json!({"ResourceType": "Parameter", "ResourceId": "/a", "Tags": [{"Key": "team", "Value": "red"}]});
        root.ssm("AddTagsToResource", tag).await.ok();
        ann.ssm("GetParameter", json!({"Name": "/a"})).await.ok();
        let listed = json!({"ResourceType": "Parameter", "ResourceId": "/a"});
        let listed = root
            .ssm("ListTagsForResource", listed)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(listed["TagList"], json!([{"Key": "team", "Value": "red"}]));
        let untag = json!({"ResourceType": "Parameter", "ResourceId": "/a", "TagKeys": ["team"]});
        root.ssm("RemoveTagsFromResource", untag).await.ok();
        ann.ssm("GetParameter", json!({"Name": "/a"}))
            .await
            .fails("AccessDeniedException");
        let none = json!({"ResourceType": "Parameter", "ResourceId": "/none"});
        root.ssm("ListTagsForResource", none)
            .await
            .fails("InvalidResourceId");
        let other = json!({"ResourceType": "Document", "ResourceId": "a"});
        root.ssm("ListTagsForResource", other)
            .await
            .fails("NotImplemented");
    }
}
