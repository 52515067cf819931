//! No function over 70 lines, no file over 600. Generated files may be long; so may tests, whose tables rustfmt
//! spreads over many lines.

use super::Source;

const FUNCTION: usize = 70;
const FILE: usize = 600;

/// Functions and files that are too long.
pub fn findings(source: &Source) -> Vec<String> {
    if source.generated() {
        return Vec::new();
    }
    let lines: Vec<&str> = source.text.lines().collect();
    let mut findings = Vec::new();
    if lines.len() > FILE {
        findings.push(source.finding(lines.len(), &format!("file over {FILE} lines")));
    }
    for at in 0..lines.len() {
        let length = function(lines.get(at..).unwrap_or_default());
        let above = at.checked_sub(1).and_then(|above| lines.get(above));
        let is_test = above.is_some_and(|line| line.trim() == "#[test]");
        if length > FUNCTION && !is_test {
            let what = format!("function of {length} lines; {FUNCTION} are allowed");
            findings.push(source.finding(at + 1, &what));
        }
    }
    findings
}

/// How many lines the function has that the first line begins; 0 if it begins none. Relies on rustfmt: a
/// function ends with the first brace that stands under its first letter.
fn function(lines: &[&str]) -> usize {
    let Some(first) = lines.first().filter(|line| begins_function(line)) else {
        return 0;
    };
    let indent = first.len() - first.trim_start().len();
    let end = |line: &&str| line.trim() == "}" && line.len() == indent + 1;
    let ends_at_once = |line: &&str| line.ends_with(';') || line.ends_with('}');
    let opens = |line: &&str| line.ends_with('{');
    let head = lines
        .iter()
        .position(|line| opens(line) || ends_at_once(line));
    match head.and_then(|head| lines.get(head)) {
        Some(line) if opens(line) => lines.iter().position(end).map_or(0, |it| it + 1),
        _ => 0,
    }
}

fn begins_function(line: &str) -> bool {
    const QUALIFIERS: [&str; 7] = [
        "pub", "const", "async", "unsafe", "extern", "\"C\"", "default",
    ];
    let mut words = line.split_whitespace();
    words
        .find(|word| !QUALIFIERS.contains(word) && !word.starts_with("pub("))
        .is_some_and(|word| word == "fn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions() {
        for (text, expected) in [
            (
                "    pub(crate) async fn f(\n        a: u8,\n    ) -> u8 {\n        {\n        }\n    }\n}",
                6,
            ),
            ("fn f() {\n    a\n}\n\nfn g() {\n}", 3),
            ("fn f();\n\nfn g() {\n}", 0),
            ("fn f() {}\n}", 0),
            ("// fn f() {\n}", 0),
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(function(&lines), expected, "{text}");
        }
    }

    #[test]
    fn limits() {
        let text = |lines: usize| format!("fn f() {{\n{}}}\n", "    a;\n".repeat(lines - 2));
        for (lines, found) in [(70, 0), (71, 1), (600, 1), (601, 2)] {
            let source = Source {
                path: "a.rs".into(),
                text: text(lines),
            };
            assert_eq!(findings(&source).len(), found, "{lines}");
        }
        let test = Source {
            path: "a.rs".into(),
            text: format!("#[test]\n{}", text(71)),
        };
        assert_eq!(findings(&test).len(), 0);
    }
}
