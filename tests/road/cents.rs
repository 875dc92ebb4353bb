//! Every cent of every day is settled, explained, foreign, or an open exception. It is read from the log alone, so that it
//! holds for whoever verifies the log, and it holds at every closing of random weeks of disorder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use epaybl_connector::app::App;
use epaybl_connector::app::closings::Preparation;
use epaybl_connector::app::exceptions::Decision;
use epaybl_connector::app::ports::{AuditQuery, StatementFile};
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::domain::booking::Account;
use epaybl_connector::domain::closing::Closing;
use epaybl_connector::domain::ids::{ChangeId, ClientId, LedgerId, PostenId, StatementId};
use epaybl_connector::domain::record::{Body, Record};
use epaybl_connector::domain::resolution::{How, Terms};
use epaybl_connector::domain::statement::Iban;
use epaybl_connector::domain::subject::Subject;
use jiff::civil::{Date, Weekday, date};

use crate::bank::{Line, Statement, file};
use crate::exceptions::with_persons;
use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, iban};

const DAY: i64 = 86_400;

fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

fn app(world: &World) -> &App {
    &world.stage().connector.app
}

/// The log of the Kasse.
pub async fn log(world: &World) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let from = records.len() as u64;
        let rows = app(world)
            .store
            .audit_rows(AuditQuery::Records, &ledger(), from, 1000)
            .await
            .expect("the log");
        if rows.is_empty() {
            return records;
        }
        records.extend(rows.iter().map(|row| {
            let bytes = row["bytes"].as_str().expect("the bytes of a record");
            let bytes = data_encoding::HEXLOWER.decode(bytes.as_bytes()).expect("hex");
            Record::decode(&bytes).expect("a record")
        }));
    }
}

/// What the log says of money on accounts.
#[derive(Default)]
struct Seen {
    accounts: BTreeMap<StatementId, Iban>,
    /// What statements moved, what of it was claimed, and what was booked.
    moved: BTreeMap<Iban, i64>,
    claimed: BTreeMap<Iban, i64>,
    booked: BTreeMap<Iban, i64>,
    /// What one Change claimed and booked.
    changes: BTreeMap<ChangeId, (i64, i64)>,
    claims: BTreeSet<String>,
    named: BTreeSet<Subject>,
    unknown: BTreeSet<Subject>,
    deposits: BTreeMap<PostenId, (i64, Subject)>,
}

impl Seen {
    fn of(records: &[Record]) -> Self {
        let mut seen = Self::default();
        for record in records {
            seen.record(record);
        }
        seen
    }

