//! The filters and their values.

use chatter_protocol::Millis;
use chatter_store::search::{Has, Is};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::SearchError;

/// Every filter there is.
pub const NAMES: [&str; 7] = ["from", "in", "has", "before", "after", "on", "is"];

/// The days of whoever asks.
#[derive(Debug, Clone)]
pub struct Zone {
    zone: TimeZone,
    today: Date,
}

impl Zone {
    pub fn named(name: Option<&str>, now: Millis) -> Result<Self, SearchError> {
        let zone = match name {
            None | Some("") => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| SearchError::Invalid {
                field: "zone",
                why: "there is no time zone of this name; one is called Europe/Prague".to_owned(),
            })?,
        };
        let now = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let today = now.to_zoned(zone.clone()).date();
        Ok(Self { zone, today })
    }

    /// From when to when a day lasts.
    pub fn day(&self, filter: &str, value: &str) -> Result<(Millis, Millis), SearchError> {
        let wrong = || {
            SearchError::query(format!(
                "'{filter}:' wants a day, as 2026-03-31, today or yesterday"
            ))
        };
        let date = match value {
            "today" => self.today,
            "yesterday" => self.today.yesterday().map_err(|_| wrong())?,
            value => {
                let plain =
                    value.len() == 10 && value.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                let date = plain.then(|| value.parse::<Date>().ok()).flatten();
                date.ok_or_else(wrong)?
            }
        };
        let next = date.checked_add(1.day()).map_err(|_| wrong())?;
        let start = |date: Date| -> Result<Millis, SearchError> {
            let begins = date.to_zoned(self.zone.clone()).map_err(|_| wrong())?;
            Ok(Millis(begins.timestamp().as_millisecond()))
        };
        Ok((start(date)?, start(next)?))
    }
}

pub fn has(value: &str) -> Result<Has, SearchError> {
    Ok(match value {
        "link" => Has::Link,
        "file" => Has::File,
        "image" => Has::Image,
        "code" => Has::Code,
        "reaction" => Has::Reaction,
        "poll" => Has::Poll,
        _ => {
            let all = "link, file, image, code, reaction or poll";
            return Err(SearchError::query(format!("'has:' wants {all}")));
        }
    })
}

pub fn is(value: &str) -> Result<Is, SearchError> {
    Ok(match value {
        "pinned" => Is::Pinned,
        "thread" => Is::Thread,
        "edited" => Is::Edited,
        "mention" => Is::Mention,
        "saved" => Is::Saved,
        _ => {
            let all = "pinned, thread, edited, mention or saved";
            return Err(SearchError::query(format!("'is:' wants {all}")));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-28T23:30:00Z: the night in which Prague's clocks go forward is
    /// the next one.
    const NOW: Millis = Millis(1_774_740_600_000);
    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_day_is_a_day_where_one_lives() {
        let utc = Zone::named(None, NOW).unwrap();
        let prague = Zone::named(Some("Europe/Prague"), NOW).unwrap();
        let (from, to) = utc.day("on", "2026-03-29").unwrap();
        assert_eq!(to.0 - from.0, 24 * HOUR);
        let (early, late) = prague.day("on", "2026-03-29").unwrap();
        assert_eq!((from.0 - early.0, late.0 - early.0), (HOUR, 23 * HOUR));
        assert_eq!(
            utc.day("on", "today").unwrap(),
            utc.day("on", "2026-03-28").unwrap()
        );
        let today = prague.day("on", "today").unwrap();
        assert_eq!(today, prague.day("on", "2026-03-29").unwrap());
        assert_eq!(
            prague.day("on", "yesterday").unwrap(),
            prague.day("on", "2026-03-28").unwrap()
        );
    }

    #[test]
    fn what_is_no_day_and_no_zone_is_refused() {
        let utc = Zone::named(None, NOW).unwrap();
        for wrong in [
            "",
            "2026",
            "2026-3-1",
            "2026-02-30",
            "29.3.2026",
            "2026-03-29T10",
            "9999-12-31",
            "-009999-01",
            "tomorrow",
            "2026-03-2９",
        ] {
            assert!(utc.day("on", wrong).is_err(), "{wrong}");
        }
        for wrong in ["Prague", "../../etc/passwd", "Europe/Nowhere", "x\0y"] {
            assert!(Zone::named(Some(wrong), NOW).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_that_is_none_is_refused_with_those_that_are() {
        assert_eq!(has("poll").unwrap(), Has::Poll);
        assert_eq!(is("edited").unwrap(), Is::Edited);
        let refused = has("money").unwrap_err().to_string();
        assert!(refused.contains("link, file, image"), "{refused}");
        assert!(is("Pinned").is_err());
    }
}
