//! Reads a PaymentRequest as strictly as the schema of its version.

use serde_json::{Map, Value};
use url::Url;

use super::{
    problem::Problem,
    requestor::{self, Payer},
    schema::{Letters, Object, Range},
    version::Version,
};
use crate::sandbox::Cents;

/// A request that fits its schema, and whose items make its total.
#[derive(Clone, Debug)]
pub(super) struct PaymentRequest {
    pub(super) request_id: String,
    pub(super) total: Cents,
    pub(super) purpose: Option<String>,
    pub(super) description: Option<String>,
    pub(super) redirect: Url,
    pub(super) items: Vec<Item>,
    pub(super) payer: Option<Payer>,
}

/// A position.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) net: Cents,
    pub(super) tax: Cents,
    pub(super) description: Option<String>,
    /// Its bookingData without nulls.
    pub(super) booking: Map<String, Value>,
}

impl Item {
    pub(super) fn booking(&self, key: &str) -> Option<&str> {
        self.booking.get(key).and_then(Value::as_str)
    }
}

/// The longest list of the standard.
const MOST_ITEMS: usize = 99;

/// `any_purpose`: the service takes every purpose, and sees later what comes of it.
///
/// # Errors
/// The first thing that is wrong, with where it is.
pub(super) fn read(body: &Value, version: Version, any_purpose: bool) -> Result<PaymentRequest, Problem> {
    let total = version.total();
    let known = [
        "requestId",
        "requestTimestamp",
        "currency",
        total,
        "purpose",
        "description",
        "redirectUrl",
        "items",
        "requestor",
    ];
    let request = Object::read(body, "", &known)?;
    // 1.0.0 has no shortest length of these two, and a smaller set of letters.
    let (shortest, letters) = match version {
        Version::V1_0_0 => (0, Letters::Latin),
        Version::V1_1_0 | Version::V1_2_0 => (1, Letters::DinC),
    };
    let request_id = request.need("requestId", request.text("requestId", 1, 36, Letters::Id)?)?;
    request.need("requestTimestamp", request.timestamp("requestTimestamp")?)?;
    let currency = request.need("currency", request.text("currency", 3, 3, Letters::Word)?)?;
    let amount = request.need(total, request.amount(total, Range::POSITIVE)?)?;
    let purpose = if any_purpose {
        request.text("purpose", 0, 250, Letters::Any)?
    } else {
        request.text("purpose", shortest, 27, Letters::Purpose)?
    };
    let description = request.text("description", shortest, 250, letters)?;
    let redirect = request.need("redirectUrl", request.address("redirectUrl")?)?;
    let list = request.need("items", request.list("items", 1, MOST_ITEMS)?)?;
    let items = (list.iter().enumerate())
        .map(|(place, item)| read_item(item, &format!("items.{place}"), version, letters))
        .collect::<Result<Vec<Item>, Problem>>()?;
    let payer = requestor::read(&request, version)?;
    if currency != "EUR" {
        return Err(request.wrong("currency", &format!("is {currency}, only EUR can be paid")));
    }
    let sum = (items.iter()).fold(Cents::ZERO, |sum, item| sum.plus(item.net).plus(item.tax));
    if sum != amount {
        let detail = format!("{total} is {amount} EUR, but the items make {sum} EUR");
        return Err(Problem::calculation(&detail));
    }
    Ok(PaymentRequest {
        request_id: request_id.to_owned(),
        total: amount,
        purpose: purpose.map(str::to_owned),
        description: description.map(str::to_owned),
        redirect,
        items,
        payer,
    })
}

fn read_item(value: &Value, at: &str, version: Version, letters: Letters) -> Result<Item, Problem> {
    let known = [
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
    let item = Object::read(value, at, &known)?;
    item.need("id", item.text("id", 1, 36, Letters::Id)?)?;
    item.need("reference", item.text("reference", 1, 36, Letters::Id)?)?;
    let description = item.text("description", 1, 250, letters)?;
    item.need("taxRate", item.number("taxRate", Range::PERCENT)?)?;
    let quantity = item.need("quantity", item.number("quantity", Range::PIECES)?)?;
    if !quantity.is_integer() {
        return Err(item.wrong("quantity", &format!("is {quantity}, which is no whole number")));
    }
    let net = item.need("totalNetAmount", item.amount("totalNetAmount", Range::POSITIVE)?)?;
    let tax = item.need(
        "totalTaxAmount",
        item.amount("totalTaxAmount", Range::NOT_NEGATIVE)?,
    )?;
    // Tenths of a cent are not paid, so they may stand here.
    item.need(
        "singleNetAmount",
        item.number("singleNetAmount", Range::POSITIVE)?,
    )?;
    item.need(
        "singleTaxAmount",
        item.number("singleTaxAmount", Range::NOT_NEGATIVE)?,
    )?;
    Ok(Item {
        net,
        tax,
        description: description.map(str::to_owned),
        booking: read_booking(&item, version)?,
    })
}

fn read_booking(item: &Object<'_>, version: Version) -> Result<Map<String, Value>, Problem> {
    let Some(value) = item.get("bookingData") else {
        return Ok(Map::new());
    };
    let entries = value
        .as_object()
        .ok_or_else(|| item.wrong("bookingData", "is no object"))?;
    if version == Version::V1_2_0 && entries.len() > MOST_ITEMS {
        let what = format!("has {} entries, it may have 0 to {MOST_ITEMS}", entries.len());
        return Err(item.wrong("bookingData", &what));
    }
    let mut booking = Map::new();
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        let text = item.text_of(&format!("bookingData.{key}"), value, 1, 250, Letters::Latin)?;
        booking.insert(key.clone(), text.into());
    }
    Ok(booking)
}
