//! One bad row hurts nobody else.

use epaybl_connector::app::ports::{CommitError, Sealed};
use epaybl_connector::domain::case::Way;
use epaybl_connector::domain::change::Save;
use epaybl_connector::domain::money::Cents;

use crate::cases::connect;
use crate::kit::town::{item, order_of};
use crate::kit::{Faulty, Town, on_each};
use crate::writer::all_at_once;

/// New payments, of which the one at `bad` was broken by `spoil`.
fn payments(town: &Town, count: usize, bad: usize, spoil: impl Fn(&mut Sealed, &Sealed)) -> Vec<Sealed> {
    let mut all: Vec<Sealed> = (0..count)
        .map(|n| town.accept("stadt", &format!("anfrage-{n}"), &[500]).sealed)
        .collect();
    let other = all[0].clone();
    spoil(&mut all[bad], &other);
    all
}

fn payment(sealed: &mut Sealed) -> &mut epaybl_connector::domain::case::Payment {
    match &mut sealed.change.effects.payments[0] {
        Save::New((_, payment)) | Save::Changed((_, payment)) => payment,
    }
}

fn attempt(sealed: &mut Sealed) -> &mut epaybl_connector::domain::case::Attempt {
    match &mut sealed.change.effects.attempts[0] {
        Save::New((.., attempt)) | Save::Changed((.., attempt)) => attempt,
    }
}

#[tokio::test]
async fn a_bad_row_is_refused_alone() {
    type Spoil = fn(&mut Sealed, &Sealed);
    let check: Spoil = |bad, _| payment(bad).total = Cents::ZERO;
    let foreign_key: Spoil = |bad, _| bad.change.effects.case = None;
    let token: Spoil = |bad, other| {
        let mut other = other.clone();
        attempt(bad).token = attempt(&mut other).token.clone();
    };
    let missing: Spoil = |bad, _| bad.change.ledger = None;
    for (name, spoil) in [
        ("check", check),
        ("foreign key", foreign_key),
        ("token", token),
        ("no ledger", missing),
    ] {
        on_each(async |db| {
            let town = Town::new();
            connect(db, &town).await.end().await;
            let faulty = Faulty::held(db.engine().await);
            let connector = crate::kit::Db::over(faulty.clone(), town.clone());
            let results = all_at_once(&connector, &faulty, payments(&town, 40, 23, spoil)).await;
            for (n, result) in results.iter().enumerate() {
                match result {
                    Err(CommitError::Refused(_)) => assert_eq!(n, 23, "{name}"),
                    other => assert_eq!(*other, Ok(()), "{name} {n}"),
                }
            }
            assert_eq!(db.number("SELECT count(*) FROM payment").await, 39, "{name}");
            assert_eq!(
                db.number("SELECT count(*) FROM once_key WHERE scope LIKE 'case/%'")
                    .await,
                39
            );
            // Halves, not forty runs of one.
            assert!(faulty.sizes().len() < 16, "{:?}", faulty.sizes());
        })
        .await;
    }
}

#[tokio::test]
async fn u_0000_is_refused_before_it_costs_a_batch() {
    on_each(async |db| {
        let town = Town::new();
        connect(db, &town).await.end().await;
        let faulty = Faulty::with(db.engine().await, &[]);
        let connector = crate::kit::Db::over(faulty.clone(), town.clone());
        let mut position = item(500);
        position.reference = "AZ\u{0}1".to_owned();
        let in_json = town
            .accept_into(None, "stadt", &order_of("in-json", vec![position]))
            .sealed;
        // Inside of a JSON text it is escaped, and no character of the text.
        assert_eq!(connector.commit(&in_json).await, Ok(()));

        let mut in_column = town.accept("stadt", "in-spalte", &[500]).sealed;
        attempt(&mut in_column).way = Some(Way::Paypage("https://a\u{0}b".to_owned()));
        let mut in_key = town.accept("stadt", "in-schluessel", &[500]).sealed;
        in_key.change.guards.keys[0].key.push('\0');
        for (bad, says) in [
            (in_column, "paypage contains U+0000"),
            (in_key, "key contains U+0000"),
        ] {
            let refused = connector.commit(&bad).await;
            assert!(
                matches!(&refused, Err(CommitError::Refused(why)) if why.contains(says)),
                "{refused:?}"
            );
        }
        assert_eq!(faulty.sizes(), [1]);
    })
    .await;
}

#[tokio::test]
async fn records_without_a_ledger_and_commitments_without_their_data_are_refused() {
    use epaybl_connector::domain::told::Word;
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        let good = town.heard(&read, new.attempt, Word::Success, "KZ1");
        let mut nowhere = good.clone();
        nowhere.change.ledger = None;
        let mut without = good.clone();
        without.personal.clear();
        for (bad, says) in [(nowhere, "names no ledger"), (without, "does not bring")] {
            let refused = connector.commit(&bad).await;
            assert!(
                matches!(&refused, Err(CommitError::Refused(why)) if why.contains(says)),
                "{refused:?}"
            );
        }
        connector.becomes_true(&good).await;
    })
    .await;
}

#[tokio::test]
async fn a_record_that_would_not_read_back_is_refused() {
    use epaybl_connector::domain::booking::Account;
    use epaybl_connector::domain::record::Body;
    use epaybl_connector::domain::told::Word;
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        let mut bad = town.heard(&read, new.attempt, Word::Success, "KZ1");
        for (body, _) in &mut bad.change.effects.records {
            if let Body::Callback(callback) = body {
                *body = Body::Booking(epaybl_connector::domain::booking::Booking {
                    kind: epaybl_connector::domain::booking::BookingKind::Umbuchung,
                    ledger: read.case.ledger.clone(),
                    subject: epaybl_connector::domain::subject::Subject::Attempt {
                        case: callback.case,
                        attempt: callback.attempt,
                    },
                    reverses: None,
                    lines: vec![line(&Account::Erloes {
                        haushaltsstelle: "0500.2000".to_owned(),
                        objektnummer: Some(String::new()),
                    })],
                });
            }
        }
        let refused = connector.commit(&bad).await;
        assert!(
            matches!(&refused, Err(CommitError::Refused(why)) if why.contains("would not read back")),
            "{refused:?}"
        );
    })
    .await;
}

fn line(income: &epaybl_connector::domain::booking::Account) -> epaybl_connector::domain::booking::Line {
    use epaybl_connector::domain::booking::{Account, Line, Side};
    let posten = epaybl_connector::domain::ids::PostenId(uuid::Uuid::nil());
    let side = |account: Account| Side { account, posten };
    Line {
        debit: side(Account::Verwahrung),
        credit: side(income.clone()),
        cents: epaybl_connector::domain::money::Cents::new(100),
        haushaltsjahr: 2026,
        haushaltsstelle: None,
        objektnummer: None,
        anordnung: String::new(),
    }
}
