//! `docs/reference.md`: the closed lists of the program, for finance offices and operators.

use std::fmt::{Display, Write};

use epaybl_connector::domain::booking::BookingKind;
use epaybl_connector::domain::case::{PortalAnswer, Standing};
use epaybl_connector::domain::change::CASE_STEPS;
use epaybl_connector::domain::event::EventType;
use epaybl_connector::domain::exception::ExceptionCode;
use epaybl_connector::domain::retry;
use epaybl_connector::provider::errors::{self, Class};

/// The whole file.
pub fn text() -> String {
    let chapters = [
        HEAD.to_owned(),
        exceptions(),
        bookings(),
        payments(),
        events(),
        retries(),
        provider_codes(),
    ];
    chapters.join("\n")
}

const HEAD: &str = "\
<!-- Generated from the program's own tables. Do not edit; write it anew with: cargo run --example generate -->

# Reference · Nachschlagewerk

The closed lists of the connector: what finance offices and operators meet by name.

Die geschlossenen Listen des Connectors: was Kassen und Betrieb beim Namen begegnet.
";

const EXCEPTIONS: &str = "\
## Exceptions · Ausnahmen

A difference that a person resolves. Codes are stable; each is a record of the log.

Eine Abweichung, die ein Mensch klärt. Die Codes bleiben; jeder steht als Eintrag im Log.
";

fn exceptions() -> String {
    let rows = ExceptionCode::ALL.iter().map(|code| {
        [
            format!("`{}`", code.as_str()),
            code.german().to_owned(),
            code.english().to_owned(),
        ]
    });
    EXCEPTIONS.to_owned() + &table(["Code", "Deutsch", "English"], rows)
}

const BOOKINGS: &str = "\
## Bookings · Buchungsarten

Each line balances by construction: *debit an credit*.

Jede Zeile ist in sich ausgeglichen: *Soll an Haben*.
";

fn bookings() -> String {
    let rows = BookingKind::ALL.iter().map(|kind| {
        let (sentence, german, english) = booking(*kind);
        [
            format!("`{}`", kind.as_str()),
            sentence.to_owned(),
            german.to_owned(),
            english.to_owned(),
        ]
    });
    BOOKINGS.to_owned() + &table(["Art", "Buchungssatz", "Deutsch", "English"], rows)
}

/// Buchungssatz, German, English. A new kind does not compile without them.
const fn booking(kind: BookingKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        BookingKind::Sollstellung => (
            "forderung an erloes (und steuer)",
            "Die Forderung entsteht, je Position.",
            "The claim comes into being, per item.",
        ),
        BookingKind::Absetzung => (
            "erloes (und steuer) an forderung",
            "Der offene Rest wird aufgegeben.",
            "The open rest is given up.",
        ),
        BookingKind::Zahlung => (
            "verrechnung an forderung",
            "Der offene Betrag ist bezahlt.",
            "What was open is paid.",
        ),
        BookingKind::Teilzahlung => (
            "verrechnung an forderung",
            "Ein Teil ist bezahlt, ein Rest bleibt offen.",
            "A part is paid, a rest stays open.",
        ),
        BookingKind::Ueberzahlung => (
            "verrechnung an verwahrung",
            "Mehr als gefordert; mit Ausnahme.",
            "More than was owed; with an exception.",
        ),
        BookingKind::Doppelzahlung => (
            "verrechnung an verwahrung",
            "Ein zweites Mal gezahlt; mit Ausnahme.",
            "Paid a second time; with an exception.",
        ),
        BookingKind::SpaeteZahlung => (
            "verrechnung an verwahrung",
            "Nach dem Ende gezahlt; mit Ausnahme.",
            "Paid after the end; with an exception.",
        ),
        BookingKind::Ruecklastschrift => (
            "verwahrung an verrechnung, dann forderung an verrechnung",
            "Geld ging zurück: erst aus der Verwahrung des Vorgangs, der Rest öffnet die Forderung wieder. Was die Verwahrung schon verlassen hat, ist ein Vorschuss.",
            "Money went back: first out of the attempt's deposit, the rest opens the claim again. What has left the deposit is an advance.",
        ),
        BookingKind::Gutschrift => (
            "bank (oder verrechnung einer Auszahlung) an verrechnung",
            "Der Kontoauszug zeigt, was gezahlt wurde.",
            "The statement shows what was paid.",
        ),
        BookingKind::Rueckgabe => (
            "verrechnung (und rueckgebuehr) an bank (oder vorschuss)",
            "Der Kontoauszug zeigt eine Rückgabe, vielleicht mit Gebühr; an vorschuss, wenn ihre Zahlung erst später bekannt wird.",
            "The statement shows a return, perhaps with a fee; an vorschuss where its payment is known only later.",
        ),
        BookingKind::Klaerung => (
            "bank (oder verrechnung einer Auszahlung) an verwahrung",
            "Geld, das niemand kennt; mit Ausnahme.",
            "Money that nobody knows; with an exception.",
        ),
        BookingKind::Vorschuss => (
            "vorschuss an bank",
            "Eine Abbuchung, die niemand kennt; mit Ausnahme.",
            "Money left, and nobody knows what for; with an exception.",
        ),
        BookingKind::Zuordnung => (
            "verwahrung an verrechnung",
            "Unbekanntes Geld gehört doch zu einer Zahlung.",
            "Money that nobody knew is found to be a payment's.",
        ),
        BookingKind::Erstattung => (
            "verwahrung an erstattung",
            "Verwahrtes Geld ist zur Erstattung angeordnet.",
            "Money in deposit is ordered to be paid back.",
        ),
        BookingKind::Auszahlung => (
            "bank an verrechnung/<zvp>/AUSZAHLUNG",
            "Der Kontoauszug zeigt die Auszahlung eines Zahlungsanbieters (oder sie verlässt die Verwahrung, wenn ihre Liste später kam).",
            "The statement shows a payout of a payment provider (or it leaves the deposit, where its list came later).",
        ),
        BookingKind::Disagio => (
            "disagio/<Haushaltsstelle> an verrechnung/<zvp>/AUSZAHLUNG",
            "Was der Zahlungsanbieter einbehält, nach seiner Liste oder dem Vertrag.",
            "What the payment provider keeps, by its list or the contract.",
        ),
        BookingKind::Ruecknahme => (
            "verrechnung an verrechnung/<zvp>/AUSZAHLUNG",
            "Eine spätere Liste nimmt zurück, was eine frühere gesagt hat.",
            "A later list takes back what an earlier one said.",
        ),
        BookingKind::Umbuchung => (
            "verwahrung an verwahrung; erloes an erloes",
            "Verwahrtes Geld ist aufgeteilt, oder eine Einnahme steht auf einer anderen Haushaltsstelle.",
            "A deposit is divided, or income moves to another title.",
        ),
        BookingKind::Ausbuchung => (
            "erloes (und steuer) an forderung; verwahrung an erloes",
            "Ein kleiner Unterschied: ein Fehlbetrag wird nicht verfolgt, eine Überzahlung einbehalten.",
            "A small difference: a shortfall is not pursued, an overpayment is kept.",
        ),
        BookingKind::Weiterleitung => (
            "verwahrung an erstattung",
            "Verwahrtes Geld gehört jemand anderem; die Weiterleitung ist angeordnet.",
            "Money in deposit is somebody else's; it is ordered to be passed on.",
        ),
        BookingKind::Auskehrung => (
            "erstattung an bank; erstattung an verrechnung",
            "Was zur Auszahlung angeordnet war, ist abgegangen.",
            "What was ordered to be paid out has left.",
        ),
        BookingKind::Storno => (
            "wie die stornierte Buchung, Seiten vertauscht",
            "Eine Buchung wird aufgehoben, höchstens einmal.",
            "A booking is reversed, at most once.",
        ),
    }
}

