//! `cron(Minutes Hours Day-of-month Month Day-of-week Year)` as Secrets Manager reads it: hours at which windows open.
//!
//! AWS documents: AWS Secrets Manager User Guide, "Rotation schedules"; for `W`, Amazon EventBridge User Guide, "Cron
//! expressions".

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Hours of days of months. Time is UTC.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cron {
    hours: Set,
    months: Set,
    days: Days,
}

/// Numbers below 64.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Set(u64);

/// Days of a month, each way to name them beside the others.
#[derive(Clone, Debug, PartialEq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Clone, Debug, PartialEq)]
enum DayOfMonth {
    /// `1,15`, `1-5`, `*`, `1/2`
    In(Set),
    /// `L`
    Last,
    /// `LW`
    LastWorkday,
    /// `15W`: the working day nearest to it within the month.
    Workday(i8),
    /// `SUNL`
    LastOf(Weekday),
}

#[derive(Clone, Debug, PartialEq)]
enum DayOfWeek {
    /// `1,4`, `MON-FRI`, `*`, `1/2`; 1 is Sunday.
    In(Set),
    /// `TUE#3`
    Nth(Weekday, i8),
    /// `FRIL`, `6L`
    LastOf(Weekday),
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Years in which every expression that is worth anything has a day: one cycle of weekdays and leap years.
const CYCLE: std::ops::Range<i16> = 2001..2029;

impl Cron {
    /// Reads the six fields. Minutes are 0 and the year is `*`, as Secrets Manager wants them; one of the days is `?`.
    /// Whether it ever comes is another question.
    pub(crate) fn parse(fields: &str) -> Option<Self> {
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let &["0", hours, of_month, months, of_week, "*"] = fields.as_slice() else {
            return None;
        };
        let cron = Self {
            hours: Set::parse(hours, 0, 23, &[])?,
            months: Set::parse(months, 1, 12, &MONTHS)?,
            days: match (of_month, of_week) {
                ("?", "?") => return None,
                (days, "?") => Days::OfMonth(each(days, DayOfMonth::parse)?),
                ("?", days) => Days::OfWeek(each(days, DayOfWeek::parse)?),
                (_, _) => return None,
            },
        };
        Some(cron)
    }

    /// AWS: rotations are not more than a year apart. Looks at months, not at days: whoever asks has stated any list.
    pub(crate) fn comes_every_year(&self) -> bool {
        let mut years = CYCLE;
        years.all(|year| {
            let months = (1..=12).filter(|month| self.months.has(*month));
            let mut firsts = months.filter_map(|month| Date::new(year, month, 1).ok());
            firsts.any(|first| self.comes_in_month(first))
        })
    }

    fn comes_in_month(&self, first: Date) -> bool {
        match &self.days {
            Days::OfMonth(days) => days.iter().any(|these| these.come_in_month(first)),
            Days::OfWeek(days) => days.iter().any(|these| these.come_in_month(first)),
        }
    }

    /// Whether it ever comes on two days, one behind the other.
    pub(crate) fn comes_day_by_day(&self) -> bool {
        let first = Date::constant(CYCLE.start, 1, 1);
        let mut days = first
            .series(1.day())
            .take_while(|day| day.year() < CYCLE.end)
            .map(|day| self.has_day(day));
        let mut before = false;
        days.any(|comes| std::mem::replace(&mut before, comes) && comes)
    }

    /// The hours of a day at which it comes, in order.
    pub(crate) fn hours(&self) -> impl Iterator<Item = i8> {
        let hours = self.hours;
        (0..24).filter(move |hour| hours.has(*hour))
    }

    /// Whether it comes on this day.
    pub(crate) fn has_day(&self, day: Date) -> bool {
        self.months.has(day.month())
            && match &self.days {
                Days::OfMonth(days) => days.iter().any(|these| these.has(day)),
                Days::OfWeek(days) => days.iter().any(|these| these.has(day)),
            }
    }
}

impl DayOfMonth {
    fn parse(text: &str) -> Option<Self> {
        if let Some(weekday) = text.strip_suffix('L').filter(|name| name.len() == 3) {
            return Some(Self::LastOf(weekday_named(weekday)?));
        }
        match text {
            "L" => Some(Self::Last),
            "LW" => Some(Self::LastWorkday),
            _ => match text.strip_suffix('W') {
                Some(day) => Some(Self::Workday(number(day, 1, 31, &[])?)),
                None => Some(Self::In(Set::parse_one(text, 1, 31, &[])?)),
            },
        }
    }

