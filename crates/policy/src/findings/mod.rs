//! What IAM Access Analyzer's ValidatePolicy says of a policy.

mod actions;
mod catalogue;
mod conditions;
mod elements;
mod global_keys;
mod issue;
mod overlap;
mod principals;
mod privileges;
mod redundancy;
mod report;
mod resources;
mod statement;
mod tree;
mod trust;
mod values;
mod variables;

#[cfg(test)]
mod tests;

pub use catalogue::{ActionReference, Catalogue, Known, NoCatalogue, ServiceReference};
pub use issue::{FindingKind, IssueCode};
pub use report::{Finding, Location, PathElement};

use crate::grammar::Grammar;
use report::Report;
use statement::Statement;
use tree::{Node, Span};

/// What a document is checked against.
struct Scope<'a> {
    grammar: Grammar,
    /// Whether the policy's version knows policy variables.
    variables: bool,
    catalogue: &'a dyn Catalogue,
}

/// Checks a document and answers what is found in the order of places. A document may have findings and be accepted, or
/// be refused by `Policy::parse` for what is no finding here. Of a document that is longer than IAM would read, 131,072
/// bytes, nothing is said but that, and where it stops being JSON: time is linear to its length.
///
/// ```
/// use policy::Grammar;
/// use policy::findings::{IssueCode, NoCatalogue, validate};
///
/// let document = r#"{
///     "Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "*", "Resource": ["*"]}
/// }"#;
/// let findings = validate(document, Grammar::Identity, &NoCatalogue);
/// let first = findings.first().unwrap();
/// assert_eq!(first.issue_code, IssueCode::PassRoleWithStarInActionAndResource);
/// assert_eq!(first.locations.first().unwrap().start.line, 3);
/// ```
///
/// Source: IAM User Guide, "IAM policy validation check reference".
pub fn validate(document: &str, grammar: Grammar, catalogue: &dyn Catalogue) -> Vec<Finding> {
    let mut report = Report::default();
    match tree::read(document) {
        Ok(root) => {
            check(&root, document, grammar, catalogue, &mut report);
            report.finish(document, Some(&root))
        }
        Err(at) => {
            let span = Span { start: at, end: at };
            report.add(IssueCode::JsonSyntaxError, span, &[&at.to_string()]);
            report.finish(document, None)
        }
    }
}

/// Longest document that is looked into, in bytes.
/// Source: AWS Identity and Access Management API Reference, "CreatePolicy", PolicyDocument.
const LONGEST: usize = 131_072;

fn check(
    root: &Node,
    document: &str,
    grammar: Grammar,
    catalogue: &dyn Catalogue,
    report: &mut Report,
) {
    let version = elements::version_of(root);
    if version.is_none() && root.members().is_some() {
        report.add(IssueCode::MissingVersion, root.span, &[]);
    }
    let scope = Scope {
        grammar,
        variables: version.and_then(Node::text) == Some("2012-10-17"),
        catalogue,
    };
    elements::check_size(grammar, document, root, report);
    if document.len() > LONGEST {
        return;
    }
    let nodes = elements::statements(root, report);
    let mut statements = Vec::new();
    for node in nodes {
        if let Some(statement) = statement::read(node, report) {
            check_statement(&scope, node, &statement, report);
            statements.push(statement);
        }
    }
    elements::check_ids(&scope, &statements, report);
    redundancy::check_statements(nodes, report);
}

fn check_statement(scope: &Scope<'_>, node: &Node, it: &Statement<'_>, report: &mut Report) {
    elements::check(scope, node, it, report);
    principals::check(scope, node, it, report);
    actions::check(scope, it, report);
    resources::check(scope, it, report);
    conditions::check(scope, it, report);
    values::check(it, report);
    variables::check(scope, it, report);
    redundancy::check(it, report);
    match scope.grammar {
        Grammar::Trust => trust::check(it, report),
        Grammar::Identity | Grammar::Managed | Grammar::Boundary | Grammar::Session => {
            privileges::check(it, report);
        }
        _ => {}
    }
}
