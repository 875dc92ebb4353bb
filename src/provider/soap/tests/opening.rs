//! Whole flows: which calls, in which order, and what comes of them.

use super::*;
use crate::app::ports::Fault;
use crate::domain::case::TransferTo;
use crate::domain::tenant::Flow;
use crate::provider::soap::MitBlp;

const CREATE: &str = "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP";
const WITHOUT: &str = "anlegenKassenzeichenMitZahlverfahrenliste";

#[tokio::test]
async fn a_payment_is_opened_on_the_paypage_and_its_kunde_is_deleted_at_once() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let calls = Calls::default();
    let opened = soap(address, LONG, ProfileConfig::default())
        .open(&order(), &calls)
        .await;
    assert_eq!(
        page(opened),
        "https://epay.example/paypage/login.do?mandant=1610000000&EShopKundenNr=k7f3aQ9-one_time_number&kassenzeichen=\
         4200000000061&backlinkSuccess=https%3A%2F%2Fconnector.example%2Freturn%2F7f3a%3Fr%3Dsuccess&backlinkAbort=\
         https%3A%2F%2Fconnector.example%2Freturn%2F7f3a%3Fr%3Dcancel"
    );
    let order = ["isAlive", "anlegenKunde", CREATE, "loeschenKunde"];
    assert_eq!(seen.operations(), order);
    let notes: Vec<_> = calls
        .take()
        .into_iter()
        .map(|note| (note.operation, note.code, note.reference))
        .collect();
    let expected: Vec<_> = order
        .iter()
        .map(|operation| {
            (
                *operation,
                Some("+0000".to_owned()),
                Some(format!("EP-{operation}")),
            )
        })
        .collect();
    assert_eq!(notes, expected);
    assert!(
        seen.body(CREATE)
            .contains("<EShopTransaktionsNr xsi:type=\"xsd:string\">TX7F3A1<")
    );
    assert!(
        seen.body("loeschenKunde")
            .contains("<EShopKundenNr xsi:type=\"xsd:string\">k7f3aQ9-one_time_number<")
    );
}

#[tokio::test]
async fn a_service_without_mit_blp_is_called_without_from_then_on() {
    let (address, seen) = serve(|operation| {
        Some(if operation.ends_with("MitBLP") {
            no_method(operation)
        } else {
            good(operation)
        })
    })
    .await;
    let soap = soap(address, LONG, ProfileConfig::default());
    page(open(&soap).await);
    assert_eq!(
        seen.operations(),
        ["isAlive", "anlegenKunde", CREATE, WITHOUT, "loeschenKunde"]
    );
    seen.forget();
    page(open(&soap).await);
    assert_eq!(
        seen.operations(),
        ["isAlive", "anlegenKunde", WITHOUT, "loeschenKunde"]
    );
    let always = ProfileConfig {
        mit_blp: Some(MitBlp::Yes),
        check_alive: Some(false),
        customer_deleted: Some(false),
        ..ProfileConfig::default()
    };
    seen.forget();
    let text = refused(open(&super::soap(address, LONG, always)).await);
    assert!(
        text.contains("does not know") && text.contains("mit_blp"),
        "{text}"
    );
    assert_eq!(seen.operations(), ["anlegenKunde", CREATE]);
}

#[tokio::test]
async fn a_no_before_anything_exists_is_a_refusal() {
    for (at, code, fault) in [
        ("isAlive", "-0021", Fault::Configuration),
        ("anlegenKunde", "-0104", Fault::Caller),
        (CREATE, "-0611", Fault::Configuration),
        (CREATE, "-0511", Fault::Caller),
    ] {
        let (address, seen) = serve(move |operation| {
            Some(match operation {
                _ if operation == at => coded(operation, code, ""),
                "lesenKunde" => coded(operation, "-0199", ""),
                _ => good(operation),
            })
        })
        .await;
        let opened = open(&soap(address, LONG, ProfileConfig::default())).await;
        let Opened::Refused(refusal) = opened else {
            panic!("{at}: {opened:?}");
        };
        assert_eq!((refusal.code.as_str(), refusal.fault), (code, fault), "{at}");
        let deleted = seen
            .operations()
            .iter()
            .any(|operation| operation == "loeschenKunde");
        assert_eq!(deleted, at == CREATE, "{at}");
    }
}

#[tokio::test]
async fn a_number_that_was_used_is_told_as_such_and_an_inner_error_is_no_refusal() {
    let answering = async |code: &'static str, profile: ProfileConfig| {
        let (address, _) = serve(move |operation| {
            Some(if operation == CREATE {
                coded(operation, code, "")
            } else {
                good(operation)
            })
        })
        .await;
        open(&soap(address, LONG, profile)).await
    };
    assert_eq!(
        answering("-0531", ProfileConfig::default()).await,
        Opened::AlreadyUsed
    );
    assert!(matches!(
        answering("-9999", ProfileConfig::default()).await,
        Opened::Unknowable(_)
    ));
    assert!(matches!(
        answering("-9999", looking_up()).await,
        Opened::Unclear(_)
    ));
    assert!(matches!(
        answering("-0520", looking_up()).await,
        Opened::Unclear(_)
    ));
}

