//! Why a resolution, or its reversal, cannot be booked.

use crate::domain::money::Cents;

/// Why a resolution cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotResolved {
    /// There is no deposit, or it is empty.
    #[error("there is no money in deposit for it")]
    NoDeposit,
    /// The parts are not the whole.
    #[error("{there} lie in deposit, the parts are {parts} together")]
    NotTheWhole {
        /// What there is.
        there: Cents,
        /// What the parts are together.
        parts: Cents,
    },
    /// Money is booked under a Kassenzeichen.
    #[error("the attempt has no Kassenzeichen yet; assign it to one that has")]
    NoKassenzeichen,
    /// The payment did not end.
    #[error("only a payment that the portal heard the end of can be accepted late; this one is {0}")]
    NotLate(&'static str),
    /// Its claim is paid, whatever else lies in deposit.
    #[error("it is paid already; what lies in deposit is too much")]
    PaidAlready,
    /// Too little to pay it.
    #[error("{there} lie in deposit, the payment needs {needed}")]
    TooLittle {
        /// What there is.
        there: Cents,
        /// What is needed.
        needed: Cents,
    },
    /// Nothing is owed, and nothing lies in deposit.
    #[error("nothing is open, and nothing lies in deposit: there is nothing to write off")]
    NothingOpen,
    /// A shortfall is what is missing of a payment.
    #[error("nothing of it has been paid, and the payer may still pay: this is no shortfall")]
    NothingPaid,
    /// More than the authority may give up, or keep.
    #[error("{cents} are more than the authority's limit {name} of {limit}")]
    AboveLimit {
        /// How much it is.
        cents: Cents,
        /// The limit's name in the tenants file.
        name: &'static str,
        /// The limit.
        limit: Cents,
    },
    /// Every title of the payment is somebody else's.
    #[error("every title of the payment is somebody else's: what is too much cannot be kept")]
    NotOurs,
    /// The payment was refused; nobody owes anything.
    #[error("the payment was refused; nothing can be paid for it")]
    Refused,
    /// No item of the payment has income on the title.
    #[error("the payment has no income on {0}")]
    NotOnTitle(String),
    /// Nothing would move.
    #[error("both titles are the same")]
    SameTitle,
    /// The acquirer pays back only what it has brought.
    #[error("only what came by an acquirer can go back by it; this money came by the bank")]
    NoAcquirer,
    /// Since it was resolved, the provider has told of the money.
    #[error(
        "the provider has told of this money since: it is the payment's, and can no longer be taken back"
    )]
    Confirmed,
    /// Since it was resolved, the money has moved on.
    #[error("money has moved on since: {0}")]
    MovedOn(String),
}
