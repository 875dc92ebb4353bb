//! The other side southbound: what a provider is asked, and what it may answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use rust_decimal::Decimal;

use crate::domain::case::Way;
use crate::domain::ids::{Bewirtschafter, Kassenzeichen, Mandant, Method, RemoteId, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::proof::ProofTable;
pub use crate::domain::receipt::Receipt;
use crate::domain::tenant::Flow;
use crate::domain::time::Timestamp;
use crate::domain::told::{Told, Verified};

/// One Buchung of a Buchungsliste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLine {
    /// Net.
    pub net: Cents,
    /// Tax.
    pub tax: Cents,
    /// The rate of the tax, in percent.
    pub tax_rate: Decimal,
    /// Text, not yet brought to the provider's character set and length.
    pub text: String,
    /// The Haushaltsstelle.
    pub haushaltsstelle: String,
    /// The Objektnummer, where there is one.
    pub objektnummer: Option<String>,
    /// The HREF, where there is one.
    pub href: Option<String>,
}

/// What a provider needs to open a payment. Of the payer it carries the name and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Mandant.
    pub mandant: Mandant,
    /// Bewirtschafter.
    pub bewirtschafter: Bewirtschafter,
    /// Our number, stored before the call; the same again after a lost answer.
    pub nummer: Transaktionsnummer,
    /// The number of a Kunde for this attempt alone; it cannot be guessed, and ties the payment to the attempt.
    pub kundennummer: String,
    /// The Kassenzeichen, where we give it; else the provider does.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// How the money comes.
    pub flow: Flow,
    /// The control total.
    pub total: Cents,
    /// The Buchungen; they sum to the total.
    pub lines: Vec<OpenLine>,
    /// Fälligkeit: noon in Berlin on the day.
    pub due: Timestamp,
    /// Agreed with the cash office.
    pub kennzeichen_mahnverfahren: String,
    /// Methods to offer.
    pub methods: Vec<Method>,
    /// Text for the paypage.
    pub description: String,
    /// Family name or organisation.
    pub payer_name: String,
    /// Given names.
    pub payer_first_name: Option<String>,
    /// Whether it is a legal person.
    pub organisation: bool,
    /// Where the provider calls back.
    pub notify_url: String,
    /// Where the browser returns, whatever happened: `?r=success`, `error` or `cancel` is appended by the adapter.
    pub return_url: String,
}

/// What became of an attempt to open a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It is open at the provider.
    Open {
        /// The Kassenzeichen, where the answer names it.
        kassenzeichen: Option<Kassenzeichen>,
        /// The id under which the provider is asked, where that is not the Kassenzeichen.
        remote: Option<RemoteId>,
        /// How the payer pays.
        way: Way,
    },
    /// The provider said no: nothing exists there.
    Refused(Refusal),
    /// Our number was used already (ePayBL −0531): an earlier call arrived.
    AlreadyUsed,
    /// Nobody knows: no answer, a broken one, or an internal error after which a payment may exist. The next
    /// [`Provider::reopen`] finds out.
    Unclear(String),
    /// Nobody knows, and this provider offers no way to find out: nothing must be sent again.
    Unknowable(String),
}

/// What an attempt is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Mandant.
    pub mandant: Mandant,
    /// Bewirtschafter.
    pub bewirtschafter: Bewirtschafter,
    /// Our number.
    pub nummer: Transaktionsnummer,
    /// The number of its Kunde, see [`OpenOrder::kundennummer`].
    pub kundennummer: String,
    /// Its Kassenzeichen, where it is known.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// Its id at the provider, where it has one.
    pub remote: Option<RemoteId>,
    /// What was asked for.
    pub total: Cents,
}

/// What one call to a provider was answered, for support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallNote {
    /// The provider's name of the operation.
    pub operation: &'static str,
    /// The result code, where the answer has one.
    pub code: Option<String>,
    /// The provider's own id of the call (ePayBL's EPaymentId), where it names one.
    pub reference: Option<String>,
}

