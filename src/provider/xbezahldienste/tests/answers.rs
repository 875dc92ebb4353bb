//! What answers mean.

use super::super::answer::Reply;
use super::*;
use crate::app::ports::Answer;
use crate::domain::ids::Kassenzeichen;
use crate::domain::told::{Told, Word};
use crate::provider::http::Raw;

fn asked_with(id: &str, question: &Question, body: &Value) -> Answer {
    let raw = Raw {
        status: 200,
        content_type: None,
        body: body.to_string().into_bytes(),
    };
    let id = RemoteId::parse(id).expect("an id");
    Reply::new(&raw).asked(&id, question, &config("https://service.example"))
}

fn asked(status: &str, more: &Value) -> Answer {
    asked_with("Z-1", &question(Some("Z-1")), &transaction("Z-1", status, more))
}

fn told(answer: Answer) -> Told {
    match answer {
        Answer::Told(told) => told,
        other => panic!("{other:?}"),
    }
}

fn kassenzeichen(told: &Told) -> Option<&str> {
    told.kassenzeichen.as_ref().map(Kassenzeichen::as_str)
}

#[test]
fn each_status_has_its_word_in_either_spelling() {
    for (status, word) in [
        ("INITIAL", Word::Interim),
        ("PAYED", Word::Success),
        ("PAID", Word::Success),
        ("FAILED", Word::Failed),
        ("CANCELED", Word::Canceled),
        ("CANCELLED", Word::Canceled),
    ] {
        assert_eq!(told(asked(status, &json!({}))).word, Some(word), "{status}");
    }
    for status in ["BOOKED", "payed", ""] {
        assert!(
            matches!(asked(status, &json!({})), Answer::None(_)),
            "«{status}» is no answer"
        );
    }
}

#[test]
fn the_reference_becomes_the_kassenzeichen_only_with_the_payment() {
    let reference = json!({"transactionReference": "4200000000061"});
    assert_eq!(kassenzeichen(&told(asked("INITIAL", &reference))), None);
    assert_eq!(
        kassenzeichen(&told(asked("PAYED", &reference))),
        Some("4200000000061")
    );
    assert_eq!(kassenzeichen(&told(asked("PAYED", &json!({})))), Some("Z-1"));
    assert_eq!(
        kassenzeichen(&told(asked("PAYED", &json!({"transactionReference": null})))),
        Some("Z-1")
    );
    let long = "x".repeat(44);
    let answer = asked_with(
        &long,
        &question(Some(&long)),
        &transaction(&long, "PAYED", &json!({})),
    );
    assert_eq!(
        kassenzeichen(&told(answer)),
        Some("TX7F3A1"),
        "an id that is too long gives way to our number"
    );
}

#[test]
fn a_reference_that_comes_late_does_not_rename_what_is_booked() {
    let asked = |known: &str, named: &str| {
        let mut question = question(Some("Z-1"));
        question.kassenzeichen = Some(Kassenzeichen::parse(known).expect("a Kassenzeichen"));
        let body = transaction("Z-1", "PAYED", &json!({"transactionReference": named}));
        told(asked_with("Z-1", &question, &body))
    };
    assert_eq!(kassenzeichen(&asked("Z-1", "4200000000061")), Some("Z-1"));
    assert_eq!(kassenzeichen(&asked("TX7F3A1", "4200000000061")), Some("TX7F3A1"));
    assert_eq!(
        kassenzeichen(&asked("4200000000088", "4200000000061")),
        Some("4200000000061"),
        "another real reference is a person's matter, and told"
    );
    assert_eq!(kassenzeichen(&asked("4200000000088", "")), Some("4200000000088"));
}

#[test]
fn methods_have_our_names_and_unknown_ones_their_own() {
    for (members, expected) in [
        (
            json!({"paymentMethod": "CREDITCARD", "paymentMethodDetail": "Visa"}),
            Some("KREDITKARTE"),
        ),
        (json!({"paymentMethod": "PAYPAL"}), Some("PAYPAL")),
        (
            json!({"paymentMethod": "OTHER", "paymentMethodDetail": "Wero"}),
            Some("Wero"),
        ),
        (json!({"paymentMethod": "OTHER"}), Some("OTHER")),
        (json!({"paymentMethod": "SEPA DEBIT"}), Some("SEPA_DEBIT")),
        (json!({"paymentMethod": null}), None),
        (json!({}), None),
    ] {
        let told = told(asked("PAYED", &members));
        assert_eq!(
            told.method.as_ref().map(ToString::to_string).as_deref(),
            expected,
            "{members}"
        );
    }
    let early = told(asked("INITIAL", &json!({"paymentMethod": "PAYPAL"})));
    assert_eq!(early.method, None, "before the payment it is a wish");
}

#[test]
fn an_answer_about_another_transaction_is_none() {
    let other = asked_with(
        "Z-1",
        &question(Some("Z-1")),
        &transaction("Z-2", "PAYED", &json!({})),
    );
    let Answer::None(why) = other else {
        panic!("{other:?}");
    };
    assert!(why.contains("Z-1") && why.contains("Z-2"), "{why}");
    let prefix = asked_with(
        "Z-1",
        &question(Some("Z-1")),
        &transaction("z-1", "PAYED", &json!({})),
    );
    assert!(matches!(prefix, Answer::None(_)), "ids differ by case");
}

#[test]
fn what_is_not_of_the_standard_is_passed_over() {
    let more = json!({
        "somethingNew": {"a": [1]}, "statusDetail": "mit Leerzeichen (und mehr)",
        "transactionTimestamp": "never", "transactionRedirectUrl": PAGE,
    });
    assert_eq!(told(asked("PAYED", &more)).word, Some(Word::Success));
    for broken in [
        json!({}),
        json!({"paymentInformation": []}),
        json!({"paymentInformation": {"transactionId": 7, "status": "PAYED"}}),
        json!({"paymentInformation": {"transactionId": "Z-1", "status": ["PAYED"]}}),
    ] {
        let answer = asked_with("Z-1", &question(Some("Z-1")), &broken);
        assert!(matches!(answer, Answer::None(_)), "{broken}: {answer:?}");
    }
}
