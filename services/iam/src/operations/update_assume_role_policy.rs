//! `iam:UpdateAssumeRolePolicy`: who may assume a role from now on.

use iam_api::shapes::UpdateAssumeRolePolicyRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::trust;

pub(crate) struct UpdateAssumeRolePolicy;

impl Operation for UpdateAssumeRolePolicy {
    type Api = operations::UpdateAssumeRolePolicy;
    type Target = Named<Role>;

    async fn access(
        input: &UpdateAssumeRolePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::UpdateAssumeRolePolicy {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().modifiable()?;
        let trust = trust::parse(call.look(), &call.input().policy_document).await?;
        call.put(Role {
            trust,
            ..Role::clone(role)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TRUST, denies, fails, iam, role, root, server};

    #[tokio::test]
    async fn replaces_the_document() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let document = TRUST.replace("ec2.", "lambda.");
        let input = json!({"RoleName": "ops", "PolicyDocument": document});
        root(&alcazar, "UpdateAssumeRolePolicy", input).await;
        let got = root(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
        assert!(
            got.field("AssumeRolePolicyDocument")
                .contains("lambda.amazonaws.com")
        );
        // A role may trust itself once it is there.
        let own = r#"{"AWS":"arn:aws:iam::111122223333:role/Ops"}"#;
        let document = TRUST.replace(r#"{"Service":"ec2.amazonaws.com"}"#, own);
        let input = json!({"RoleName": "Ops", "PolicyDocument": document});
        root(&alcazar, "UpdateAssumeRolePolicy", input).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let with = |document: &str| json!({"RoleName": "Ops", "PolicyDocument": document});
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "UpdateAssumeRolePolicy", with(TRUST), missing).await;
        role(&alcazar, "Ops").await;
        let answer = iam(&alcazar.root(), "UpdateAssumeRolePolicy", with("{}")).await;
        assert!(!answer.fails("MalformedPolicyDocument").message().is_empty());
        let resource = TRUST.replace(r#""Action""#, r#""Resource":"*","Action""#);
        let error = ("MalformedPolicyDocument", "Has prohibited field Resource");
        fails(&alcazar, "UpdateAssumeRolePolicy", with(&resource), error).await;
        let action = TRUST.replace("sts:AssumeRole", "s3:GetObject");
        let answer = iam(&alcazar.root(), "UpdateAssumeRolePolicy", with(&action)).await;
        answer.fails("MalformedPolicyDocument");
        let sid = format!(r#"[{{"Sid":"{}","Effect""#, "a".repeat(2_048));
        let long = TRUST.replace(r#"[{"Effect""#, &sid);
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 2048",
        );
        fails(&alcazar, "UpdateAssumeRolePolicy", with(&long), full).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops", "PolicyDocument": TRUST});
        denies(&alcazar, "UpdateAssumeRolePolicy", input.clone()).await;
        root(&alcazar, "UpdateAssumeRolePolicy", input).await;
        let event = alcazar.event("UpdateAssumeRolePolicy").await;
        assert_eq!(event["requestParameters"]["policyDocument"], TRUST);
    }
}
