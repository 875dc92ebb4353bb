//! `POST …/paymenttransaction`: from bytes to an order (PaymentRequest of all three versions).
//!
//! Null is the same as absent everywhere; of a member that stands twice the last one counts, as in every common JSON
//! reader. Unknown members are ignored with a warning, although the schema forbids them: a portal must not fail at
//! go-live for a member that changes nothing. Whether total and items agree, and where money is booked, is decided by
//! `domain` with the route at hand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::{self, Fault};
use super::dialect::{Dialect, Spelling, arrived};
use super::members::{Members, Notes, nul};
use super::requestor;
pub use super::requestor::RequestorKind;
use super::system_response::Refusal;
use crate::domain::ids::{EndPointId, OriginatorId, RequestId, RouteKey, TransactionId};
use crate::domain::money::Cents;
use crate::domain::order::{Order, OrderItem};
use crate::domain::time::Timestamp;

/// What a request was like, beside what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The version it is in.
    pub dialect: Dialect,
    /// How it spells the control total. An echo of the request would have to spell alike; we echo nothing.
    pub spelling: Spelling,
    /// In which form the requestor came.
    pub requestor: RequestorKind,
    /// Whether any item has posting data.
    pub has_booking_data: bool,
    /// When the portal says that it asked.
    pub requested_at: Timestamp,
    /// What is odd but fails nothing, for the log; no personal data, at most 21.
    pub warnings: Vec<String>,
}

const MEMBERS: &[&str] = &[
    "requestId",
    "requestTimestamp",
    "currency",
    "grosAmount",
    "grossAmount",
    "purpose",
    "description",
    "redirectUrl",
    "items",
    "requestor",
];
const ITEM_MEMBERS: &[&str] = &[
    "id",
    "reference",
    "description",
    "taxRate",
    "quantity",
    "totalNetAmount",
    "totalTaxAmount",
    "singleNetAmount",
    "singleTaxAmount",
    "bookingData",
];
const PURPOSE_LEN: usize = 27;
const TEXT_LEN: usize = 250;
const ITEMS: usize = 99;
const BOOKING_DATA: usize = 99;

/// The pair of the path. Ids that cannot be any route's are the same as a route that is not there.
///
/// # Errors
/// [`Refusal::NoRoute`]
pub fn route_key(originator_id: &str, end_point_id: &str) -> Result<RouteKey, Refusal> {
    match (
        OriginatorId::parse(originator_id),
        EndPointId::parse(end_point_id),
    ) {
        (Ok(originator_id), Ok(end_point_id)) => Ok(RouteKey {
            originator_id,
            end_point_id,
        }),
        _ => Err(Refusal::NoRoute),
    }
}

/// The transactionId of the path. One that we cannot have issued is unknown.
///
/// # Errors
/// [`Refusal::NotFound`]
pub fn transaction_id(text: &str) -> Result<TransactionId, Refusal> {
    TransactionId::parse(text).map_err(|_| Refusal::NotFound)
}

/// The refusal of a body above `limit` bytes, also for a server that stopped reading it.
pub fn too_large(limit: usize) -> Refusal {
    Refusal::Validation(format!("the body is larger than {limit} bytes"))
}

/// Reads a PaymentRequest: `said` is what [`super::dialect::said`] gave, `limit` the most bytes.
///
/// # Errors
/// [`Refusal::Validation`] names up to ten faults with their paths.
pub fn order(
    body: &[u8],
    content_type: Option<&str>,
    limit: usize,
    said: Option<Dialect>,
) -> Result<(Order, Facts), Refusal> {
    if body.len() > limit {
        return Err(too_large(limit));
    }
    if let Some(other) = content_type.filter(|text| !is_json(text)) {
        let other: String = other.chars().take(100).collect();
        return Err(Refusal::Validation(format!(
            "the content type is «{other}», must be application/json"
        )));
    }
    let value: Value = serde_json::from_slice(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body))
        .map_err(|error| Refusal::Validation(format!("the body is not JSON: {error}")))?;
    if let Some(path) = nul(&value) {
        return Err(Refusal::Validation(format!(
            "{}: contains the control character U+0000",
            path.trim_start_matches('.')
        )));
    }
    let body = Members::at(String::new(), &value)
        .map_err(|fault| Refusal::Validation(format!("the body: {fault}")))?;
    payment_request(&body, said)
}

