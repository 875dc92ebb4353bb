//! Configurations that are not right: `check` and `serve` name what is wrong by its path, exit 1, and show no secret.

use epaybl_connector::sandbox::Options;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::child::{self, Said};
use crate::scene::{Scene, free_port};
use crate::support::databases;

/// A scene that is ready, on SQLite.
async fn ready() -> Scene {
    let database = databases().await.swap_remove(0);
    Scene::set(&database, Options::default()).await
}

/// Changes a setting; `check` must then fail with these words, and without any secret.
async fn refuses(scene: &mut Scene, path: &str, value: impl Into<toml::Value>, words: &[&str]) {
    let good = scene.config.clone();
    scene.setting(path, value);
    keeps_secrets(scene, scene.command(&["check"]).await.exits(1).says(words));
    scene.config = good;
    scene.write();
}

#[track_caller]
fn keeps_secrets(scene: &Scene, said: Said) {
    let secrets = [
        "sandbox-secret",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        &scene.secret,
        "geheim",
    ];
    let keys = [
        &scene.config["secrets"]["hash_key"],
        &scene.config["audit"]["signing_key"],
    ];
    let keys = keys.iter().filter_map(|key| key.as_str());
    for secret in secrets.into_iter().chain(keys) {
        assert!(!said.all().contains(secret), "a secret is shown: {}", said.all());
    }
}

#[tokio::test]
async fn check_says_what_is_good() {
    let scene = ready().await;
    let said = scene.command(&["check"]).await.exits(0);
    assert!(
        !said.out.contains("FAIL") && said.err.is_empty(),
        "{}",
        said.all()
    );
    keeps_secrets(
        &scene,
        said.says(&[
            "ok    configuration",
            "ok    database",
            "ok    target",
            "ok    route",
        ]),
    );
}

#[tokio::test]
async fn a_configuration_that_is_missing_or_no_toml_is_named() {
    for command in [
        &["check"][..],
        &["serve"],
        &["migrate"],
        &["tenants", "list"],
        &["audit", "verify"],
    ] {
        let absent = [&["--config", "/nowhere/connector.toml"], command].concat();
        child::run(&absent, &[])
            .await
            .exits(1)
            .says(&["/nowhere/connector.toml", "cannot be read"]);
        child::run(command, &[])
            .await
            .exits(1)
            .says(&["server.public_url", "database.url", "is missing"]);
    }
    let scene = ready().await;
    let text = std::fs::read_to_string(scene.config_file()).expect("it is there");
    std::fs::write(scene.config_file(), format!("{text}\nhash_key = geheim\n")).expect("written");
    keeps_secrets(
        &scene,
        scene
            .command(&["check"])
            .await
            .exits(1)
            .says(&["connector.toml", "line ", "not TOML"]),
    );
}

