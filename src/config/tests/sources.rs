//! Where values come from: the environment over the file, and files with secrets.

use super::*;

#[test]
fn the_environment_goes_over_the_file() {
    let env = [
        ("EPAYBL_SERVER__LISTEN", "0.0.0.0:9000"),
        ("EPAYBL_SERVER__CREATE_WAIT_SECONDS", "20"),
        ("EPAYBL_SERVER__KEEP_REDIRECT_URL", "true"),
        ("EPAYBL_DATABASE__URL", "sqlite:/var/lib/books.sqlite"),
        ("EPAYBL_SECRETS__TOKEN_KEYS", &format!("[\"{KEY_C}\"]")),
        (
            "EPAYBL_SECRETS__ENCRYPTION_KEYS",
            &format!("[{{ id = \"k2\", key = \"{KEY_B}\" }}]"),
        ),
        ("EPAYBL_PROVIDERS__EPAYBL_TH__BASE_URL", "https://other.example"),
        ("EPAYBL_PROVIDERS__EPAYBL_NEU__KIND", "konnektor"),
        ("EPAYBL_PROVIDERS__EPAYBL_NEU__ENVIRONMENT", "production"),
        ("EPAYBL_NOTIFY__SECRETS__GATEWAY_KREIS", "whsec_x"),
        ("EPAYBL_CONNECTOR_SERVICE_HOST", "10.0.0.1"),
        ("HOME", "/root"),
    ];
    let config = load(&toml::to_string(&good()).expect("TOML"), &env).expect("all well");
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(config.server.create_wait, Duration::from_secs(20));
    assert!(config.server.keep_redirect_url);
    assert!(config.database.migrates_on_start());
    assert_eq!(config.secrets.encryption_keys[0].id, "k2");
    let ids: Vec<&str> = config.providers.keys().map(ProviderId::as_str).collect();
    assert_eq!(ids, ["epaybl-neu", "epaybl-th"]);
    let settings = &config.providers[&ProviderId::parse("epaybl-th").expect("id")].settings;
    assert_eq!(
        settings.table()["base_url"].as_str(),
        Some("https://other.example")
    );
}

#[test]
fn a_variable_that_cannot_be_meant_is_named() {
    let env = [
        ("EPAYBL_SERVER_LISTEN", "0.0.0.0:9000"),
        ("EPAYBL_SERVER__LISTEN__PORT", "1"),
        ("EPAYBL_SERVER", "x"),
        ("EPAYBL_LOG__FILTER", "a\u{FFFD}"),
        ("EPAYBL_PROVIDERS__EPAYBL_TH", "x"),
        ("EPAYBL_WORKER____BATCH", "1"),
        ("EPAYBL_SERVER__LISTN", "0.0.0.0:1"),
    ];
    let toml = with("server.listen", "\"127.0.0.1:1\"");
    assert_eq!(
        told(load(&toml, &env)),
        [
            "EPAYBL_LOG__FILTER: is not UTF-8 text",
            "EPAYBL_PROVIDERS__EPAYBL_TH: providers.epaybl-th is a section, not a setting",
            "EPAYBL_SERVER_LISTEN: two underscores part section and setting; did you mean EPAYBL_SERVER__LISTEN?",
            "EPAYBL_SERVER__LISTEN__PORT: server.listen is a setting, not a section",
            "EPAYBL_WORKER____BATCH: has an empty part between underscores",
            "server.listn: this setting is not known; did you mean «listen»?",
        ]
    );
}

#[test]
fn secrets_come_from_files_and_lose_one_line_end() {
    let folder = tempfile::tempdir().expect("folder");
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    file("hash", &format!("{KEY_A}\n"));
    file("token", &format!("{KEY_B}\r\n"));
    file("encryption", KEY_C);
    file("notify", "one\ntwo\n\n");
    file(
        "connector.toml",
        r#"
        server.public_url = "http://localhost:8080"
        database.url = "sqlite:books.sqlite"
        audit.origin = "epaybl.demo.example"
        [secrets]
        hash_key_file = "hash"
        token_keys_file = ["token"]
        encryption_keys = [{ id = "k1", key_file = "encryption" }]
        [notify]
        secrets_file = "notify"
        "#,
    );
    let env = [("EPAYBL_SECRETS__TOKEN_KEYS_FILE", "token")];
    for env in [&env[..0], &env[..]] {
        let config = Config::load(Some(&folder.path().join("connector.toml")), owned(env)).expect("all well");
        assert_eq!(config.secrets.hash_key.expose()[0], 1);
        assert_eq!(config.secrets.token_keys[0].expose()[0], 2);
        assert_eq!(config.secrets.encryption_keys[0].key.expose()[0], 3);
        assert_eq!(config.notify.table()["secrets"].as_str(), Some("one\ntwo\n"));
    }
}

#[test]
fn a_file_that_is_not_there_is_named_and_the_setting_is_not_called_missing() {
    let mut root = good();
    let secrets = root["secrets"].as_table_mut().expect("a section");
    secrets.remove("hash_key");
    secrets.insert("hash_key_file".to_owned(), "/nowhere/hash".into());
    secrets.insert("token_keys_file".to_owned(), "/nowhere/token".into());
    let told = told(load(&toml::to_string(&root).expect("TOML"), &[]));
    assert_eq!(
        told,
        [
            "secrets.hash_key_file: /nowhere/hash cannot be read: No such file or directory (os error 2)",
            "secrets.token_keys_file: token_keys is given as well; keep one of the two",
        ]
    );
}

#[test]
fn a_value_from_the_environment_replaces_a_file_named_in_the_configuration() {
    let mut root = good();
    let secrets = root["secrets"].as_table_mut().expect("a section");
    secrets.remove("hash_key");
    secrets.insert("hash_key_file".to_owned(), "/nowhere/hash".into());
    let toml = toml::to_string(&root).expect("TOML");
    assert!(load(&toml, &[("EPAYBL_SECRETS__HASH_KEY", KEY_A)]).is_ok());
    let both = [
        ("EPAYBL_SECRETS__HASH_KEY", KEY_A),
        ("EPAYBL_SECRETS__HASH_KEY_FILE", "/nowhere"),
    ];
    let told = told(load(&toml, &both));
    assert_eq!(
        told,
        ["secrets.hash_key_file: hash_key is given as well; keep one of the two"]
    );
}
