//! Statements in every kind of disorder: twice, in pieces, out of order, overlapping, cut off, read by two. The books are
//! always the same, and every cent of every booked line is settled, unclear or foreign.

use std::collections::BTreeSet;
use std::io::Cursor;

use epaybl_connector::app::App;
use epaybl_connector::app::ports::StatementFile;
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::statement::camt;
use jiff::civil::Date;

use crate::bank::{Line, Statement, file};
use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::second::Second;
use crate::statements::{KASSE, by_transfer, iban};

const DAYS: i8 = 6;

/// Numbers by chance, the same from the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

pub fn day(n: i8) -> Date {
    jiff::civil::date(2026, 11, 23 + n)
}

pub fn statement(world: &World, id: &str, lines: Vec<Line>) -> Statement {
    Statement {
        iban: iban(world),
        id: id.to_owned(),
        number: None,
        opening: None,
        lines,
    }
}

pub async fn take(app: &App, statements: &[Statement]) -> Vec<Outcome> {
    let stream = StatementFile::Stream {
        name: "statements.xml".to_owned(),
        input: Box::new(Cursor::new(file(statements).into_bytes())),
    };
    let taken = app.take_files(vec![stream]).await.expect("the store takes it");
    taken.statements.into_iter().map(|one| one.outcome).collect()
}

pub async fn reconcile(app: &App) {
    let ledger = LedgerId::parse(KASSE).expect("an id");
    app.reconcile(&ledger).await.expect("it is matched");
}

pub fn app(world: &World) -> &App {
    &world.stage().connector.app
}

/// A car whose payer transfers: its Kassenzeichen.
pub async fn awaited(world: &World, request_id: &str) -> String {
    world.open(CAR, &car(request_id)).await;
    world.newest().kassenzeichen
}

/// The lines of a month by chance, by day: what is ours (30.60 each), what is foreign, what comes twice, other amounts,
/// returns.
fn month(chance: &mut Chance, kassenzeichen: &[String]) -> (Vec<Line>, i64) {
    let mut lines = Vec::new();
    let mut foreign = 0;
    for kz in kassenzeichen {
        let n = i8::try_from(chance.below(3)).expect("small");
        let purpose = format!("Kfz {kz} danke");
        let ours = Line::new(day(n), 3060, &purpose);
        match chance.below(5) {
            0 => lines.push(ours),
            1 => lines.extend([ours.clone(), ours]),
            2 => lines.push(Line::new(day(n), 3000, &purpose)),
            3 => lines.extend([ours, Line::back(day(n + 2), 3060, 300, &purpose)]),
            _ => {}
        }
        let cents = 100 + i64::try_from(chance.below(9000)).expect("small");
        let tax = Line::new(
            day(i8::try_from(chance.below(6)).expect("small")),
            cents,
            "Hundesteuer 2026",
        );
        let copies = 1 + chance.below(2);
        foreign += cents * i64::try_from(copies).expect("small");
        lines.extend(std::iter::repeat_n(tax, copies));
    }
    lines.sort_by_key(|line| line.day);
    (lines, foreign)
}

/// Numbered statements, one a day.
fn daily(world: &World, lines: &[Line]) -> Vec<Statement> {
    let mut opening = 100_000;
    let mut all = Vec::new();
    for n in 0..DAYS {
        let today: Vec<Line> = lines.iter().filter(|line| line.day == day(n)).cloned().collect();
        let moved: i64 = today.iter().map(Line::cents).sum();
        if !today.is_empty() {
            all.push(Statement {
                number: Some(200 + u32::try_from(n).expect("small")),
                opening: Some(opening),
                ..statement(world, &format!("S{n}"), today)
            });
        }
        opening += moved;
    }
    all
}

/// Exports of some days each, without numbers, that overlap.
fn exports(world: &World, lines: &[Line]) -> Vec<Statement> {
    [(0, 3), (2, 5), (1, 6), (4, 6)]
        .into_iter()
        .map(|(from, to)| {
            let these = lines
                .iter()
                .filter(|line| line.day >= day(from) && line.day < day(to));
            statement(world, &format!("E{from}"), these.cloned().collect())
        })
        .filter(|statement| !statement.lines.is_empty())
        .collect()
}

/// How a month comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Whole,
    Twice,
    Pieces,
    AnyOrder,
    Overlapping,
}

const WAYS: [Way; 5] = [
    Way::Whole,
    Way::Twice,
    Way::Pieces,
    Way::AnyOrder,
    Way::Overlapping,
];

