//! The REST Konnektor: what reaches it, and what follows from an answer that is lost.

use epaybl_connector::sandbox::Fault;
use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, on_every_database};
use crate::requests::{car, certificate};

/// The Buchungen of the newest create call: text, net, tax and title of each.
fn buchungen(list: &Value) -> Vec<(String, String, String, Value)> {
    let lines = list["buchungen"].as_array().expect("Buchungen");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    lines
        .iter()
        .map(|line| {
            let title = line["kontierung"].clone();
            (
                text(&line["buchungstext"]),
                text(&line["nettobetrag"]),
                text(&line["steuerbetrag"]),
                title,
            )
        })
        .collect()
}

#[tokio::test]
async fn the_list_says_what_the_route_says_and_is_due_at_noon_in_berlin() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("l-1")).await;
        let list = world.sandbox().lists().remove(0);
        for (member, expected) in [
            ("kassenzeichennummer", Value::Null),
            ("faelligkeitsdatum", json!("21.11.2026 12:00:00")),
            ("waehrungskennzeichen", json!("EUR")),
            ("kennzeichenMahnverfahren", json!("11000")),
            ("zahlverfahrencodes", json!(["KREDITKARTE", "PAYPAL"])),
            ("zahltyp", json!("PAYPAGE")),
        ] {
            assert_eq!(list[member], expected, "{member}");
        }
        assert_eq!(list["betrag"].to_string(), "22.50", "an exact decimal");
        let title =
            |haushaltstelle: &str| json!({"haushaltstelle": haushaltstelle, "objektnummer": "0000000001"});
        let expected = [
            ("GEBURTSURKUNDE", "15.00", "0.00", title("0500.1000")),
            ("WEITERE AUSFERTIGUNG", "7.50", "0.00", title("0500.1001")),
        ];
        let expected =
            expected.map(|(text, net, tax, title)| (text.to_owned(), net.to_owned(), tax.to_owned(), title));
        assert_eq!(buchungen(&list), expected);
        // Late on the evening before summer time begins, Berlin is a day further than UTC, and noon is noon.
        let spring: jiff::Timestamp = "2027-03-27T23:30:00Z".parse().expect("an instant");
        world.forward(spring.as_second() - world.now().seconds());
        world.open(CERTIFICATE, &certificate("l-2")).await;
        assert_eq!(
            world.sandbox().lists().remove(1)["faelligkeitsdatum"],
            "28.03.2027 12:00:00"
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_of_the_payer_but_the_name_reaches_the_provider() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("n-1")).await;
        let list = world.sandbox().lists().remove(0);
        assert_eq!(
            (&list["kunde"]["name"], &list["kunde"]["vorname"]),
            (&json!("Muster"), &json!("Eva"))
        );
        for personal in ["Marktstra", "99947", "Langensalza", "portal.example"] {
            assert!(
                !list.to_string().contains(personal),
                "{personal} reached the provider"
            );
        }
        world.open(CAR, &car("n-2")).await;
        let list = world.sandbox().lists().remove(1);
        assert_eq!(
            (&list["kunde"]["name"], &list["kunde"]["vorname"]),
            (&json!("Antragsteller"), &Value::Null)
        );
    })
    .await;
}

