//! Names and texts as PostgreSQL reads them in a statement.
//!
//! Source: PostgreSQL documentation, "Lexical Structure".

/// A name in quotes, whatever it holds.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in quotes, whatever it holds and whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    match text.contains('\\') {
        true => format!(" E'{}'", text.replace('\\', "\\\\")),
        false => format!("'{text}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads what stands between quotes, doubled ones being one; none if something stands behind.
    fn read(quoted: &str, quote: char, escapes: bool) -> Option<String> {
        let mut rest = quoted.strip_prefix(quote)?.chars().peekable();
        let mut found = String::new();
        loop {
            match rest.next()? {
                '\\' if escapes => found.push(rest.next()?),
                letter if letter != quote => found.push(letter),
                _ if rest.next_if_eq(&quote).is_some() => found.push(quote),
                _ => return rest.next().is_none().then_some(found),
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_gets_out_of_its_quotes(text in "[\"'\\\\;a -]{0,12}|\\PC*") {
            prop_assert_eq!(read(&identifier(&text), '"', false), Some(text.clone()));
            let quoted = literal(&text);
            let read = match quoted.strip_prefix(" E") {
                Some(quoted) => read(quoted, '\'', true),
                // Without a backslash both ways of reading are the same.
                None => read(&quoted, '\'', false).filter(|_| read(&quoted, '\'', true).is_some()),
            };
            prop_assert_eq!(read, Some(text));
        }
    }
}
