//! What differs between installations of the SOAP service; an account of the world chooses.

use serde::Deserialize;

/// The shapes of the SOAP service: where the text of an Ergebnis stands, and what an array is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SoapVersion {
    /// `code`, `kurzText` and `langText` in the Ergebnis, arrays as they are, `BIC` and `BLZ`.
    #[serde(rename = "2")]
    Two,
    /// The three in `text`, arrays in list types, `bic` and `blz`.
    #[default]
    #[serde(rename = "3")]
    Three,
}

/// How a read of the SOAP service spells the number of the Kunde: both were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum CustomerNumber {
    /// `EShopKundenNr`.
    EShopKundenNr,
    /// `EShopKundennummer`.
    #[default]
    EShopKundennummer,
}

/// What becomes of a Kunde with open payments that is to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KundeWithOpen {
    /// It is deleted; the payments go on without it.
    #[default]
    Delete,
    /// It stays: -0119.
    Refuse,
    /// It is marked, cannot be changed any more (-0120), and goes when its payments have ended.
    Mark,
}
