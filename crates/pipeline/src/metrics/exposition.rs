//! The text that scrapers read.
//!
//! Prometheus document: "Exposition formats", text format 0.0.4.

use std::fmt::Write;

/// Families of numbers as text.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// One family: what its numbers mean, and then the numbers.
pub struct Family<'t> {
    text: &'t mut String,
    name: &'static str,
}

impl Exposition {
    /// `Content-Type` of the text.
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a family of numbers that only grow until the server ends. By convention `name` ends in `_total`.
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "counter")
    }

    /// Begins a family of numbers that rise and fall.
    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "gauge")
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }

    fn family(&mut self, name: &'static str, help: &str, kind: &str) -> Family<'_> {
        let text = &mut self.0;
        text.push_str("# HELP ");
        text.push_str(name);
        text.push(' ');
        escape(help, &['\\', '\n'], text);
        let _ = writeln!(text, "\n# TYPE {name} {kind}");
        Family { text, name }
    }
}

impl Family<'_> {
    /// The number with these labels.
    pub fn is(self, labels: &[(&str, &str)], value: u64) -> Self {
        self.text.push_str(self.name);
        for (at, (name, value)) in labels.iter().enumerate() {
            self.text.push(if at == 0 { '{' } else { ',' });
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(value, &['\\', '\n', '"'], self.text);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
        self
    }
}

fn escape(text: &str, escaped: &[char], to: &mut String) {
    for letter in text.chars() {
        if escaped.contains(&letter) {
            to.push('\\');
        }
        to.push(if letter == '\n' { 'n' } else { letter });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn families_with_and_without_labels() {
        let mut told = Exposition::default();
        told.counter("a_total", "All.\nOf \\ them.")
            .is(&[("of", "x"), ("is", "a \"b\" \\ \n")], 1)
            .is(&[("of", "y")], u64::MAX);
        told.gauge("b", "The \"b\".").is(&[], 0);
        expect![[r#"
            # HELP a_total All.\nOf \\ them.
            # TYPE a_total counter
            a_total{of="x",is="a \"b\" \\ \n"} 1
            a_total{of="y"} 18446744073709551615
            # HELP b The "b".
            # TYPE b gauge
            b 0
        "#]]
        .assert_eq(&told.into_text());
    }
}
