//! Every row of the tables, and what looks like a payment and is none.

use super::*;

const TOTAL: Cents = Cents::new(4150);

fn told(page: Page, method: Option<&str>, saldo: Option<i64>) -> Told {
    Told {
        kassenzeichen: None,
        page,
        method: method.map(|code| Method::parse(code).expect("a method")),
        saldo: saldo.map(Cents::new),
        ..Told::default()
    }
}

fn judge(told: &Told, heard: &Heard) -> Judgement {
    ProofTable::Konnektor.judge(told, heard, TOTAL)
}

fn success() -> Heard {
    Heard {
        success: true,
        ..Heard::default()
    }
}

fn paid(cents: i64) -> Judgement {
    Judgement::Paid {
        amount: Cents::new(cents),
        method: Method::parse("PAYPAL").expect("a method"),
        borne_out: true,
    }
}

/// By the word alone.
fn said(cents: i64) -> Judgement {
    Judgement::Paid {
        amount: Cents::new(cents),
        method: Method::parse("PAYPAL").expect("a method"),
        borne_out: false,
    }
}

#[test]
fn inaktiv_with_method_and_no_saldo_left_is_paid_without_any_callback() {
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), Some(0)), &Heard::default()),
        paid(4150)
    );
    assert_eq!(
        judge(
            &told(Page::Inactive, Some("PAYPAL"), Some(-100)),
            &Heard::default()
        ),
        paid(4250)
    );
}

#[test]
fn a_missing_or_lagging_saldo_needs_the_signed_word() {
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), None), &Heard::default()),
        Judgement::WithoutProof
    );
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), None), &success()),
        said(4150)
    );
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), Some(4150)), &success()),
        said(4150)
    );
}

#[test]
fn once_the_saldo_has_agreed_it_alone_is_believed() {
    let heard = Heard {
        confirmed: true,
        ..success()
    };
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), Some(4150)), &heard),
        Judgement::WithoutProof
    );
}

#[test]
fn a_part_payment_stays_a_part_even_under_a_success() {
    assert_eq!(
        judge(&told(Page::Inactive, Some("PAYPAL"), Some(50)), &success()),
        paid(4100)
    );
}

#[test]
fn inaktiv_alone_is_no_payment_and_a_success_callback_without_method_is_none_either() {
    assert_eq!(
        judge(&told(Page::Inactive, None, Some(4150)), &Heard::default()),
        Judgement::WithoutProof
    );
    assert_eq!(
        judge(&told(Page::Inactive, None, Some(0)), &success()),
        Judgement::WithoutProof
    );
}

#[test]
fn an_active_page_is_not_yet_even_under_a_success() {
    for page in [Page::Active, Page::Missing, Page::Other("?".into())] {
        assert_eq!(
            judge(&told(page, Some("PAYPAL"), Some(0)), &success()),
            Judgement::NotYet
        );
    }
}

#[test]
fn a_signed_cancel_with_the_whole_saldo_open_is_the_end() {
    let heard = Heard {
        ended: Some(Word::Canceled),
        ..Heard::default()
    };
    assert_eq!(
        judge(&told(Page::Inactive, None, Some(4150)), &heard),
        Judgement::Over(Word::Canceled)
    );
    assert_eq!(
        judge(&told(Page::Inactive, None, None), &heard),
        Judgement::WithoutProof
    );
}

/// What lesenKassenzeichenInfo says: claim, receipts, returns, cancellations, saldo.
fn sums(claim: i64, receipts: i64, returns: i64, cancelled: i64, saldo: i64) -> Told {
    Told {
        method: Some(Method::parse("PAYPAL").expect("a method")),
        saldo: Some(Cents::new(saldo)),
        amounts: Some(Amounts {
            hauptforderungen: Some(Cents::new(claim)),
            zahlungseingaenge: Some(Cents::new(receipts)),
            lastschriften: Some(Cents::ZERO),
            ruecklastschriften: Some(Cents::new(returns)),
            stornos: Some(Cents::new(cancelled)),
            sonstige: Some(Cents::ZERO),
        }),
        ..Told::default()
    }
}

fn both(told: &Told) -> Judgement {
    let judged = ProofTable::SoapSums.judge(told, &Heard::default(), TOTAL);
    assert_eq!(
        ProofTable::SoapSaldo.judge(told, &Heard::default(), TOTAL),
        judged,
        "{told:?}"
    );
    judged
}

#[test]
fn what_came_in_is_paid_whatever_the_page_says() {
    for page in [Page::Missing, Page::Active, Page::Inactive] {
        let with = |told: Told| Told {
            page: page.clone(),
            ..told
        };
        assert_eq!(both(&with(sums(4150, 4150, 0, 0, 0))), paid(4150));
        assert_eq!(both(&with(sums(4150, 4250, 0, 0, -100))), paid(4250));
        assert_eq!(both(&with(sums(4150, 1000, 0, 0, 3150))), paid(1000));
        assert_eq!(both(&with(sums(4150, 4150, 150, 0, 150))), paid(4000));
    }
}

#[test]
fn a_cancelled_claim_looks_paid_and_is_not() {
    assert_eq!(both(&sums(4150, 0, 0, 4150, 0)), Judgement::Over(Word::Failed));
}