    /// Whether one of them is in the month that begins so.
    fn come_in_month(&self, first: Date) -> bool {
        match self {
            Self::In(days) => (1..=first.days_in_month()).any(|day| days.has(day)),
            Self::Workday(day) => *day <= first.days_in_month(),
            Self::Last | Self::LastWorkday | Self::LastOf(_) => true,
        }
    }

    fn has(&self, day: Date) -> bool {
        match self {
            Self::In(days) => days.has(day.day()),
            Self::Last => day.day() == day.days_in_month(),
            Self::LastWorkday => workday_nearest(day.last_of_month()) == Some(day),
            Self::Workday(wanted) => {
                let wanted = day.with().day(*wanted).build().ok();
                wanted.and_then(workday_nearest) == Some(day)
            }
            Self::LastOf(weekday) => is_last(day, *weekday),
        }
    }
}

impl DayOfWeek {
    fn parse(text: &str) -> Option<Self> {
        if text == "L" {
            return Some(Self::In(Set::of(7)));
        }
        if let Some(weekday) = text.strip_suffix('L') {
            return Some(Self::LastOf(weekday_named(weekday)?));
        }
        match text.split_once('#') {
            Some((weekday, nth)) => {
                Some(Self::Nth(weekday_named(weekday)?, number(nth, 1, 5, &[])?))
            }
            None => Some(Self::In(Set::parse_one(text, 1, 7, &WEEKDAYS)?)),
        }
    }

    /// Whether one of them is in the month that begins so.
    fn come_in_month(&self, first: Date) -> bool {
        match self {
            Self::In(_) | Self::LastOf(_) => true,
            Self::Nth(weekday, nth) => {
                let weeks = 7 * (*nth - 1);
                1 + first.weekday().until(*weekday) + weeks <= first.days_in_month()
            }
        }
    }

