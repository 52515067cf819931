//! When a request says it was signed.

use std::borrow::Cow;

use base::Timestamp;

use crate::refusal::{Refusal, cut};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The instant of signing, and the same as `20261123T063813Z`, which is what is signed.
pub(crate) struct SignedAt<'a> {
    pub(crate) instant: Timestamp,
    pub(crate) text: Cow<'a, str>,
}

impl<'a> SignedAt<'a> {
    /// Reads an `X-Amz-Date`.
    pub(crate) fn basic(text: Cow<'a, str>) -> Result<Self, Refusal> {
        match Timestamp::parse_basic(&text) {
            Ok(instant) => Ok(Self { instant, text }),
            Err(_) => Err(Refusal::DateForm(cut(&text))),
        }
    }

    /// Reads a `Date` header: the preferred form of RFC 9110, section 5.6.7, or that of `X-Amz-Date`.
    pub(crate) fn http(text: &'a str) -> Result<Self, Refusal> {
        match imf_as_basic(text) {
            Some(basic) => Self::basic(basic.into()).map_err(|_| Refusal::DateForm(cut(text))),
            None => Self::basic(text.into()),
        }
    }

    /// The day of signing as `20261123`.
    pub(crate) fn day(&self) -> &str {
        self.text.get(..8).unwrap_or_default()
    }
}

/// `Mon, 23 Nov 2026 06:38:13 GMT` as `20261123T063813Z`.
fn imf_as_basic(text: &str) -> Option<String> {
    let (_weekday, rest) = text.split_once(", ")?;
    let mut words = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let time = time.replace(':', "");
    words
        .next()
        .is_none()
        .then(|| format!("{year}{month:02}{day}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_date() {
        for (text, expected) in [
            ("Mon, 23 Nov 2026 06:38:13 GMT", Some("20261123T063813Z")),
            ("Fri, 02 Jan 2026 00:00:00 GMT", Some("20260102T000000Z")),
            ("20261123T063813Z", Some("20261123T063813Z")),
            ("Mon, 23 Nov 2026 06:38:13 CET", None),
            ("Mon, 3 Nov 2026 06:38:13 GMT", None),
            ("Mon, 23 Foo 2026 06:38:13 GMT", None),
            ("Mon, 23 Nov 2026 06:38:13 x GMT", None),
            ("2026-11-23T06:38:13Z", None),
            ("", None),
        ] {
            let read = SignedAt::http(text).ok().map(|date| date.text.into_owned());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_shown_cut() {
        let text = "x".repeat(100);
        let refusal = SignedAt::basic(text.into()).err();
        assert_eq!(refusal, Some(Refusal::DateForm("x".repeat(64))));
    }
}
