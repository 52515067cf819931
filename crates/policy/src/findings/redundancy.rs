//! What a policy could do without.

use std::collections::{HashMap, HashSet};

use super::issue::IssueCode;
use super::overlap::covers;
use super::report::Report;
use super::resources::fields;
use super::statement::{Element, Statement, Text};
use super::tree::{Json, Node, Span};

/// More patterns with wildcards than this in one element are not compared with the others.
const MOST: usize = 64;

/// Checks the actions and resources of a statement against each other.
pub(crate) fn check(it: &Statement<'_>, report: &mut Report) {
    if let Some(action) = &it.action {
        let lower = |text: &str| text.to_ascii_lowercase();
        check_element(IssueCode::RedundantAction, action, lower, covers, report);
    }
    if let Some(resource) = &it.resource {
        let code = IssueCode::RedundantResource;
        check_element(code, resource, str::to_owned, covers_arn, report);
    }
}

fn check_element(
    code: IssueCode,
    element: &Element<'_>,
    prepare: impl Fn(&str) -> String,
    covers: impl Fn(&str, &str) -> bool,
    report: &mut Report,
) {
    let texts: Vec<String> = element
        .texts
        .iter()
        .map(|text| prepare(text.text))
        .collect();
    let wide: Vec<&String> = texts
        .iter()
        .filter(|text| text.contains('*'))
        .take(MOST)
        .collect();
    let mut seen = HashSet::new();
    let mut redundant: Vec<&Text<'_>> = Vec::new();
    for (text, written) in texts.iter().zip(&element.texts) {
        let again = !seen.insert(text);
        if again || wide.iter().any(|wide| *wide != text && covers(wide, text)) {
            redundant.push(written);
        }
    }
    let count = redundant.len().to_string();
    if let Some(first) = redundant.first() {
        let at = redundant.iter().map(|text| text.span).collect();
        report.add_all(code, at, &[&count, first.text]);
    }
}

/// ARNs match field by field.
fn covers_arn(wide: &str, narrow: &str) -> bool {
    let (wides, narrows) = (fields(wide), fields(narrow));
    let mut pairs = wides.iter().zip(&narrows);
    wide == "*"
        || (wides.len() == 6
            && narrows.len() == 6
            && pairs.all(|(wide, narrow)| covers(wide, narrow)))
}

/// Finds statements that say the same, `Sid` and order left aside.
pub(crate) fn check_statements(nodes: &[Node], report: &mut Report) {
    let mut seen: HashMap<String, Span> = HashMap::new();
    for node in nodes.iter().filter(|node| node.members().is_some()) {
        if let Some(first) = seen.insert(canonical(node, true), node.span) {
            report.add_all(IssueCode::RedundantStatement, vec![node.span, first], &[]);
        }
    }
}

/// The same text for values that mean the same.
fn canonical(node: &Node, statement: bool) -> String {
    let joined = |mut parts: Vec<String>| {
        parts.sort_unstable();
        parts.join(",")
    };
    match &node.json {
        Json::Map(members) => {
            let kept = members
                .iter()
                .filter(|member| !statement || &*member.name != "Sid");
            let parts =
                kept.map(|member| format!("{:?}:{}", member.name, canonical(&member.node, false)));
            format!("{{{}}}", joined(parts.collect()))
        }
        Json::List(list) => match list.as_slice() {
            [single] => canonical(single, false),
            items => {
                let parts = items.iter().map(|item| canonical(item, false));
                format!("[{}]", joined(parts.collect()))
            }
        },
        other => format!("{other:?}"),
    }
}