async fn come_in(world: &World, way: Way, chance: &mut Chance, lines: &[Line]) {
    let statements = daily(world, lines);
    match way {
        Way::Whole => _ = take(app(world), &statements).await,
        Way::Twice => {
            take(app(world), &statements).await;
            reconcile(app(world)).await;
            let again = take(app(world), &statements).await;
            assert!(
                again.iter().all(|one| matches!(one, Outcome::Known { .. })),
                "{again:?}"
            );
        }
        Way::Pieces => {
            for one in statements {
                take(app(world), &[one]).await;
                reconcile(app(world)).await;
            }
        }
        Way::AnyOrder | Way::Overlapping => {
            let mut rest = if way == Way::AnyOrder {
                statements
            } else {
                exports(world, lines)
            };
            while !rest.is_empty() {
                let one = rest.swap_remove(chance.below(rest.len()));
                let taken = take(app(world), &[one]).await;
                assert!(!matches!(taken[..], [Outcome::Refused { .. }]), "{taken:?}");
            }
        }
    }
    reconcile(app(world)).await;
}

/// The books as they must be however a month came in: bookings, exceptions and who has paid.
async fn books(world: &World, cases: usize) -> (Vec<String>, Vec<String>, BTreeSet<String>) {
    let mut bookings = world.bookings().await;
    let mut exceptions = world.exceptions().await;
    bookings.sort();
    exceptions.sort();
    let mut paid = BTreeSet::new();
    for n in 0..cases {
        let id = format!("m-{n}");
        if world.status(CAR, &id).await == "PAYED" {
            paid.insert(id);
        }
    }
    (bookings, exceptions, paid)
}

const FRESH: &str = "FROM statement_detail AS d JOIN statement_entry AS e ON e.statement_id = d.statement_id \
                     AND e.n = d.entry JOIN statement AS s ON s.id = d.statement_id \
                     WHERE s.state = 'filed' AND e.fresh = 1";

async fn sum(world: &World, of: &str) -> i64 {
    let sql = format!("SELECT CAST(coalesce(sum(d.cents), 0) AS BIGINT) {FRESH} {of}");
    world.number(&sql).await
}

#[tokio::test]
async fn a_month_in_any_disorder_gives_the_same_books_and_every_cent_is_accounted_for() {
    for seed in 1..=2 {
        let expected = std::sync::Mutex::new(None);
        for way in WAYS {
            with_each_provider(&[soap3()], async |world| {
                by_transfer(world, "").await;
                let mut chance = Chance(seed);
                let mut kassenzeichen = Vec::new();
                for n in 0..5 {
                    kassenzeichen.push(awaited(world, &format!("m-{n}")).await);
                }
                world.forward(9 * 86_400);
                let (lines, foreign) = month(&mut chance, &kassenzeichen);
                come_in(world, way, &mut chance, &lines).await;

                let all: i64 = lines.iter().map(Line::cents).sum();
                assert_eq!(sum(world, "").await, all, "{way:?}, seed {seed}");
                assert_eq!(sum(world, "AND d.matched IS NULL").await, foreign, "{way:?}, seed {seed}");
                let at_bank = format!(
                    "SELECT CAST(sum(debit_cents - credit_cents) AS BIGINT) FROM balance WHERE account = 'bank/{}'",
                    iban(world)
                );
                assert_eq!(world.number(&at_bank).await, all - foreign, "{way:?}, seed {seed}");

                let found = books(world, 5).await;
                let mut expected = expected.lock().expect("nobody else has it");
                assert_eq!(
                    &found,
                    expected.get_or_insert_with(|| found.clone()),
                    "{way:?}, seed {seed}"
                );
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_reading_that_was_cut_off_goes_on_and_a_long_sammler_is_whole() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = awaited(world, "c-1").await;
        world.forward(9 * 86_400);
        let mut lines: Vec<Line> = (0..700).map(|n| Line::new(day(0), 100 + n, "Grundsteuer")).collect();
        let mut sammler = Line::new(day(1), 3060, &kz);
        sammler
            .payments
            .extend((0..1199).map(|n| (200 + n, format!("Wasser {n}"))));
        lines.push(sammler);
        lines.extend((0..30).map(|_| Line::new(day(2), 77, "Parkschein")));
        let all: i64 = lines.iter().map(Line::cents).sum();
        let whole = statement(world, "S1", lines);
        let text = file(std::slice::from_ref(&whole));
        // The reader dies in different places: among the lines, inside the Sammler, twice in the same.
        for stop in [650, 650, 1500, 2100] {
            let mut intake = app(world).begin_intake(None).await.expect("Kassen");
            let pieces = camt::Reader::new(Cursor::new(text.as_bytes().to_vec()));
            for piece in pieces.take(stop) {
                let taken = intake.take("cut off", piece).await.expect("the store takes it");
                assert!(taken.is_none(), "{taken:?}");
            }
            intake.end();
            assert_eq!(sum(world, "").await, 0, "what is staged counts for nothing");
        }
        let second = Second::start(world).await;
        let taken = take(&second.app, std::slice::from_ref(&whole)).await;
        assert!(
            matches!(&taken[..], [Outcome::Filed { filed, .. }] if (filed.entries, filed.fresh) == (731, 731)),
            "{taken:?}"
        );
        assert_eq!(sum(world, "").await, all);
        assert_eq!(world.number(&format!("SELECT count(*) {FRESH}")).await, 700 + 1200 + 30);
        reconcile(&second.app).await;
        assert_eq!(world.status(CAR, "c-1").await, "PAYED");
        let again = take(app(world), &[whole]).await;
        assert!(matches!(again[..], [Outcome::Known { .. }]), "{again:?}");
        // No key and no text is left of what was read twice.
        let left = "SELECT count(*) FROM personal AS p WHERE p.class = 'statement' AND NOT EXISTS \
                    (SELECT 1 FROM statement_detail AS d WHERE d.personal_id = p.id)";
        assert_eq!(world.number(left).await, 0);
        second.kill();
    })
    .await;
}

#[tokio::test]
async fn two_connectors_that_read_the_same_file_at_once_file_it_once() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = awaited(world, "t-1").await;
        world.forward(9 * 86_400);
        let second = Second::start(world).await;
        for round in 0..2 {
            let mut lines: Vec<Line> = (0..650)
                .map(|n| Line::new(day(round), 100 + n, "Grundsteuer"))
                .collect();
            lines.push(Line::new(day(round), 3060, &kz));
            let all: i64 = lines.iter().map(Line::cents).sum();
            let before = sum(world, "").await;
            let same = [statement(world, &format!("S{round}"), lines)];
            let (theirs, other) = (same.clone(), second.app.clone());
            let theirs = second.does(async move { take(&other, &theirs).await });
            let ours = take(app(world), &same).await;
            let theirs = theirs.await.expect("it does not panic");
            let filed = ours
                .iter()
                .chain(&theirs)
                .filter(|one| matches!(one, Outcome::Filed { .. }))
                .count();
            assert_eq!(filed, 1, "{ours:?} and {theirs:?}");
            assert_eq!(sum(world, "").await - before, all, "round {round}");
            let again = take(app(world), &same).await;
            assert!(matches!(again[..], [Outcome::Known { .. }]), "{again:?}");
        }
        let other = second.app.clone();
        let theirs = second.does(async move { reconcile(&other).await });
        reconcile(app(world)).await;
        theirs.await.expect("it does not panic");
        let booked = world.booked().await;
        let settled = booked.iter().filter(|(kind, _)| kind == "gutschrift").count();
        assert_eq!(settled, 1, "{booked:?}");
        let mut exceptions = world.exceptions().await;
        exceptions.dedup();
        assert_eq!(exceptions, ["doppelzahlung"]);
        second.kill();
    })
    .await;
}

