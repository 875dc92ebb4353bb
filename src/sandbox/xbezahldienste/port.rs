//! How an account is reached over XBezahldienste, and how far its service keeps to the standard.
//!
//! One more deviation is one more [`Quirk`], the place that asks for it, and its line in `docs/sandbox.md`;
//! a service that is known for it gets it in [`Flavour::quirks`].

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::sandbox::{
    SandboxError,
    world::{Account, World},
};

/// `[accounts.xbezahldienste]` of the world file. By default: the ids are those of ePayBL, nobody has to log
/// in, and nothing deviates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Port {
    /// The Bewirtschafter, if it is not given.
    pub originator_id: Option<String>,
    /// The Mandant, if it is not given.
    pub endpoint_id: Option<String>,
    /// How a client shows who it is.
    pub login: Login,
    /// The deviations of a known service.
    pub flavour: Flavour,
    /// Deviations besides.
    pub quirks: Vec<Quirk>,
    /// What a transaction is called.
    pub transaction_id: TransactionId,
    /// So many reads of a new transaction are answered with 404.
    pub hidden_reads: u32,
    /// When it is not there, or not all of it.
    pub maintenance: Vec<Maintenance>,
}

/// How a client shows who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Login {
    /// Not at all.
    #[default]
    Off,
    /// User and password with every call.
    Basic {
        /// Without a colon.
        user: String,
        /// Any text.
        password: String,
    },
    /// OAuth 2.0, client credentials: an opaque token that runs out.
    Oauth {
        /// Accounts may have it in common.
        client_id: String,
        /// Of the client.
        client_secret: String,
        /// How long a token holds.
        #[serde(default = "usual_token_seconds")]
        token_seconds: u32,
    },
    /// A client certificate, over TLS: one of the account's `certificates`, or any where it names none.
    Certificate,
}

const fn usual_token_seconds() -> u32 {
    300
}

/// What a transaction is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionId {
    /// An id that the service makes.
    #[default]
    Own,
    /// The requestId, so that a client can ask for it without the answer.
    RequestId,
    /// The Kassenzeichen.
    Kassenzeichen,
}

/// A service whose deviations are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// None.
    #[default]
    Exact,
    /// A connector in front of ePayBL.
    Epaybl,
    /// ePay21 of ekom21.
    Epay21,
    /// pmPayment of GovConnect.
    Pmpayment,
    /// GiroCheckout of S-Public Services.
    Girocheckout,
}

/// One deviation from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quirk {
    /// transactionTimestamp is the wall clock of Berlin, and says that it is UTC.
    BerlinTime,
    /// A member that is null is refused.
    NoNulls,
    /// bookingData without entries is refused.
    NoEmptyBookingData,
    /// transactionRedirectUrl is there after the end too.
    KeepRedirect,
    /// PAYED without paymentMethod.
    NoMethod,
    /// paymentMethod is a value that the standard does not know.
    UnknownMethod,
    /// PAID and CANCELLED.
    Synonyms,
    /// statusDetail has blanks, and is always there.
    DetailWithBlanks,
    /// Members that the standard does not know.
    ExtraMembers,
    /// A transaction is created with 201.
    Created,
    /// Errors, and the status, as application/json.
    PlainProblems,
    /// transactionReference is the transactionId until it is paid.
    ReferenceIsId,
    /// A purpose that is not upper case, or longer than 27 when its umlauts are written out: the payment
    /// fails when the payer pays.
    UpperCasePurpose,
    /// Members that nobody needs are not there.
    Minimal,
    /// Missing or wrong credentials are 401, not 403.
    Unauthorized,
    /// Wrong credentials are called a wrong hash, with 400.
    HashError,
}

/// A time in which the service, or some of its methods, cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Maintenance {
    /// The first moment; none is from now on.
    pub start: Option<Timestamp>,
    /// The first moment after it; none is until further notice.
    pub end: Option<Timestamp>,
    /// For people.
    pub description: Option<String>,
    /// The methods that are down, as the account calls them; none is the whole service.
    pub down: Vec<String>,
}