#[tokio::test]
async fn a_kunde_that_exists_under_our_number_is_ours() {
    for (named, status, good_enough) in [
        ("k7f3aQ9-one_time_number", "AKTIV", true),
        ("k7f3aQ9-one_time_number", "LOESCHEN", false),
        ("somebody", "AKTIV", false),
    ] {
        let (address, seen) = serve(move |operation| {
            Some(match operation {
                "anlegenKunde" => coded(operation, "-0105", ""),
                "lesenKunde" => {
                    let kunde = format!(
                        "<kunde><EShopKundenNr>{named}</EShopKundenNr><status><code>{status}</code></status></kunde>"
                    );
                    coded(operation, "+0000", &kunde)
                }
                _ => good(operation),
            })
        })
        .await;
        let opened = open(&soap(address, LONG, ProfileConfig::default())).await;
        assert_eq!(
            matches!(opened, Opened::Open { .. }),
            good_enough,
            "{named} {status}: {opened:?}"
        );
        let created = seen.operations().iter().any(|operation| operation == CREATE);
        assert_eq!(created, good_enough);
    }
}

#[tokio::test]
async fn a_kunde_that_cannot_be_deleted_harms_nothing() {
    for answer in ["-0119", "-0199", "silence"] {
        let (address, _) = serve(move |operation| match (operation, answer) {
            ("loeschenKunde", "silence") => None,
            ("loeschenKunde", code) => Some(coded(operation, code, "")),
            _ => Some(good(operation)),
        })
        .await;
        let patience = Duration::from_secs(1);
        page(open(&soap(address, patience, ProfileConfig::default())).await);
    }
}

#[tokio::test]
async fn an_accepted_payment_that_is_another_one_or_has_no_name_is_not_handed_out() {
    for list in [
        "",
        "<buchungsListe><betrag>41.50</betrag></buchungsListe>",
        "<buchungsListe><betrag>41.49</betrag><kassenzeichen>4200000000061</kassenzeichen></buchungsListe>",
        "<buchungsListe><EShopTransaktionsNr>X</EShopTransaktionsNr><kassenzeichen>42</kassenzeichen></buchungsListe>",
    ] {
        let (address, _) = serve(move |operation| {
            Some(if operation == CREATE {
                coded(operation, "+0000", list)
            } else {
                good(operation)
            })
        })
        .await;
        let opened = open(&soap(address, LONG, looking_up())).await;
        assert!(matches!(opened, Opened::Unclear(_)), "{list}: {opened:?}");
    }
    // A Kassenzeichen that we gave need not be told back.
    let (address, _) = serve(|operation| {
        Some(if operation == CREATE {
            coded(operation, "+0000", "")
        } else {
            good(operation)
        })
    })
    .await;
    let mut own = order();
    own.kassenzeichen = Kassenzeichen::parse("4200000000061").ok();
    page(
        soap(address, LONG, ProfileConfig::default())
            .open(&own, &Calls::default())
            .await,
    );
}

#[tokio::test]
async fn an_order_that_does_not_fit_is_not_sent() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let soap = soap(address, LONG, ProfileConfig::default());
    let mut wrong = order();
    wrong.lines[0].haushaltsstelle = "1100.1000000".into();
    assert!(refused(soap.open(&wrong, &Calls::default()).await).starts_with("not-sent"));
    let mut wrong = order();
    wrong.methods.clear();
    assert!(refused(soap.open(&wrong, &Calls::default()).await).starts_with("not-sent"));
    assert!(seen.operations().is_empty());
}

fn account(opened: Opened) -> TransferTo {
    match opened {
        Opened::Open {
            way: Way::Transfer(account),
            ..
        } => account,
        other => panic!("open for a transfer, not {other:?}"),
    }
}

#[tokio::test]
async fn a_transfer_names_the_account_which_is_asked_once_an_hour() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let soap = soap(address, LONG, ProfileConfig::default());
    for (flow, operation) in [
        (Flow::Vorkasse, "ueberweisenVorLieferungMitBLP"),
        (Flow::Rechnung, "ueberweisenNachLieferungMitBLP"),
    ] {
        let mut order = order();
        order.flow = flow;
        let told = account(soap.open(&order, &Calls::default()).await);
        assert_eq!(
            (told.iban.as_str(), told.bank.as_deref()),
            ("DE89370400440532013000", Some("Musterbank"))
        );
        assert!(seen.operations().iter().any(|seen| seen == operation));
    }
    let asked = seen.operations();
    let asked = asked.iter().filter(|operation| operation.starts_with("leseBank"));
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn without_an_account_nothing_is_created_and_a_configured_one_stands_in() {
    let (address, seen) = serve(|operation| {
        Some(if operation.starts_with("leseBank") {
            no_method(operation)
        } else {
            good(operation)
        })
    })
    .await;
    let mut order = order();
    order.flow = Flow::Vorkasse;
    let without = soap(address, LONG, ProfileConfig::default());
    let text = refused(without.open(&order, &Calls::default()).await);
    assert!(text.starts_with("no-account"), "{text}");
    assert_eq!(seen.operations(), ["isAlive", "leseBankverbindungBewirtschafter"]);
    let configured = TransferTo {
        holder: "Stadtkasse".into(),
        iban: "DE89370400440532013000".into(),
        bic: None,
        bank: None,
    };
    let with = ProfileConfig {
        transfer: Some(Some(configured.clone())),
        ..ProfileConfig::default()
    };
    let with = soap(address, LONG, with);
    assert_eq!(account(with.open(&order, &Calls::default()).await), configured);
}
