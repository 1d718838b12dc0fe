//! Every setting, its default and its reason; the only reader of the
//! environment.
//!
//! Begin at [`SETTINGS`]: one line each makes the flag, the environment
//! variable, the key in `chatter.toml` and the table in the manual. Later
//! sources win: defaults, `chatter.toml`, `.env`, environment, flags. Whatever
//! is unknown or wrong stops the start, with a sentence that names it; nothing
//! is ignored, for a setting that does nothing is worse than none.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chatter_core::accounts::embed::{Algorithm, EmbedSettings};
use chatter_core::files::FileLimits;
use chatter_core::outbound::{Nobody, Outbound};
use chatter_core::rates::RateLimits;
use chatter_core::{AppOptions, SystemClock};
use chatter_store::blobs::S3Options;
use chatter_store::{BlobOptions, Options, StoreUrl};

pub use chatter_core::network::Network;

use crate::caller::origin::Origin;
use crate::outbound::{Reach, WayOut};

/// What a running server was told.
#[derive(Debug, Clone)]
pub struct Config {
    pub address: IpAddr,
    pub port: u16,
    pub data: PathBuf,
    pub database_url: Option<StoreUrl>,
    pub public_url: Option<Origin>,
    pub guests: Option<bool>,
    pub trusted_proxies: Vec<Network>,
    pub allowed_origins: Vec<Origin>,
    pub limits: RateLimits,
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    pub max_connections_per_user: usize,
    pub log: String,
    pub log_format: LogFormat,
    pub password_threads: usize,
    pub postgres_pool: usize,
    pub sqlite_readers: usize,
    pub guest_rooms: usize,
    pub outbound: bool,
    pub link_previews: Option<bool>,
    pub outbound_private: Vec<Network>,
    pub outbound_ports: Vec<u16>,
    pub drain_seconds: u64,
    pub embed_issuer: Option<String>,
    pub embed_audience: Option<String>,
    pub embed_algorithms: Vec<Algorithm>,
    pub embed_key_file: Option<PathBuf>,
    /// The settings that were given, by name: what the owner cannot change.
    pub given: BTreeSet<&'static str>,
    pub files: FileLimits,
    pub picture_threads: usize,
    pub s3_endpoint: Option<String>,
    pub s3_bucket: Option<String>,
    pub s3_region: String,
    pub s3_access_key: Option<String>,
    pub s3_secret_key: Option<Secret>,
}

/// A setting that is shown to nobody.
#[derive(Clone)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let store = Options::default();
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            data: PathBuf::from("./data"),
            database_url: None,
            public_url: None,
            guests: None,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            limits: RateLimits::default(),
            max_connections: 20_000,
            max_connections_per_address: 2_000,
            max_connections_per_user: 50,
            log: "info".into(),
            log_format: LogFormat::Text,
            password_threads: 2,
            postgres_pool: store.pool,
            sqlite_readers: store.readers,
            guest_rooms: 50,
            outbound: true,
            link_previews: None,
            outbound_private: Vec::new(),
            outbound_ports: Reach::default().ports,
            drain_seconds: 10,
            embed_issuer: None,
            embed_audience: None,
            embed_algorithms: vec![Algorithm::RS256, Algorithm::EdDSA],
            embed_key_file: None,
            given: BTreeSet::new(),
            files: FileLimits::default(),
            picture_threads: 2,
            s3_endpoint: None,
            s3_bucket: None,
            s3_region: "us-east-1".into(),
            s3_access_key: None,
            s3_secret_key: None,
        }
    }
}

/// One line of the table.
pub struct Setting {
    /// As a flag; with `_` for `-` in `chatter.toml`, and in capitals with
    /// `CHATTER_` before it in the environment.
    pub name: &'static str,
    /// The customary variable, where there is one.
    pub custom: Option<&'static str>,
    /// As shown; what is really used is in [`Config::default`].
    pub default: &'static str,
    /// What a value looks like.
    pub value: &'static str,
    pub help: &'static str,
    take: fn(&mut Config, &str) -> Result<(), String>,
}

