//! What the owner chooses for the whole server, while it runs.
//!
//! Begin at [`SETTINGS`]: one line each makes the field known to the database,
//! to the interface and to the manual. What was given when the server was
//! started (flag, environment, file) wins and is shown as fixed. A value in
//! the database that no longer fits its line counts as not chosen.

use std::ops::RangeInclusive;

use chatter_protocol::limits::SERVER_NAME_CHARS;
use chatter_protocol::settings::{ServerSetting, SettingKind, SignUp};

use crate::rates::RateLimits;
use crate::text;

/// The choices in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    pub server_name: String,
    pub sign_up: SignUp,
    pub guests: bool,
    /// Whether links are followed to show what they lead to.
    pub link_previews: bool,
    /// Days messages are kept; 0 is for ever.
    pub message_days: u32,
    /// Days files are kept; 0 is as long as their messages.
    pub file_days: u32,
    /// Days the audit log is kept.
    pub audit_days: u32,
    pub limits: RateLimits,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            server_name: "Chatter".to_owned(),
            sign_up: SignUp::Invite,
            guests: false,
            link_previews: false,
            message_days: 0,
            file_days: 0,
            audit_days: 365,
            limits: RateLimits::default(),
        }
    }
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Text { max_chars: usize },
    Switch,
    Number(RangeInclusive<u32>),
    Choice(&'static [&'static str]),
}

/// One line of the table.
pub struct Setting {
    pub name: &'static str,
    pub shape: Shape,
    pub unit: Option<&'static str>,
    pub help: &'static str,
    show: fn(&ServerSettings) -> String,
    take: fn(&mut ServerSettings, &str) -> Result<(), String>,
}

macro_rules! settings {
    ($($name:literal = $($field:ident).+: $shape:expr, $unit:expr, $help:literal;)*) => {
        /// Every choice there is.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            shape: $shape,
            unit: $unit,
            help: $help,
            show: |settings| settings.$($field).+.show(),
            take: |settings, text| {
                settings.$($field).+ = Value::read($name, text, &$shape)?;
                Ok(())
            },
        }),*];
    };
}

/// Far more than anyone needs, and no arithmetic overflows.
const RATE: Shape = Shape::Number(0..=1_000_000);

settings! {
    "server_name" = server_name: Shape::Text { max_chars: SERVER_NAME_CHARS }, None,
        "What this place is called";
    "sign_up" = sign_up: Shape::Choice(&["invite", "open", "closed"]), None,
        "Who may make an account: whoever has an invite, anyone, or nobody";
    "guests" = guests: Shape::Switch, None,
        "Whether people may come in with just a name";
    "link_previews" = link_previews: Shape::Switch, None,
        "Whether the server asks the pages that people link to what they are about";
    "message_days" = message_days: Shape::Number(0..=36_500), Some("days"),
        "How long messages are kept where a room has no rule of its own (0 = for ever)";
    "file_days" = file_days: Shape::Number(0..=36_500), Some("days"),
        "How long files are kept (0 = as long as the messages that carry them)";
    "audit_days" = audit_days: Shape::Number(30..=36_500), Some("days"),
        "How long the audit log is kept: long enough to be asked about last year";
    "limit_posts_per_minute" = limits.posts_per_minute: RATE, Some("per minute"),
        "Messages a person may post (0 = no limit, as for all limits)";
    "limit_typing_per_minute" = limits.typing_per_minute: RATE, Some("per minute"),
        "Typing signals a person may send";
    "limit_sign_ins_per_minute" = limits.sign_ins_per_minute: RATE, Some("per minute"),
        "Attempts to sign in, per address; four times as many wrong ones, per account";
    "limit_sign_ups_per_hour" = limits.sign_ups_per_hour: RATE, Some("per hour"),
        "New accounts, per address";
    "limit_guests_per_minute" = limits.guests_per_minute: RATE, Some("per minute"),
        "Guests coming in, per address";
    "limit_guest_posts_per_minute" = limits.guest_posts_per_minute: RATE, Some("per minute"),
        "Messages that all guests of one address may post together";
    "limit_writes_per_minute" = limits.writes_per_minute: RATE, Some("per minute"),
        "Other changes a person may make: rooms, members, profile";
}

/// How a field looks as text.
trait Value: Sized {
    fn show(&self) -> String;
    fn read(name: &'static str, text: &str, shape: &Shape) -> Result<Self, String>;
}

impl Value for String {
    fn show(&self) -> String {
        self.clone()
    }

    fn read(name: &'static str, text: &str, shape: &Shape) -> Result<Self, String> {
        let Shape::Text { max_chars } = shape else {
            return Err("this is not a text".to_owned());
        };
        text::line(name, text, *max_chars, false).map_err(|error| error.why)
    }
}

impl Value for bool {
    fn show(&self) -> String {
        if *self { "on" } else { "off" }.to_owned()
    }

    fn read(_: &'static str, text: &str, _: &Shape) -> Result<Self, String> {
        match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("this is either on or off".to_owned()),
        }
    }
}

