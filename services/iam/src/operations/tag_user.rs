//! `iam:TagUser`: tags, beside or in place of those of a user.

use iam_api::shapes::TagUserRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct TagUser;

impl Operation for TagUser {
    type Api = operations::TagUser;
    type Target = Named<User>;

    async fn access(input: &TagUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::TagUser {
            user: user.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        call.put(User {
            tags: tagging::with(&user.tags, &call.input().tags)?,
            ..User::clone(user)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, policy, root, server, user};

    fn input(tags: &[(&str, &str)]) -> Value {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        json!({"UserName": "ann", "Tags": tags.collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn adds_and_replaces_without_case() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        root(&alcazar, "TagUser", input(&[("Team", "x"), ("stage", "")])).await;
        root(&alcazar, "TagUser", input(&[("team", "y")])).await;
        let listed = root(&alcazar, "ListUserTags", json!({"UserName": "ann"})).await;
        assert_eq!(listed.fields("Key"), ["stage", "team"]);
        assert_eq!(listed.fields("Value"), ["y"]);
        assert!(
            listed.text.contains("<Key>stage</Key><Value/>"),
            "{}",
            listed.text
        );
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "TagUser", input(&[("a", "1")]), missing).await;
        user(&alcazar, "ann").await;
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        fails(
            &alcazar,
            "TagUser",
            input(&[("a", "1"), ("A", "2")]),
            ("InvalidInput", twice),
        )
        .await;
        let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        let most: Vec<_> = keys.iter().map(|key| (key.as_str(), "")).collect();
        root(&alcazar, "TagUser", input(&most)).await;
        let full = "The number of tags has reached the maximum limit.";
        fails(
            &alcazar,
            "TagUser",
            input(&[("a", "1")]),
            ("LimitExceeded", full),
        )
        .await;
        let long = "a".repeat(129);
        let answer = iam(&alcazar.root(), "TagUser", input(&[(&long, "")])).await;
        answer.fails("ValidationError");
    }

    #[tokio::test]
    async fn tags_of_the_request_are_conditions() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let only = r#""Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"x"},
            "ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#;
        let only = policy("iam:TagUser", 1).replace(r#""Resource":"*""#, only);
        let tagger = alcazar.user("tagger", &only).await;
        iam(&tagger, "TagUser", input(&[("team", "x")])).await.ok();
        for tags in [&[("team", "y")][..], &[("team", "x"), ("other", "z")]] {
            iam(&tagger, "TagUser", input(tags))
                .await
                .fails("AccessDenied");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "TagUser", input(&[("a", "1")])).await;
        root(&alcazar, "TagUser", input(&[("a", "1")])).await;
        let event = alcazar.event("TagUser").await;
        assert_eq!(
            event["requestParameters"]["tags"],
            json!([{"key": "a", "value": "1"}])
        );
    }
}