macro_rules! settings {
    ($($name:literal $(or $custom:literal)?, $value:literal, $default:literal, $help:literal, $take:expr;)*) => {
        /// Every setting there is.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            custom: settings!(@ $($custom)?),
            default: $default,
            value: $value,
            help: $help,
            take: $take,
        }),*];
    };
    (@) => { None };
    (@ $custom:literal) => { Some($custom) };
}

settings! {
    "address", "IP", "127.0.0.1",
        "Address to listen on; 0.0.0.0 or :: for all",
        |c, v| set(&mut c.address, v.parse().ok(), "an IP address such as 127.0.0.1 or 0.0.0.0");
    "port" or "PORT", "NUMBER", "8080",
        "Port to listen on; 0 takes any free one",
        |c, v| set(&mut c.port, v.parse().ok(), "a port number from 0 to 65535");
    "data", "FOLDER", "./data",
        "Where the database file and the files people send are kept; made if need be",
        |c, v| set(&mut c.data, (!v.is_empty()).then(|| v.into()), "a folder");
    "database-url" or "DATABASE_URL", "URL", "chatter.db in the data folder",
        "Database: sqlite:FILE, postgres://… or memory: (forgets everything)",
        |c, v| { c.database_url = Some(v.parse().map_err(|_| "sqlite:FILE, postgres://… or memory:".to_owned())?); Ok(()) };
    "public-url", "URL", "whatever address people use",
        "The address people open, such as https://chat.example; needed behind a proxy that changes the Host header",
        |c, v| { c.public_url = Some(origin(v)?); Ok(()) };
    "guests", "on|off", "the owner's choice",
        "Whether people may come in with just a name",
        |c, v| { c.guests = Some(on_off(v)?); Ok(()) };
    "trusted-proxies", "NETWORKS", "none",
        "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 127.0.0.1,10.0.0.0/8",
        |c, v| { c.trusted_proxies = list(v, |n| n.parse().map_err(|_| "addresses or networks such as 127.0.0.1,10.0.0.0/8".to_owned()))?; Ok(()) };
    "allowed-origins", "URLS", "none",
        "Other sites whose pages may use this server in people's names, such as https://intranet.example",
        |c, v| { c.allowed_origins = list(v, origin)?; Ok(()) };
    "limit-posts-per-minute", "NUMBER", "30",
        "Messages a person may post (0 = no limit, as for all limits)",
        |c, v| set(&mut c.limits.posts_per_minute, v.parse().ok(), NUMBER);
    "limit-typing-per-minute", "NUMBER", "30",
        "Typing signals a person may send",
        |c, v| set(&mut c.limits.typing_per_minute, v.parse().ok(), NUMBER);
    "limit-sign-ins-per-minute", "NUMBER", "5",
        "Attempts to sign in, per address; four times as many wrong ones, per account",
        |c, v| set(&mut c.limits.sign_ins_per_minute, v.parse().ok(), NUMBER);
    "limit-sign-ups-per-hour", "NUMBER", "10",
        "New accounts, per address",
        |c, v| set(&mut c.limits.sign_ups_per_hour, v.parse().ok(), NUMBER);
    "limit-guests-per-minute", "NUMBER", "120",
        "Guests coming in, per address",
        |c, v| set(&mut c.limits.guests_per_minute, v.parse().ok(), NUMBER);
    "limit-guest-posts-per-minute", "NUMBER", "1200",
        "Messages that all guests of one address may post together",
        |c, v| set(&mut c.limits.guest_posts_per_minute, v.parse().ok(), NUMBER);
    "limit-writes-per-minute", "NUMBER", "300",
        "Other changes a person may make: rooms, members, profile",
        |c, v| set(&mut c.limits.writes_per_minute, v.parse().ok(), NUMBER);
    "limit-claims-per-minute", "NUMBER", "10",
        "Tries of the claim code, per address",
        |c, v| set(&mut c.limits.claims_per_minute, v.parse().ok(), NUMBER);
    "limit-commands-per-minute", "NUMBER", "1200",
        "Frames a person's sockets may send",
        |c, v| set(&mut c.limits.commands_per_minute, v.parse().ok(), NUMBER);
    "limit-sockets-per-minute", "NUMBER", "240",
        "Sockets opened, per address",
        |c, v| set(&mut c.limits.sockets_per_minute, v.parse().ok(), NUMBER);
    "limit-searches-per-minute", "NUMBER", "120",
        "Searches, per user",
        |c, v| set(&mut c.limits.searches_per_minute, v.parse().ok(), NUMBER);
    "limit-uploads-per-minute", "NUMBER", "60",
        "Files and pictures a person may begin to send",
        |c, v| set(&mut c.limits.uploads_per_minute, v.parse().ok(), NUMBER);
    "limit-chunks-per-minute", "NUMBER", "600",
        "Pieces of files a person may send",
        |c, v| set(&mut c.limits.chunks_per_minute, v.parse().ok(), NUMBER);
    "max-connections", "NUMBER", "20000",
        "Open connections, all together; more wait",
        |c, v| set(&mut c.max_connections, at_least_one(v), POSITIVE);
    "max-connections-per-address", "NUMBER", "2000",
        "Open connections from one address; behind a proxy all come from its address",
        |c, v| set(&mut c.max_connections_per_address, at_least_one(v), POSITIVE);
    "max-connections-per-user", "NUMBER", "50",
        "Open sockets of one person",
        |c, v| set(&mut c.max_connections_per_user, at_least_one(v), POSITIVE);
    "log", "LEVEL", "info",
        "What is logged: error, warn, info, debug, trace, or tracing directives",
        |c, v| {
            crate::telemetry::filter(v).ok_or("a level such as info, or directives such as warn,chatter_store=debug")?;
            v.clone_into(&mut c.log);
            Ok(())
        };
    "log-format", "text|json", "text",
        "How it is logged",
        |c, v| set(&mut c.log_format, match v { "text" => Some(LogFormat::Text), "json" => Some(LogFormat::Json), _ => None }, "text or json");
    "password-threads", "NUMBER", "2",
        "Passwords checked at once, 19 MiB each; more wait",
        |c, v| set(&mut c.password_threads, at_least_one(v), POSITIVE);
    "postgres-pool", "NUMBER", "16",
        "PostgreSQL: connections, at most",
        |c, v| set(&mut c.postgres_pool, at_least_one(v), POSITIVE);
    "sqlite-readers", "NUMBER", "2 to 4, by processors",
        "SQLite: threads that read",
        |c, v| set(&mut c.sqlite_readers, at_least_one(v), POSITIVE);
    "guest-rooms", "NUMBER", "50",
        "Open rooms guests may make by naming them at the simple door",
        |c, v| set(&mut c.guest_rooms, v.parse().ok(), NUMBER);
    "outbound", "on|off", "on",
        "Whether this server may connect to others at all; off, it calls nobody whatever else is set",
        |c, v| { c.outbound = on_off(v)?; Ok(()) };
    "link-previews", "on|off", "the owner's choice",
        "Whether the server asks the pages that people link to what they are about",
        |c, v| { c.link_previews = Some(on_off(v)?); Ok(()) };
    "outbound-private", "NETWORKS", "none",
        "Private addresses that may be reached for all that, such as 10.1.0.0/16; any page may point there",
        |c, v| { c.outbound_private = list(v, |n| n.parse().map_err(|_| "addresses or networks such as 10.1.0.0/16,127.0.0.1".to_owned()))?; Ok(()) };
    "outbound-ports", "PORTS", "80,443",
        "Ports that may be reached",
        |c, v| { c.outbound_ports = list(v, |port| port.parse().map_err(|_| "port numbers such as 80,443,8080".to_owned()))?; Ok(()) };
    "file-mb", "NUMBER", "100",
        "How large one file may be, in MiB (0 = no limit, as for all files)",
        |c, v| set(&mut c.files.file, mebibytes(v), NUMBER);
    "files-mb-per-person", "NUMBER", "5000",
        "How much all files of one person may take, in MiB",
        |c, v| set(&mut c.files.person, mebibytes(v), NUMBER);
    "files-mb", "NUMBER", "100000",
        "How much all files together may take, in MiB",
        |c, v| set(&mut c.files.server, mebibytes(v), NUMBER);
    "picture-threads", "NUMBER", "2",
        "Pictures decoded at once, up to 320 MiB each; more wait",
        |c, v| set(&mut c.picture_threads, at_least_one(v), POSITIVE);
    "s3-bucket", "NAME", "none",
        "Keep the bytes of files in this S3 bucket instead of the data folder",
        |c, v| set(&mut c.s3_bucket, some(v), "the name of a bucket");
    "s3-endpoint", "URL", "Amazon's",
        "Where the S3 bucket is, such as https://s3.example:9000",
        |c, v| set(&mut c.s3_endpoint, some(v).map(|_| origin(v)).transpose()?.map(|url| Some(url.to_string())), "an address");
    "s3-region", "NAME", "us-east-1",
        "Region of the S3 bucket",
        |c, v| set(&mut c.s3_region, (!v.is_empty()).then(|| v.to_owned()), "a region");
    "s3-access-key", "KEY", "what the machine may do",
        "S3: access key",
        |c, v| set(&mut c.s3_access_key, some(v), "an access key");
    "s3-secret-key", "SECRET", "none",
        "S3: secret key; better in the environment than on the command line",
        |c, v| set(&mut c.s3_secret_key, some(v).map(|key| key.map(Secret)), "a secret key");
    "drain-seconds", "SECONDS", "10",
        "How long a stopping server waits for its connections to end",
        |c, v| set(&mut c.drain_seconds, v.parse().ok(), NUMBER);
    "embed-issuer", "TEXT", "none",
        "An application that lets its people in by tokens it signs: what it calls itself (iss)",
        |c, v| set(&mut c.embed_issuer, some(v), "a name");
    "embed-audience", "TEXT", "none",
        "What its tokens must be for (aud)",
        |c, v| set(&mut c.embed_audience, some(v), "a name");
    "embed-algorithms", "NAMES", "RS256,EdDSA",
        "How it may sign: HS256, RS256, EdDSA",
        |c, v| { c.embed_algorithms = list(v, algorithm)?; Ok(()) };
    "embed-key-file", "FILE", "none",
        "Its public key in PEM, its JWKS, or the secret shared with it; read again when it changes",
        |c, v| set(&mut c.embed_key_file, some(v).map(|file| file.map(PathBuf::from)), "a file");
}

