//! The finance office at the command line: differences resolved, paid out and taken back. What is wrong is refused with the
//! reason, and changes nothing. `finance_books` has its closings, files and figures.

use epaybl_connector::sandbox::Options;
use serde_json::Value;

use crate::books;
use crate::child::Said;
use crate::portal::Order;
use crate::scene::{Scene, secret};
use crate::support::{Database, databases};

const KASSE: &str = "echtkasse";
const IBAN: &str = "DE02120300000000202051";
/// A Kasse of real money with an account, and a person for each role; one person is of another Kasse.
const OFFICE: &str = r#"
[[kasse]]
id = "echtkasse"
name = "Echtkasse"
environment = "production"
rechnungswesen = "doppisch"

[[kasse.account]]
iban = "DE02120300000000202051"
holds = "exclusive"

[kasse.hkr]
postings = "connector"
template = "neutral-csv"
accounts = { forderung = "1400", "erloes/*" = "4000", "verrechnung/*" = "1360", "bank/*" = "1800", verwahrung = "3790", vorschuss = "1490", erstattung = "3700", rueckgebuehr = "6855" }

[[authority]]
id = "echtstadt"
kasse = "echtkasse"
name = "Echtstadt"
ars = "160640003003"
ags = "16064003"

[[client]]
id = "feststeller"
name = "Feststeller"
roles = { echtstadt = ["feststeller"], unstrut-hainich-kreis = ["feststeller"] }

[[client]]
id = "anordner"
name = "Anordner"
roles = { echtstadt = ["anordner"] }

[[client]]
id = "kasse"
name = "Kasse"
roles = { echtstadt = ["kasse"] }

[[client]]
id = "fremd"
name = "Kasse nebenan"
roles = { bad-langensalza = ["feststeller", "kasse", "kassenverwalter"] }
"#;

/// Two payments that nobody knows lie in deposit.
pub(crate) struct Office {
    pub(crate) scene: Scene,
    /// The day of the first records.
    day: String,
    /// The exceptions of 10.00 and 20.00 EUR.
    exceptions: [String; 2],
}

impl Office {
    pub(crate) async fn open(database: &Database) -> Self {
        let scene = Scene::bare(database, Options::default()).await;
        std::fs::write(scene.tenants_file(), scene.tenants() + OFFICE).expect("written");
        scene.command(&["migrate"]).await.exits(0);
        let file = scene.tenants_file().display().to_string();
        scene.command(&["tenants", "apply", &file]).await.exits(0);
        let day = books::rows(&scene.database_url, "SELECT max(buchungstag) FROM record").await;
        let day = day[0][0].clone();
        let statement = scene.folder.path().join("auszug.xml");
        std::fs::write(&statement, statement_of(&day)).expect("written");
        let statement = statement.display().to_string();
        let read = scene.command(&["statement", "import", &statement]).await;
        read.exits(0).says(&["2 payments looked at", "2 unclear"]);
        let mut office = Self {
            scene,
            day,
            exceptions: [String::new(), String::new()],
        };
        let list = office.says("exception list echtkasse --json").await.exits(0);
        let list: Vec<Value> = list
            .out
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        office.exceptions = [1000, 2000].map(|cents| {
            let found = list.iter().find(|one| one["cents"] == cents);
            let id = found.expect("an exception of this amount")["id"].as_str();
            id.expect("an id").to_owned()
        });
        office
    }

    /// What a line at the command line says; `E1` and `E2` are the exceptions, `DAY` is the day.
    pub(crate) async fn says(&self, line: &str) -> Said {
        self.command(line, &[]).await
    }

    /// The same with arguments that have blanks.
    pub(crate) async fn command(&self, line: &str, more: &[&str]) -> Said {
        let words = line.split_whitespace().map(|word| match word {
            "E1" => self.exceptions[0].as_str(),
            "E2" => self.exceptions[1].as_str(),
            "DAY" => self.day.as_str(),
            other => other,
        });
        let words: Vec<&str> = words.chain(more.iter().copied()).collect();
        self.scene.command(&words).await
    }

    /// A step that is taken.
    pub(crate) async fn resolves(&self, line: &str, person: &str, reason: &str) -> Said {
        let line = format!("exception resolve {KASSE} {line} --person {person} --reason");
        self.command(&line, &[reason]).await.exits(0)
    }

