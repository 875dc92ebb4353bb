//! Lists of unread receipts: everything on them is kept once, and confirmed only then, whatever breaks off.

use std::sync::Arc;

use epaybl_connector::app::App;
use epaybl_connector::app::ports::{Clock as _, CommitError, ReceiptFilter, Store as _};
use epaybl_connector::app::receipts::ReceiptsRead;
use epaybl_connector::domain::change::Lease;
use epaybl_connector::domain::ids::AttemptId;

use crate::cases::connect;
use crate::cursor::{Confirming, Lists, app, apply, kept};
use crate::kit::db::{Connector, Db};
use crate::kit::town::open;
use crate::kit::{Fault, Faulty, Town, on_each};

/// A town, a connector, its provider's list, and the use cases.
struct Scene {
    town: Arc<Town>,
    connector: Connector,
    lists: Arc<Lists>,
    app: Arc<App>,
}

impl Scene {
    async fn on(db: &Db) -> Self {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let lists = Lists::new();
        let app = app(&connector, town.clone(), lists.clone());
        apply(&app, |_| {}).await;
        Self {
            town,
            connector,
            lists,
            app,
        }
    }

    /// A payment that is open with a Kassenzeichen.
    async fn payment(&self, kassenzeichen: &str) -> AttemptId {
        let new = self.town.accept("stadt", kassenzeichen, &[500]);
        self.connector.becomes_true(&new.sealed).await;
        let read = self.connector.read(new.case.id).await;
        let opened = self.town.opened(&read, new.attempt, &open(Some(kassenzeichen)));
        self.connector.becomes_true(&opened.0).await;
        new.attempt
    }

    async fn read(&self) -> ReceiptsRead {
        self.app.read_receipts().await.expect("the lists are read")
    }

    async fn kept(&self) -> Vec<String> {
        kept(&self.connector, &ReceiptFilter::default()).await
    }
}

const fn counts(ours: usize, foreign: usize, confirmed: usize) -> ReceiptsRead {
    ReceiptsRead {
        ours,
        foreign,
        confirmed,
    }
}

#[tokio::test]
async fn what_is_listed_is_kept_and_what_is_ours_is_asked_about_at_once() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        let attempt = scene.payment("KZ1").await;
        scene.lists.arrives("KZ1", 500);
        scene.lists.arrives("FREMD1", 700);
        scene.lists.arrives("FREMD1", 700);
        scene.lists.arrives("FREMD2", -700);
        assert_eq!(scene.read().await, counts(1, 3, 1));
        assert_eq!(scene.kept().await, ["KZ1*", "FREMD1", "FREMD1", "FREMD2"]);
        assert_eq!(scene.lists.unread_count(), 0);
        let now = scene.town.now();
        let due = scene
            .connector
            .store
            .claim_watches(now, now.plus_seconds(60), 50)
            .await;
        let due = due.expect("watches can be claimed");
        assert_eq!(
            due.iter().map(|watch| watch.attempt).collect::<Vec<_>>(),
            [attempt]
        );
        // A receipt books nothing, and an empty list does nothing.
        assert_eq!(
            db.number("SELECT count(*) FROM booking WHERE kind = 'zahlung'")
                .await,
            0
        );
        assert_eq!(scene.read().await, counts(0, 0, 0));
        assert_eq!(db.number("SELECT count(*) FROM reading").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_from_before_a_receipt_does_not_put_the_question_off() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        let attempt = scene.payment("KZ1").await;
        scene.town.pass(30);
        let now = scene.town.now();
        let claim = || scene.connector.store.claim_watches(now, now.plus_seconds(60), 50);
        let held = claim().await.expect("a watch");
        scene.lists.arrives("KZ1", 500);
        scene.read().await;
        let read = scene.connector.read(held[0].case).await;
        let mut stale = scene.town.wait(&read, attempt, 600);
        stale.change.guards.lease = Some(Lease::Watch {
            attempt,
            number: held[0].lease,
        });
        assert_eq!(scene.connector.commit(&stale).await, Err(CommitError::Conflict));
        scene.town.pass(1);
        let now = scene.town.now();
        let again = scene
            .connector
            .store
            .claim_watches(now, now.plus_seconds(60), 50)
            .await;
        assert_eq!(again.expect("a watch")[0].attempt, attempt);
    })
    .await;
}