const NUMBER: &str = "a number, 0 or more";
const POSITIVE: &str = "a number, 1 or more";

fn set<T>(place: &mut T, value: Option<T>, wanted: &str) -> Result<(), String> {
    *place = value.ok_or(wanted)?;
    Ok(())
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    match name {
        "HS256" => Ok(Algorithm::HS256),
        "RS256" => Ok(Algorithm::RS256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        _ => Err("some of HS256, RS256 and EdDSA".into()),
    }
}

fn at_least_one(value: &str) -> Option<usize> {
    value.parse().ok().filter(|n| *n >= 1)
}

/// As bytes; 0 is no limit.
fn mebibytes(value: &str) -> Option<i64> {
    let number: i64 = value.parse().ok().filter(|number| *number >= 0)?;
    Some(if number == 0 {
        i64::MAX
    } else {
        number.saturating_mul(1024 * 1024)
    })
}

/// Something, and not nothing.
#[expect(clippy::option_option, reason = "whether it is right, and what it is")]
fn some(value: &str) -> Option<Option<String>> {
    (!value.is_empty()).then(|| Some(value.to_owned()))
}

fn on_off(value: &str) -> Result<bool, String> {
    match value {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("on or off".into()),
    }
}

fn origin(value: &str) -> Result<Origin, String> {
    let value = value.strip_suffix('/').unwrap_or(value);
    Origin::parse(value)
        .ok_or_else(|| "an address such as https://chat.example, without a path".into())
}

fn list<T>(value: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let parts = value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(parse).collect()
}

impl Setting {
    /// `CHATTER_…`
    pub fn variable(&self) -> String {
        format!("CHATTER_{}", self.key().to_uppercase())
    }

    /// In `chatter.toml`.
    pub fn key(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// Why the server does not start: one sentence that names the setting.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{place}: '{value}' is not {wanted}")]
    Wrong {
        place: String,
        value: String,
        wanted: String,
    },
    #[error("{place} is not a setting{}", .meant.as_ref().map(|meant| format!("; did you mean {meant}?")).unwrap_or_default())]
    Unknown {
        place: String,
        meant: Option<String>,
    },
    #[error("{setting} is set, but {needed} is not; one does nothing without the other")]
    Alone {
        setting: &'static str,
        needed: &'static str,
    },
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },
}

/// Where settings come from; handed over, so that tests touch no process.
#[derive(Debug, Default)]
pub struct Sources {
    /// Flags by the setting's name.
    pub flags: Vec<(String, String)>,
    pub environment: Vec<(String, String)>,
    /// Where `.env` and `chatter.toml` are looked for; neither has to be there.
    pub folder: Option<PathBuf>,
}

impl Sources {
    /// What this process was given.
    pub fn of_process(matches: &clap::ArgMatches) -> Self {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            flags: flags(matches),
            environment: environment.collect(),
            folder: Some(PathBuf::from(".")),
        }
    }

    /// Flags alone, for whoever starts a server inside of something else.
    /// Neither files nor the environment are looked at.
    pub fn args(args: &[&str]) -> Self {
        let command = clap::Command::new("chatter").no_binary_name(true);
        let matches = command.args(Config::flags()).get_matches_from(args);
        Self {
            flags: flags(&matches),
            environment: Vec::new(),
            folder: None,
        }
    }
}

