//! A Change: guards plus effects. All of it becomes true in one database transaction, or none.
//!
//! Decisions build it with [`Change::of`] and the small verbs below; the writer commits it. To add an effect: a field
//! of [`Effects`], its table in both migrations, and its statement in both adapters.

use super::case::{Attempt, Case, CaseStanding, OpenException, Payment};
use super::event::EventType;
use super::exception::ExceptionCode;
use super::hkr::LineId;
use super::ids::{
    AttemptId, CaseId, ChangeId, ClientId, DeliveryId, EventId, ExceptionId, LedgerId, PaymentId, PersonalId,
    PostenId, TargetId,
};
use super::money::Cents;
use super::payout_order::PayoutOrder;
use super::pool::PoolTaken;
use super::receipt::CursorWork;
use super::record::{Body, ExceptionOpened};
use super::subject::Subject;
use super::time::Timestamp;

/// A key that may become true only once, and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OnceKey {
    /// What kind of key, and whose: `request/<route>`, `callback/<attempt>` and so on.
    pub scope: String,
    /// The key.
    pub key: String,
    /// What it leads to.
    pub subject: String,
}

/// A lease that must still be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// The watch over an attempt.
    Watch {
        /// The attempt.
        attempt: AttemptId,
        /// The number under which it was taken.
        number: i64,
    },
    /// A delivery.
    Delivery {
        /// The delivery.
        delivery: DeliveryId,
        /// The number under which it was taken.
        number: i64,
    },
    /// The read cursor of a Mandant.
    Cursor {
        /// `<provider>/<number>` of the Mandant.
        cursor: String,
        /// The number under which it was taken.
        number: i64,
    },
}

/// What must still hold when the Change is committed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guards {
    /// The case and the revision at which it was read.
    pub case: Option<(CaseId, i64)>,
    /// What has no revision of its own (an account, a deposit), by its name, and how often it was changed when it was
    /// read. The Change counts as one more.
    pub rows: Vec<(String, i64)>,
    /// Keys that become true.
    pub keys: Vec<OnceKey>,
    /// A lease under which the work was done.
    pub lease: Option<Lease>,
}

/// A row that is new, or one that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save<T> {
    /// It was not there before.
    New(T),
    /// It was there and is replaced.
    Changed(T),
}

/// A new open item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPosten {
    /// Its id.
    pub id: PostenId,
    /// What it is about.
    pub subject: Subject,
    /// Where it is about none: the attempt whose money it was before.
    pub of: Option<(CaseId, AttemptId)>,
    /// What it stands for.
    pub kind: PostenKind,
    /// The year of the Fälligkeit.
    pub haushaltsjahr: i16,
    /// When it came into being.
    pub opened_at: Timestamp,
}

/// What an open item stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostenKind {
    /// The claim of an attempt.
    Kassenzeichen,
    /// Money that lies with us.
    Verwahrung,
    /// Money that left, and nobody knows what for.
    Vorschuss,
    /// A payout of a payment provider.
    Auszahlung,
    /// Money that is ordered to be paid out.
    Auskehrung,
}

impl PostenKind {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kassenzeichen => "kassenzeichen",
            Self::Verwahrung => "verwahrung",
            Self::Vorschuss => "vorschuss",
            Self::Auszahlung => "auszahlung",
            Self::Auskehrung => "auskehrung",
        }
    }
}

/// Something that happened, for gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id; also the webhook-id.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// The payment that it happened to.
    pub payment: PaymentId,
    /// Its number within the case.
    pub status_seq: i64,
    /// When.
    pub at: Timestamp,
    /// Where its body lies.
    pub personal: PersonalId,
    /// Its ways.
    pub deliveries: Vec<(DeliveryId, TargetId)>,
}

/// When an attempt is looked at next; `None`: never again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// The attempt.
    pub attempt: AttemptId,
    /// When.
    pub due_at: Option<Timestamp>,
    /// How often it was asked for in this state.
    pub tries: u32,
}

/// Somebody else's reason to look at an attempt: it is due at once, and whoever looks at it now looks again, because the
/// answer may be older than the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wake {
    /// The attempt.
    pub attempt: AttemptId,
    /// Since when.
    pub at: Timestamp,
}

/// A piece of personal data, to be encrypted under the case's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// Its id.
    pub id: PersonalId,
    /// What it is: `payment`, `callback`, `event`.
    pub class: &'static str,
    /// The plain text.
    pub plain: Vec<u8>,
}

/// One call to a provider that it answered, kept for its reference: what its support asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCall {
    /// The attempt that it was about.
    pub attempt: AttemptId,
    /// When it was answered.
    pub at: Timestamp,
    /// The provider's name of the operation.
    pub operation: String,
    /// The result code, where the answer has one.
    pub code: Option<String>,
    /// The provider's own id of the call (ePayBL's EPaymentId).
    pub reference: String,
}

/// What became of a try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryTried {
    /// The delivery.
    pub id: DeliveryId,
    /// How often it has been tried now.
    pub tries: u32,
    /// What follows.
    pub outcome: DeliveryOutcome,
    /// When it was tried.
    pub at: Timestamp,
}

