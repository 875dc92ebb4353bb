use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn payment(faults: Vec<Fault>) -> Payment {
    let list = Buchungsliste {
        betrag: Cents::new(5000),
        methods: vec!["KREDITKARTE".to_owned()],
        ..Buchungsliste::default()
    };
    Payment {
        kassenzeichen: "4200000000001".to_owned(),
        account: 0,
        kind: PaymentKind::Paypage,
        list,
        token: String::new(),
        zvgid: String::new(),
        created_at: NOW,
        session_until: None,
        faults,
        standing: Standing::Open,
        movements: Vec::new(),
        deliveries: Vec::new(),
    }
}

fn paid(faults: Vec<Fault>) -> Payment {
    let mut payment = payment(faults);
    payment
        .pay("KREDITKARTE", true, None, "T".to_owned(), NOW)
        .expect("payable");
    payment
}

fn data(payment: &mut Payment) -> String {
    payment.read()["zusatzdaten"].to_string()
}

const OPEN: &str = r#"{"paypagestatus":"AKTIV","saldo":50.00}"#;
const PAID: &str = r#"{"paypagestatus":"INAKTIV","bezahlverfahren":"KREDITKARTE","saldo":0.00}"#;

#[test]
fn a_payment_is_active_until_it_is_paid() {
    assert_eq!(data(&mut payment(vec![])), OPEN);
    assert_eq!(data(&mut paid(vec![])), PAID);
    let twice = paid(vec![]).pay("KREDITKARTE", true, None, "T".to_owned(), NOW);
    assert!(matches!(twice, Err(SandboxError::NotNow { .. })));
    let other = payment(vec![]).pay("PAYPAL", true, None, "T".to_owned(), NOW);
    assert!(matches!(other, Err(SandboxError::Method { .. })));
}

#[test]
fn the_status_lags_for_as_many_reads_as_asked() {
    let mut payment = paid(vec![Fault::StatusLags { reads: 2 }]);
    assert_eq!([(); 4].map(|()| data(&mut payment)), [OPEN, OPEN, PAID, PAID]);
}

#[test]
fn an_aborted_payment_stays_active_and_can_be_paid_late() {
    let mut payment = payment(vec![]);
    payment.abort(NOW).expect("open");
    assert_eq!(data(&mut payment), OPEN);
    payment
        .pay("KREDITKARTE", true, None, "T".to_owned(), NOW)
        .expect("still payable");
    assert_eq!(data(&mut payment), PAID);
    assert!(payment.abort(NOW).is_err());
}

