//! `iam:CreateRole`: a new role.

use std::borrow::Cow;
use std::collections::BTreeMap;

use iam_api::shapes::{CreateRoleRequest, CreateRoleResponse};
use iam_api::{operations, permission};
use identity::{Document, Prefix, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::{Use, check_boundary, row};
use crate::find::Named;
use crate::{errors, names, shapes, tagging, trust};

/// Roles of an account. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 1_000;
/// Longest session of a role that is made without a word on it, in seconds.
const SESSION_SECONDS: i32 = 3_600;

pub(crate) struct CreateRole;

impl Operation for CreateRole {
    type Api = operations::CreateRole;
    type Target = Named<Role>;

    async fn access(input: &CreateRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        names::check_role_path(path)?;
        let wanted = Named::<Role>::wanted(look, path, &input.role_name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let role = wanted.resource();
        let create = permission::CreateRole {
            role: role.clone(),
            permissions_boundary: input.permissions_boundary.clone().map(Cow::Owned),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(wanted, create);
        Ok(match request_tags.is_empty() {
            true => access,
            false => access.and(permission::TagRole { role, request_tags }),
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateRoleResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let trust = trust::parse(look, &input.assume_role_policy_document).await?;
        call.target().free()?;
        let boundary = &input.permissions_boundary;
        if let Some(boundary) = boundary {
            check_boundary(look, boundary).await?;
        }
        let prefix = Role::prefix(call.call().account());
        if look.count::<Role>(&prefix, MOST).await? >= MOST {
            return Err(errors::quota_exceeded("RolesPerAccount", MOST));
        }
        let role = new_role(&call, trust)?;
        if let Some(boundary) = boundary {
            call.put(row(&role, boundary, Use::Boundary));
        }
        let answer = shapes::created_role(&role);
        call.put(role);
        Ok(CreateRoleResponse { role: answer })
    }
}

fn new_role(call: &Permitted<'_, CreateRole>, trust: Document) -> Result<Role, Failure> {
    let (input, account) = (call.input(), call.call().account());
    let path = names::path(&input.path);
    let tags = input.tags.as_deref().unwrap_or_default();
    Ok(Role {
        name: input.role_name.clone(),
        path: path.to_owned(),
        id: call.unique_id(Prefix::Role),
        arn: Role::arn_of(account, path, &input.role_name),
        account,
        created: call.call().now(),
        description: input.description.clone().filter(|text| !text.is_empty()),
        max_session_duration: input.max_session_duration.unwrap_or(SESSION_SECONDS),
        trust,
        tags: tagging::with(&base::Tags::default(), tags)?,
        boundary: input.permissions_boundary.clone(),
        attached: vec![],
        inline: BTreeMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, TRUST, denies, fails, iam, role, root, server, user};

    fn trusting(principal: &str) -> Value {
        let document = TRUST.replace(
            r#"{"Service":"ec2.amazonaws.com"}"#,
            &format!(r#"{{"AWS":"{principal}"}}"#),
        );
        json!({"RoleName": "Ops", "AssumeRolePolicyDocument": document})
    }

    #[tokio::test]
    async fn makes_a_role() {
        let alcazar = server().await;
        let made = root(
            &alcazar,
            "CreateRole",
            json!({
                "RoleName": "Ops", "Path": "/a/", "AssumeRolePolicyDocument": TRUST,
                "Description": "it", "MaxSessionDuration": 7200,
                "Tags": [{"Key": "team", "Value": "x"}],
                "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            }),
        )
        .await;
        assert_eq!(made.field("Arn"), "arn:aws:iam::111122223333:role/a/Ops");
        assert!(made.field("RoleId").starts_with("AROA"));
        assert!(
            made.field("AssumeRolePolicyDocument")
                .starts_with("%7B%22Version%22%3A%22")
        );
        assert_eq!(made.field("PermissionsBoundaryType"), "Policy");
        assert_eq!(made.field("Key"), "team");
        assert!(!made.text.contains("Description>it") && !made.text.contains("MaxSession"));
        let got = root(&alcazar, "GetRole", json!({"RoleName": "ops"})).await;
        assert_eq!(got.field("Description"), "it");
        assert_eq!(got.field("MaxSessionDuration"), "7200");
    }

    #[tokio::test]
    async fn trusts_only_who_is_there() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        iam(
            &alcazar.other_root(),
            "CreateUser",
            json!({"UserName": "bob"}),
        )
        .await
        .ok();
        for missing in [
            "arn:aws:iam::111122223333:user/bob",
            "arn:aws:iam::111122223333:user/x/ann",
            "arn:aws:iam::111122223333:role/ann",
            "arn:aws:iam::444455556666:user/ann",
            "arn:aws:iam::111122223333:role/Ops",
            "arn:aws:sts::111122223333:assumed-role/Ops/anyone",
        ] {
            let message = format!("Invalid principal in policy: \"AWS\":\"{missing}\"");
            let error = ("MalformedPolicyDocument", message.as_str());
            fails(&alcazar, "CreateRole", trusting(missing), error).await;
        }
        for there in [
            "arn:aws:iam::111122223333:user/ann",
            "arn:aws:iam::444455556666:user/bob",
            "arn:aws:iam::444455556666:root",
            "111122223333",
            "arn:aws:iam::999999999999:user/who-knows",
            "arn:aws:sts::111122223333:federated-user/anyone",
        ] {
            root(&alcazar, "CreateRole", trusting(there)).await;
            root(&alcazar, "DeleteRole", json!({"RoleName": "Ops"})).await;
        }
    }

    #[tokio::test]
    async fn refuses_documents() {
        let alcazar = server().await;
        let with =
            |document: &str| json!({"RoleName": "Ops", "AssumeRolePolicyDocument": document});
        for document in ["{}", "not json", ANYTHING] {
            let answer = iam(&alcazar.root(), "CreateRole", with(document)).await;
            assert!(!answer.fails("MalformedPolicyDocument").message().is_empty());
        }
        let sid = format!(r#"[{{"Sid":"{}","Effect""#, "a".repeat(2_048));
        let long = TRUST.replace(r#"[{"Effect""#, &sid);
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 2048",
        );
        fails(&alcazar, "CreateRole", with(&long), full).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        role(&alcazar, "ops").await;
        let taken = ("EntityAlreadyExists", "Role with name Ops already exists.");
        let input = json!({"RoleName": "Ops", "AssumeRolePolicyDocument": TRUST});
        fails(&alcazar, "CreateRole", input, taken).await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]);
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        let input = json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST, "Tags": tags});
        fails(&alcazar, "CreateRole", input, ("InvalidInput", twice)).await;
        let scope =
            "Scope ARN: arn:aws:iam::111122223333:policy/none does not exist or is not attachable.";
        let boundary = "arn:aws:iam::111122223333:policy/none";
        let input = json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": boundary});
        fails(&alcazar, "CreateRole", input, ("NoSuchEntity", scope)).await;
        for seconds in [3_599, 43_201] {
            let input = json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": seconds});
            iam(&alcazar.root(), "CreateRole", input)
                .await
                .fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = json!({"RoleName": "Ops", "AssumeRolePolicyDocument": TRUST});
        denies(&alcazar, "CreateRole", input).await;
        let made = role(&alcazar, "Ops").await;
        let event = alcazar.event("CreateRole").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
        assert_eq!(
            event["requestParameters"]["assumeRolePolicyDocument"],
            TRUST
        );
        assert_eq!(
            event["responseElements"]["role"]["roleId"],
            made.field("RoleId")
        );
    }
}
