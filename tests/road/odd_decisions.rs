//! Decisions that nobody should be able to take: amounts beyond counting, titles that are none, orders that are carried out
//! by whoever gave them, and a look at other authorities' payments.

use std::collections::BTreeMap;

use epaybl_connector::app::exceptions::{DecisionError, PaidOut, Raising};
use epaybl_connector::domain::ids::{ClientId, LedgerId};
use epaybl_connector::domain::payout_order::Way;
use epaybl_connector::domain::resolution::{How, Role, StepRefused, Terms};
use epaybl_connector::domain::told::{Corrected, Title};
use epaybl_connector::sandbox::{Cents, StatementFormat};
use serde_json::{Value, json};

use crate::exceptions::{with_persons, with_persons_and};
use crate::kit::{World, with_each_provider};
use crate::providers::soap3;
use crate::requests::Answer;
use crate::statements::{KASSE, iban, import};
use crate::statements_disorder::app;
use crate::ways::{decide, lies, open, opened, resolved, transferred};

const DAY: i64 = 86_400;

/// Persons at the API, with their secrets.
struct Persons<'a>(&'a World, BTreeMap<&'static str, String>);

impl<'a> Persons<'a> {
    async fn of(world: &'a World, names: &[&'static str]) -> Self {
        let mut secrets = BTreeMap::new();
        for name in names {
            let secret = world.stage().client_secret(name).await;
            secrets.insert(*name, secret.expect("a secret"));
        }
        Self(world, secrets)
    }

    /// Calls the API of the Kasse in a person's name; what is to be sent is posted.
    async fn call(&self, person: &str, path: &str, body: Option<Value>) -> Answer {
        let url = self.0.url(&format!("/api/v1/kassen/{KASSE}/{path}"));
        let request = match body {
            Some(body) => self.0.http.post(url).json(&body),
            None => self.0.http.get(url),
        };
        Answer::of(request.basic_auth(person, Some(&self.1[person]))).await
    }
}

#[tokio::test]
async fn parts_beyond_counting_and_reasons_without_end_are_refused() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        transferred(world, 1000, "nobody knows").await;
        let id = open(world).await[0].id;
        let steps = format!("exceptions/{id}/steps");
        let persons = Persons::of(world, &["kasse", "feststeller", "alles"]).await;
        let most = "92233720368547758.07";
        for (body, says) in [
            (
                json!({"how": "aufteilung", "parts": [most, most, "0.02"], "reason": "x"}),
                "more than can be counted",
            ),
            (
                json!({"how": "aufteilung", "parts": ["0.00", "10.00"], "reason": "x"}),
                "each part is more than nothing",
            ),
            (
                json!({"how": "aufteilung", "parts": ["-1.00", "11.00"], "reason": "x"}),
                "each part is more than nothing",
            ),
            (
                json!({"how": "aufteilung", "parts": ["1,5", "8,5"], "reason": "x"}),
                "1,5",
            ),
            (
                json!({"how": "vermerk", "reason": "x".repeat(10_000)}),
                "1 to 2000 characters",
            ),
            (
                json!({"how": "vermerk", "reason": "a\u{0}b"}),
                "1 to 2000 characters",
            ),
        ] {
            let answer = persons.call("kasse", &steps, Some(body)).await;
            assert_eq!(answer.status, 400, "{}", answer.text);
            let detail = answer.body["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(says), "«{says}» in {detail}");
        }
        for (amount, status) in [
            ("0", 400),
            ("-5.00", 400),
            ("1000000000000000", 400),
            ("9.99", 400),
        ] {
            let body = json!({"how": "erstattung", "amount": amount, "reason": "x"});
            let answer = persons.call("feststeller", &steps, Some(body)).await;
            // What nobody knows is the Kasse's own; a person of the authority does not see it.
            assert_eq!(answer.status, 404, "{}", answer.text);
            let body = json!({"how": "erstattung", "amount": amount, "reason": "x"});
            let answer = persons.call("alles", &steps, Some(body)).await;
            assert_eq!(answer.status, status, "{amount}: {}", answer.text);
        }
        assert_eq!(lies(world, "verwahrung").await, 1000, "nothing was booked");
        assert!(open(world).await[0].steps.is_empty());
    })
    .await;
}

