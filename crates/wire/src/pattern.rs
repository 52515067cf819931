//! The regular expressions of models, which are Java's, run by an engine in linear time.

use papaya::HashMap;
use regex::Regex;
use std::sync::OnceLock;

/// Patterns of models that no engine in linear time runs as written, each with one that matches the same texts
/// within the length its member allows.
///
/// Where [`pattern_compiles`] says no, the answer is a line here: messages then still show the model's pattern.
const EQUIVALENTS: &[(&str, &str)] = &[
    // iam accountAliasType, 3 to 63 characters: a hyphen is not followed by another.
    (
        "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
        "[a-z0-9](-?[a-z0-9])*",
    ),
];

/// Whether this product can hold texts against `pattern`. Checked for every model when code is generated.
pub fn pattern_compiles(pattern: &str) -> bool {
    compile(pattern).is_some()
}

/// Whether the whole of `text` is of `pattern`. A pattern that does not compile matches nothing.
pub(crate) fn matches(pattern: &'static str, text: &str) -> bool {
    static COMPILED: OnceLock<HashMap<&'static str, Option<Regex>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(HashMap::new).pin();
    compiled
        .get_or_insert_with(pattern, || compile(pattern))
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

fn compile(pattern: &str) -> Option<Regex> {
    let equivalent = EQUIVALENTS.iter().find(|(model, _)| *model == pattern);
    let pattern = translate(equivalent.map_or(pattern, |(_, ours)| ours));
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}

/// Java's syntax to this engine's: `\w`, `\d` and `\s` are ASCII, a class has no inner brackets or operators, and
/// two escaped surrogates are one character.
fn translate(pattern: &str) -> String {
    let mut translated = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(letter) = rest.chars().next() {
        if letter == '\\' {
            rest = escape(rest, &mut translated);
            continue;
        }
        match letter {
            '[' if in_class => translated.push_str(r"\["),
            '&' | '~' if in_class => translated.extend(['\\', letter]),
            _ => translated.push(letter),
        }
        in_class = match letter {
            '[' => true,
            ']' => false,
            _ => in_class,
        };
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    translated
}

/// Translates the escape that `text` begins with, and gives what follows it.
fn escape<'t>(text: &'t str, to: &mut String) -> &'t str {
    if let Some((character, rest)) = surrogates(text) {
        to.push_str(&format!(r"\x{{{:X}}}", u32::from(character)));
        return rest;
    }
    let mut letters = text.chars();
    let (_, escaped) = (letters.next(), letters.next());
    match escaped {
        Some('w') => to.push_str("[0-9A-Za-z_]"),
        Some('W') => to.push_str("[^0-9A-Za-z_]"),
        Some('d') => to.push_str("[0-9]"),
        Some('D') => to.push_str("[^0-9]"),
        Some('s') => to.push_str(r"[\t\n\x0B\f\r ]"),
        Some('S') => to.push_str(r"[^\t\n\x0B\f\r ]"),
        Some(other) => to.extend(['\\', other]),
        None => to.push('\\'),
    }
    letters.as_str()
}

/// The character that two escaped surrogates at the start of `text` stand for, and what follows.
fn surrogates(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix(r"\u")?.get(..4)?, 16).ok();
    let (high, low) = (unit(text)?, unit(text.get(6..)?)?);
    let character = char::decode_utf16([high, low]).next()?.ok()?;
    (u32::from(character) > 0xFFFF).then_some((character, text.get(12..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_text_ascii_classes_and_surrogates() {
        for (pattern, text, expected) in [
            (r"[\w+=,.@-]+", "a_b-c@d", true),
            (r"[\w+=,.@-]+", "a b", false),
            (r"[\w+=,.@-]+", "é", false),
            (r"[\w]+", "", false),
            (r"\d{12}", "١٢٣٤٥٦٧٨٩٠١٢", false),
            (r"\d{12}", "123456789012", true),
            (r"\d{12}", "1234567890123", false),
            (r"^[a-z]+$", "abc\n", false),
            (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Äöü 1/2", true),
            (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "a*", false),
            (r"[\u0009\u000A\u000D\u0020-\u00FF]+", "{\n\t\"é\"}", true),
            (r"[\u0009\u000A\u000D\u0020-\u00FF]+", "Ā", false),
            (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", "/a/b/", true),
            (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", "/a", false),
            (r"[\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "𝄞", true),
            (r"[\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a", false),
            (r"^[a-zA-Z0-9-_.]+$", "a-_.", true),
            (r"[a&&b]+", "&a", true),
            (r"[\w|\d|\.|_]+", "a|.", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn an_account_alias_has_no_two_hyphens_together() {
        let pattern = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        for (text, expected) in [
            ("abc", true),
            ("a-b-c", true),
            ("a--b", false),
            ("-ab", false),
            ("ab-", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_compile_matches_nothing() {
        assert!(!pattern_compiles("(?=a)b"));
        assert!(!matches("(?=a)b", "b"));
        assert!(pattern_compiles("a+"));
    }
}
