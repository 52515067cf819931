//! `iam:CreatePolicyVersion`: gives a managed policy another document.

use iam_api::shapes::{CreatePolicyVersionRequest, CreatePolicyVersionResponse};
use iam_api::{operations, permission};
use identity::{ManagedPolicy, PolicyVersion};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::managed_policy::{self, MOST_VERSIONS, Named};

pub(crate) struct CreatePolicyVersion;

impl Operation for CreatePolicyVersion {
    type Api = operations::CreatePolicyVersion;
    type Target = Named;

    async fn access(
        input: &CreatePolicyVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::CreatePolicyVersion {
            policy: policy.changeable(),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreatePolicyVersionResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let document = managed_policy::document(&input.policy_document)?;
        let mut policy = ManagedPolicy::clone(call.target().found()?);
        if policy.versions.len() >= MOST_VERSIONS {
            return Err(errors::too_many_versions(MOST_VERSIONS));
        }
        let version = PolicyVersion {
            number: policy.next_version,
            document,
            created: now,
        };
        policy.next_version += 1;
        policy.updated = now;
        if input.set_as_default == Some(true) {
            policy.default_version = version.number;
        }
        let answer = managed_policy::listed_version(&policy, &version);
        policy.versions.push(version);
        call.put(policy);
        Ok(CreatePolicyVersionResponse {
            policy_version: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server};

    #[tokio::test]
    async fn makes_versions() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        alcazar.clock.advance_seconds(60);
        let input = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        let second = root(&alcazar, "CreatePolicyVersion", input.clone()).await;
        assert_eq!(second.field("VersionId"), "v2");
        assert_eq!(second.field("IsDefaultVersion"), "false");
        assert_eq!(second.field("CreateDate"), "2026-11-23T06:39:13Z");
        assert_eq!(second.field("Document"), "");
        let event = alcazar.event("CreatePolicyVersion").await;
        assert_eq!(
            event["responseElements"]["policyVersion"]["versionId"],
            "v2"
        );
        let mut input = input;
        input["SetAsDefault"] = json!(true);
        let third = root(&alcazar, "CreatePolicyVersion", input).await;
        assert_eq!(third.field("VersionId"), "v3");
        assert_eq!(third.field("IsDefaultVersion"), "true");
        let found = root(&alcazar, "GetPolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(found.field("DefaultVersionId"), "v3");
        assert_eq!(found.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert_eq!(found.field("UpdateDate"), "2026-11-23T06:39:13Z");
    }

    #[tokio::test]
    async fn numbers_are_never_used_twice() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let create = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        for _ in 2..=5 {
            root(&alcazar, "CreatePolicyVersion", create.clone()).await;
        }
        let message = "A managed policy can have up to 5 versions. Before you create a new \
                       version, you must delete an existing version.";
        let error = ("LimitExceeded", message);
        fails(&alcazar, "CreatePolicyVersion", create.clone(), error).await;
        let delete = json!({"PolicyArn": arn, "VersionId": "v5"});
        root(&alcazar, "DeletePolicyVersion", delete).await;
        let sixth = root(&alcazar, "CreatePolicyVersion", create).await;
        assert_eq!(sixth.field("VersionId"), "v6");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let own = managed_policy(&alcazar, "P", "kms:*").await;
        let (fine, long) = (policy("kms:*", 0), policy("kms:*", 6_144));
        let none = "arn:aws:iam::111122223333:policy/None";
        let not_found = format!("Policy {none} was not found.");
        let no_arn = "longpolicynamebutnoarn";
        for (arn, document, code, message) in [
            (none, fine.as_str(), "NoSuchEntity", not_found.as_str()),
            (
                &own,
                "{",
                "MalformedPolicyDocument",
                "Syntax errors in policy.",
            ),
            (
                &own,
                &long,
                "LimitExceeded",
                "Cannot exceed quota for PolicySize: 6144",
            ),
            (
                no_arn,
                &fine,
                "ValidationError",
                "ARN longpolicynamebutnoarn is not valid.",
            ),
        ] {
            let input = json!({"PolicyArn": arn, "PolicyDocument": document});
            fails(&alcazar, "CreatePolicyVersion", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let mut input = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        denies(&alcazar, "CreatePolicyVersion", input.clone()).await;
        input["PolicyArn"] = json!("arn:aws:iam::aws:policy/ReadOnlyAccess");
        iam(&alcazar.root(), "CreatePolicyVersion", input)
            .await
            .fails("AccessDenied");
    }
}
