//! Lists of payouts in disorder: revised, refused, dropped into a folder, read by two, cut off by a crash.

use epaybl_connector::app::closings::Preparation;
use epaybl_connector::app::lists::{ListOutcome, TakenList};

use crate::kit::on_every_database;
use crate::payouts::{
    METHOD, PAYOUT, Row, balance, csv, filed, ledger, list, moved, open_exceptions, paid, paid_car, settled,
    shown, with_lists,
};
use crate::second::Second;
use crate::statements::{KASSE, iban};
use crate::statements_disorder::{app, day, reconcile};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_revision_takes_an_unknown_line_back_out_of_its_deposit() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let kz = paid_car(world, "w-1").await;
        world.forward(3 * DAY);
        filed(world, &csv("PO-20261207", &[paid("999999")])).await;
        shown(world, 3025, "PO-20261207").await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["listenzeile_ungeklaert"]);
        assert_eq!(filed(world, &csv("PO-20261207", &[paid(&kz)])).await, 2);
        reconcile(app(world)).await;
        assert!(open_exceptions(world).await.is_empty());
        assert_eq!(balance(world, "verwahrung").await, 0);
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(settled(&world.heard().await), 1);
    })
    .await;
}

#[tokio::test]
async fn money_of_other_systems_leaves_the_deposit_when_the_list_is_put_right() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let kz = paid_car(world, "l-1").await;
        world.forward(3 * DAY);
        let of_others = |gross| ("Zahlung", "KFZ", "KFZ-77", gross, 50);
        filed(world, &csv("PO-20261206", &[paid(&kz), of_others(6000)])).await;
        shown(world, 3025 + 4950, "PO-20261206").await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["gebuehr_ungeklaert"]);
        assert_eq!(balance(world, "verwahrung").await, -7975);
        filed(world, &csv("PO-20261206", &[paid(&kz), of_others(5000)])).await;
        reconcile(app(world)).await;
        assert!(open_exceptions(world).await.is_empty());
        let bank = balance(world, &format!("bank/{}", iban(world))).await;
        assert_eq!((bank, balance(world, "verwahrung").await), (3025, 0));
        assert_eq!(balance(world, PAYOUT).await, 0);
        let claimed = "SELECT CAST(sum(cents) AS BIGINT) FROM bank_match";
        assert_eq!(world.number(claimed).await, 3025, "the rest is foreign again");
        let closing = app(world).prepare_closing(&ledger(), day(0)).await;
        let Ok(Preparation::Prepared(closing)) = closing else {
            panic!("it is prepared: {closing:?}")
        };
        assert!(closing.check().is_empty(), "{:?}", closing.check());
        assert_eq!(closing.banks[0].foreign.closing.get(), 4950);
    })
    .await;
}