#[tokio::test]
async fn whoever_begins_to_read_a_statement_later_takes_it_over_and_nothing_is_missing() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        world.forward(9 * 86_400);
        let lines: Vec<Line> = (0..1100).map(|n| Line::new(day(0), 100 + n, "Grundsteuer")).collect();
        let all: i64 = lines.iter().map(Line::cents).sum();
        let text = file(&[statement(world, "S1", lines)]).into_bytes();
        let mut readers = Vec::new();
        for _ in 0..2 {
            let intake = app(world).begin_intake(None).await.expect("Kassen");
            readers.push((intake, camt::Reader::new(Cursor::new(text.clone()))));
        }
        // Both in turn: the first is in the middle when the second begins, and goes on.
        let mut outcomes = Vec::new();
        for (reader, count) in [(0, 1300), (1, 1300), (0, 5000), (1, 5000)] {
            let (intake, pieces) = &mut readers[reader];
            for piece in pieces.take(count) {
                let taken = intake.take("both", piece).await.expect("the store takes it");
                outcomes.extend(taken.map(|taken| taken.outcome));
            }
        }
        assert!(
            matches!(&outcomes[..], [Outcome::Elsewhere, Outcome::Filed { filed, .. }] if filed.fresh == 1100),
            "{outcomes:?}"
        );
        assert_eq!(sum(world, "").await, all);
    })
    .await;
}

#[tokio::test]
async fn alike_payments_in_exports_are_one_and_in_numbered_statements_of_a_day_two() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        world.forward(9 * 86_400);
        let tax = Line::new(day(1), 4711, "Hundesteuer");
        // Two alike ones in the same export are two payments; in the next export they are the same two, and a third.
        take(app(world), &[statement(world, "E1", vec![tax.clone(); 2])]).await;
        let more = take(app(world), &[statement(world, "E2", vec![tax.clone(); 3])]).await;
        assert!(
            matches!(&more[..], [Outcome::Filed { filed, .. }] if filed.fresh == 1),
            "{more:?}"
        );
        assert_eq!(sum(world, "").await, 3 * 4711);
        let numbered = |number, opening| Statement {
            number: Some(number),
            opening: Some(opening),
            ..statement(world, &format!("S{number}"), vec![Line::new(day(2), 100, "Eis")])
        };
        take(app(world), &[numbered(1, 0), numbered(2, 100)]).await;
        assert_eq!(sum(world, "").await, 3 * 4711 + 2 * 100);
    })
    .await;
}
