//! Prints the golden vectors of the log: `cargo run --example log_vectors > fixtures/log/vectors.json`.
//!
//! Each entry has a record in words, its canonical bytes, its leaf hash, and the root of the tree after it. The vectors
//! are frozen with the version of the encoding: a new kind is appended, an entry that is there never changes.

#[path = "log_vectors/ways.rs"]
mod ways;

use std::io::Write as _;

use data_encoding::HEXLOWER;
use epaybl_connector::domain::booking::{Account, Booking, BookingKind, Line, Side};
use epaybl_connector::domain::closing::SignerRole;
use epaybl_connector::domain::exception::ExceptionCode;
use epaybl_connector::domain::ids::{
    AttemptId, CaseId, ChangeId, ExceptionId, LedgerId, ListId, Method, PayoutId, PersonalId, PostenId,
    ProviderId, StatementId,
};
use epaybl_connector::domain::log::{Draft, Head};
use epaybl_connector::domain::merkle::{CompactRange, leaf_hash};
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::payout::Sums;
use epaybl_connector::domain::record::{
    Body, CallbackReceived, ClosingCut, ClosingFiled, ClosingSigned, Commitment, Configured, ExceptionOpened,
    ListFiled, Matched, PostingFile, PostingWithdrawn, Record, Resolved, StatementFiled,
};
use epaybl_connector::domain::statement::Iban;
use epaybl_connector::domain::subject::{DetailId, ListLineId, Subject};
use epaybl_connector::domain::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(vectors().as_bytes())
}

/// The whole file, as it is printed.
pub fn vectors() -> String {
    let mut head = Head {
        ledger: LedgerId::parse("musterstadt").expect("an id"),
        tree: CompactRange::default(),
        events: 0,
        recorded_at: Timestamp::from_millis(0),
        open_day: None,
    };
    let mut entries = Vec::new();
    for (n, draft) in (0_i64..).zip(drafts()) {
        // Every record an hour and a few milliseconds later, over midnight in Berlin.
        let now = Timestamp::from_millis(1_798_747_200_000 + n * 3_600_017);
        let change = ChangeId(uuid(0x1000 + u128::from(n.unsigned_abs())));
        let stamped = head.stamp(change, [draft], now);
        for (record, bytes) in stamped {
            entries.push(json!({
                "record": words(&record),
                "bytes": HEXLOWER.encode(&bytes),
                "leaf": HEXLOWER.encode(&leaf_hash(&bytes)),
                "root": HEXLOWER.encode(&head.tree.root()),
            }));
        }
    }
    let mut text = serde_json::to_string_pretty(&entries).expect("plain values become JSON");
    text.push('\n');
    text
}

/// The kinds of booking with which the log began; those that come later have their entries at the end.
const FIRST_KINDS: [BookingKind; 9] = [
    BookingKind::Sollstellung,
    BookingKind::Absetzung,
    BookingKind::Zahlung,
    BookingKind::Teilzahlung,
    BookingKind::Ueberzahlung,
    BookingKind::Doppelzahlung,
    BookingKind::SpaeteZahlung,
    BookingKind::Ruecklastschrift,
    BookingKind::Storno,
];

/// Every kind of booking, then every other kind of record, with fields absent and present, empty and not ASCII.
fn drafts() -> Vec<Draft> {
    let mut drafts = bookings(&FIRST_KINDS);
    let mut many = booking(BookingKind::Sollstellung);
    many.lines.push(Line {
        credit: side(
            Account::Steuer {
                key: "U19".to_owned(),
            },
            0x31,
        ),
        cents: Cents::new(190),
        objektnummer: None,
        ..many.lines[0].clone()
    });
    many.lines.push(Line {
        credit: side(
            Account::Erloes {
                haushaltsstelle: "1100/1000 100%".to_owned(),
                objektnummer: None,
            },
            0x31,
        ),
        cents: Cents::new(i64::MAX),
        haushaltsjahr: 2027,
        haushaltsstelle: None,
        objektnummer: None,
        ..many.lines[0].clone()
    });
    drafts.push(plain(Body::Booking(many)));
    for cents in [None, Some(Cents::new(-4150))] {
        drafts.push(plain(Body::Exception(ExceptionOpened {
            id: ExceptionId(uuid(0x51)),
            code: ExceptionCode::Underpaid,
            subject: attempt(),
            cents,
        })));
    }
    drafts.push(Draft {
        body: Body::Callback(CallbackReceived {
            provider: ProviderId::parse("epaybl").expect("an id"),
            attempt: AttemptId(uuid(0x21)),
            case: CaseId(uuid(0x11)),
            status: "Straße bezahlt ✓".to_owned(),
        }),
        personal: vec![
            Commitment {
                personal: PersonalId(uuid(0x61)),
                hmac: [0xab; 32],
            },
            Commitment {
                personal: PersonalId(uuid(0x62)),
                hmac: [0; 32],
            },
        ],
    });
    for content in ["{\"name\":\"Stadtkasse\"}", ""] {
        drafts.push(plain(Body::Configuration(Configured {
            kind: "kasse".to_owned(),
            id: "musterstadt".to_owned(),
            version: 2,
            content: content.to_owned(),
        })));
    }
    drafts.extend(of_statements());
    drafts.extend(of_resolutions());
    drafts.extend(of_closings());
    drafts.extend(of_postings());
    drafts.extend(of_payouts());
    drafts.extend(ways::of_ways());
    drafts
}

