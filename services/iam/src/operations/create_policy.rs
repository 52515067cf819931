//! `iam:CreatePolicy`: makes a managed policy, with its first version.

use iam_api::shapes::{CreatePolicyRequest, CreatePolicyResponse, Policy};
use iam_api::{operations, permission};
use identity::{ManagedPolicy, PolicyVersion, Prefix};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::Usage;
use crate::find::Named;
use crate::{managed_policy, names, tagging};

pub(crate) struct CreatePolicy;

impl Operation for CreatePolicy {
    type Api = operations::CreatePolicy;
    type Target = Named<ManagedPolicy>;

    async fn access(
        input: &CreatePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        let policy = Named::wanted(look, path, &input.policy_name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let (resource, tagged) = (policy.resource(), !request_tags.is_empty());
        let create = permission::CreatePolicy {
            policy: resource.clone(),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(policy, create);
        let tag = permission::TagPolicy {
            policy: resource,
            request_tags,
        };
        Ok(if tagged { access.and(tag) } else { access })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreatePolicyResponse, Failure> {
        let policy = made(&call)?;
        call.target().free()?;
        let answer = Policy {
            tags: tagging::shape(&policy.tags),
            ..managed_policy::listed(&policy, Usage::default())
        };
        call.put(policy);
        Ok(CreatePolicyResponse {
            policy: Some(answer),
        })
    }
}

fn made(call: &Permitted<'_, CreatePolicy>) -> Result<ManagedPolicy, Failure> {
    let (input, now) = (call.input(), call.call().now());
    let (account, path) = (call.call().account(), names::path(&input.path));
    let tags = input.tags.as_deref().unwrap_or_default();
    Ok(ManagedPolicy {
        name: input.policy_name.clone(),
        path: path.to_owned(),
        id: call.unique_id(Prefix::ManagedPolicy),
        arn: ManagedPolicy::arn_of(account, path, &input.policy_name),
        account: Some(account),
        created: now,
        updated: now,
        description: input.description.clone(),
        tags: tagging::with_exactly(&base::Tags::default(), tags)?,
        versions: vec![PolicyVersion {
            number: 1,
            document: managed_policy::document(&input.policy_document)?,
            created: now,
        }],
        default_version: 1,
        next_version: 2,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, policy, root, server};

    #[tokio::test]
    async fn makes_a_policy() {
        let alcazar = server().await;
        let tags = json!([{"Key": "a", "Value": "x"}, {"Key": "A", "Value": "y"}]);
        let input = json!({"PolicyName": "P", "Path": "/a/", "Description": "All of KMS",
            "PolicyDocument": policy("kms:*", 0), "Tags": tags});
        let made = root(&alcazar, "CreatePolicy", input).await;
        assert_eq!(made.field("Arn"), "arn:aws:iam::111122223333:policy/a/P");
        assert!(made.field("PolicyId").starts_with("ANPA"), "{}", made.text);
        for (field, expected) in [
            ("PolicyName", "P"),
            ("Path", "/a/"),
            ("DefaultVersionId", "v1"),
            ("AttachmentCount", "0"),
            ("PermissionsBoundaryUsageCount", "0"),
            ("IsAttachable", "true"),
            ("CreateDate", "2026-11-23T06:38:13Z"),
            ("UpdateDate", "2026-11-23T06:38:13Z"),
            // AWS: absent here, present in GetPolicy.
            ("Description", ""),
        ] {
            assert_eq!(made.field(field), expected, "{field}");
        }
        assert_eq!(made.fields("Key"), ["a", "A"]);
        let event = alcazar.event("CreatePolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "P");
        assert_eq!(
            event["responseElements"]["policy"]["defaultVersionId"],
            "v1"
        );
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let input =
            |name: &str, document: &str| json!({"PolicyName": name, "PolicyDocument": document});
        root(&alcazar, "CreatePolicy", input("P", &policy("kms:*", 0))).await;
        let long = policy("kms:*", 6_144);
        let old = policy("kms:*", 0).replace("2012-10-17", "2008-10-17");
        let twice = json!([{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]);
        let twice = json!({"PolicyName": "T", "PolicyDocument": policy("kms:*", 0), "Tags": twice});
        for (input, code, message) in [
            (
                input("p", &policy("kms:*", 0)),
                "EntityAlreadyExists",
                "A policy called p already exists. Duplicate names are not allowed.",
            ),
            (
                input("L", &long),
                "LimitExceeded",
                "Cannot exceed quota for PolicySize: 6144",
            ),
            (
                input("M", "{}"),
                "MalformedPolicyDocument",
                "Syntax errors in policy.",
            ),
            (
                input("M", &old),
                "MalformedPolicyDocument",
                "Policy document must be version 2012-10-17 or greater.",
            ),
            (
                input("M", &policy("kms", 0)),
                "MalformedPolicyDocument",
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (twice, "InvalidInput", "Duplicate tag keys found."),
        ] {
            fails(&alcazar, "CreatePolicy", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let input = json!({"PolicyName": "P", "PolicyDocument": policy("kms:*", 0)});
        denies(&alcazar, "CreatePolicy", input).await;
    }

    #[tokio::test]
    async fn tags_need_a_permission_of_their_own() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", &policy("iam:CreatePolicy", 0)).await;
        let mut input = json!({"PolicyName": "P", "PolicyDocument": policy("kms:*", 0)});
        iam(&ann, "CreatePolicy", input.clone()).await.ok();
        input["PolicyName"] = json!("Q");
        input["Tags"] = json!([{"Key": "a", "Value": "x"}]);
        let answer = iam(&ann, "CreatePolicy", input).await.fails("AccessDenied");
        assert!(
            answer.message().contains("iam:TagPolicy"),
            "{}",
            answer.text
        );
    }
}
