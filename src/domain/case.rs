//! The aggregate: a case with its payments and their attempts. Every change of any of them raises the case's revision.

mod released;

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::exception::ExceptionCode;
use super::ids::{
    AttemptId, Bewirtschafter, CaseId, ClientId, ExceptionId, Kassenzeichen, LedgerId, Mandant, Method,
    PaymentId, PersonalId, PostenId, ProviderId, RemoteId, RequestId, Token, TransactionId,
    Transaktionsnummer,
};
use super::money::Cents;
use super::order::Kontierung;
use super::tenant::{Authority, Kasse, Route, Versioned};
use super::time::Timestamp;
use super::told::Heard;

/// A case (Vorgang): what is being paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The books it belongs to.
    pub ledger: LedgerId,
    /// What identifies it on its route.
    pub key: String,
    /// Raised by every change.
    pub rev: i64,
    /// Derived from its payments; may reopen after a return.
    pub standing: CaseStanding,
    /// The number of its latest event.
    pub status_seq: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// The Kasse, as it is now.
    pub kasse: Arc<Kasse>,
    /// The authority, as it is now.
    pub authority: Arc<Authority>,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
    /// Exceptions that are open, so that the same one is not opened again.
    pub open_exceptions: Vec<OpenException>,
}

/// An exception about an attempt that nobody has resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenException {
    /// Its id.
    pub id: ExceptionId,
    /// What differs.
    pub code: ExceptionCode,
    /// The attempt.
    pub attempt: AttemptId,
}

/// Whether the case is paid, as the gateway hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseStanding {
    /// Not paid yet.
    Open,
    /// At least one payment is paid and none is under way.
    Paid,
    /// It was paid, and money went back.
    Reopened,
}

impl CaseStanding {
    /// Its name in tables and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Reopened => "reopened",
        }
    }
}

/// One request for money in one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The route version it began with.
    pub route: Arc<Versioned<Route>>,
    /// The client that asked.
    pub client: ClientId,
    /// The portal's id.
    pub request_id: RequestId,
    /// The id that the portal asks with.
    pub transaction_id: TransactionId,
    /// The control total.
    pub total: Cents,
    /// The Fälligkeit; its year is the Haushaltsjahr.
    pub due: Date,
    /// What the portal hears.
    pub answer: PortalAnswer,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when the payer may pay.
    pub expires_at: Timestamp,
    /// The token of `/pay/<token>` and `/return/<token>`.
    pub token: Token,
    /// A keyed fingerprint of the request's body.
    pub fingerprint: Vec<u8>,
    /// The encrypted free text, payer and redirectUrl.
    pub personal: PersonalId,
    /// What is paid for.
    pub items: Vec<Item>,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// A position of a payment as the books see it; its texts are personal and lie elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The portal's reference.
    pub reference: String,
    /// Net.
    pub net: Cents,
    /// Tax.
    pub tax: Cents,
    /// Where it is booked.
    pub kontierung: Kontierung,
}

/// What the portal hears: INITIAL, then one of the ends, never back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortalAnswer {
    /// The payer may still act, or nobody knows yet.
    Initial,
    /// Paid.
    Payed {
        /// When we knew.
        at: Timestamp,
        /// How.
        method: Method,
        /// The Kassenzeichen.
        reference: Kassenzeichen,
    },
    /// The provider or the time gave up.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// The payer gave up.
    Canceled {
        /// When.
        at: Timestamp,
    },
    /// It never came to be: the portal got an error, and its requestId is free again.
    Refused {
        /// When.
        at: Timestamp,
        /// The provider's code.
        code: String,
    },
}

impl PortalAnswer {
    /// Its name in tables and, but for `REFUSED`, at the portal.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Initial => "INITIAL",
            Self::Payed { .. } => "PAYED",
            Self::Failed { .. } => "FAILED",
            Self::Canceled { .. } => "CANCELED",
            Self::Refused { .. } => "REFUSED",
        }
    }

    /// The steps that are allowed; everything else is a fault of the program.
    pub const STEPS: &'static [(&'static str, &'static str)] = &[
        ("INITIAL", "PAYED"),
        ("INITIAL", "FAILED"),
        ("INITIAL", "CANCELED"),
        ("INITIAL", "REFUSED"),
    ];
}

