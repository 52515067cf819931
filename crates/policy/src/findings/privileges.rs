//! Statements that let roles be passed, or service-linked roles be made, without saying which.

use super::issue::IssueCode;
use super::overlap::covers;
use super::report::Report;
use super::resources::fields;
use super::statement::{Element, Statement, Test, Text};
use super::tree::{Node, Span};
use crate::condition::Operator;

/// An action and the issues of the ways to allow it on everything.
struct Privilege {
    /// In lower case.
    action: &'static str,
    /// The condition key that makes up for a wildcard, unless its value is one too, in lower case.
    condition: &'static str,
    /// By `Named`, `Star` and `NotAction`, on a wildcard.
    on_star: [IssueCode; 3],
    /// By `Named`, `Star` and `NotAction`, with NotResource.
    on_others: [IssueCode; 3],
}

const PASS_ROLE: Privilege = Privilege {
    action: "iam:passrole",
    condition: "iam:passedtoservice",
    on_star: [
        IssueCode::PassRoleWithStarInResource,
        IssueCode::PassRoleWithStarInActionAndResource,
        IssueCode::PassRoleWithStarInResourceAndNotAction,
    ],
    on_others: [
        IssueCode::PassRoleWithNotResource,
        IssueCode::PassRoleWithStarInActionAndNotResource,
        IssueCode::PassRoleWithNotActionAndNotResource,
    ],
};

const CREATE_SERVICE_LINKED_ROLE: Privilege = Privilege {
    action: "iam:createservicelinkedrole",
    condition: "iam:awsservicename",
    on_star: [
        IssueCode::CreateSlrWithStarInResource,
        IssueCode::CreateSlrWithStarInActionAndResource,
        IssueCode::CreateSlrWithStarInResourceAndNotAction,
    ],
    on_others: [
        IssueCode::CreateSlrWithNotResource,
        IssueCode::CreateSlrWithStarInActionAndNotResource,
        IssueCode::CreateSlrWithNotActionAndNotResource,
    ],
};

/// Checks a statement of a policy that grants.
pub(crate) fn check(it: &Statement<'_>, report: &mut Report) {
    let (Some(action), Some(resource), true) = (&it.action, &it.resource, it.allows()) else {
        return;
    };
    for privilege in [PASS_ROLE, CREATE_SERVICE_LINKED_ROLE] {
        let Some((way, by)) = granted(action, privilege.action) else {
            continue;
        };
        let found = match resource.negated {
            true => Some((privilege.on_others, resource.node.span)),
            false if is_narrowed(it, privilege.condition) => None,
            false => {
                let star = resource.texts.iter().find(|text| is_every_role(text.text));
                star.map(|star| (privilege.on_star, star.span))
            }
        };
        if let Some((codes, span)) = found
            && let Some(code) = codes.into_iter().nth(way)
        {
            report.add_all(code, vec![by, span], &[]);
        }
    }
}

/// How the element grants `action`: 0 by name, 1 by a wildcard, 2 by naming others; and the place that does.
fn granted(element: &Element<'_>, action: &str) -> Option<(usize, Span)> {
    let lower = |text: &Text<'_>| text.text.to_ascii_lowercase();
    let texts = || element.texts.iter();
    let named = texts().find(|text| lower(text) == action);
    let like = texts().find(|text| covers(&lower(text), action));
    match (element.negated, named, like) {
        (true, None, None) => Some((2, element.node.span)),
        (false, Some(named), _) => Some((0, named.span)),
        (false, None, Some(like)) => Some((1, like.span)),
        _ => None,
    }
}

/// Whether the key must be there, with a value that is named without wildcards.
fn is_narrowed(it: &Statement<'_>, key: &str) -> bool {
    let demands = |test: &&Test<'_>| {
        let demanded = |operator: Operator| !operator.if_exists && !operator.negated;
        test.key.text.eq_ignore_ascii_case(key) && test.operator.is_some_and(demanded)
    };
    it.tests.iter().filter(demands).any(|test| {
        let mut values = test.node.items().iter().filter_map(Node::text);
        values.all(|value| !value.contains('*'))
    })
}

fn is_every_role(resource: &str) -> bool {
    let name = fields(resource).into_iter().nth(5);
    let every = |name| matches!(name, "*" | "role*" | "role/*" | "role/aws-service-role/*");
    resource == "*" || name.is_some_and(every)
}