impl Value for u32 {
    fn show(&self) -> String {
        self.to_string()
    }

    fn read(_: &'static str, text: &str, shape: &Shape) -> Result<Self, String> {
        let Shape::Number(range) = shape else {
            return Err("this is not a number".to_owned());
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        number.ok_or_else(wanted)
    }
}

impl Value for SignUp {
    fn show(&self) -> String {
        match self {
            Self::Invite => "invite",
            Self::Open => "open",
            Self::Closed => "closed",
        }
        .to_owned()
    }

    fn read(_: &'static str, text: &str, _: &Shape) -> Result<Self, String> {
        match text {
            "invite" => Ok(Self::Invite),
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err("one of invite, open, closed".to_owned()),
        }
    }
}

/// The line called `name`.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

impl Setting {
    /// `text` as it is kept, or why it cannot be.
    pub fn check(&self, text: &str) -> Result<String, String> {
        let mut scratch = ServerSettings::default();
        (self.take)(&mut scratch, text)?;
        Ok((self.show)(&scratch))
    }
}

/// The choices in force, and where they come from.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// What holds while nobody chose: defaults, and what was given at the start.
    base: ServerSettings,
    /// The names of what was given at the start.
    fixed: Vec<String>,
    pub now: ServerSettings,
}

impl Chosen {
    pub fn new(base: ServerSettings, fixed: Vec<String>) -> Self {
        let now = base.clone();
        Self { base, fixed, now }
    }

    /// The same with what the database says.
    #[must_use]
    pub fn with(&self, kept: &[(String, String)]) -> Self {
        let mut now = self.base.clone();
        for (name, value) in kept {
            if let Some(setting) = find(name)
                && !self.is_fixed(name)
                && let Err(why) = (setting.take)(&mut now, value)
            {
                tracing::warn!(
                    setting = name,
                    "a setting in the database is not used: {why}"
                );
            }
        }
        Self {
            now,
            ..self.clone()
        }
    }

    pub fn is_fixed(&self, name: &str) -> bool {
        self.fixed.iter().any(|fixed| fixed == name)
    }

    /// What `setting` is now.
    pub fn value(&self, setting: &Setting) -> String {
        (setting.show)(&self.now)
    }

    /// What `setting` is while nobody chose.
    pub fn default(&self, setting: &Setting) -> String {
        (setting.show)(&self.base)
    }

    /// The table as people see it.
    pub fn shown(&self) -> Vec<ServerSetting> {
        SETTINGS.iter().map(|setting| self.show(setting)).collect()
    }

    fn show(&self, setting: &Setting) -> ServerSetting {
        let mut shown = ServerSetting {
            name: setting.name.to_owned(),
            value: self.value(setting),
            default: self.default(setting),
            fixed: self.is_fixed(setting.name),
            kind: SettingKind::Switch,
            max_chars: None,
            min: None,
            max: None,
            choices: Vec::new(),
            unit: setting.unit.map(str::to_owned),
            help: setting.help.to_owned(),
        };
        match &setting.shape {
            Shape::Switch => {}
            Shape::Text { max_chars } => {
                shown.kind = SettingKind::Text;
                shown.max_chars = Some(*max_chars);
            }
            Shape::Number(range) => {
                shown.kind = SettingKind::Number;
                shown.min = Some((*range.start()).into());
                shown.max = Some((*range.end()).into());
            }
            Shape::Choice(choices) => {
                shown.kind = SettingKind::Choice;
                shown.choices = choices.iter().map(|&choice| choice.to_owned()).collect();
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_fits_its_own_line() {
        let base = ServerSettings::default();
        for setting in SETTINGS {
            let shown = (setting.show)(&base);
            assert_eq!(setting.check(&shown), Ok(shown), "{}", setting.name);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_reason() {
        for (name, wrong) in [
            ("server_name", " "),
            ("server_name", "a\nb"),
            ("sign_up", "everyone"),
            ("guests", "true"),
            ("audit_days", "29"),
            ("audit_days", "-1"),
            ("audit_days", "a year"),
            ("limit_posts_per_minute", "1000001"),
            ("limit_posts_per_minute", "1.5"),
        ] {
            assert!(
                find(name).unwrap().check(wrong).is_err(),
                "{name} {wrong:?}"
            );
        }
    }

    #[test]
    fn what_was_given_at_the_start_wins_and_nonsense_is_not_used() {
        let base = ServerSettings {
            guests: true,
            ..ServerSettings::default()
        };
        let chosen = Chosen::new(base, vec!["guests".to_owned()]);
        let kept = [
            ("guests", "off"),
            ("sign_up", "open"),
            ("audit_days", "soon"),
            ("lobby", "7"),
        ];
        let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let chosen = chosen.with(&kept);
        assert!(chosen.now.guests);
        assert_eq!(chosen.now.sign_up, SignUp::Open);
        assert_eq!(chosen.now.audit_days, 365);
        assert_eq!(
            chosen.with(&[]).now.sign_up,
            SignUp::Invite,
            "no longer chosen"
        );
    }
}