#[test]
fn a_temporary_kassenzeichen_claims_nothing_and_is_not_paid() {
    assert_eq!(both(&sums(0, 0, 0, 0, 0)), Judgement::NotYet);
    let closed = Told {
        page: Page::Inactive,
        ..sums(0, 0, 0, 0, 0)
    };
    assert_eq!(both(&closed), Judgement::WithoutProof);
    assert_eq!(both(&sums(0, 4150, 0, 0, -4150)), paid(4150));
}

#[test]
fn money_on_a_cancelled_claim_is_still_money() {
    assert_eq!(both(&sums(4150, 4150, 0, 4150, -4150)), paid(4150));
}

#[test]
fn what_went_back_is_shown_by_its_own_sum() {
    assert_eq!(both(&sums(4150, 4150, 4150, 0, 4150)), Judgement::WentBack);
    // A fee for the return is owed on top.
    let fee = Told {
        saldo: Some(Cents::new(4450)),
        ..sums(4150, 4150, 4150, 0, 4150)
    };
    assert_eq!(
        ProofTable::SoapSaldo.judge(&fee, &Heard::default(), TOTAL),
        Judgement::WentBack
    );
}

#[test]
fn sums_that_contradict_the_saldo_prove_nothing() {
    let without_receipt = sums(4150, 0, 0, 0, 0);
    assert_eq!(
        ProofTable::SoapSums.judge(&without_receipt, &Heard::default(), TOTAL),
        Judgement::NotYet
    );
    assert_eq!(
        ProofTable::SoapSaldo.judge(&without_receipt, &Heard::default(), TOTAL),
        paid(4150),
        "where the operator says that receipts count elsewhere"
    );
    let other = |cents| {
        let mut told = sums(4150, 0, 0, 0, 0);
        told.amounts.as_mut().expect("sums").sonstige = Some(Cents::new(cents));
        ProofTable::SoapSums.judge(&told, &Heard::default(), TOTAL)
    };
    assert_eq!([other(4150), other(-4150)], [paid(4150), paid(4150)]);
    assert_eq!(other(4149), Judgement::NotYet);
}

#[test]
fn a_missing_sum_is_no_agreement() {
    for table in [ProofTable::SoapSums, ProofTable::SoapSaldo] {
        let judge = |told: &Told| table.judge(told, &success(), TOTAL);
        let full = sums(4150, 4150, 0, 0, 0);
        assert_eq!(
            judge(&Told {
                saldo: None,
                ..full.clone()
            }),
            Judgement::NotYet
        );
        assert_eq!(
            judge(&Told {
                amounts: None,
                ..full.clone()
            }),
            Judgement::NotYet
        );
        let mut claim = full.clone();
        claim.amounts.as_mut().expect("sums").hauptforderungen = None;
        assert_eq!(judge(&claim), Judgement::NotYet);
    }
    let mut cancelled = sums(4150, 4150, 0, 0, 0);
    cancelled.amounts.as_mut().expect("sums").stornos = None;
    assert_eq!(
        ProofTable::SoapSaldo.judge(&cancelled, &Heard::default(), TOTAL),
        Judgement::NotYet
    );
    assert_eq!(
        ProofTable::SoapSums.judge(&cancelled, &Heard::default(), TOTAL),
        paid(4150)
    );
}

#[test]
fn a_method_that_is_not_named_is_called_unknown() {
    let told = Told {
        method: None,
        ..sums(4150, 4150, 0, 0, 0)
    };
    let Judgement::Paid { method, .. } = both(&told) else {
        panic!("it is paid");
    };
    assert_eq!(method.as_str(), "UNBEKANNT");
}

#[test]
fn amounts_beyond_all_bounds_prove_nothing() {
    for extreme in [i64::MIN, i64::MAX] {
        for told in [
            sums(extreme, 4150, 0, 0, extreme),
            sums(4150, extreme, 0, 0, extreme),
            sums(extreme, extreme, extreme, extreme, extreme),
        ] {
            let judged = ProofTable::SoapSums.judge(&told, &Heard::default(), TOTAL);
            assert!(!matches!(judged, Judgement::Paid { .. }), "{told:?}");
        }
    }
}

#[test]
fn an_xbezahldienst_is_believed_by_its_word_and_does_not_take_it_back() {
    let judge = |word, heard: &Heard| {
        let told = Told {
            word,
            method: Some(Method::parse("PAYPAL").expect("a method")),
            ..Told::default()
        };
        ProofTable::Xbezahldienste.judge(&told, heard, TOTAL)
    };
    let none = Heard::default();
    assert_eq!(judge(Some(Word::Success), &none), said(4150));
    assert_eq!(
        judge(Some(Word::Canceled), &none),
        Judgement::Over(Word::Canceled)
    );
    assert_eq!(judge(Some(Word::Failed), &none), Judgement::Over(Word::Failed));
    for word in [None, Some(Word::Interim), Some(Word::Other)] {
        assert_eq!(judge(word, &none), Judgement::NotYet);
    }
    let mut booked = Heard::default();
    booked.receive("bund", &Method::parse("PAYPAL").expect("a method"), TOTAL);
    for word in [Word::Canceled, Word::Failed] {
        assert_eq!(judge(Some(word), &booked), Judgement::TakenBack);
    }
    for word in [Word::Interim, Word::Other] {
        assert_eq!(
            judge(Some(word), &booked),
            Judgement::Behind,
            "a replica that lags"
        );
    }
}