#[tokio::test]
async fn check_names_every_wrong_setting_by_its_path() {
    let mut scene = ready().await;
    let s = &mut scene;
    refuses(
        s,
        "server.lisetn",
        "127.0.0.1:1",
        &["server.lisetn", "did you mean «listen»"],
    )
    .await;
    refuses(
        s,
        "sever.listen",
        "127.0.0.1:1",
        &["sever", "did you mean «server»"],
    )
    .await;
    refuses(s, "server.listen", "geheim:x", &["server.listen"]).await;
    refuses(
        s,
        "server.public_url",
        "http://example.org",
        &["server.public_url", "https://"],
    )
    .await;
    refuses(s, "worker.lease_seconds", 1, &["worker.lease_seconds"]).await;
    refuses(s, "worker.match_minutes", 0, &["worker.match_minutes"]).await;
    refuses(s, "statements.rhythm_seconds", 0, &["statements.rhythm_seconds"]).await;
    refuses(
        s,
        "statements.drop_folder",
        "nowhere",
        &["FAIL  statements.drop_folder", "nowhere"],
    )
    .await;
    refuses(s, "secrets.hash_key", "geheim", &["secrets.hash_key", "base64"]).await;
    refuses(
        s,
        "secrets.hash_key_file",
        "/nowhere/key",
        &["secrets.hash_key_file"],
    )
    .await;
    refuses(
        s,
        "secrets.token_keys",
        toml::Value::Array(Vec::new()),
        &["secrets.token_keys"],
    )
    .await;
    refuses(
        s,
        "notify.secrets.kommunalgateway-bad-langensalza",
        "geheim",
        &["notify.secrets.kommunalgateway-bad-langensalza"],
    )
    .await;
    refuses(
        s,
        "notify.timeout_secnds",
        3,
        &["notify.timeout_secnds", "did you mean «timeout_seconds»"],
    )
    .await;
    refuses(
        s,
        "providers.epaybl-th.kind",
        "soup",
        &["providers.epaybl-th.kind"],
    )
    .await;
    refuses(
        s,
        "providers.epaybl-th.base_ulr",
        "x",
        &["providers.epaybl-th.base_ulr", "did you mean «base_url»"],
    )
    .await;
    refuses(
        s,
        "providers.epaybl-th.callback.secrets",
        toml::Value::Array(Vec::new()),
        &["providers.epaybl-th.callback"],
    )
    .await;
    refuses(
        s,
        "providers.epaybl-th.client_cert_pem",
        "/nowhere/cert.pem",
        &["providers.epaybl-th.client_key_pem"],
    )
    .await;
    refuses(
        s,
        "providers.epaybl-th.environment",
        "production",
        &[
            "route[0] (thavel-geburtsurkunde/16064003).provider",
            "is test, but provider epaybl-th is production",
        ],
    )
    .await;
    refuses(
        s,
        "database.url",
        "mysql://geheim@localhost/x",
        &["database.url", "sqlite:"],
    )
    .await;
    refuses(
        s,
        "database.url",
        "sqlite:/nowhere/books.sqlite",
        &["database.url"],
    )
    .await;
    refuses(s, "audit.origin", "two words", &["audit.origin"]).await;
    refuses(s, "log.filter", "=====", &["log.filter"]).await;
    refuses(
        s,
        "metrics.listen",
        s_listen(s),
        &["metrics.listen", "server.listen"],
    )
    .await;
    s.command(&["check"]).await.exits(0);
}

fn s_listen(scene: &Scene) -> String {
    format!("127.0.0.1:{}", scene.port)
}

#[tokio::test]
async fn check_names_what_does_not_answer() {
    let mut scene = ready().await;
    let nobody = free_port().await;
    let down = format!("postgres://somebody:geheim@127.0.0.1:{nobody}/x");
    refuses(
        &mut scene,
        "database.url",
        down.clone(),
        &["database.url", "cannot be opened"],
    )
    .await;
    let base = format!("http://127.0.0.1:{nobody}/konnektor");
    refuses(
        &mut scene,
        "providers.epaybl-th.base_url",
        base,
        &[
            "route thavel-ikfz/16064",
            "epaybl-th, Mandant TH000002, Bewirtschafter BW200001",
            &format!("127.0.0.1:{nobody}: "),
            "look at the address, name resolution, firewall and proxy",
        ],
    )
    .await;
    scene.setting("database.url", down);
    keeps_secrets(
        &scene,
        scene
            .start("serve", &[])
            .end(60)
            .await
            .exits(1)
            .says(&["database.url"]),
    );
}

#[tokio::test]
async fn check_says_what_a_site_with_soap_has_to_ask() {
    let mut scene = ready().await;
    let service = scene.sandbox.soap_url();
    let page = scene.sandbox.base_url().join("paypage/login.do").expect("a URL");
    let providers = scene.config["providers"].as_table_mut().expect("a section");
    providers.remove("epaybl-th");
    for (setting, value) in [
        ("kind", "soap"),
        ("environment", "test"),
        ("url", &service),
        ("paypage_url", page.as_str()),
    ] {
        scene.setting(&format!("providers.epaybl-th.{setting}"), value);
    }
    scene.command(&["check"]).await.exits(0).says(&[
        "warn  provider epaybl-th: no client certificate",
        "set client_p12, or client_cert_pem and client_key_pem",
        "ok    route thavel-ikfz/16064: epaybl-th answers",
        "warn  route thavel-ikfz/16064: after a lost answer",
        "set providers.epaybl-th.profile.look_up = \"lesen_transaktion\"",
    ]);
    scene.setting("providers.epaybl-th.profile.look_up", "lesen_transaktion");
    let said = scene.command(&["check"]).await.exits(0);
    assert!(!said.out.contains("lost answer"), "{}", said.all());
    let encrypted = service.replace("http:", "https:");
    let words = ["route thavel-ikfz/16064", "that is no TLS", "is it https?"];
    refuses(&mut scene, "providers.epaybl-th.url", encrypted, &words).await;
    let file = scene.tenants_file();
    let elsewhere = scene.tenants().replace("\"TH000001\"", "\"TH000099\"");
    std::fs::write(&file, elsewhere).expect("written");
    let file = file.display().to_string();
    scene.command(&["tenants", "apply", &file]).await.exits(0);
    scene.command(&["check"]).await.exits(1).says(&[
        "FAIL  route thavel-geburtsurkunde/16064003: epaybl-th, Mandant TH000099, Bewirtschafter BW100001 (-0012)",
    ]);
}

