//! What the connector writes about itself: JSON lines, one id through a payment's life, and nothing that is secret or
//! somebody's.

use epaybl_connector::sandbox::Options;
use serde_json::Value;

use crate::portal::Order;
use crate::scene::Scene;
use crate::support::databases;
use crate::{books, patience};

/// What a payer and a portal bring, none of which is the log's.
const SOMEBODYS: [&str; 7] = [
    "Zwiebelfisch",
    "Kunigunde",
    "Geheimgasse",
    "DE02120300000000202051",
    "aktenkundig",
    "zurueck",
    "kunigunde@example.org",
];

fn order() -> Order {
    let mut order = Order::nth(0);
    order.body = order
        .body
        .replace("\"Muster\"", "\"Zwiebelfisch\"")
        .replace("\"Eva\"", "\"Kunigunde\"")
        .replace("Marktstraße", "Geheimgasse")
        .replace(
            "Geburtsurkunde mit Mehrfachausfertigung",
            "IBAN DE02120300000000202051 kunigunde@example.org",
        )
        .replace("\"purpose\": \"Geburtsurkunde\"", "\"purpose\": \"aktenkundig\"");
    assert!(
        SOMEBODYS.iter().all(|word| order.body.contains(word)),
        "{}",
        order.body
    );
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_json_with_one_id_through_a_payments_life_and_holds_nothing_secret() {
    // Everything that the program itself can say, on every database that is there.
    let filter = "info,epaybl_connector=trace";
    for database in databases().await {
        let mut scene = Scene::set(&database, Options::default()).await;
        scene.setting("log.filter", filter);
        let process = scene.serve().await;
        let (portal, order) = (scene.portal(), order());
        portal.whole_way(&order).await;
        patience::within(30, "its events", scene.gateway.wait_for(2)).await;
        // What is refused is not written down either.
        let mut broken = order.clone();
        broken.request_id = "antrag-2".to_owned();
        broken.body = order
            .body
            .replace("antrag-00000", "antrag-2")
            .replace("22.50", "22.51");
        let (status, _) = portal.post(&broken).await.expect("an answer");
        assert_eq!(status.as_u16(), 400);
        let token = scene.url("/oauth/token");
        let form = format!(
            "grant_type=client_credentials&client_id=thavel&client_secret={}",
            scene.secret
        );
        let request = portal
            .http
            .post(&token)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = request
            .body(form)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        let bearer = answer["access_token"].as_str().expect("a token").to_owned();
        let status = scene.url("/xbezahldienste/status");
        let answer = portal
            .http
            .get(status)
            .bearer_auth(&bearer)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        let wrong = portal
            .http
            .post(&token)
            .basic_auth("thavel", Some("falschgeheim"));
        let answer = wrong
            .body("grant_type=client_credentials")
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 401);
        process.terminate();
        let log = process.end(30).await.exits(0).err;

        let mut forbidden: Vec<String> = SOMEBODYS.map(str::to_owned).to_vec();
        forbidden.extend([
            bearer,
            scene.secret.clone(),
            "sandbox-secret".to_owned(),
            "falschgeheim".to_owned(),
        ]);
        let keys = [
            "secrets.hash_key",
            "secrets.token_keys",
            "secrets.encryption_keys",
            "audit.signing_key",
            "notify.secrets",
        ];
        for path in keys {
            let (section, name) = path.split_once('.').expect("a path");
            texts(&scene.config[section][name], &mut forbidden);
        }
        for sql in ["SELECT token FROM attempt", "SELECT token FROM payment"] {
            forbidden.extend(books::rows(&scene.database_url, sql).await.concat());
        }
        for word in forbidden {
            let line = log.lines().find(|line| line.contains(&word));
            assert_eq!(line, None, "«{word}» is in the log at «{filter}»");
        }

        let lines: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect();
        let case = &books::rows(&scene.database_url, "SELECT id FROM cases").await[0][0];
        for message in [
            "payment accepted",
            "callback taken",
            "the provider told",
            "booked and told",
            "event delivered",
        ] {
            let of = lines.iter().filter(|line| line["message"] == message);
            assert!(of.clone().count() > 0, "«{message}» is not in {log}");
            assert!(of.clone().all(|line| line["case"] == **case), "{message}");
        }
    }
}

/// The texts in a value of the configuration, but for short names.
fn texts(value: &toml::Value, into: &mut Vec<String>) {
    match value {
        toml::Value::String(text) if text.len() > 20 => into.push(text.clone()),
        toml::Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
        toml::Value::Table(table) => table.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}
