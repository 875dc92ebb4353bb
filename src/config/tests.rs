//! Stories of the program configuration: what works, and what is said about what does not.

use std::path::Path;
use std::time::Duration;

use super::*;

mod sources;

const KEY_A: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const KEY_B: &str = "AgIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const KEY_C: &str = "AwIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

/// The smallest configuration that works.
fn good() -> Table {
    toml::from_str(&format!(
        r#"
        server.public_url = "https://pay.example"
        database.url = "postgres://connector:hunter2@db/books"
        audit.origin = "epaybl.demo.example"
        [secrets]
        hash_key = "{KEY_A}"
        token_keys = ["{KEY_B}"]
        encryption_keys = [{{ id = "k1", key = "{KEY_C}" }}]
        [providers.epaybl-th]
        kind = "konnektor"
        environment = "test"
        base_url = "https://epay.example/konnektor"
        "#
    ))
    .expect("TOML")
}

fn load(toml: &str, env: &[(&str, &str)]) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("connector.toml");
    std::fs::write(&path, toml).expect("written");
    Config::load(Some(&path), owned(env))
}

fn owned(env: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    let pairs: Vec<_> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    pairs.into_iter()
}

fn with(path: &str, value: &str) -> String {
    let mut root = good();
    let (section, setting) = path.rsplit_once('.').expect("section.setting");
    let mut table = &mut root;
    for part in section.split('.') {
        let next = table.entry(part).or_insert_with(|| Value::Table(Table::new()));
        table = next.as_table_mut().expect("a section");
    }
    table.insert(setting.to_owned(), section::literal(value).expect("TOML value"));
    toml::to_string(&root).expect("TOML")
}

fn told(result: Result<Config, Problems>) -> Vec<String> {
    result
        .expect_err("refused")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_smallest_configuration_has_the_documented_defaults() {
    let config = load(&toml::to_string(&good()).expect("TOML"), &[]).expect("all well");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.create_wait, Duration::from_secs(15));
    assert_eq!(config.server.max_in_flight, 512);
    assert_eq!(config.server.link("/pay/abc"), "https://pay.example/pay/abc");
    assert_eq!(config.worker.delivery_interval, Duration::from_millis(500));
    assert_eq!(config.worker.watch_paid, Duration::from_hours(24));
    assert_eq!(config.database.kind(), DatabaseKind::Postgres);
    assert!(!config.database.migrates_on_start());
    assert_eq!(config.secrets.hash_key.expose()[0], 1);
    let provider = &config.providers[&ProviderId::parse("epaybl-th").expect("id")];
    let settings: Vec<&String> = provider.settings.table().keys().collect();
    assert_eq!(settings, ["base_url", "environment"]);
}

#[test]
fn each_wrong_value_is_named_by_its_path() {
    let zeros = "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"";
    let cases = [
        (
            "server.public_url",
            "\"http://pay.example\"",
            "must begin with https://; http:// is for this machine only",
        ),
        (
            "server.public_url",
            "\"https://pay.example/?a=1\"",
            "must have neither user, query nor fragment",
        ),
        (
            "server.public_url",
            "\"pay.example\"",
            "relative URL without a base",
        ),
        ("server.listen", "\"8080\"", "invalid socket address syntax"),
        (
            "server.xbezahldienste_prefix",
            "\"x/\"",
            "«x/» is not a path such as /xbezahldienste",
        ),
        (
            "server.xbezahldienste_prefix",
            "\"/pay\"",
            "/pay is used by the connector itself",
        ),
        (
            "server.body_limit_bytes",
            "10",
            "10 is not between 4096 and 67108864",
        ),
        (
            "server.shutdown_seconds",
            "5",
            "must not be shorter than create_wait_seconds (15)",
        ),
        ("server.max_in_flight", "-1", "-1 is out of range"),
        (
            "server.keep_redirect_url",
            "\"perhaps\"",
            "should be true or false, but is text",
        ),
        (
            "server.publik_url",
            "\"x\"",
            "this setting is not known; did you mean «public_url»?",
        ),
        (
            "database.url",
            "\"mysql://x\"",
            "must begin with sqlite: or postgres://",
        ),
        (
            "database.url",
            "\"sqlite:\"",
            "names no file; write sqlite:/path/to/connector.sqlite",
        ),
        (
            "database.url",
            "\"sqlite::memory:\"",
            "books in memory would be lost",
        ),
        ("database.max_connections", "0", "0 is not between 1 and 200"),
        (
            "secrets.hash_key",
            "\"short\"",
            "is not base64 of 32 bytes (44 characters)",
        ),
        (
            "secrets.hash_key",
            "\"AQID\"",
            "has 3 bytes in base64, must be 32",
        ),
        (
            "secrets.hash_key",
            zeros,
            "is a placeholder; `audit keygen` makes keys",
        ),
        ("secrets.token_keys", "[]", "needs at least one key"),
        ("secrets.encryption_keys", "[]", "needs at least one key"),
        (
            "audit.origin",
            "\"a b\"",
            "must have 1 to 200 characters, no blank and no +",
        ),
        ("worker.batch", "0", "0 is not between 1 and 1000"),
        (
            "worker.ask_max_seconds",
            "10",
            "must not be shorter than first_ask_seconds (20)",
        ),
        ("log.format", "\"xml\"", "«xml» is not one of json, text"),
        ("log.filter", "\"a=b=c\"", "«a=b=c»: error parsing level filter"),
        (
            "metrics.listen",
            "\"127.0.0.1:8080\"",
            "127.0.0.1:8080 is taken by server.listen",
        ),
        (
            "providers.epaybl-th.kind",
            "\"soup\"",
            "«soup» is not one of konnektor",
        ),
        (
            "providers.epaybl-th.environment",
            "\"prod\"",
            "«prod» is not one of test, production",
        ),
    ];
    for (path, value, sentence) in cases {
        let told = told(load(&with(path, value), &[]));
        assert_eq!(told.len(), 1, "{path} = {value}: {told:?}");
        let expected = format!("{path}: {sentence}");
        assert!(
            told[0].starts_with(&expected),
            "{told:?} should begin with {expected}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let told = told(load(
        r#"
        colour = 1
        [server]
        create_wait_seconds = "soon"
        body_limit_bytes = 1
        [database]
        url = 5
        [sercets]
        [providers]
        "Bad Id" = {}
        other = 1
        "#,
        &[],
    ));
    assert_eq!(
        told,
        [
            "colour: this section is not known; known are server, database, secrets, audit, worker, statements, \
             closing, log, metrics, providers, notify",
            "sercets: this section is not known; did you mean «secrets»?",
            "server.create_wait_seconds: should be a whole number, but is text",
            "server.public_url: is missing",
            "server.body_limit_bytes: 1 is not between 4096 and 67108864",
            "database.url: should be text, but is a whole number",
            "secrets.encryption_keys: is missing",
            "secrets.hash_key: is missing",
            "secrets.token_keys: is missing",
            "audit.origin: is missing",
            "providers.Bad Id: provider «Bad Id» contains «B»; allowed are a-z 0-9 -",
            "providers.other: should be a section",
        ]
    );
}