#[test]
fn an_aborted_payment_may_be_inactive_without_a_method() {
    let mut payment = payment(vec![Fault::InaktivAfterAbort]);
    payment.abort(NOW).expect("open");
    assert_eq!(data(&mut payment), r#"{"paypagestatus":"INAKTIV","saldo":50.00}"#);
    assert!(
        payment
            .pay("KREDITKARTE", true, None, "T".to_owned(), NOW)
            .is_err()
    );
}

#[test]
fn the_payer_may_pay_too_little_or_too_much() {
    assert_eq!(
        paid(vec![Fault::WrongAmount {
            short: Cents::new(150)
        }])
        .saldo(),
        Cents::new(150)
    );
    assert_eq!(
        paid(vec![Fault::WrongAmount {
            short: Cents::new(9900)
        }])
        .saldo(),
        Cents::new(5000)
    );
    assert_eq!(
        paid(vec![Fault::Overpaid {
            over: Cents::new(150)
        }])
        .saldo(),
        Cents::new(-150)
    );
}

#[test]
fn money_comes_and_goes_back() {
    let mut payment = paid(vec![]);
    payment.return_money(None, None, NOW).expect("money is there");
    assert_eq!(payment.saldo(), Cents::new(5000));
    assert!(payment.return_money(None, None, NOW).is_err());
    payment.receive(Cents::new(2000), NOW).expect("an amount");
    assert_eq!(payment.saldo(), Cents::new(3000));
    assert!(payment.return_money(Some(Cents::new(2001)), None, NOW).is_err());
    assert!(payment.receive(Cents::ZERO, NOW).is_err());
}

#[test]
fn a_read_may_miss_the_saldo() {
    let expected = r#"{"paypagestatus":"INAKTIV","bezahlverfahren":"KREDITKARTE"}"#;
    assert_eq!(data(&mut paid(vec![Fault::MissingSaldo])), expected);
}

#[test]
fn a_storno_before_the_payment_leaves_nothing_to_pay_and_nothing_paid() {
    let mut payment = payment(vec![]);
    payment.storno(None, NOW).expect("a claim");
    let reading = payment.reading();
    assert_eq!(
        (reading.state, reading.page),
        ("canceled", Some(PageStatus::Inaktiv))
    );
    assert_eq!(
        (reading.hauptforderungen, reading.stornos, reading.saldo),
        (Cents::new(5000), Cents::new(5000), Some(Cents::ZERO))
    );
    assert_eq!((reading.zahlungseingaenge, reading.method), (Cents::ZERO, None));
    assert!(payment.storno(None, NOW).is_err());
    let late = payment.pay("KREDITKARTE", true, None, "T".to_owned(), NOW);
    assert!(matches!(late, Err(SandboxError::NotNow { .. })));
}

#[test]
fn a_storno_after_the_payment_leaves_the_money_and_a_negative_saldo() {
    let mut payment = paid(vec![]);
    payment.storno(None, NOW).expect("a claim");
    let reading = payment.reading();
    assert_eq!((reading.state, reading.saldo), ("paid", Some(Cents::new(-5000))));
    assert_eq!(reading.zahlungseingaenge, Cents::new(5000));
}

#[test]
fn a_storno_of_a_part_lowers_what_the_paypage_asks_for() {
    let mut payment = payment(vec![]);
    payment.storno(Some(Cents::new(1500)), NOW).expect("a part");
    payment
        .pay("KREDITKARTE", true, None, "T".to_owned(), NOW)
        .expect("payable");
    let reading = payment.reading();
    assert_eq!(
        (reading.zahlungseingaenge, reading.saldo),
        (Cents::new(3500), Some(Cents::ZERO))
    );
}

#[test]
fn a_session_that_has_run_out_is_inactive_and_owes_everything() {
    let mut payment = payment(vec![]);
    payment.expire(NOW).expect("open");
    assert_eq!(data(&mut payment), r#"{"paypagestatus":"INAKTIV","saldo":50.00}"#);
    assert!(
        payment
            .pay("KREDITKARTE", true, None, "T".to_owned(), NOW)
            .is_err()
    );
    payment
        .receive(Cents::new(5000), NOW)
        .expect("a transfer still comes");
    assert_eq!((payment.state(), payment.saldo()), ("expired", Cents::ZERO));
}

#[test]
fn a_claim_by_invoice_is_paid_by_transfers_that_cover_it() {
    let mut payment = payment(vec![]);
    payment.kind = PaymentKind::Rechnung;
    let page = payment.pay("KREDITKARTE", true, None, "T".to_owned(), NOW);
    assert!(matches!(page, Err(SandboxError::NotNow { .. })));
    payment.receive(Cents::new(2000), NOW).expect("a part");
    assert_eq!(payment.state(), "open");
    payment.receive(Cents::new(4000), NOW).expect("the rest and more");
    let reading = payment.reading();
    assert_eq!(
        (reading.state, reading.page, reading.method.as_deref()),
        ("paid", None, Some("UEBERWEISUNGNACH"))
    );
    assert_eq!(reading.saldo, Some(Cents::new(-1000)));
    assert_eq!(payment.movements[1].over, Cents::new(1000));
    payment.return_money(None, Some("AC04"), NOW).expect("money");
    assert_eq!((payment.state(), payment.saldo()), ("open", Cents::new(5000)));
}

#[test]
fn a_debit_that_the_kasse_collects_is_a_lastschrift_and_not_a_zahlungseingang() {
    let mut payment = payment(vec![]);
    payment.list.methods.push("SEPASDD".to_owned());
    payment
        .pay("SEPASDD", false, None, "T".to_owned(), NOW)
        .expect("payable");
    payment
        .return_money(Some(Cents::new(2000)), None, NOW)
        .expect("money");
    payment.charge(Cents::new(300), NOW).expect("a fee");
    let reading = payment.reading();
    assert_eq!(
        (reading.zahlungseingaenge, reading.lastschriften),
        (Cents::ZERO, Cents::new(5000))
    );
    assert_eq!(
        (reading.ruecklastschriften, reading.sonstige, reading.saldo),
        (Cents::new(2000), Cents::new(300), Some(Cents::new(2300)))
    );
}
