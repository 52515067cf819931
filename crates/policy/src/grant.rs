//! Grants: permissions on one resource that no policy document holds.

use std::collections::BTreeMap;

use crate::grammar::Grammar;
use crate::malformed::Malformed;
use crate::policy::Policy;
use crate::span;
use crate::syntax::{ConditionSource, Element, PolicySource, PrincipalSource, StatementSource};

/// An `Allow` on one resource beside its policy: a grant of KMS, or an entry of an access control list. What it means
/// depends on where it stands in [`Policies`](crate::Policies). It cannot deny.
///
/// ```
/// use policy::{Constraint, Grant, Grantee, Terms};
///
/// let department = Constraint {
///     operator: "StringEquals",
///     key: "kms:EncryptionContext:Department",
///     values: &["IT"],
/// };
/// let with_context = Terms { actions: &["kms:Encrypt", "kms:Decrypt"], constraints: &[department] };
/// let without = Terms { actions: &["kms:DescribeKey"], constraints: &[] };
/// let ann = Grantee::Aws { name: "arn:aws:iam::111122223333:user/ann", id: Some("AIDACKCEVSQ6C2EXAMPLE") };
/// let grant = Grant::new("grant/0c23", ann, &[with_context, without]).unwrap();
/// assert_eq!(grant.id(), "grant/0c23");
///
/// let nobody = Grantee::Aws { name: "arn:aws:iam::111122223333:user/*", id: None };
/// assert!(Grant::new("grant/0c23", nobody, &[without]).is_err());
/// ```
#[derive(Debug)]
pub struct Grant {
    id: Box<str>,
    policy: Policy,
}

/// Who gets what a grant gives.
#[derive(Clone, Copy, Debug)]
pub enum Grantee<'a> {
    /// Everyone, callers without credentials too.
    Everyone,
    /// A principal of AWS.
    Aws {
        /// An ARN, an account's id, or a unique id, as the `AWS` member of a `Principal` element has it.
        name: &'a str,
        /// The unique id of the user or role that had this ARN when the grant was made: nobody else is meant.
        id: Option<&'a str>,
    },
    /// A service, as `lambda.amazonaws.com`.
    Service(&'a str),
    /// An account by its canonical user id.
    CanonicalUser(&'a str),
}

/// Actions that a grant gives together.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// As `kms:Encrypt`.
    pub actions: &'a [&'a str],
    /// What must hold of a request; all of them.
    pub constraints: &'a [Constraint<'a>],
}

/// A condition of a grant, in the words of policies. Values are literal: there are no policy variables.
#[derive(Clone, Copy, Debug)]
pub struct Constraint<'a> {
    /// As `StringEquals`.
    pub operator: &'a str,
    /// As `kms:EncryptionContext:Department`.
    pub key: &'a str,
    /// Any of them suffices, as in a policy.
    pub values: &'a [&'a str],
}

impl Grant {
    /// Makes a grant; `id` is the name by which explanations call it.
    ///
    /// # Errors
    /// `Malformed` where a policy on a resource could not name this grantee, action or condition either.
    pub fn new(id: &str, grantee: Grantee<'_>, terms: &[Terms<'_>]) -> Result<Self, Malformed> {
        let text = text(&grantee, terms);
        let spans = span::statements(&text);
        let statements = terms
            .iter()
            .zip(spans)
            .map(|(terms, span)| StatementSource {
                span,
                ..statement(&grantee, terms)
            });
        let source = PolicySource {
            version: None,
            statements: statements.collect(),
        };
        let mut policy = Policy::compile(source, Grammar::Key, &text)?;
        if let Grantee::Aws { name, id: Some(id) } = grantee {
            policy.bind(&BTreeMap::from([(name.to_owned(), id.to_owned())]));
        }
        Ok(Self {
            id: id.into(),
            policy,
        })
    }

    /// The name by which explanations call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it gives, as a policy on the resource would say it.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

fn statement(grantee: &Grantee<'_>, terms: &Terms<'_>) -> StatementSource {
    let constraints = terms.constraints.iter().map(|constraint| ConditionSource {
        operator: constraint.operator.to_owned(),
        key: constraint.key.to_owned(),
        values: owned(constraint.values),
    });
    StatementSource {
        effect: "Allow".to_owned(),
        principal: Some(stated(grantee.principal())),
        action: Some(stated(owned(terms.actions))),
        resource: Some(stated(owned(&["*"]))),
        conditions: constraints.collect(),
        ..StatementSource::default()
    }
}