/// What came with closings. Size and root of the cut are those of the log before it.
fn of_closings() -> Vec<Draft> {
    let bodies = [
        Body::ClosingCut(ClosingCut {
            number: 7,
            from: jiff::civil::date(2026, 12, 30),
            to: jiff::civil::date(2027, 1, 3),
            open: jiff::civil::date(2027, 1, 4),
            size: 0,
            root: [0; 32],
        }),
        Body::ClosingFiled(ClosingFiled {
            number: 7,
            size: 26,
            root: [0xab; 32],
            digest: [0xcd; 32],
        }),
        Body::ClosingSigned(ClosingSigned {
            number: 7,
            digest: [0xcd; 32],
            person: "A. Müller".to_owned(),
            role: SignerRole::Kassenverwalter,
        }),
    ];
    bodies.into_iter().map(plain).collect()
}

/// What came with files for the cash system.
fn of_postings() -> Vec<Draft> {
    let made = Body::PostingFile(PostingFile {
        number: 3,
        from: 17,
        to: 28,
        postings: "provider".to_owned(),
        template: "neutral-csv".to_owned(),
        template_digest: [0x1a; 32],
        name: "hkr-musterstadt-3.csv".to_owned(),
        media_type: "text/csv; charset=utf-8".to_owned(),
        lines: 4,
        sum: Cents::new(12_345),
        first: jiff::civil::date(2026, 12, 30),
        last: jiff::civil::date(2026, 12, 31),
        digest: [0x2b; 32],
        size: 1234,
        lines_digest: [0x3c; 32],
        person: "programm".to_owned(),
    });
    let withdrawn = Body::PostingWithdrawn(PostingWithdrawn {
        number: 3,
        lines: 4,
        lines_digest: [0x3c; 32],
        person: "a.mueller".to_owned(),
    });
    let reason = Commitment {
        personal: PersonalId(uuid(0x64)),
        hmac: [0x4d; 32],
    };
    vec![
        plain(made),
        Draft {
            body: withdrawn,
            personal: vec![reason],
        },
    ]
}

/// What came with statements of accounts.
fn of_statements() -> Vec<Draft> {
    let mut drafts = bookings(&[
        BookingKind::Gutschrift,
        BookingKind::Rueckgabe,
        BookingKind::Klaerung,
        BookingKind::Vorschuss,
        BookingKind::Zuordnung,
    ]);
    for subject in [Subject::Detail(detail()), Subject::Statement(detail().statement)] {
        drafts.push(plain(Body::Exception(ExceptionOpened {
            id: ExceptionId(uuid(0x51)),
            code: ExceptionCode::UnknownCredit,
            subject,
            cents: Some(Cents::new(4150)),
        })));
    }
    let filed = StatementFiled {
        id: detail().statement,
        account: iban(),
        format: "camt053".to_owned(),
        bank_id: "STMT-2026-251".to_owned(),
        number: Some(251),
        page: None,
        first_day: jiff::civil::date(2026, 12, 30),
        last_day: jiff::civil::date(2026, 12, 31),
        opening: Some(Cents::new(-12_345)),
        closing: Some(Cents::new(67_890)),
        entries: 12,
        fresh: 11,
        credits: Cents::new(80_300),
        debits: Cents::new(65),
        digest: [0xcd; 32],
    };
    let bare = StatementFiled {
        bank_id: String::new(),
        number: None,
        page: Some(2),
        opening: None,
        closing: None,
        ..filed.clone()
    };
    drafts.extend([filed, bare].map(|filed| plain(Body::Statement(filed))));
    for (subject, cents) in [(attempt(), 4150), (Subject::Detail(detail()), -4150)] {
        drafts.push(plain(Body::Match(Matched {
            detail: detail(),
            subject,
            rule: "kassenzeichen".to_owned(),
            evidence: "purpose 1".to_owned(),
            cents: Cents::new(cents),
        })));
    }
    drafts
}

