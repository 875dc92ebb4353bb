//! The pages and their buttons, over HTTP.

use reqwest::{Client, header, redirect::Policy};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::sandbox::{Cents, Fault, Options, Sandbox};

struct Desk {
    sandbox: Sandbox,
    client: Client,
}

impl Desk {
    async fn new() -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = Client::builder().no_proxy().redirect(Policy::none()).build();
        Self {
            sandbox: Sandbox::start(listener, Options::default())
                .await
                .expect("a sandbox"),
            client: client.expect("a client"),
        }
    }

    async fn create(&self, number: &str) -> String {
        let list = json!({
            "faelligkeitsdatum": "01.03.2027 12:00:00", "waehrungskennzeichen": "EUR",
            "kennzeichenMahnverfahren": "11000", "transaktionsnummer": number,
            "zahlverfahrencodes": ["KREDITKARTE"],
            "buchungen": [{ "bruttobetrag": Cents::new(4150), "nettobetrag": Cents::new(4150),
                "steuerbetrag": 0, "buchungstext": "GEBÜHR",
                "kontierung": { "haushaltstelle": "1100.1000", "objektnummer": "0000000001" } }],
            "kunde": { "name": "<b>Muster</b>", "typ": "TEMPORAER", "kundennummer": number },
            "zahltyp": "PAYPAGE", "betrag": Cents::new(4150)
        });
        let url = format!(
            "{}/epayment/fachverfahren/v1_0/mandanten/TH000001/bewirtschafter/BW100001/buchungslisten",
            self.sandbox.konnektor_url()
        );
        let answer = self.client.post(url).json(&list).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["kassenzeichen"]
            .as_str()
            .expect("a Kassenzeichen")
            .to_owned()
    }

    /// The addresses of the page, each completed to one that answers a GET, if it is right.
    fn addresses(&self, page: &str) -> Vec<String> {
        let root = self.sandbox.base_url().as_str();
        let found: Vec<_> = page
            .split("<code>")
            .filter_map(|rest| rest.split_once("</code>"))
            .filter(|(text, _)| text.starts_with(root))
            .map(|(text, _)| match text {
                konnektor if konnektor.ends_with("/konnektor") => format!(
                    "{konnektor}/epayment/fachverfahren/v1_0/mandanten/TH000001/bewirtschafter/BW100001/status"
                ),
                version if version.contains("/xbezahldienste/v") => format!("{version}/status"),
                other => other.replace("&#38;", "&"),
            })
            .collect();
        assert_eq!(found.len(), 10, "{page}");
        found
    }

    async fn page(&self, path: &str) -> String {
        let url = self.sandbox.base_url().join(path).expect("an address");
        let answer = self.client.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("text")
    }

    /// Presses a button: status, where it leads, and the page.
    async fn press(&self, form: &str, from: &[(&str, &str)]) -> (u16, String, String) {
        let url = self.sandbox.base_url().join("desk/act").expect("an address");
        let kind = "application/x-www-form-urlencoded";
        let mut request = self.client.post(url).header(header::CONTENT_TYPE, kind);
        for (name, value) in from {
            request = request.header(*name, *value);
        }
        let answer = request.body(form.to_owned()).send().await.expect("an answer");
        let to = answer.headers().get(header::LOCATION);
        let to = to.map_or("", |to| to.to_str().expect("text")).to_owned();
        (answer.status().as_u16(), to, answer.text().await.expect("text"))
    }

    fn saldo(&self, kassenzeichen: &str) -> i64 {
        self.sandbox
            .payment(kassenzeichen)
            .expect("a payment")
            .saldo
            .get()
    }
}

#[tokio::test]
async fn the_buttons_do_what_payer_bank_and_authority_would() {
    let desk = Desk::new().await;
    let kz = desk.create("K1").await;
    for (form, saldo, word) in [
        (
            "action=transfer-for&amount=1.000,50&purpose=",
            -95_900,
            "Zahlungseingang",
        ),
        ("action=return&amount=1000,50&reason=MS03", 4150, "Rückgabe"),
        ("action=pay&method=KREDITKARTE&amount=", 0, "bezahlt"),
        ("action=return&reason=MD06", 4150, "MD06"),
        ("action=storno&amount=41.50", 0, "Storno"),
    ] {
        let (status, to, page) = desk
            .press(&format!("{form}&kassenzeichen={kz}&page=1"), &[])
            .await;
        assert_eq!(
            (status, to),
            (303, format!("/?page=1&done=true#kz-{kz}")),
            "{form}: {page}"
        );
        assert_eq!(desk.saldo(&kz), saldo, "{form}");
        assert!(desk.page("/?page=1&done=true").await.contains(word), "{form}");
    }
    let other = desk.create("K2").await;
    desk.press(&format!("action=expire&kassenzeichen={other}"), &[])
        .await;
    let page = desk.page("").await;
    assert!(
        page.contains("abgelaufen") && page.contains("&#60;b&#62;Muster"),
        "{page}"
    );
    assert!(page.find(&other) < page.find(&kz), "the newest first");
}

