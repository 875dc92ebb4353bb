//! Closings over HTTP: prepared, read as documents, signed by two persons; in words that the configuration chose.

use std::collections::BTreeMap;

use epaybl_connector::sandbox::{Cents, StatementFormat};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::{Answer, car};
use crate::statements::{KASSE, WEEKEND, by_transfer_with, iban, import};

const PERSONS: [&str; 4] = ["kasse", "kassenverwalter", "auditor", "anordner"];

/// Whoever calls, with their secrets.
struct Office<'a> {
    world: &'a World,
    secrets: BTreeMap<&'static str, String>,
}

impl<'a> Office<'a> {
    async fn of(world: &'a World) -> Self {
        let mut secrets = BTreeMap::new();
        for person in PERSONS {
            let secret = world.stage().client_secret(person).await.expect("a secret");
            secrets.insert(person, secret);
        }
        Self { world, secrets }
    }

    fn request(&self, method: Method, person: &str, path: &str) -> RequestBuilder {
        let url = self.world.url(&format!("/api/v1/kassen/{KASSE}/closings{path}"));
        let request = self.world.http.request(method, url);
        request.basic_auth(person, Some(&self.secrets[person]))
    }

    async fn get(&self, person: &str, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, person, path)).await
    }

    async fn post(&self, person: &str, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, person, path).json(&body)).await
    }
}

#[tokio::test]
async fn a_day_is_closed_read_and_signed_by_two_persons_over_http() {
    with_each_provider(&[soap3()], async |world| {
        let words = "\n[closing.wording.doppisch]\ntitle = \"Tagesabschluss der Kreiskasse\"\n";
        world.reconfigure(|text| text + words).await;
        let person = |id: &str| {
            format!("\n[[client]]\nid = \"{id}\"\nname = \"{id}\"\nroles = {{ unstrut-hainich-kreis = [\"{id}\"] }}\n")
        };
        let persons = PERSONS.map(person).concat();
        by_transfer_with(world, "holds = \"exclusive\"", &persons).await;
        let office = Office::of(world).await;
        world.open(CAR, &car("c-1")).await;
        let kz = world.newest().kassenzeichen;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kz)
            .expect("a transfer");
        world.forward(WEEKEND);
        import(world, StatementFormat::Camt08).await;
        for (who, status) in [("auditor", 403), ("anordner", 403)] {
            let refused = office.post(who, "", json!({})).await;
            assert_eq!(refused.status, status, "{}", refused.text);
        }
        assert_eq!(office.get("anordner", "").await.status, 403);
        assert_eq!(office.post("kasse", "", json!({"day": "2027-01-01"})).await.status, 400);
        assert_eq!(office.post("kasse", "", json!({"day": "gestern"})).await.status, 400);
        let prepared = office.post("kasse", "", json!({})).await;
        let closing = &prepared.body["closing"];
        let (number, digest) = (closing["number"].clone(), closing["digest"].clone());
        assert_eq!(closing["missing"], json!(["clerk", "kassenverwalter"]), "{}", prepared.text);
        let list = office.get("auditor", "").await;
        assert!(list.body["closings"].as_array().is_some_and(|all| all.iter().any(|one| one["digest"] == digest)));
        // As documents.
        let at = format!("/{number}");
        let document = office.get("auditor", &at).await;
        assert_eq!(document.body["digest"], digest);
        let report = office.get("auditor", &format!("{at}/report")).await;
        assert_eq!((report.status, report.header("content-type")), (200, "application/pdf"));
        assert!(report.text.starts_with("%PDF"));
        let table = office.get("auditor", &format!("{at}/tables/konten")).await;
        assert!(table.status == 200 && table.text.contains("bank/"), "{}", table.text);
        for missing in ["/99", "/x", &format!("{at}/tables/zauber"), "/99/report"] {
            assert_eq!(office.get("auditor", missing).await.status, 404, "{missing}");
        }
        // Signed: what was looked at, in one's own role, by two.
        let sign = format!("{at}/signatures");
        let other = json!({"digest": "00".repeat(32), "role": "clerk"});
        assert_eq!(office.post("kasse", &sign, other).await.status, 409);
        let as_clerk = json!({"digest": digest, "role": "clerk"});
        let as_leader = json!({"digest": digest, "role": "kassenverwalter"});
        assert_eq!(office.post("kasse", &sign, as_leader.clone()).await.status, 403);
        assert_eq!(office.post("auditor", &sign, as_clerk.clone()).await.status, 403);
        assert_eq!(office.post("kasse", &sign, json!({"digest": "x", "role": "clerk"})).await.status, 400);
        assert_eq!(office.post("kasse", &sign, as_clerk.clone()).await.status, 201);
        assert_eq!(office.post("kasse", &sign, as_clerk).await.status, 409);
        let signed = office.post("kassenverwalter", &sign, as_leader).await;
        assert_eq!((signed.status, &signed.body["missing"]), (201, &json!([])), "{}", signed.text);
        // The next day, page by page: what is filed is not read for the list.
        world.open(CAR, &car("c-2")).await;
        let kz = world.newest().kassenzeichen;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kz)
            .expect("a transfer");
        world.forward(86_400);
        import(world, StatementFormat::Camt08).await;
        let second = office.post("kasse", "", json!({})).await;
        assert_eq!(second.body["closing"]["number"], 2, "{}", second.text);
        let first = office.get("auditor", "?limit=1").await.body;
        assert_eq!((&first["closings"][0]["digest"], &first["next"]), (&digest, &json!(1)));
        let signed = first["closings"][0]["signatures"].as_array().expect("signatures");
        let by: Vec<_> = signed.iter().map(|one| (one["person"].as_str(), one["role"].as_str())).collect();
        assert_eq!(by, [(Some("kasse"), Some("clerk")), (Some("kassenverwalter"), Some("kassenverwalter"))]);
        let rest = office.get("auditor", "?limit=1&after=1").await.body;
        let only = &rest["closings"][0];
        assert_eq!((&only["number"], &only["signatures"], &rest["next"]), (&json!(2), &json!([]), &Value::Null));
        assert_eq!(only["digest"], second.body["closing"]["digest"]);
        assert_eq!(office.get("auditor", "?limit=201").await.status, 400);
        world.everything_is_whole().await;
    })
    .await;
}
