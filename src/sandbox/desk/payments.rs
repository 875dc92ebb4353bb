//! The first page: the payments, the newest first, each with its buttons.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};

use super::{Asked, Head, LISTED, Sheet, html, moment};
use crate::sandbox::{
    Cents, Fault, PaymentKind, control,
    fault::{Named, all_names},
    movement::{Movement, MovementKind},
    payment::{Payment, Standing},
    shared::Shared,
    world::Method,
};

#[derive(Template)]
#[template(path = "sandbox/index.html")]
struct Index {
    head: Head,
    rows: Vec<Row>,
    all: usize,
    /// Faults for the next payments, and for all.
    next_faults: String,
    all_faults: String,
    /// By chance.
    random: String,
    /// What the form offers: a name and what it does.
    choices: Vec<Named>,
}

struct Row {
    kassenzeichen: String,
    created: String,
    authority: String,
    place: String,
    purpose: String,
    payer: String,
    kundennummer: String,
    kind: (&'static str, &'static str),
    amount: String,
    saldo: String,
    /// As it is typed into a field; empty when nothing is.
    owed: String,
    state: &'static str,
    state_words: (&'static str, &'static str),
    method: String,
    paypage: Option<String>,
    faults: String,
    movements: Vec<Moved>,
    deliveries: Vec<String>,
    methods: Vec<(String, String)>,
    can_pay: bool,
    can_abort: bool,
    can_return: bool,
    can_storno: bool,
    can_notify: bool,
}

struct Moved {
    at: String,
    what: (&'static str, &'static str),
    amount: String,
    how: String,
}

const fn words_of_state(state: &str) -> (&'static str, &'static str) {
    match state.as_bytes() {
        b"paid" => ("bezahlt", "paid"),
        b"aborted" => ("abgebrochen", "cancelled by the payer"),
        b"expired" => ("abgelaufen", "expired"),
        b"canceled" => ("storniert", "reversed by the authority"),
        _ => ("offen", "open"),
    }
}

const fn words_of_kind(kind: PaymentKind) -> (&'static str, &'static str) {
    match kind {
        PaymentKind::Paypage => ("Bezahlseite", "payment page"),
        PaymentKind::Vorkasse => ("Vorkasse", "transfer in advance"),
        PaymentKind::Rechnung => ("Rechnung", "invoice"),
    }
}

const fn words_of_movement(kind: MovementKind) -> (&'static str, &'static str) {
    match kind {
        MovementKind::Receipt => ("Zahlungseingang", "receipt"),
        MovementKind::Debit => ("Lastschrift", "direct debit"),
        MovementKind::Return => ("Rückgabe", "return"),
        MovementKind::Storno => ("Storno", "reversal"),
        MovementKind::Charge => ("Nachforderung", "charge"),
    }
}

fn moved(movement: &Movement) -> Moved {
    let mut how = vec![movement.method.as_str(), movement.purpose.as_str()];
    how.extend(movement.reason.as_deref());
    how.retain(|part| !part.is_empty());
    let mut how = how.join(" · ");
    if movement.over > Cents::ZERO {
        how = format!("{how} · {} zu viel", movement.over.german());
    }
    Moved {
        at: moment(movement.at),
        what: words_of_movement(movement.kind),
        amount: movement.amount.german(),
        how,
    }
}

fn row(shared: &Shared, payment: &Payment) -> Row {
    let account = shared.account(payment);
    let sums = payment.sums();
    let list = &payment.list;
    let on_page = payment.kind == PaymentKind::Paypage;
    let purpose = std::iter::once(&list.beschreibung).chain(&list.purpose);
    let owed = payment.saldo().max(Cents::ZERO);
    Row {
        kassenzeichen: payment.kassenzeichen.clone(),
        created: moment(payment.created_at),
        authority: account.name.clone(),
        place: format!("{} / {}", account.mandant, account.bewirtschafter),
        purpose: purpose
            .into_iter()
            .find(|text| !text.trim().is_empty())
            .cloned()
            .unwrap_or_default(),
        payer: list.payer.clone(),
        kundennummer: list.kundennummer.clone(),
        kind: words_of_kind(payment.kind),
        amount: list.betrag.german(),
        saldo: payment.saldo().german(),
        owed: if owed > Cents::ZERO {
            owed.to_string().replace('.', ",")
        } else {
            String::new()
        },
        state: payment.state(),
        state_words: words_of_state(payment.state()),
        method: match &payment.standing {
            Standing::Paid { method, .. } => Method::label(method).0.to_owned(),
            _ => String::new(),
        },
        paypage: on_page.then(|| format!("{}/paypage/{}", super::base(shared), payment.token)),
        faults: joined(payment.faults.iter()),
        movements: payment.movements.iter().map(moved).collect(),
        deliveries: (payment.deliveries.iter().rev().take(5))
            .map(|sent| {
                let answer = sent
                    .answer
                    .map_or_else(|| "keine Antwort".to_owned(), |code| code.to_string());
                format!("{} → {answer} ({}×)", sent.status, sent.tries)
            })
            .collect(),
        methods: (list.methods.iter())
            .map(|code| (code.clone(), Method::label(code).0.to_owned()))
            .collect(),
        can_pay: match payment.standing {
            Standing::Open => on_page,
            Standing::Aborted { .. } => !payment.has(&Fault::InaktivAfterAbort),
            _ => false,
        },
        can_abort: on_page && payment.standing == Standing::Open,
        can_return: sums.held() > Cents::ZERO,
        can_storno: sums.stornos < list.betrag,
        can_notify: list.notify_url.is_some() && !payment.has(&Fault::NoNotify),
    }
}

fn joined<'a>(faults: impl Iterator<Item = &'a Fault>) -> String {
    faults.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>) -> Response {
    let book = shared.book();
    let sheet = Sheet::of(&asked, book.payments.len());
    let rows = book.payments.iter().rev().skip(sheet.skipped()).take(LISTED);
    let index = Index {
        head: Head::of(&shared, "/", &asked, sheet),
        rows: rows.map(|payment| row(&shared, payment)).collect(),
        all: book.payments.len(),
        next_faults: joined(book.faults.next.iter().take(LISTED).flatten()),
        all_faults: joined(book.faults.all.iter()),
        random: book.faults.random().map_or_else(String::new, |(random, _)| {
            let faults = joined(random.faults.iter());
            format!("{} % (seed {}): {faults}", random.rate_percent, random.seed)
        }),
        choices: all_names()
            .filter(|named| {
                let fault: Result<Fault, _> = named.name.parse();
                fault.is_ok_and(|fault| control::can(&shared, &fault))
            })
            .collect(),
    };
    html(StatusCode::OK, &index)
}
