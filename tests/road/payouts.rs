//! Payouts of payment providers: one credit for many payments, less a fee, with a list that says what it consists of. The
//! list may come first or the bank's statement; every cent ends on a Kassenzeichen, as a fee, in deposit, or is foreign.

use std::fmt::Write as _;
use std::io::Cursor;

use epaybl_connector::app::App;
use epaybl_connector::app::closings::Preparation;
use epaybl_connector::app::lists::{ListOutcome, TakenList};
use epaybl_connector::app::ports::StatementFile;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::sandbox::StatementFormat;

use crate::bank::{Line, Statement};
use crate::kit::{CAR, World, on_every_database};
use crate::requests::car;
use crate::statements::{KASSE, iban};
use crate::statements_disorder::{app, day, reconcile, statement, take};

const DAY: i64 = 86_400;
pub const PAYOUT: &str = "verrechnung/giro/AUSZAHLUNG";
pub const METHOD: &str = "verrechnung/epaybl/SEPASDD";

/// The Kasse has an account, and lists of a payment provider.
pub async fn with_lists(world: &World, holds: &str, more: &str) {
    with_lists_and(world, holds, more, "").await;
}

/// The same with more entries in the tenants file.
pub async fn with_lists_and(world: &World, holds: &str, more: &str, others: &str) {
    let iban = iban(world);
    let entry = format!(
        "rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{iban}\"\nholds = \"{holds}\"\n\n\
         [[kasse.list]]\nid = \"giro\"\nzvp = \"giro\"\ndisagio = \"9100.6580\"\naccount = \"{iban}\"\n{more}\n\
         [kasse.list.read]\ndecimal = \"comma\"\nreference = \"Kassenzeichen\"\npayout = \"Auszahlung\"\n\
         gross = \"Brutto\"\nfee = \"Gebuehr\"\nnet = \"Netto\"\n\
         kind = {{ column = \"Art\", words = {{ payment = [\"Zahlung\"], refund = [\"Gutschrift\"], \
         chargeback = [\"Rueckbelastung\"], fee = [\"Entgelt\"] }} }}\n\
         system = {{ column = \"System\", ours = [\"EPAY\"] }}\n"
    );
    world
        .tenants(move |text| (text + others).replace("rechnungswesen = \"doppisch\"\n", &entry))
        .await;
}

fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{},{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// A line of a list: kind, system, reference, gross, fee.
pub type Row<'a> = (&'a str, &'a str, &'a str, i64, i64);

pub fn csv(reference: &str, rows: &[Row<'_>]) -> String {
    let mut text = "Auszahlung;Kassenzeichen;Art;System;Brutto;Gebuehr;Netto\r\n".to_owned();
    for (kind, system, kz, gross, fee) in rows {
        let (net, gross, fee) = (euros(gross - fee), euros(*gross), euros(*fee));
        let _ = write!(text, "{reference};{kz};{kind};{system};{gross};{fee};{net}\r\n");
    }
    text
}

pub fn paid(kz: &str) -> Row<'_> {
    ("Zahlung", "EPAY", kz, 3060, 35)
}

pub fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

pub async fn list(app: &App, text: &str) -> Vec<TakenList> {
    let file = StatementFile::Stream {
        name: "liste.csv".to_owned(),
        input: Box::new(Cursor::new(text.as_bytes().to_vec())),
    };
    app.take_list(&ledger(), "giro", file).await.expect("it is taken")
}

pub async fn filed(world: &World, text: &str) -> u64 {
    match &list(app(world), text).await[..] {
        [
            TakenList {
                outcome: ListOutcome::Filed(filed),
                ..
            },
        ] => filed.revision,
        other => panic!("it is filed: {other:?}"),
    }
}

/// A car that is paid on the page: its Kassenzeichen.
pub async fn paid_car(world: &World, id: &str) -> String {
    world.paid(CAR, &car(id), "SEPASDD").await;
    world.idle().await;
    world.newest().kassenzeichen
}

/// The bank shows a payout.
pub async fn shown(world: &World, cents: i64, text: &str) {
    let lines = vec![Line::new(day(0), cents, &format!("Auszahlung {text}"))];
    let one = Statement {
        number: Some(1),
        opening: Some(0),
        ..statement(world, "S1", lines)
    };
    take(app(world), &[one]).await;
}

/// Bookings of the bank, of payouts and deposits; not those of claims.
pub async fn moved(world: &World) -> Vec<String> {
    let booked = world.bookings().await.into_iter();
    booked
        .filter(|line| {
            ["sollstellung", "zahlung"]
                .iter()
                .all(|kind| !line.starts_with(kind))
        })
        .collect()
}

