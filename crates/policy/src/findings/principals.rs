//! The principals of a statement.

use super::Scope;
use super::issue::IssueCode;
use super::report::Report;
use super::statement::{self, Element, Statement, Text};
use super::tree::{Member, Node};
use crate::grammar::Grammar;

/// The keys that say on whose behalf a service comes, in lower case.
const SOURCES: [&str; 4] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Checks who is named, and who must be.
pub(crate) fn check(scope: &Scope<'_>, node: &Node, it: &Statement<'_>, report: &mut Report) {
    let grammar = scope.grammar;
    let Some(principal) = &it.principal else {
        if grammar.has_principal() {
            report.add(IssueCode::MissingPrincipal, node.span, &[]);
        }
        return;
    };
    if let Some((code, words)) = prohibited(grammar, principal) {
        report.add(code, principal.node.span, words);
        return;
    }
    if principal.negated && it.allows() {
        report.add(IssueCode::AllowWithNotPrincipal, principal.node.span, &[]);
    }
    match principal.node.members() {
        None if principal.node.text() == Some("*") => {}
        None => report.add(IssueCode::InvalidPrincipalFormat, principal.node.span, &[]),
        Some([]) => report.add(IssueCode::EmptyObjectPrincipal, principal.node.span, &[]),
        Some(members) => {
            for member in members {
                check_member(grammar, member, report);
            }
        }
    }
    if matches!(grammar, Grammar::Resource | Grammar::Key) {
        check_services(it, principal, report);
    }
}

/// What a kind of policy says of principals that it does not have.
fn prohibited(
    grammar: Grammar,
    principal: &Element<'_>,
) -> Option<(IssueCode, &'static [&'static str])> {
    let everyone = principal.node.text() == Some("*");
    match grammar {
        Grammar::ServiceControl => Some((IssueCode::ScpSyntaxErrorPrincipal, &[])),
        Grammar::ResourceControl if principal.negated || !everyone => Some((
            IssueCode::UnsupportedPrincipal,
            &["RESOURCE_CONTROL_POLICY"],
        )),
        Grammar::Trust if principal.negated => {
            Some((IssueCode::RoleTrustPolicySyntaxErrorNotPrincipal, &[]))
        }
        Grammar::Trust if everyone => Some((
            IssueCode::RoleTrustPolicyUnsupportedWildcardInPrincipal,
            &[],
        )),
        _ if !grammar.has_principal() => {
            Some((IssueCode::UnsupportedPrincipal, &["IDENTITY_POLICY"]))
        }
        _ => None,
    }
}

fn check_member(grammar: Grammar, member: &Member, report: &mut Report) {
    let kind = &*member.name;
    if !matches!(kind, "AWS" | "Service" | "Federated" | "CanonicalUser") {
        report.add(IssueCode::InvalidPrincipalKey, member.name_span, &[kind]);
        return;
    }
    if kind == "Federated" && grammar != Grammar::Trust {
        let code = IssueCode::FederatedPrincipalNotSupported;
        report.add(code, member.name_span, &[]);
    }
    if member.node.items().is_empty() {
        report.add(IssueCode::EmptyArrayPrincipal, member.node.span, &[]);
    }
    for name in statement::texts(&member.node, report) {
        check_name(kind, &name, report);
    }
}

fn check_name(kind: &str, name: &Text<'_>, report: &mut Report) {
    let Text { text, span } = *name;
    let alone = text == "*" && matches!(kind, "AWS" | "Service");
    if text.contains("${") {
        report.add(IssueCode::VariableUnsupportedInElement, span, &[]);
    } else if text.contains(['*', '?']) && !alone {
        report.add(IssueCode::UnsupportedWildcardInPrincipal, span, &[kind]);
    } else if kind == "AWS" && text.starts_with("AROA") {
        report.add(IssueCode::InvalidRoleReference, span, &[text]);
    } else if kind == "AWS" && text.starts_with("AIDA") {
        report.add(IssueCode::InvalidUserReference, span, &[text]);
    } else if kind == "Service" && !alone && !is_service(text) {
        let code = IssueCode::InvalidServicePrincipalFormat;
        report.add(code, span, &["service-name.amazonaws.com"]);
    }
}

/// Whether it has the form of a service principal.
pub(crate) fn is_service(name: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_')
    };
    let host = name
        .split_once('.')
        .is_some_and(|(name, _)| !name.is_empty());
    host && name.bytes().all(plain)
}

/// The names of one kind, as `Service`.
pub(crate) fn names<'t>(principal: &Element<'t>, kind: &str) -> Vec<Text<'t>> {
    let members = principal.node.members().unwrap_or_default().iter();
    let of_kind = members.filter(|member| &*member.name == kind);
    let items = of_kind.flat_map(|member| member.node.items());
    let text = |item: &'t Node| {
        let (text, span) = (item.text()?, item.span);
        Some(Text { text, span })
    };
    items.filter_map(text).collect()
}

/// A service that is let in on anyone's behalf is a confused deputy.
fn check_services(it: &Statement<'_>, principal: &Element<'_>, report: &mut Report) {
    let services = names(principal, "Service");
    let Some(first) = services.first() else {
        return;
    };
    let only = principal
        .node
        .members()
        .is_some_and(|kinds| kinds.len() == 1);
    let unsupported = ["aws:principalorgid", "aws:principalorgpaths"];
    for test in it.tests.iter().filter(|_| only && it.allows()) {
        if unsupported.contains(&test.key.text.to_ascii_lowercase().as_str()) {
            let code = IssueCode::UnsupportedConditionKeyForServicePrincipal;
            report.add(code, test.key.span, &[test.key.text]);
        }
    }
    if !it.allows() || principal.negated || it.tests_any(&SOURCES) {
        return;
    }
    let mut tests = it.tests.iter();
    match tests.find(|test| test.key.text.eq_ignore_ascii_case("aws:Referer")) {
        Some(referer) => {
            let code = IssueCode::RecommendedConditionKeyForServicePrincipal;
            report.add(code, referer.key.span, &[referer.key.text]);
        }
        None => report.add(IssueCode::RestrictAccessToServicePrincipal, first.span, &[]),
    }
}