const ATTEMPTS: &str = "\
## Payments · Zahlungen

### Attempt · Versuch

One try to open a payment at the provider. Every other step is a fault of the program.

Ein Versuch, beim Anbieter eine Zahlung anzulegen. Jeder andere Schritt ist ein Programmfehler.
";

const ANSWERS: &str = "
### Portal's answer · Antwort an das Portal

Never back. `REFUSED` is an error to the portal, and its requestId is free again.

Nie zurück. Bei `REFUSED` erhält das Portal einen Fehler, und seine requestId ist wieder frei.
";

const CASES: &str = "
### Case · Vorgang

Whether a case is paid; it may reopen after a return.

Ob ein Vorgang bezahlt ist; eine Rückgabe kann ihn wieder öffnen.
";

fn payments() -> String {
    let cases: Vec<_> = CASE_STEPS
        .iter()
        .map(|(from, to)| (from.as_str(), to.as_str()))
        .collect();
    [
        ATTEMPTS,
        &diagram("calling", Standing::STEPS),
        ANSWERS,
        &diagram("INITIAL", PortalAnswer::STEPS),
        CASES,
        &diagram("open", &cases),
    ]
    .concat()
}

/// A state diagram; states that nothing leaves end it.
fn diagram(first: &str, steps: &[(&str, &str)]) -> String {
    let mut ends: Vec<&str> = Vec::new();
    let mut text = format!("\n```mermaid\nstateDiagram-v2\n    [*] --> {first}\n");
    for (from, to) in steps {
        line(&mut text, format_args!("    {from} --> {to}"));
        if !ends.contains(to) && !steps.iter().any(|(leaves, _)| leaves == to) {
            ends.push(to);
        }
    }
    for end in ends {
        line(&mut text, format_args!("    {end} --> [*]"));
    }
    text + "```\n"
}

const EVENTS: &str = "\
## Events · Ereignisse

What gateways hear. `type` is the name on the wire (CloudEvents 1.0).

Was Fachverfahren hören. `type` ist der Name auf der Leitung (CloudEvents 1.0).
";

fn events() -> String {
    let rows = EventType::ALL.iter().map(|kind| {
        let (german, english) = event(*kind);
        [
            format!("`{}`", kind.cloud_type()),
            german.to_owned(),
            english.to_owned(),
        ]
    });
    EVENTS.to_owned() + &table(["type", "Deutsch", "English"], rows)
}