#[tokio::test]
async fn a_mandant_that_does_not_say_so_is_never_read() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        apply(&scene.app, |mandant| mandant.exclusive_cursor = false).await;
        scene.lists.arrives("FREMD1", 700);
        assert_eq!(scene.read().await, counts(0, 0, 0));
        assert_eq!((scene.kept().await.len(), scene.lists.unread_count()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_provider_without_a_list_is_a_fault_of_the_configuration_and_harms_nothing() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let app = app(&connector, town.clone(), Lists::without());
        apply(&app, |_| {}).await;
        assert_eq!(app.read_receipts().await.expect("it is read"), counts(0, 0, 0));
        assert_eq!(app.read_receipts().await.expect("it is read"), counts(0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_commit_and_confirmation_loses_nothing_and_keeps_nothing_twice() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        scene.lists.arrives("FREMD1", 700);
        scene.lists.arrives("FREMD1", 700);
        scene.lists.next(&[Confirming::Held]);
        let dying = Arc::clone(&scene.app);
        let dying = tokio::spawn(async move { dying.read_receipts().await });
        scene.lists.held.notified().await;
        assert_eq!(scene.kept().await.len(), 2, "it is kept before it is confirmed");
        scene.lists.arrives("FREMD2", 800);
        // Another connector waits for the lease to run out, and goes on where the first broke off.
        let other = db.connector(scene.town.clone()).await;
        let there = app(&other, scene.town.clone(), scene.lists.clone());
        assert_eq!(there.read_receipts().await.expect("it is read"), counts(0, 0, 0));
        scene.town.pass(600);
        assert_eq!(there.read_receipts().await.expect("it is read"), counts(0, 1, 1));
        assert_eq!(scene.kept().await, ["FREMD1", "FREMD1", "FREMD2"]);
        assert_eq!(scene.lists.unread_count(), 0);
        // The first comes back to life: its confirmation is of an old reading, and it commits nothing any more.
        scene.lists.arrives("FREMD3", 900);
        scene.lists.go.notify_one();
        let late = dying.await.expect("no panic").expect("it is read");
        assert_eq!(late.confirmed, 0);
        assert_eq!(there.read_receipts().await.expect("it is read"), counts(0, 1, 1));
        assert_eq!(scene.kept().await, ["FREMD1", "FREMD1", "FREMD2", "FREMD3"]);
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_that_got_lost_on_its_way_is_sent_again_with_what_came_since() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        scene.lists.next(&[Confirming::Lost, Confirming::Lost]);
        scene.lists.arrives("A", 1);
        assert_eq!(scene.read().await, counts(0, 1, 0));
        scene.lists.arrives("A", 1);
        assert_eq!(scene.read().await, counts(0, 1, 0));
        assert_eq!(scene.read().await, counts(0, 0, 1));
        assert_eq!(scene.kept().await, ["A", "A"]);
        assert_eq!(
            db.number("SELECT count(*) FROM reading WHERE confirmed_at IS NULL")
                .await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn after_a_confirmation_whose_answer_got_lost_what_looks_alike_is_new() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        scene.lists.next(&[Confirming::DoneAndLost]);
        scene.lists.arrives("A", 1);
        scene.lists.arrives("B", 1);
        assert_eq!(scene.read().await, counts(0, 2, 0));
        scene.lists.arrives("A", 1);
        assert_eq!(scene.read().await, counts(0, 1, 1));
        assert_eq!(scene.kept().await, ["A", "B", "A"]);
        assert_eq!(
            db.number("SELECT count(*) FROM reading WHERE confirmed_at IS NULL")
                .await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn a_reading_that_somebody_else_has_overtaken_is_read_again_and_only_the_new_is_kept() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        scene.lists.next(&[Confirming::Overtaken]);
        scene.lists.arrives("A", 1);
        assert_eq!(scene.read().await, counts(0, 2, 1));
        assert_eq!(scene.kept().await, ["A", "ANDERES"]);
        assert_eq!(scene.lists.unread_count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connectors_that_read_at_once_keep_everything_once() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        let other = db.connector(scene.town.clone()).await;
        let there = app(&other, scene.town.clone(), scene.lists.clone());
        for round in 0..10 {
            for n in 0..5 {
                scene.lists.arrives(&format!("K{round}{n}"), 1);
            }
            let both = tokio::join!(scene.app.read_receipts(), there.read_receipts());
            both.0.expect("it is read");
            both.1.expect("it is read");
        }
        scene.town.pass(600);
        scene.read().await;
        let mut kept = scene.kept().await;
        assert_eq!((kept.len(), scene.lists.unread_count()), (50, 0));
        kept.sort();
        kept.dedup();
        assert_eq!(kept.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn a_long_list_is_kept_in_many_changes_and_goes_on_where_it_broke_off() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        for n in 0..4500 {
            scene.lists.arrives(&format!("K{n}"), 1);
        }
        let faulty = Faulty::held(db.engine().await);
        let breaking = Db::over(faulty.clone(), scene.town.clone());
        let dying = app(&breaking, scene.town.clone(), scene.lists.clone());
        let reading = tokio::spawn(async move { dying.read_receipts().await });
        // Two of its five Changes become true.
        faulty.gate.add_permits(2);
        while faulty.sizes().len() < 3 {
            tokio::task::yield_now().await;
        }
        reading.abort();
        assert_eq!(db.number("SELECT count(*) FROM receipt").await, 2000);
        assert_eq!(db.number("SELECT count(*) FROM reading WHERE whole = 1").await, 0);
        scene.town.pass(600);
        assert_eq!(scene.read().await, counts(0, 2500, 1));
        let mut kept = scene.kept().await;
        kept.sort();
        kept.dedup();
        assert_eq!((kept.len(), scene.lists.unread_count()), (4500, 0));
        assert_eq!(
            db.number("SELECT count(*) FROM reading WHERE confirmed_at IS NULL")
                .await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn a_database_that_fails_in_between_confirms_nothing() {
    on_each(async |db| {
        let town = Town::new();
        let first = connect(db, &town).await;
        let lists = Lists::new();
        apply(&app(&first, town.clone(), lists.clone()), |_| {}).await;
        let faulty = Faulty::with(db.engine().await, &[Fault::Unavailable, Fault::LostButTrue]);
        let connector = Db::over(faulty, town.clone());
        let app = app(&connector, town.clone(), lists.clone());
        lists.arrives("A", 1);
        assert_eq!(app.read_receipts().await.expect("it is read"), counts(0, 0, 0));
        assert_eq!(lists.unread_count(), 1, "what is not kept is not confirmed");
        assert_eq!(app.read_receipts().await.expect("it is read"), counts(0, 1, 1));
        assert_eq!(kept(&connector, &ReceiptFilter::default()).await, ["A"]);
    })
    .await;
}

#[tokio::test]
async fn whatever_a_foreign_kassenzeichen_looks_like_it_is_kept() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        scene.lists.arrives(&format!("ä\0'\"{}", "x".repeat(5000)), 1);
        scene.lists.arrives("", 2);
        assert_eq!(scene.read().await, counts(0, 2, 1));
        let kept = scene.kept().await;
        assert!(kept[0].starts_with("ä\u{fffd}'\"x") && kept[0].chars().count() == 100);
        assert_eq!(kept[1], "");
    })
    .await;
}

#[tokio::test]
async fn receipts_are_listed_by_mandant_by_time_and_by_whose_they_are() {
    on_each(async |db| {
        let scene = Scene::on(db).await;
        for n in 0..10 {
            scene.lists.arrives(&format!("FREMD{n}"), 1);
        }
        scene.lists.arrives("KZ9", 500);
        scene.read().await;
        // Whose it is was learnt after the receipt was read.
        scene.payment("KZ9").await;
        scene.town.pass(3600);
        let later = scene.town.now();
        scene.lists.arrives("FREMDX", 1);
        scene.read().await;
        let listed = async |filter: ReceiptFilter| kept(&scene.connector, &filter).await;
        let filter = ReceiptFilter::default;
        assert_eq!(listed(filter()).await.len(), 12);
        let foreign = listed(ReceiptFilter {
            foreign: true,
            ..filter()
        });
        assert_eq!(foreign.await.len(), 11);
        let since = listed(ReceiptFilter {
            since: Some(later),
            ..filter()
        });
        assert_eq!(since.await, ["FREMDX"]);
        for (mandant, count) in [("epaybl/4711", 12), ("epaybl/4712", 0)] {
            let of = listed(ReceiptFilter {
                mandant: Some(mandant.to_owned()),
                ..filter()
            });
            assert_eq!(of.await.len(), count, "{mandant}");
        }
    })
    .await;
}
