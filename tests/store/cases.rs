//! What is committed reads back as it was decided.

use epaybl_connector::app::ports::{Sealed, Snapshot, Store as _};
use epaybl_connector::domain::case::{Awaited, CaseStanding, Ending, PortalAnswer, Standing, Way};
use epaybl_connector::domain::decide::Outcome;
use epaybl_connector::domain::ids::AttemptId;
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::told::Word;

use crate::kit::db::{Connector, Db};
use crate::kit::town::{after, item, kz, ledger, open, order, order_of, verified};
use crate::kit::{Town, on_each};

/// A connector whose town has the Kasse `stadt`.
pub async fn connect(db: &Db, town: &std::sync::Arc<Town>) -> Connector {
    let connector = db.connector(town.clone()).await;
    connector.becomes_true(&town.tenants("stadt", 1)).await;
    connector
}

/// Commits a Change of a case and reads the case back as it must be now.
async fn step(connector: &Connector, sealed: &Sealed) -> Snapshot {
    connector.becomes_true(sealed).await;
    let case = after(sealed);
    let read = connector.read(case.id).await;
    assert_eq!(read.case, case);
    read
}

fn standing(snapshot: &Snapshot, attempt: AttemptId) -> &'static str {
    let payment = snapshot.case.payment_of(attempt).expect("the attempt is there");
    payment
        .attempt(attempt)
        .expect("the attempt is there")
        .standing
        .as_str()
}

#[tokio::test]
async fn a_payment_reads_back_in_every_state_of_its_life() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage-1", &[1250, 2900]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        assert_eq!(read.case, new.case);
        assert_eq!(standing(&read, new.attempt), "calling");

        let read = step(&connector, &town.opened(&read, new.attempt, &Outcome::Unclear).0).await;
        assert_eq!(standing(&read, new.attempt), "unclear");
        town.pass(40);
        let read = step(&connector, &town.called_again(&read, new.attempt)).await;
        let (orphaned, next) = town.opened(&read, new.attempt, &Outcome::AlreadyUsed);
        let read = step(&connector, &orphaned).await;
        let next = next.expect("a linked attempt takes its place");
        assert_eq!(
            (standing(&read, new.attempt), standing(&read, next)),
            ("orphaned", "calling")
        );
        assert_eq!(read.case.open_exceptions.len(), 1);

        let read = step(&connector, &town.opened(&read, next, &open(None)).0).await;
        let payment = read.case.payment_of(next).expect("the payment");
        assert_eq!(
            payment.attempt(next).map(|of| &of.kassenzeichen),
            Some(&Awaited::Awaited)
        );
        let read = step(&connector, &town.heard(&read, next, Word::Success, "KZ1")).await;
        let payment = read.case.payment_of(next).expect("the payment");
        let of = payment.attempt(next).expect("the attempt");
        assert_eq!(of.kassenzeichen, Awaited::Known(kz("KZ1")));
        assert!(of.heard.success && of.books.soll == Cents::new(4150));

        let read = step(&connector, &town.told(&read, next, Some("PAYPAL"), Some(0))).await;
        assert_eq!(
            (standing(&read, next), read.case.standing),
            ("paid", CaseStanding::Paid)
        );
        let payed = &read.case.payment_of(next).expect("the payment").answer;
        assert!(matches!(payed, PortalAnswer::Payed { reference, .. } if *reference == kz("KZ1")));

        // More than was owed lies in a deposit; then everything goes back.
        town.pass(86_400);
        let read = step(&connector, &town.told(&read, next, Some("PAYPAL"), Some(-100))).await;
        let books = read
            .case
            .payment_of(next)
            .and_then(|of| of.attempt(next))
            .expect("it")
            .books;
        assert!(books.deposit.is_some() && books.deposited == Cents::new(100));
        town.pass(86_400);
        let read = step(&connector, &town.told(&read, next, Some("PAYPAL"), Some(4150))).await;
        assert_eq!(read.case.standing, CaseStanding::Reopened);
        assert_eq!(read.case.status_seq, 4);
    })
    .await;
}