const fn event(kind: EventType) -> (&'static str, &'static str) {
    match kind {
        EventType::PaymentPaid => (
            "Die Zahlung ist durch das Wort des Anbieters bewiesen.",
            "The payment is proven by the provider's word.",
        ),
        EventType::PaymentFailed => (
            "Ohne Geld beendet, vom Anbieter oder durch Ablauf.",
            "Ended without money, by the provider or by time.",
        ),
        EventType::PaymentCanceled => (
            "Ohne Geld beendet, von der zahlenden Person.",
            "Ended without money, by the payer.",
        ),
        EventType::PaymentSettled => (
            "Der Kontoauszug zeigt das Geld.",
            "The bank statement shows the money.",
        ),
        EventType::PaymentReturned => (
            "Geld ging über die Bank zurück (Rücklastschrift, Chargeback).",
            "Money went back by the payer's bank (direct debit return, chargeback).",
        ),
        EventType::PaymentRefunded => ("Geld wurde von uns erstattet.", "Money was given back by us."),
        EventType::CasePaid => (
            "Etwas ist bezahlt, und nichts ist mehr unterwegs: die Bearbeitung kann weitergehen.",
            "Something is paid and nothing is under way any more: the clerk may go on.",
        ),
        EventType::CaseReopened => (
            "Ein bezahlter Vorgang ist es nicht mehr.",
            "A case that was paid is no longer.",
        ),
    }
}

fn retries() -> String {
    let mut after = 0;
    let rows = retry::TABLE.iter().enumerate().map(|(index, wait)| {
        after += wait;
        [(index + 1).to_string(), duration(*wait), duration(after)]
    });
    let table = table(
        [
            "Try · Versuch",
            "Wait · Wartezeit",
            "Since the first · seit dem ersten",
        ],
        rows,
    );
    let longest = duration(retry::LONGEST_RETRY_AFTER);
    format!(
        "\
## Retries of deliveries · Wiederholung von Zustellungen

Each wait varies by up to a tenth. A target's `Retry-After` makes it longer, up to {longest}; `410 Gone` stops the target
until its next version. After the last try the delivery is a dead letter, and the next one is sent.

Jede Wartezeit schwankt um bis zu einem Zehntel. `Retry-After` des Ziels verlängert sie, höchstens auf {longest}; bei
`410 Gone` ruht das Ziel bis zu seiner nächsten Version. Nach dem letzten Versuch gilt die Zustellung als
unzustellbar, und die nächste wird gesendet.
{table}"
    )
}

fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if parts.is_empty() {
        "0 s".to_owned()
    } else {
        parts.join(" ")
    }
}

const CODES: &str = "\
## ePayBL result codes · Rückgabewerte von ePayBL

Whose matter a code is when a payment is opened. A code that is not listed counts as unknown: a payment may exist.

Wessen Sache ein Code beim Anlegen einer Zahlung ist. Nicht aufgeführte Codes gelten als ungeklärt: eine Zahlung kann
bestehen.

";

fn provider_codes() -> String {
    let mut text = CODES.to_owned();
    for class in [
        Class::Ok,
        Class::Caller,
        Class::Configuration,
        Class::NumberUsed,
        Class::UnknownOutcome,
    ] {
        let (name, german, english) = whose(class);
        line(&mut text, format_args!("- **{name}**: {english} · {german}"));
    }
    let rows = errors::TABLE.iter().map(|line| {
        let code = if line.from == line.to {
            format!("`-{:04}`", line.from)
        } else {
            format!("`-{:04}` … `-{:04}`", line.from, line.to)
        };
        let meaning = line.meaning;
        let (name, ..) = whose(meaning.class);
        [
            code,
            name.to_owned(),
            meaning.german.to_owned(),
            meaning.english.to_owned(),
        ]
    });
    text + &table(["rc", "Class · Klasse", "Deutsch", "English"], rows)
}

const fn whose(class: Class) -> (&'static str, &'static str, &'static str) {
    match class {
        Class::Ok => ("ok", "ausgeführt (`+…`)", "done (`+…`)"),
        Class::Caller => (
            "caller",
            "das Portal kann es beheben; nichts ist angelegt",
            "the portal can mend it; nothing exists",
        ),
        Class::Configuration => (
            "configuration",
            "der Betrieb muss es beheben; nichts ist angelegt",
            "an operator must mend it; nothing exists",
        ),
        Class::NumberUsed => (
            "number used",
            "ein früherer Aufruf kam an; ein neuer Versuch tritt an seine Stelle",
            "an earlier call arrived; a new attempt takes its place",
        ),
        Class::UnknownOutcome => (
            "unknown",
            "ungeklärt: eine Zahlung kann bestehen; es wird nachgefragt",
            "a payment may exist; it is asked for",
        ),
    }
}

/// A table, after an empty line.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut text = format!("\n| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        line(&mut text, format_args!("| {} |", cells.join(" | ")));
    }
    text
}

fn line(text: &mut String, line: impl Display) {
    writeln!(text, "{line}").expect("a text takes every line");
}
