//! Why not, in AWS's words.

use policy::{Attached, Decision, Denial, Grammar, Policies, PolicyType, Request, decide};

use crate::support::{Facts, HOME, Kept, Thing, caller, policy};

const USER: &str = "arn:aws:iam::111111111111:user/path/ann";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1";

/// Source: IAM User Guide, "Troubleshoot access denied error messages".
#[test]
fn implicit_denials() {
    let refused =
        format!("User: {USER} is not authorized to perform: kms:Encrypt on resource: {KEY}");
    for (policy_type, reason) in [
        (PolicyType::Identity, "no identity-based policy allows"),
        (PolicyType::Resource, "no resource-based policy allows"),
        (PolicyType::Trust, "no role trust policy allows"),
        (PolicyType::Boundary, "no permissions boundary allows"),
        (PolicyType::Session, "no session policy allows"),
        (
            PolicyType::ServiceControl,
            "no service control policy allows",
        ),
        (
            PolicyType::ResourceControl,
            "no resource control policy allows",
        ),
        (PolicyType::Endpoint, "no VPC endpoint policy allows"),
    ] {
        let message = Denial::Implicit(policy_type).message(USER, "kms:Encrypt", KEY);
        assert_eq!(
            message,
            format!("{refused} because {reason} the kms:Encrypt action")
        );
    }
}

#[test]
fn assuming_a_role_is_denied_without_a_reason() {
    let role = "arn:aws:iam::111111111111:role/dev";
    let refused =
        format!("User: {USER} is not authorized to perform: sts:AssumeRole on resource: {role}");
    for policy_type in [PolicyType::Identity, PolicyType::Trust] {
        let message = Denial::Implicit(policy_type).message(USER, "sts:AssumeRole", role);
        assert_eq!(message, refused);
    }
    let message =
        Denial::Implicit(PolicyType::ServiceControl).message(USER, "sts:AssumeRole", role);
    let reason = "because no service control policy allows the sts:AssumeRole action";
    assert_eq!(message, format!("{refused} {reason}"));
}

#[test]
fn an_explicit_denial_names_policy_and_statement() {
    let deny = policy(
        Grammar::Identity,
        r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
           {"Sid": "Never", "Effect": "Deny", "Action": ["kms:Encrypt"], "Resource": "*",
            "Condition": {"Null": {"aws:x": true}}}"#,
    );
    let key = Thing::new(KEY, HOME, Kept::None);
    let identity = [Attached {
        name: "arn:aws:iam::111111111111:policy/p",
        policy: &deny,
    }];
    let request = Request {
        principal: caller("user"),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: &Facts::default(),
    };
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    let denial = decide(&request, &policies).denial().unwrap();
    let matched = denial.statement().unwrap();
    assert!(denial.is_explicit());
    assert_eq!(matched.policy_type, PolicyType::Identity);
    assert_eq!(matched.policy, "arn:aws:iam::111111111111:policy/p");
    assert_eq!((matched.index, matched.statement.sid()), (1, Some("Never")));
    assert_eq!(
        matched.statement.actions().collect::<Vec<_>>(),
        ["kms:Encrypt"]
    );
    assert_eq!(matched.statement.resources().collect::<Vec<_>>(), ["*"]);
    let condition = &matched.statement.conditions()[0];
    let values: Vec<_> = condition.values().collect();
    assert_eq!(
        (condition.operator(), condition.key(), values),
        ("Null", "aws:x", vec!["true"])
    );
    assert_eq!(
        denial.message(USER, "kms:Encrypt", KEY),
        format!(
            "User: {USER} is not authorized to perform: kms:Encrypt on resource: {KEY} \
             with an explicit deny in an identity-based policy: arn:aws:iam::111111111111:policy/p"
        )
    );
    assert_eq!(
        denial.unnamed().message(USER, "kms:Encrypt", KEY),
        format!(
            "User: {USER} is not authorized to perform: kms:Encrypt on resource: {KEY} \
             with an explicit deny in an identity-based policy"
        )
    );
}

#[test]
fn words_for_explicit_denials() {
    let deny = policy(
        Grammar::Identity,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#,
    );
    let statement = &deny.statements()[0];
    for (policy_type, words) in [
        (PolicyType::Identity, "an identity-based policy"),
        (PolicyType::Resource, "a resource-based policy"),
        (PolicyType::Trust, "the role trust policy"),
        (PolicyType::Boundary, "a permissions boundary"),
        (PolicyType::Session, "a session policy"),
        (PolicyType::ServiceControl, "a service control policy"),
        (PolicyType::ResourceControl, "a resource control policy"),
        (PolicyType::Endpoint, "a VPC endpoint policy"),
    ] {
        let matched = policy::Matched {
            policy_type,
            policy: "p",
            index: 0,
            statement,
        };
        let message = Denial::Explicit(matched).message("U", "a:b", "R");
        let expected = "User: U is not authorized to perform: a:b on resource: R";
        assert_eq!(
            message,
            format!("{expected} with an explicit deny in {words}")
        );
    }
}

#[test]
fn what_allowed_is_known_too() {
    let allow = policy(
        Grammar::Identity,
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
           {"Effect": "Allow", "Action": "*", "Resource": "*"},
           {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}"#,
    );
    let key = Thing::new(KEY, HOME, Kept::None);
    let identity = [Attached {
        name: "inline",
        policy: &allow,
    }];
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    let request = |name: &str, facts| Request {
        principal: caller(name),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: facts,
    };
    let facts = Facts::default();
    let Decision::Allowed { by: Some(matched) } = decide(&request("user", &facts), &policies)
    else {
        unreachable!("the policy allows all of kms");
    };
    assert_eq!((matched.policy, matched.index), ("inline", 1));
    let root = decide(&request("root", &facts), &Policies::default());
    assert!(matches!(root, Decision::Allowed { by: None }));
}

#[test]
fn of_several_denials_the_first_statement_is_named() {
    for (actions, expected) in [
        (["kms:*", "kms:Encrypt", "*"], 0),
        (["kms:Encrypt", "kms:*", "*"], 0),
        (["s3:*", "*", "kms:Encrypt"], 1),
    ] {
        let statements = actions.map(|action| {
            format!(r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "*"}}"#)
        });
        let deny = policy(Grammar::Identity, &statements.join(","));
        let identity = [Attached {
            name: "p",
            policy: &deny,
        }];
        let policies = Policies {
            identity: &identity,
            ..Policies::default()
        };
        let request = Request {
            principal: caller("user"),
            action: "kms:Encrypt",
            resource: None,
            context: &Facts::default(),
        };
        let denial = decide(&request, &policies).denial().unwrap();
        assert_eq!(denial.statement().unwrap().index, expected, "{actions:?}");
    }
}
