//! The PaymentRequest, strictly in one dialect: no null, no empty object, no member that the version does not know,
//! amounts as exact decimal text, every text in its length and characters.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Number;

use super::config::{BookingDataNames, PurposeForm, Version, XbezahldiensteConfig};
use crate::app::ports::{Fault, OpenLine, OpenOrder, Refusal};
use crate::domain::money::Cents;
use crate::domain::time::Timestamp;
use crate::provider::text;

/// XBezahldienste, PaymentRequest: items.
const MOST_ITEMS: usize = 99;

/// XBezahldienste, PaymentRequest: grossAmount ≤ 999999.
const LARGEST: Cents = Cents::new(99_999_900);

/// XBezahldienste, PaymentRequest: purpose.
const LONGEST_PURPOSE: usize = 27;

/// XBezahldienste: descriptions and names.
const LONGEST_TEXT: usize = 250;

/// What stands for a name that is missing; the standard wants both.
const NAMELESS: &str = "-";

/// A PaymentRequest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentRequest<'a> {
    request_id: &'a str,
    request_timestamp: String,
    currency: &'static str,
    /// The control total as 1.0.0 spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    gros_amount: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gross_amount: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    redirect_url: &'a str,
    items: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requestor: Option<Requestor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    id: String,
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    tax_rate: Number,
    quantity: u32,
    total_net_amount: Number,
    total_tax_amount: Number,
    single_net_amount: Number,
    single_tax_amount: Number,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    booking_data: BTreeMap<&'a str, &'a str>,
}

/// The form of 1.0.0 and 1.1.0, which 1.2.0 still takes: its own form wants a whole address, and of the payer we have
/// the name alone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Requestor {
    name: String,
    first_name: String,
    is_organization: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_name: Option<String>,
    /// Wanted, but nothing in it is.
    address: Address,
}

#[derive(Debug, Serialize)]
struct Address {}

/// Writes the request of an order.
///
/// # Errors
/// What the standard cannot carry; nothing was sent then.
pub(super) fn payment_request<'a>(
    order: &'a OpenOrder,
    now: Timestamp,
    config: &'a XbezahldiensteConfig,
) -> Result<PaymentRequest<'a>, Refusal> {
    let items = items(order, config)?;
    let total = amount(order.total);
    let (gros_amount, gross_amount) = match config.version {
        Version::V100 => (Some(total), None),
        Version::V110 | Version::V120 => (None, Some(total)),
    };
    Ok(PaymentRequest {
        request_id: order.nummer.as_str(),
        request_timestamp: now.rfc3339(),
        currency: "EUR",
        gros_amount,
        gross_amount,
        purpose: purpose(order, config.purpose),
        description: description(&order.description, config.version),
        redirect_url: &order.return_url,
        items,
        requestor: config.requestor.then(|| requestor(order, config.version)),
    })
}

fn items<'a>(order: &'a OpenOrder, config: &'a XbezahldiensteConfig) -> Result<Vec<Item<'a>>, Refusal> {
    let sum: Cents = order.lines.iter().map(|line| line.net + line.tax).sum();
    if sum != order.total || !order.total.is_positive() {
        return Err(not_sent(
            Fault::Configuration,
            format!(
                "the total {} EUR is not above zero or not the sum of the items, {sum} EUR",
                order.total
            ),
        ));
    }
    if order.total > LARGEST {
        return Err(not_sent(
            Fault::Caller,
            format!("the total {} EUR is above 999999 EUR", order.total),
        ));
    }
    // What costs nothing adds nothing, and the standard has no place for it.
    let lines: Vec<&OpenLine> = order
        .lines
        .iter()
        .filter(|line| (line.net + line.tax).is_positive())
        .collect();
    if lines.len() > MOST_ITEMS {
        return Err(not_sent(
            Fault::Caller,
            format!("{} items; XBezahldienste carries {MOST_ITEMS}", lines.len()),
        ));
    }
    lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| item(index + 1, line, order, config))
        .collect()
}

