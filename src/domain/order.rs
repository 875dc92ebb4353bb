//! What a portal asks for: one request for money, already parsed, and the rules that need its route.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::RequestId;
use super::money::Cents;
use super::tenant::{BookingKey, CaseKeyRule, Route};

/// One position of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The portal's position id.
    pub id: String,
    /// The portal's reference of the article.
    pub reference: String,
    /// Its text.
    pub description: Option<String>,
    /// Percent.
    #[serde(with = "super::tenant::decimal_text")]
    pub tax_rate: Decimal,
    /// Pieces.
    pub quantity: u32,
    /// Net of the whole position.
    pub net: Cents,
    /// Tax of the whole position.
    pub tax: Cents,
    /// Posting data as the portal sent it.
    pub booking_data: BTreeMap<String, String>,
}

impl OrderItem {
    /// Net and tax together.
    pub fn gross(&self) -> Cents {
        self.net + self.tax
    }
}

/// Who pays, as far as the portal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// Family name, or the organisation's name.
    pub name: String,
    /// Given names; none for an organisation.
    pub first_name: Option<String>,
    /// Whether it is a legal person.
    pub organisation: bool,
}

/// A portal's request for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The portal's id; used once.
    pub request_id: RequestId,
    /// The control total.
    pub total: Cents,
    /// Its text for the statement, ≤ 27 characters.
    pub purpose: Option<String>,
    /// Its text for the paypage.
    pub description: Option<String>,
    /// Where the browser goes afterwards, unchanged.
    pub redirect_url: String,
    /// What is paid for.
    pub items: Vec<OrderItem>,
    /// Who pays.
    pub payer: Option<Payer>,
}

/// Why a request cannot become a payment. Each has its `functionalCode` at the edge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The control total is not the sum of the items.
    #[error("the total {total} EUR is not the sum of the items, {sum} EUR")]
    Sum {
        /// The control total.
        total: Cents,
        /// What the items add up to.
        sum: Cents,
    },
    /// Neither portal nor route says where an item is booked.
    #[error("item {item}: bookingData has no «{key}» and the route has no default for it")]
    BookingDataMissing {
        /// Position, from 1.
        item: usize,
        /// The key that is missing.
        key: &'static str,
    },
    /// The portal set a value that the route does not allow.
    #[error("item {item}: «{value}» is not allowed for bookingData «{key}» on this route")]
    BookingDataNotAllowed {
        /// Position, from 1.
        item: usize,
        /// The key.
        key: &'static str,
        /// The value that was sent.
        value: String,
    },
    /// A tax rate that the route does not map.
    #[error("item {item}: the tax rate {rate} percent is not configured for this route")]
    TaxRate {
        /// Position, from 1.
        item: usize,
        /// The rate.
        rate: Decimal,
    },
    /// No method is offered for this amount.
    #[error("no payment method of this route takes {0} EUR")]
    NoMethod(Cents),
    /// The case's key is missing or unfit.
    #[error("the case cannot be identified: {0}")]
    CaseKey(String),
}

/// Where one item's money goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kontierung {
    /// The Haushaltsstelle.
    pub haushaltsstelle: String,
    /// The Objektnummer, where there is one.
    pub objektnummer: Option<String>,
    /// The HREF, where there is one.
    pub href: Option<String>,
    /// Whether it is somebody else's money (verwahrung instead of erloes).
    pub fremd: bool,
    /// The key of the tax line, where there is tax.
    pub tax_key: Option<String>,
}

impl Order {
    /// Checks the request against its route: amounts and their sum in cents, the posting data, tax rates and methods.
    /// Only a total above zero can be paid, and no item may take another one's money away (XBezahldienste 1.2.0,
    /// PaymentItem: amounts are positive).
    ///
    /// # Errors
    /// [`OrderError`] names the position and the value.
    pub fn kontierungen(&self, route: &Route) -> Result<Vec<Kontierung>, OrderError> {
        let sum = self.items.iter().try_fold(Cents::ZERO, |sum, item| {
            let fits = item.net >= Cents::ZERO && item.tax >= Cents::ZERO;
            let gross = item.net.checked_add(item.tax).filter(|_| fits);
            gross
                .and_then(|gross| sum.checked_add(gross))
                .ok_or(OrderError::NoMethod(if fits {
                    item.net
                } else {
                    item.net.min(item.tax)
                }))
        })?;
        if sum != self.total {
            return Err(OrderError::Sum {
                total: self.total,
                sum,
            });
        }
        if !self.total.is_positive() || route.methods_for(self.total.get()).next().is_none() {
            return Err(OrderError::NoMethod(self.total));
        }
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| kontierung(index + 1, item, route))
            .collect()
    }

    /// The key of the case that this request belongs to, unique within its route.
    ///
    /// # Errors
    /// [`OrderError::CaseKey`] where the route wants a bookingData key that is not there.
    pub fn case_key(&self, rule: &CaseKeyRule) -> Result<String, OrderError> {
        match rule {
            CaseKeyRule::RequestId => Ok(self.request_id.as_str().to_owned()),
            CaseKeyRule::ItemReference => self
                .items
                .first()
                .map(|item| item.reference.clone())
                .ok_or_else(|| OrderError::CaseKey("there is no item".to_owned())),
            CaseKeyRule::BookingData(key) => self
                .items
                .iter()
                .find_map(|item| item.booking_data.get(key))
                .filter(|value| !value.trim().is_empty())
                .cloned()
                .ok_or_else(|| OrderError::CaseKey(format!("no item has bookingData «{key}»"))),
        }
    }
}

fn kontierung(item: usize, from: &OrderItem, route: &Route) -> Result<Kontierung, OrderError> {
    let haushaltsstelle = setting(
        item,
        from,
        route,
        BookingKey::Haushaltsstelle,
        route.haushaltsstelle.as_ref(),
    )?
    .ok_or(OrderError::BookingDataMissing {
        item,
        key: BookingKey::Haushaltsstelle.spellings()[0],
    })?;
    let tax = if from.tax.is_positive() || from.tax_rate > Decimal::ZERO {
        Some(route.tax_rule(from.tax_rate).ok_or(OrderError::TaxRate {
            item,
            rate: from.tax_rate,
        })?)
    } else {
        None
    };
    Ok(Kontierung {
        objektnummer: setting(
            item,
            from,
            route,
            BookingKey::Objektnummer,
            route.objektnummer.as_ref(),
        )?,
        href: setting(item, from, route, BookingKey::Href, route.href.as_ref())?,
        fremd: route.fremd.contains(&haushaltsstelle),
        tax_key: tax.map(|rule| rule.key.clone()),
        haushaltsstelle,
    })
}

/// The portal's word where the route lets it speak, else the route's own. A portal that may not set a key is not
/// refused for sending it: the rest is ours.
fn setting(
    item: usize,
    from: &OrderItem,
    route: &Route,
    key: BookingKey,
    default: Option<&String>,
) -> Result<Option<String>, OrderError> {
    let sent = key
        .spellings()
        .iter()
        .find_map(|spelling| from.booking_data.get(*spelling))
        .map(|value| value.trim())
        .filter(|value| !value.is_empty());
    match (sent, route.portal_may_set.get(&key)) {
        (Some(value), Some(allowed)) if allowed.is_empty() || allowed.contains(value) => {
            Ok(Some(value.to_owned()))
        }
        (Some(value), Some(_)) => Err(OrderError::BookingDataNotAllowed {
            item,
            key: key.spellings()[0],
            value: value.to_owned(),
        }),
        _ => Ok(default.filter(|value| !value.is_empty()).cloned()),
    }
}