/// A Kassenzeichen that the provider assigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// Not told yet; a callback may teach it.
    Awaited,
    /// Told.
    Known(Kassenzeichen),
}

impl Awaited {
    /// The Kassenzeichen, where it is known.
    pub fn known(&self) -> Option<&Kassenzeichen> {
        match self {
            Self::Awaited => None,
            Self::Known(kassenzeichen) => Some(kassenzeichen),
        }
    }
}

/// One try to open a payment at a provider, with the addresses as they were then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The provider section of the configuration.
    pub provider: ProviderId,
    /// Mandant.
    pub mandant: Mandant,
    /// Bewirtschafter.
    pub bewirtschafter: Bewirtschafter,
    /// Our number, stored before the call.
    pub nummer: Transaktionsnummer,
    /// The token of its callback address.
    pub token: Token,
    /// The attempt whose place it takes.
    pub replaces: Option<AttemptId>,
    /// Its open item.
    pub posten: PostenId,
    /// Where it stands.
    pub standing: Standing,
    /// What is paid under.
    pub kassenzeichen: Awaited,
    /// The id under which the provider is asked, where that is not the Kassenzeichen.
    pub remote: Option<RemoteId>,
    /// How the payer pays, once the provider has taken the request.
    pub way: Option<Way>,
    /// What good callbacks have told.
    pub heard: Heard,
    /// How often it was found closed without proof of money.
    pub unproven: u32,
    /// What the books hold of it.
    pub books: Books,
}

/// How the payer pays an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// On this page of the provider.
    Paypage(String),
    /// By transfer to this account, under the Kassenzeichen.
    Transfer(TransferTo),
}

/// The account that a payer transfers to; the authority's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferTo {
    /// Whose account it is.
    pub holder: String,
    /// Its IBAN, without blanks.
    pub iban: String,
    /// Its BIC, where it is known; within SEPA none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The bank's name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The call is under way; nobody else touches it before `until`.
    Calling {
        /// The latest end of the call.
        until: Timestamp,
        /// How often the same number has been sent.
        sent: u32,
    },
    /// The answer was lost; a payment may exist.
    Unclear {
        /// Since when.
        since: Timestamp,
        /// How often the same number has been sent.
        sent: u32,
    },
    /// The payer may pay.
    Open,
    /// It is over; money may still arrive.
    Ended {
        /// When.
        at: Timestamp,
        /// How.
        how: Ending,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It was paid.
    Paid,
    /// The provider or the time gave up, without money.
    Failed,
    /// The payer gave up, without money.
    Canceled,
    /// The provider refused to open it.
    Refused,
    /// The provider had taken it, but its page reached nobody; another attempt took its place.
    Orphaned,
}

impl Ending {
    /// Every ending.
    pub const ALL: &'static [Self] = &[
        Self::Paid,
        Self::Failed,
        Self::Canceled,
        Self::Refused,
        Self::Orphaned,
    ];

    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Refused => "refused",
            Self::Orphaned => "orphaned",
        }
    }
}

impl Standing {
    /// Its name in tables and in [`Standing::STEPS`].
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Calling { .. } => "calling",
            Self::Unclear { .. } => "unclear",
            Self::Open => "open",
            Self::Ended { how, .. } => how.as_str(),
        }
    }

    /// The steps that are allowed. `calling → paid` and `unclear → paid` are callbacks that overtake the answer;
    /// `unclear → refused` and `unclear → orphaned` are answers that come later than they may. `failed → calling` does
    /// not exist: a new try is a new attempt.
    pub const STEPS: &'static [(&'static str, &'static str)] = &[
        ("calling", "calling"),
        ("calling", "open"),
        ("calling", "unclear"),
        ("calling", "refused"),
        ("calling", "orphaned"),
        ("calling", "paid"),
        ("calling", "failed"),
        ("calling", "canceled"),
        ("unclear", "calling"),
        ("unclear", "open"),
        ("unclear", "refused"),
        ("unclear", "orphaned"),
        ("unclear", "paid"),
        ("unclear", "failed"),
        ("unclear", "canceled"),
        ("open", "paid"),
        ("open", "failed"),
        ("open", "canceled"),
    ];

    /// Whether the attempt is not over yet.
    pub const fn is_under_way(&self) -> bool {
        !matches!(self, Self::Ended { .. })
    }
}