/// What came with resolutions.
fn of_resolutions() -> Vec<Draft> {
    let mut drafts = bookings(&[BookingKind::Erstattung]);
    drafts.push(plain(Body::Resolution(resolved(
        "erstattung",
        "attempt 41.50",
        "step",
    ))));
    drafts
}

/// What came with payouts of payment providers.
fn of_payouts() -> Vec<Draft> {
    let kinds = [
        BookingKind::Auszahlung,
        BookingKind::Disagio,
        BookingKind::Ruecknahme,
    ];
    let bookings = kinds.map(|kind| plain(Body::Booking(booking(kind))));
    let filed = ListFiled {
        id: ListId(uuid(0x81)),
        payout: PayoutId(uuid(0x82)),
        posten: PostenId(uuid(0x41)),
        source: "girosolution".to_owned(),
        reference: "SETTLE-2026-1104".to_owned(),
        revision: 1,
        supersedes: None,
        ours: Sums {
            count: 3,
            payments: 2,
            gross: Cents::new(8_300),
            fee: Some(Cents::new(70)),
            fee_lines: Cents::new(25),
        },
        others: Sums::default(),
        digest: [0xef; 32],
    };
    let revised = ListFiled {
        id: ListId(uuid(0x83)),
        revision: 2,
        supersedes: Some(filed.id),
        others: Sums {
            count: 1,
            payments: 1,
            gross: Cents::new(-4_150),
            fee: Some(Cents::new(-3)),
            fee_lines: Cents::ZERO,
        },
        ..filed.clone()
    };
    let line = ListLineId {
        list: filed.id,
        line: 2,
    };
    let opened = |subject| {
        Body::Exception(ExceptionOpened {
            id: ExceptionId(uuid(0x52)),
            code: ExceptionCode::ListDiffers,
            subject,
            cents: Some(Cents::new(4150)),
        })
    };
    let subjects = [Subject::Payout(filed.payout), Subject::ListLine(line)];
    let exceptions = subjects.map(|subject| plain(opened(subject)));
    let lists = [filed, revised].map(|filed| plain(Body::List(Box::new(filed))));
    bookings.into_iter().chain(lists).chain(exceptions).collect()
}

fn resolved(how: &str, plan: &str, state: &str) -> Resolved {
    Resolved {
        exception: ExceptionId(uuid(0x51)),
        how: how.to_owned(),
        plan: plan.to_owned(),
        role: "anordner".to_owned(),
        person: "a.müller".to_owned(),
        state: state.to_owned(),
    }
}

fn attempt() -> Subject {
    Subject::Attempt {
        case: CaseId(uuid(0x11)),
        attempt: AttemptId(uuid(0x21)),
    }
}

fn detail() -> DetailId {
    DetailId {
        statement: StatementId(uuid(0x71)),
        entry: 3,
        detail: 1,
    }
}

fn iban() -> Iban {
    Iban::parse("DE02120300000000202051").expect("an IBAN")
}

fn bookings(kinds: &[BookingKind]) -> Vec<Draft> {
    let one = |kind: &BookingKind| plain(Body::Booking(booking(*kind)));
    kinds.iter().map(one).collect()
}

fn plain(body: Body) -> Draft {
    Draft {
        body,
        personal: Vec::new(),
    }
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0197_a5c0_0000_7000_8000_0000_0000_0000 + n)
}

fn side(account: Account, posten: u128) -> Side {
    Side {
        account,
        posten: PostenId(uuid(posten)),
    }
}

