//! Where the statements of a document stand in its text.

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// From 1. Lines end with a line feed.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

/// A part of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// The character behind its last.
    pub end: Position,
}

impl Span {
    /// The text of this part of `document`; empty where it is not of this document.
    ///
    /// ```
    /// use policy::{Grammar, Policy};
    ///
    /// let document = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    /// let policy = Policy::parse(document, Grammar::Identity).unwrap();
    /// let span = policy.statements()[0].span();
    /// assert_eq!((span.start.line, span.start.column), (1, 15));
    /// assert_eq!(span.of(document), r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#);
    /// ```
    pub fn of(self, document: &str) -> &str {
        document
            .get(self.start.offset..self.end.offset)
            .unwrap_or_default()
    }
}

impl Default for Position {
    fn default() -> Self {
        Self {
            line: 1,
            column: 1,
            offset: 0,
        }
    }
}

impl Position {
    fn pass(&mut self, byte: u8) {
        self.offset += 1;
        match byte {
            b'\n' => (self.line, self.column) = (self.line + 1, 1),
            // Not the first byte of a character: it was counted.
            0x80..=0xbf => {}
            _ => self.column += 1,
        }
    }
}

/// The statements of what was read as a policy, in their order. Of the members of a policy only `Statement` is an
/// object or a list, so no name needs to be read.
pub(crate) fn statements(document: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut at, mut before) = (Position::default(), Position::default());
    let (mut depth, mut in_list, mut text) = (0_usize, false, Text::Outside);
    let mut start = Position::default();
    for byte in document.bytes() {
        if byte & 0xc0 != 0x80 {
            before = at;
        }
        at.pass(byte);
        text = text.after(byte);
        if text != Text::Outside {
            continue;
        }
        let outermost = 1 + usize::from(in_list);
        match byte {
            b'[' | b'{' => {
                if depth == 1 {
                    in_list = byte == b'[';
                }
                if depth == 1 + usize::from(in_list) && byte == b'{' {
                    start = before;
                }
                depth += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == outermost && byte == b'}' {
                    spans.push(Span { start, end: at });
                }
            }
            _ => {}
        }
    }
    spans
}

/// Whether a byte is part of a JSON string.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

impl Text {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Outside, b'"') | (Self::Escaped, _) => Self::Inside,
            (Self::Inside, b'"') => Self::Outside,
            (Self::Inside, b'\\') => Self::Escaped,
            (state, _) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_found() {
        const ONE: &str = r#"{"Sid": "a}]\"[{", "Condition": {"Bool": {"k": ["[", "é"]}}}"#;
        const TWO: &str = r#"{"Effect": "Deny", "Action": ["a", "b"]}"#;
        let list = format!(r#"{{"Version": "[{{", "Statement": [{ONE}, {TWO}], "Id": "}}"}}"#);
        for (document, expected) in [
            (format!(r#"{{"Statement": {ONE}}}"#), vec![ONE]),
            (format!(r#"{{"Statement":[{ONE}]}}"#), vec![ONE]),
            (list, vec![ONE, TWO]),
            (r#"{"Statement": [{}, {}]}"#.to_owned(), vec!["{}", "{}"]),
            (r#"{"Statement": []}"#.to_owned(), vec![]),
        ] {
            let found = statements(&document);
            let found: Vec<_> = found.iter().map(|span| span.of(&document)).collect();
            assert_eq!(found, expected, "{document}");
        }
    }

    #[test]
    fn lines_and_columns_are_those_of_people() {
        let document = "{\n  \"Id\": \"é\", \"Statement\": [\n    {\n    },\r\n\té{}]}";
        let places: Vec<_> = statements(document)
            .iter()
            .map(|span| {
                let (start, end) = (span.start, span.end);
                (start.line, start.column, end.line, end.column)
            })
            .collect();
        assert_eq!(places, [(3, 5, 4, 6), (5, 3, 5, 5)]);
        assert_eq!(Span::default().of(document), "");
    }
}
