//! `fixtures/demo/connector.toml` is where an operator looks settings up: it names every one that a provider has, with
//! the default that it really has.

use std::collections::BTreeMap;
use std::fmt::Debug;

use epaybl_connector::config::{Config, Problems, Statements, Worker};
use epaybl_connector::domain::ids::ProviderId;
use epaybl_connector::domain::tenant::Environment;
use epaybl_connector::notify::NotifyConfig;
use epaybl_connector::provider::konnektor::KonnektorConfig;
use epaybl_connector::provider::soap::{Profile, SoapConfig};
use epaybl_connector::provider::xbezahldienste::XbezahldiensteConfig;

const EXAMPLE: &str = include_str!("../../fixtures/demo/connector.toml");

/// Settings of which a section has one form only, and settings without a default.
const CHOSEN: [&str; 12] = [
    "base_url",
    "ca_pem",
    "callback",
    "client_cert_pem",
    "client_key_pem",
    "client_p12",
    "client_p12_password",
    "environment",
    "mandanten",
    "paypage_url",
    "profile",
    "proxy",
];

/// A line that is a setting or the head of a section, but for the mark of a comment.
fn uncommented(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("# ") else {
        return line;
    };
    let setting = rest.split_once(" = ").is_some_and(|(name, _)| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || matches!(c, '0'..='9' | '_' | '.'))
    });
    if rest.starts_with('[') || setting {
        rest
    } else {
        line
    }
}

/// The example with everything in force.
fn everything() -> Config {
    let folder = tempfile::tempdir().expect("a folder");
    let text: Vec<&str> = EXAMPLE.lines().map(uncommented).collect();
    let text = text.join("\n");
    for name in text.split("/run/secrets/").skip(1) {
        let name = name.split('"').next().expect("a name");
        let place = text.find(name).unwrap_or_default();
        let mut key = [7_u8; 32];
        key[..8].copy_from_slice(&(place as u64).to_be_bytes());
        let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key);
        std::fs::write(folder.path().join(name), key).expect("written");
    }
    std::fs::write(folder.path().join("gateway-ca.pem"), "roots").expect("written");
    let text = text
        .replace("/run/secrets", &folder.path().display().to_string())
        .replace(
            "ca_pem_file = \"/etc/epaybl-connector",
            &format!("ca_pem_file = \"{}", folder.path().display()),
        );
    let file = folder.path().join("connector.toml");
    std::fs::write(&file, text).expect("written");
    Config::load(Some(&file), std::iter::empty()).expect("all well")
}

fn section<T: serde::de::DeserializeOwned>(config: &Config, name: &str) -> (T, Vec<String>) {
    let section = &config.providers[&ProviderId::parse(name).expect("a name")].settings;
    let mut problems = Problems::default();
    let read = section.read(&mut problems).expect("all well");
    (read, section.table().keys().cloned().collect())
}

/// The fields of a struct and what they hold, as `Debug` tells them.
fn fields(of: &impl Debug) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut current = String::new();
    for line in format!("{of:#?}").lines() {
        let top = line
            .strip_prefix("    ")
            .filter(|rest| !rest.starts_with([' ', '}', ']', ')']));
        if let Some((name, value)) = top.and_then(|rest| rest.split_once(": ")) {
            name.clone_into(&mut current);
            fields.insert(current.clone(), value.to_owned());
        } else if let Some(value) = fields.get_mut(&current) {
            value.push_str(line.trim());
        }
    }
    fields
}

#[track_caller]
fn complete(section: &str, named: &[String], read: &impl Debug, defaults: &impl Debug, chosen: &[&str]) {
    let (read, defaults) = (fields(read), fields(defaults));
    assert!(defaults.len() > 2, "{defaults:?}");
    for (field, default) in &defaults {
        assert!(named.contains(field), "[{section}] does not name {field}");
        if !chosen.contains(&field.as_str()) {
            assert_eq!(&read[field], default, "[{section}] {field}");
        }
    }
}

#[test]
fn the_example_names_every_setting_of_every_provider_with_its_default() {
    let config = everything();
    let test = Environment::Test;

    let (read, named) = section::<KonnektorConfig>(&config, "epaybl-th");
    let defaults = KonnektorConfig::new(read.base_url.clone(), test);
    complete("epaybl-th", &named, &read, &defaults, &CHOSEN);
    let named = ["scheme", "recipe", "hmac", "words", "secrets", "secrets_file"].map(str::to_owned);
    complete(
        "epaybl-th.callback",
        &named,
        &read.callback,
        &defaults.callback,
        &["hmac", "secrets", "secrets_file"],
    );

    let (read, named) = section::<SoapConfig>(&config, "epaybl-soap");
    let defaults = SoapConfig::new(read.url.clone(), read.paypage_url.clone(), test);
    complete("epaybl-soap", &named, &read, &defaults, &CHOSEN);
    let profile = &config.providers[&ProviderId::parse("epaybl-soap").expect("a name")];
    let profile = profile.settings.table()["profile"].as_table().expect("a section");
    let named: Vec<String> = profile.keys().cloned().collect();
    let everywhere = Profile::default().with(&read.profile);
    complete(
        "epaybl-soap.profile",
        &named,
        &everywhere,
        &Profile::default(),
        &["transfer"],
    );

    let (read, named) = section::<XbezahldiensteConfig>(&config, "landesdienst");
    let few = format!(
        "base_url = \"{}\"\nenvironment = \"test\"\nversion = \"1.1.0\"",
        read.base_url
    );
    let defaults: XbezahldiensteConfig = toml::from_str(&few).expect("all well");
    let chosen = [&CHOSEN[..], &["auth"]].concat();
    complete("landesdienst", &named, &read, &defaults, &chosen);
    let section = &config.providers[&ProviderId::parse("landesdienst").expect("a name")];
    let auth = section.settings.table()["auth"].as_table().expect("a section");
    let named: Vec<String> = auth.keys().cloned().collect();
    let chosen = [
        "user",
        "password",
        "token_url",
        "client_id",
        "client_secret",
        "scope",
    ];
    complete("landesdienst.auth", &named, &read.auth, &defaults.auth, &chosen);

    for (name, read, defaults) in [
        ("worker", fields(&config.worker), fields(&Worker::default())),
        (
            "statements",
            fields(&config.statements),
            fields(&Statements::default()),
        ),
    ] {
        let chosen = "drop_folder";
        assert!(defaults.len() > 2, "{defaults:?}");
        for (field, default) in defaults.iter().filter(|(field, _)| *field != chosen) {
            assert_eq!(&read[field], default, "[{name}] {field}");
        }
    }
    assert!(config.statements.drop_folder.is_some());
    for setting in ["match_minutes", "drop_folder", "rhythm_seconds", "settle_seconds"] {
        assert!(
            EXAMPLE.contains(&format!("{setting} = ")),
            "{setting} is not named"
        );
    }

    let read: NotifyConfig = config.notify.read(&mut Problems::default()).expect("all well");
    let named: Vec<String> = config.notify.table().keys().cloned().collect();
    let few: NotifyConfig = toml::from_str("").expect("all well");
    complete("notify", &named, &read, &few, &["secrets", "ca_pem"]);
}