#[tokio::test]
async fn a_later_revision_books_the_difference_and_deletes_nothing() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let (one, two) = (paid_car(world, "v-1").await, paid_car(world, "v-2").await);
        world.forward(3 * DAY);
        filed(world, &csv("PO-20261201", &[paid(&one)])).await;
        shown(world, 3025, "PO-20261201").await;
        reconcile(app(world)).await;
        let first = moved(world).await;
        // It was the other one.
        let second = csv("PO-20261201", &[paid(&two)]);
        assert_eq!(filed(world, &second).await, 2);
        reconcile(app(world)).await;
        let booked = moved(world).await;
        assert_eq!(booked[..first.len()], first[..], "nothing is deleted");
        assert_eq!(
            booked[first.len()..],
            [
                format!("ruecknahme: {METHOD} an {PAYOUT} 30.60"),
                format!("gutschrift: {PAYOUT} an {METHOD} 30.60"),
            ]
        );
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(
            balance(world, METHOD).await,
            3060,
            "the first is outstanding again"
        );
        // The first revision once more is known, and changes nothing.
        let again = list(app(world), &csv("PO-20261201", &[paid(&one)])).await;
        assert!(matches!(again[0].outcome, ListOutcome::Known(_)));
        // One that does not add up with the bank is named, and moves nothing.
        let wrong = csv("PO-20261201", &[paid(&two), paid(&one)]);
        assert_eq!(filed(world, &wrong).await, 3);
        reconcile(app(world)).await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["liste_geht_nicht_auf"]);
        assert_eq!(moved(world).await, booked);
        // The next one fits again.
        let right = csv(
            "PO-20261201",
            &[
                paid(&two),
                ("Zahlung", "EPAY", &one, 3060, 0),
                ("Gutschrift", "EPAY", &one, -3060, 0),
            ],
        );
        assert_eq!(filed(world, &right).await, 4);
        reconcile(app(world)).await;
        assert!(
            !open_exceptions(world)
                .await
                .contains(&"liste_geht_nicht_auf".to_owned())
        );
        assert_eq!(balance(world, PAYOUT).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_list_that_does_not_fit_in_itself_is_refused_and_books_nothing() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let text = csv("PO-20261202", &[paid("4711")]).replace(";30,25", ";30,26");
        let taken = list(app(world), &text).await;
        let [
            TakenList {
                outcome: ListOutcome::Refused(refusal),
                ..
            },
        ] = &taken[..]
        else {
            panic!("{taken:?}")
        };
        assert_eq!(refusal.line, Some(2));
        assert!(
            refusal
                .column
                .as_deref()
                .is_some_and(|column| column.contains("Netto"))
        );
        assert_eq!(world.number("SELECT count(*) FROM settlement_list").await, 0);
        let nowhere = csv("", &[paid("4711")]);
        let taken = list(app(world), &nowhere).await;
        assert!(matches!(taken[0].outcome, ListOutcome::Refused(_)), "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn two_connectors_at_one_payout_book_it_once() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let (one, two) = (paid_car(world, "t-1").await, paid_car(world, "t-2").await);
        world.forward(3 * DAY);
        let text = csv("PO-20261203", &[paid(&one), paid(&two)]);
        let second = Second::start(world).await;
        let (theirs, theirs_text) = (std::sync::Arc::clone(&second.app), text.clone());
        shown(world, 6050, "PO-20261203").await;
        let other = second.does(async move {
            let taken = list(&theirs, &theirs_text).await;
            theirs.reconcile(&ledger()).await.expect("it is matched");
            taken
        });
        let ours = list(app(world), &text).await;
        reconcile(app(world)).await;
        let theirs = other.await.expect("the other one");
        let count = |taken: &[TakenList]| {
            let filed = |one: &&TakenList| matches!(one.outcome, ListOutcome::Filed(_));
            taken.iter().filter(filed).count()
        };
        assert_eq!(count(&ours) + count(&theirs), 1, "{ours:?} {theirs:?}");
        reconcile(app(world)).await;
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(moved(world).await.len(), 4);
        assert_eq!(settled(&world.heard().await), 2);
        second.kill();
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_the_changes_of_a_payout_is_continued() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let mut cars = Vec::new();
        for n in 0..6 {
            cars.push(paid_car(world, &format!("k-{n}")).await);
        }
        world.forward(3 * DAY);
        let rows: Vec<Row<'_>> = cars.iter().map(|kz| paid(kz)).collect();
        filed(world, &csv("PO-20261204", &rows)).await;
        shown(world, 6 * 3025, "PO-20261204").await;
        let second = Second::start(world).await;
        let theirs = std::sync::Arc::clone(&second.app);
        let killed = second.does(async move { theirs.reconcile(&ledger()).await });
        let begun = "SELECT count(*) FROM booking WHERE kind IN ('auszahlung', 'gutschrift')";
        while world.number(begun).await < 2 {
            tokio::task::yield_now().await;
        }
        second.kill();
        drop(killed);
        reconcile(app(world)).await;
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(moved(world).await.len(), 8, "once each");
        assert_eq!(settled(&world.heard().await), 6);
        assert_eq!(
            world
                .number("SELECT count(*) FROM settlement_list WHERE done = 1")
                .await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn lists_that_are_dropped_into_their_folder_are_taken_in_and_the_wrong_ones_say_why() {
    on_every_database(async |world| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let section = format!("\n[statements]\ndrop_folder = \"{}\"\n", path.display());
        world.reconfigure(|text| text + &section).await;
        with_lists(world, "shared", "").await;
        let kz = paid_car(world, "d-1").await;
        world.forward(3 * DAY);
        shown(world, 3025, "PO-20261205").await;
        let giro = path.join("lists").join(KASSE).join("giro");
        let other = path.join("lists").join(KASSE).join("other");
        for folder in [&giro, &other] {
            std::fs::create_dir_all(folder).expect("a folder of lists");
        }
        let good = csv("PO-20261205", &[paid(&kz)]);
        std::fs::write(giro.join("gut.csv"), &good).expect("written");
        std::fs::write(giro.join("falsch.csv"), good.replace("Zahlung;", "Zaehlung;")).expect("written");
        std::fs::write(other.join("fremd.csv"), &good).expect("written");
        for _ in 0..2 {
            app(world)
                .look_into_drop_folder()
                .await
                .expect("the folder is there");
            world.forward(10);
        }
        assert_eq!(settled(&world.heard().await), 1, "it was matched at once");
        let names = |folder: &str| -> Vec<String> {
            let entries = std::fs::read_dir(path.join(folder)).expect("a folder");
            let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
            let mut names: Vec<String> = entries
                .map(|entry| name(entry).to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("done").len(), 1);
        let refused = names("refused");
        assert_eq!(refused.len(), 4, "two, each with its reason: {refused:?}");
        let why = refused.iter().find(|name| name.ends_with("falsch.csv.txt"));
        let why = path.join("refused").join(why.expect("a reason"));
        let why = std::fs::read_to_string(why).expect("a reason");
        assert!(why.contains("line 2") && why.contains("Zaehlung"), "{why}");
    })
    .await;
}