#[tokio::test]
async fn certificates_that_have_ended_or_will_soon_are_named() {
    let mut scene = ready().await;
    let folder = scene.folder.path().to_owned();
    let path = |name: &str| folder.join(name).display().to_string();
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["connector.example".to_owned()]).expect("parameters");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let ended = params.self_signed(&key).expect("a certificate").pem();
    params.not_after = date_time_ymd(2096, 1, 1);
    let good = params.self_signed(&key).expect("a certificate").pem();
    std::fs::write(path("ended.pem"), ended).expect("written");
    std::fs::write(path("good.pem"), good).expect("written");
    std::fs::write(path("key.pem"), key.serialize_pem()).expect("written");
    std::fs::write(path("other.pem"), "no certificate").expect("written");
    scene.setting("providers.epaybl-th.client_key_pem", path("key.pem"));
    for (file, words) in [
        ("ended.pem", "2021-01-01"),
        ("other.pem", "BEGIN CERTIFICATE"),
        ("none.pem", "No such file"),
    ] {
        let file = path(file);
        refuses(
            &mut scene,
            "providers.epaybl-th.client_cert_pem",
            file.clone(),
            &["epaybl-th", &file, words],
        )
        .await;
    }
    scene.setting("providers.epaybl-th.client_cert_pem", path("good.pem"));
    scene.command(&["check"]).await.exits(0).says(&[
        "epaybl-th",
        "good.pem: certificate of CN=",
        "until 2096-01-01",
        "days left",
    ]);
}