#[tokio::test]
async fn income_never_moves_to_a_title_whose_objektnummer_is_empty() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let (attempt, kz) = opened(world, "o-1").await;
        let transfer = world.sandbox().transfer(&iban(world), Cents::new(3060), &kz);
        transfer.expect("a transfer");
        world.live(3 * DAY, DAY).await;
        import(world, StatementFormat::Camt08).await;
        let raising = Raising {
            ledger: LedgerId::parse(KASSE).expect("an id"),
            attempt,
            person: ClientId::parse("feststeller").expect("an id"),
            reason: "Falscher Titel".to_owned(),
        };
        app(world).raise_exception(&raising).await.expect("it is asked");
        let list = open(world).await;
        let of = &list[0];
        let title = |haushaltsstelle: &str, objektnummer: Option<&str>| Title {
            haushaltsstelle: haushaltsstelle.to_owned(),
            objektnummer: objektnummer.map(str::to_owned),
        };
        let before = world.bookings().await;
        for to in [
            title("1220.4312", Some("")),
            title("1220.4312", Some("  ")),
            title("", None),
            title("12345678901", None),
            title("1220\n4312", None),
        ] {
            let terms = Terms {
                titles: Some(Corrected {
                    from: title("1220.4311", None),
                    to: to.clone(),
                }),
                ..Terms::default()
            };
            let refused = decide(world, of, How::Correct, "feststeller", None, terms).await;
            assert!(
                matches!(&refused, Err(DecisionError::Invalid(why)) if why.contains("Objektnummer")),
                "{to:?}: {refused:?}"
            );
        }
        assert_eq!(world.bookings().await, before);
        // A title that is one is taken.
        let terms = Terms {
            titles: Some(Corrected {
                from: title("1220.4311", None),
                to: title("1220.4312", None),
            }),
            ..Terms::default()
        };
        resolved(world, of, How::Correct, terms).await;
        assert_eq!(lies(world, "erloes/1220.4312").await, 3060);
    })
    .await;
}

#[tokio::test]
async fn who_ordered_a_payment_cannot_say_that_it_was_carried_out() {
    with_each_provider(&[soap3()], async |world| {
        // Whoever orders here could be of the Kasse too.
        let both = |id: &str, role: &str| {
            format!(
                "\n[[client]]\nid = \"{id}\"\nname = \"{id}\"\nroles = {{ unstrut-hainich-kreis = [\"{role}\", \"kasse\"] }}\n"
            )
        };
        let more = both("stellt-fest", "feststeller") + &both("ordnet-an", "anordner");
        with_persons_and(world, "holds = \"exclusive\"", &more).await;
        transferred(world, 1000, "nobody knows").await;
        let of = open(world).await.remove(0);
        let terms = Terms {
            way: Some(Way::Anordnung),
            ..Terms::default()
        };
        for person in ["stellt-fest", "ordnet-an", "kasse"] {
            let step = decide(world, &of, How::Refund, person, None, terms.clone()).await;
            step.expect("a step by whoever may take it");
        }
        let says = async |person: &str| {
            let paid = PaidOut {
                ledger: LedgerId::parse(KASSE).expect("an id"),
                number: 1,
                person: ClientId::parse(person).expect("an id"),
                reference: "HKR-1".to_owned(),
                reason: "Überwiesen".to_owned(),
            };
            app(world).order_carried_out(&paid).await
        };
        for (person, taken) in [("stellt-fest", Role::Feststeller), ("ordnet-an", Role::Anordner)] {
            let refused = says(person).await;
            let Err(DecisionError::Step(StepRefused::SamePerson { taken: as_role, .. })) = &refused else {
                panic!("{person}: {refused:?}");
            };
            assert_eq!(as_role, taken.as_str());
        }
        assert_eq!(lies(world, "erstattung").await, 1000, "it has not left");
        says("kasse").await.expect("another person of the Kasse has paid it");
        assert_eq!(lies(world, "erstattung").await, 0);
    })
    .await;
}