#[tokio::test]
async fn money_to_an_account_and_days_that_pass_make_a_statement_to_download() {
    let desk = Desk::new().await;
    let iban = desk
        .sandbox
        .bank_account("TH000001", "BW100001")
        .expect("an account")
        .iban;
    assert!(desk.page("desk/accounts").await.contains("Noch kein Auszug"));
    for form in [
        format!("action=transfer&iban={iban}&amount=5&purpose=Spende&payer=Otto&here=/desk/accounts"),
        format!("action=foreign&iban={iban}&amount=7&purpose=7712345678901&here=/desk/accounts"),
        "action=forward&days=7&here=/desk/accounts".to_owned(),
    ] {
        let (status, to, page) = desk.press(&form, &[]).await;
        assert_eq!(
            (status, to.as_str()),
            (303, "/desk/accounts?page=1&done=true#done"),
            "{page}"
        );
    }
    let page = desk.page("desk/accounts").await;
    let file = format!("/sandbox/bank/{iban}/statements/");
    assert!(page.contains(&file) && page.contains("12,00 €"), "{page}");
    for address in desk.addresses(&page) {
        let answer = desk.client.get(&address).send().await.expect("an answer");
        let lost = answer.status() == 404 && answer.text().await.expect("text").is_empty();
        assert!(!lost, "{address} leads nowhere");
    }
    assert!(
        page.contains("originatorId <code>BW100001</code>")
            && page.contains("endPointId <code>TH000001</code>")
    );
    let receipts = desk.page("desk/receipts").await;
    assert!(
        receipts.contains("7712345678901") && receipts.contains("fremd"),
        "{receipts}"
    );
    assert!(
        !receipts.contains("Spende"),
        "nobody's money is no Zahlungseingang"
    );
}

#[tokio::test]
async fn a_fault_is_set_for_the_next_payment_or_for_everything_and_ended() {
    let desk = Desk::new().await;
    let first = desk.page("").await;
    assert!(first.contains("status-lags:2") && first.contains("drop-after-create"));
    assert!(!first.contains("expired-certificate"), "it needs TLS");
    for form in [
        "action=fault-next&fault=status-lags:2&value=3",
        "action=fault-all&fault=no-notify&value=",
        "action=fault-all&fault=no-notify",
    ] {
        let (status, to, page) = desk.press(&format!("{form}&page=1"), &[]).await;
        assert_eq!(
            (status, to.as_str()),
            (303, "/?page=1&done=true#done"),
            "{form}: {page}"
        );
    }
    let page = desk.page("").await;
    assert!(page.contains("<code>status-lags:3</code>") && page.contains("<code>no-notify</code>"));
    let kz = desk.create("K1").await;
    let faults = desk.sandbox.payment(&kz).expect("a payment").faults;
    assert_eq!(faults, [Fault::StatusLags { reads: 3 }, Fault::NoNotify]);
    for (form, says) in [
        ("action=fault-next&fault=slow&value=5", "slow:5 is no fault"),
        ("action=fault-next&fault=expired-certificate", "about connections"),
        ("action=fault-all&fault=expired-certificate", "needs a sandbox"),
    ] {
        let (status, _, page) = desk.press(form, &[]).await;
        assert_eq!(status, 400, "{form}");
        assert!(page.contains(says), "{form}: {page}");
    }
    desk.press("action=no-faults", &[]).await;
    let none = desk.create("K2").await;
    assert!(desk.sandbox.payment(&none).expect("a payment").faults.is_empty());
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let desk = Desk::new().await;
    let kz = desk.create("K1").await;
    let form = format!("action=storno&kassenzeichen={kz}");
    let host = desk.sandbox.base_url().as_str().trim_end_matches('/').to_owned();
    for from in [
        [("sec-fetch-site", "cross-site"), ("accept", "*/*")],
        [("sec-fetch-site", "same-site"), ("origin", host.as_str())],
        [("origin", "https://evil.example"), ("accept", "*/*")],
        [("origin", "null"), ("accept", "*/*")],
    ] {
        let (status, _, page) = desk.press(&form, &from).await;
        assert_eq!(status, 403, "{from:?}");
        assert!(page.contains("another site"));
    }
    assert_eq!(desk.saldo(&kz), 4150);
    let (status, ..) = desk.press(&form, &[("origin", &host)]).await;
    assert_eq!((status, desk.saldo(&kz)), (303, 0));
}

#[tokio::test]
async fn what_a_button_cannot_do_is_said_and_leads_back() {
    let desk = Desk::new().await;
    let kz = desk.create("K1").await;
    for (form, status, says) in [
        (
            "action=pay&kassenzeichen=4711&page=3".to_owned(),
            404,
            "4711 is unknown",
        ),
        (
            format!("action=return&kassenzeichen={kz}"),
            409,
            "cannot be returned",
        ),
        (
            format!("action=storno&kassenzeichen={kz}&amount=viel"),
            400,
            "viel is no amount",
        ),
        (
            format!("action=storno&kassenzeichen={kz}&amount=-1"),
            400,
            "-1.00 EUR",
        ),
        ("action=forward&days=100000".to_owned(), 400, "1 to 366 days"),
        ("action=dance".to_owned(), 400, "no such button"),
    ] {
        let (answered, _, page) = desk.press(&form, &[]).await;
        assert_eq!(answered, status, "{form}: {page}");
        assert!(
            page.contains(says) && page.contains("href=\"/?page="),
            "{form}: {page}"
        );
    }
}

#[tokio::test]
async fn a_long_list_has_pages() {
    let desk = Desk::new().await;
    for number in 0..=LISTED {
        desk.create(&format!("K{number}")).await;
    }
    let (first, second) = (desk.page("?page=1").await, desk.page("?page=2").await);
    assert_eq!(first.matches("<article").count(), LISTED);
    assert!(first.contains("Seite 1 von 2") && first.contains("rel=\"next\""));
    assert_eq!(second.matches("<article").count(), 1);
    assert!(second.contains("(K0)") && !second.contains("rel=\"next\""));
    assert!(desk.page("?page=99999").await.contains("Seite 2 von 2"));
}
