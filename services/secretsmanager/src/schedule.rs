//! When a secret is to be rotated: windows of whole hours, in UTC.
//!
//! AWS document: AWS Secrets Manager User Guide, "Rotation schedules"; API Reference, `RotationRulesType`.

use base::Timestamp;

use crate::cron::Cron;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Hours of a day, and thus of the longest window.
const MOST_HOURS: i64 = 24;
/// Hours between two rotations, at least.
const LEAST_APART: i64 = 4;
/// Days between two rotations, at most, by an expression.
const MOST_DAYS: i64 = 999;

/// `RotationRules`, which make sense.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    every: Every,
    /// `Duration`, in hours.
    duration: Option<i64>,
    /// `ScheduleExpression`, unless it is `AutomaticallyAfterDays` that was given.
    expression: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Every {
    /// On the day that lies so many days behind the last change of the value, or the first one after it.
    Days(i64),
    /// As many hours apart, counted from a midnight.
    Hours { hours: i64, from: Timestamp },
    /// At hours of days.
    Cron(Cron),
}

/// Rules as they are given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    /// `AutomaticallyAfterDays`
    pub(crate) days: Option<i64>,
    /// `Duration`
    pub(crate) duration: Option<&'a str>,
    /// `ScheduleExpression`
    pub(crate) expression: Option<&'a str>,
}

/// What is wrong with rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nonsense {
    /// Both `AutomaticallyAfterDays` and `ScheduleExpression`.
    Both,
    /// Neither.
    Neither,
    /// `ScheduleExpression` is none.
    Expression,
    /// Rotations that are less than four hours or more than 999 days apart.
    Apart,
    /// The window reaches into the next one, or into the next day.
    Window,
}

/// From when to when a secret may be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first instant.
    pub(crate) opens: Timestamp,
    /// The first instant that is too late.
    pub(crate) closes: Timestamp,
}

impl Window {
    /// `NextRotationDate`: rotated on or before this date.
    pub(crate) fn last_instant(self) -> Timestamp {
        self.closes.plus_seconds(-1)
    }
}

impl Rules {
    /// Reads rules; those in hours count from the midnight before `now`.
    pub(crate) fn read(given: Given<'_>, now: Timestamp) -> Result<Self, Nonsense> {
        let rules = Self::accepted(given, midnight(now))?;
        match &rules.every {
            Every::Cron(cron) if !cron.comes_every_year() => Err(Nonsense::Expression),
            Every::Cron(cron) if is_too_often(cron) => Err(Nonsense::Apart),
            _ => Ok(rules),
        }
    }

    /// Rules that were read once, those in hours counted from `from`: they are the same ever after, so that it is not
    /// looked up in the calendar again how often they come.
    pub(crate) fn accepted(given: Given<'_>, from: Timestamp) -> Result<Self, Nonsense> {
        let every = match (given.days, given.expression) {
            (Some(_), Some(_)) => return Err(Nonsense::Both),
            (None, None) => return Err(Nonsense::Neither),
            (Some(days), None) => Every::Days(days),
            (None, Some(expression)) => Every::parse(expression, from)?,
        };
        let duration = given
            .duration
            .map(|text| hours(text).ok_or(Nonsense::Window));
        let duration = duration.transpose()?;
        if duration.is_some_and(|hours| hours > every.longest_window()) {
            return Err(Nonsense::Window);
        }
        Ok(Self {
            every,
            duration,
            expression: given.expression.map(str::to_owned),
        })
    }

    /// As they were given.
    pub(crate) fn given(&self) -> (Option<i64>, Option<String>, Option<String>) {
        let days = match self.every {
            Every::Days(days) if self.expression.is_none() => Some(days),
            _ => None,
        };
        let duration = self.duration.map(|hours| format!("{hours}h"));
        (days, duration, self.expression.clone())
    }

    /// The midnight that hours count from.
    pub(crate) fn counted_from(&self) -> Option<Timestamp> {
        match self.every {
            Every::Hours { from, .. } => Some(from),
            Every::Days(_) | Every::Cron(_) => None,
        }
    }

