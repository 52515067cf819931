//! Whether a resource policy gives access to everyone.
//!
//! AWS document: Amazon S3 User Guide, "The meaning of 'public'", which says what AWS's reasoning engine looks for; AWS
//! Secrets Manager uses the same engine for `BlockPublicPolicy`.

use crate::condition::Condition;
use crate::policy::Policy;
use crate::principal_element::NamedPrincipal;
use crate::statement::{Effect, Statement};

/// Keys whose fixed value narrows "everyone" to a known set of callers.
const NARROWING: [&str; 12] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];

impl Policy {
    /// Whether a statement allows something to everyone, and no condition narrows that to callers who are known.
    /// What is not understood counts as not narrowing.
    pub fn allows_everyone(&self) -> bool {
        self.statements().iter().any(allows_everyone)
    }
}

fn allows_everyone(statement: &Statement) -> bool {
    let everyone = |name: &NamedPrincipal| match name {
        NamedPrincipal::Everyone => true,
        NamedPrincipal::Service(service) => &**service == "*",
        _ => false,
    };
    let broad = statement.is_not_principal() || statement.principals().iter().any(everyone);
    statement.effect() == Effect::Allow && broad && !statement.conditions().iter().any(narrows)
}

fn narrows(condition: &Condition) -> bool {
    let operator = condition.operator().to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let key = condition.key().to_ascii_lowercase();
    let mut values = condition.values().peekable();
    if values.peek().is_none() {
        return false;
    }
    match operator {
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" => {
            NARROWING.contains(&&*key) && values.all(is_fixed)
        }
        "ipaddress" => key == "aws:sourceip" && values.all(is_small),
        _ => false,
    }
}

/// A value without wildcards and variables. In an ARN, the account suffices: what follows may be anything.
fn is_fixed(value: &str) -> bool {
    let whole = |text: &str| !text.is_empty() && !text.contains(['*', '?', '$']);
    let mut parts = value.splitn(6, ':');
    match (parts.next(), parts.nth(3)) {
        (Some("arn"), Some(account)) if !account.is_empty() => whole(account),
        _ => whole(value),
    }
}

/// A range of addresses that AWS does not call broad: `/8` and narrower, of IPv6 `/32` and narrower.
fn is_small(range: &str) -> bool {
    let (address, length) = match range.split_once('/') {
        Some((address, length)) => (address, length.parse::<u8>().ok()),
        None => (range, Some(u8::MAX)),
    };
    let least = if address.contains(':') { 32 } else { 8 };
    length.is_some_and(|length| length >= least)
}

#[cfg(test)]
mod tests {
    use crate::{Grammar, Policy};
    use serde_json::{Value, json};

    fn allows_everyone(effect: &str, principal: Value, condition: Value) -> bool {
        let mut statement =
            json!({"Effect": effect, "Action": "x:Y", "Resource": "*", "Principal": principal});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "x:Y", "Resource": "*", "Principal": {"AWS": "111122223333"}},
            statement,
        ]});
        Policy::parse(&policy.to_string(), Grammar::Resource)
            .unwrap()
            .allows_everyone()
    }

    #[test]
    fn who_is_everyone() {
        for (principal, broad) in [
            (json!("*"), true),
            (json!({"AWS": "*"}), true),
            (json!({"AWS": ["111122223333", "*"]}), true),
            (json!({"AWS": "111122223333"}), false),
            (json!({"AWS": "arn:aws:iam::111122223333:role/r"}), false),
            (json!({"Service": "lambda.amazonaws.com"}), false),
        ] {
            assert_eq!(
                allows_everyone("Allow", principal.clone(), Value::Null),
                broad,
                "{principal}"
            );
            assert!(!allows_everyone("Deny", principal, Value::Null));
        }
    }

    #[test]
    fn what_narrows_everyone() {
        for (condition, broad) in [
            (
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
                false,
            ),
            (
                json!({"StringEquals": {"AWS:principalaccount": ["111122223333"]}}),
                false,
            ),
            (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), true),
            (
                json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}),
                true,
            ),
            (
                json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
                true,
            ),
            (
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
                true,
            ),
            (
                json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
                true,
            ),
            (
                json!({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}}),
                false,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
                true,
            ),
            (
                json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
                true,
            ),
            (
                json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
                false,
            ),
            (
                json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r"}}),
                true,
            ),
            (json!({"StringLike": {"aws:PrincipalArn": "*"}}), true),
            (
                json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                false,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}),
                true,
            ),
            (json!({"IpAddress": {"aws:SourceIp": "::/0"}}), true),
            (
                json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                true,
            ),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
            (
                json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
                false,
            ),
        ] {
            assert_eq!(
                allows_everyone("Allow", json!("*"), condition.clone()),
                broad,
                "{condition}"
            );
        }
    }
}
