//! Accounts with their bank, and the addresses that a client is configured with.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};

use super::{Asked, Head, LISTED, Sheet, html};
use crate::sandbox::{
    StatementFormat,
    shared::Shared,
    world::{Account, Method, Title},
    xbezahldienste,
};

/// How many statements an account shows; the index has all.
const STATEMENTS: usize = 5;

#[derive(Template)]
#[template(path = "sandbox/accounts.html")]
struct Accounts {
    head: Head,
    /// What is to be configured: name and value.
    addresses: Vec<(&'static str, String)>,
    rows: Vec<Row>,
}

struct Row {
    mandant: String,
    bewirtschafter: String,
    name: String,
    titles: String,
    methods: Vec<String>,
    kassenzeichen: String,
    /// Of a client of XBezahldienste: originatorId and endPointId.
    originator_id: String,
    endpoint_id: String,
    notify_secret: String,
    iban: String,
    /// In groups of four.
    iban_groups: String,
    bic: String,
    holder: String,
    balance: String,
    statements: Vec<Sheetful>,
}

/// A statement to download.
struct Sheetful {
    number: u32,
    day: String,
    closing: String,
    /// Address and name.
    files: Vec<(String, &'static str)>,
}

fn method(method: &Method) -> String {
    let mut text = format!(
        "{} ({} bis {}",
        method.code,
        method.min.german(),
        method.max.german()
    );
    if !method.zvp.is_empty() {
        text.push_str(", ");
        text.push_str(&method.zvp);
    }
    text.push(')');
    text
}

fn titles(account: &Account) -> String {
    if account.release_all {
        return "alle".to_owned();
    }
    let one = |title: &Title| {
        let number = title.objektnummer.as_deref().unwrap_or("–");
        format!("{} / {number}", title.haushaltstelle)
    };
    account
        .titles
        .iter()
        .take(LISTED)
        .map(one)
        .collect::<Vec<_>>()
        .join(", ")
}

fn groups(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn addresses(shared: &Shared) -> Vec<(&'static str, String)> {
    let root = shared.public_url.as_str().trim_end_matches('/');
    vec![
        ("REST (Konnektor)", format!("{root}{}", shared.konnektor_path)),
        ("SOAP", format!("{root}/soap/servlet/rpcrouter")),
        ("WSDL", format!("{root}/soap/servlet/rpcrouter?wsdl")),
        (
            "WSDL, 2.x",
            format!("{root}/soap/servlet/rpcrouter?wsdl&version=2"),
        ),
        (
            "WSDL, 3.x",
            format!("{root}/soap/servlet/rpcrouter?wsdl&version=3"),
        ),
        ("Bezahlseite (SOAP)", format!("{root}/paypage/login.do")),
        ("XBezahldienste 1.0.0", format!("{root}/xbezahldienste/v1.0.0")),
        ("XBezahldienste 1.1.0", format!("{root}/xbezahldienste/v1.1.0")),
        ("XBezahldienste 1.2.0", format!("{root}/xbezahldienste/v1.2.0")),
        (
            "OAuth (XBezahldienste)",
            format!("{root}/xbezahldienste/oauth/token"),
        ),
    ]
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>) -> Response {
    let (book, today) = (shared.book(), shared.today());
    let sheet = Sheet::of(&asked, shared.world.accounts.len());
    let accounts = shared
        .world
        .accounts
        .iter()
        .zip(&book.banks)
        .zip(&shared.prefixes);
    let base = super::base(&shared);
    let rows = accounts
        .skip(sheet.skipped())
        .take(LISTED)
        .map(|((account, bank), prefix)| {
            let statements = book.statements(&bank.iban, today);
            let balance = statements.last().map_or(bank.opening, |last| last.closing);
            let newest = statements
                .iter()
                .rev()
                .take(STATEMENTS)
                .map(|statement| Sheetful {
                    number: statement.number,
                    day: super::day(statement.day),
                    closing: statement.closing.german(),
                    files: StatementFormat::ALL
                        .map(|format| {
                            let ending = format.ending();
                            let file = format!(
                                "{base}/sandbox/bank/{}/statements/{}.{ending}",
                                bank.iban, statement.day
                            );
                            (file, format.name())
                        })
                        .to_vec(),
                });
            let (originator_id, endpoint_id) = xbezahldienste::ids(account);
            Row {
                originator_id: originator_id.to_owned(),
                endpoint_id: endpoint_id.to_owned(),
                notify_secret: account.notify_secret.clone(),
                mandant: account.mandant.clone(),
                bewirtschafter: account.bewirtschafter.clone(),
                name: account.name.clone(),
                titles: titles(account),
                methods: account.methods.iter().take(LISTED).map(method).collect(),
                kassenzeichen: if account.kassenzeichen_by_client {
                    "vom Verfahren".to_owned()
                } else {
                    format!("{prefix}…")
                },
                iban_groups: groups(&bank.iban),
                iban: bank.iban.clone(),
                bic: bank.bic.clone(),
                holder: bank.holder.clone(),
                balance: balance.german(),
                statements: newest.collect(),
            }
        });
    let page = Accounts {
        head: Head::of(&shared, "/desk/accounts", &asked, sheet),
        addresses: addresses(&shared),
        rows: rows.collect(),
    };
    html(StatusCode::OK, &page)
}
