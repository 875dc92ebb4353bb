//! Stories of the SOAP service. Every answer is held against the WSDL: names, order, types.

mod clients;
mod faults;
mod forms;
mod hostile;
mod kassenzeichen;
mod kunden;
mod paypage;
mod profiles;
mod receipts;
mod schema;
mod tree;

use self::{schema::Schema, tree::Tree};
use super::*;

/// What was answered.
struct Answered {
    status: u16,
    /// The result, or the Fault.
    tree: Tree,
}

impl Answered {
    fn ok(&self) -> &Self {
        assert_eq!(self.code(), "+0000", "{:?}", self.tree);
        self
    }

    /// The result code, wherever it stands.
    fn code(&self) -> &str {
        let ergebnis = self.tree.child("ergebnis").unwrap_or(&self.tree);
        let text = ergebnis.child("text").unwrap_or(ergebnis);
        text.text("code")
    }

    /// The text at the end of a way through the result.
    fn at(&self, way: &str) -> Option<&str> {
        let found = (way.split('/')).try_fold(&self.tree, |tree, name| tree.child(name))?;
        Some(found.text.as_str())
    }

    fn fault(&self) -> (&str, &str) {
        assert_eq!(self.tree.name, "Fault", "{:?}", self.tree);
        (self.tree.text("faultcode"), self.tree.text("faultstring"))
    }
}

/// The envelope of a call with these parameters.
fn envelope(operation: &str, parameters: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope \
         xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:p=\"http://www.bff.bund.de/ePayment\"><e:Body>\
         <p:{operation}>{parameters}</p:{operation}></e:Body></e:Envelope>"
    )
}

const MANDANT: &str = "<mandantNr>1610000000</mandantNr>";
const BEWIRTSCHAFTER: &str = "<bewirtschafterNr>42</bewirtschafterNr>";

/// A Kunde of this number.
fn kunde(number: &str) -> String {
    format!(
        "<kunde><EShopKundenNr>{number}</EShopKundenNr><vorname>Eva</vorname><nachname>Müster</nachname>\
         <sprache>de</sprache></kunde>"
    )
}

/// A good Buchungsliste over so many euros and cents, with this number.
fn liste(number: &str, amount: &str) -> String {
    format!(
        "<buchungsListe><betrag>{amount}</betrag><waehrungskennzeichen>EUR</waehrungskennzeichen>\
         <faelligkeitsdatum>2026-03-01T12:00:00Z</faelligkeitsdatum><buchungen><buchungen>\
         <haushaltsstelle>1100.10000</haushaltsstelle><objektnummer>0000000001</objektnummer>\
         <buchungstext>MAHNGEBÜHR</buchungstext><betrag>{amount}</betrag></buchungen></buchungen>\
         <bewirtschafterNr>42</bewirtschafterNr><kennzeichenMahnverfahren>01</kennzeichenMahnverfahren>\
         <EShopTransaktionsNr>{number}</EShopTransaktionsNr></buchungsListe>"
    )
}

const MANY: &str = "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP";

impl Stage {
    async fn with_world(change: impl FnOnce(&mut Account)) -> Self {
        let mut world = World::demo();
        change(&mut world.accounts[0]);
        Self::with(Options { world, ..options() }).await
    }

    async fn send(&self, body: impl Into<reqwest::Body>, content_type: &str) -> reqwest::Response {
        let request = self.client.post(self.sandbox.soap_url());
        let request = request.header("Content-Type", content_type).body(body);
        request.send().await.expect("an answer")
    }

    /// Posts an envelope as it is.
    async fn post_soap(&self, body: impl Into<reqwest::Body>, content_type: &str) -> Answered {
        let answer = self.send(body, content_type).await;
        let status = answer.status().as_u16();
        assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
        let text = answer.text().await.expect("text");
        let tree = Tree::read(&text).expect("XML");
        let answered = tree.only("Envelope").only_child("Body").only_children();
        if answered.name == "Fault" {
            return Answered {
                status,
                tree: answered.clone(),
            };
        }
        let version = if text.contains("<text xsi:type") { "3" } else { "2" };
        Schema::of(self, version).await.check(answered);
        let tree = answered.only_children().clone();
        Answered { status, tree }
    }

