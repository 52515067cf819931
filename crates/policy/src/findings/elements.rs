//! Which elements there are: of the policy, and in each statement.

use std::collections::HashMap;

use super::Scope;
use super::issue::IssueCode;
use super::report::Report;
use super::statement::{self, Statement, Text};
use super::tree::{Member, Node};
use crate::grammar::Grammar;

/// Checks the policy's own elements and gives its statements.
pub(crate) fn statements<'t>(root: &'t Node, report: &mut Report) -> &'t [Node] {
    let mut statements: &[Node] = &[];
    for member in statement::members(root, report).unwrap_or_default() {
        match &*member.name {
            "Version" => version(member, report),
            "Id" => drop(statement::text(&member.node, report)),
            "Statement" => statements = member.node.items(),
            other => report.add(IssueCode::InvalidPolicyElement, member.name_span, &[other]),
        }
    }
    if root.members().is_some() && statements.is_empty() {
        report.add(IssueCode::MissingStatement, root.span, &[]);
    }
    statements
}

fn version(member: &Member, report: &mut Report) {
    let Some(Text { text, span }) = statement::text(&member.node, report) else {
        return;
    };
    if !matches!(text, "2012-10-17" | "2008-10-17") {
        report.add(IssueCode::InvalidVersion, span, &[text]);
    }
}

/// The policy's version, where it says one.
pub(crate) fn version_of(root: &Node) -> Option<&Node> {
    let mut members = root.members()?.iter();
    members
        .find(|member| &*member.name == "Version")
        .map(|member| &member.node)
}

/// Checks which elements a statement has.
pub(crate) fn check(scope: &Scope<'_>, node: &Node, it: &Statement<'_>, report: &mut Report) {
    if !it.has_effect {
        report.add(IssueCode::MissingEffect, node.span, &[]);
    }
    for (element, missing, empty) in [
        (
            &it.action,
            IssueCode::MissingAction,
            IssueCode::EmptyArrayAction,
        ),
        (
            &it.resource,
            IssueCode::MissingResource,
            IssueCode::EmptyArrayResource,
        ),
    ] {
        let optional = missing == IssueCode::MissingResource && !needs_resource(scope.grammar);
        match element {
            None if optional => {}
            None => report.add(missing, node.span, &[]),
            Some(element) if element.node.items().is_empty() => {
                report.add(empty, element.node.span, &[]);
            }
            Some(_) => {}
        }
    }
    if let (Grammar::Trust, Some(resource)) = (scope.grammar, &it.resource) {
        let code = IssueCode::RoleTrustPolicySyntaxErrorResource;
        report.add(code, resource.node.span, &[]);
    }
    if it
        .condition
        .and_then(Node::members)
        .is_some_and(<[_]>::is_empty)
    {
        let span = it.condition.map_or(node.span, |condition| condition.span);
        report.add(IssueCode::EmptyObjectCondition, span, &[]);
    }
}

fn needs_resource(grammar: Grammar) -> bool {
    !matches!(grammar, Grammar::Trust | Grammar::Key)
}

/// Checks the statements' ids against each other.
pub(crate) fn check_ids(scope: &Scope<'_>, statements: &[Statement<'_>], report: &mut Report) {
    let plain = scope.grammar.has_plain_ids();
    let repeated = match scope.grammar {
        Grammar::Resource | Grammar::Key => IssueCode::UniqueSidsRecommended,
        _ => IssueCode::UniqueSidsRequired,
    };
    let mut seen = HashMap::new();
    for Text { text, span } in statements.iter().filter_map(|statement| statement.sid) {
        if text.is_empty() {
            report.add(IssueCode::EmptySidValue, span, &[]);
        } else if let Some(first) = seen.insert(text, span) {
            report.add_all(repeated, vec![span, first], &[]);
        }
        if plain && !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            report.add(IssueCode::UnsupportedSid, span, &[]);
        }
    }
}

/// Checks the document's length against the quota of its kind.
/// Source: IAM User Guide, "IAM and AWS STS quotas"; AWS Organizations User Guide, "Quotas".
pub(crate) fn check_size(grammar: Grammar, document: &str, root: &Node, report: &mut Report) {
    let whole = document.chars().count();
    let dense = document.chars().filter(|c| !c.is_whitespace()).count();
    let (code, size, most) = match grammar {
        Grammar::Identity | Grammar::Managed | Grammar::Boundary => (
            IssueCode::PolicySizeExceedsIdentityPolicyQuota,
            dense,
            6_144,
        ),
        Grammar::Trust => (
            IssueCode::PolicySizeExceedsRoleTrustPolicyQuota,
            dense,
            2_048,
        ),
        Grammar::Resource => (
            IssueCode::PolicySizeExceedsResourcePolicyQuota,
            whole,
            20_480,
        ),
        Grammar::Key => (
            IssueCode::PolicySizeExceedsResourcePolicyQuota,
            whole,
            32_768,
        ),
        Grammar::ServiceControl => (IssueCode::PolicySizeExceedsScpQuota, whole, 10_240),
        // ValidatePolicy has no word for these; what nobody would read is told all the same.
        Grammar::Session => (
            IssueCode::PolicySizeExceedsIdentityPolicyQuota,
            whole,
            super::LONGEST,
        ),
        Grammar::ResourceControl => (
            IssueCode::PolicySizeExceedsResourcePolicyQuota,
            whole,
            super::LONGEST,
        ),
    };
    if size > most {
        report.add(code, root.span, &[&size.to_string(), &most.to_string()]);
    }
}
