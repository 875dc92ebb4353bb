//! Settings: the smallest, the largest, and the wrong ones.

use super::*;

fn problems(toml: &str) -> Vec<String> {
    read(toml)
        .validate()
        .into_iter()
        .map(|(path, text)| format!("{path} {text}"))
        .collect()
}

#[test]
fn a_few_lines_are_a_whole_configuration() {
    for auth in [
        "client_p12 = \"/etc/connector/client.p12\"",
        "auth = { kind = \"basic\", user = \"stadt\", password = \"geheim\" }",
        "auth = { kind = \"oauth2\", token_url = \"https://login.example/token\", client_id = \"stadt\", client_secret = \"geheim\" }",
    ] {
        let toml = format!(
            "base_url = \"https://service.example/api/v1.0.0/\"\nenvironment = \"production\"\nversion = \"1.0.0\"\n{auth}\n"
        );
        assert_eq!(problems(&toml), Vec::<String>::new());
        assert!(!format!("{:?}", read(&toml)).contains("geheim"));
    }
}

#[test]
fn everything_can_be_set() {
    let toml = r#"
        base_url = "http://127.0.0.1:8081/xbezahldienste"
        environment = "test"
        version = "1.2.0"
        client_cert_pem = "client.pem"
        client_key_pem = "client.key"
        ca_pem = "ca.pem"
        proxy = "http://proxy:3128"
        connect_timeout_seconds = 2
        open_timeout_seconds = 10
        ask_timeout_seconds = 3
        keep_alive_seconds = 0
        zvp = "ekom21"
        originator = "mandant"
        transaction_id_is_request_id = true
        times = "berlin_labelled_utc"
        purpose = "keep"
        requestor = true
        booking_data = { haushaltsstelle = "Titel", objektnummer = "", href = "TitelZusatz" }
        methods = { CREDITCARD = "KARTE", Wero = "WERO" }
        version_header = false
        status_operation = false
        allow_http = true
        [auth]
        kind = "oauth2"
        token_url = "https://login.example/token"
        client_id = "stadt"
        client_secret = "geheim"
        style = "json"
        scope = "post read"
    "#;
    assert_eq!(problems(toml), Vec::<String>::new());
    assert!(!read(toml).says_version());
}

#[test]
fn every_problem_is_named_with_its_path_at_once() {
    let found = problems(
        r#"
        base_url = "http://user@service.example/?x=1"
        environment = "production"
        version = "1.1.0"
        connect_timeout_seconds = 30
        zvp = "a/b"
        proxy = "socks5://proxy"
        booking_data = { haushaltsstelle = "x", href = "x" }
        [auth]
        user = "stadt"
        "#,
    );
    for path in [
        "base_url is plain http",
        "base_url must end",
        "base_url carries a user name",
        "connect_timeout_seconds is 30",
        "zvp «a/b»",
        "proxy has the scheme",
        "booking_data.href «x» is used twice",
        "client_p12 is missing",
        "auth.user does not belong",
    ] {
        assert!(
            found.iter().any(|problem| problem.starts_with(path)),
            "{path} is missing in {found:#?}"
        );
    }
    assert_eq!(found.len(), 9, "{found:#?}");
    let login = |auth: &str| {
        problems(&format!(
            "base_url = \"https://a/\"\nenvironment = \"test\"\nversion = \"1.1.0\"\nauth = {auth}\n"
        ))
    };
    let basic = login("{ kind = \"basic\", user = \"a:b\" }");
    assert!(
        basic[0].starts_with("auth.user") && basic[1].starts_with("auth.password"),
        "{basic:?}"
    );
    let tokens = login("{ kind = \"oauth2\", token_url = \"http://login.example/\" }");
    assert!(
        tokens[0].starts_with("auth.token_url is plain http")
            && tokens[1].starts_with("auth.client_id")
            && tokens[2].starts_with("auth.client_secret"),
        "{tokens:?}"
    );
}

#[test]
fn a_version_that_does_not_exist_is_refused_with_those_that_do() {
    let error = toml::from_str::<XbezahldiensteConfig>(
        "base_url = \"https://a/\"\nenvironment = \"test\"\nversion = \"2\"\n",
    )
    .expect_err("unknown")
    .to_string();
    assert!(error.contains("1.0.0") && error.contains("1.2.0"), "{error}");
}
