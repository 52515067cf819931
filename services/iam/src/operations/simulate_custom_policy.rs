//! `iam:SimulateCustomPolicy`: what given policies would say to given calls.

use iam_api::shapes::{SimulateCustomPolicyRequest, SimulatePolicyResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::simulation::entity::Caller;
use crate::simulation::organization::given_levels;
use crate::simulation::source::Sources;
use crate::simulation::{Question, Simulation};

pub(crate) struct SimulateCustomPolicy;

impl Operation for SimulateCustomPolicy {
    type Api = operations::SimulateCustomPolicy;
    type Target = ();

    async fn access(
        _: &SimulateCustomPolicyRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::SimulateCustomPolicy {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<SimulatePolicyResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let mut sources = Sources::default();
        sources.add_given(&input.policy_input_list)?;
        let boundaries = input.permissions_boundary_policy_input_list.as_deref();
        sources.set_boundary(boundaries.unwrap_or_default())?;
        let levels = input.ordered_organization_policy_input_list.as_deref();
        sources.organization = given_levels(levels.unwrap_or_default())?;
        let nobody = Caller::Anybody(call.call().account());
        Simulation::answer(&Question::from(input), nobody, sources, now)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::simulating::{
        ANN, BUCKET, OPERATION, ROOT, allow, asked, deny, document, on_bucket, simulate,
    };
    use crate::testing::{ANYTHING, denies, fails, iam, server};

    #[tokio::test]
    async fn explicit_and_implicit() {
        let alcazar = server().await;
        for (policies, expected, matched) in [
            (vec![allow("s3:Get*")], "allowed", "PolicyInputList.1"),
            (vec![allow("s3:Put*")], "implicitDeny", ""),
            (
                vec![allow("*"), deny("s3:*")],
                "explicitDeny",
                "PolicyInputList.2",
            ),
            (
                vec![document("Allow", "s3:*", r#","Resource":"arn:aws:s3:::b""#)],
                "implicitDeny",
                "",
            ),
        ] {
            let answer = simulate(&alcazar, &policies, json!({})).await;
            assert_eq!(answer.field("EvalDecision"), expected, "{policies:?}");
            assert_eq!(answer.field("SourcePolicyId"), matched);
            assert_eq!(answer.field("EvalResourceName"), "*");
            assert_eq!(answer.field("EvalActionName"), "s3:GetObject");
            for absent in [
                "ResourceSpecificResults",
                "EvalDecisionDetails",
                "DecisionDetail",
            ] {
                assert!(!answer.text.contains(absent), "{absent}");
            }
        }
    }

    #[tokio::test]
    async fn a_statement_is_shown_with_its_place() {
        let alcazar = server().await;
        let answer = simulate(&alcazar, &[allow("s3:*")], json!({})).await;
        assert_eq!(answer.field("SourcePolicyType"), "IAM Policy");
        assert_eq!(answer.fields("Line"), ["1", "1"]);
        let mut columns = answer.fields("Column");
        columns.sort();
        let end = allow("s3:*").len() - 1;
        assert_eq!(columns, ["38".to_owned(), end.to_string()]);
    }

    #[tokio::test]
    async fn each_resource_and_the_strictest_of_them() {
        let alcazar = server().await;
        let own = document("Allow", "s3:*", r#","Resource":"arn:aws:s3:::b""#);
        let more = json!({"ResourceArns": [BUCKET, "arn:aws:s3:::c"]});
        let answer = simulate(&alcazar, &[own], more).await;
        assert_eq!(answer.field("EvalDecision"), "implicitDeny");
        assert_eq!(
            answer.fields("EvalResourceDecision"),
            ["allowed", "implicitDeny"]
        );
        assert_eq!(answer.fields("EvalResourceName").len(), 3);
        assert!(answer.text.contains("EvalDecisionDetails"));
    }

    #[tokio::test]
    async fn boundary_and_organization_limit() {
        let alcazar = server().await;
        for (boundary, decision, allowed) in [
            (allow("s3:*"), "allowed", "true"),
            (allow("iam:*"), "implicitDeny", "false"),
            (deny("s3:*"), "explicitDeny", "false"),
        ] {
            let more = json!({"PermissionsBoundaryPolicyInputList": [boundary]});
            let answer = simulate(&alcazar, &[allow("*")], more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            assert_eq!(answer.field("AllowedByPermissionsBoundary"), allowed);
        }
        for (levels, decision, allowed) in [
            (
                vec![vec![allow("*")], vec![allow("s3:*")]],
                "allowed",
                "true",
            ),
            (
                vec![vec![allow("*")], vec![allow("iam:*")]],
                "implicitDeny",
                "false",
            ),
            (
                vec![vec![allow("*")], vec![allow("*"), deny("s3:*")]],
                "explicitDeny",
                "false",
            ),
            (vec![vec![allow("*")], vec![]], "implicitDeny", "false"),
        ] {
            let levels = levels
                .iter()
                .map(|level| json!({"ServiceControlPolicyInputList": level}));
            let levels: Vec<_> = levels.collect();
            let more =
                json!({"OrderedOrganizationPolicyInputList": levels, "ResourceArns": [BUCKET]});
            let answer = simulate(&alcazar, &[allow("*")], more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            assert_eq!(answer.field("AllowedByOrganizations"), allowed);
        }
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let policy = on_bucket("Allow", ANN);
        for (more, message) in [
            (
                json!({"PolicyInputList": ["{}"]}),
                "Syntax errors in policy.",
            ),
            (
                json!({"ActionNames": ["GetObject"]}),
                "The action is invalid since it is missing names",
            ),
            (
                json!({"ActionNames": ["s3:*"]}),
                "The action is invalid since it is missing names",
            ),
            (
                json!({"ResourceArns": ["b"]}),
                "ResourceNames are not in a valid ARN format: b.",
            ),
            (
                json!({"ResourceArns": [BUCKET, "*"]}),
                "ResourceNames are not in a valid ARN format: *.",
            ),
            (
                json!({"ResourceOwner": "111122223333"}),
                "'111122223333' is not a valid as a Resource Owner.",
            ),
            (
                json!({"CallerArn": ROOT}),
                "Invalid caller - Caller must be an IAM user, role or group in this context.",
            ),
            (
                json!({"ResourcePolicy": policy, "ResourceArns": [BUCKET]}),
                "Invalid caller - Caller cannot be null or empty.",
            ),
            (
                json!({"ResourcePolicy": policy, "CallerArn": ANN}),
                "Invalid Entity Arn: * does not clearly define entity type and name.",
            ),
            (
                json!({"ResourcePolicy": ANYTHING, "CallerArn": ANN, "ResourceArns": [BUCKET]}),
                "Missing required field Principal",
            ),
            (
                json!({"PermissionsBoundaryPolicyInputList": [ANYTHING, ANYTHING]}),
                "Only one permissions boundary can be simulated.",
            ),
        ] {
            fails(
                &alcazar,
                OPERATION,
                asked(&[allow("*")], more),
                ("InvalidInput", message),
            )
            .await;
        }
    }

    #[tokio::test]
    async fn refuses_context() {
        let alcazar = server().await;
        for (entries, message) in [
            (
                json!([{"ContextKeyType": "string"}]),
                "ContextKeyName cannot be null or empty.",
            ),
            (
                json!([{"ContextKeyName": "aws:x", "ContextKeyType": "ip", "ContextKeyValues": ["x"]}]),
                "Invalid values of context key aws:x for type ip.",
            ),
            (
                json!([{"ContextKeyName": "aws:x"}, {"ContextKeyName": "AWS:X"}]),
                "Duplicate context key: AWS:X.",
            ),
        ] {
            let input = asked(&[allow("*")], json!({"ContextEntries": entries}));
            fails(&alcazar, OPERATION, input, ("InvalidInput", message)).await;
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = asked(&[ANYTHING.to_owned()], json!({}));
        denies(&alcazar, OPERATION, input.clone()).await;
        let only = alcazar
            .user("simulates", &allow("iam:SimulateCustomPolicy"))
            .await;
        iam(&only, OPERATION, input).await.ok();
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["actionNames"][0], "s3:GetObject");
        assert_eq!(event["readOnly"], true);
        assert!(event["responseElements"].is_null());
    }
}
