//! `iam:PutGroupPolicy`: an inline policy, in place of one of the same name.

use iam_api::shapes::PutGroupPolicyRequest;
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::inline_policy;

pub(crate) struct PutGroupPolicy;

impl Operation for PutGroupPolicy {
    type Api = operations::PutGroupPolicy;
    type Target = Named<Group>;

    async fn access(
        input: &PutGroupPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::PutGroupPolicy {
            group: group.resource(),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, group) = (call.input(), call.target().found()?);
        call.put(inline_policy::with(
            &**group,
            &input.policy_name,
            &input.policy_document,
        )?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, group, iam, policy, root, server};

    fn input(name: &str, document: &str) -> Value {
        json!({"GroupName": "dev", "PolicyName": name, "PolicyDocument": document})
    }

    #[tokio::test]
    async fn replaces_what_has_the_name() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        for action in ["kms:Encrypt", "kms:Decrypt"] {
            root(&alcazar, "PutGroupPolicy", input("p", &policy(action, 1))).await;
        }
        let wanted = json!({"GroupName": "dev", "PolicyName": "p"});
        let got = root(&alcazar, "GetGroupPolicy", wanted).await;
        assert!(got.field("PolicyDocument").contains("kms%3ADecrypt"));
        let listed = root(&alcazar, "ListGroupPolicies", json!({"GroupName": "dev"})).await;
        assert_eq!(listed.fields("member"), ["p"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(
            &alcazar,
            "PutGroupPolicy",
            input("p", &policy("kms:*", 1)),
            missing,
        )
        .await;
        group(&alcazar, "dev").await;
        let error = ("MalformedPolicyDocument", "Syntax errors in policy.");
        fails(&alcazar, "PutGroupPolicy", input("p", "{}"), error).await;
        let bad = input("a b", &policy("kms:*", 1));
        iam(&alcazar.root(), "PutGroupPolicy", bad)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_largest_size() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let bare = policy("kms:*", 0).len();
        let longest = policy("kms:*", 5120 - 2 * bare - 1);
        root(&alcazar, "PutGroupPolicy", input("p", &policy("kms:*", 1))).await;
        root(
            &alcazar,
            "PutGroupPolicy",
            input("q", &longest.replace("\":", "\" : \n")),
        )
        .await;
        let message = "Maximum policy size of 5120 bytes exceeded for group dev";
        let full = ("LimitExceeded", message);
        fails(
            &alcazar,
            "PutGroupPolicy",
            input("p", &policy("kms:*", 2)),
            full,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let document = policy("kms:*", 1);
        denies(&alcazar, "PutGroupPolicy", input("p", &document)).await;
        root(&alcazar, "PutGroupPolicy", input("p", &document)).await;
        let event = alcazar.event("PutGroupPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
        assert_eq!(event["requestParameters"]["policyDocument"], document);
    }
}
