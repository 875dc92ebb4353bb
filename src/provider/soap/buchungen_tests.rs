//! Lines, tax, and what is not sent.

use super::super::requests::tests::order;
use super::*;

fn title() -> TaxTitle {
    TaxTitle {
        rate: "19.0".parse().expect("a rate"),
        objektnummer: Some("0000000019".into()),
        sts: Some("A1".into()),
        text: Some("Umsatzsteuer 19 %".into()),
    }
}

fn refused(order: &OpenOrder, profile: &Profile) -> String {
    let refusal = buchungen(order, profile).expect_err("it must not be sent");
    assert_eq!(
        (refusal.fault, refusal.code.as_str()),
        (Fault::Configuration, "not-sent")
    );
    refusal.text
}

#[test]
fn tax_is_a_buchung_of_its_own_with_its_key_in_the_href() {
    let profile = Profile {
        tax_titles: vec![title()],
        ..Profile::default()
    };
    let order = order();
    let found = buchungen(&order, &profile).expect("good");
    let shown: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.objektnummer,
                one.text.as_str(),
                one.betrag.get(),
                one.href.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Some("0000000001"), "GEBÜHR MELDEREGISTER & MEHR", 2345, None),
            (None, "ANTRAG 4711 ZWEITE ZEILE", 1517, Some("KST=7;")),
            (Some("0000000019"), "UMSATZSTEUER 19 %", 288, Some("KST=7;STS=A1")),
        ]
    );
}

#[test]
fn tax_within_leaves_one_gross_buchung() {
    let profile = Profile {
        tax: Tax::Within,
        tax_titles: vec![title()],
        ..Profile::default()
    };
    let order = order();
    let found = buchungen(&order, &profile).expect("good");
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[1].betrag.get(), found[1].href.as_deref()),
        (1805, Some("KST=7;STS=A1"))
    );
}

#[test]
fn a_rate_without_a_title_is_named_and_stays_on_the_line_s_title() {
    let profile = Profile::default();
    let mut order = order();
    order.lines[1].tax_rate = "19.00".parse().expect("a rate");
    let found = buchungen(&order, &profile).expect("good");
    assert_eq!(
        (found[2].text.as_str(), found[2].href.as_deref()),
        ("MWST 19%", Some("KST=7;"))
    );
}

#[test]
fn a_buchungstext_leaves_room_for_the_kassenzeichen() {
    let profile = Profile {
        kassenzeichen_length: 13,
        ..Profile::default()
    };
    let order = order();
    let found = buchungen(&order, &profile).expect("good");
    assert_eq!(found[0].text, "GEBÜHR MELDER");
}

#[test]
fn what_would_be_refused_or_mutilated_is_not_sent() {
    let profile = Profile::default();
    let mut wrong = order();
    wrong.total = Cents::new(4151);
    let text = refused(&wrong, &profile);
    assert!(text.contains("41.51") && text.contains("41.50"), "{text}");

    let mut wrong = order();
    wrong.lines[0].haushaltsstelle = "1100.100001".into();
    assert!(refused(&wrong, &profile).contains("«1100.100001» has 11 characters, the service takes 10"));

    let mut wrong = order();
    wrong.lines[1].href = Some("x".repeat(101));
    assert!(refused(&wrong, &profile).starts_with("HREF"));
    let wide = Profile {
        href_max: 255,
        ..Profile::default()
    };
    assert!(buchungen(&wrong, &wide).is_ok());

    let mut wrong = order();
    wrong.kennzeichen_mahnverfahren = "110000".into();
    assert!(refused(&wrong, &profile).starts_with("Kennzeichen Mahnverfahren"));

    let mut wrong = order();
    wrong.kassenzeichen = Some(crate::domain::ids::Kassenzeichen::parse("A-1").expect("a Kassenzeichen"));
    assert!(refused(&wrong, &profile).contains("«A-1»"));

    let few = Profile {
        max_buchungen: 2,
        ..Profile::default()
    };
    assert!(refused(&order(), &few).contains("3 Buchungen, allowed are 2"));
}

#[test]
fn a_line_of_nothing_is_left_out() {
    let mut order = order();
    let mut nothing = order.lines[0].clone();
    nothing.net = Cents::ZERO;
    order.lines.push(nothing);
    assert_eq!(buchungen(&order, &Profile::default()).expect("good").len(), 3);
}
