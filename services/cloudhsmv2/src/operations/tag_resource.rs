//! `cloudhsm:TagResource`: adds tags to a cluster or backup, and changes those it has.

use base::Tags;
use cloudhsmv2_api::shapes::{TagResourceRequest, TagResourceResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::taggable::Taggable;
use crate::tags;

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Api = operations::TagResource;
    type Target = Taggable;

    async fn access(
        input: &TagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Taggable::find(look, &input.resource_id).await?;
        let (backup, cluster) = target.resources();
        let given = input.tag_list.iter();
        let request_tags: Tags = given
            .map(|tag| (tag.key.as_str(), tag.value.as_str()))
            .collect();
        let needs = permission::TagResource {
            backup,
            cluster,
            request_tags,
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<TagResourceResponse, Failure> {
        let target = call.target();
        let tags = tags::added(target.tags()?, &call.input().tag_list)?;
        target.put(&call, tags)?;
        Ok(TagResourceResponse {})
    }
}

#[cfg(test)]
mod tests {

    use serde_json::{Value, json};

    use crate::testing::{CloudHsm, alcazar, backup, cluster, guards};

    const OPERATION: &str = "TagResource";

    fn input(id: &str, tags: &[(&str, &str)]) -> Value {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        json!({"ResourceId": id, "TagList": tags.collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn clusters_and_backups() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for id in [backup(&alcazar).await, cluster(&alcazar).await] {
            root.does(OPERATION, input(&id, &[("a", "1"), ("b", "2")]))
                .await;
            root.does(OPERATION, input(&id, &[("b", "3")])).await;
            let listed = root.does("ListTags", json!({"ResourceId": id})).await;
            assert_eq!(
                listed["TagList"],
                input(&id, &[("a", "1"), ("b", "3")])["TagList"]
            );
        }
        alcazar.event(OPERATION).await;
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = cluster(&alcazar).await;
        for (tags, code) in [
            (&[("a", "1"), ("a", "2")][..], "CloudHsmTagException"),
            (&[("AWS:a", "1")], "CloudHsmTagException"),
            (&[], "ValidationException"),
        ] {
            root.fails(OPERATION, input(&id, tags), code).await;
        }
        let keys: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let full: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        root.does(OPERATION, input(&id, &full)).await;
        let more = input(&id, &[("more", "")]);
        root.fails(
            OPERATION,
            more.clone(),
            "CloudHsmResourceLimitExceededException",
        )
        .await;
        for missing in ["cluster-abcdefgh234", "backup-abcdefgh234"] {
            root.fails(
                OPERATION,
                input(missing, &[("a", "")]),
                "CloudHsmResourceNotFoundException",
            )
            .await;
        }
        guards(&alcazar, OPERATION, more).await;
    }
}