impl Grantee<'_> {
    fn principal(&self) -> PrincipalSource {
        match self.named() {
            None => PrincipalSource::Everyone,
            Some((kind, name)) => PrincipalSource::Named(vec![(kind.to_owned(), owned(&[name]))]),
        }
    }

    /// Type and name as a `Principal` element has them; everyone has none.
    fn named(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Everyone => None,
            Self::Aws { name, .. } => Some(("AWS", name)),
            Self::Service(name) => Some(("Service", name)),
            Self::CanonicalUser(id) => Some(("CanonicalUser", id)),
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn stated<T>(value: T) -> Element<T> {
    Element {
        negated: false,
        value,
    }
}

/// For people: one condition may stand in it twice with other values, which no document may.
fn text(grantee: &Grantee<'_>, terms: &[Terms<'_>]) -> String {
    let principal = match grantee.named() {
        None => quoted("*"),
        Some((kind, name)) => format!("{{{}: {}}}", quoted(kind), quoted(name)),
    };
    let statements = terms.iter().map(|terms| {
        let constraints = terms.constraints.iter().map(|constraint| {
            let (operator, key) = (quoted(constraint.operator), quoted(constraint.key));
            format!("{operator}: {{{key}: {}}}", list(constraint.values))
        });
        let constraints: Vec<_> = constraints.collect();
        let actions = list(terms.actions);
        let condition = match constraints.as_slice() {
            [] => String::new(),
            some => format!(r#", "Condition": {{{}}}"#, some.join(", ")),
        };
        format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": {actions}, "Resource": "*"{condition}}}"#
        )
    });
    let statements: Vec<_> = statements.collect();
    format!("{{\"Statement\": [\n{}\n]}}", statements.join(",\n"))
}

fn list(texts: &[&str]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIBE: Terms<'_> = Terms {
        actions: &["kms:DescribeKey"],
        constraints: &[],
    };

    #[test]
    fn is_shown_as_a_policy_would_say_it() {
        let twice = |value| Constraint {
            operator: "StringEquals",
            key: "kms:EncryptionContext:\"a\"",
            values: value,
        };
        let terms = Terms {
            actions: &["kms:Encrypt", "kms:Decrypt"],
            constraints: &[twice(&["${aws:userid}"]), twice(&["*"])],
        };
        let grantee = Grantee::Service("dynamodb.amazonaws.com");
        let grant = Grant::new("g", grantee, &[terms, DESCRIBE]).unwrap();
        let policy = grant.policy();
        let shown = policy.statements().iter();
        let shown: Vec<_> = shown.map(|s| s.span().of(policy.text())).collect();
        assert_eq!(
            shown,
            [
                r#"{"Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:\"a\"": ["${aws:userid}"]}, "StringEquals": {"kms:EncryptionContext:\"a\"": ["*"]}}}"#,
                r#"{"Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"}, "Action": ["kms:DescribeKey"], "Resource": "*"}"#,
            ]
        );
        assert!(!policy.has_variables());
    }

    #[test]
    fn what_no_policy_could_say_is_refused() {
        let aws = |name| Grantee::Aws { name, id: None };
        let odd = Constraint {
            operator: "Resembles",
            key: "k",
            values: &["v"],
        };
        for (grantee, terms) in [
            (aws("arn:aws:iam::111122223333:group/g"), DESCRIBE),
            (aws(""), DESCRIBE),
            (Grantee::Service("dynamodb"), DESCRIBE),
            (Grantee::CanonicalUser(""), DESCRIBE),
            (
                Grantee::Everyone,
                Terms {
                    actions: &[],
                    ..DESCRIBE
                },
            ),
            (
                Grantee::Everyone,
                Terms {
                    actions: &["DescribeKey"],
                    ..DESCRIBE
                },
            ),
            (
                Grantee::Everyone,
                Terms {
                    constraints: &[odd],
                    ..DESCRIBE
                },
            ),
        ] {
            assert!(
                Grant::new("g", grantee, &[terms]).is_err(),
                "{grantee:?} {terms:?}"
            );
        }
        assert!(Grant::new("g", Grantee::Everyone, &[DESCRIBE]).is_ok());
    }
}
