//! Who uses the connector, as data: Kassen, authorities, targets, clients and routes.
//!
//! They come from the tenants file, are versioned in the store, and are never deleted. A payment keeps the version of
//! its route that it began with. To add a setting: give it a field here (with a default, so that older versions still
//! read), check it in `config/tenants/check.rs`, and use it in the decision that needs it.

mod account;
mod closing;
mod hkr;
mod list;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::{
    AuthorityId, Bewirtschafter, ClientId, EndPointId, LedgerId, Mandant, Method, OriginatorId, ProviderId,
    RouteKey, TargetId,
};
use super::resolution::Roles;

pub use account::{AccountHolds, BankAccount, BookingFormat};
pub use closing::{ClosingRhythm, ClosingRules};
pub use hkr::{HkrRules, Postings};
pub use list::{ListContract, ProviderList};

/// Whether real money moves. Providers and Kassen carry it, and `check` refuses a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// No real money; every output says TEST.
    Test,
    /// Real money.
    Production,
}

/// The accounting system of a Kasse; it chooses labels and paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rechnungswesen {
    /// Cameralistic.
    Kameral,
    /// Double-entry municipal accounting.
    Doppisch,
    /// The Land's own.
    Land,
}

/// The operator's own log, of what belongs to no Kasse: clients and their secrets. No Kasse may have this id.
pub const OPERATOR: &str = "betrieb";

/// A cash office and its books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kasse {
    /// Its id; also the id of its ledger.
    pub id: LedgerId,
    /// Its name for people.
    pub name: String,
    /// Whether real money moves.
    pub environment: Environment,
    /// Its accounting system.
    pub rechnungswesen: Rechnungswesen,
    /// Its accounts at banks; statements of other accounts are not taken.
    #[serde(default, rename = "account", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<BankAccount>,
    /// Settlement lists of payment providers.
    #[serde(default, rename = "list", skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ProviderList>,
    /// How its days are closed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub closing: ClosingRules,
    /// What goes to its cash system; a Kasse of real money has to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hkr: Option<HkrRules>,
}

/// A Behörde or Kommune; its money is kept by one Kasse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its id.
    pub id: AuthorityId,
    /// The Kasse that keeps its money.
    pub kasse: LedgerId,
    /// Its name for people.
    pub name: String,
    /// Amtlicher Regionalschlüssel, 12 digits.
    pub ars: String,
    /// Amtlicher Gemeindeschlüssel, 8 digits (a Kreis: 5).
    pub ags: String,
    /// Whether one person may both certify and order; the Kasse never orders.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_merge_roles: bool,
    /// Up to where small differences are given up.
    #[serde(default, skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
}

/// Up to where an authority gives small differences up, in cents; nothing where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// What is missing up to here need not be pursued.
    #[serde(default)]
    pub shortfall_cents: i64,
    /// What is paid too much up to here may be kept.
    #[serde(default)]
    pub overpayment_cents: i64,
}

impl Limits {
    const fn is_none(&self) -> bool {
        self.shortfall_cents == 0 && self.overpayment_cents == 0
    }
}

/// A receiver of events. Its signing secrets are configuration, since the tenants file is recorded in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// The Kasse whose events it may get.
    pub kasse: LedgerId,
    /// Where events are posted: https, or http where the configuration allows it.
    pub url: url::Url,
}

/// A portal's or a person's name and grants. Its secrets are issued by the program and live elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id, used as OAuth `client_id` and as Basic user name.
    pub id: ClientId,
    /// Its name for people.
    pub name: String,
    /// The routes it may use.
    #[serde(default)]
    pub routes: BTreeSet<RouteKey>,
    /// What a person may do, by authority.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: Roles,
}

/// How the payer's money comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// On the provider's page, at once.
    #[default]
    Paypage,
    /// By bank transfer before the service is rendered (ePayBL `ueberweisenVorLieferung`).
    Vorkasse,
    /// By bank transfer after it (ePayBL `ueberweisenNachLieferung`).
    Rechnung,
}

impl Flow {
    /// Whether the payer gets transfer instructions instead of a page.
    pub const fn by_transfer(self) -> bool {
        !matches!(self, Self::Paypage)
    }
}

/// When the Soll is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Soll {
    /// Together with the first payment: a paypage Kassenzeichen is temporary until paid.
    Paid,
    /// When the provider has taken the request.
    Accepted,
}

/// What identifies the case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKeyRule {
    /// The portal's requestId: every payment is a case of its own.
    #[default]
    RequestId,
    /// The reference of the first item.
    ItemReference,
    /// A named key of the bookingData: that of the first item that has it.
    BookingData(String),
}

/// Which id the portal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionIdRule {
    /// The requestId itself, so that a GET recovers a lost answer.
    #[default]
    RequestId,
    /// An id of our own.
    Own,
}

/// How many Buchungen ePayBL gets for one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// One per item.
    #[default]
    Item,
    /// One per Haushaltsstelle, Objektnummer, HREF and rate of tax.
    Title,
    /// One for the whole payment, on the title and with the rate of the first item.
    Total,
}

/// When the gateway hears that a case is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// When the provider's word proves it.
    #[default]
    Paid,
    /// When the bank statement shows the money.
    Settled,
}

/// A payment method that a route offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteMethod {
    /// The provider's code.
    pub code: Method,
    /// Offered from this amount, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_cents: Option<i64>,
    /// Offered up to this amount, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cents: Option<i64>,
    /// When the gateway hears of it.
    #[serde(default)]
    pub release: Release,
    /// How long after payment returns are watched for, in days; 14 months of direct debit are 427.
    #[serde(default = "default_return_days")]
    pub return_days: u32,
}