    /// Lines that are refused, each with what is said.
    pub(crate) async fn refuses(&self, lines: &[(&str, &[&str])]) {
        for (line, says) in lines {
            let said = self.says(line).await.exits(1).says(says);
            assert_eq!(said.out, "", "{line}");
        }
    }
}

fn statement_of(day: &str) -> String {
    let balance = |code: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )
    };
    let entry = |number: u8, amount: &str| {
        format!(
            "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt>\
             </BookgDt><AcctSvcrRef>REF{number}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>Hundesteuer {number}</Ustrd>\
             </RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
         <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy>\
         </Acct>{}{}{}{}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", "100.00"),
        balance("CLBD", "130.00"),
        entry(1, "10.00"),
        entry(2, "20.00")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_are_resolved_paid_out_and_taken_back_by_who_may() {
    for database in databases().await {
        let office = Office::open(&database).await;
        let list = office.says("exception list echtkasse").await.exits(0);
        list.says(&["unbekannter_zahlungseingang", "10,00 €", "20,00 €", "2 open"]);
        let shown = office.says("exception show echtkasse E1").await.exits(0);
        shown.says(&["10,00 €", "proposal: exception resolve echtkasse", "erstattung"]);
        let long = "x".repeat(2001);
        let too_long = format!("exception resolve echtkasse E1 vermerk --person kasse --reason {long}");
        let refund = "exception resolve echtkasse E1 erstattung --reason x --person";
        office
            .refuses(&[
                (
                    "exception list nirgends",
                    &["there is no Kasse «nirgends»", "echtkasse"],
                ),
                ("exception orders nirgends", &["there is no Kasse «nirgends»"]),
                ("exception show nirgends E1", &["there is no Kasse «nirgends»"]),
                (
                    "exception show echtkasse 4711",
                    &["«4711» is no id of an exception"],
                ),
                (
                    "exception show kreiskasse-unstrut-hainich E1",
                    &["there is no exception"],
                ),
                (&too_long, &["a reason of 1 to 2000 characters is needed"]),
                (
                    &format!("{refund} anordner"),
                    &["needs the role feststeller", "anordner does not have"],
                ),
                (
                    &format!("{refund} fremd"),
                    &["needs the role feststeller", "fremd does not have"],
                ),
                (&format!("{refund} niemand"), &["there is no person «niemand»"]),
                (
                    &format!("{refund} feststeller --amount 0"),
                    &["more than nothing"],
                ),
                (
                    &format!("{refund} feststeller --amount=-10"),
                    &["more than nothing"],
                ),
                (
                    &format!("{refund} feststeller --amount 1,5"),
                    &["«1,5» is not a decimal amount"],
                ),
                (
                    &format!("{refund} feststeller --amount 1000000000000000"),
                    &["10.00 lie in deposit, not 1000000000000000.00"],
                ),
                (&format!("{refund} feststeller --way pony"), &["pony"]),
                (
                    "exception resolve echtkasse E1 zaubern --person kasse --reason x",
                    &["«zaubern» resolves nothing"],
                ),
                (
                    "exception resolve stadtkasse-bad-langensalza E1 vermerk --person fremd --reason x",
                    &["there is no exception"],
                ),
                (
                    "exception reopen echtkasse E1 --person kasse --reason x",
                    &["there is nothing to take back"],
                ),
                (
                    "exception paid echtkasse 1 --reference HKR-1 --person kasse --reason x",
                    &["there is no order 1"],
                ),
            ])
            .await;
        // A refund by three persons; the last one's reason is what a hostile clerk would write.
        let first = office
            .resolves("E1 erstattung --way anordnung", "feststeller", "Doppelt")
            .await;
        first.says(&["as feststeller", "still needed: anordner, kasse"]);
        let other_way = "exception resolve echtkasse E1 erstattung --way bank --person anordner --reason x";
        office
            .refuses(&[(other_way, &["was begun by feststeller"])])
            .await;
        office
            .resolves("E1 erstattung --way anordnung", "anordner", "Auszahlen")
            .await;
        let hostile = "=HYPERLINK(\"http://evil\")\u{1b}[2J\n7  erstattung by bank  \u{202e}€ 00,999.9";
        let last = office
            .resolves("E1 erstattung --way anordnung", "kasse", hostile)
            .await;
        last.says(&["as kasse", "resolved, and booked"]);
        let orders = office.says("exception orders echtkasse").await.exits(0);
        orders.says(&[
            "1  erstattung by anordnung",
            "10,00 €  10,00 € still here",
            "1 orders",
        ]);
        let orders = office.says("exception orders echtkasse").await.exits(0).out;
        assert!(!orders.contains(['\u{1b}', '\u{202e}']), "{orders:?}");
        assert_eq!(
            orders.lines().count(),
            6,
            "the reason stays on its line: {orders}"
        );
        let csv = office.says("exception orders echtkasse --csv").await.exits(0).out;
        let (_, order) = csv.split_once("\r\n").expect("an order under the headings");
        assert!(
            !order.trim_end().contains(['\u{1b}', '\u{202e}', '\n']),
            "{order:?}"
        );
        assert!(order.contains(";\"'=HYPERLINK(\"\"http://evil\"\")"), "{order}");
        office
            .refuses(&[
                (
                    "exception resolve echtkasse E1 vermerk --person kasse --reason x",
                    &["resolved already"],
                ),
                (
                    "exception paid echtkasse 1 --reference HKR-1 --person feststeller --reason x",
                    &["needs the role kasse"],
                ),
                (
                    "exception paid echtkasse 1 --reference HKR-1 --person fremd --reason x",
                    &["needs the role kasse"],
                ),
                (
                    "exception paid echtkasse 7 --reference HKR-1 --person kasse --reason x",
                    &["there is no order 7"],
                ),
                (
                    "exception paid echtkasse 1 --reference HKR;1 --person kasse --reason x",
                    &["under which reference it was paid"],
                ),
            ])
            .await;
        let pay = "exception paid echtkasse 1 --reference HKR-1 --person kasse --reason überwiesen";
        office.says(pay).await.exits(0).says(&["paid out, and booked"]);
        office.refuses(&[(pay, &["order 1 has been paid out"])]).await;
        let open = office.says("exception orders echtkasse --open").await.exits(0);
        open.says(&["0 orders"]);
        let back = "exception reopen echtkasse E1 --person feststeller --reason Irrtum";
        office.refuses(&[(back, &["money has moved on since"])]).await;
        // A note is taken back as it was made.
        office.resolves("E2 vermerk", "kasse", "Hundesteuer").await;
        let back = office
            .says("exception reopen echtkasse E2 --person kasse --reason Irrtum")
            .await;
        back.exits(0).says(&["taken back as kasse", "open again"]);
        let list = office
            .says("exception list echtkasse --min-amount 15")
            .await
            .exits(0);
        list.says(&["20,00 €", "1 open"]);
        office.says("audit verify").await.exits(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_about_a_payment_is_opened_by_who_works_for_its_authority() {
    for database in databases().await {
        let mut office = Office::open(&database).await;
        let issued = office.says("client new thavel").await.exits(0);
        office.scene.secret = secret(&issued.out);
        let serving = office.scene.serve().await;
        let order = Order::nth(1);
        office.scene.portal().create(&order).await;
        serving.terminate();
        serving.end(30).await.exits(0);
        let attempt = books::rows(&office.scene.database_url, "SELECT CAST(id AS TEXT) FROM attempt").await;
        let attempt = &attempt[0][0];
        let opens = |kasse: &str, attempt: &str, person: &str| {
            format!("exception open {kasse} {attempt} --person {person} --reason Schalter")
        };
        let (kreis, nobody) = (
            "kreiskasse-unstrut-hainich",
            "0197a5c0-0000-7000-8000-000000000000",
        );
        office
            .refuses(&[
                (
                    &opens(kreis, "4711", "feststeller"),
                    &["«4711» is no id of an attempt"],
                ),
                (&opens(kreis, nobody, "feststeller"), &["there is no attempt"]),
                (&opens(KASSE, attempt, "feststeller"), &["there is no attempt"]),
                (&opens(kreis, attempt, "fremd"), &["there is no attempt"]),
            ])
            .await;
        let asks = opens(kreis, attempt, "feststeller");
        office.says(&asks).await.exits(0).says(&["opened as feststeller"]);
        office
            .refuses(&[(&asks, &["the same question is open already"])])
            .await;
        let list = office.says(&format!("exception list {kreis}")).await.exits(0);
        list.says(&["klaerungsbedarf", "1 open"]);
        office.says("audit verify").await.exits(0);
    }
}
