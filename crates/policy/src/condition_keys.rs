//! Which condition keys a policy names.

use std::collections::BTreeSet;

use crate::policy::Policy;
use crate::statement::Statement;
use crate::variable::name_and_default;

impl Policy {
    /// Every condition key the policy looks at, as first written and in the order of the document: those of `Condition`
    /// and those of policy variables. Names compare without case.
    ///
    /// ```
    /// use policy::{Grammar, Policy};
    ///
    /// let document = r#"{"Version": "2012-10-17", "Statement": {
    ///     "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*",
    ///     "Condition": {"Bool": {"aws:SecureTransport": "true"}}
    /// }}"#;
    /// let policy = Policy::parse(document, Grammar::Identity).unwrap();
    /// assert_eq!(policy.condition_keys(), ["aws:username", "aws:SecureTransport"]);
    /// ```
    pub fn condition_keys(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let statements = self.statements().iter();
        let mut keys: Vec<&str> = statements
            .flat_map(|statement| keys_of(statement, self.has_variables()))
            .collect();
        keys.retain(|key| seen.insert(key.to_ascii_lowercase()));
        keys
    }
}

fn keys_of(statement: &Statement, has_variables: bool) -> Vec<&str> {
    let mut keys = Vec::new();
    if has_variables {
        keys.extend(statement.resources().flat_map(variables));
    }
    for condition in statement.conditions() {
        keys.push(condition.key());
        if has_variables && condition.takes_variables() {
            keys.extend(condition.values().flat_map(variables));
        }
    }
    keys
}

/// The keys of the variables in a text, as patterns read it: one that is never closed ends them.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let inner = std::iter::from_fn(move || {
        let (_, opened) = rest.split_once("${")?;
        let (inner, after) = opened.split_once('}')?;
        rest = after;
        Some(inner)
    });
    inner
        .filter(|inner| !matches!(*inner, "*" | "?" | "$"))
        .map(|inner| name_and_default(inner).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Grammar;

    fn keys(version: &str, statement: &str) -> Vec<String> {
        let document = format!(
            r#"{{"Version": "{version}", "Statement": {{"Effect": "Deny", "Action": "*", {statement}}}}}"#
        );
        let policy = Policy::parse(&document, Grammar::Identity).unwrap();
        let keys = policy.condition_keys().into_iter();
        keys.map(str::to_owned).collect()
    }

    #[test]
    fn where_keys_are_named() {
        for (statement, expected) in [
            (r#""Resource": "*""#, vec![]),
            (
                r#""NotResource": "arn:aws:s3:::a/${aws:userid}/${*}${?}${$}/${ aws:PrincipalTag/T , 'x'}""#,
                vec!["aws:userid", "aws:PrincipalTag/T"],
            ),
            (r#""Resource": "arn:aws:s3:::a/${aws:userid""#, vec![]),
            (
                r#""Resource": "*", "Condition": {"StringLike": {"aws:Referer": ["a", "${aws:username}"]}}"#,
                vec!["aws:Referer", "aws:username"],
            ),
            (
                r#""Resource": "*", "Condition": {"Null": {"aws:TokenIssueTime": "true"}, "Bool": {"AWS:tokenissuetime": "true", "a:b": "true"}}"#,
                vec!["aws:TokenIssueTime", "a:b"],
            ),
        ] {
            assert_eq!(keys("2012-10-17", statement), expected, "{statement}");
        }
    }

    #[test]
    fn the_first_version_has_no_variables() {
        let statement = r#""Resource": "arn:aws:s3:::${aws:userid}", "Condition": {"StringLike": {"a:b": "${c:d}"}}"#;
        assert_eq!(keys("2008-10-17", statement), ["a:b"]);
    }
}