/// `application/json` or `application/…+json`, with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn payment_request(body: &Members<'_>, said: Option<Dialect>) -> Result<(Order, Facts), Refusal> {
    let mut notes = Notes::default();
    let spelling = spelling(body, said, &mut notes);
    let (payer, requestor) = requestor::read(body, &mut notes);
    let dialect = arrived(said, spelling, requestor == RequestorKind::Typed);
    if let Some(said) = said.filter(|said| *said != dialect) {
        notes.warn(format!(
            "the request says version {said} but is in version {dialect}"
        ));
    }
    let request_id = body.required("requestId", &mut notes, |value| {
        Ok(RequestId::parse(check::text(value)?)?)
    });
    let requested_at = body.required("requestTimestamp", &mut notes, |value| {
        check::timestamp(check::text(value)?)
    });
    body.required("currency", &mut notes, |value| {
        check::currency(check::text(value)?)
    });
    let total = body.optional(spelling.member(), &mut notes, |value| {
        check::positive(check::number(value)?)
    });
    let purpose = text(body, "purpose", PURPOSE_LEN, &mut notes);
    warn_of_characters(
        "purpose",
        purpose.as_ref(),
        |c| check::is_word(c) || c == ' ',
        &mut notes,
    );
    let description = text(body, "description", TEXT_LEN, &mut notes);
    if dialect == Dialect::V1_0_0 {
        warn_of_characters("description", description.as_ref(), check::is_latin, &mut notes);
    }
    let redirect_url = body.required("redirectUrl", &mut notes, |value| {
        check::redirect_url(check::text(value)?)
    });
    let items = items(body, dialect, &mut notes);
    body.warn_of_unknown(MEMBERS, &mut notes);

    let (false, Some(request_id), Some(requested_at), Some(total), Some(redirect_url), Some(items)) = (
        notes.has_problems(),
        request_id,
        requested_at,
        total,
        redirect_url,
        items,
    ) else {
        return Err(notes.into_refusal());
    };
    let has_booking_data = items.iter().any(|item| !item.booking_data.is_empty());
    let order = Order {
        request_id,
        total,
        purpose,
        description,
        redirect_url,
        items,
        payer,
    };
    let facts = Facts {
        dialect,
        spelling,
        requestor,
        has_booking_data,
        requested_at,
        warnings: notes.into_warnings(),
    };
    Ok((order, facts))
}

/// Exactly one of the two spellings must be there, whatever version was said.
fn spelling(body: &Members<'_>, said: Option<Dialect>, notes: &mut Notes) -> Spelling {
    let spelled = |spelling: Spelling| body.get(spelling.member()).is_some();
    match (spelled(Spelling::Gros), spelled(Spelling::Gross)) {
        (true, false) => Spelling::Gros,
        (false, true) => Spelling::Gross,
        (true, true) => {
            notes.problem("grosAmount and grossAmount are both there, exactly one is allowed".to_owned());
            Spelling::Gross
        }
        (false, false) => {
            let expected = match said {
                Some(Dialect::V1_0_0) => Spelling::Gros,
                _ => Spelling::Gross,
            };
            notes.fault(expected.member(), &Fault::Missing);
            expected
        }
    }
}

fn text(members: &Members<'_>, name: &str, max: usize, notes: &mut Notes) -> Option<String> {
    members
        .optional(name, notes, |value| check::bounded(check::text(value)?, max))
        .flatten()
}

/// Texts are shown and posted, never matched: a character outside of the pattern is worth a warning only.
fn warn_of_characters(path: &str, text: Option<&String>, allowed: fn(char) -> bool, notes: &mut Notes) {
    if let Some(bad) = text.and_then(|text| text.chars().find(|c| !allowed(*c))) {
        notes.warn(format!(
            "{path} contains «{bad}», which the standard does not allow"
        ));
    }
}