const fn default_return_days() -> u32 {
    183
}

/// What a tax rate above zero means in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRule {
    /// Percent, for example `19` or `7.5`.
    #[serde(with = "decimal_text")]
    pub rate: Decimal,
    /// The tax key, used as account `steuer/<key>`.
    pub key: String,
    /// The Objektnummer of the tax line, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objektnummer: Option<String>,
    /// HREF of the tax line at ePayBL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// The three keys of bookingData that say where money is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookingKey {
    /// The Haushaltsstelle (title).
    Haushaltsstelle,
    /// The Objektnummer.
    Objektnummer,
    /// The Kontierungsobjekt (HREF).
    Href,
}

impl BookingKey {
    /// The spellings under which portals send it.
    pub const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Haushaltsstelle => &["haushaltsstelle", "haushaltstelle"],
            Self::Objektnummer => &["objektnummer"],
            Self::Href => &["href"],
        }
    }
}

/// The pair that a portal addresses, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// First half of the address.
    pub originator_id: OriginatorId,
    /// Second half of the address.
    pub end_point_id: EndPointId,
    /// Whose money it is.
    pub authority: AuthorityId,
    /// LeiKa key of the service, 14 digits.
    pub leika: String,
    /// The provider section of the configuration.
    pub provider: ProviderId,
    /// Mandant at ePayBL.
    pub mandant: Mandant,
    /// Bewirtschafter at ePayBL.
    pub bewirtschafter: Bewirtschafter,
    /// Agreed with the cash office; no default is safe (ePayBL −0504).
    pub kennzeichen_mahnverfahren: String,
    /// How long the payer has, in minutes; longer than the provider's own session.
    pub expires_after_minutes: u32,
    /// The allgemeine Annahmeanordnung under which the Soll stands (§ 37 ThürGemHV).
    pub anordnung: String,
    /// When the Soll is booked.
    pub soll: Soll,
    /// How the money comes; what is paid by transfer has its Soll booked when it is accepted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flow: Flow,
    /// Methods that are offered.
    pub methods: Vec<RouteMethod>,
    /// Days from the request to the Fälligkeit.
    #[serde(default)]
    pub due_days: u32,
    /// What identifies the case.
    #[serde(default)]
    pub case_key: CaseKeyRule,
    /// Which id the portal gets.
    #[serde(default)]
    pub transaction_id: TransactionIdRule,
    /// How many Buchungen ePayBL gets.
    #[serde(default)]
    pub granularity: Granularity,
    /// The Haushaltsstelle where the portal does not or may not say one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub haushaltsstelle: Option<String>,
    /// The Objektnummer where the portal does not or may not say one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objektnummer: Option<String>,
    /// The HREF where the portal does not or may not say one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// bookingData keys that a portal may set, and the values allowed (empty: any).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub portal_may_set: BTreeMap<BookingKey, BTreeSet<String>>,
    /// Haushaltsstellen whose money is not the authority's own: booked to verwahrung instead of erloes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fremd: BTreeSet<String>,
    /// What tax rates above zero mean; an unmapped rate is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax: Vec<TaxRule>,
    /// The Buchungstext where neither item nor request has one.
    pub buchungstext: String,
    /// The name of the Kunde where the portal names none.
    #[serde(default = "default_fallback_name")]
    pub fallback_name: String,
    /// How long late money is watched for after the end, in days.
    #[serde(default = "default_late_days")]
    pub late_days: u32,
    /// Gateways that hear of it.
    #[serde(default)]
    pub targets: BTreeSet<TargetId>,
}

/// What stands in no stored version yet is left out where it is the default, so that nothing seems to change.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn default_fallback_name() -> String {
    "Antragsteller".to_owned()
}

const fn default_late_days() -> u32 {
    30
}

impl Route {
    /// Its address.
    pub fn key(&self) -> RouteKey {
        RouteKey {
            originator_id: self.originator_id.clone(),
            end_point_id: self.end_point_id.clone(),
        }
    }

    /// The methods that may be used for an amount.
    pub fn methods_for(&self, cents: i64) -> impl Iterator<Item = &RouteMethod> {
        self.methods.iter().filter(move |method| {
            method.min_cents.is_none_or(|min| cents >= min) && method.max_cents.is_none_or(|max| cents <= max)
        })
    }

    /// What it says of one method.
    pub fn method(&self, code: &Method) -> Option<&RouteMethod> {
        self.methods.iter().find(|method| method.code == *code)
    }

    /// Whether gateways hear of what was paid by a method only when a statement shows it; where the method is not known
    /// here, as soon as that is so for any.
    pub fn waits_for_statement(&self, code: Option<&Method>) -> bool {
        match code.and_then(|code| self.method(code)) {
            Some(method) => method.release == Release::Settled,
            None => self
                .methods
                .iter()
                .any(|method| method.release == Release::Settled),
        }
    }

    /// What it says of a tax rate.
    pub fn tax_rule(&self, rate: Decimal) -> Option<&TaxRule> {
        self.tax.iter().find(|rule| rule.rate == rate)
    }
}

/// A version of something, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The number of this version, from 1.
    pub version: i64,
    /// The ledger that owns it.
    pub ledger: LedgerId,
    /// Its content.
    pub value: T,
}

/// Percent as decimal text in TOML and JSON: exact, never a float.
pub mod decimal_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the normalised decimal text.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(decimal: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&decimal.normalize())
    }

    /// Reads decimal text.
    ///
    /// # Errors
    /// Where the text is no decimal number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text)
            .map_err(|_| serde::de::Error::custom(format!("«{text}» is not a percentage")))
    }
}
