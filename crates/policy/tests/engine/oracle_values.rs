//! The oracle's values: what a fact is as text, number, date, address or bytes. Tables and text where they do.

use crate::support::Fact;

pub(crate) fn text_of(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Text(text) => Some(text.clone()),
        Fact::Bool(value) => Some(value.to_string()),
        Fact::Number(number) => Some(number.to_string()),
        Fact::Ip(address) => Some(address.clone()),
        Fact::Date(seconds @ 0..=9) => Some(format!("1970-01-01T00:00:0{seconds}Z")),
        Fact::Date(seconds) => unreachable!("{seconds} is not generated"),
        Fact::Bytes(_) => None,
    }
}

pub(crate) fn number_of(fact: &Fact) -> Option<f64> {
    match fact {
        Fact::Number(number) => Some(*number),
        Fact::Date(seconds) => Some(*seconds as f64),
        Fact::Text(text) => number(text),
        Fact::Bool(_) | Fact::Ip(_) | Fact::Bytes(_) => None,
    }
}

/// Digits, a sign, a point, an exponent: no words, as `NaN`, and no more than can be counted.
pub(crate) fn number(text: &str) -> Option<f64> {
    let looks = text.chars().all(|char| "0123456789.eE+-".contains(char));
    let number = text.parse::<f64>().ok().filter(|_| looks)?;
    number.is_finite().then_some(number)
}

pub(crate) fn date_of(fact: &Fact) -> Option<f64> {
    match fact {
        Fact::Number(number) => Some(*number),
        Fact::Date(seconds) => Some(*seconds as f64),
        Fact::Text(text) => date(text),
        Fact::Bool(_) | Fact::Ip(_) | Fact::Bytes(_) => None,
    }
}

/// Dates as the generator writes them, in seconds since 1970, worked out by hand.
pub(crate) const DATES: [(&str, f64); 11] = [
    ("4", 4.0),
    ("5", 5.0),
    ("6", 6.0),
    ("1970-01-01T00:00:05Z", 5.0),
    ("1970-01-01T01:00:05+01:00", 5.0),
    ("1969-12-31T19:00:05-05:00", 5.0),
    ("1970-01-01T00:00:05.500Z", 5.5),
    ("1970-01-01T00:00Z", 0.0),
    ("1970-01-01", 0.0),
    ("1970-02", 2_678_400.0),
    ("1969-12-31T23:59:59Z", -1.0),
];

fn date(text: &str) -> Option<f64> {
    let known = DATES.iter().find(|(written, _)| *written == text);
    known.map(|(_, seconds)| *seconds)
}

pub(crate) fn bool_of(fact: &Fact) -> Option<bool> {
    match text_of(fact)?.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Base64 as the generator writes it, and its bytes.
pub(crate) const BYTES: [(&str, &[u8]); 3] = [("YW5u", b"ann"), ("YW4=", b"an"), ("", b"")];

pub(crate) fn same_bytes(fact: &Fact, base64: &str) -> bool {
    match fact {
        Fact::Bytes(bytes) => BYTES.contains(&(base64, bytes)),
        Fact::Text(text) => text == base64,
        _ => false,
    }
}

/// Whether the address begins with the network's bits, written out as `0` and `1`.
pub(crate) fn in_network(fact: &Fact, network: &str) -> bool {
    let (Fact::Ip(address) | Fact::Text(address)) = fact else {
        return false;
    };
    let (base, length) = network.split_once('/').unwrap_or((network, "999"));
    let length = length.parse::<usize>().unwrap();
    match (bits(address), bits(base)) {
        (Some(address), Some(base)) => {
            address.len() == base.len()
                && address.chars().take(length).eq(base.chars().take(length))
        }
        _ => false,
    }
}

fn bits(address: &str) -> Option<String> {
    let plain = address.strip_prefix("::ffff:").unwrap_or(address);
    let octets = match plain.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => address.octets().to_vec(),
    };
    Some(octets.iter().map(|octet| format!("{octet:08b}")).collect())
}
