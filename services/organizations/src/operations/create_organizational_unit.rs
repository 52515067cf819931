//! `organizations:CreateOrganizationalUnit`: a new unit in the root or in another unit.

use identity::organization::{ChildKind, OrganizationalUnit};
use organizations_api::shapes::{
    CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::{self, Node, Sought};
use crate::quotas::{DEEPEST, UNITS};
use crate::tagging::{self, New};
use crate::{errors, ids, shapes, tags, units};

pub(crate) struct CreateOrganizationalUnit;

impl Operation for CreateOrganizationalUnit {
    type Api = operations::CreateOrganizationalUnit;
    type Target = Sought;

    async fn access(
        input: &CreateOrganizationalUnitRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let parent = Sought::find(look, &input.parent_id).await?;
        let request_tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let needs = permission::CreateOrganizationalUnit {
            organizationalunit: parent.unit(),
            root: parent.root(),
            request_tags: request_tags.clone(),
        };
        let tagging = tagging::of_new(&parent.standing, New::Unit, request_tags);
        let access = Access::to(parent, needs);
        Ok(match tagging {
            Some(tagging) => access.and(tagging),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateOrganizationalUnitResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let organization = call.target().standing.manages()?;
        let parent = call
            .target()
            .node
            .as_ref()
            .ok_or_else(errors::no_such_parent)?;
        let parents = parent.parents_within().ok_or_else(errors::no_such_parent)?;
        units::check_name(look, organization, parent.id(), &input.name).await?;
        if parents.len() > DEEPEST {
            return Err(errors::units_too_deep());
        }
        let prefix = OrganizationalUnit::prefix(&organization.id);
        if look.count::<OrganizationalUnit>(&prefix, UNITS).await? >= UNITS {
            return Err(errors::too_many_units());
        }
        let unit = OrganizationalUnit {
            id: ids::unit(&organization.root),
            organization: organization.id.clone(),
            name: input.name.clone(),
            parents,
            tags: tags::new(&input.tags)?,
        };
        node::settle(
            &call,
            organization,
            Node::id(parent),
            (ChildKind::Unit, &unit.id),
        );
        let answer = shapes::unit(organization, &unit);
        call.put(unit);
        Ok(CreateOrganizationalUnitResponse {
            organizational_unit: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, organized, text};

    const OPERATION: &str = "CreateOrganizationalUnit";

    #[tokio::test]
    async fn units_lie_in_units() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let outer = root.unit(&top, "outer").await;
        assert!(
            outer.starts_with(&format!("ou-{}-", top.trim_start_matches("r-"))),
            "{outer}"
        );
        alcazar.clock.advance_seconds(1);
        let tags = json!([{"Key": "a", "Value": "b"}]);
        let input = json!({"ParentId": outer, "Name": "inner", "Tags": tags});
        let made = root.does(OPERATION, input).await;
        let inner = &made["OrganizationalUnit"];
        let id = text(&inner["Id"]);
        assert!(text(&inner["Path"]).ends_with(&format!("/{top}/{outer}/{id}/")));
        let found = root
            .does("ListTagsForResource", json!({"ResourceId": id}))
            .await;
        assert_eq!(found["Tags"], tags);
        let attached = root.attached(&id, "SERVICE_CONTROL_POLICY").await;
        assert_eq!(attached, ["p-FullAWSAccess"]);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["name"], "inner");
        assert_eq!(event["responseElements"]["organizationalUnit"]["id"], id);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let mut parent = top.clone();
        for depth in 0..5 {
            parent = root.unit(&parent, &format!("{depth}")).await;
        }
        let same = json!({"ParentId": top, "Name": "0"});
        root.fails(OPERATION, same, "DuplicateOrganizationalUnitException")
            .await
            .saying("An OU with the same name already exists.");
        let missing = json!({"ParentId": "ou-abcd-12345678", "Name": "x"});
        root.fails(OPERATION, missing, "ParentNotFoundException")
            .await;
        let other_root = json!({"ParentId": "r-zzzzz", "Name": "x"});
        root.fails(OPERATION, other_root, "ParentNotFoundException")
            .await;
        let deep = json!({"ParentId": parent, "Name": "deep"});
        let reason = root
            .reason(OPERATION, deep, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "OU_DEPTH_LIMIT_EXCEEDED");
        let tag = json!({"Key": "a", "Value": ""});
        let twice = json!({"ParentId": top, "Name": "x", "Tags": [tag, tag]});
        let reason = root.reason(OPERATION, twice, "InvalidInputException").await;
        assert_eq!(reason, "DUPLICATE_TAG_KEY");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ParentId": "r-abcd", "Name": "x"})).await;
    }

    #[tokio::test]
    async fn tags_take_a_permission_of_their_own() {
        let (alcazar, top) = organized().await;
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:CreateOrganizationalUnit","Resource":"*"}]}"#;
        let ann = alcazar.user("ann", policy).await;
        let tags = json!([{"Key": "a", "Value": "b"}]);
        let tagged = json!({"ParentId": top, "Name": "x", "Tags": tags});
        ann.fails(OPERATION, tagged, "AccessDeniedException").await;
        ann.unit(&top, "x").await;
    }
}
