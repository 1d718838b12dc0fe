//! When a schedule is due next.
//!
//! Times of day are those of a time zone. Where the clocks skip an hour, what
//! was due in it happens as much later as they skip; where they repeat one, it
//! happens the first time only.

use std::ops::RangeInclusive;

use chatter_protocol::Millis;
use chatter_protocol::announcements::Schedule;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// No schedule is looked for further ahead: 29 February comes every eight
/// years at the least often.
const DAYS_AHEAD: u32 = 8 * 366 + 1;

/// A time zone by its IANA name, such as `Europe/Berlin`.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// When `schedule` is due first after `after`; `None`: never again.
pub fn next(schedule: &Schedule, zone: &TimeZone, after: Millis) -> Option<Millis> {
    match schedule {
        Schedule::Once { at } => (*at > after).then_some(*at),
        Schedule::Every { seconds, from } => {
            let step = seconds.checked_mul(1000).filter(|step| *step > 0)?;
            let past = after.0 - from.0;
            if past < 0 {
                return Some(*from);
            }
            Some(Millis(from.0 + (past / step + 1) * step))
        }
        Schedule::Cron { cron } => Cron::parse(cron).ok()?.next(zone, after),
    }
}

/// The five fields of cron: minute, hour, day of the month, month, day of the
/// week (0 or 7 is Sunday). Numbers, `*`, `a-b`, lists and steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// When both are narrowed, either is enough, as everywhere.
    either_day: bool,
}

impl Cron {
    /// Or why it cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(
                "five fields are needed: minute, hour, day of the month, month, day of the week"
                    .to_owned(),
            );
        };
        let weekdays = field("day of the week", weekday, 0..=7)?;
        Ok(Self {
            minutes: field("minute", minute, 0..=59)?,
            hours: field("hour", hour, 0..=23)?,
            days: field("day of the month", day, 1..=31)?,
            months: field("month", month, 1..=12)?,
            // 7 is Sunday too.
            weekdays: weekdays | (weekdays >> 7),
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        })
    }

    pub fn next(&self, zone: &TimeZone, after: Millis) -> Option<Millis> {
        let after = Timestamp::from_millisecond(after.0).ok()?;
        let mut date = after.to_zoned(zone.clone()).date();
        for _ in 0..DAYS_AHEAD {
            if self.is_on(date)
                && let Some(due) = self.first_of(date, zone, after)
            {
                return Some(Millis(due.as_millisecond()));
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn is_on(&self, date: Date) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let fits = if self.either_day {
            day || weekday
        } else {
            day && weekday
        };
        has(self.months, date.month()) && fits
    }

    /// The earliest moment of `date` after `after`. All are looked at: where
    /// the clocks skip, later times of day may come earlier.
    fn first_of(&self, date: Date, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let hours = (0..24).filter(|hour| has(self.hours, *hour));
        let times = hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| has(self.minutes, *minute));
            minutes.map(move |minute| date.at(hour, minute, 0, 0))
        });
        let moment = |time: DateTime| zone.to_timestamp(time).ok();
        times.filter_map(moment).filter(|at| *at > after).min()
    }
}

fn has(set: u64, number: i8) -> bool {
    u32::try_from(number).is_ok_and(|number| set >> number & 1 == 1)
}

