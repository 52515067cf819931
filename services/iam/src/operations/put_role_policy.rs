//! `iam:PutRolePolicy`: an inline policy, in place of one of the same name.

use iam_api::shapes::PutRolePolicyRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::inline_policy;

pub(crate) struct PutRolePolicy;

impl Operation for PutRolePolicy {
    type Api = operations::PutRolePolicy;
    type Target = Named<Role>;

    async fn access(
        input: &PutRolePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::PutRolePolicy {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, role) = (call.input(), call.target().modifiable()?);
        call.put(inline_policy::with(
            &**role,
            &input.policy_name,
            &input.policy_document,
        )?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, policy, role, root, server};

    fn input(name: &str, document: &str) -> Value {
        json!({"RoleName": "Ops", "PolicyName": name, "PolicyDocument": document})
    }

    #[tokio::test]
    async fn replaces_what_has_the_name() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        for action in ["kms:Encrypt", "kms:Decrypt"] {
            root(&alcazar, "PutRolePolicy", input("p", &policy(action, 1))).await;
        }
        let wanted = json!({"RoleName": "Ops", "PolicyName": "p"});
        let got = root(&alcazar, "GetRolePolicy", wanted).await;
        assert!(got.field("PolicyDocument").contains("kms%3ADecrypt"));
        let listed = root(&alcazar, "ListRolePolicies", json!({"RoleName": "Ops"})).await;
        assert_eq!(listed.fields("member"), ["p"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(
            &alcazar,
            "PutRolePolicy",
            input("p", &policy("kms:*", 1)),
            missing,
        )
        .await;
        role(&alcazar, "Ops").await;
        let error = ("MalformedPolicyDocument", "Syntax errors in policy.");
        fails(&alcazar, "PutRolePolicy", input("p", "{}"), error).await;
        let bad = input("a b", &policy("kms:*", 1));
        iam(&alcazar.root(), "PutRolePolicy", bad)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_largest_size() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let bare = policy("kms:*", 0).len();
        let longest = policy("kms:*", 10240 - 2 * bare - 1);
        root(&alcazar, "PutRolePolicy", input("p", &policy("kms:*", 1))).await;
        root(
            &alcazar,
            "PutRolePolicy",
            input("q", &longest.replace("\":", "\" : \n")),
        )
        .await;
        let message = "Maximum policy size of 10240 bytes exceeded for role Ops";
        let full = ("LimitExceeded", message);
        fails(
            &alcazar,
            "PutRolePolicy",
            input("p", &policy("kms:*", 2)),
            full,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let document = policy("kms:*", 1);
        denies(&alcazar, "PutRolePolicy", input("p", &document)).await;
        root(&alcazar, "PutRolePolicy", input("p", &document)).await;
        let event = alcazar.event("PutRolePolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
        assert_eq!(event["requestParameters"]["policyDocument"], document);
    }
}