#[tokio::test]
async fn a_certificate_as_it_is_delivered_is_read_with_its_password() {
    let mut scene = ready().await;
    let file = |name: &str| format!("{}/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let password = scene.folder.path().join("password").display().to_string();
    std::fs::write(&password, "nur-zum-Testen\n").expect("written");
    scene.setting("providers.epaybl-th.client_p12", file("legacy-rc2-3des.p12"));
    scene.setting("providers.epaybl-th.ca_pem", file("ca.pem"));
    refuses(
        &mut scene,
        "providers.epaybl-th.client_p12_password",
        "geheim und falsch",
        &[
            "client_p12",
            "legacy-rc2-3des.p12",
            "client_p12_password is wrong",
        ],
    )
    .await;
    scene.setting("providers.epaybl-th.client_p12_password_file", password);
    scene.command(&["check"]).await.exits(0).says(&[
        "provider epaybl-th: client_p12",
        "certificate of O=TEST ONLY, CN=TEST ONLY connector client, serial 4711",
        "provider epaybl-th: ca_pem",
        "days left",
    ]);
}

#[tokio::test]
async fn a_service_of_the_standard_is_checked_as_any_provider() {
    let mut scene = ready().await;
    for (setting, value) in [
        ("kind", "xbezahldienste"),
        ("environment", "test"),
        ("version", "1.1.0"),
        ("base_url", "https://bezahldienst.example/api/v1.1.0/"),
    ] {
        scene.setting(&format!("providers.landesdienst.{setting}"), value);
    }
    scene.command(&["check"]).await.exits(0);
    for (setting, value, words) in [
        ("version", "2", "1.2.0"),
        ("auth.kind", "oauth2", "landesdienst.auth.client_secret"),
        ("originater", "mandant", "did you mean «originator»"),
        (
            "base_url",
            "http://bezahldienst.example/",
            "landesdienst.base_url",
        ),
    ] {
        let setting = format!("providers.landesdienst.{setting}");
        refuses(&mut scene, &setting, value, &["providers.landesdienst", words]).await;
    }
}

#[tokio::test]
async fn a_route_that_does_not_say_what_it_must_is_refused_by_its_path() {
    let scene = ready().await;
    let good = scene.tenants();
    let file = scene.folder.path().join("wrong.toml").display().to_string();
    let without = |line: &str| {
        good.lines()
            .filter(|other| !other.starts_with(line))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let cases = [
        (
            without("kennzeichen_mahnverfahren"),
            "route[0] (thavel-geburtsurkunde/16064003).kennzeichen_mahnverfahren: is missing",
        ),
        (
            without("expires_after_minutes"),
            "route[1] (thavel-ikfz/16064).expires_after_minutes: is missing",
        ),
        (
            without("anordnung"),
            "route[0] (thavel-geburtsurkunde/16064003).anordnung: is missing",
        ),
        (without("leika"), "route[1] (thavel-ikfz/16064).leika: is missing"),
        (
            good.replace("environment = \"test\"", "environment = \"production\""),
            "hkr: is missing: a Kasse of real money says which bookings go to its cash system",
        ),
        (
            good.replace("environment = \"test\"", "environment = \"production\"\nhkr = { postings = \"provider\", template = \"neutral-csv\", accounts = { \"*\" = \"1\" } }\n"),
            "route[0]",
        ),
        (
            good.replace("provider = \"epaybl-th\"", "provider = \"elsewhere\""),
            "elsewhere",
        ),
        (
            good.replace("anordnung =", "anordnug ="),
            "did you mean «anordnung»",
        ),
        (good.replace("16064003", "\\u0000"), "U+0000"),
        ("[[route]".to_owned(), "line 1"),
        ("\u{feff}[[route]]".to_owned(), "route"),
    ];
    for (text, words) in cases {
        std::fs::write(&file, text).expect("written");
        for command in [
            &["tenants", "plan"][..],
            &["tenants", "apply"],
            &["check", "--tenants"],
        ] {
            let command: Vec<&str> = command.iter().copied().chain([file.as_str()]).collect();
            scene.command(&command).await.exits(1).says(&[words]);
        }
    }
    scene
        .command(&["tenants", "plan", "/nowhere"])
        .await
        .exits(1)
        .says(&["/nowhere"]);
}

#[tokio::test]
async fn the_environment_goes_over_the_file_and_secrets_come_from_files() {
    let mut scene = ready().await;
    let key = scene.config["secrets"]["hash_key"]
        .as_str()
        .expect("a key")
        .to_owned();
    let file = scene.folder.path().join("hash_key");
    std::fs::write(&file, format!("{key}\n")).expect("written");
    let secrets = scene.config["secrets"].as_table_mut().expect("a section");
    secrets.remove("hash_key");
    secrets.insert("hash_key_file".to_owned(), "hash_key".into());
    scene.setting("server.listen", "127.0.0.1:1");
    // The same key as before, now from a file beside the configuration: the client's secret is still good.
    let process = scene.serve().await;
    let (status, _) = scene
        .portal()
        .get(&crate::portal::Order::nth(0))
        .await
        .expect("an answer");
    assert_eq!(status.as_u16(), 404, "it is let in, and there is no such payment");
    process.terminate();
    process.end(30).await.exits(0);
    let wrong = [("EPAYBL_WORKER__BATCH", "many"), ("EPAYBL_WORKER__BACTH", "1")];
    scene
        .command_with(&["check"], &wrong[..1])
        .await
        .exits(1)
        .says(&["worker.batch", "whole number"]);
    scene
        .command_with(&["check"], &wrong[1..])
        .await
        .exits(1)
        .says(&["worker.bacth", "did you mean «batch»"]);
    let path = scene.config_file().display().to_string();
    child::run(&["check"], &[("EPAYBL_CONFIG", &path)]).await.exits(0);
}