/// One booking of a kind, as its Buchungssatz is.
fn booking(kind: BookingKind) -> Booking {
    let erloes = Account::Erloes {
        haushaltsstelle: "1100.1000".to_owned(),
        objektnummer: Some("0000000001".to_owned()),
    };
    let verrechnung = Account::Verrechnung {
        zvp: "epaybl".to_owned(),
        method: Method::parse("KREDITKARTE").expect("a method"),
    };
    let bank = Account::Bank { iban: iban() };
    let payout = Account::Verrechnung {
        zvp: "girosolution".to_owned(),
        method: Method::parse("AUSZAHLUNG").expect("a method"),
    };
    let disagio = Account::Disagio {
        haushaltsstelle: "9100.6580".to_owned(),
    };
    let claim = |account| side(account, 0x31);
    let deposit = || side(Account::Verwahrung, 0x41);
    let (debit, credit) = match kind {
        BookingKind::Sollstellung => (claim(Account::Forderung), claim(erloes)),
        BookingKind::Absetzung => (claim(erloes), claim(Account::Forderung)),
        BookingKind::Zahlung | BookingKind::Teilzahlung => (claim(verrechnung), claim(Account::Forderung)),
        BookingKind::Ueberzahlung | BookingKind::Doppelzahlung | BookingKind::SpaeteZahlung => {
            (claim(verrechnung), deposit())
        }
        BookingKind::Ruecklastschrift | BookingKind::Storno => {
            (claim(Account::Forderung), claim(verrechnung))
        }
        BookingKind::Gutschrift => (claim(bank), claim(verrechnung)),
        BookingKind::Rueckgabe => (claim(Account::Rueckgebuehr), claim(bank)),
        BookingKind::Klaerung => (side(bank, 0x41), deposit()),
        BookingKind::Vorschuss => (side(Account::Vorschuss, 0x41), side(bank, 0x41)),
        BookingKind::Zuordnung => (deposit(), claim(verrechnung)),
        BookingKind::Erstattung => (deposit(), side(Account::Erstattung, 0x41)),
        BookingKind::Auszahlung => (side(bank, 0x41), side(payout, 0x41)),
        BookingKind::Disagio => (side(disagio, 0x41), side(payout, 0x41)),
        BookingKind::Ruecknahme => (claim(verrechnung), side(payout, 0x41)),
        BookingKind::Umbuchung => (deposit(), side(Account::Verwahrung, 0x42)),
        BookingKind::Ausbuchung => (deposit(), side(erloes, 0x41)),
        BookingKind::Weiterleitung => (deposit(), side(Account::Erstattung, 0x42)),
        BookingKind::Auskehrung => (side(Account::Erstattung, 0x42), side(bank, 0x42)),
    };
    let unknown = matches!(kind, BookingKind::Klaerung | BookingKind::Vorschuss);
    let titled = credit.account != Account::Verwahrung;
    Booking {
        kind,
        ledger: LedgerId::parse("musterstadt").expect("an id"),
        subject: if matches!(kind, BookingKind::Auszahlung | BookingKind::Disagio) {
            Subject::Payout(PayoutId(uuid(0x82)))
        } else if unknown {
            Subject::Detail(detail())
        } else {
            attempt()
        },
        reverses: (kind == BookingKind::Storno).then_some(2),
        lines: vec![Line {
            debit,
            credit,
            cents: Cents::new(4150),
            haushaltsjahr: 2026,
            haushaltsstelle: titled.then(|| "1100.1000".to_owned()),
            objektnummer: titled.then(|| "0000000001".to_owned()),
            anordnung: "AAO-2026-7".to_owned(),
        }],
    }
}