fn flags(matches: &clap::ArgMatches) -> Vec<(String, String)> {
    let given = SETTINGS.iter().filter_map(|setting| {
        let value = matches.get_one::<String>(setting.name)?;
        Some((setting.name.to_owned(), value.clone()))
    });
    given.collect()
}

impl Config {
    /// The flags, made from the table.
    pub fn flags() -> Vec<clap::Arg> {
        let flag = |setting: &'static Setting| {
            clap::Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.value)
                .allow_hyphen_values(true)
                .overrides_with(setting.name)
                .help(setting.help)
                .long_help(format!(
                    "{}\n[default: {}] [env: {}{}]",
                    setting.help,
                    setting.default,
                    setting.variable(),
                    setting
                        .custom
                        .map(|custom| format!(" or {custom}"))
                        .unwrap_or_default(),
                ))
        };
        SETTINGS.iter().map(flag).collect()
    }

    pub fn load(sources: Sources) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some(folder) = &sources.folder {
            config.take_toml(toml_settings(&folder.join("chatter.toml"))?)?;
            config.take_variables(&dot_env(&folder.join(".env"))?, " in .env")?;
        }
        let environment = sources.environment.into_iter().collect();
        config.take_variables(&environment, "")?;
        for (name, value) in &sources.flags {
            let place = format!("--{name}");
            let found = SETTINGS.iter().find(|setting| setting.name == name);
            let setting = found.ok_or_else(|| ConfigError::Unknown {
                place: place.clone(),
                meant: None,
            })?;
            config.take(setting, place, value)?;
        }
        config.check_s3()?;
        config.check_embedding()?;
        Ok(config)
    }

    fn take_toml(&mut self, settings: Vec<(String, String)>) -> Result<(), ConfigError> {
        for (key, value) in settings {
            let place = format!("{key} in chatter.toml");
            let found = SETTINGS.iter().find(|setting| setting.key() == key);
            let setting = found.ok_or_else(|| unknown(place.clone(), &key, Setting::key))?;
            self.take(setting, place, &value)?;
        }
        Ok(())
    }

    /// Customary names first: ours are the more deliberate.
    fn take_variables(
        &mut self,
        variables: &BTreeMap<String, String>,
        whence: &str,
    ) -> Result<(), ConfigError> {
        for setting in SETTINGS {
            if let Some(custom) = setting.custom
                && let Some(value) = variables.get(custom)
            {
                self.take(setting, format!("{custom}{whence}"), value)?;
            }
        }
        let ours = variables
            .iter()
            .filter(|(name, _)| name.starts_with("CHATTER_"));
        for (name, value) in ours {
            let place = format!("{name}{whence}");
            let found = SETTINGS.iter().find(|setting| setting.variable() == *name);
            let setting = found.ok_or_else(|| unknown(place.clone(), name, Setting::variable))?;
            self.take(setting, place, value)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        setting: &'static Setting,
        place: String,
        value: &str,
    ) -> Result<(), ConfigError> {
        self.given.insert(setting.name);
        (setting.take)(self, value.trim()).map_err(|wanted| ConfigError::Wrong {
            place,
            // A database address may hold a password.
            value: if matches!(setting.name, "database-url" | "s3-secret-key") {
                "…".into()
            } else {
                value.to_owned()
            },
            wanted,
        })
    }

    /// Half a place to keep files is none.
    fn check_s3(&self) -> Result<(), ConfigError> {
        let needs = |setting: &'static str, needed: &'static str| {
            Err(ConfigError::Alone { setting, needed })
        };
        match (&self.s3_bucket, &self.s3_access_key, &self.s3_secret_key) {
            (None, Some(_), _) => needs("s3-access-key", "s3-bucket"),
            (None, _, Some(_)) => needs("s3-secret-key", "s3-bucket"),
            (None, None, None) if self.s3_endpoint.is_some() => needs("s3-endpoint", "s3-bucket"),
            (Some(_), Some(_), None) => needs("s3-access-key", "s3-secret-key"),
            (Some(_), None, Some(_)) => needs("s3-secret-key", "s3-access-key"),
            _ => Ok(()),
        }
    }

    /// An application that lets people in needs all of it or nothing.
    fn check_embedding(&self) -> Result<(), ConfigError> {
        let parts = [
            ("embed-issuer", self.embed_issuer.is_some()),
            ("embed-audience", self.embed_audience.is_some()),
            ("embed-key-file", self.embed_key_file.is_some()),
        ];
        let given = parts.iter().find(|(_, given)| *given);
        let missing = parts.iter().find(|(_, given)| !given);
        match (given, missing) {
            (Some(&(setting, _)), Some(&(needed, _))) => {
                Err(ConfigError::Alone { setting, needed })
            }
            _ => Ok(()),
        }
    }

    fn embed(&self) -> Option<EmbedSettings> {
        Some(EmbedSettings {
            issuer: self.embed_issuer.clone()?,
            audience: self.embed_audience.clone()?,
            algorithms: self.embed_algorithms.clone(),
            key_file: self.embed_key_file.clone()?,
        })
    }

    fn blobs(&self) -> BlobOptions {
        let s3 = self.s3_bucket.as_ref().map(|bucket| S3Options {
            endpoint: self.s3_endpoint.clone(),
            bucket: bucket.clone(),
            region: self.s3_region.clone(),
            keys: self
                .s3_access_key
                .clone()
                .zip(self.s3_secret_key.clone().map(|secret| secret.0)),
        });
        // A server that forgets everything forgets files too.
        let forgets = matches!(self.store_url(), StoreUrl::Memory);
        BlobOptions {
            folder: (!forgets).then(|| self.data.clone()),
            s3,
        }
    }

    pub fn store_url(&self) -> StoreUrl {
        let file = || StoreUrl::Sqlite(self.data.join("chatter.db"));
        self.database_url.clone().unwrap_or_else(file)
    }

    /// What the rules and the store are made with.
    pub fn app_options(&self) -> AppOptions {
        AppOptions {
            store: self.store_url(),
            store_options: Options {
                readers: self.sqlite_readers,
                pool: self.postgres_pool,
                ..Options::default()
            },
            blobs: self.blobs(),
            files: self.files,
            picture_threads: self.picture_threads,
            clock: Arc::new(SystemClock),
            seed: None,
            rates: self.limits.clone(),
            guests: self.guests,
            fixed: self
                .given
                .iter()
                .map(|name| name.replace('-', "_"))
                .collect(),
            password_threads: self.password_threads,
            guest_rooms: self.guest_rooms,
            outbound: self.way_out(),
            embed: self.embed(),
            public_url: self.public_url.as_ref().map(ToString::to_string),
            link_previews: self.link_previews,
        }
    }

    /// The one way out, as far as these settings let it.
    fn way_out(&self) -> Arc<dyn Outbound> {
        if !self.outbound {
            return Arc::new(Nobody::default());
        }
        Arc::new(WayOut::new(Reach {
            private: self.outbound_private.clone(),
            ports: self.outbound_ports.clone(),
        }))
    }

    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// The table of settings for the manual.
    pub fn manual() -> String {
        let mut lines = vec![
            "| setting | environment | default | what it does |".to_owned(),
            "| --- | --- | --- | --- |".to_owned(),
        ];
        for setting in SETTINGS {
            let custom = setting
                .custom
                .map(|name| format!(", `{name}`"))
                .unwrap_or_default();
            lines.push(format!(
                "| `{}` | `{}`{custom} | {} | {} |",
                setting.key(),
                setting.variable(),
                setting.default,
                setting.help.replace('|', "\\|"),
            ));
        }
        lines.join("\n") + "\n"
    }
}

