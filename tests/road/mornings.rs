//! What the worker does each morning without anybody: the day before is closed, and its file for the cash system is made.

use epaybl_connector::domain::closing::Closing;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::sandbox::{Cents, StatementFormat};
use epaybl_connector::worker::Mornings;
use jiff::civil::date;

use crate::kit::{CAR, World, with_each_provider};
use crate::postings::{CONNECTOR, DAY, REAL, lines, text, with_real_money};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, by_transfer, iban, import};

const HOUR: i64 = 3600;

async fn closings(world: &World, kasse: &str) -> Vec<Closing> {
    let app = &world.stage().connector.app;
    let ledger = LedgerId::parse(kasse).expect("an id");
    let mut all = Vec::new();
    for number in 1.. {
        let closing = app.read_closing(&ledger, Some(number)).await;
        match closing.expect("it can be read") {
            Some(closing) => all.push(closing),
            None => return all,
        }
    }
    all
}

#[tokio::test]
async fn the_worker_closes_yesterday_by_itself_in_the_morning_and_waits_for_the_statement() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        world.open(CAR, &car("m-1")).await;
        let kz = world.newest().kassenzeichen;
        let transfer = world.sandbox().transfer(&iban(world), Cents::new(3060), &kz);
        transfer.expect("a transfer");
        let app = &world.stage().connector.app;
        let mut mornings = Mornings::default();
        mornings.look(app).await;
        assert!(
            closings(world, KASSE).await.is_empty(),
            "nothing is over on Saturday"
        );
        // Tuesday, a quarter past four: before the hour of closing, with Monday's statement there.
        world.forward(3 * DAY - 7 * HOUR);
        import(world, StatementFormat::Camt08).await;
        mornings.look(app).await;
        assert!(closings(world, KASSE).await.is_empty(), "it is night");
        world.forward(HOUR);
        mornings.look(app).await;
        let [monday] = &closings(world, KASSE).await[..] else {
            panic!("one closing");
        };
        assert_eq!((monday.from, monday.to), (date(2026, 11, 21), date(2026, 11, 23)));
        assert_eq!(monday.banks[0].ours.get(), 3060);
        // It looks again and again, and so does another one; a day is closed once.
        mornings.look(app).await;
        Mornings::default().look(app).await;
        assert_eq!(closings(world, KASSE).await.len(), 1);
        // Tuesday's statement is late: the closing waits, and comes as soon as it is there.
        let transfer = world
            .sandbox()
            .transfer(&iban(world), Cents::new(999), "Hundesteuer");
        transfer.expect("a transfer");
        world.forward(DAY);
        mornings.look(app).await;
        assert_eq!(closings(world, KASSE).await.len(), 1, "nobody has the statement");
        import(world, StatementFormat::Camt08).await;
        mornings.look(app).await;
        let both = closings(world, KASSE).await;
        assert_eq!(both.last().map(|closing| closing.to), Some(date(2026, 11, 24)));
        assert_eq!(both.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_file_for_the_cash_system_goes_with_the_closing_once() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, &format!("{CONNECTOR}\nwith_closing = true"), "", "").await;
        world.open(crate::postings::ROUTE, &car("f-1")).await;
        let app = &world.stage().connector.app;
        let store = &app.store;
        let ledger = LedgerId::parse(REAL).expect("an id");
        let mut mornings = Mornings::default();
        mornings.look(app).await;
        assert!(
            store
                .posting_files(&ledger, None)
                .await
                .expect("files")
                .is_empty()
        );
        world.forward(2 * DAY);
        mornings.look(app).await;
        // After a restart nobody remembers what was made.
        Mornings::default().look(app).await;
        mornings.look(app).await;
        assert_eq!(closings(world, REAL).await.len(), 1);
        let files = store.posting_files(&ledger, None).await.expect("files");
        assert_eq!(files.len(), 1, "{files:?}");
        let booked = lines(world, 1, true).await.len();
        assert!(booked > 0);
        assert!(text(world, 1).await.contains("sollstellung"));
    })
    .await;
}
