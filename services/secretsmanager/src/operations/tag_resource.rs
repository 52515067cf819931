//! `secretsmanager:TagResource`: adds tags to a secret, and changes those it has.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::TagResourceRequest;
use secretsmanager_api::{operations, permission};
use wire::Empty;

use crate::keeping::Change;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::tags;

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Api = operations::TagResource;
    type Target = Sought;

    async fn access(
        input: &TagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::TagResource {
            secret: sought.resource(),
            request_tags: tags::requested(&input.tags)?,
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let secret = call.target().changeable()?;
        let old = secret.tags.clone().unwrap_or_default();
        let tags = tags::added(&old, &tags::requested(&call.input().tags)?)?;
        let changed = Secret {
            tags: Some(tags),
            ..Secret::clone(secret)
        };
        Change::of(changed).keep(&call).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::json;

    #[tokio::test]
    async fn tags_come_and_go() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let tags = |tags: &[(&str, &str)]| json!({"SecretId": "s", "Tags": tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>()});
        root.secrets("TagResource", tags(&[("a", "1"), ("b", "2")]))
            .await
            .ok();
        root.secrets("TagResource", tags(&[("b", "3")])).await.ok();
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["Tags"], tags(&[("a", "1"), ("b", "3")])["Tags"]);
        root.secrets(
            "UntagResource",
            json!({"SecretId": "s", "TagKeys": ["a", "b", "c"]}),
        )
        .await
        .ok();
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["Tags"], json!([]));
        assert_eq!(
            alcazar.event("TagResource").await["requestParameters"]["secretId"],
            "s"
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        root.new_secret("s", "one").await;
        let many: Vec<_> = (0..51).map(|it| json!({"Key": it.to_string()})).collect();
        for tags in [
            json!([{"Key": "aws:x"}]),
            json!([{"Key": "a"}, {"Key": "a"}]),
            json!([{"Value": "a"}]),
            json!(many),
        ] {
            root.secrets("TagResource", json!({"SecretId": "s", "Tags": tags}))
                .await
                .fails("InvalidParameterException");
        }
        root.secrets("TagResource", json!({"SecretId": "s", "Tags": many[..50]}))
            .await
            .ok();
        let one_more = json!({"SecretId": "s", "Tags": [{"Key": "more"}]});
        root.secrets("TagResource", one_more.clone())
            .await
            .fails("InvalidParameterException");
        root.secrets(
            "UntagResource",
            json!({"SecretId": "s", "TagKeys": ["aws:x"]}),
        )
        .await
        .fails("InvalidParameterException");
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        let words =
            "You can't perform this operation on the secret because it was marked for deletion.";
        root.secrets("TagResource", one_more)
            .await
            .fails("InvalidRequestException")
            .saying(words);
        root.secrets("UntagResource", json!({"SecretId": "s", "TagKeys": ["a"]}))
            .await
            .fails("InvalidRequestException")
            .saying(words);
    }

    #[tokio::test]
    async fn tags_decide_who_may() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}},
            {"Effect": "Allow", "Action": ["secretsmanager:TagResource", "secretsmanager:UntagResource"], "Resource": "*",
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        ann.secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("AccessDeniedException");
        let tag = |key: &str| json!({"SecretId": "s", "Tags": [{"Key": key, "Value": "red"}]});
        ann.secrets("TagResource", tag("other"))
            .await
            .fails("AccessDeniedException");
        ann.secrets(
            "UntagResource",
            json!({"SecretId": "s", "TagKeys": ["other"]}),
        )
        .await
        .fails("AccessDeniedException");
        ann.secrets("TagResource", tag("team")).await.ok();
        assert_eq!(ann.value("s").await, "one");
    }
}