/// The top level of `chatter.toml`; nothing when there is no such file.
fn toml_settings(file: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let Some(text) = read(file)? else {
        return Ok(Vec::new());
    };
    let table: toml::Table =
        text.parse()
            .map_err(|error: toml::de::Error| ConfigError::Unreadable {
                file: "chatter.toml".into(),
                reason: error.message().to_owned(),
            })?;
    Ok(table
        .into_iter()
        .map(|(key, value)| (key, plain(&value)))
        .collect())
}

/// A value as it would be typed in the environment.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
        toml::Value::Table(_) => "a table".into(),
    }
}

fn dot_env(file: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let Some(text) = read(file)? else {
        return Ok(BTreeMap::new());
    };
    // The iterator, not the loader: it leaves the process's environment alone.
    let entries: Result<_, _> = dotenvy::from_read_iter(text.as_bytes()).collect();
    entries.map_err(|error| ConfigError::Unreadable {
        file: ".env".into(),
        reason: match error {
            dotenvy::Error::LineParse(..) => "a line is not NAME=value".into(),
            other => other.to_string(),
        },
    })
}

fn read(file: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable {
            file: file.display().to_string(),
            reason: error.to_string(),
        }),
    }
}

/// A setting nobody knows, and the one that looks most like it.
fn unknown(place: String, name: &str, spelt: fn(&Setting) -> String) -> ConfigError {
    let nearest = SETTINGS
        .iter()
        .map(spelt)
        .min_by_key(|known| distance(known, name));
    ConfigError::Unknown {
        place,
        meant: nearest.filter(|known| distance(known, name) <= 2),
    }
}

/// How many letters must change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
