//! One value of a key against the values in a policy.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::date::{self, Instant};
use super::operator::{Comparison, Kind, Operator};
use crate::arn_pattern::{ArnPattern, Short, arn_parts};
use crate::context::{Context, Value};
use crate::malformed::Malformed;
use crate::pattern::{Case, Pattern, Syntax};
use crate::text::with_text;

/// The values in the policy, each parsed once as its operator wants it.
#[derive(Debug)]
pub(crate) enum Test {
    Text(Box<[Pattern]>),
    Arn(Box<[ArnPattern]>),
    Numeric(Comparison, Box<[f64]>),
    Date(Comparison, Box<[Instant]>),
    Bool(Box<[bool]>),
    Binary(Box<[Bytes]>),
    Ip(Box<[IpNet]>),
    /// Whether the key must be absent.
    Null(Box<[bool]>),
}

/// Bytes and their base64.
#[derive(Debug)]
pub(crate) struct Bytes {
    decoded: Box<[u8]>,
    encoded: Box<str>,
}

impl Test {
    /// Parses the values. What is not of the operator's type is refused: it could never match.
    pub(crate) fn parse(
        operator: Operator,
        values: &[String],
        variables: bool,
    ) -> Result<Self, Malformed> {
        let case = match operator.kind {
            Kind::StringEqualsIgnoreCase => Case::Ignored,
            _ => Case::Matters,
        };
        let syntax = Syntax {
            wildcards: matches!(operator.kind, Kind::StringLike | Kind::Arn),
            variables: variables && operator.takes_variables(),
            case,
        };
        let arn = |text: &String| ArnPattern::parse(text, syntax, Short::Nothing);
        match operator.kind {
            Kind::StringEquals | Kind::StringEqualsIgnoreCase | Kind::StringLike => {
                let parsed = values.iter().map(|text| Pattern::parse(text, syntax));
                Ok(Self::Text(parsed.collect::<Result<_, _>>()?))
            }
            Kind::Arn => Ok(Self::Arn(values.iter().map(arn).collect::<Result<_, _>>()?)),
            Kind::Numeric(comparison) => Ok(Self::Numeric(comparison, each(values, number)?)),
            Kind::Date(comparison) => Ok(Self::Date(comparison, each(values, date::parse)?)),
            Kind::Bool => Ok(Self::Bool(each(values, boolean)?)),
            Kind::Binary => Ok(Self::Binary(each(values, Bytes::parse)?)),
            Kind::Ip => Ok(Self::Ip(each(values, network)?)),
            Kind::Null => Ok(Self::Null(each(values, boolean)?)),
        }
    }

    /// Whether `value` matches any value in the policy. Types that do not fit do not match.
    pub(crate) fn matches(&self, value: Value<'_>, context: &dyn Context) -> bool {
        match self {
            Self::Text(patterns) => with_text(value, |text| {
                patterns
                    .iter()
                    .any(|pattern| pattern.matches(text, context))
            })
            .unwrap_or(false),
            Self::Arn(patterns) => match value {
                Value::Text(text) => arn_parts(text).is_some_and(|arn| {
                    patterns
                        .iter()
                        .any(|pattern| pattern.matches(&arn, context))
                }),
                _ => false,
            },
            Self::Numeric(comparison, numbers) => {
                let order = |other: &f64| as_number(value)?.partial_cmp(other);
                any(numbers, *comparison, order)
            }
            Self::Date(comparison, instants) => {
                let order = |other: &Instant| Some(as_instant(value)?.cmp(other));
                any(instants, *comparison, order)
            }
            Self::Bool(expected) => {
                as_boolean(value).is_some_and(|found| expected.contains(&found))
            }
            Self::Binary(expected) => expected.iter().any(|bytes| bytes.matches(value)),
            Self::Ip(networks) => as_address(value)
                .is_some_and(|address| networks.iter().any(|network| network.contains(&address))),
            Self::Null(_) => true,
        }
    }
}

fn each<T>(values: &[String], parse: fn(&str) -> Option<T>) -> Result<Box<[T]>, Malformed> {
    let parsed: Option<_> = values.iter().map(|text| parse(text)).collect();
    parsed.ok_or_else(Malformed::legacy)
}

fn any<T>(values: &[T], comparison: Comparison, order: impl Fn(&T) -> Option<Ordering>) -> bool {
    values
        .iter()
        .filter_map(order)
        .any(|ordering| comparison.holds(ordering))
}

/// A finite decimal number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let number: f64 = text.bytes().all(plain).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

/// `true` or `false` in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An address without prefix is a network of one.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single)
}

/// Whether it is base64 as `BinaryEquals` takes it.
pub(crate) fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

fn as_number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Number(found) => Some(found),
        Value::Date(instant) => Some(instant.seconds_f64()),
        Value::Text(text) => number(text),
        Value::Bool(_) | Value::Ip(_) | Value::Bytes(_) => None,
    }
}

fn as_instant(value: Value<'_>) -> Option<Instant> {
    match value {
        Value::Date(instant) => Some(instant.micros().into()),
        Value::Number(seconds) => Some((seconds * 1e6) as Instant),
        Value::Text(text) => date::parse(text),
        Value::Bool(_) | Value::Ip(_) | Value::Bytes(_) => None,
    }
}

fn as_boolean(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(found) => Some(found),
        Value::Text(text) => boolean(text),
        Value::Number(_) | Value::Date(_) | Value::Ip(_) | Value::Bytes(_) => None,
    }
}

fn as_address(value: Value<'_>) -> Option<IpAddr> {
    let address = match value {
        Value::Ip(found) => found,
        Value::Text(text) => text.parse().ok()?,
        Value::Bool(_) | Value::Number(_) | Value::Date(_) | Value::Bytes(_) => return None,
    };
    Some(address.to_canonical())
}

impl Bytes {
    fn parse(text: &str) -> Option<Self> {
        let decoded = STANDARD.decode(text).ok()?.into();
        Some(Self {
            decoded,
            encoded: text.into(),
        })
    }

    /// Base64 is decoded strictly, so that there is one text for the same bytes.
    fn matches(&self, value: Value<'_>) -> bool {
        match value {
            Value::Bytes(found) => found == self.decoded.as_ref(),
            Value::Text(text) => text == self.encoded.as_ref(),
            _ => false,
        }
    }
}
