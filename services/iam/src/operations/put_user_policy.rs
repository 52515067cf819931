//! `iam:PutUserPolicy`: an inline policy, in place of one of the same name.

use iam_api::shapes::PutUserPolicyRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::inline_policy;

pub(crate) struct PutUserPolicy;

impl Operation for PutUserPolicy {
    type Api = operations::PutUserPolicy;
    type Target = Named<User>;

    async fn access(
        input: &PutUserPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::PutUserPolicy {
            user: user.resource(),
            permissions_boundary: boundary_of(&user),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, user) = (call.input(), call.target().found()?);
        call.put(inline_policy::with(
            &**user,
            &input.policy_name,
            &input.policy_document,
        )?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, policy, root, server, user};

    fn input(name: &str, document: &str) -> Value {
        json!({"UserName": "ann", "PolicyName": name, "PolicyDocument": document})
    }

    #[tokio::test]
    async fn replaces_what_has_the_name() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for action in ["kms:Encrypt", "kms:Decrypt"] {
            root(&alcazar, "PutUserPolicy", input("p", &policy(action, 1))).await;
        }
        let wanted = json!({"UserName": "ann", "PolicyName": "p"});
        let got = root(&alcazar, "GetUserPolicy", wanted).await;
        assert!(got.field("PolicyDocument").contains("kms%3ADecrypt"));
        let listed = root(&alcazar, "ListUserPolicies", json!({"UserName": "ann"})).await;
        assert_eq!(listed.fields("member"), ["p"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "PutUserPolicy",
            input("p", &policy("kms:*", 1)),
            missing,
        )
        .await;
        user(&alcazar, "ann").await;
        let error = ("MalformedPolicyDocument", "Syntax errors in policy.");
        fails(&alcazar, "PutUserPolicy", input("p", "{}"), error).await;
        let bad = input("a b", &policy("kms:*", 1));
        iam(&alcazar.root(), "PutUserPolicy", bad)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_largest_size() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let bare = policy("kms:*", 0).len();
        let longest = policy("kms:*", 2048 - 2 * bare - 1);
        root(&alcazar, "PutUserPolicy", input("p", &policy("kms:*", 1))).await;
        root(
            &alcazar,
            "PutUserPolicy",
            input("q", &longest.replace("\":", "\" : \n")),
        )
        .await;
        let message = "Maximum policy size of 2048 bytes exceeded for user ann";
        let full = ("LimitExceeded", message);
        fails(
            &alcazar,
            "PutUserPolicy",
            input("p", &policy("kms:*", 2)),
            full,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let document = policy("kms:*", 1);
        denies(&alcazar, "PutUserPolicy", input("p", &document)).await;
        root(&alcazar, "PutUserPolicy", input("p", &document)).await;
        let event = alcazar.event("PutUserPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
        assert_eq!(event["requestParameters"]["policyDocument"], document);
    }
}