fn item<'a>(
    number: usize,
    line: &'a OpenLine,
    order: &OpenOrder,
    config: &'a XbezahldiensteConfig,
) -> Result<Item<'a>, Refusal> {
    if !line.net.is_positive() || line.tax < Cents::ZERO {
        return Err(not_sent(
            Fault::Caller,
            format!(
                "item {number} has {} EUR net and {} EUR tax; XBezahldienste carries only items with a net above zero",
                line.net, line.tax
            ),
        ));
    }
    let (net, tax) = (amount(line.net), amount(line.tax));
    Ok(Item {
        id: number.to_string(),
        reference: format!("{}-{number}", order.nummer),
        description: description(&line.text, config.version),
        tax_rate: Number::from_str(&line.tax_rate.normalize().to_string())
            .expect("a decimal prints as a JSON number"),
        // One piece of everything: an item of ours may stand for many of the portal's.
        quantity: 1,
        total_net_amount: net.clone(),
        total_tax_amount: tax.clone(),
        single_net_amount: net,
        single_tax_amount: tax,
        booking_data: booking_data(line, &config.booking_data),
    })
}

/// Values go as they are: an account must not be changed to fit a pattern.
fn booking_data<'a>(line: &'a OpenLine, names: &'a BookingDataNames) -> BTreeMap<&'a str, &'a str> {
    [
        (&names.haushaltsstelle, Some(line.haushaltsstelle.as_str())),
        (&names.objektnummer, line.objektnummer.as_deref()),
        (&names.href, line.href.as_deref()),
    ]
    .into_iter()
    .filter(|(name, _)| !name.is_empty())
    .filter_map(|(name, value)| Some((name.as_str(), value.filter(|value| !value.is_empty())?)))
    .collect()
}

fn not_sent(fault: Fault, text: String) -> Refusal {
    Refusal {
        fault,
        code: "not-sent".to_owned(),
        text,
    }
}

/// An exact JSON number with two decimal places.
fn amount(cents: Cents) -> Number {
    Number::from_str(&cents.to_string()).expect("cents print as a JSON number")
}

/// The text that all items share is the purpose that the portal or the route wrote; else the text for the page.
fn purpose(order: &OpenOrder, form: PurposeForm) -> Option<String> {
    let first = order.lines.first().map(|line| line.text.as_str());
    let shared = first.filter(|text| order.lines.iter().all(|line| line.text == *text));
    let wanted = shared.unwrap_or(&order.description);
    let written = match form {
        PurposeForm::Omit => return None,
        PurposeForm::Keep => text::ascii(wanted, LONGEST_PURPOSE),
        // Capitals first: a letter may become two, and those count.
        PurposeForm::Upper => text::ascii(&wanted.to_uppercase(), LONGEST_PURPOSE),
    };
    (!written.is_empty()).then_some(written)
}

/// A text for people: 1.0.0 takes Latin letters, `-`, `,` and `.` alone; from 1.1.0 on it is DIN 91379.
fn description(wanted: &str, version: Version) -> Option<String> {
    let written = text::free(&characters(wanted, version), LONGEST_TEXT);
    (!written.is_empty()).then_some(written)
}

fn characters(wanted: &str, version: Version) -> String {
    let latin =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ',' | '.' | '\u{C0}'..='\u{17F}');
    match version {
        Version::V100 => wanted.chars().map(|c| if latin(c) { c } else { ' ' }).collect(),
        Version::V110 | Version::V120 => wanted.to_owned(),
    }
}

fn requestor(order: &OpenOrder, version: Version) -> Requestor {
    let name = |name: &str| description(name, version).unwrap_or_else(|| NAMELESS.to_owned());
    let first = order.payer_first_name.as_deref().unwrap_or_default();
    Requestor {
        name: name(&order.payer_name),
        // 1.2.0 keeps the old characters for first names.
        first_name: description(first, Version::V100).unwrap_or_else(|| NAMELESS.to_owned()),
        is_organization: order.organisation,
        organization_name: order.organisation.then(|| name(&order.payer_name)),
        address: Address {},
    }
}