/// A field as a set of bits.
fn field(name: &str, text: &str, range: RangeInclusive<u32>) -> Result<u64, String> {
    let wrong = || {
        format!(
            "the {name} is from {} to {}: a number, *, a-b, a list or a step such as */5",
            range.start(),
            range.end()
        )
    };
    let number = |text: &str| {
        let is_short = text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_short);
        number
            .filter(|number| range.contains(number))
            .ok_or_else(wrong)
    };
    let mut set = 0;
    for part in text.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => {
                let step: u32 = step.parse().map_err(|_| wrong())?;
                (
                    span,
                    Some(step)
                        .filter(|step| (1..=59).contains(step))
                        .ok_or_else(wrong)?,
                )
            }
            None => (part, 1),
        };
        let (from, to) = match span.split_once('-') {
            _ if span == "*" => (*range.start(), *range.end()),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(span)?, *range.end()),
            None => (number(span)?, number(span)?),
        };
        if from > to {
            return Err(wrong());
        }
        for number in (from..=to).step_by(step as usize) {
            set |= 1 << number;
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Millis {
        Millis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    /// Each next one after the last.
    fn dues(cron: &str, place: &str, from: &str, many: usize) -> Vec<String> {
        let (cron, zone) = (Cron::parse(cron).unwrap(), zone(place).unwrap());
        let mut at = ms(from);
        let mut dues = Vec::new();
        for _ in 0..many {
            at = cron.next(&zone, at).unwrap();
            dues.push(Timestamp::from_millisecond(at.0).unwrap().to_string());
        }
        dues
    }

    #[test]
    fn an_hour_that_is_skipped_puts_off_what_was_due_in_it() {
        // In Berlin 02:00 became 03:00 on 29 March 2026.
        let dues = dues("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
        assert_eq!(
            dues,
            [
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:30:00Z",
                "2026-03-30T00:30:00Z"
            ]
        );
    }

    #[test]
    fn in_an_hour_that_is_skipped_nothing_happens_twice() {
        let dues = dues("*/30 1-3 * * *", "Europe/Berlin", "2026-03-29T00:29:00Z", 3);
        assert_eq!(
            dues,
            [
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:30:00Z"
            ]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_counts_once() {
        // In Berlin 03:00 became 02:00 on 25 October 2026.
        let dues = dues("30 2 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z", 2);
        assert_eq!(dues, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let dues = dues("0 9 * * 1-5", "America/New_York", "2026-03-06T15:00:00Z", 2);
        // Friday is over; then Monday, in summer time.
        assert_eq!(dues, ["2026-03-09T13:00:00Z", "2026-03-10T13:00:00Z"]);
        let sundays = dues_of_sunday("7");
        assert_eq!(sundays, dues_of_sunday("0"));
    }

    fn dues_of_sunday(day: &str) -> Vec<String> {
        dues(&format!("0 0 * * {day}"), "UTC", "2026-03-06T15:00:00Z", 2)
    }

    #[test]
    fn of_two_kinds_of_days_either_is_enough() {
        let dues = dues("0 0 13 * 5", "UTC", "2026-11-01T00:00:00Z", 3);
        assert_eq!(
            dues,
            [
                "2026-11-06T00:00:00Z",
                "2026-11-13T00:00:00Z",
                "2026-11-20T00:00:00Z"
            ]
        );
    }

    #[test]
    fn what_never_comes_is_never() {
        let never = Cron::parse("0 0 30 2 *").unwrap();
        assert_eq!(never.next(&TimeZone::UTC, ms("2026-01-01T00:00:00Z")), None);
        let leap = dues("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", 1);
        assert_eq!(leap, ["2104-02-29T00:00:00Z"]);
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for wrong in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/99 * * * *",
            "a * * * *",
            "-1 * * * *",
            "1,,2 * * * *",
            "+5 * * * *",
            "@daily",
            "1-2-3 * * * *",
            "999999999999 * * * *",
        ] {
            assert!(Cron::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_interval_keeps_its_beat_however_late_it_is_asked() {
        let every = Schedule::Every {
            seconds: 600,
            from: Millis(1_000_000),
        };
        for (after, due) in [
            (0, 1_000_000),
            (999_999, 1_000_000),
            (1_000_000, 1_600_000),
            (1_599_999, 1_600_000),
            (9_999_999, 10_000_000),
        ] {
            let found = next(&every, &TimeZone::UTC, Millis(after));
            assert_eq!(found, Some(Millis(due)), "after {after}");
        }
        let once = Schedule::Once { at: Millis(5) };
        assert_eq!(next(&once, &TimeZone::UTC, Millis(4)), Some(Millis(5)));
        assert_eq!(next(&once, &TimeZone::UTC, Millis(5)), None);
    }
}