/// The items, or `None` where there is no list of a lawful length; faults inside of them are in the notes.
fn items(body: &Members<'_>, dialect: Dialect, notes: &mut Notes) -> Option<Vec<OrderItem>> {
    let list = body.required("items", notes, |value| {
        let list = value
            .as_array()
            .ok_or_else(|| check::wrong_kind(value, "an array"))?;
        entries(list.len(), 1, ITEMS).map(|()| list)
    })?;
    Some(
        list.iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let path = format!("items[{index}]");
                match Members::at(path.clone(), value) {
                    Ok(members) => item(&members, dialect, notes),
                    Err(fault) => {
                        notes.fault(&path, &fault);
                        None
                    }
                }
            })
            .collect(),
    )
}

fn entries(len: usize, min: usize, max: usize) -> Result<(), Fault> {
    if (min..=max).contains(&len) {
        Ok(())
    } else {
        Err(Fault::Entries { len, min, max })
    }
}

/// One item, or `None` where something that is booked is faulty, which is noted.
fn item(members: &Members<'_>, dialect: Dialect, notes: &mut Notes) -> Option<OrderItem> {
    let id = members.required("id", notes, |value| check::word(check::text(value)?));
    let reference = members.required("reference", notes, |value| check::word(check::text(value)?));
    let description = text(members, "description", TEXT_LEN, notes);
    if dialect == Dialect::V1_0_0 {
        let path = members.path("description");
        warn_of_characters(&path, description.as_ref(), check::is_latin, notes);
    }
    let tax_rate = members.required("taxRate", notes, |value| check::tax_rate(check::number(value)?));
    let quantity = members.required("quantity", notes, |value| check::quantity(check::number(value)?));
    let net = members.required("totalNetAmount", notes, |value| {
        check::positive(check::number(value)?)
    });
    let tax = members.required("totalTaxAmount", notes, |value| {
        check::amount(check::number(value)?)
    });
    single(members, "singleNetAmount", quantity.zip(net), notes);
    single(members, "singleTaxAmount", quantity.zip(tax), notes);
    let booking_data = booking_data(members, notes);
    members.warn_of_unknown(ITEM_MEMBERS, notes);
    Some(OrderItem {
        id: id?,
        reference: reference?,
        description,
        tax_rate: tax_rate?,
        quantity: quantity?,
        net: net?,
        tax: tax?,
        booking_data,
    })
}

/// A price per piece must be a number and there; nothing is booked by it, so that it does not fit is a warning. Portals
/// round per piece, and some round the rate first.
fn single(members: &Members<'_>, name: &str, whole: Option<(u32, Cents)>, notes: &mut Notes) {
    let Some(number) = members.required(name, notes, |value| check::number(value)) else {
        return;
    };
    let path = members.path(name);
    match (check::amount(number), whole) {
        (Err(fault), _) => notes.warn(format!("{path}: {fault}")),
        (Ok(single), Some((quantity, total))) => {
            let sum = Cents::new(single.get().saturating_mul(i64::from(quantity)));
            if sum != total {
                notes.warn(format!(
                    "{path}: {quantity} times {single} EUR is {sum} EUR, not {total} EUR"
                ));
            }
        }
        (Ok(_), None) => {}
    }
}

/// Posting data: any printable text of up to 250 characters. Account strings have slashes and colons, which the
/// published pattern forbids and portals send. An empty value is the same as none.
fn booking_data(item: &Members<'_>, notes: &mut Notes) -> BTreeMap<String, String> {
    let Some(value) = item.get("bookingData") else {
        return BTreeMap::new();
    };
    let path = item.path("bookingData");
    let members = Members::at(path.clone(), value).and_then(|members| {
        let len = members.iter().count();
        entries(len, 0, BOOKING_DATA).map(|()| members)
    });
    let members = match members {
        Ok(members) => members,
        Err(fault) => {
            notes.fault(&path, &fault);
            return BTreeMap::new();
        }
    };
    let mut data = BTreeMap::new();
    for (key, _) in members.iter() {
        if let Err(fault) = check::bounded(key, TEXT_LEN) {
            notes.fault(&format!("{path}: a key"), &fault);
        } else if let Some(value) = text(&members, key, TEXT_LEN, notes) {
            data.insert(key.to_owned(), value);
        }
    }
    data
}

#[cfg(test)]
mod tests;
