//! Findings for people and for programs.

use policy::Position;
use policy::findings::{Finding, FindingKind, Location, PathElement};
use serde_json::{Value, json};

/// More of a line than this is not shown, in characters.
const WIDEST: usize = 100;

/// How much is shown before the place, if the line is wider.
const BEFORE: usize = 40;

/// A finding with the line it is about and carets under the place.
pub(crate) fn text(name: &str, document: &str, finding: &Finding) -> String {
    let kind = match finding.kind() {
        FindingKind::Error => "error",
        FindingKind::SecurityWarning => "security warning",
        FindingKind::Warning => "warning",
        FindingKind::Suggestion => "suggestion",
    };
    let code = finding.issue_code.as_str();
    let mut shown = format!("{kind}[{code}]: {}", plain(&finding.details));
    for location in &finding.locations {
        shown += &place(name, document, location);
    }
    shown
}

fn place(name: &str, document: &str, location: &Location) -> String {
    let Position { line, column, .. } = location.start;
    let before = column - 1;
    let written = document.split('\n').nth(line - 1).unwrap_or_default();
    let width = match location.end.line == line {
        true => location.end.column - column,
        false => written.trim_end().chars().count().saturating_sub(before),
    };
    let from = match written.chars().count() > WIDEST {
        true => before.saturating_sub(BEFORE),
        false => 0,
    };
    let part: String = written.chars().skip(from).take(WIDEST).collect();
    let indent = " ".repeat(before - from);
    let carets = "^".repeat(width.clamp(1, WIDEST - (before - from).min(WIDEST - 1)));
    let gutter = " ".repeat(line.to_string().len());
    let path = path(&location.path);
    let part = plain(part.trim_end());
    format!(
        "\n{gutter}--> {name}:{line}:{column}{path}\n{gutter} |\n{line} | {part}\n{gutter} | {indent}{carets}"
    )
}

/// As ` Statement[0].Action`.
fn path(path: &[PathElement]) -> String {
    let mut shown = String::new();
    for element in path {
        match element {
            PathElement::Value(name) => {
                shown.push(if shown.is_empty() { ' ' } else { '.' });
                shown += &plain(name);
            }
            PathElement::Index(index) => shown += &format!("[{index}]"),
        }
    }
    shown
}

/// One character for each, none that a terminal obeys.
fn plain(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = |c: char| match c {
        '\t' => ' ',
        c if obeyed(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// The answer of ValidatePolicy.
/// Source: IAM Access Analyzer API Reference, "ValidatePolicy".
pub(crate) fn json(findings: &[Finding]) -> Value {
    let finding = |it: &Finding| {
        json!({
            "findingType": it.kind().as_str(),
            "issueCode": it.issue_code.as_str(),
            "findingDetails": it.details,
            "locations": it.locations.iter().map(location).collect::<Vec<_>>(),
        })
    };
    json!({ "findings": findings.iter().map(finding).collect::<Vec<_>>() })
}

fn location(location: &Location) -> Value {
    let element = |element: &PathElement| match element {
        PathElement::Value(name) => json!({ "value": &**name }),
        PathElement::Index(index) => json!({ "index": index }),
    };
    // ValidatePolicy counts lines from 1 and columns from 0.
    let position =
        |at: Position| json!({ "line": at.line, "column": at.column - 1, "offset": at.offset });
    json!({
        "path": location.path.iter().map(element).collect::<Vec<_>>(),
        "span": { "start": position(location.start), "end": position(location.end) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Grammar;
    use policy::findings::{NoCatalogue, validate};

    fn first(document: &str) -> Finding {
        let findings = validate(document, Grammar::Identity, &NoCatalogue);
        findings.into_iter().next().unwrap()
    }

    #[test]
    fn carets_stand_under_the_place() {
        let document = "{\n  \"Version\": \"2012\",\n  \"Statement\": []\n}";
        let finding = validate(document, Grammar::Identity, &NoCatalogue)
            .pop()
            .unwrap();
        let expected = "error[INVALID_VERSION]: The version 2012 is not valid. \
                        Use 2012-10-17 or 2008-10-17.\n \
                        --> p.json:2:14 Version\n  \
                        |\n\
                        2 |   \"Version\": \"2012\",\n  \
                        |              ^^^^^^";
        assert_eq!(text("p.json", document, &finding), expected);
    }

    #[test]
    fn long_lines_are_cut_and_controls_are_not_obeyed() {
        let pad = " ".repeat(5_000);
        let document = format!("{{{pad}\"Version\": \"\u{1b}[2J{}\"}}", "x".repeat(200));
        let finding = validate(&document, Grammar::Identity, &NoCatalogue)
            .pop()
            .unwrap();
        let shown = text("p", &document, &finding);
        assert!(!shown.contains('\u{1b}'));
        assert!(
            shown.lines().all(|line| line.chars().count() < 200),
            "{shown}"
        );
        assert!(text("p", "", &first("")).ends_with("1 | \n  | ^"));
    }

    #[test]
    fn the_form_of_validate_policy() {
        let shown = json(&[first("{\"Version\": 7")]);
        let at = json!({"line": 1, "column": 13, "offset": 13});
        let expected = json!({"findings": [{
            "findingType": "ERROR",
            "issueCode": "JSON_SYNTAX_ERROR",
            "findingDetails": "Fix the JSON syntax error at index 13.",
            "locations": [{"path": [], "span": {"start": at, "end": at}}],
        }]});
        assert_eq!(shown, expected);
    }
}
