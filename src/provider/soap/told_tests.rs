//! Fields: every spelling, what is missing, and what cannot be.

use super::super::answer::tests::{answer, answered, envelope};
use super::super::requests::tests::{kassenzeichen as ours, order, question};
use super::*;

fn told(body: &[u8]) -> Answer {
    info(answered(body).result(), &question(), &Profile::default())
}

fn inner(fields: &str) -> Answer {
    told(&envelope(&format!("<r><x>{fields}</x></r>")))
}

fn known(answer: Answer) -> Told {
    match answer {
        Answer::Told(told) => told,
        other => panic!("told, not {other:?}"),
    }
}

fn nothing(answer: Answer) -> String {
    match answer {
        Answer::None(why) => why,
        other => panic!("nothing, not {other:?}"),
    }
}

#[test]
fn a_paid_kassenzeichen_tells_the_same_in_every_form() {
    let all = |cents| Some(Cents::new(cents));
    for name in ["info.v2", "info.v3", "info.v3.multiref"] {
        assert_eq!(
            known(told(&answer(name))),
            Told {
                kassenzeichen: Some(ours()),
                page: Page::Inactive,
                method: Method::parse("KREDITKARTE").ok(),
                saldo: all(0),
                amounts: Some(Amounts {
                    hauptforderungen: all(4150),
                    zahlungseingaenge: all(4150),
                    lastschriften: all(0),
                    ruecklastschriften: all(0),
                    stornos: all(0),
                    sonstige: all(0),
                }),
                word: None,
                other_customer: false,
                own_customer: true,
            },
            "{name}"
        );
    }
}

#[test]
fn a_missing_field_is_none() {
    let bare = known(told(&answer("info.bare")));
    assert_eq!(
        bare,
        Told {
            kassenzeichen: Some(ours()),
            saldo: Some(Cents::new(4150)),
            ..Told::default()
        }
    );
    let some = known(inner("<betragStornos>1</betragStornos>"));
    assert_eq!(
        some.amounts,
        Some(Amounts {
            stornos: Some(Cents::new(100)),
            ..Amounts::default()
        })
    );
}

#[test]
fn another_customer_is_noticed_in_either_spelling() {
    for name in ["EShopKundenNr", "eShopKundennummer"] {
        assert!(known(inner(&format!("<{name}>somebody</{name}>"))).other_customer);
        assert!(!known(inner(&format!("<{name}> k7f3aQ9-one_time_number </{name}>"))).other_customer);
    }
    let both =
        "<EShopKundenNr>k7f3aQ9-one_time_number</EShopKundenNr><EShopKundennummer>x</EShopKundennummer>";
    assert!(known(inner(both)).other_customer);
}

#[test]
fn what_cannot_be_makes_the_answer_none() {
    assert!(nothing(inner("<waehrung>USD</waehrung><saldo>1</saldo>")).contains("«USD»"));
    assert!(nothing(inner("<saldo>viel</saldo>")).contains("«saldo»"));
    assert!(nothing(inner("<betragStornos>0.005</betragStornos>")).contains("fraction"));
    assert!(nothing(inner("<kassenzeichen>ä</kassenzeichen>")).contains("Kassenzeichen"));
}

#[test]
fn the_page_is_kept_as_it_is_named() {
    for (said, page) in [
        ("<code>aktiv</code>", Page::Active),
        ("<code>INAKTIV</code>", Page::Inactive),
        ("INAKTIV", Page::Inactive),
        ("<code>GESPERRT</code>", Page::Other("GESPERRT".into())),
        ("", Page::Missing),
    ] {
        assert_eq!(
            known(inner(&format!("<paypageStatus>{said}</paypageStatus>"))).page,
            page
        );
    }
}

#[test]
fn a_payment_that_exists_is_ours_only_with_our_number_and_our_amount() {
    let order = order();
    let found = |body: &[u8]| existing(answered(body).result(), &order.nummer, order.total);
    for name in ["opened.v2", "opened.v3"] {
        assert_eq!(found(&answer(name)), Ok(Some(ours())), "{name}");
    }
    let deep = envelope(
        "<r><x><istOk>1</istOk><transaktion><a><buchungsListe><kassenzeichen>4200000000061</kassenzeichen>\
         </buchungsListe></a></transaktion></x></r>",
    );
    assert_eq!(found(&deep), Ok(Some(ours())));
    assert_eq!(found(&envelope("<r><x><istOk>1</istOk></x></r>")), Ok(None));
    let other = String::from_utf8(answer("opened.v3")).expect("UTF-8");
    let number = other.replace("TX7F3A1", "TX9");
    assert!(found(number.as_bytes()).expect_err("another").contains("«TX9»"));
    let amount = other.replace("41.50", "41.51");
    assert!(found(amount.as_bytes()).expect_err("another").contains("41.51"));
}

#[test]
fn the_account_is_believed_only_with_a_whole_iban() {
    for name in ["account.v2", "account.v3"] {
        let found = account(answered(&answer(name)).result()).expect("an account");
        assert_eq!(
            (
                found.holder.as_str(),
                found.iban.as_str(),
                found.bic.as_deref(),
                found.bank.as_deref()
            ),
            (
                "Stadtkasse Musterstadt",
                "DE89370400440532013000",
                Some("COBADEFFXXX"),
                Some("Musterbank")
            )
        );
        let wrong = String::from_utf8(answer(name))
            .expect("UTF-8")
            .replace("DE89", "DE88");
        assert_eq!(account(answered(wrong.as_bytes()).result()), None);
    }
}

#[test]
fn receipts_come_in_their_order_whatever_their_form() {
    for name in ["receipts.v2", "receipts.v3"] {
        let found = receipts(answered(&answer(name)).result()).expect("readable");
        let shown: Vec<_> = found
            .iter()
            .map(|one| {
                let at = one.booked_at.map(Timestamp::rfc3339);
                (one.kassenzeichen.as_str(), one.cents.get(), at)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("4200000000061", 4150, Some("2026-03-02T08:00:00.000Z".to_owned())),
                ("42/0815 x", -500, Some("2026-07-02T06:00:00.000Z".to_owned())),
            ],
            "{name}"
        );
    }
    let none = envelope("<r><x><zahlungseingaenge xsi:nil='true'/></x></r>");
    assert_eq!(receipts(answered(&none).result()), Ok(Vec::new()));
    let list = |inner: &str| envelope(&format!("<r><x><ergebnis/>{inner}</x></r>"));
    let repeated =
        "<zahlungseingaenge><kassenzeichen>A1</kassenzeichen><betrag>1</betrag></zahlungseingaenge>"
            .repeat(3);
    assert_eq!(
        receipts(answered(&list(&repeated)).result())
            .expect("readable")
            .len(),
        3
    );
    for broken in [
        "<betrag>1</betrag>",
        "<kassenzeichen>A1</kassenzeichen>",
        "<anders>1</anders>",
    ] {
        let broken = list(&format!(
            "<zahlungseingaenge><item>{broken}</item></zahlungseingaenge>"
        ));
        assert!(receipts(answered(&broken).result()).is_err());
    }
}