#[test]
fn no_message_and_no_debug_output_shows_a_secret() {
    let config = load(&toml::to_string(&good()).expect("TOML"), &[]).expect("all well");
    let shown = format!("{config:?}");
    for secret in [KEY_A, KEY_B, KEY_C, "hunter2", "https://epay.example"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for wrong in [
        with("secrets.token_keys", "\"hunter2\""),
        with("secrets.encryption_keys", "\"hunter2\""),
        with("database.max_connections", "\"hunter2\""),
        with("database.url", "\"hunter2\""),
        with("server.public_url", "\"hunter2\""),
        "[database]\nurl = \"hunter2\nx".to_owned(),
    ] {
        let told = told(load(&wrong, &[])).join("\n");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn one_key_cannot_serve_two_ends() {
    let told = told(load(&with("secrets.token_keys", &format!("[\"{KEY_A}\"]")), &[]));
    let sentence = "is the same key as secrets.hash_key; every key must be one of its own";
    assert_eq!(told, [format!("secrets.token_keys[0]: {sentence}")]);
    let twice = format!("[{{id = \"k\", key = \"{KEY_C}\"}}, {{id = \"k\", key = \"{KEY_C}\"}}]");
    assert_eq!(
        self::told(load(&with("secrets.encryption_keys", &twice), &[])).len(),
        2
    );
}

#[test]
fn a_file_that_is_not_toml_is_named_with_line_and_column() {
    let told = told(load("[server]\nlisten = \"127.0.0.1:1\" x\n", &[]));
    assert!(
        told[0].contains("connector.toml: line 2, column 24 is not TOML: "),
        "{told:?}"
    );
    let missing = Config::load(Some(Path::new("/nowhere/c.toml")), owned(&[]));
    assert!(self::told(missing)[0].starts_with("/nowhere/c.toml: cannot be read: "));
}

#[test]
fn generated_secrets_are_accepted_as_they_are_printed() {
    let random =
        [1_u8, 2, 3, 4].map(|first| std::array::from_fn(|index| first ^ u8::try_from(index).unwrap_or(0)));
    let generated = Secrets::generate_toml("2026-01", "epaybl.test", &random);
    let mut root = good();
    let fresh: Table = toml::from_str(&generated).expect("TOML");
    root["secrets"] = fresh["secrets"].clone();
    root["audit"]["origin"] = "epaybl.demo.example".into();
    let audit = root["audit"].as_table_mut().expect("a section");
    audit.insert("signing_key".to_owned(), fresh["audit"]["signing_key"].clone());
    let config = load(&toml::to_string(&root).expect("TOML"), &[]).expect("all well");
    assert_eq!(config.secrets.encryption_keys[0].key.expose(), &random[0]);
    assert_eq!(config.audit.signing_key.expect("a key").expose(), &random[3]);
}

#[test]
fn the_example_works_once_its_secrets_are_there() {
    let text = include_str!("../../fixtures/demo/connector.toml");
    let folder = tempfile::tempdir().expect("folder");
    let named = text
        .split("/run/secrets/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    for (index, name) in named.enumerate() {
        let mut bytes = [7_u8; 32];
        bytes[0] = u8::try_from(index).expect("small");
        let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        std::fs::write(folder.path().join(name), key).expect("written");
    }
    let text = text.replace("/run/secrets", &folder.path().display().to_string());
    let config = load(&text, &[]).expect("all well");
    assert_eq!(config.providers.len(), 1);
    let defaults = Worker::default();
    assert_eq!(format!("{:?}", config.worker), format!("{defaults:?}"));
}