/// What the books hold of an attempt; a projection of its booking lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Books {
    /// Claimed and not reversed: forderung debited by Sollstellungen.
    pub soll: Cents,
    /// Given up: forderung credited by Absetzungen.
    pub set_off: Cents,
    /// Paid on the claim: forderung credited by payments, less what went back.
    pub credited: Cents,
    /// Lying in its deposit.
    pub deposited: Cents,
    /// The deposit's Posten, once there is one.
    pub deposit: Option<PostenId>,
    /// Of what had lain in its deposit, what was ordered to be paid back.
    pub refunded: Cents,
    /// Of what had lain in its deposit, what has left it for good: divided, kept, or paid out.
    pub gone: Cents,
    /// Of what was paid, what a statement has shown on our account, less what it has shown going back.
    pub settled: Cents,
}

impl Books {
    /// What has been booked of what the provider told, cumulative.
    pub fn told(&self) -> Cents {
        self.credited + self.deposited + self.refunded + self.gone
    }

    /// What is still owed.
    pub fn open(&self) -> Cents {
        self.soll - self.set_off - self.credited
    }
}

impl Attempt {
    /// Whether the provider can be asked what became of it: it has a name there.
    pub fn can_be_asked_for(&self) -> bool {
        self.remote.is_some() || self.kassenzeichen.known().is_some()
    }

    /// The number of the Kunde that providers get for this attempt alone: nobody can guess it, and it is nobody's name.
    pub fn kundennummer(&self) -> &str {
        self.token.as_str()
    }

    /// The provider's page, where the payer pays on one.
    pub fn paypage(&self) -> Option<&str> {
        match &self.way {
            Some(Way::Paypage(page)) => Some(page),
            _ => None,
        }
    }

    /// Whether anybody who can be believed has spoken of money on it: a signed success, or an answer that was booked.
    /// Such an attempt is asked for until it is clear, and never refused, replaced or sent again.
    pub fn money_is_spoken_of(&self) -> bool {
        self.heard.success || self.books.told().is_positive()
    }

    /// What has been booked of what the provider told: without what only a statement has shown, or a person has found.
    pub fn told_by_provider(&self) -> Cents {
        self.books.told() - self.heard.ahead - self.heard.aside
    }

    /// Whether it stands as it did when it was asked about. An answer to a question from before may be older than what
    /// came in between: a payer who has not paid yet looks like one whose money went back. Such an answer is no answer;
    /// it is asked again. Callbacks that came in between take nothing from an answer's worth.
    pub fn is_as_it_was(&self, asked: &Self) -> bool {
        self.standing == asked.standing
            && self.books == asked.books
            && self.heard.confirmed == asked.heard.confirmed
    }
}

impl Payment {
    /// The attempt that the payer is led to: the latest.
    pub fn current(&self) -> &Attempt {
        self.attempts.last().expect("a payment has an attempt")
    }

    /// The attempt with an id.
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// Whether it is neither ended nor refused.
    pub fn is_under_way(&self) -> bool {
        self.answer == PortalAnswer::Initial
    }
}

impl Case {
    /// The payment that an attempt belongs to.
    pub fn payment_of(&self, attempt: AttemptId) -> Option<&Payment> {
        self.payments
            .iter()
            .find(|payment| payment.attempt(attempt).is_some())
    }

    /// The payment with an id.
    pub fn payment(&self, id: PaymentId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id == id)
    }
}
