//! After a lost answer: found, surely absent, or not to be found out; never sent again blindly.

use super::*;

fn own() -> OpenOrder {
    OpenOrder {
        kassenzeichen: Kassenzeichen::parse("4200000000061").ok(),
        ..order()
    }
}

fn created(seen: &Seen) -> bool {
    seen.operations()
        .iter()
        .any(|operation| operation.starts_with("anlegenKassenzeichen"))
}

#[tokio::test]
async fn where_nothing_can_be_asked_nothing_is_sent() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let opened = reopen(&soap(address, LONG, ProfileConfig::default()), &order()).await;
    assert!(matches!(opened, Opened::Unknowable(_)), "{opened:?}");
    assert!(seen.operations().is_empty());
}

#[tokio::test]
async fn a_payment_that_had_arrived_is_found_by_our_number_with_the_same_page() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    let soap = soap(address, LONG, looking_up());
    let found = page(reopen(&soap, &order()).await);
    assert_eq!(seen.operations(), ["lesenTransaktion", "loeschenKunde"]);
    assert_eq!(found, page(open(&soap).await));
}

#[tokio::test]
async fn a_payment_that_surely_is_not_there_is_opened_with_the_same_number() {
    let (address, seen) = serve(|operation| {
        Some(match operation {
            "lesenTransaktion" => coded(operation, "-0530", ""),
            _ => good(operation),
        })
    })
    .await;
    page(reopen(&soap(address, LONG, looking_up()), &order()).await);
    assert_eq!(seen.operations()[0], "lesenTransaktion");
    assert!(created(&seen));
}

#[tokio::test]
async fn a_look_up_that_is_not_clear_leaves_it_unclear() {
    for answer in ["silence", "-9999", "-0021", "other", "customer", "empty", "fault"] {
        let (address, seen) = serve(move |operation| {
            let list = |inner: &str| {
                let list = format!("<buchungsListe><kassenzeichen>42</kassenzeichen>{inner}</buchungsListe>");
                Some(coded(operation, "+0000", &list))
            };
            match (operation, answer) {
                ("lesenTransaktion", "silence") => None,
                ("lesenTransaktion", "other") => list("<EShopTransaktionsNr>TX9</EShopTransaktionsNr>"),
                ("lesenTransaktion", "customer") => {
                    Some(coded(operation, "+0000", "<EShopKundenNr>x</EShopKundenNr>"))
                }
                ("lesenTransaktion", "empty") => Some(coded(operation, "+0000", "")),
                ("lesenTransaktion", "fault") => Some(StatusCode::BAD_GATEWAY.into_response()),
                ("lesenTransaktion", code) => Some(coded(operation, code, "")),
                _ => Some(good(operation)),
            }
        })
        .await;
        let patience = if answer == "silence" { SHORT } else { LONG };
        let opened = reopen(&soap(address, patience, looking_up()), &order()).await;
        assert!(matches!(opened, Opened::Unclear(_)), "{answer}: {opened:?}");
        assert!(!created(&seen), "{answer}");
    }
}

#[tokio::test]
async fn a_service_without_the_look_up_makes_it_unknowable() {
    let (address, seen) = serve(|operation| Some(no_method(operation))).await;
    let opened = reopen(&soap(address, LONG, looking_up()), &order()).await;
    assert!(matches!(opened, Opened::Unknowable(_)), "{opened:?}");
    assert_eq!(seen.operations(), ["lesenTransaktion"]);
}

#[tokio::test]
async fn a_kassenzeichen_of_our_own_is_asked_for_directly() {
    let (address, seen) = serve(|operation| Some(good(operation))).await;
    page(reopen(&soap(address, LONG, ProfileConfig::default()), &own()).await);
    assert_eq!(seen.operations(), ["lesenKassenzeichenInfo", "loeschenKunde"]);

    let (address, seen) = serve(|operation| {
        Some(match operation {
            "lesenKassenzeichenInfo" => coded(operation, "-0310", ""),
            _ => good(operation),
        })
    })
    .await;
    page(reopen(&soap(address, LONG, ProfileConfig::default()), &own()).await);
    assert!(created(&seen));
}

#[tokio::test]
async fn a_kassenzeichen_of_our_own_that_somebody_else_has_is_refused() {
    let (address, seen) = serve(|operation| {
        let info = "<kassenzeichen>4200000000061</kassenzeichen><EShopKundennummer>x</EShopKundennummer>";
        Some(coded(operation, "+0000", info))
    })
    .await;
    let text = refused(reopen(&soap(address, LONG, ProfileConfig::default()), &own()).await);
    assert!(text.starts_with("kassenzeichen-taken"), "{text}");
    assert!(!created(&seen));
}

#[tokio::test]
async fn an_answer_that_names_no_kunde_proves_nothing_about_ours() {
    let (address, seen) = serve(|operation| {
        Some(match operation {
            "lesenKassenzeichenInfo" => {
                coded(operation, "+0000", "<kassenzeichen>4200000000061</kassenzeichen>")
            }
            _ => good(operation),
        })
    })
    .await;
    let opened = reopen(&soap(address, LONG, ProfileConfig::default()), &own()).await;
    assert!(matches!(opened, Opened::Unclear(_)), "{opened:?}");
    assert!(!created(&seen));
    // By our number it is found all the same.
    page(reopen(&soap(address, LONG, looking_up()), &own()).await);
}