/// What lies on an account, debit less credit, in cents.
pub async fn balance(world: &World, account: &str) -> i64 {
    world
        .number(&format!(
            "SELECT CAST(coalesce(sum(debit_cents - credit_cents), 0) AS BIGINT) FROM balance WHERE account = '{account}'"
        ))
        .await
}

pub async fn open_exceptions(world: &World) -> Vec<String> {
    let open = app(world).worklist(&ledger(), false, None, 100).await;
    let open = open.expect("the worklist").into_iter();
    open.map(|one| one.code.as_str().to_owned()).collect()
}

pub fn settled(world_heard: &[String]) -> usize {
    let settled = |kind: &&String| kind.as_str() == "payment.settled.v1";
    world_heard.iter().filter(settled).count()
}

#[tokio::test]
async fn a_payout_settles_each_payment_gross_and_its_fee_is_disagio() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let (one, two) = (paid_car(world, "p-1").await, paid_car(world, "p-2").await);
        world.forward(3 * DAY);
        assert_eq!(
            filed(world, &csv("PO-20261123", &[paid(&one), paid(&two)])).await,
            1
        );
        reconcile(app(world)).await;
        assert!(moved(world).await.is_empty(), "the bank has shown nothing yet");
        shown(world, 6120 - 70, "PO-20261123").await;
        reconcile(app(world)).await;
        let bank = format!("bank/{}", iban(world));
        assert_eq!(
            moved(world).await,
            [
                format!("auszahlung: {bank} an {PAYOUT} 60.50"),
                format!("disagio: disagio/9100.6580 an {PAYOUT} 0.70"),
                format!("gutschrift: {PAYOUT} an {METHOD} 30.60"),
                format!("gutschrift: {PAYOUT} an {METHOD} 30.60"),
            ]
        );
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(settled(&world.heard().await), 2);
        assert!(world.exceptions().await.is_empty());
        // The same list, the same statement, another run: nothing new.
        let again = list(app(world), &csv("PO-20261123", &[paid(&two), paid(&one)])).await;
        assert!(matches!(again[0].outcome, ListOutcome::Known(_)), "{again:?}");
        let before = world.bookings().await;
        shown(world, 6120 - 70, "PO-20261123").await;
        reconcile(app(world)).await;
        assert_eq!(world.bookings().await, before);
    })
    .await;
}

#[tokio::test]
async fn the_sandboxs_bank_and_its_provider_agree_with_the_books() {
    on_every_database(async |world| {
        let iban = iban(world);
        let example = include_str!("../../fixtures/demo/tenants.toml").lines();
        let example: Vec<&str> = example
            .skip_while(|line| !line.starts_with("# [[kasse.list]]"))
            .take_while(|line| line.starts_with("# "))
            .map(|line| &line[2..])
            .collect();
        let entry = format!(
            "rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{iban}\"\nholds = \"exclusive\"\n\n{}\n",
            example.join("\n")
        );
        world
            .tenants(move |text| text.replace("rechnungswesen = \"doppisch\"\n", &entry))
            .await;
        for id in ["s-1", "s-2"] {
            world.paid(CAR, &car(id), "KREDITKARTE").await;
        }
        world.forward(4 * DAY);
        let text = world.sandbox().statement(&iban, day(1), StatementFormat::Camt08);
        let bytes = text.expect("the bank paid out on Tuesday").into_bytes();
        let stream = StatementFile::Stream {
            name: "dienstag.xml".to_owned(),
            input: Box::new(Cursor::new(bytes)),
        };
        app(world).take_files(vec![stream]).await.expect("it is taken");
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["unbekannter_zahlungseingang"]);
        let base = world.sandbox().base_url().to_string();
        let address = format!(
            "{}/sandbox/settlements/SANDBOX-ZVP/2026-11-24.csv",
            base.trim_end_matches('/')
        );
        let answer = world.http.get(address).send().await.expect("an answer");
        let text = answer.text().await.expect("a list");
        let file = StatementFile::Stream {
            name: "2026-11-24.csv".to_owned(),
            input: Box::new(Cursor::new(text.into_bytes())),
        };
        let taken = app(world).take_list(&ledger(), "sandbox", file).await.expect("it is taken");
        assert!(matches!(taken[0].outcome, ListOutcome::Filed(_)), "{taken:?}");
        reconcile(app(world)).await;
        assert!(open_exceptions(world).await.is_empty());
        assert_eq!(settled(&world.heard().await), 2);
        assert_eq!(balance(world, "verrechnung/SANDBOX-ZVP/AUSZAHLUNG").await, 0);
        assert_eq!(balance(world, "verwahrung").await, 0);
        // 1.2 % of 30.60 and 8 cents, twice.
        assert_eq!(balance(world, "disagio/9100.6580").await, 90);
        assert_eq!(balance(world, &format!("bank/{iban}")).await, 6120 - 90);
    })
    .await;
}