/// A record's fields, in the order in which they are encoded.
fn words(record: &Record) -> Value {
    let body = match &record.body {
        Body::Booking(booking) => {
            let lines: Vec<Value> = booking
                .lines
                .iter()
                .map(|line| {
                    json!({
                        "debit_account": line.debit.account.to_string(),
                        "debit_posten": line.debit.posten,
                        "credit_account": line.credit.account.to_string(),
                        "credit_posten": line.credit.posten,
                        "cents": line.cents,
                        "haushaltsjahr": line.haushaltsjahr,
                        "haushaltsstelle": line.haushaltsstelle,
                        "objektnummer": line.objektnummer,
                        "anordnung": line.anordnung,
                    })
                })
                .collect();
            let head = json!({"booking_kind": booking.kind.as_str()});
            let rest = json!({"reverses": booking.reverses, "lines": lines});
            joined([head, about(booking.subject), rest])
        }
        Body::Exception(opened) => joined([
            json!({"exception": opened.id, "code": opened.code.as_str()}),
            about(opened.subject),
            json!({"cents": opened.cents}),
        ]),
        Body::Callback(callback) => json!({
            "provider": callback.provider,
            "attempt": callback.attempt,
            "case": callback.case,
            "status": callback.status,
        }),
        Body::Configuration(configured) => json!({
            "object_kind": configured.kind,
            "object_id": configured.id,
            "object_version": configured.version,
            "content": configured.content,
        }),
        Body::Statement(filed) => json!({
            "statement": filed.id,
            "account": filed.account,
            "format": filed.format,
            "bank_id": filed.bank_id,
            "number": filed.number,
            "page": filed.page,
            "first_day": filed.first_day.to_string(),
            "last_day": filed.last_day.to_string(),
            "opening": filed.opening,
            "closing": filed.closing,
            "entries": filed.entries,
            "fresh": filed.fresh,
            "credits": filed.credits,
            "debits": filed.debits,
            "digest": HEXLOWER.encode(&filed.digest),
        }),
        Body::Match(matched) => json!({
            "detail": matched.detail.to_string(),
            "subject": named(matched.subject),
            "rule": matched.rule,
            "evidence": matched.evidence,
            "amount": matched.cents,
        }),
        Body::Resolution(resolved) => json!({
            "exception": resolved.exception,
            "how": resolved.how,
            "plan": resolved.plan,
            "role": resolved.role,
            "person": resolved.person,
            "state": resolved.state,
        }),
        Body::ClosingCut(cut) => json!({
            "closing_number": cut.number,
            "from": cut.from.to_string(),
            "to": cut.to.to_string(),
            "open": cut.open.to_string(),
            "size": cut.size,
            "root": HEXLOWER.encode(&cut.root),
        }),
        Body::ClosingFiled(filed) => json!({
            "closing_number": filed.number,
            "size": filed.size,
            "root": HEXLOWER.encode(&filed.root),
            "digest": HEXLOWER.encode(&filed.digest),
        }),
        Body::PostingFile(file) => json!({
            "file_number": file.number,
            "from_position": file.from,
            "to_position": file.to,
            "postings": file.postings,
            "template": file.template,
            "template_digest": HEXLOWER.encode(&file.template_digest),
            "name": file.name,
            "media_type": file.media_type,
            "line_count": file.lines,
            "sum": file.sum,
            "first": file.first.to_string(),
            "last": file.last.to_string(),
            "digest": HEXLOWER.encode(&file.digest),
            "size": file.size,
            "lines_digest": HEXLOWER.encode(&file.lines_digest),
            "person": file.person,
        }),
        Body::PostingWithdrawn(withdrawn) => json!({
            "file_number": withdrawn.number,
            "line_count": withdrawn.lines,
            "lines_digest": HEXLOWER.encode(&withdrawn.lines_digest),
            "person": withdrawn.person,
        }),
        Body::List(filed) => {
            let sums = |sums: &Sums| {
                json!({"count": sums.count, "payments": sums.payments, "gross": sums.gross, "fee": sums.fee,
                    "fee_lines": sums.fee_lines})
            };
            json!({
                "list": filed.id,
                "payout": filed.payout,
                "posten": filed.posten,
                "source": filed.source,
                "reference": filed.reference,
                "revision": filed.revision,
                "supersedes": filed.supersedes,
                "ours": sums(&filed.ours),
                "others": sums(&filed.others),
                "digest": HEXLOWER.encode(&filed.digest),
            })
        }
        Body::ClosingSigned(signed) => json!({
            "closing_number": signed.number,
            "digest": HEXLOWER.encode(&signed.digest),
            "person": signed.person,
            "role": signed.role.as_str(),
        }),
    };
    let personal: Vec<Value> = record
        .personal
        .iter()
        .map(|commitment| json!({"personal": commitment.personal, "hmac": HEXLOWER.encode(&commitment.hmac)}))
        .collect();
    let version = match &record.body {
        Body::Booking(Booking { subject, .. }) | Body::Exception(ExceptionOpened { subject, .. })
            if subject.attempt().is_none() =>
        {
            json!({"version": 2})
        }
        // What began with the log.
        _ => json!({}),
    };
    let rest = json!({
        "kind": record.body.kind(),
        "ledger": record.ledger,
        "position": record.position,
        "recorded_at": record.recorded_at.rfc3339(),
        "recorded_at_millis": record.recorded_at.millis(),
        "buchungstag": record.buchungstag.to_string(),
        "change": record.change,
        "body": body,
        "personal": personal,
    });
    joined([version, rest])
}

/// What a booking or an exception is about: two ids in version 1, a name in version 2.
fn about(subject: Subject) -> Value {
    match subject {
        Subject::Attempt { case, attempt } => json!({"case": case, "attempt": attempt}),
        _ => json!({"subject": named(subject)}),
    }
}

fn named(subject: Subject) -> String {
    match subject {
        Subject::Attempt { case, attempt } => format!("attempt/{case}/{attempt}"),
        Subject::Detail(detail) => format!("detail/{detail}"),
        Subject::Statement(statement) => format!("statement/{statement}"),
        Subject::Payout(payout) => format!("payout/{payout}"),
        Subject::ListLine(line) => format!("list/{line}"),
        Subject::Posten(posten) => format!("posten/{posten}"),
    }
}

/// One object of the members of several, in their order.
fn joined(parts: impl IntoIterator<Item = Value>) -> Value {
    let members = parts.into_iter().flat_map(|part| match part {
        Value::Object(members) => members,
        other => panic!("no object: {other}"),
    });
    Value::Object(members.collect())
}