    /// Days between rotations, where that is known without a rotation.
    pub(crate) fn days(&self) -> Option<i64> {
        match self.every {
            Every::Days(days) => Some(days),
            Every::Hours { .. } | Every::Cron(_) => None,
        }
    }

    /// The first window that opens behind `after`, of a secret whose value is of `since`.
    pub(crate) fn next(&self, since: Timestamp, after: Timestamp) -> Option<Window> {
        match &self.every {
            Every::Days(days) => {
                let wanted = midnight(since).plus_seconds(days.saturating_mul(DAY));
                let first = midnight(after).plus_seconds(DAY);
                Some(self.window(wanted.max(first)))
            }
            Every::Hours { hours, from } => {
                let apart = hours * HOUR;
                let gone = after.seconds_since(*from).div_euclid(apart) + 1;
                Some(self.window(from.plus_seconds(gone * apart)))
            }
            Every::Cron(cron) => next_of(cron, after).map(|opens| self.window(opens)),
        }
    }

    /// The first window that is open at `now` or opens behind it.
    pub(crate) fn open_or_next(&self, since: Timestamp, now: Timestamp) -> Option<Window> {
        let mut window = self.next(since, now.plus_seconds(-DAY))?;
        while window.closes <= now {
            window = self.next(since, window.opens)?;
        }
        Some(window)
    }

    fn window(&self, opens: Timestamp) -> Window {
        let hours = self.duration.unwrap_or(match &self.every {
            Every::Days(_) => MOST_HOURS,
            Every::Hours { .. } => 1,
            Every::Cron(cron) if cron.hours().count() > 1 => 1,
            Every::Cron(_) => MOST_HOURS - opens.seconds().rem_euclid(DAY) / HOUR,
        });
        Window {
            opens,
            closes: opens.plus_seconds(hours * HOUR),
        }
    }
}

impl Every {
    fn parse(expression: &str, from: Timestamp) -> Result<Self, Nonsense> {
        let inner = |name| {
            let inner = expression.strip_prefix(name)?.strip_prefix('(')?;
            inner.strip_suffix(')')
        };
        if let Some(rate) = inner("rate") {
            return Self::parse_rate(rate, from);
        }
        let cron = inner("cron").and_then(Cron::parse);
        cron.map(Self::Cron).ok_or(Nonsense::Expression)
    }

    fn parse_rate(rate: &str, from: Timestamp) -> Result<Self, Nonsense> {
        let (number, unit) = rate.split_once(' ').ok_or(Nonsense::Expression)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = number
            .parse()
            .ok()
            .filter(|_| digits)
            .ok_or(Nonsense::Expression)?;
        match unit.trim() {
            "day" | "days" if (1..=MOST_DAYS).contains(&number) => Ok(Self::Days(number)),
            "hour" | "hours" if (LEAST_APART..=MOST_DAYS * 24).contains(&number) => {
                Ok(Self::Hours {
                    hours: number,
                    from,
                })
            }
            "day" | "days" | "hour" | "hours" => Err(Nonsense::Apart),
            _ => Err(Nonsense::Expression),
        }
    }

    /// Hours that a window has at most.
    fn longest_window(&self) -> i64 {
        match self {
            Self::Days(_) => MOST_HOURS,
            Self::Hours { hours, .. } => MOST_HOURS.min(*hours),
            Self::Cron(cron) => {
                let last = cron.hours().last().map_or(0, i64::from);
                apart(cron).min(MOST_HOURS - last)
            }
        }
    }
}

/// Whether two of its windows are less than four hours apart, of one day or on both sides of a midnight.
fn is_too_often(cron: &Cron) -> bool {
    let (first, last) = (cron.hours().next(), cron.hours().last());
    let over_midnight = first.zip(last).map_or(MOST_HOURS, |(first, last)| {
        MOST_HOURS + i64::from(first) - i64::from(last)
    });
    apart(cron) < LEAST_APART || (over_midnight < LEAST_APART && cron.comes_day_by_day())
}

