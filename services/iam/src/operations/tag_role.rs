//! `iam:TagRole`: tags, beside or in place of those of a role.

use iam_api::shapes::TagRoleRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct TagRole;

impl Operation for TagRole {
    type Api = operations::TagRole;
    type Target = Named<Role>;

    async fn access(input: &TagRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::TagRole {
            role: role.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().found()?;
        call.put(Role {
            tags: tagging::with(&role.tags, &call.input().tags)?,
            ..Role::clone(role)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, policy, role, root, server};

    fn input(tags: &[(&str, &str)]) -> Value {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        json!({"RoleName": "Ops", "Tags": tags.collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn adds_and_replaces_without_case() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        root(&alcazar, "TagRole", input(&[("Team", "x"), ("stage", "")])).await;
        root(&alcazar, "TagRole", input(&[("team", "y")])).await;
        let listed = root(&alcazar, "ListRoleTags", json!({"RoleName": "Ops"})).await;
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
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "TagRole", input(&[("a", "1")]), missing).await;
        role(&alcazar, "Ops").await;
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        fails(
            &alcazar,
            "TagRole",
            input(&[("a", "1"), ("A", "2")]),
            ("InvalidInput", twice),
        )
        .await;
        let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        let most: Vec<_> = keys.iter().map(|key| (key.as_str(), "")).collect();
        root(&alcazar, "TagRole", input(&most)).await;
        let full = "The number of tags has reached the maximum limit.";
        fails(
            &alcazar,
            "TagRole",
            input(&[("a", "1")]),
            ("LimitExceeded", full),
        )
        .await;
        let long = "a".repeat(129);
        let answer = iam(&alcazar.root(), "TagRole", input(&[(&long, "")])).await;
        answer.fails("ValidationError");
    }

    #[tokio::test]
    async fn tags_of_the_request_are_conditions() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let only = r#""Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"x"},
            "ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#;
        let only = policy("iam:TagRole", 1).replace(r#""Resource":"*""#, only);
        let tagger = alcazar.user("tagger", &only).await;
        iam(&tagger, "TagRole", input(&[("team", "x")])).await.ok();
        for tags in [&[("team", "y")][..], &[("team", "x"), ("other", "z")]] {
            iam(&tagger, "TagRole", input(tags))
                .await
                .fails("AccessDenied");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        denies(&alcazar, "TagRole", input(&[("a", "1")])).await;
        root(&alcazar, "TagRole", input(&[("a", "1")])).await;
        let event = alcazar.event("TagRole").await;
        assert_eq!(
            event["requestParameters"]["tags"],
            json!([{"key": "a", "value": "1"}])
        );
    }
}