impl Flavour {
    fn quirks(self) -> &'static [Quirk] {
        match self {
            Self::Exact => &[],
            Self::Epaybl => &[Quirk::BerlinTime, Quirk::UpperCasePurpose],
            Self::Epay21 => &[
                Quirk::NoNulls,
                Quirk::NoEmptyBookingData,
                Quirk::KeepRedirect,
                Quirk::Unauthorized,
            ],
            Self::Pmpayment => &[Quirk::HashError],
            Self::Girocheckout => &[Quirk::Minimal, Quirk::Unauthorized],
        }
    }
}

impl Port {
    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk) || self.flavour.quirks().contains(&quirk)
    }

    /// The windows that have not ended.
    pub(super) fn windows(&self, now: Timestamp) -> impl Iterator<Item = &Maintenance> {
        (self.maintenance.iter()).filter(move |window| window.end.is_none_or(|end| now < end))
    }

    fn now_down(&self, now: Timestamp) -> impl Iterator<Item = &Maintenance> {
        (self.windows(now)).filter(move |window| window.start.is_none_or(|start| start <= now))
    }

    /// The whole service.
    pub(super) fn is_down(&self, now: Timestamp) -> bool {
        self.now_down(now).any(|window| window.down.is_empty())
    }

    /// A method, or the whole service.
    pub(super) fn method_is_down(&self, code: &str, now: Timestamp) -> bool {
        (self.now_down(now))
            .any(|window| window.down.is_empty() || window.down.iter().any(|down| down == code))
    }
}

/// originatorId and endPointId of an account.
pub(in crate::sandbox) fn ids(account: &Account) -> (&str, &str) {
    let port = &account.xbezahldienste;
    (
        port.originator_id.as_deref().unwrap_or(&account.bewirtschafter),
        port.endpoint_id.as_deref().unwrap_or(&account.mandant),
    )
}

/// Which account an originatorId and an endPointId mean.
#[derive(Debug)]
pub(in crate::sandbox) struct Ports(HashMap<(String, String), usize>);

impl Ports {
    /// # Errors
    /// [`SandboxError::World`] when two accounts have the same ids, an id is not one of the standard, or a
    /// login cannot work.
    pub(in crate::sandbox) fn of(world: &World, tls: bool) -> Result<Self, SandboxError> {
        let mut ports = HashMap::new();
        for (place, account) in world.accounts.iter().enumerate() {
            let (originator, endpoint) = ids(account);
            for (name, id) in [("originator_id", originator), ("endpoint_id", endpoint)] {
                if !super::schema::is_id(id, 36) {
                    return Err(SandboxError::World(format!(
                        "{name} {id} of {} is not 1 to 36 letters, digits, hyphens and underscores",
                        account.name
                    )));
                }
            }
            if account.xbezahldienste.login == Login::Certificate && !tls {
                return Err(SandboxError::World(format!(
                    "{} wants a client certificate over XBezahldienste, but this sandbox has no TLS",
                    account.name
                )));
            }
            if matches!(&account.xbezahldienste.login, Login::Basic { user, .. } if user.contains(':')) {
                return Err(SandboxError::World(format!(
                    "the user of {} has a colon, which HTTP Basic cannot carry",
                    account.name
                )));
            }
            if ports
                .insert((originator.to_owned(), endpoint.to_owned()), place)
                .is_some()
            {
                return Err(SandboxError::World(format!(
                    "originator_id {originator} with endpoint_id {endpoint} is there twice"
                )));
            }
        }
        Ok(Self(ports))
    }

    pub(super) fn find(&self, originator: &str, endpoint: &str) -> Option<usize> {
        self.0.get(&(originator.to_owned(), endpoint.to_owned())).copied()
    }
}
