//! What a value may be.

use base::Secret;
use pipeline::Failure;
use regex::RegexBuilder;
use ssm_api::shapes::ParameterTier;

use crate::errors;
use crate::limits::{ADVANCED_BYTES, STANDARD_BYTES};

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES: usize = 1 << 18;

/// Refuses a value that no parameter may have.
pub(crate) fn check(value: &Secret<String>) -> Result<(), Failure> {
    let text = value.expose();
    let nests = text
        .split_once("{{")
        .is_some_and(|(_, behind)| behind.contains("}}"));
    match (text.is_empty(), nests) {
        (true, _) => Err(errors::no_value()),
        (_, true) => Err(errors::nested()),
        (false, false) => Ok(()),
    }
}

/// Whether a standard parameter may have the value.
pub(crate) fn is_standard(value: &Secret<String>) -> bool {
    value.expose().len() <= STANDARD_BYTES
}

/// Refuses a value that is too large for its tier.
pub(crate) fn fits(value: &Secret<String>, tier: ParameterTier) -> Result<(), Failure> {
    match tier {
        _ if value.expose().len() > ADVANCED_BYTES => Err(errors::advanced_value_too_large()),
        ParameterTier::Standard if !is_standard(value) => Err(errors::standard_value_too_large()),
        _ => Ok(()),
    }
}

/// Refuses a value that does not match its pattern, and a pattern that is none. A pattern can take long, so that other
/// calls go on meanwhile.
pub(crate) async fn check_pattern(
    value: &Secret<String>,
    pattern: Option<&str>,
) -> Result<(), Failure> {
    let Some(pattern) = pattern else {
        return Ok(());
    };
    let (value, pattern) = (value.clone(), pattern.to_owned());
    pipeline::long_work(move || matches(&value, Some(&pattern))).await?
}

fn matches(value: &Secret<String>, pattern: Option<&str>) -> Result<(), Failure> {
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else {
        return Ok(());
    };
    // By itself first: what closes the brackets around it would be another pattern.
    compile(pattern)?;
    let whole = compile(&format!(r"\A(?:{pattern})\z"))?;
    match whole.is_match(value.expose()) {
        true => Ok(()),
        false => Err(errors::pattern_mismatch(pattern)),
    }
}

fn compile(pattern: &str) -> Result<regex::Regex, Failure> {
    let mut builder = RegexBuilder::new(pattern);
    builder
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES);
    builder.build().map_err(|_| errors::invalid_pattern())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn patterns_match_whole_values() {
        for (pattern, value, good) in [
            (r"^\d{1,4}$", "1234", true),
            (r"\d{1,4}", "1234", true),
            (r"\d{1,4}", "12345", false),
            ("a|b", "ab", false),
            ("", "x", true),
        ] {
            let matched = matches(&hidden(value), Some(pattern));
            assert_eq!(matched.is_ok(), good, "{pattern} {value}");
        }
        for pattern in ["(", "(?=a)", r"(a)\1", "a)|(b", "(?:a{1000}){1000}"] {
            assert!(matches(&hidden("a"), Some(pattern)).is_err(), "{pattern}");
        }
    }

    #[test]
    fn values() {
        for (value, good) in [
            ("", false),
            ("a", true),
            ("{{x}}", false),
            ("a {{ ssm:x }} b", false),
            ("}} {{", true),
            ("{x}", true),
        ] {
            assert_eq!(check(&hidden(value)).is_ok(), good, "{value}");
        }
    }
}