#[tokio::test]
async fn buchungen_are_as_fine_as_the_route_wants_them() {
    on_every_database(async |world| {
        let granularity = |how: &'static str| {
            move |text: String| text.replace("soll = \"paid\"", &format!("soll = \"paid\"\ngranularity = \"{how}\""))
        };
        let mut body = certificate("title");
        body["items"][1]["bookingData"] = json!({});
        let third = json!({"id": "3", "reference": "URKUNDE-3", "taxRate": 0, "quantity": 2, "totalNetAmount": 2.00,
            "totalTaxAmount": 0, "singleNetAmount": 1.00, "singleTaxAmount": 0,
            "bookingData": {"haushaltsstelle": "0500.1001"}});
        body["items"].as_array_mut().expect("items").push(third);
        body["grosAmount"] = json!(24.5);
        world.tenants(granularity("title")).await;
        world.paid(CERTIFICATE, &body, "PAYPAL").await;
        let lists = world.sandbox().lists();
        let lines: Vec<_> = buchungen(&lists[0]).into_iter().map(|line| (line.0, line.1)).collect();
        let expected = [("GEBURTSURKUNDE", "22.50"), ("GEBURTSURKUNDE", "2.00")];
        assert_eq!(lines, expected.map(|(text, net)| (text.to_owned(), net.to_owned())), "the purpose for each title");
        world.tenants(granularity("total")).await;
        body["requestId"] = json!("total");
        world.paid(CERTIFICATE, &body, "PAYPAL").await;
        assert_eq!(buchungen(&world.sandbox().lists()[1]).len(), 1);
        let soll = "sollstellung: forderung an erloes/0500.1000/0000000001 15.00, \
                    forderung an erloes/0500.1000/0000000001 7.50, forderung an erloes/0500.1001/0000000001 2.00";
        assert_eq!(world.bookings().await.iter().filter(|booking| *booking == soll).count(), 2, "books are per item");
    })
    .await;
}

#[tokio::test]
async fn tax_is_a_line_of_its_own_in_the_books_and_has_its_key_at_the_provider() {
    on_every_database(async |world| {
        let rule = "soll = \"paid\"\ntax = [{ rate = \"19\", key = \"A19\", objektnummer = \"0000000019\", href = \"stsl=A19;\" }]";
        world.tenants(|text| text.replace("soll = \"paid\"", rule)).await;
        let mut body = certificate("tax");
        body["items"][0]["taxRate"] = json!(19);
        body["items"][0]["totalTaxAmount"] = json!(2.85);
        body["items"][0]["singleTaxAmount"] = json!(2.85);
        body["grosAmount"] = json!(25.35);
        world.paid(CERTIFICATE, &body, "KREDITKARTE").await;
        let list = world.sandbox().lists().remove(0);
        let first = &list["buchungen"][0];
        assert_eq!(first["bruttobetrag"].to_string(), "17.85");
        assert_eq!(first["steuerbetrag"].to_string(), "2.85");
        assert_eq!(first["kontierung"]["objektnummer"], "0000000019");
        assert!(first.to_string().contains("stsl=A19;"), "{first}");
        let bookings = world.bookings().await;
        assert!(bookings[0].contains("forderung an steuer/A19 2.85"), "{bookings:?}");
        assert_eq!(world.booked().await, [("sollstellung".to_owned(), 2535), ("zahlung".to_owned(), 2535)]);
    })
    .await;
}

