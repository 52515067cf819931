//! Policy variables: where they may stand and how they are written.

use super::Scope;
use super::issue::IssueCode;
use super::report::Report;
use super::statement::{Statement, Text};

/// Checks the variables of all elements of a statement.
pub(crate) fn check(scope: &Scope<'_>, it: &Statement<'_>, report: &mut Report) {
    for text in it.actions().iter().filter(|text| text.text.contains("${")) {
        report.add(IssueCode::VariableUnsupportedInElement, text.span, &[]);
    }
    for text in it.resource.iter().flat_map(|resource| &resource.texts) {
        check_text(scope, text, report);
    }
    for test in &it.tests {
        let values = test.node.items().iter();
        let texts = values.filter_map(|value| Some((value.text()?, value.span)));
        for (text, span) in texts.filter(|(text, _)| text.contains("${")) {
            match test.operator {
                Some(operator) if !operator.takes_variables() => {
                    report.add(IssueCode::InvalidVariableForOperator, span, &[]);
                }
                _ => check_text(scope, &Text { text, span }, report),
            }
        }
    }
}

fn check_text(scope: &Scope<'_>, written: &Text<'_>, report: &mut Report) {
    let mut rest = written.text;
    while let Some((_, opened)) = rest.split_once("${") {
        if !scope.variables {
            report.add(IssueCode::VariableUnsupportedInVersion, written.span, &[]);
            return;
        }
        let Some((inner, after)) = opened.split_once('}') else {
            report.add(IssueCode::MissingBraceInVariable, written.span, &[]);
            return;
        };
        if let Some(code) = mistake(inner) {
            report.add(code, written.span, &[]);
            return;
        }
        rest = after;
    }
}

/// What is wrong between `${` and `}`.
fn mistake(inner: &str) -> Option<IssueCode> {
    if inner.trim().is_empty() {
        return Some(IssueCode::EmptyVariable);
    }
    let (name, default) = match inner.split_once(',') {
        Some((name, default)) => (name.trim_end(), Some(default.trim())),
        None => (inner, None),
    };
    let quoted = |default: &str| {
        let inner = default.strip_prefix('\'');
        inner.is_some_and(|inner| inner.ends_with('\''))
    };
    match default {
        _ if name.contains(' ') => Some(IssueCode::UnsupportedSpaceInVariable),
        Some(default) if !quoted(default) => Some(IssueCode::MissingQuoteInVariable),
        _ => None,
    }
}
