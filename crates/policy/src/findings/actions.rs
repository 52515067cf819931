//! The actions of a statement.

use super::Scope;
use super::catalogue::{Known, ServiceReference};
use super::issue::IssueCode;
use super::overlap::overlap;
use super::report::Report;
use super::statement::{Statement, Text};
use crate::grammar::{Grammar, TRUST_ACTIONS};

/// Checks each action by itself.
pub(crate) fn check(scope: &Scope<'_>, it: &Statement<'_>, report: &mut Report) {
    for action in it.actions() {
        check_action(scope, action, report);
    }
}

fn check_action(scope: &Scope<'_>, action: &Text<'_>, report: &mut Report) {
    let Text { text, span } = *action;
    let Some((service, name)) = split(text) else {
        if text != "*" {
            report.add(IssueCode::InvalidAction, span, &[text]);
        }
        return;
    };
    if let Some(resource) = unsupported(scope.grammar, text, &service) {
        let code = IssueCode::UnsupportedActionInPolicy;
        report.add(code, span, &[text, resource]);
    }
    if service.contains(['*', '?']) {
        report.add(IssueCode::WildcardInServiceName, span, &[]);
        return;
    }
    match scope.catalogue.service(&service) {
        Known::Described(reference) if !has_action(reference, name) => {
            report.add(IssueCode::InvalidAction, span, &[text]);
        }
        Known::Missing => report.add(IssueCode::InvalidServiceInAction, span, &[&service]),
        Known::Described(_) | Known::Undescribed => {}
    }
}

/// Service, in lower case, and name.
pub(crate) fn split(action: &str) -> Option<(String, &str)> {
    let (service, name) = action.split_once(':')?;
    let whole = !service.is_empty() && !name.is_empty() && !name.contains(':');
    whole.then(|| (service.to_ascii_lowercase(), name))
}

fn has_action(reference: &ServiceReference, name: &str) -> bool {
    reference.actions.keys().any(|known| overlap(known, name))
}

/// The resource whose policy has no such action.
fn unsupported(grammar: Grammar, action: &str, service: &str) -> Option<&'static str> {
    match grammar {
        Grammar::Trust if !TRUST_ACTIONS.contains(&action) => {
            Some("AWS::IAM::AssumeRolePolicyDocument")
        }
        Grammar::Key if !overlap(service, "kms") => Some("AWS::KMS::Key"),
        _ => None,
    }
}
