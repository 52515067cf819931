//! `iam:SimulatePrincipalPolicy`: what the policies of a user, group or role would say to given calls.

use iam_api::shapes::{SimulatePolicyResponse, SimulatePrincipalPolicyRequest};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::simulation::entity::PolicySource;
use crate::simulation::exclusion::exclude;
use crate::simulation::source::Sources;
use crate::simulation::{Question, Simulation, organization};

pub(crate) struct SimulatePrincipalPolicy;

impl Operation for SimulatePrincipalPolicy {
    type Api = operations::SimulatePrincipalPolicy;
    type Target = PolicySource;

    async fn access(
        input: &SimulatePrincipalPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let source = PolicySource::find(look, &input.policy_source_arn).await?;
        let [group, role, user] = source.resources();
        let needs = permission::SimulatePrincipalPolicy { group, role, user };
        Ok(Access::to(source, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<SimulatePolicyResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let caller = call.target().caller()?;
        let mut sources = Sources::of(call.look(), call.target()).await?;
        sources.organization = organization::above(call.look(), call.call().account()).await?;
        exclude(
            &mut sources,
            input.policy_exclusion_list.as_deref().unwrap_or_default(),
        )?;
        sources.add_given(input.policy_input_list.as_deref().unwrap_or_default())?;
        let boundaries = input.permissions_boundary_policy_input_list.as_deref();
        sources.set_boundary(boundaries.unwrap_or_default())?;
        Simulation::answer(&Question::from(input), caller, sources, now)
    }
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, Answer};
    use serde_json::{Value, json};

    use crate::testing::{
        ANYTHING, denies, fails, group, iam, managed_policy, policy, role, root, server, user,
    };

    const OPERATION: &str = "SimulatePrincipalPolicy";
    const ANN: &str = "arn:aws:iam::111122223333:user/ann";
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/k";

    fn asked(source: &str, action: &str, more: Value) -> Value {
        let mut input = json!({"PolicySourceArn": source, "ActionNames": [action]});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    async fn simulate(alcazar: &Alcazar, source: &str, action: &str, more: Value) -> Answer {
        root(alcazar, OPERATION, asked(source, action, more)).await
    }

    /// Ann, who has policies of every kind: kms inline, s3 by a group, iam attached, sts by AWS.
    async fn ann() -> Alcazar {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "dev").await;
        let into = json!({"UserName": "ann", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", into).await;
        let own =
            json!({"UserName": "ann", "PolicyName": "own", "PolicyDocument": policy("kms:*", 0)});
        root(&alcazar, "PutUserPolicy", own).await;
        let shared = json!({"GroupName": "dev", "PolicyName": "shared", "PolicyDocument": policy("s3:*", 0)});
        root(&alcazar, "PutGroupPolicy", shared).await;
        let managed = managed_policy(&alcazar, "managed", "iam:*").await;
        for arn in [&managed, "arn:aws:iam::aws:policy/job-function/Billing"] {
            root(
                &alcazar,
                "AttachUserPolicy",
                json!({"UserName": "ann", "PolicyArn": arn}),
            )
            .await;
        }
        alcazar
    }

    #[tokio::test]
    async fn policies_of_every_kind_by_their_names() {
        let alcazar = ann().await;
        for (action, source) in [
            ("kms:Encrypt", "user_ann_own"),
            ("s3:GetObject", "group_dev_shared"),
            ("iam:GetUser", "managed"),
            ("aws-portal:ViewBilling", "Billing"),
            ("ec2:RunInstances", ""),
        ] {
            let answer = simulate(&alcazar, ANN, action, json!({})).await;
            let decision = if source.is_empty() {
                "implicitDeny"
            } else {
                "allowed"
            };
            assert_eq!(answer.field("EvalDecision"), decision, "{action}");
            assert_eq!(answer.field("SourcePolicyId"), source);
            assert!(!answer.text.contains("AllowedBy"));
        }
        let group = simulate(
            &alcazar,
            "arn:aws:iam::111122223333:group/dev",
            "s3:GetObject",
            json!({}),
        )
        .await;
        assert_eq!(group.field("SourcePolicyId"), "group_dev_shared");
    }

    #[tokio::test]
    async fn further_policies_and_exclusions() {
        let alcazar = ann().await;
        let deny = policy("kms:*", 0).replace("Allow", "Deny");
        let answer = simulate(
            &alcazar,
            ANN,
            "kms:Encrypt",
            json!({"PolicyInputList": [deny]}),
        )
        .await;
        assert_eq!(answer.field("EvalDecision"), "explicitDeny");
        assert_eq!(answer.fields("SourcePolicyId"), ["PolicyInputList.1"]);
        let inline = |kind: &str, name: &str, entity: &str| json!({"InlinePolicyIdentifier": {"PolicyName": name, "AttachmentType": kind, "AttachmentName": entity}});
        for (action, exclusion, decision) in [
            (
                "kms:Encrypt",
                json!({"PolicyType": "inline"}),
                "implicitDeny",
            ),
            (
                "kms:Encrypt",
                json!({"PolicyType": "user-managed"}),
                "allowed",
            ),
            ("kms:Encrypt", inline("user", "own", "ann"), "implicitDeny"),
            ("kms:Encrypt", inline("user", "own", "a*"), "implicitDeny"),
            ("kms:Encrypt", inline("group", "own", "ann"), "allowed"),
            (
                "iam:GetUser",
                json!({"PolicyType": "user-managed"}),
                "implicitDeny",
            ),
            (
                "iam:GetUser",
                json!({"PolicyArn": "arn:aws:iam::111122223333:policy/m*"}),
                "implicitDeny",
            ),
            (
                "aws-portal:ViewBilling",
                json!({"PolicyType": "aws-managed"}),
                "implicitDeny",
            ),
            ("kms:Encrypt", json!({"PolicyType": "rcp"}), "allowed"),
        ] {
            let more = json!({"PolicyExclusionList": [exclusion]});
            let answer = simulate(&alcazar, ANN, action, more).await;
            assert_eq!(
                answer.field("EvalDecision"),
                decision,
                "{action} {exclusion}"
            );
        }
        for exclusion in [
            json!({"PolicyArn": "arn:aws:iam::*:policy/managed"}),
            json!({"PolicyArn": "arn:aws:iam::aws:policy/managed", "PolicyType": "inline"}),
        ] {
            let input = asked(
                ANN,
                "kms:Encrypt",
                json!({"PolicyExclusionList": [exclusion]}),
            );
            let message = "Each PolicyIdentifier must have exactly one valid member.";
            fails(&alcazar, OPERATION, input, ("InvalidInput", message)).await;
        }
    }

    #[tokio::test]
    async fn the_boundary_it_has_or_one_in_its_place() {
        let alcazar = ann().await;
        let bound = managed_policy(&alcazar, "bound", "s3:*").await;
        let put = json!({"UserName": "ann", "PermissionsBoundary": bound});
        root(&alcazar, "PutUserPermissionsBoundary", put).await;
        for (more, decision, allowed) in [
            (json!({}), "implicitDeny", "false"),
            (
                json!({"PermissionsBoundaryPolicyInputList": [ANYTHING]}),
                "allowed",
                "true",
            ),
            (
                json!({"PolicyExclusionList": [{"PolicyType": "permission-boundary"}]}),
                "allowed",
                "",
            ),
        ] {
            let answer = simulate(&alcazar, ANN, "kms:Encrypt", more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            assert_eq!(answer.field("AllowedByPermissionsBoundary"), allowed);
        }
    }

    #[tokio::test]
    async fn the_caller_is_known_by_its_names() {
        let alcazar = ann().await;
        let id = root(&alcazar, "GetUser", json!({"UserName": "ann"}))
            .await
            .field("UserId");
        let conditions = format!(
            r#""StringEquals":{{"aws:username":"ann","aws:userid":"{id}","aws:PrincipalArn":"{ANN}","aws:PrincipalAccount":"111122223333"}}"#
        );
        let own = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{{{conditions}}}}}}}"#
        );
        let more = |caller: &str| json!({"PolicyInputList": [own], "CallerArn": caller});
        let answer = simulate(&alcazar, ANN, "ec2:RunInstances", more(ANN)).await;
        assert_eq!(answer.field("EvalDecision"), "allowed");
        let bob = "arn:aws:iam::111122223333:user/bob";
        let answer = simulate(&alcazar, ANN, "ec2:RunInstances", more(bob)).await;
        assert_eq!(answer.field("EvalDecision"), "implicitDeny");
        assert!(answer.text.contains("<member>aws:userid</member>"));
    }

    #[tokio::test]
    async fn key_policies_have_the_last_word() {
        let alcazar = ann().await;
        for (principal, decision) in [
            ("arn:aws:iam::111122223333:root", "allowed"),
            ("arn:aws:iam::111122223333:user/bob", "implicitDeny"),
        ] {
            let document = policy("kms:*", 0).replace(
                r#""Effect""#,
                &format!(r#""Principal":{{"AWS":"{principal}"}},"Effect""#),
            );
            let more = json!({"ResourceArns": [KEY], "ResourcePolicy": document});
            let answer = simulate(&alcazar, ANN, "kms:Encrypt", more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            assert_eq!(answer.field("EvalResourceName"), KEY);
        }
    }

    #[tokio::test]
    async fn roles_and_their_trust() {
        let alcazar = server().await;
        role(&alcazar, "r").await;
        let own = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": policy("sts:*", 0)});
        root(&alcazar, "PutRolePolicy", own).await;
        let source = "arn:aws:iam::111122223333:role/r";
        let target = "arn:aws:iam::444455556666:role/t";
        for (principal, decision) in [(source, "allowed"), (ANN, "implicitDeny")] {
            let trust = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#
            );
            let more = json!({"ResourceArns": [target], "ResourcePolicy": trust});
            let answer = simulate(&alcazar, source, "sts:AssumeRole", more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            assert!(answer.text.contains("<key>Resource Policy</key>"));
        }
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let theirs = "arn:aws:iam::444455556666:user/ann";
        let session = "arn:aws:sts::111122223333:assumed-role/r/s";
        for (source, code, message) in [
            (ANN, "NoSuchEntity", "The user with name ann cannot be found.".to_owned()),
            (
                session,
                "InvalidInput",
                format!("Invalid Entity Arn: {session} does not clearly define entity type and name."),
            ),
            (
                theirs,
                "InvalidInput",
                "Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in \
                 account 444455556666"
                    .to_owned(),
            ),
        ] {
            let input = asked(source, "kms:Encrypt", json!({}));
            fails(&alcazar, OPERATION, input, (code, &message)).await;
        }
        user(&alcazar, "ann").await;
        let input = asked(ANN, "kms:Encrypt", json!({"PolicyInputList": ["{}"]}));
        fails(
            &alcazar,
            OPERATION,
            input,
            ("InvalidInput", "Syntax errors in policy."),
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_by_the_entity_and_recorded() {
        let alcazar = ann().await;
        let input = asked(ANN, "kms:Encrypt", json!({}));
        denies(&alcazar, OPERATION, input.clone()).await;
        let other = r#"{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/bob"}}"#;
        let other = alcazar.user("other", other).await;
        iam(&other, OPERATION, input.clone())
            .await
            .fails("AccessDenied");
        root(&alcazar, OPERATION, input).await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policySourceArn"], ANN);
        assert!(event["responseElements"].is_null());
    }
}