#[tokio::test]
async fn orders_and_suggestions_show_nothing_of_another_authoritys_payments() {
    with_each_provider(&[soap3()], async |world| {
        // A neighbour whose money is kept by the same Kasse; its person has the highest role there is.
        let neighbour = format!(
            "\n[[authority]]\nid = \"nachbarstadt\"\nkasse = \"{KASSE}\"\nname = \"Nachbarstadt\"\nars = \"160640004004\"\n\
             ags = \"16064004\"\n\n[[client]]\nid = \"nachbar\"\nname = \"nachbar\"\n\
             roles = {{ nachbarstadt = [\"feststeller\", \"anordner\"] }}\n\n[[client]]\nid = \"nachbarkasse\"\n\
             name = \"nachbarkasse\"\nroles = {{ nachbarstadt = [\"kasse\"] }}\n"
        );
        with_persons_and(world, "holds = \"exclusive\"", &neighbour).await;
        // One is paid twice, and refunded; one is paid with a slip of the pen.
        let (_, kz) = opened(world, "n-1").await;
        let (_, other) = opened(world, "n-2").await;
        let (head, last) = other.split_at(other.len() - 1);
        let slip = format!("{head}{}", if last == "7" { "4" } else { "7" });
        for (cents, purpose) in [(6120, kz.as_str()), (3060, slip.as_str())] {
            let transfer = world.sandbox().transfer(&iban(world), Cents::new(cents), purpose);
            transfer.expect("a transfer");
        }
        world.live(3 * DAY, DAY).await;
        import(world, StatementFormat::Camt08).await;
        let list = open(world).await;
        let (ours, nobodys): (Vec<_>, Vec<_>) = list.iter().partition(|of| of.authority.is_some());
        let ([ours], [nobodys]) = (&ours[..], &nobodys[..]) else {
            panic!("one of each: {list:?}")
        };
        let terms = Terms {
            way: Some(Way::Anordnung),
            ..Terms::default()
        };
        resolved(world, ours, How::Refund, terms).await;
        let persons = ["feststeller", "nachbar", "nachbarkasse", "kasse", "auditor"];
        let persons = Persons::of(world, &persons).await;
        let orders = async |person: &str| {
            let answer = persons.call(person, "payout-orders", None).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body["orders"].as_array().map(Vec::len)
        };
        assert_eq!(orders("feststeller").await, Some(1));
        for person in ["nachbar", "nachbarkasse"] {
            assert_eq!(orders(person).await, Some(0), "{person}");
            let of_ours = format!("exceptions/{}", ours.id);
            assert_eq!(persons.call(person, &of_ours, None).await.status, 404);
            let paid = json!({"reference": "HKR-1", "reason": "x"});
            let answer = persons.call(person, "payout-orders/1/payments", Some(paid)).await;
            assert_eq!(answer.status, 404, "{person}: {}", answer.text);
        }
        // Whose the money of nobody may be is for those who assign it.
        let shown = format!("exceptions/{}", nobodys.id);
        let seen = persons.call("kasse", &shown, None).await;
        assert_eq!(seen.body["suggestions"][0]["candidates"][0]["kassenzeichen"], other);
        assert_eq!(persons.call("nachbar", &shown, None).await.status, 404);
        let seen = persons.call("auditor", &shown, None).await;
        assert_eq!(seen.body["suggestions"], json!([]), "{}", seen.text);
        assert!(!seen.text.contains(&other), "{}", seen.text);
    })
    .await;
}
