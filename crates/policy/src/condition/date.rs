//! Dates in policies: W3C's profile of ISO 8601, and seconds since 1970.

/// Microseconds since 1970-01-01T00:00:00Z. Years may have nine digits in policies.
pub(crate) type Instant = i128;

const SECOND: Instant = 1_000_000;
const DAY: Instant = 86_400 * SECOND;
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

/// Reads `2026-11`, `2026-11-23`, `2026-11-23T06:38Z`, `2026-11-23T06:38:13.5+01:00` or
/// `1795415893`; digits alone are seconds, never a year. Without a zone it is UTC.
/// Source: W3C NOTE-datetime; IAM User Guide, "Date condition operators".
pub(crate) fn parse(text: &str) -> Option<Instant> {
    if text.contains(['t', 'T', '-']) {
        return iso(text);
    }
    let seconds: i64 = digits(text)?;
    Some(Instant::from(seconds) * SECOND)
}

fn iso(text: &str) -> Option<Instant> {
    let (date, time) = text.split_once(['t', 'T']).unwrap_or((text, ""));
    Some(days(date)? * DAY + time_of_day(time)?)
}

fn days(date: &str) -> Option<Instant> {
    let unsigned = date.strip_prefix('-');
    let mut parts = unsigned.unwrap_or(date).split('-');
    let year = digits(parts.next()?)? * if unsigned.is_some() { -1 } else { 1 };
    let month = parts.next().map_or(Some(1), digits)?;
    let day = parts.next().map_or(Some(1), digits)?;
    let valid = YEARS.contains(&year) && (1..=days_in(year, month)?).contains(&day);
    (valid && parts.next().is_none()).then(|| days_since_epoch(year, month, day))
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => Some(29),
        2 => Some(28),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin with March.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Instant {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Instant::from(era * 146_097 + day_of_era - 719_468)
}

/// Microseconds since midnight, UTC.
fn time_of_day(text: &str) -> Option<Instant> {
    if text.is_empty() {
        return Some(0);
    }
    let (clock, offset) = zone(text)?;
    let mut parts = clock.splitn(3, ':');
    let hour = below(parts.next()?, 24)?;
    let minute = parts.next().map_or(Some(0), |part| below(part, 60))?;
    let second = parts.next().map_or(Some(0), seconds)?;
    Some((hour * 3_600 + minute * 60) * SECOND + second - offset * SECOND)
}

/// Splits off `Z`, `+01`, `+01:00` or `-05:00` and gives its seconds.
fn zone(text: &str) -> Option<(&str, Instant)> {
    if let Some(clock) = text.strip_suffix(['z', 'Z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let (clock, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = match offset.get(1..)?.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => (offset.get(1..)?, "00"),
    };
    let two = hours.len() == 2 && minutes.len() == 2;
    let offset = below(hours, 24)? * 3_600 + below(minutes, 60)? * 60;
    two.then_some((clock, sign * offset))
}

/// Seconds with up to nine digits of fraction, in microseconds.
fn seconds(text: &str) -> Option<Instant> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut micros = below(whole, 60)? * SECOND;
    if fraction.len() > 9 {
        return None;
    }
    if !fraction.is_empty() {
        let places = u32::try_from(fraction.len()).ok()?;
        micros += Instant::from(digits(fraction)?) * SECOND / Instant::from(10_i64.pow(places));
    }
    Some(micros)
}

fn below(text: &str, limit: i64) -> Option<Instant> {
    digits(text)
        .filter(|number| *number < limit)
        .map(Instant::from)
}

fn digits(text: &str) -> Option<i64> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;

    #[test]
    fn accepted_forms() {
        for (text, same) in [
            ("2026", "1970-01-01T00:33:46Z"),
            ("2026-11", "2026-11-01T00:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23T06", "2026-11-23T06:00:00Z"),
            ("2026-11-23T06:38Z", "2026-11-23T06:38:00Z"),
            ("2026-11-23t06:38:13z", "2026-11-23T06:38:13Z"),
            ("2026-11-23T06:38:13", "2026-11-23T06:38:13Z"),
            ("2026-11-23T07:38:13+01:00", "2026-11-23T06:38:13Z"),
            ("2026-11-23T07:38:13+01", "2026-11-23T06:38:13Z"),
            ("2026-11-23T01:38:13-05:00", "2026-11-23T06:38:13Z"),
            ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
            ("1600-03-01", "1600-03-01T00:00:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("1795415893", "2026-11-23T06:38:13Z"),
        ] {
            let expected = Timestamp::parse_rfc3339(same).unwrap().micros();
            assert_eq!(parse(text), Some(expected.into()), "{text}");
        }
    }

    #[test]
    fn far_years_are_read() {
        assert!(parse("-292275054").unwrap() < parse("01T").unwrap());
        assert!(parse("2016-12-13t2:00:00.593194+23").is_some());
        assert!(parse("9223372036854775807").unwrap() > parse("292278993-12-31").unwrap());
    }

    #[test]
    fn refused_forms() {
        for text in [
            "",
            "b",
            "sdfdsf",
            "234-13",
            "2026-00",
            "2026-02-29",
            "2026-1-2-3",
            "-",
            "1.5",
            "2026-11-23T24:00Z",
            "2026-11-23T00:60Z",
            "2026-11-23T00:00:60Z",
            "2016-12-13t2:00:00.593194+1",
            "2016-12-13t2:00:00.1999999999+10:59",
            "9223372036854775808",
            "2026-11-23T:Z",
            "+2026-11",
            "292278994-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