#[tokio::test]
async fn every_end_reads_back() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = |request: &str| town.accept("stadt", request, &[500]);

        let refused = new("abgelehnt");
        connector.becomes_true(&refused.sealed).await;
        let read = connector.read(refused.case.id).await;
        let code = Outcome::Refused {
            code: "-0611".to_owned(),
        };
        let read = step(&connector, &town.opened(&read, refused.attempt, &code).0).await;
        let answer = &read.case.payments[0].answer;
        assert!(matches!(answer, PortalAnswer::Refused { code, .. } if code == "-0611"));

        for (word, kassenzeichen, end) in [
            (Word::Canceled, "KZ1", "canceled"),
            (Word::Failed, "KZ2", "failed"),
        ] {
            let ended = new(kassenzeichen);
            connector.becomes_true(&ended.sealed).await;
            let read = connector.read(ended.case.id).await;
            let read = step(
                &connector,
                &town.opened(&read, ended.attempt, &open(Some(kassenzeichen))).0,
            )
            .await;
            let read = step(&connector, &town.heard(&read, ended.attempt, word, kassenzeichen)).await;
            let read = step(&connector, &town.told(&read, ended.attempt, None, Some(500))).await;
            assert_eq!(standing(&read, ended.attempt), end);
            assert_eq!(read.case.payments[0].attempts[0].books.set_off, Cents::new(500));
        }

        let failed = new("verfallen");
        connector.becomes_true(&failed.sealed).await;
        let read = connector.read(failed.case.id).await;
        let read = step(
            &connector,
            &town.opened(&read, failed.attempt, &open(Some("KZ3"))).0,
        )
        .await;
        town.pass(3601);
        let read = step(&connector, &town.told(&read, failed.attempt, None, Some(500))).await;
        let of = &read.case.payments[0].attempts[0];
        assert!(
            matches!(
                of.standing,
                Standing::Ended {
                    how: Ending::Failed,
                    ..
                }
            ) && of.unproven == 1
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_payment_of_a_case_is_read_with_the_first() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let first = town.accept("stadt", "erste", &[500]);
        connector.becomes_true(&first.sealed).await;
        town.pass(1);
        let read = connector.read(first.case.id).await;
        let second = town.accept_into(Some(&read), "stadt", &order("zweite", &[700]));
        connector.becomes_true(&second.sealed).await;
        let read = connector.read(first.case.id).await;
        assert_eq!(read.case, second.case);
        assert_eq!(read.case.payments.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn texts_and_numbers_of_every_kind_come_back_as_they_were() {
    const HARD: &str = "\"Wei\\ß' \\u0041 \\\\ 🧾 \u{2028}\u{2029}\u{7f}\u{1}\u{fffd} ]}',$1 ' --";
    const BEYOND_F64: i64 = (1 << 53) + 1;
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let mut position = item(BEYOND_F64);
        position.reference = HARD.to_owned();
        let order = order_of("hart", vec![position]);
        let new = town.accept_into(None, "stadt", &order);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        assert_eq!(read.case, new.case);
        assert_eq!(read.case.payments[0].total, Cents::new(BEYOND_F64));
        assert_eq!(read.case.payments[0].items[0].reference, HARD);

        let page = Outcome::Open {
            kassenzeichen: Some(kz("KZ1")),
            remote: None,
            way: Way::Paypage(HARD.to_owned()),
        };
        let read = step(&connector, &town.opened(&read, new.attempt, &page).0).await;
        let mut said = verified(Word::Success, "KZ1");
        said.zvp = Some(HARD.to_owned());
        said.status = HARD.to_owned();
        said.dedup_key = HARD.to_owned();
        let scope = format!("callback/{}", new.attempt);
        let read = step(&connector, &town.heard_as(&read, new.attempt, said)).await;
        assert_eq!(read.case.payments[0].attempts[0].heard.zvp.as_deref(), Some(HARD));
        let found = connector.store.once(&scope, HARD).await.expect("a read");
        assert_eq!(found, Some(new.attempt.to_string()));
        assert_eq!(db.number("SELECT sum(cents) FROM booking_line").await, BEYOND_F64);
        assert_eq!(
            db.number("SELECT max(debit_cents) FROM balance").await,
            BEYOND_F64
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_is_found_by_each_of_its_names_and_only_within_its_ledger() {
    use epaybl_connector::app::ports::Scope;
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        connector.becomes_true(&town.tenants("landkreis", 1)).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let (case, store) = (new.case.id, &connector.store);
        let payment = &new.case.payments[0];

        let by_pay = store.by_pay_token(&payment.token).await.expect("a read");
        assert_eq!(by_pay, Some((case, payment.id)));
        let token = &payment.attempts[0].token;
        let by_callback = store.by_callback_token(token).await.expect("a read");
        assert_eq!(by_callback, Some((case, new.attempt)));
        // One kind of token is no good for the other.
        assert_eq!(store.by_pay_token(token).await.expect("a read"), None);

        for (scope, seen) in [
            (Scope::Program, true),
            (Scope::Ledger(ledger("stadt")), true),
            (Scope::Ledger(ledger("landkreis")), false),
        ] {
            let read = store.case(&scope, case).await.expect("a read");
            let of = store.case_of_payment(&scope, payment.id).await.expect("a read");
            assert_eq!((read.is_some(), of.is_some()), (seen, seen), "{scope:?}");
        }
    })
    .await;
}
