//! `[[kasse.list]]`: settlement lists of a payment provider, how they are read, and what their payouts are booked to.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::decimal_text;
use crate::domain::money::Cents;
use crate::domain::reconcile;
use crate::domain::settlement::Mapping;
use crate::domain::statement::Iban;

/// Lists of one payment provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderList {
    /// Its name within the Kasse.
    pub id: String,
    /// The payment provider, as it stands on `verrechnung`.
    pub zvp: String,
    /// The Haushaltsstelle that bears what the provider keeps.
    pub disagio: String,
    /// The only account that it pays out to, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Iban>,
    /// What it may keep where its list has no column of fees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ListContract>,
    /// How it is read. Where no column holds the payout's reference, the file's name is it, without its ending.
    pub read: Mapping,
}

/// What a payment provider may keep by contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListContract {
    /// Euro for each payout.
    #[serde(default, with = "decimal_text")]
    pub per_payout: Decimal,
    /// Euro for each payment in it.
    #[serde(default, with = "decimal_text")]
    pub per_item: Decimal,
    /// Percent of the gross sum.
    #[serde(default, with = "decimal_text")]
    pub percent: Decimal,
}

impl ListContract {
    /// As matching weighs it.
    ///
    /// # Errors
    /// The setting that is wrong, and why.
    pub fn terms(&self) -> Result<reconcile::Contract, (&'static str, &'static str)> {
        let cents = |name, amount: Decimal| {
            let cents = amount.checked_mul(Decimal::ONE_HUNDRED);
            let whole = cents.filter(|cents| cents.fract().is_zero() && !cents.is_sign_negative());
            let whole = whole.and_then(|cents| cents.to_i64());
            let whole = whole.map(Cents::new);
            whole.ok_or((
                name,
                "is an amount in euro with two places at most, such as \"0.25\"",
            ))
        };
        let millionths = self.percent.checked_mul(Decimal::from(10_000));
        let millionths = millionths
            .filter(|share| share.fract().is_zero() && *share <= Decimal::from(1_000_000))
            .and_then(|share| share.to_u32());
        Ok(reconcile::Contract {
            per_payout: cents("per_payout", self.per_payout)?,
            per_item: cents("per_item", self.per_item)?,
            millionths: millionths.ok_or((
                "percent",
                "is a percentage from 0 to 100 with four places at most, such as \"1.25\"",
            ))?,
        })
    }
}

impl ProviderList {
    /// What the provider may keep.
    pub fn terms(&self) -> Option<reconcile::Contract> {
        self.contract.as_ref().and_then(|contract| contract.terms().ok())
    }
}