#[tokio::test]
async fn texts_are_brought_to_the_providers_length_and_characters_and_never_refused() {
    on_every_database(async |world| {
        let mut body = certificate("texts");
        body["description"] = json!("Ä".repeat(250));
        body["items"][0]["description"] = json!(format!("§ 5 «VwKostG» {} ☃", "lang ".repeat(40)));
        body["requestor"]["name"] = json!("Wolfeschlegelsteinhausenbergerdorff-Łukasiewicz");
        world.open(CERTIFICATE, &body).await;
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_answer_the_same_number_is_sent_again_and_taken_if_the_first_never_arrived() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Http500);
        let pay_url = world.open(CERTIFICATE, &certificate("lost")).await;
        assert_eq!(world.sandbox().payments().len(), 0);
        world.live(60, 20).await;
        let numbers: Vec<_> = world
            .sandbox()
            .lists()
            .iter()
            .map(|list| list["transaktionsnummer"].clone())
            .collect();
        assert_eq!((numbers.len(), &numbers[0]), (2, &numbers[1]));
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        assert_eq!(world.status(CERTIFICATE, "lost").await, "PAYED");
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_answer_a_used_number_is_orphaned_and_a_linked_attempt_takes_its_place() {
    for fault in [Fault::DropAfterCreate, Fault::ErrorAfterCreate] {
        on_every_database(async |world| {
            world.sandbox().fail_next(fault.clone());
            let pay_url = world.open(CERTIFICATE, &certificate("orphan")).await;
            assert_eq!(
                world.sandbox().payments().len(),
                1,
                "it was created, but nobody knows"
            );
            assert!(
                world.browse(&pay_url).await.text.contains("Einen Moment bitte"),
                "no page is handed out"
            );
            world.live(60, 20).await;
            let payments = world.sandbox().payments();
            assert_eq!(payments.len(), 2);
            assert_eq!(world.exceptions().await, ["verwaist"]);
            assert_eq!(
                world.browse(&pay_url).await.location(),
                payments[1].paypage,
                "the new page"
            );
            let back = world.pay(&pay_url, "PAYPAL").await;
            world.browse(&back).await.location();
            let answer = world.get(CERTIFICATE, "orphan").await;
            assert_eq!(answer.said("transactionReference"), payments[1].kassenzeichen);
            // Somebody finds the page that nobody was shown, and pays there as well.
            world
                .sandbox()
                .pay(&payments[0].kassenzeichen, None)
                .expect("the orphan can be paid")
                .done()
                .await;
            let booked = world.booked().await;
            let kinds: Vec<_> = booked
                .iter()
                .map(|(kind, cents)| (kind.as_str(), *cents))
                .collect();
            assert_eq!(
                kinds,
                [("sollstellung", 2250), ("zahlung", 2250), ("doppelzahlung", 2250)]
            );
            assert_eq!(world.exceptions().await, ["verwaist", "doppelzahlung"]);
            assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
        })
        .await;
    }
}

#[tokio::test]
async fn money_on_an_orphan_before_its_successor_is_paid_is_a_doppelzahlung_too() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::DropAfterCreate);
        let pay_url = world.open(CERTIFICATE, &certificate("first")).await;
        world.live(60, 20).await;
        let orphan = world.sandbox().payments().remove(0).kassenzeichen;
        world.sandbox().pay(&orphan, None).expect("payable").done().await;
        assert_eq!(world.exceptions().await, ["verwaist", "doppelzahlung"]);
        assert_eq!(
            world.status(CERTIFICATE, "first").await,
            "INITIAL",
            "its page is still open"
        );
        world.pay(&pay_url, "PAYPAL").await;
        world.idle().await;
        assert_eq!(world.status(CERTIFICATE, "first").await, "PAYED");
        let kinds: Vec<_> = world.booked().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["doppelzahlung", "sollstellung", "zahlung"]);
    })
    .await;
}

#[tokio::test]
async fn a_success_that_comes_before_the_number_is_sent_again_settles_the_lost_attempt_itself() {
    on_every_database(async |world| {
        world
            .sandbox()
            .fail_next_with(vec![Fault::NotifyBeforeAnswer, Fault::DropAfterCreate]);
        // Whether the callback's question is answered before the portal is, nobody can say.
        let answer = world.post(CERTIFICATE, &certificate("early")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        world.live(120, 20).await;
        assert_eq!(world.status(CERTIFICATE, "early").await, "PAYED");
        assert_eq!(world.sandbox().payments().len(), 1, "no second page");
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_loses_every_answer_gets_a_few_attempts_and_no_more() {
    on_every_database(async |world| {
        world.sandbox().fail_all(vec![Fault::DropAfterCreate]);
        world.open(CERTIFICATE, &certificate("always")).await;
        world.live(7200, 300).await;
        let created = world.sandbox().payments().len();
        assert!((1..=4).contains(&created), "{created} payments");
        let end = world.get(CERTIFICATE, "always").await;
        assert!(
            end.status == 404 || end.said("status") == "FAILED",
            "{}",
            end.text
        );
        let events = world.heard().await;
        assert!(events.is_empty() || events == ["payment.failed.v1"], "{events:?}");
    })
    .await;
}
