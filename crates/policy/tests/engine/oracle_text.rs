//! The oracle's patterns: characters one by one, by recursion.

use crate::oracle_values::text_of;
use crate::support::Fact;

/// Condition keys in lower case, with their values.
pub(crate) type Known = [(String, Vec<Fact>)];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Symbol {
    Char(char),
    One,
    Many,
}

impl Symbol {
    pub(crate) fn lower(self) -> Self {
        match self {
            Self::Char(char) => Self::Char(char.to_ascii_lowercase()),
            other => other,
        }
    }
}

pub(crate) fn symbols(text: &str, wild: bool) -> Vec<Symbol> {
    let symbol = |char| match char {
        '*' if wild => Symbol::Many,
        '?' if wild => Symbol::One,
        other => Symbol::Char(other),
    };
    text.chars().map(symbol).collect()
}

/// The pattern with its variables replaced; `None` where one has no single value.
pub(crate) fn expanded(text: &str, second: bool, wild: bool, known: &Known) -> Option<Vec<Symbol>> {
    let mut rest = text;
    let mut done = vec![];
    while let Some((before, after)) = rest.split_once("${").filter(|_| second) {
        let (inner, behind) = after.split_once('}').unwrap();
        done.extend(symbols(before, wild));
        let value = match inner {
            "*" | "?" | "$" => inner.to_owned(),
            _ => variable(inner, known)?,
        };
        done.extend(symbols(&value, false));
        rest = behind;
    }
    done.extend(symbols(rest, wild));
    Some(done)
}

fn variable(inner: &str, known: &Known) -> Option<String> {
    let (name, default) = match inner.split_once(", '") {
        Some((name, default)) => (name, default.strip_suffix('\'')),
        None => (inner, None),
    };
    let values: Vec<&Fact> = known
        .iter()
        .filter(|(key, _)| *key == name.to_lowercase())
        .flat_map(|(_, values)| values)
        .collect();
    match (values.as_slice(), default) {
        ([fact], _) => text_of(fact),
        ([], Some(default)) => Some(default.to_owned()),
        _ => None,
    }
}

/// Whether each of six parts fits; with `pad`, parts that are missing fit all.
pub(crate) fn arn_like(pattern: &str, arn: &str, second: bool, known: &Known, pad: bool) -> bool {
    let mut parts: Vec<String> = vec![String::new()];
    let mut inside = false;
    for char in pattern.chars() {
        inside = (inside || char == '$') && char != '}';
        match char {
            ':' if !(inside && second) && parts.len() < 6 => parts.push(String::new()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    while pad && parts.len() < 6 {
        parts.push("*".to_owned());
    }
    let found: Vec<&str> = arn.splitn(6, ':').collect();
    parts.len() == 6
        && found.len() == 6
        && found[0] == "arn"
        && parts.iter().zip(found).all(|(part, text)| {
            expanded(part, second, true, known).is_some_and(|symbols| like(&symbols, text))
        })
}

pub(crate) fn like(pattern: &[Symbol], text: &str) -> bool {
    like_chars(pattern, &text.chars().collect::<Vec<_>>())
}

fn like_chars(pattern: &[Symbol], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, first) => first.is_none(),
        (Some((Symbol::Many, after)), None) => like_chars(after, text),
        (Some((Symbol::Many, after)), Some((_, rest))) => {
            like_chars(after, text) || like_chars(pattern, rest)
        }
        (Some(_), None) => false,
        (Some((Symbol::One, after)), Some((_, rest))) => like_chars(after, rest),
        (Some((Symbol::Char(char), after)), Some((first, rest))) => {
            char == first && like_chars(after, rest)
        }
    }
}
