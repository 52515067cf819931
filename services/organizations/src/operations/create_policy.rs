//! `organizations:CreatePolicy`: a new policy, attached to nothing yet.

use identity::organization::OrganizationPolicy;
use organizations_api::shapes::{CreatePolicyRequest, CreatePolicyResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::standing::Standing;
use crate::tagging::{self, New};
use crate::{ids, policies, shapes, tags};

pub(crate) struct CreatePolicy;

impl Operation for CreatePolicy {
    type Api = operations::CreatePolicy;
    type Target = Standing;

    async fn access(
        input: &CreatePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let kind = policies::kind(input.type_)?;
        let standing = Standing::of_caller(look).await?;
        let request_tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let arn = standing.named().policy_arn(kind, "*");
        let needs = permission::CreatePolicy {
            policy: standing.resource(arn, base::Tags::default()),
            policy_type: policies::named(input.type_),
            request_tags: request_tags.clone(),
        };
        let tagging = tagging::of_new(&standing, New::Policy(kind), request_tags);
        let access = Access::to(standing, needs);
        Ok(match tagging {
            Some(tagging) => access.and(tagging),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreatePolicyResponse, Failure> {
        let input = call.input();
        let organization = call.target().manages()?;
        policies::check_available(organization)?;
        let kind = policies::kind(input.type_)?;
        let content = policies::content(kind, &input.content)?;
        let named = (kind, input.name.as_str());
        policies::check_name(call.look(), &organization.id, named, None).await?;
        let id = ids::policy();
        let policy = OrganizationPolicy {
            arn: organization.policy_arn(kind, &id),
            id,
            organization: organization.id.clone(),
            kind,
            name: input.name.clone(),
            description: input.description.clone(),
            content,
            changed: Some(call.call().now()),
            tags: tags::new(&input.tags)?,
        };
        let answer = shapes::policy(&policy);
        call.put(policy);
        Ok(CreatePolicyResponse {
            policy: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{
        DENY, MANAGEMENT, MANAGEMENT_POLICIES, Organizations, alcazar, guards, organized, text,
    };

    const OPERATION: &str = "CreatePolicy";

    fn input(name: &str, kind: &str, content: &str) -> Value {
        json!({"Name": name, "Description": "it", "Content": content, "Type": kind})
    }
    fn scp(name: &str, content: &str) -> Value {
        input(name, "SERVICE_CONTROL_POLICY", content)
    }

    #[tokio::test]
    async fn of_either_type() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let rcp = DENY.replace(r#""Action""#, r#""Principal":"*","Action""#);
        for (kind, folder, content) in [
            ("SERVICE_CONTROL_POLICY", "service_control_policy", DENY),
            ("RESOURCE_CONTROL_POLICY", "resource_control_policy", &rcp),
        ] {
            let made = root.does(OPERATION, input("p", kind, content)).await;
            assert_eq!(made["Policy"]["Content"], content);
            let told = &made["Policy"]["PolicySummary"];
            let id = text(&told["Id"]);
            let arn = text(&told["Arn"]);
            assert!(arn.starts_with(&format!("arn:aws:organizations::{MANAGEMENT}:policy/o-")));
            assert!(arn.ends_with(&format!("/{folder}/{id}")), "{arn}");
            assert_eq!(
                (&told["Type"], &told["AwsManaged"]),
                (&json!(kind), &json!(false))
            );
            let event = alcazar.event(OPERATION).await;
            assert_eq!(event["requestParameters"]["name"], "p");
            alcazar.clock.advance_seconds(1);
        }
    }

    #[tokio::test]
    async fn of_each_type_that_sets_up_services() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        for (kind, folder, content) in MANAGEMENT_POLICIES {
            let made = root.does(OPERATION, input("p", kind, content)).await;
            assert_eq!(made["Policy"]["Content"], content);
            let arn = text(&made["Policy"]["PolicySummary"]["Arn"]);
            assert!(arn.contains(&format!("/{folder}/p-")), "{arn}");
            let id = &made["Policy"]["PolicySummary"]["Id"];
            let told = root.does("DescribePolicy", json!({"PolicyId": id})).await;
            assert_eq!(told["Policy"], made["Policy"]);
            let listed = root.does("ListPolicies", json!({"Filter": kind})).await;
            assert_eq!(listed["Policies"].as_array().unwrap().len(), 1, "{kind}");
        }
        let long = format!(
            r#"{{"services":{{"{}":{{"opt_out_policy":{{"@@assign":"optOut"}}}}}}}}"#,
            "a".repeat(2_500)
        );
        let long = input("long", "AISERVICES_OPT_OUT_POLICY", &long);
        let reason = root
            .reason(OPERATION, long, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "POLICY_CONTENT_LIMIT_EXCEEDED");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        root.policy("taken").await;
        let principal = DENY.replace(r#""Action""#, r#""Principal":"*","Action""#);
        for (input, code) in [
            (scp("taken", DENY), "DuplicatePolicyException"),
            (scp("FullAWSAccess", DENY), "DuplicatePolicyException"),
            (scp("p", "{}"), "MalformedPolicyDocumentException"),
            (scp("p", &principal), "MalformedPolicyDocumentException"),
            (
                input("p", "TAG_POLICY", "{}"),
                "MalformedPolicyDocumentException",
            ),
            (
                input("p", "TAG_POLICY", DENY),
                "MalformedPolicyDocumentException",
            ),
            (input("p", "DANCE_POLICY", "{}"), "ValidationException"),
        ] {
            root.fails(OPERATION, input, code).await;
        }
        let enforced = r#"{"tags":{"a":{"enforced_for":{"@@assign":["kms:key"]}}}}"#;
        let refused = root
            .fails(
                OPERATION,
                input("p", "TAG_POLICY", enforced),
                "MalformedPolicyDocumentException",
            )
            .await;
        refused.saying(
            "The provided policy document cannot be taken: enforced_for is not implemented.",
        );
        let long = DENY.replace("kms:*", &format!("kms:{}", "a".repeat(10_240)));
        let reason = root
            .reason(OPERATION, scp("p", &long), "ConstraintViolationException")
            .await;
        assert_eq!(reason, "POLICY_CONTENT_LIMIT_EXCEEDED");
        let tag = json!({"Key": "aws:a", "Value": ""});
        let mut tagged = scp("p", DENY);
        tagged["Tags"] = json!([tag]);
        let reason = root
            .reason(OPERATION, tagged, "InvalidInputException")
            .await;
        assert_eq!(reason, "INVALID_SYSTEM_TAGS_PARAMETER");
    }

    #[tokio::test]
    async fn not_where_there_are_bills_alone() {
        let root = alcazar().await.root();
        root.does(
            "CreateOrganization",
            json!({"FeatureSet": "CONSOLIDATED_BILLING"}),
        )
        .await;
        let code = "PolicyTypeNotAvailableForOrganizationException";
        root.fails(OPERATION, scp("p", DENY), code).await;
    }

    #[tokio::test]
    async fn the_type_is_a_condition() {
        let (alcazar, _) = organized().await;
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:CreatePolicy","Resource":"*","Condition":{"StringEquals":{"organizations:PolicyType":"RESOURCE_CONTROL_POLICY"}}}]}"#;
        let ann = alcazar.user("ann", policy).await;
        ann.fails(OPERATION, scp("p", DENY), "AccessDeniedException")
            .await;
        let rcp = DENY.replace(r#""Action""#, r#""Principal":"*","Action""#);
        ann.does(OPERATION, input("p", "RESOURCE_CONTROL_POLICY", &rcp))
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, scp("p", DENY)).await;
    }
}
