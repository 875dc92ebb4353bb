//! Settings: the smallest, the largest, and the wrong ones.

use super::*;

fn problems(toml: &str) -> Vec<String> {
    let config: KonnektorConfig = toml::from_str(toml).expect("readable");
    config
        .validate()
        .into_iter()
        .map(|(path, text)| format!("{path} {text}"))
        .collect()
}

#[test]
fn a_few_lines_are_a_whole_configuration() {
    let toml = r#"
        base_url = "https://epay.example/konnektor"
        environment = "production"
        client_cert_pem = "/etc/connector/client.pem"
        client_key_pem = "/etc/connector/client.key"
        [callback]
        secrets = ["one", "two"]
    "#;
    assert_eq!(problems(toml), Vec::<String>::new());
    let config: KonnektorConfig = toml::from_str(toml).expect("readable");
    assert_eq!(config.open_timeout_seconds, 20);
    assert_eq!(config.inactive_values, ["INAKTIV"]);
    assert!(!format!("{config:?}").contains("two"));
}

#[test]
fn everything_can_be_set() {
    let toml = r#"
        base_url = "http://127.0.0.1:8081/konnektor"
        environment = "test"
        ca_pem = "ca.pem"
        proxy = "http://proxy:3128"
        connect_timeout_seconds = 2
        open_timeout_seconds = 10
        ask_timeout_seconds = 3
        keep_alive_seconds = 0
        zvp = "saferpay"
        kassenzeichen_pointers = ["/x"]
        href = "beside_kontierung"
        active_values = ["AKTIV", "OFFEN"]
        inactive_values = ["INAKTIV", "BEZAHLT"]
        unknown_codes = ["-0310", "-0523"]
        allow_without_secret = true
        allow_http = true
        text = { buchungstext = 60, kassenzeichen = 13, name = 27, description = 100 }
        [callback]
        scheme = "hmac-sha256"
        secrets_file = "secrets"
        recipe = { fields = ["mandant", "bewirtschafter", "status"], null_text = "null", separator = "|", required = [] }
        hmac = { tolerance_seconds = 60, headers = { timestamp = "x-t", signature = "x-s", prefix = "v=", encoding = "base64" } }
        words = { success = ["ok"], failed = ["error", "timeout"] }
    "#;
    assert_eq!(problems(toml), Vec::<String>::new());
    let config: KonnektorConfig = toml::from_str(toml).expect("readable");
    assert_eq!(config.text.longest_buchungstext(), 13);
}

#[test]
fn every_problem_is_named_with_its_path_at_once() {
    let found = problems(
        r#"
        base_url = "http://epay.example/konnektor?x=1"
        environment = "production"
        client_cert_pem = "client.pem"
        connect_timeout_seconds = 30
        allow_without_secret = true
        inactive_values = ["aktiv"]
        unknown_codes = ["0310"]
        kassenzeichen_pointers = ["kassenzeichen"]
        zvp = "a/b"
        text = { kassenzeichen = 26 }
        "#,
    );
    for path in [
        "base_url is plain http",
        "base_url must end",
        "client_key_pem is missing",
        "connect_timeout_seconds is 30",
        "allow_without_secret is not",
        "inactive_values «aktiv»",
        "unknown_codes[0]",
        "kassenzeichen_pointers[0]",
        "zvp «a/b»",
        "text leaves no room",
        "callback.secrets is empty",
    ] {
        assert!(
            found.iter().any(|problem| problem.starts_with(path)),
            "{path} is missing in {found:#?}"
        );
    }
    assert_eq!(found.len(), 11, "{found:#?}");
}

#[test]
fn a_misspelt_setting_is_refused() {
    let error = toml::from_str::<KonnektorConfig>(
        "base_url = \"https://a/\"\nenvironment = \"test\"\nopen_timeout = 3\n",
    )
    .expect_err("unknown");
    assert!(error.to_string().contains("open_timeout"));
}
