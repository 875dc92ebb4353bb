//! What was created over XBezahldienste, and what is said of it: a PaymentTransaction.
//!
//! The payment itself is ePayBL's. A transaction remembers its end: the standard's final states never move
//! back, whatever becomes of the payment and its money.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{
    login::Tokens,
    port::{self, Quirk},
    version::Version,
};
use crate::sandbox::{
    fault::Fault,
    payment::{Payment, Standing},
    shared::Shared,
    world::Account,
};

/// One transaction.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) id: String,
    kassenzeichen: String,
    /// Of its payment among all.
    pub(super) place: usize,
    pub(super) version: Version,
    /// The request as it came, without nulls.
    pub(super) request: Value,
    /// So many reads still do not find it.
    pub(super) hidden_reads: u32,
    end: Option<End>,
}

/// The first end of the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Payed { at: Timestamp, method: String },
    Failed,
    Canceled,
}

/// All transactions, and the tokens of those who may ask for them.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Transactions {
    all: Vec<Transaction>,
    /// By the account's place and the transactionId.
    by_id: HashMap<(usize, String), usize>,
    by_kassenzeichen: HashMap<String, usize>,
    pub(super) tokens: Tokens,
}

impl Transaction {
    /// One that is open, of this payment.
    pub(super) fn of(payment: &Payment, place: usize, id: String, version: Version, request: Value) -> Self {
        Self {
            id,
            kassenzeichen: payment.kassenzeichen.clone(),
            place,
            version,
            request,
            hidden_reads: 0,
            end: None,
        }
    }
}

impl Transactions {
    /// So many reads will not find it.
    pub(super) fn add(&mut self, account: usize, mut transaction: Transaction, hidden_reads: u32) {
        transaction.hidden_reads = hidden_reads;
        let place = self.all.len();
        self.by_id.insert((account, transaction.id.clone()), place);
        self.by_kassenzeichen
            .insert(transaction.kassenzeichen.clone(), place);
        self.all.push(transaction);
    }

    pub(super) fn find(&mut self, account: usize, id: &str) -> Option<&mut Transaction> {
        let place = self.by_id.get(&(account, id.to_owned()))?;
        self.all.get_mut(*place)
    }

    /// The payment has changed: its first end is the transaction's.
    pub(in crate::sandbox) fn settle(&mut self, payment: &Payment) {
        let place = self.by_kassenzeichen.get(&payment.kassenzeichen);
        let Some(transaction) = place.and_then(|place| self.all.get_mut(*place)) else {
            return;
        };
        if transaction.end.is_none() {
            transaction.end = match &payment.standing {
                Standing::Open => None,
                Standing::Paid { method, at, .. } => Some(End::Payed {
                    at: *at,
                    method: method.clone(),
                }),
                Standing::Aborted { .. } => Some(End::Canceled),
                // The session ran out, or the authority took the claim back: the payer did neither.
                Standing::Expired { .. } | Standing::Canceled { .. } => Some(End::Failed),
            };
        }
    }
}

/// The standard's coarse name of a method.
pub(super) fn coarse(code: &str) -> &'static str {
    match code {
        "KREDITKARTE" => "CREDITCARD",
        "PAYPAL" => "PAYPAL",
        "GIROPAY" => "GIROPAY",
        "PAYDIREKT" => "PAYDIRECT",
        _ => "OTHER",
    }
}

/// The address of a transaction in its version.
fn address(shared: &Shared, account: &Account, version: Version, id: &str) -> String {
    let (originator, endpoint) = port::ids(account);
    format!(
        "{}{}/v{}/paymenttransaction/{originator}/{endpoint}/{id}",
        shared.public_url.as_str().trim_end_matches('/'),
        super::PATH,
        version.number(),
    )
}

/// The PaymentTransaction of `version`. A status that lags wears off with every read.
pub(super) fn write(
    shared: &Shared,
    account: &Account,
    transaction: &Transaction,
    payment: &mut Payment,
    version: Version,
) -> Value {
    let port = &account.xbezahldienste;
    let has = |quirk: Quirk| port.has(quirk);
    let lags = payment.reading().state == "open";
    let end = transaction.end.as_ref().filter(|_| !lags);
    let bare = payment.has(&Fault::MissingFields);
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    if !bare {
        tell(
            "transactionUrl",
            address(shared, account, version, &transaction.id).into(),
        );
    }
    if end.is_none() || has(Quirk::KeepRedirect) {
        tell("transactionRedirectUrl", shared.paypage(payment).into());
    }
    tell("transactionId", transaction.id.as_str().into());
    let status = match end {
        None => {
            if has(Quirk::ReferenceIsId) && !bare {
                tell("transactionReference", cut(&transaction.id).into());
            }
            "INITIAL"
        }
        Some(End::Payed { at, method }) => {
            if !bare {
                tell("transactionReference", payment.kassenzeichen.as_str().into());
                tell(
                    "transactionTimestamp",
                    timestamp(*at, has(Quirk::BerlinTime)).into(),
                );
                if has(Quirk::UnknownMethod) {
                    tell("paymentMethod", "WERO".into());
                } else if !has(Quirk::NoMethod) {
                    tell("paymentMethod", coarse(method).into());
                }
                if !has(Quirk::Minimal) {
                    tell("paymentMethodDetail", cut(method).into());
                }
            }
            if has(Quirk::Synonyms) { "PAID" } else { "PAYED" }
        }
        Some(End::Failed) => "FAILED",
        Some(End::Canceled) => {
            if has(Quirk::Synonyms) {
                "CANCELLED"
            } else {
                "CANCELED"
            }
        }
    };
    tell("status", status.into());
    if let Some(detail) = detail(end, has(Quirk::DetailWithBlanks)).filter(|_| !bare && !has(Quirk::Minimal))
    {
        tell("statusDetail", detail.into());
    }
    if has(Quirk::ExtraMembers) {
        tell("providerReference", payment.zvgid.as_str().into());
        tell("links", json!([{ "rel": "self" }]));
    }
    let mut answer = json!({ "paymentInformation": told });
    // Another version may spell the request another way, so it is told only in its own.
    if version == transaction.version && !bare && !has(Quirk::Minimal) {
        answer["paymentRequest"] = transaction.request.clone();
    }
    if has(Quirk::ExtraMembers) {
        answer["service"] = json!({ "name": "sandbox" });
    }
    answer
}

fn detail(end: Option<&End>, with_blanks: bool) -> Option<String> {
    let detail = match end {
        None if with_blanks => "waiting-for-the-payer",
        None | Some(End::Payed { .. }) if !with_blanks => return None,
        None | Some(End::Payed { .. }) => "payment-received",
        Some(End::Failed) => "ended-by-the-service",
        Some(End::Canceled) => "aborted-by-the-payer",
    };
    Some(if with_blanks {
        detail.replace('-', " ")
    } else {
        detail.to_owned()
    })
}

/// Whole seconds in UTC; or the wall clock of Berlin that says it is UTC.
fn timestamp(at: Timestamp, berlin: bool) -> String {
    let zone = TimeZone::get("Europe/Berlin")
        .ok()
        .filter(|_| berlin)
        .unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// In the letters and the length that references may have.
fn cut(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .take(36)
        .collect()
}
