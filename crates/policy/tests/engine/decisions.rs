//! Decisions that need more than a line of a table.

use policy::{Attached, Grammar, Policies, Request, decide};

use crate::case::describe;
use crate::support::{Facts, HOME, Kept, Thing, caller, policy};

/// A role's trust policy has no say in IAM's own actions on it.
#[test]
fn iam_actions_on_a_role_do_not_ask_its_trust_policy() {
    let trust = policy(
        Grammar::Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "222222222222"}}"#,
    );
    let role = Thing::new("arn:aws:iam::111111111111:role/r", HOME, Kept::Trust(trust));
    let all = policy(
        Grammar::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    );
    let identity = [Attached {
        name: "all",
        policy: &all,
    }];
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    let facts = Facts::default();
    for (action, expected) in [
        ("iam:GetRole", "allowed"),
        ("sts:AssumeRole", "not allowed by Trust"),
        ("STS:assumerole", "not allowed by Trust"),
    ] {
        let request = Request {
            principal: caller("user"),
            action,
            resource: Some(&role),
            context: &facts,
        };
        assert_eq!(describe(decide(&request, &policies)), expected, "{action}");
    }
}

/// Actions that know no resource, and statements without one.
#[test]
fn no_resource_is_only_everything() {
    let facts = Facts::default();
    for (resource, expected) in [
        (r#""Resource": "*""#, "allowed"),
        (r#""Resource": ["arn:aws:kms:*:*:key/1", "*"]"#, "allowed"),
        (
            r#""Resource": "arn:aws:kms:*:*:*""#,
            "not allowed by Identity",
        ),
        (r#""NotResource": "arn:aws:kms:*:*:key/1""#, "allowed"),
        (r#""NotResource": "*""#, "not allowed by Identity"),
    ] {
        let statement = format!(r#"{{"Effect": "Allow", "Action": "kms:ListKeys", {resource}}}"#);
        let list = policy(Grammar::Identity, &statement);
        let identity = [Attached {
            name: "list",
            policy: &list,
        }];
        let policies = Policies {
            identity: &identity,
            ..Policies::default()
        };
        let request = Request {
            principal: caller("user"),
            action: "kms:ListKeys",
            resource: None,
            context: &facts,
        };
        assert_eq!(
            describe(decide(&request, &policies)),
            expected,
            "{resource}"
        );
    }
}

/// Source: AWS KMS Developer Guide, "Key policies in AWS KMS": the Resource element.
#[test]
fn a_key_policy_statement_without_resource_has_no_effect() {
    let without = policy(
        Grammar::Key,
        r#"{"Effect": "Allow", "Action": "kms:*", "Principal": "*"}"#,
    );
    let key = Thing::new("arn:aws:kms:r:111111111111:key/1", HOME, Kept::Key(without));
    let facts = Facts::default();
    let request = Request {
        principal: caller("root"),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: &facts,
    };
    let answer = describe(decide(&request, &Policies::default()));
    assert_eq!(answer, "not allowed by Resource");
}

/// A policy that names no principal is about nobody when it hangs on a resource.
#[test]
fn an_identity_policy_on_a_resource_grants_nothing() {
    let all = policy(
        Grammar::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    );
    let key = Thing::new("arn:aws:kms:r:111111111111:key/1", HOME, Kept::Key(all));
    let facts = Facts::default();
    let request = Request {
        principal: caller("nobody"),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: &facts,
    };
    let answer = describe(decide(&request, &Policies::default()));
    assert_eq!(answer, "not allowed by Resource");
}