#[tokio::test]
async fn the_bank_may_come_first_on_the_towns_account_and_on_one_of_ours_alone() {
    for holds in ["shared", "exclusive"] {
        on_every_database(async |world| {
            with_lists(world, holds, "").await;
            let kz = paid_car(world, "b-1").await;
            world.forward(3 * DAY);
            shown(world, 3025, "PO-20261124").await;
            reconcile(app(world)).await;
            let deposited = if holds == "exclusive" { -3025 } else { 0 };
            assert_eq!(balance(world, "verwahrung").await, deposited);
            filed(world, &csv("PO-20261124", &[paid(&kz)])).await;
            reconcile(app(world)).await;
            assert_eq!(balance(world, "verwahrung").await, 0);
            assert_eq!(balance(world, &format!("bank/{}", iban(world))).await, 3025);
            assert_eq!(balance(world, "disagio/9100.6580").await, 35);
            assert_eq!(balance(world, PAYOUT).await, 0);
            assert_eq!(settled(&world.heard().await), 1);
            assert!(open_exceptions(world).await.is_empty(), "{holds}");
            let before = world.bookings().await;
            reconcile(app(world)).await;
            assert_eq!(world.bookings().await, before);
        })
        .await;
    }
}

#[tokio::test]
async fn a_fee_by_contract_explains_and_a_larger_shortage_does_not() {
    on_every_database(async |world| {
        // 1 % of 30.60 is 31 cents, and 25 more.
        let contract = "contract = { per_item = \"0.25\", percent = \"1\" }\n";
        with_lists(world, "exclusive", contract).await;
        let kz = paid_car(world, "c-1").await;
        world.forward(3 * DAY);
        let text = csv("PO-20261125", &[("Zahlung", "EPAY", &kz, 3060, 0)]);
        let text = text.replace(";0,00;30,60", ";;");
        filed(world, &text).await;
        shown(world, 3060 - 58, "PO-20261125").await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["gebuehr_ungeklaert"]);
        assert_eq!(balance(world, "verwahrung").await, -(3060 - 58));
        assert_eq!(
            balance(world, "disagio/9100.6580").await,
            0,
            "nothing hides as a fee"
        );
        assert_eq!(settled(&world.heard().await), 0);
        // A corrected list tells a fee of its own, and the money leaves the deposit by itself.
        let right = csv("PO-20261125", &[("Zahlung", "EPAY", &kz, 3060, 58)]);
        assert_eq!(filed(world, &right).await, 2);
        reconcile(app(world)).await;
        assert!(open_exceptions(world).await.is_empty());
        assert_eq!(balance(world, "verwahrung").await, 0);
        assert_eq!(balance(world, "disagio/9100.6580").await, 58);
        assert_eq!(settled(&world.heard().await), 1);
    })
    .await;
}

#[tokio::test]
async fn a_fee_within_a_cent_of_the_contract_is_disagio() {
    on_every_database(async |world| {
        let contract = "contract = { per_item = \"0.25\", percent = \"1\" }\n";
        with_lists(world, "shared", contract).await;
        let kz = paid_car(world, "c-2").await;
        world.forward(3 * DAY);
        let text = csv("PO-20261126", &[("Zahlung", "EPAY", &kz, 3060, 0)]);
        filed(world, &text.replace(";0,00;30,60", ";;")).await;
        shown(world, 3060 - 57, "PO-20261126").await;
        reconcile(app(world)).await;
        assert_eq!(balance(world, "disagio/9100.6580").await, 57);
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_chargeback_inside_a_payout_reopens_the_case_and_a_fee_line_is_disagio() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let one = paid_car(world, "r-1").await;
        world.forward(3 * DAY);
        let rows = [
            paid(&one),
            ("Rueckbelastung", "EPAY", &one, -3060, 0),
            ("Entgelt", "EPAY", "", -500, 0),
            ("Zahlung", "KFZ", "KFZ-1", 5000, 50),
        ];
        filed(world, &csv("PO-20261127", &rows)).await;
        shown(world, 4950 - 35 - 500, "PO-20261127").await;
        reconcile(app(world)).await;
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(balance(world, "disagio/9100.6580").await, 535);
        assert_eq!(balance(world, &format!("bank/{}", iban(world))).await, -535);
        assert_eq!(balance(world, "forderung").await, 3060, "it is owed again");
        assert_eq!(world.exceptions().await, ["ruecklastschrift"]);
        assert_eq!(
            world.status(CAR, "r-1").await,
            "PAYED",
            "the portal's answer stays"
        );
        let heard = world.heard().await;
        assert!(heard.contains(&"case.reopened.v1".to_owned()), "{heard:?}");
        // The provider says so later, and it is no news.
        world.sandbox().return_money(&one, None).expect("money goes back");
        let before = world.bookings().await;
        world.live(3 * DAY, DAY / 2).await;
        assert_eq!(world.bookings().await, before);
    })
    .await;
}

