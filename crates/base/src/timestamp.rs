//! Instants, and who tells them.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

/// An instant: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The text is not a date this product reads, or lies outside the years 1 to 9999.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a date and time")]
pub struct InvalidTimestamp;

const SECOND: i64 = 1_000_000;

impl Timestamp {
    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }
    /// Whole milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// Seconds since the epoch with a fraction, as JSON 1.1 carries times.
    pub fn seconds_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }
    /// This instant moved by `seconds`, which may be negative.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }
    /// Seconds from `earlier` to this instant; negative when it lies later.
    pub const fn seconds_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(SECOND)
    }

    /// Reads RFC 3339, as `2026-11-23T06:38:13Z`, with any offset and fraction.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTimestamp> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        Ok(Self(instant.as_microsecond()))
    }

    /// Reads the basic form of Signature Version 4, `20261123T063813Z`.
    pub fn parse_basic(text: &str) -> Result<Self, InvalidTimestamp> {
        let digits = |from: usize, to: usize| -> Result<i64, InvalidTimestamp> {
            let part = text.get(from..to).ok_or(InvalidTimestamp)?;
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(InvalidTimestamp);
            }
            part.parse().map_err(|_| InvalidTimestamp)
        };
        if text.len() != 16 || text.get(8..9) != Some("T") || text.get(15..) != Some("Z") {
            return Err(InvalidTimestamp);
        }
        let date = jiff::civil::Date::new(
            digits(0, 4)? as i16,
            digits(4, 6)? as i8,
            digits(6, 8)? as i8,
        );
        let time = jiff::civil::Time::new(
            digits(9, 11)? as i8,
            digits(11, 13)? as i8,
            digits(13, 15)? as i8,
            0,
        );
        let (Ok(date), Ok(time)) = (date, time) else {
            return Err(InvalidTimestamp);
        };
        let offset = jiff::tz::Offset::UTC;
        let instant = offset
            .to_timestamp(date.to_datetime(time))
            .map_err(|_| InvalidTimestamp)?;
        Ok(Self(instant.as_microsecond()))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        jiff::tz::Offset::UTC.to_datetime(instant)
    }

    /// `2026-11-23T06:38:13Z`: seconds only, as audit records and Query replies carry times.
    pub fn rfc3339(self) -> impl fmt::Display {
        Rfc3339(self)
    }

    /// What `rfc3339` shows, on the stack.
    pub fn rfc3339_text(self) -> [u8; 20] {
        let t = self.civil();
        let year = u8::try_from(t.year() / 100).unwrap_or_default();
        let [a, b] = two_digits(year);
        let [c, d] = two_digits((t.year() % 100) as u8);
        let [e, f] = two_digits(t.month() as u8);
        let [g, h] = two_digits(t.day() as u8);
        let [i, j] = two_digits(t.hour() as u8);
        let [k, l] = two_digits(t.minute() as u8);
        let [m, n] = two_digits(t.second() as u8);
        [
            a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'Z',
        ]
    }

    /// `20261123T063813Z`, as Signature Version 4 carries times.
    pub fn basic(self) -> String {
        let t = self.civil();
        format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }
}

fn two_digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10 % 10, b'0' + number % 10]
}

struct Rfc3339(Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0.rfc3339_text()).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Rfc3339(*self), f)
    }
}

/// Tells the time. The server passes the system's; tests pass one they set.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }
    /// Moves the clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0
            .fetch_add(seconds.saturating_mul(SECOND), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_agree() {
        let at = Timestamp::parse_basic("20261123T063813Z").unwrap();
        assert_eq!(at.rfc3339().to_string(), "2026-11-23T06:38:13Z");
        assert_eq!(at.basic(), "20261123T063813Z");
        assert_eq!(
            Timestamp::parse_rfc3339("2026-11-23T07:38:13+01:00"),
            Ok(at)
        );
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "20261123T063813",
            "20261323T063813Z",
            "2026-1123T06381Z",
            "20261123 063813Z",
            "+0261123T063813Z",
            "２026112",
        ] {
            assert_eq!(
                Timestamp::parse_basic(text),
                Err(InvalidTimestamp),
                "{text}"
            );
        }
    }

    #[test]
    fn differences_round_down() {
        let at = Timestamp::from_millis(1_500);
        assert_eq!(at.seconds(), 1);
        assert_eq!(Timestamp::from_seconds(1).seconds_since(at), -1);
        assert_eq!(at.plus_seconds(-2).millis(), -500);
    }
}
