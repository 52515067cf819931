//! The oracle's patterns: characters one by one, by recursion.

use crate::oracle::Scene;
use crate::support::Fact;

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
pub(crate) fn expanded(text: &str, second: bool, wild: bool, scene: &Scene) -> Option<Vec<Symbol>> {
    let mut rest = text;
    let mut done = vec![];
    while let Some((before, after)) = rest.split_once("${").filter(|_| second) {
        let (inner, behind) = after.split_once('}').unwrap();
        done.extend(symbols(before, wild));
        let value = match inner {
            "*" | "?" | "$" => inner.to_owned(),
            _ => variable(inner, scene)?,
        };
        done.extend(symbols(&value, false));
        rest = behind;
    }
    done.extend(symbols(rest, wild));
    Some(done)
}

fn variable(inner: &str, scene: &Scene) -> Option<String> {
    let (name, default) = match inner.split_once(", '") {
        Some((name, default)) => (name, default.strip_suffix('\'')),
        None => (inner, None),
    };
    let values: Vec<_> = scene
        .facts
        .iter()
        .filter(|(key, _)| key == name)
        .flat_map(|(_, v)| v)
        .collect();
    match (values.as_slice(), default) {
        ([Fact::Text(text)], _) => Some(text.clone()),
        ([], Some(default)) => Some(default.to_owned()),
        _ => None,
    }
}

pub(crate) fn arn_like(pattern: &str, arn: &str, second: bool, scene: &Scene, pad: bool) -> bool {
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
            expanded(part, second, true, scene).is_some_and(|symbols| like(&symbols, text))
        })
}

pub(crate) fn like(pattern: &[Symbol], text: &str) -> bool {
    let rest = |text: &str| text.chars().skip(1).collect::<String>();
    match pattern.split_first() {
        None => text.is_empty(),
        Some((Symbol::Many, after)) => {
            like(after, text) || (!text.is_empty() && like(pattern, &rest(text)))
        }
        Some((Symbol::One, after)) => !text.is_empty() && like(after, &rest(text)),
        Some((Symbol::Char(char), after)) => text.starts_with(*char) && like(after, &rest(text)),
    }
}