    /// Calls an operation with these parameters behind mandantNr.
    async fn soap(&self, operation: &str, parameters: &str) -> Answered {
        let body = envelope(operation, &format!("{MANDANT}{parameters}"));
        self.post_soap(body, "text/xml; charset=utf-8").await
    }

    async fn soap_kunde(&self, number: &str) {
        let parameters = format!("{BEWIRTSCHAFTER}{}", kunde(number));
        self.soap("anlegenKunde", &parameters).await.ok();
    }

    /// A Kassenzeichen for the Kunde K1, who is there already.
    async fn soap_create(&self, number: &str, amount: &str) -> Answered {
        let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", liste(number, amount));
        self.soap(MANY, &parameters).await
    }

    async fn soap_payment(&self) -> String {
        self.soap_kunde("K1").await;
        let answer = self.soap_create("TX1", "23.45").await;
        (answer.ok().at("buchungsListe/kassenzeichen"))
            .expect("a Kassenzeichen")
            .to_owned()
    }

    async fn soap_info(&self, kassenzeichen: &str) -> Answered {
        let parameters = format!("<kassenzeichen>{kassenzeichen}</kassenzeichen>");
        self.soap("lesenKassenzeichenInfo", &parameters).await
    }
}

#[tokio::test]
async fn a_payment_is_made_as_the_libraries_make_it() {
    let stage = Stage::new().await;
    stage.soap("isAlive", "").await.ok();
    stage.soap_kunde("K1").await;
    let created = stage.soap_create("TX1", "23.45").await;
    let kassenzeichen = created.ok().at("buchungsListe/kassenzeichen").expect("one");
    assert_eq!(kassenzeichen, "4200000000001");
    assert_eq!(
        created.at("buchungsListe/buchungen/buchungen/belegNr"),
        Some("00000101")
    );
    let deleted = format!("{BEWIRTSCHAFTER}<EShopKundenNr>K1</EShopKundenNr>");
    stage.soap("loeschenKunde", &deleted).await.ok();
    let open = stage.soap_info(kassenzeichen).await;
    assert_eq!(open.ok().at("paypageStatus/code"), Some("AKTIV"));
    assert_eq!(open.at("zahlverfahren"), None);
    stage
        .sandbox
        .pay(kassenzeichen, Some("PAYPAL"))
        .expect("payable")
        .done()
        .await;
    let paid = stage.soap_info(kassenzeichen).await;
    assert_eq!(paid.ok().at("paypageStatus/code"), Some("INAKTIV"));
    for (way, text) in [
        ("zahlverfahren", "PAYPAL"),
        ("saldo", "0.00"),
        ("betragHauptforderungen", "23.45"),
        ("betragZahlungseingaenge", "23.45"),
        ("EShopKundennummer", "K1"),
        ("name", "Müster"),
        ("vorname", "Eva"),
        ("waehrung", "EUR"),
        ("kassenzeichen", kassenzeichen),
    ] {
        assert_eq!(paid.at(way), Some(text), "{way}");
    }
    let counts = stage.sandbox.counts();
    assert_eq!((counts.status, counts.creates, counts.reads), (1, 1, 2));
    assert_eq!(counts.soap["anlegenKunde"], 1);
}

#[tokio::test]
async fn no_two_answers_have_the_same_id() {
    let stage = Stage::new().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let alive = stage.soap("isAlive", "").await;
        assert!(ids.insert(alive.at("EPaymentId").expect("an id").to_owned()));
        assert!(alive.at("EPaymentTimestamp").expect("a time").ends_with('Z'));
        assert_eq!(alive.at("istOk"), Some("true"));
    }
}

#[tokio::test]
async fn both_faces_show_the_same_payment() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let konnektor = (stage.at(""))
        .replace("TH000001", "1610000000")
        .replace("BW100001", "42");
    let url = format!("{konnektor}kassenzeichen/{kassenzeichen}");
    let read = stage.client.get(url).send().await.expect("an answer");
    let read: Value = read.json().await.expect("JSON");
    assert_eq!(read["kassenzeichen"]["zusatzdaten"]["paypagestatus"], "INAKTIV");
    let number = stage.create("TX1", 4150).await;
    assert_eq!(
        number["ergebnis"]["rc"], "+0000",
        "another Mandant has numbers of its own"
    );
}