    fn record(&mut self, record: &Record) {
        match &record.body {
            // It tells what is in lines of statements, and moves nothing by itself.
            Body::Statement(filed) if filed.format == "camt054" => {
                self.accounts.insert(filed.id, filed.account.clone());
            }
            Body::Statement(filed) => {
                self.accounts.insert(filed.id, filed.account.clone());
                *self.moved.entry(filed.account.clone()).or_default() +=
                    filed.credits.get() - filed.debits.get();
            }
            Body::Match(matched) => {
                let account = self.accounts[&matched.detail.statement].clone();
                // A payout's claim may be moved by a later list; everything else is claimed once.
                let first = self.claims.insert(matched.detail.to_string());
                let moved = matched.cents.get() == 0 || matches!(matched.subject, Subject::Payout(_));
                assert!(first || moved, "{} is claimed twice", matched.detail);
                *self.claimed.entry(account).or_default() += matched.cents.get();
                self.changes.entry(record.change).or_default().0 += matched.cents.get();
                if matched.subject == Subject::Detail(matched.detail) {
                    self.unknown.insert(matched.subject);
                }
            }
            Body::Exception(opened) => {
                self.named.insert(opened.subject);
            }
            Body::Booking(booking) => {
                for line in &booking.lines {
                    let cents = line.cents.get();
                    for (side, cents) in [(&line.debit, cents), (&line.credit, -cents)] {
                        match &side.account {
                            Account::Bank { iban } => {
                                *self.booked.entry(iban.clone()).or_default() += cents;
                                self.changes.entry(record.change).or_default().1 += cents;
                            }
                            Account::Verwahrung => {
                                let deposit =
                                    self.deposits.entry(side.posten).or_insert((0, booking.subject));
                                deposit.0 -= cents;
                            }
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// The law.
    fn holds(&self) {
        assert_eq!(
            self.claimed, self.booked,
            "what is claimed on statements is what `bank` holds"
        );
        for (change, (claimed, booked)) in &self.changes {
            assert_eq!(
                claimed, booked,
                "{change:?}: a claim is booked to the cent, with the Change that claims it"
            );
        }
        for subject in &self.unknown {
            assert!(
                self.named.contains(subject),
                "{subject}: nobody knows it, and nobody is told"
            );
        }
        for (posten, (cents, subject)) in &self.deposits {
            assert!(*cents >= 0, "{posten}: {cents} lie in deposit");
            assert!(
                *cents == 0 || self.named.contains(subject),
                "{posten}: {cents} of {subject} lie in deposit, and nobody is told"
            );
        }
    }

    fn foreign(&self, iban: &Iban) -> i64 {
        let of = |all: &BTreeMap<Iban, i64>| all.get(iban).copied().unwrap_or_default();
        of(&self.moved) - of(&self.claimed)
    }
}

/// The law holds at a closing, and its bridge of foreign money says what the log says.
fn at_closing(records: &[Record], closing: &Closing, opening: i64) {
    assert!(closing.check().is_empty(), "{:?}", closing.check());
    assert!(closing.holds().is_empty(), "{:?}", closing.holds());
    let size = usize::try_from(closing.cut.size).expect("it fits");
    let seen = Seen::of(&records[..size]);
    seen.holds();
    for bank in &closing.banks {
        let iban = Iban::parse(&bank.iban).expect("an IBAN");
        assert_eq!(bank.foreign.closing.get(), opening + seen.foreign(&iban));
        assert_eq!(
            bank.ours.get(),
            seen.booked.get(&iban).copied().unwrap_or_default()
        );
    }
}

/// Numbers by chance, the same from the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

const OPENING: i64 = 100_000;

/// A bank and a town by chance.
struct Town {
    chance: Chance,
    opened: Vec<String>,
    balance: i64,
    statements: u32,
    /// Statements that have not come in yet.
    late: Vec<Statement>,
    seen: Vec<Statement>,
}

impl Town {
    /// What a day brings to the account: payments, some twice, some wrong, some back, and what is none of ours.
    fn lines(&mut self, day: Date) -> Vec<Line> {
        let mut lines = Vec::new();
        for _ in 0..=self.chance.below(4) {
            let purpose = match self.opened.len() {
                0 => continue,
                open => format!("Kfz {} danke", self.opened[self.chance.below(open)]),
            };
            lines.push(match self.chance.below(8) {
                0 => Line::new(day, 3000, &purpose),
                1 => Line::back(day, 3060, 300, &purpose),
                2 => Line::new(day, -1234, "Gebuehr der Bank"),
                3 => Line::new(day, 3060, "ohne Angabe"),
                4 => Line::new(day, 4711, "Hundesteuer 2026"),
                _ => Line::new(day, 3060, &purpose),
            });
        }
        lines
    }

    fn write(&mut self, iban: &str, day: Date) {
        let lines = self.lines(day);
        if lines.is_empty() {
            return;
        }
        self.statements += 1;
        let statement = Statement {
            iban: iban.to_owned(),
            id: format!("S{}", self.statements),
            number: Some(self.statements),
            opening: Some(self.balance),
            lines,
        };
        self.balance += statement.lines.iter().map(Line::cents).sum::<i64>();
        self.late.push(statement);
    }

    /// What comes in this morning: most of what is there, sometimes something for the second time.
    async fn bring(&mut self, world: &World, all: bool) {
        let mut files = Vec::new();
        for statement in std::mem::take(&mut self.late) {
            if all || self.chance.below(4) > 0 {
                files.push(statement);
            } else {
                self.late.push(statement);
            }
        }
        if self.chance.below(3) == 0 && !self.seen.is_empty() {
            files.push(self.seen[self.chance.below(self.seen.len())].clone());
        }
        for statement in files {
            let stream = StatementFile::Stream {
                name: format!("{}.xml", statement.id),
                input: Box::new(Cursor::new(file(std::slice::from_ref(&statement)).into_bytes())),
            };
            let taken = app(world)
                .take_files(vec![stream])
                .await
                .expect("the store takes it");
            let refused = taken
                .statements
                .iter()
                .any(|one| matches!(one.outcome, Outcome::Refused { .. }));
            assert!(!refused, "{:?}", taken.statements);
            self.seen.push(statement);
        }
        app(world).reconcile(&ledger()).await.expect("it is matched");
    }

    /// Somebody works on the list.
    async fn decide(&mut self, world: &World) {
        let open = app(world)
            .worklist(&ledger(), false, None, 100)
            .await
            .expect("the worklist");
        for of in open {
            let (how, persons) = match self.chance.below(4) {
                0 => (How::Refund, &["feststeller", "anordner", "kasse"][..]),
                1 => (How::Leave, &["kasse"][..]),
                _ => continue,
            };
            for person in persons {
                let decision = Decision {
                    ledger: ledger(),
                    exception: of.id,
                    how,
                    attempt: None,
                    cents: None,
                    terms: Terms::default(),
                    person: ClientId::parse(person).expect("an id"),
                    reason: "geprüft".to_owned(),
                };
                // What holds no money cannot be paid back.
                if app(world).decide_exception(&decision).await.is_err() {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn every_cent_of_every_day_is_settled_explained_foreign_or_an_exception() {
    for (seed, account) in [
        (1, ""),
        (2, "holds = \"exclusive\""),
        (3, "holds = \"exclusive\""),
    ] {
        with_each_provider(&[soap3()], async |world| {
            with_persons(world, account).await;
            let mut town = Town {
                chance: Chance(seed),
                opened: Vec::new(),
                balance: OPENING,
                statements: 0,
                late: Vec::new(),
                seen: Vec::new(),
            };
            let iban = iban(world);
            let mut closings = 0;
            for morning in 0..12 {
                for n in 0..town.chance.below(3) {
                    world.open(CAR, &car(&format!("t-{morning}-{n}"))).await;
                    town.opened.push(world.newest().kassenzeichen);
                }
                let day = world.now().berlin_day();
                if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                    town.write(&iban, day);
                }
                world.forward(DAY);
                town.bring(world, false).await;
                town.decide(world).await;
                app(world)
                    .name_missing_of(&ledger())
                    .await
                    .expect("it is looked at");
                let prepared = app(world).prepare_due(&ledger()).await.expect("it can be asked");
                let records = log(world).await;
                Seen::of(&records).holds();
                if let Preparation::Prepared(closing) = prepared {
                    at_closing(&records, &closing, OPENING);
                    closings += 1;
                }
            }
            town.bring(world, true).await;
            app(world)
                .name_missing_of(&ledger())
                .await
                .expect("it is looked at");
            let last = app(world).prepare_due(&ledger()).await.expect("it can be asked");
            let records = log(world).await;
            match last {
                Preparation::Prepared(closing) => at_closing(&records, &closing, OPENING),
                Preparation::Nothing => Seen::of(&records).holds(),
                Preparation::Waits(holds) => panic!("everything is there: {holds:?}"),
            }
            let seen = Seen::of(&records);
            let settled = seen.claims.len() - seen.unknown.len();
            let unclaimed = seen.accounts.values().any(|iban| seen.foreign(iban) != 0);
            let rest = if account.is_empty() {
                unclaimed
            } else {
                !seen.unknown.is_empty()
            };
            assert!(
                closings > 0 && settled > 0 && rest,
                "seed {seed}: {settled} are settled"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_year_ends_between_opening_payment_settlement_and_return() {
    with_each_provider(&[soap3()], async |world| {
        let entry = format!(
            "rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{}\"\nholds = \"exclusive\"\n",
            iban(world)
        );
        world
            .tenants(move |text| {
                text.replace("rechnungswesen = \"doppisch\"\n", &entry)
                    .replace("expires_after_minutes = 120", "expires_after_minutes = 4320")
            })
            .await;
        let until = |day: Date| i64::from((day - world.now().berlin_day()).get_days()) * DAY;
        world.forward(until(date(2026, 12, 31)));
        let pay_url = world.open(CAR, &car("y-1")).await;
        world.forward(until(date(2027, 1, 1)));
        let back = world.pay(&pay_url, "SEPASDD").await;
        world.browse(&back).await.location();
        assert_eq!(world.status(CAR, "y-1").await, "PAYED");
        let kassenzeichen = world.newest().kassenzeichen;
        let statement = |id: &str, number: u32, opening: i64, line: Line| Statement {
            iban: iban(world),
            id: id.to_owned(),
            number: Some(number),
            opening: Some(opening),
            lines: vec![line],
        };
        let take = async |statement: Statement| {
            let stream = StatementFile::Stream {
                name: format!("{}.xml", statement.id),
                input: Box::new(Cursor::new(file(&[statement]).into_bytes())),
            };
            let taken = app(world)
                .take_files(vec![stream])
                .await
                .expect("the store takes it");
            assert!(
                matches!(taken.statements[0].outcome, Outcome::Filed { .. }),
                "{:?}",
                taken.statements
            );
            app(world).reconcile(&ledger()).await.expect("it is matched");
        };
        // The last one of the year, for the sequence; the bank settles on the 3rd and numbers anew.
        let last = Line::new(date(2026, 12, 30), 100, "Kopie");
        take(statement("S250", 250, 5000, last)).await;
        world.forward(until(date(2027, 1, 4)));
        take(statement(
            "S1",
            1,
            5100,
            Line::new(date(2027, 1, 3), 3060, &kassenzeichen),
        ))
        .await;
        world.forward(until(date(2027, 3, 10)));
        take(statement(
            "S2",
            2,
            8160,
            Line::back(date(2027, 3, 9), 3060, 350, &kassenzeichen),
        ))
        .await;
        let years: Vec<(&str, i16)> = log(world)
            .await
            .iter()
            .filter_map(|record| match &record.body {
                Body::Booking(booking) => Some((booking.kind.as_str(), booking.lines[0].haushaltsjahr)),
                _ => None,
            })
            .collect();
        let expected = [
            ("sollstellung", 2026),
            ("zahlung", 2026),
            ("klaerung", 2027),
            ("gutschrift", 2026),
            ("ruecklastschrift", 2027),
            ("rueckgabe", 2027),
        ];
        assert_eq!(years, expected);
        let heard = [
            "payment.paid.v1",
            "case.paid.v1",
            "payment.settled.v1",
            "payment.returned.v1",
            "case.reopened.v1",
        ];
        assert_eq!(world.heard().await, heard);
        assert_eq!(
            world.status(CAR, "y-1").await,
            "PAYED",
            "the portal's answer stays"
        );
        let records = log(world).await;
        Seen::of(&records).holds();
        let prepared = app(world)
            .prepare_closing(&ledger(), date(2027, 3, 9))
            .await
            .expect("it can be asked");
        let Preparation::Prepared(closing) = prepared else {
            panic!("{prepared:?}")
        };
        at_closing(&log(world).await, &closing, 5000);
    })
    .await;
}