/// What follows from a try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// Delivered.
    Done,
    /// Again at a time.
    Again {
        /// When.
        at: Timestamp,
        /// Why it failed.
        why: String,
    },
    /// The table of tries is used up; the lane goes on without it.
    Dead {
        /// Why it failed.
        why: String,
    },
    /// The target answered 410 and gets nothing more.
    Gone {
        /// The target.
        target: TargetId,
        /// The version of it that said so; the next version gets events again.
        version: i64,
    },
}

/// A version of a tenant object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantVersion {
    /// `kasse`, `authority`, `route`, `client`, `target`, `mandant`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// From 1.
    pub version: i64,
    /// The Kasse that owns it; for clients, none.
    pub ledger: Option<LedgerId>,
    /// Canonical JSON.
    pub body: String,
    /// Whether it is closed.
    pub closed: bool,
    /// When it came into force.
    pub at: Timestamp,
}

/// A client's secret, as a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// The client.
    pub client: ClientId,
    /// The keyed hash.
    pub hash: Vec<u8>,
    /// When it was issued.
    pub at: Timestamp,
}

/// What stands beside the record of a file of postings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostingWork {
    /// The lines that are in it, or that are withdrawn from it.
    pub lines: Vec<LineId>,
    /// Its bytes; none where lines are withdrawn.
    pub content: Vec<u8>,
}

/// What becomes true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// The case itself.
    pub case: Option<Save<Case>>,
    /// Payments.
    pub payments: Vec<Save<(CaseId, Payment)>>,
    /// Attempts, with their payment.
    pub attempts: Vec<Save<(CaseId, PaymentId, u32, Attempt)>>,
    /// Open items.
    pub posten: Vec<NewPosten>,
    /// Records, with the personal data that belongs to each.
    pub records: Vec<(Body, Vec<PersonalId>)>,
    /// Events.
    pub events: Vec<NewEvent>,
    /// Schedules.
    pub watches: Vec<Watch>,
    /// Attempts that are due at once, whoever holds them.
    pub wakes: Vec<Wake>,
    /// What a list of receipts brought.
    pub cursor: Option<CursorWork>,
    /// Personal data.
    pub personal: Vec<Personal>,
    /// The closing whose filing is recorded, as the text over which its digest is.
    pub closing: Option<String>,
    /// What the file of postings holds that is recorded, or which of its lines are withdrawn.
    pub postings: Option<PostingWork>,
    /// Numbers that were taken from our own pools.
    pub pools: Vec<PoolTaken>,
    /// What the provider was asked, and its references for support.
    pub calls: Vec<ProviderCall>,
    /// Keys that become free again.
    pub released: Vec<OnceKey>,
    /// Orders to pay money out.
    pub payout_orders: Vec<PayoutOrder>,
    /// Tries to deliver.
    pub tried: Vec<DeliveryTried>,
    /// Tenant objects.
    pub tenants: Vec<TenantVersion>,
    /// Secrets that are issued.
    pub secrets: Vec<ClientSecret>,
}

/// Guards plus effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Stored with it, so that a lost COMMIT is looked up and not repeated.
    pub id: ChangeId,
    /// The ledger whose log it writes; none where it writes no log.
    pub ledger: Option<LedgerId>,
    /// What must still hold.
    pub guards: Guards,
    /// What becomes true.
    pub effects: Effects,
}

impl Change {
    /// A Change of one case, guarded by the revision at which it was read.
    pub fn of(id: ChangeId, case: &Case) -> Self {
        Self {
            id,
            ledger: Some(case.ledger.clone()),
            guards: Guards {
                case: Some((case.id, case.rev)),
                ..Guards::default()
            },
            effects: Effects::default(),
        }
    }

    /// A Change that touches no case and no log.
    pub fn bare(id: ChangeId) -> Self {
        Self {
            id,
            ledger: None,
            guards: Guards::default(),
            effects: Effects::default(),
        }
    }

    /// Opens an exception, unless the same one is open already for the attempt.
    pub fn exception(
        &mut self,
        case: &mut Case,
        id: ExceptionId,
        code: ExceptionCode,
        attempt: AttemptId,
        cents: Option<Cents>,
    ) {
        let known = &mut case.open_exceptions;
        if known
            .iter()
            .any(|open| open.code == code && open.attempt == attempt)
        {
            return;
        }
        known.push(OpenException { id, code, attempt });
        let opened = ExceptionOpened {
            id,
            code,
            subject: Subject::Attempt {
                case: case.id,
                attempt,
            },
            cents,
        };
        self.effects.records.push((Body::Exception(opened), Vec::new()));
    }

    /// Whether it would change nothing but schedules.
    pub fn is_quiet(&self) -> bool {
        self.effects.case.is_none()
    }
}

/// Which standing a case may take after which.
pub const CASE_STEPS: &[(CaseStanding, CaseStanding)] = &[
    (CaseStanding::Open, CaseStanding::Paid),
    (CaseStanding::Paid, CaseStanding::Reopened),
    (CaseStanding::Reopened, CaseStanding::Paid),
];
