//! One element of a statement against the request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::name_of;
use crate::condition::Condition;
use crate::context::{ConditionKey, Context, Value};
use crate::principal_element::{NamedPrincipal, Reach};
use crate::statement::{Circumstances, Statement};
use crate::text::with_text;

/// One element of a statement against the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// Its name, as `NotAction` or `Condition`.
    pub element: String,
    /// For a condition, as `StringLike`.
    pub operator: Option<String>,
    /// For a condition, as `aws:PrincipalTag/team`.
    pub key: Option<String>,
    /// What the statement says, as written.
    pub wanted: Vec<String>,
    /// What the request has; none where it has not the condition key.
    pub actual: Option<Vec<String>>,
    /// Whether they fit, negations regarded.
    pub fits: bool,
}

/// What statements are compared with.
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) arn: &'a str,
    pub(super) to: Circumstances<'a>,
    /// Whether the policy hangs on the resource: then a statement without principals is about nobody.
    pub(super) on_resource: bool,
}

impl Asked<'_> {
    /// How directly a statement of the action reaches the caller; `None` where it does not apply.
    pub(super) fn grant(&self, statement: &Statement) -> Option<Reach> {
        statement
            .applies(&self.to)
            .filter(|_| !self.is_about_nobody(statement))
    }

    fn is_about_nobody(&self, statement: &Statement) -> bool {
        let allow = statement.effect() == crate::Effect::Allow;
        self.on_resource && allow && statement.names_no_principal()
    }

    /// Every element of a statement against the request.
    pub(super) fn compare(&self, statement: &Statement, of_action: bool) -> Vec<Compared> {
        let reached = statement.reaches(&self.to).is_some() && !self.is_about_nobody(statement);
        let principals = statement.principals().iter().map(written);
        let principal = Compared {
            wanted: principals.collect(),
            ..plain(
                "Principal",
                statement.is_not_principal(),
                name_of(&self.to.principal),
                reached,
            )
        };
        let action = Compared {
            wanted: statement.actions().map(str::to_owned).collect(),
            ..plain(
                "Action",
                statement.is_not_action(),
                self.action.to_owned(),
                of_action,
            )
        };
        let covers = statement.covers(&self.to);
        let resource = Compared {
            wanted: statement.resources().map(str::to_owned).collect(),
            ..plain(
                "Resource",
                statement.is_not_resource(),
                self.arn.to_owned(),
                covers,
            )
        };
        let named = [principal, action, resource].into_iter();
        // An element that the statement has not, as `Principal` in an identity policy, says nothing.
        let named = named.filter(|compared| !compared.fits || !compared.wanted.is_empty());
        let conditions = statement.conditions().iter();
        named
            .chain(conditions.map(|condition| test(condition, self.to.context)))
            .collect()
    }
}

fn plain(element: &str, negated: bool, actual: String, fits: bool) -> Compared {
    Compared {
        element: match negated {
            true => format!("Not{element}"),
            false => element.to_owned(),
        },
        operator: None,
        key: None,
        wanted: Vec::new(),
        actual: Some(vec![actual]),
        fits,
    }
}

fn test(condition: &Condition, context: &dyn Context) -> Compared {
    let mut values = Vec::new();
    let key = ConditionKey::new(condition.key());
    let known = context.values(&key, &mut |value| values.push(text(value)));
    Compared {
        element: "Condition".to_owned(),
        operator: Some(condition.operator().to_owned()),
        key: Some(condition.key().to_owned()),
        wanted: condition.values().map(str::to_owned).collect(),
        actual: known.then_some(values),
        fits: condition.holds(context),
    }
}

fn text(value: Value<'_>) -> String {
    let text = match value {
        Value::Bytes(bytes) => Some(STANDARD.encode(bytes)),
        Value::Number(number) => Some(number.to_string()),
        other => with_text(other, str::to_owned),
    };
    text.unwrap_or_default()
}

fn written(name: &NamedPrincipal) -> String {
    match name {
        NamedPrincipal::Everyone => "*".to_owned(),
        NamedPrincipal::Account(account) => format!("arn:aws:iam::{account}:root"),
        NamedPrincipal::Bound { arn, id } => format!("{arn} (which was {id})"),
        NamedPrincipal::Arn(text)
        | NamedPrincipal::UniqueId(text)
        | NamedPrincipal::Service(text)
        | NamedPrincipal::Federated(text)
        | NamedPrincipal::CanonicalUser(text) => text.to_string(),
    }
}
