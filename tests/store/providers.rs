//! What other kinds of providers bring reads back, and is found by whoever asks with a number.

use epaybl_connector::app::ports::{Scope, SupportStore as _};
use epaybl_connector::domain::case::{TransferTo, Way};
use epaybl_connector::domain::change::ProviderCall;
use epaybl_connector::domain::decide::Outcome;
use epaybl_connector::domain::ids::RemoteId;
use epaybl_connector::domain::pool::PoolTaken;

use crate::cases::connect;
use crate::kit::town::{after, at, kz, ledger};
use crate::kit::{Town, on_each};

fn call(attempt: epaybl_connector::domain::ids::AttemptId, n: i64) -> ProviderCall {
    ProviderCall {
        attempt,
        at: at("2026-03-02T11:00:00Z").plus_seconds(n),
        operation: "lesenKassenzeichenInfo".to_owned(),
        code: (n % 2 == 0).then(|| "+0000".to_owned()),
        reference: format!("EP-{n}"),
    }
}

#[tokio::test]
async fn a_transfer_an_id_and_references_read_back_and_lead_to_their_case() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage-1", &[1250]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        let taken = Outcome::Open {
            kassenzeichen: Some(kz("4200000000061")),
            remote: Some(RemoteId::parse("0197a5c0-1").expect("an id")),
            way: Way::Transfer(TransferTo {
                holder: "Stadtkasse «Übermut» & Co".to_owned(),
                iban: "DE89370400440532013000".to_owned(),
                bic: Some("COBADEFFXXX".to_owned()),
                bank: None,
            }),
        };
        let (mut opened, _) = town.opened(&read, new.attempt, &taken);
        let calls: Vec<_> = (0..3).map(|n| call(new.attempt, n)).collect();
        opened.change.effects.calls.clone_from(&calls);
        connector.becomes_true(&opened).await;
        let read = connector.read(new.case.id).await;
        assert_eq!(read.case, after(&opened));
        let store = &connector.store;
        assert_eq!(store.provider_calls(new.case.id, 10).await.expect("calls"), calls);
        assert_eq!(
            store.provider_calls(new.case.id, 2).await.expect("calls"),
            calls[1..],
            "the newest"
        );
        let payment = &read.case.payments[0];
        let numbers = [
            "0197a5c0-1".to_owned(),
            "4200000000061".to_owned(),
            "EP-1".to_owned(),
            "anfrage-1".to_owned(),
            payment.attempts[0].nummer.to_string(),
            payment.id.to_string(),
            new.attempt.to_string(),
            new.case.id.to_string(),
        ];
        for number in &numbers {
            let found = store.find_cases(&Scope::Program, number, 20).await;
            assert_eq!(found.expect("cases"), [new.case.id], "{number}");
            let elsewhere = Scope::Ledger(ledger("dorf"));
            let found = store.find_cases(&elsewhere, number, 20).await;
            assert_eq!(found.expect("cases"), [], "{number}: nobody sees another's");
        }
        let found = store.find_cases(&Scope::Program, "EP-", 20).await;
        assert_eq!(found.expect("cases"), []);
        connector.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_range_of_numbers_only_goes_forward() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let takes = |numbers: &[i64]| {
            let mut change = town.bare();
            change.effects.pools = numbers
                .iter()
                .map(|next| PoolTaken {
                    range: "epaybl/4711/0815/4200".to_owned(),
                    next: *next,
                })
                .collect();
            crate::kit::town::sealed(change)
        };
        for (numbers, next) in [(&[7, 9, 8][..], 9), (&[5][..], 9), (&[12][..], 12)] {
            connector.becomes_true(&takes(numbers)).await;
            assert_eq!(db.number("SELECT next FROM pool_range").await, next);
        }
        connector.end().await;
    })
    .await;
}