#[tokio::test]
async fn what_provider_and_list_both_know_went_back_moves_nothing() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let (one, two) = (paid_car(world, "n-1").await, paid_car(world, "n-2").await);
        world.sandbox().return_money(&one, None).expect("money goes back");
        world.live(3 * DAY, DAY / 2).await;
        let rows = [paid(&one), ("Rueckbelastung", "EPAY", &one, -3060, 0), paid(&two)];
        filed(world, &csv("PO-20261128", &rows)).await;
        shown(world, 3060 - 70, "PO-20261128").await;
        reconcile(app(world)).await;
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(
            world.exceptions().await,
            ["ruecklastschrift"],
            "the provider's own"
        );
    })
    .await;
}

#[tokio::test]
async fn a_line_that_nobody_knows_lies_in_deposit_until_the_provider_tells_of_it() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let known = paid_car(world, "u-1").await;
        world.open(CAR, &car("u-2")).await;
        let untold = world.newest().kassenzeichen;
        world.forward(3 * DAY);
        let rows = [
            paid(&known),
            paid(&untold),
            ("Zahlung", "EPAY", "999999", 1234, 0),
        ];
        filed(world, &csv("PO-20261129", &rows)).await;
        shown(world, 6120 + 1234 - 70, "PO-20261129").await;
        reconcile(app(world)).await;
        assert_eq!(settled(&world.heard().await), 1, "the rest goes on");
        assert_eq!(open_exceptions(world).await, ["listenzeile_ungeklaert"; 2]);
        assert_eq!(balance(world, "verwahrung").await, -(3060 + 1234));
        assert_eq!(balance(world, PAYOUT).await, 0);
        // The payer has paid; now the provider says so too.
        let paid = world.sandbox().pay(&untold, Some("SEPASDD"));
        drop(paid.expect("it is paid"));
        world.live(DAY, DAY / 4).await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["listenzeile_ungeklaert"]);
        assert_eq!(balance(world, "verwahrung").await, -1234);
        assert_eq!(balance(world, METHOD).await, 0);
    })
    .await;
}

#[tokio::test]
async fn lines_of_other_systems_are_foreign_on_the_towns_account_and_a_deposit_on_ours() {
    for holds in ["shared", "exclusive"] {
        on_every_database(async |world| {
            with_lists(world, holds, "").await;
            let kz = paid_car(world, "f-1").await;
            world.forward(3 * DAY);
            let rows = [paid(&kz), ("Zahlung", "KFZ", "KFZ-77", 5000, 50)];
            filed(world, &csv("PO-20261130", &rows)).await;
            shown(world, 3060 - 35 + 5000 - 50, "PO-20261130").await;
            reconcile(app(world)).await;
            assert_eq!(balance(world, PAYOUT).await, 0);
            assert_eq!(balance(world, METHOD).await, 0);
            assert_eq!(balance(world, "disagio/9100.6580").await, 35);
            let bank = balance(world, &format!("bank/{}", iban(world))).await;
            if holds == "shared" {
                assert_eq!((bank, balance(world, "verwahrung").await), (3025, 0));
                assert!(world.exceptions().await.is_empty());
            } else {
                assert_eq!((bank, balance(world, "verwahrung").await), (7975, -4950));
                assert_eq!(open_exceptions(world).await, ["anderes_system"]);
            }
            // The closing's bridge: what the bank shows is ours and foreign, to the cent.
            let claimed = world
                .number("SELECT CAST(sum(cents) AS BIGINT) FROM bank_match")
                .await;
            assert_eq!(claimed, bank);
            let closing = app(world).prepare_closing(&ledger(), day(0)).await;
            let Ok(Preparation::Prepared(closing)) = closing else {
                panic!("it is prepared: {closing:?}")
            };
            assert!(closing.check().is_empty(), "{:?}", closing.check());
            assert!(closing.holds().is_empty(), "{:?}", closing.holds());
            let [bank] = &closing.banks[..] else {
                panic!("{:?}", closing.banks)
            };
            let foreign = if holds == "shared" { 4950 } else { 0 };
            assert_eq!(bank.foreign.closing.get(), foreign);
            assert_eq!(Some(bank.soll()), bank.ist());
        })
        .await;
    }
}