/// Hours between two windows of a day, at least; those of a whole day where there is one.
fn apart(cron: &Cron) -> i64 {
    let hours: Vec<i64> = cron.hours().map(i64::from).collect();
    let pairs = hours.iter().zip(hours.iter().skip(1));
    pairs
        .map(|(one, next)| next - one)
        .min()
        .unwrap_or(MOST_HOURS)
}

fn next_of(cron: &Cron, after: Timestamp) -> Option<Timestamp> {
    let mut day = midnight(after);
    // A leap day, and a year that has none.
    for _ in 0..=2 * 366 {
        if cron.has_day(date(day)?) {
            let mut at = cron
                .hours()
                .map(|hour| day.plus_seconds(i64::from(hour) * HOUR));
            if let Some(at) = at.find(|at| *at > after) {
                return Some(at);
            }
        }
        day = day.plus_seconds(DAY);
    }
    None
}

fn date(at: Timestamp) -> Option<jiff::civil::Date> {
    let at = jiff::Timestamp::from_second(at.seconds()).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(at).date())
}

/// The midnight before.
pub(crate) fn midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds().div_euclid(DAY) * DAY)
}

/// `3h`.
fn hours(text: &str) -> Option<i64> {
    let number = text.strip_suffix('h')?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = number.parse().ok().filter(|_| digits)?;
    (1..=MOST_HOURS).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn rules(expression: &str, duration: Option<&str>) -> Result<Rules, Nonsense> {
        let given = Given {
            expression: Some(expression),
            duration,
            ..Given::default()
        };
        Rules::read(given, at("2026-11-23T06:38:13Z"))
    }

    /// From `rules`, the first windows behind an instant.
    fn windows(rules: &Rules, count: usize) -> Vec<String> {
        let since = at("2026-11-23T06:38:13Z");
        let mut after = since;
        let mut found = Vec::new();
        for _ in 0..count {
            let window = rules.next(since, after).unwrap();
            after = window.opens;
            let hour = |at: Timestamp| at.basic().get(4..11).unwrap().to_owned();
            found.push(format!("{}-{}", hour(window.opens), hour(window.closes)));
        }
        found
    }

    /// What was accepted before windows on both sides of a midnight were looked at is read again.
    #[test]
    fn what_was_accepted_stays_so() {
        let given = Given {
            expression: Some("cron(0 0,22 * * ? *)"),
            ..Given::default()
        };
        let now = at("2026-11-23T06:38:13Z");
        assert_eq!(Rules::read(given, now), Err(Nonsense::Apart));
        let rules = Rules::accepted(given, now).unwrap();
        assert_eq!(windows(&rules, 2), ["1123T22-1123T23", "1124T00-1124T01"]);
    }

    /// The examples and default windows of the User Guide.
    #[test]
    fn documented_windows() {
        for (expression, duration, opened) in [
            (
                "rate(4 hours)",
                None,
                ["1123T08-1123T09", "1123T12-1123T13"],
            ),
            (
                "rate(4 hours)",
                Some("4h"),
                ["1123T08-1123T12", "1123T12-1123T16"],
            ),
            ("rate(1 day)", None, ["1124T00-1125T00", "1125T00-1126T00"]),
            (
                "rate(1 day)",
                Some("3h"),
                ["1124T00-1124T03", "1125T00-1125T03"],
            ),
            (
                "rate(10 days)",
                None,
                ["1203T00-1204T00", "1204T00-1205T00"],
            ),
            (
                "cron(0 /8 * * ? *)",
                None,
                ["1123T08-1123T09", "1123T16-1123T17"],
            ),
            (
                "cron(0 8/8 * * ? *)",
                Some("2h"),
                ["1123T08-1123T10", "1123T16-1123T18"],
            ),
            (
                "cron(0 2/10 * * ? *)",
                None,
                ["1123T12-1123T13", "1123T22-1123T23"],
            ),
            (
                "cron(0 10 * * ? *)",
                None,
                ["1123T10-1124T00", "1124T10-1125T00"],
            ),
            (
                "cron(0 18 ? * SAT *)",
                None,
                ["1128T18-1129T00", "1205T18-1206T00"],
            ),
            (
                "cron(0 8 1 * ? *)",
                Some("2h"),
                ["1201T08-1201T10", "0101T08-0101T10"],
            ),
            (
                "cron(0 1 ? 1/3 SUN#1 *)",
                None,
                ["0103T01-0104T00", "0404T01-0405T00"],
            ),
            (
                "cron(0 17 L * ? *)",
                None,
                ["1130T17-1201T00", "1231T17-0101T00"],
            ),
        ] {
            let rules = rules(expression, duration).unwrap();
            assert_eq!(windows(&rules, 2), opened, "{expression} {duration:?}");
            let given = rules.given();
            assert_eq!(given.2.as_deref(), Some(expression));
            assert_eq!(given.1.as_deref(), duration);
        }
    }

    #[test]
    fn days_count_from_the_last_change() {
        let given = Given {
            days: Some(30),
            ..Given::default()
        };
        let since = at("2026-01-31T23:59:59Z");
        let rules = Rules::read(given, since).unwrap();
        let next = rules.next(since, since).unwrap();
        assert_eq!(next.opens, at("2026-03-02T00:00:00Z"));
        assert_eq!(next.last_instant(), at("2026-03-02T23:59:59Z"));
        // Missed: every later day will do, and the one that is on at once.
        let late = at("2026-04-01T10:00:00Z");
        let next = rules.next(since, late).unwrap();
        assert_eq!(next.opens, at("2026-04-02T00:00:00Z"));
        let open = rules.open_or_next(since, late).unwrap();
        assert_eq!(open.opens, at("2026-04-01T00:00:00Z"));
        let early = rules.open_or_next(since, since).unwrap();
        assert_eq!(early.opens, at("2026-03-02T00:00:00Z"));
    }

    #[test]
    fn what_makes_no_sense() {
        for (expression, duration, wrong) in [
            ("rate(3 hours)", None, Nonsense::Apart),
            ("rate(0 days)", None, Nonsense::Apart),
            ("rate(1000 days)", None, Nonsense::Apart),
            ("rate(23977 hours)", None, Nonsense::Apart),
            ("rate(5 minutes)", None, Nonsense::Expression),
            ("rate(-5 days)", None, Nonsense::Expression),
            ("rate(+5 days)", None, Nonsense::Expression),
            ("rate(5)", None, Nonsense::Expression),
            ("rate 5 days", None, Nonsense::Expression),
            ("rate(5 days", None, Nonsense::Expression),
            ("5 days", None, Nonsense::Expression),
            ("cron()", None, Nonsense::Expression),
            ("cron(0 8 30 2 ? *)", None, Nonsense::Expression),
            ("cron(0 * * * ? *)", None, Nonsense::Apart),
            ("cron(0 /3 * * ? *)", None, Nonsense::Apart),
            ("cron(0 0,22 * * ? *)", None, Nonsense::Apart),
            ("cron(0 /7 * * ? *)", None, Nonsense::Apart),
            ("cron(0 1,22 L,1 * ? *)", None, Nonsense::Apart),
            ("cron(0 2,23 ? * MON-TUE *)", None, Nonsense::Apart),
            ("cron(0 8 29 2 ? *)", None, Nonsense::Expression),
            ("cron(0 8 ? 2 MON#5 *)", None, Nonsense::Expression),
            ("rate(4 hours)", Some("5h"), Nonsense::Window),
            ("rate(2 days)", Some("25h"), Nonsense::Window),
            ("rate(1 day)", Some("0h"), Nonsense::Window),
            ("cron(0 22 * * ? *)", Some("3h"), Nonsense::Window),
            ("cron(0 2/10 * * ? *)", Some("3h"), Nonsense::Window),
            ("cron(0 0/4 * * ? *)", Some("5h"), Nonsense::Window),
        ] {
            assert_eq!(
                rules(expression, duration),
                Err(wrong),
                "{expression} {duration:?}"
            );
        }
        for (expression, duration) in [
            ("rate(23976 hours)", "24h"),
            ("rate(999 days)", "24h"),
            ("cron(0 22 * * ? *)", "2h"),
            ("cron(0 2/10 * * ? *)", "2h"),
            ("cron(0 /8 * * ? *)", "8h"),
            ("cron(0 2,22 * * ? *)", "2h"),
            ("cron(0 0,22 1 * ? *)", "2h"),
            ("cron(0 0,22 ? * MON,WED *)", "2h"),
        ] {
            assert!(rules(expression, Some(duration)).is_ok(), "{expression}");
        }
        let both = Given {
            days: Some(1),
            expression: Some("rate(1 day)"),
            ..Given::default()
        };
        let now = Timestamp::default();
        assert_eq!(Rules::read(both, now), Err(Nonsense::Both));
        assert_eq!(Rules::read(Given::default(), now), Err(Nonsense::Neither));
    }

    fn expressions() -> impl Strategy<Value = String> {
        let hours = prop_oneof![
            (0..24).prop_map(|hour: i32| hour.to_string()),
            (0..24, 4..13).prop_map(|(from, step)| format!("{from}/{step}")),
        ];
        let days = prop_oneof![
            Just("* * ?".to_owned()),
            (1..29, 1..13).prop_map(|(day, month)| format!("{day} {month} ?")),
            (1..29, 1..10).prop_map(|(day, step)| format!("{day}/{step} * ?")),
            (1..29).prop_map(|day| format!("{day}W * ?")),
            Just("L * ?".to_owned()),
            (1..8, 1..5).prop_map(|(day, nth)| format!("? * {day}#{nth}")),
            (1..8).prop_map(|day| format!("? * {day}L")),
            (1..8).prop_map(|day| format!("? 2/5 {day}")),
        ];
        prop_oneof![
            (hours, days).prop_map(|(hours, days)| format!("cron(0 {hours} {days} *)")),
            (4..100).prop_map(|hours| format!("rate({hours} hours)")),
            (1..100).prop_map(|days| format!("rate({days} days)")),
        ]
        .prop_filter("too often", |expression| rules(expression, None).is_ok())
    }

    /// Whether a window of `rules` opens at this full hour, told without searching.
    fn opens_at(rules: &Rules, since: Timestamp, hour: Timestamp) -> bool {
        let of_day = hour.seconds().rem_euclid(DAY) / HOUR;
        match &rules.every {
            Every::Days(days) => {
                let days_between = hour.seconds().div_euclid(DAY) - since.seconds().div_euclid(DAY);
                of_day == 0 && days_between >= *days
            }
            Every::Hours { hours, from } => hour.seconds_since(*from).rem_euclid(hours * HOUR) == 0,
            Every::Cron(cron) => {
                cron.has_day(date(hour).unwrap()) && cron.hours().any(|it| i64::from(it) == of_day)
            }
        }
    }

    proptest! {
        /// The next window is the first of all hours at which one opens; windows do not touch each other's insides.
        #[test]
        fn next_is_the_first(expression in expressions(), since in 0..4_000_000_000_i64, later in 0..10_000_000_i64) {
            let since = Timestamp::from_seconds(since);
            let after = since.plus_seconds(later);
            let given = Given { expression: Some(&expression), ..Given::default() };
            let rules = Rules::read(given, since).unwrap();
            let window = rules.next(since, after).unwrap();
            let mut hour = Timestamp::from_seconds((after.seconds().div_euclid(HOUR) + 1) * HOUR);
            while !opens_at(&rules, since, hour) {
                hour = hour.plus_seconds(HOUR);
            }
            prop_assert_eq!(window.opens, hour);
            prop_assert!(window.opens > after && window.closes > window.opens);
            let behind = rules.next(since, window.opens).unwrap();
            prop_assert!(behind.opens >= window.closes);
            let open = rules.open_or_next(since, window.last_instant()).unwrap();
            prop_assert_eq!(open, window);
        }

        #[test]
        fn no_text_is_too_much(expression in "(rate|cron)?[0-9A-Za-z()#?*\\-/, ]{0,40}", duration in "[0-9]{1,2}h") {
            let given = Given { expression: Some(&expression), duration: Some(&duration), days: None };
            if let Ok(rules) = Rules::read(given, Timestamp::from_seconds(0)) {
                prop_assert!(rules.next(Timestamp::from_seconds(0), Timestamp::from_seconds(0)).is_some());
            }
        }
    }
}