    fn has(&self, day: Date) -> bool {
        match self {
            Self::In(days) => days.has(day.weekday().to_sunday_one_offset()),
            Self::Nth(weekday, nth) => day.weekday() == *weekday && (day.day() - 1) / 7 + 1 == *nth,
            Self::LastOf(weekday) => is_last(day, *weekday),
        }
    }
}

/// Whether it is the last of these weekdays in its month.
fn is_last(day: Date, weekday: Weekday) -> bool {
    day.weekday() == weekday && day.day() + 7 > day.days_in_month()
}

/// The day itself, or the Friday before or the Monday behind it, within its month.
fn workday_nearest(day: Date) -> Option<Date> {
    let moved = |days: i64| day.checked_add(days.days()).ok();
    match day.weekday() {
        Weekday::Saturday if day.day() == 1 => moved(2),
        Weekday::Saturday => moved(-1),
        Weekday::Sunday if day.day() == day.days_in_month() => moved(-2),
        Weekday::Sunday => moved(1),
        _ => Some(day),
    }
}

fn weekday_named(text: &str) -> Option<Weekday> {
    Weekday::from_sunday_one_offset(number(text, 1, 7, &WEEKDAYS)?).ok()
}

/// Every part of a list, once.
fn each<T: PartialEq>(text: &str, parse: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut parts = Vec::new();
    for part in text.split(',') {
        let part = parse(&part.to_ascii_uppercase())?;
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    Some(parts)
}

/// A number within bounds, or the name that stands for one; names count from `least`.
fn number(text: &str, least: i8, most: i8, names: &[&str]) -> Option<i8> {
    let named = names.iter().position(|name| *name == text);
    let named = named.and_then(|at| i8::try_from(at).ok()?.checked_add(least));
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = named.or_else(|| text.parse().ok().filter(|_| digits))?;
    (least..=most).contains(&number).then_some(number)
}

impl Set {
    fn of(number: i8) -> Self {
        Self(1_u64 << number)
    }

    fn has(self, number: i8) -> bool {
        self.0 & Self::of(number).0 != 0
    }

    /// A list of ranges.
    fn parse(text: &str, least: i8, most: i8, names: &[&str]) -> Option<Self> {
        let mut all = Self::default();
        for part in text.split(',') {
            all.0 |= Self::parse_one(&part.to_ascii_uppercase(), least, most, names)?.0;
        }
        Some(all)
    }

    /// `5`, `1-5`, `*`, and each with `/2` behind; a number with a step goes on to the end, a step alone is of all.
    fn parse_one(text: &str, least: i8, most: i8, names: &[&str]) -> Option<Self> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step, 1, most, &[])?)),
            None => (text, None),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) => (least, most),
            ("", _) if step.is_some() => (least, most),
            (_, Some((from, to))) => (
                number(from, least, most, names)?,
                number(to, least, most, names)?,
            ),
            (one, None) => {
                let from = number(one, least, most, names)?;
                (from, if step.is_some() { most } else { from })
            }
        };
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        let numbers = (from..=to).step_by(step);
        let set = numbers.fold(0, |set, number| set | Self::of(number).0);
        (set != 0).then_some(Self(set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates of 2026 at which the days of an expression come, in a month.
    fn days(expression: &str, month: i8) -> Vec<i8> {
        let cron = Cron::parse(expression).unwrap_or_else(|| panic!("{expression}"));
        let first = Date::constant(2026, month, 1);
        let all = first.series(1.day()).take_while(|day| day.month() == month);
        let all = all.filter(|day| cron.has_day(*day));
        all.map(|day| day.day()).collect()
    }

    fn hours(expression: &str) -> Vec<i8> {
        Cron::parse(expression).unwrap().hours().collect()
    }

    /// The examples of the User Guide, "Cron expressions".
    #[test]
    fn documented_examples() {
        let everyday: Vec<i8> = (1..=30).collect();
        for (expression, at, on) in [
            ("0 /8 * * ? *", vec![0, 8, 16], everyday.clone()),
            ("0 8/8 * * ? *", vec![8, 16], everyday.clone()),
            ("0 2/10 * * ? *", vec![2, 12, 22], everyday.clone()),
            ("0 4/12 * * ? *", vec![4, 16], everyday.clone()),
            ("0 10 * * ? *", vec![10], everyday),
            ("0 18 ? * SAT *", vec![18], vec![6, 13, 20, 27]),
            ("0 8 1 * ? *", vec![8], vec![1]),
            ("0 17 L * ? *", vec![17], vec![30]),
            (
                "0 8 ? * MON-FRI *",
                vec![8],
                vec![
                    1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 29, 30,
                ],
            ),
            ("0 16 1,15 * ? *", vec![16], vec![1, 15]),
            ("0 0 ? * SUN#1 *", vec![0], vec![7]),
        ] {
            assert_eq!(hours(expression), at, "{expression}");
            assert_eq!(days(expression, 6), on, "{expression}");
        }
        let quarterly = "0 1 ? 1/3 SUN#1 *";
        assert_eq!(days(quarterly, 1), [4]);
        assert_eq!(days(quarterly, 2), [0_i8; 0]);
        assert_eq!(days(quarterly, 4), [5]);
    }

    #[test]
    fn every_way_to_name_days() {
        for (expression, month, on) in [
            ("0 1 1/10 * ? *", 6, vec![1, 11, 21]),
            ("0 1 */10 * ? *", 6, vec![1, 11, 21]),
            ("0 1 3-5 * ? *", 6, vec![3, 4, 5]),
            ("0 1 L * ? *", 2, vec![28]),
            ("0 1 LW * ? *", 5, vec![29]),
            ("0 1 LW * ? *", 6, vec![30]),
            // The 15th of August 2026 is a Saturday, the 1st too; the 31st of May is a Sunday.
            ("0 1 15W * ? *", 8, vec![14]),
            ("0 1 1W * ? *", 8, vec![3]),
            ("0 1 31W * ? *", 5, vec![29]),
            ("0 1 31W * ? *", 6, vec![]),
            ("0 1 SUNL * ? *", 6, vec![28]),
            ("0 1 1,L * ? *", 6, vec![1, 30]),
            ("0 1 ? * L *", 6, vec![6, 13, 20, 27]),
            ("0 1 ? * FRIL *", 6, vec![26]),
            ("0 1 ? * 6L *", 6, vec![26]),
            ("0 1 ? * TUE#3 *", 6, vec![16]),
            ("0 1 ? * 3#3,1#1 *", 6, vec![7, 16]),
            (
                "0 1 ? * 1/3 *",
                6,
                vec![3, 6, 7, 10, 13, 14, 17, 20, 21, 24, 27, 28],
            ),
            ("0 1 ? jan,jun mon *", 6, vec![1, 8, 15, 22, 29]),
        ] {
            assert_eq!(days(expression, month), on, "{expression}");
        }
    }

    #[test]
    fn what_is_none() {
        for expression in [
            "",
            "0 8 * * ?",
            "0 8 * * ? * *",
            "1 8 * * ? *",
            "* 8 * * ? *",
            "0 24 * * ? *",
            "0 -1 * * ? *",
            "0 +1 * * ? *",
            "0 8 * * ? 2027",
            "0 8 * * * *",
            "0 8 ? * ? *",
            "0 8 1 * MON *",
            "0 8 0 * ? *",
            "0 8 32 * ? *",
            "0 8 5-1 * ? *",
            "0 8 1/0 * ? *",
            "0 8 1, * ? *",
            "0 8 * 13 ? *",
            "0 8 * JUNE ? *",
            "0 8 ? * MON#6 *",
            "0 8 ? * MON#0 *",
            "0 8 ? * 8 *",
            "0 8 ä * ? *",
            "0 8 99999999999999999999 * ? *",
        ] {
            assert_eq!(Cron::parse(expression), None, "{expression}");
        }
    }

    /// As `comes_every_year`, by looking at every day.
    fn has_a_day_every_year(cron: &Cron) -> bool {
        let mut years = CYCLE;
        years.all(|year| {
            let first = Date::constant(year, 1, 1);
            let mut days = first.series(1.day()).take_while(|day| day.year() == year);
            days.any(|day| cron.has_day(day))
        })
    }

    #[test]
    fn what_comes_every_year() {
        for (expression, comes) in [
            ("0 8 30 2 ? *", false),
            ("0 8 29 2 ? *", false),
            ("0 8 29W 2 ? *", false),
            ("0 8 28W 2 ? *", true),
            ("0 8 31 2,4,6,9,11 ? *", false),
            ("0 8 31 2,3 ? *", true),
            ("0 8 31W 4,6 ? *", false),
            ("0 8 29,L 2 ? *", true),
            ("0 8 ? 2 MON#5 *", false),
            ("0 8 ? 2 MON#4 *", true),
            ("0 8 ? 4 MON#5 *", false),
            ("0 8 ? * MON#5 *", true),
            ("0 8 ? 1 SUN#5,MON#5,TUE#5,WED#5,THU#5 *", true),
            ("0 8 ? 1 SUN#5,MON#5,TUE#5,WED#5 *", false),
            ("0 8 ? 2 MON-FRI *", true),
            ("0 8 ? 2 6L *", true),
        ] {
            let cron = Cron::parse(expression).unwrap();
            assert_eq!(cron.comes_every_year(), comes, "{expression}");
            assert_eq!(has_a_day_every_year(&cron), comes, "{expression}");
        }
    }

    #[test]
    fn what_comes_day_by_day() {
        for (expression, comes) in [
            ("0 8 * * ? *", true),
            ("0 8 1 * ? *", false),
            ("0 8 1,L 6 ? *", false),
            ("0 8 1,L * ? *", true),
            ("0 8 ? * MON,WED *", false),
            ("0 8 ? * SUN,SAT *", true),
            ("0 8 1/2 * ? *", true),
            ("0 8 1/2 6 ? *", false),
        ] {
            let cron = Cron::parse(expression).unwrap();
            assert_eq!(cron.comes_day_by_day(), comes, "{expression}");
        }
    }
}
