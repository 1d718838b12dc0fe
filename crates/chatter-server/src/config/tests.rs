use super::*;

fn load(
    toml: &str,
    dot_env: &str,
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    if !toml.is_empty() {
        std::fs::write(folder.path().join("chatter.toml"), toml).unwrap();
    }
    if !dot_env.is_empty() {
        std::fs::write(folder.path().join(".env"), dot_env).unwrap();
    }
    let pairs = |from: &[(&str, &str)]| {
        from.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    Config::load(Sources {
        flags: pairs(flags),
        environment: pairs(environment),
        folder: Some(folder.path().to_owned()),
    })
}

#[test]
fn nothing_has_to_be_said() {
    let config = load("", "", &[("HOME", "/root"), ("PATH", "/bin")], &[]).unwrap();
    assert_eq!(
        (config.address.to_string().as_str(), config.port),
        ("127.0.0.1", 8080)
    );
    assert_eq!(
        config.store_url(),
        StoreUrl::Sqlite("./data/chatter.db".into())
    );
    assert_eq!(config.guests, None);
}

#[test]
fn the_nearer_word_wins() {
    let toml = "port = 1";
    let port = |dot_env, environment: &[(&str, &str)], flags: &[(&str, &str)]| {
        load(toml, dot_env, environment, flags).unwrap().port
    };
    assert_eq!(port("", &[], &[]), 1);
    assert_eq!(port("PORT=2", &[], &[]), 2);
    assert_eq!(port("PORT=2\nCHATTER_PORT=3", &[], &[]), 3);
    assert_eq!(port("CHATTER_PORT=3", &[("PORT", "4")], &[]), 4);
    assert_eq!(port("", &[("PORT", "4"), ("CHATTER_PORT", "5")], &[]), 5);
    assert_eq!(
        port(
            "",
            &[("PORT", "4"), ("CHATTER_PORT", "5")],
            &[("port", "6")]
        ),
        6
    );
}

#[test]
fn every_source_speaks_of_every_setting() {
    let config = load(
        "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\nguests = true\nlimit_posts_per_minute = 0",
        "CHATTER_PUBLIC_URL=https://Chat.Example:443/",
        &[("DATABASE_URL", "memory:"), ("CHATTER_LOG_FORMAT", "json")],
        &[("allowed-origins", "https://a.example, https://b.example:8443")],
    )
    .unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.guests, Some(true));
    assert_eq!(config.limits.posts_per_minute, 0);
    assert_eq!(
        config.public_url.unwrap().to_string(),
        "https://chat.example"
    );
    assert_eq!(config.database_url, Some(StoreUrl::Memory));
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.allowed_origins.len(), 2);
}

#[test]
fn a_wrong_value_is_named_in_one_sentence() {
    for (name, value, sentence) in [
        (
            "address",
            "localhost",
            "--address: 'localhost' is not an IP address such as 127.0.0.1 or 0.0.0.0",
        ),
        (
            "port",
            "70000",
            "--port: '70000' is not a port number from 0 to 65535",
        ),
        ("data", "", "--data: '' is not a folder"),
        (
            "database-url",
            "mysql://me:secret@here/db",
            "--database-url: '…' is not sqlite:FILE, postgres://… or memory:",
        ),
        (
            "public-url",
            "chat.example",
            "--public-url: 'chat.example' is not an address such as https://chat.example, without a path",
        ),
        (
            "public-url",
            "https://chat.example/chat",
            "--public-url: 'https://chat.example/chat' is not an address such as https://chat.example, without a path",
        ),
        ("guests", "maybe", "--guests: 'maybe' is not on or off"),
        (
            "trusted-proxies",
            "10.0.0.0/40",
            "--trusted-proxies: '10.0.0.0/40' is not addresses or networks such as 127.0.0.1,10.0.0.0/8",
        ),
        (
            "allowed-origins",
            "*",
            "--allowed-origins: '*' is not an address such as https://chat.example, without a path",
        ),
        (
            "limit-posts-per-minute",
            "-1",
            "--limit-posts-per-minute: '-1' is not a number, 0 or more",
        ),
        (
            "max-connections",
            "0",
            "--max-connections: '0' is not a number, 1 or more",
        ),
        (
            "password-threads",
            "two",
            "--password-threads: 'two' is not a number, 1 or more",
        ),
        (
            "log",
            "lots=",
            "--log: 'lots=' is not a level such as info, or directives such as warn,chatter_store=debug",
        ),
        (
            "log-format",
            "xml",
            "--log-format: 'xml' is not text or json",
        ),
        (
            "drain-seconds",
            "1.5",
            "--drain-seconds: '1.5' is not a number, 0 or more",
        ),
    ] {
        let error = load("", "", &[], &[(name, value)]).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn every_source_says_where_the_mistake_is() {
    for (toml, dot_env, environment, sentence) in [
        (
            "port = \"x\"",
            "",
            None,
            "port in chatter.toml: 'x' is not a port number from 0 to 65535",
        ),
        (
            "",
            "CHATTER_PORT=x",
            None,
            "CHATTER_PORT in .env: 'x' is not a port number from 0 to 65535",
        ),
        (
            "",
            "",
            Some(("PORT", "x")),
            "PORT: 'x' is not a port number from 0 to 65535",
        ),
        (
            "ports = 1",
            "",
            None,
            "ports in chatter.toml is not a setting; did you mean port?",
        ),
        (
            "[server]\nport = 1",
            "",
            None,
            "server in chatter.toml is not a setting",
        ),
        (
            "",
            "CHATTER_PROT=1",
            None,
            "CHATTER_PROT in .env is not a setting; did you mean CHATTER_PORT?",
        ),
        (
            "",
            "",
            Some(("CHATTER_ADRESS", "::")),
            "CHATTER_ADRESS is not a setting; did you mean CHATTER_ADDRESS?",
        ),
        (
            "",
            "what is this",
            None,
            ".env cannot be read: a line is not NAME=value",
        ),
    ] {
        let environment: Vec<_> = environment.into_iter().collect();
        let error = load(toml, dot_env, &environment, &[]).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
    let error = load("port = ", "", &[], &[]).unwrap_err().to_string();
    assert!(
        error.starts_with("chatter.toml cannot be read: "),
        "{error}"
    );
}

#[test]
fn the_table_says_what_the_defaults_are() {
    for setting in SETTINGS {
        let mut config = Config::default();
        let plain = setting.default.parse::<u64>().is_ok() || setting.name == "address";
        if plain {
            (setting.take)(&mut config, setting.default).unwrap();
            let (told, real) = (format!("{config:?}"), format!("{:?}", Config::default()));
            assert_eq!(told, real, "{}", setting.name);
        }
    }
    assert!(Config::manual().contains("| `port` | `CHATTER_PORT`, `PORT` | 8080 |"));
}
