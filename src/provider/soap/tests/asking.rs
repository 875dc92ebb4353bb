//! Questions: about one payment, about receipts, and whether anybody is there.

use super::super::requests::tests::question;
use std::fmt::Write as _;

use super::*;
use crate::app::ports::{Answer, CallbackError, Question, RawCallback};
use crate::domain::money::Cents;
use crate::domain::proof::ProofTable;
use crate::domain::time::Timestamp;
use crate::domain::told::Page;
use crate::provider::soap::Proof;

async fn ask(address: SocketAddr, question: &Question, profile: ProfileConfig) -> Answer {
    soap(address, LONG, profile)
        .ask(question, &Calls::default())
        .await
}

#[tokio::test]
async fn a_kassenzeichen_is_asked_for_and_the_call_is_noted() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let calls = Calls::default();
    let soap = soap(address, LONG, ProfileConfig::default());
    let Answer::Told(told) = soap.ask(&question(), &calls).await else {
        panic!("told");
    };
    assert_eq!((told.page, told.saldo), (Page::Active, Some(Cents::new(4150))));
    assert_eq!(seen.operations(), ["lesenKassenzeichenInfo"]);
    assert_eq!(
        calls.take()[0].reference.as_deref(),
        Some("EP-lesenKassenzeichenInfo")
    );
}

#[tokio::test]
async fn answers_that_are_no_state_are_told_apart() {
    for (code, expected) in [
        ("-0310", "unknown"),
        ("-0021", "refused"),
        ("-9999", "none"),
        ("-0531", "none"),
        ("fault", "none"),
        ("403", "refused"),
        ("no ergebnis", "none"),
        ("no ergebnis but fields", "told"),
    ] {
        let (address, _) = serve(move |operation| {
            Some(match code {
                "fault" => no_method(operation),
                "403" => StatusCode::FORBIDDEN.into_response(),
                "no ergebnis" => wrapped(operation, "<saldo>1</saldo>"),
                "no ergebnis but fields" => {
                    wrapped(operation, "<kassenzeichen>4200000000061</kassenzeichen>")
                }
                code => coded(operation, code, ""),
            })
        })
        .await;
        let answer = ask(address, &question(), ProfileConfig::default()).await;
        let found = match answer {
            Answer::Told(_) => "told",
            Answer::Unknown => "unknown",
            Answer::Refused(_) => "refused",
            Answer::None(_) => "none",
        };
        assert_eq!(found, expected, "{code}");
    }
}

#[tokio::test]
async fn without_a_kassenzeichen_our_number_leads_to_it() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let nameless = Question {
        kassenzeichen: None,
        ..question()
    };
    let nothing = ask(address, &nameless, ProfileConfig::default()).await;
    assert!(matches!(nothing, Answer::None(_)));
    assert!(seen.operations().is_empty());
    let Answer::Told(told) = ask(address, &nameless, looking_up()).await else {
        panic!("told");
    };
    assert_eq!(told.kassenzeichen, question().kassenzeichen);
    assert_eq!(seen.operations(), ["lesenTransaktion", "lesenKassenzeichenInfo"]);
}

#[tokio::test]
async fn receipts_are_listed_and_confirmed_by_the_id_of_their_list() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let service = soap(address, LONG, ProfileConfig::default());
    let mandant = question().mandant;
    let unread = service
        .unread(&mandant, &Calls::default())
        .await
        .expect("a list")
        .expect("a list");
    assert_eq!(unread.id, "EP-listeUngeleseneZahlungseingaenge");
    assert_eq!(
        (
            unread.receipts[0].kassenzeichen.as_str(),
            unread.receipts[0].cents.get()
        ),
        ("4200000000061", 4150)
    );
    let confirmed = service
        .confirm_read(&mandant, &unread.id, &Calls::default())
        .await;
    assert_eq!(confirmed, Ok(()));
    let body = seen.body("bestaetigenGeleseneZahlungseingaenge");
    assert!(
        body.contains(">EP-listeUngeleseneZahlungseingaenge</ePaymentId>"),
        "{body}"
    );

    let (address, _) = serve(|operation| Some(coded(operation, "-0100", ""))).await;
    let service = soap(address, LONG, ProfileConfig::default());
    let refusal = service
        .confirm_read(&mandant, "EP-0", &Calls::default())
        .await
        .expect_err("not the last");
    assert_eq!(refusal.code, "-0100");
}

#[tokio::test]
async fn years_of_unread_receipts_are_read_whole_and_what_is_too_long_is_said_to_be() {
    let list = |count: usize| {
        let mut items = String::new();
        for n in 0..count {
            let _ = write!(
                items,
                "<item><betrag>1.{:02}</betrag><kassenzeichen>42{n:08}</kassenzeichen></item>",
                n % 100
            );
        }
        format!("<zahlungseingaenge>{items}</zahlungseingaenge>")
    };
    for (count, whole) in [(30_000, true), (110_000, false)] {
        let body = list(count);
        let (address, _) = serve(move |operation| Some(coded(operation, "+0000", &body))).await;
        let service = soap(address, LONG, ProfileConfig::default());
        let unread = service.unread(&question().mandant, &Calls::default()).await;
        if whole {
            let receipts = unread.expect("a list").expect("a list").receipts;
            assert_eq!(receipts.len(), count);
            assert_eq!(receipts[count - 1].kassenzeichen, format!("42{:08}", count - 1));
        } else {
            let refusal = unread.expect_err("more than is read");
            assert!(
                refusal.text.contains("more than 300000 elements"),
                "{}",
                refusal.text
            );
        }
    }
}

#[tokio::test]
async fn it_says_whether_it_is_there_and_what_it_cannot_do() {
    let (address, _) = serve(|operation| Some(good(operation))).await;
    let service = soap(address, LONG, ProfileConfig::default());
    let Question {
        mandant,
        bewirtschafter,
        ..
    } = question();
    assert_eq!(service.alive(&mandant, &bewirtschafter).await, Ok(()));
    assert_eq!(service.methods(&mandant, &bewirtschafter).await, Ok(Vec::new()));
    let callback = service.verify(&RawCallback::default(), Timestamp::from_millis(0));
    assert!(matches!(callback, Err(CallbackError::Unreadable(_))));
    assert_eq!(
        (service.proof(), service.default_zvp()),
        (ProofTable::SoapSums, "epaybl")
    );
    assert_eq!((service.open_seconds(), service.ask_seconds()), (21, 41));
    let mut other = config("http://127.0.0.1:1/soap");
    other.proof = Proof::Saldo;
    assert_eq!(
        Soap::new(other).expect("good settings").proof(),
        ProofTable::SoapSaldo
    );
    let mut wrong = config("http://127.0.0.1:1/soap");
    wrong.zvp = String::new();
    assert!(
        Soap::new(wrong)
            .expect_err("a bad name")
            .to_string()
            .starts_with("zvp")
    );
}