/// Collects what the calls of one use case were answered.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Vec<CallNote>>);

impl Calls {
    /// Adds one.
    pub fn note(&self, note: CallNote) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// Takes all that were noted so far, in their order.
    pub fn take(&self) -> Vec<CallNote> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What nobody has read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What the reading is confirmed with (EPaymentId).
    pub id: String,
    /// The receipts, in the provider's order.
    pub receipts: Vec<Receipt>,
}

/// Whose fault a refusal is; it decides what the portal hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request's: the caller can mend it (400).
    Caller,
    /// Our or the provider's configuration: an operator must mend it (503).
    Configuration,
}

/// A provider's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whose fault it is.
    pub fault: Fault,
    /// The provider's code, for example `-0611`.
    pub code: String,
    /// What it means, in words for a person, in English.
    pub text: String,
}

/// The answer to the question what became of a Kassenzeichen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The provider told.
    Told(Told),
    /// The provider does not know the Kassenzeichen. Never a failure of the payment.
    Unknown,
    /// The provider refused to say; an operator's matter.
    Refused(Refusal),
    /// No answer, or none that can be read.
    None(String),
}

/// A raw callback as it came in.
#[derive(Debug, Clone, Default)]
pub struct RawCallback {
    /// `GET` or `POST`.
    pub method: String,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// Why a callback is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It cannot be read.
    #[error("the callback cannot be read: {0}")]
    Unreadable(String),
    /// A part that the signature covers is missing.
    #[error("the callback has no «{0}»")]
    Missing(&'static str),
    /// The signature is wrong under every secret.
    #[error("the signature does not match any configured secret")]
    Signature,
    /// Its time stamp is outside of the tolerance.
    #[error("the time stamp is {0} s away from now")]
    TooOld(i64),
}

/// A payment method as the provider offers it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedMethod {
    /// Its code.
    pub code: Method,
    /// From this amount.
    pub min: Option<Cents>,
    /// Up to this amount.
    pub max: Option<Cents>,
}

/// The other side southbound.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Opens a payment. Takes at most the configured time; a time-out is `Unclear`.
    async fn open(&self, order: &OpenOrder, calls: &Calls) -> Opened;
    /// Opens a payment after an earlier call with the same number whose answer was lost, or that a crash cut. Where the
    /// provider refuses a number that it knows, that is the same call again; else it finds out first.
    async fn reopen(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        self.open(order, calls).await
    }
    /// Asks what became of an attempt.
    async fn ask(&self, question: &Question, calls: &Calls) -> Answer;
    /// The receipts that nobody has read yet; `None` where the provider has no such list. Reading alone changes nothing.
    async fn unread(&self, _mandant: &Mandant, _calls: &Calls) -> Result<Option<Unread>, Refusal> {
        Ok(None)
    }
    /// Confirms a reading, so that its receipts are not told again.
    async fn confirm_read(&self, _mandant: &Mandant, _id: &str, _calls: &Calls) -> Result<(), Refusal> {
        Ok(())
    }
    /// Whether the provider is alive and lets us in, for a Bewirtschafter.
    async fn alive(&self, mandant: &Mandant, bewirtschafter: &Bewirtschafter) -> Result<(), Refusal>;
    /// The methods that the provider offers; empty where it does not say.
    async fn methods(
        &self,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
    ) -> Result<Vec<OfferedMethod>, Refusal>;
    /// Verifies a callback in constant time. Does no I/O.
    ///
    /// # Errors
    /// [`CallbackError`] says why it is not believed.
    fn verify(&self, raw: &RawCallback, now: Timestamp) -> Result<Verified, CallbackError>;
    /// Which answers prove what.
    fn proof(&self) -> ProofTable;
    /// The payment provider's name in `verrechnung/<zvp>/…` where no callback names one.
    fn default_zvp(&self) -> &str;
    /// How long `open` may take at most, in seconds, with everything.
    fn open_seconds(&self) -> i64;
    /// How long `ask` may take at most, in seconds, with everything.
    fn ask_seconds(&self) -> i64;
}
