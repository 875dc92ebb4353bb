//! Rows as both databases give them. Ids are text, times milliseconds, money cents; `map` reads them into the domain.
#![expect(missing_docs, reason = "the columns are described in the migrations")]

use sqlx::FromRow;

#[derive(Debug, Clone, FromRow)]
pub struct CaseRow {
    pub id: String,
    pub ledger_id: String,
    pub authority_id: String,
    pub case_key: String,
    pub rev: i64,
    pub standing: String,
    pub status_seq: i64,
    pub created_at: i64,
    pub wrapped: Option<Vec<u8>>,
}

#[derive(Debug, Clone, FromRow)]
pub struct PaymentRow {
    pub id: String,
    pub originator_id: String,
    pub end_point_id: String,
    pub route_version: i64,
    pub client_id: String,
    pub request_id: String,
    pub transaction_id: String,
    pub total_cents: i64,
    pub due_day: String,
    pub answer: String,
    pub answered_at: Option<i64>,
    pub method: Option<String>,
    pub reference: Option<String>,
    pub refusal: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub token: String,
    pub fingerprint: Vec<u8>,
    pub personal_id: String,
    pub items: String,
}

#[derive(Debug, Clone, FromRow)]
pub struct AttemptRow {
    pub id: String,
    pub payment_id: String,
    pub provider_id: String,
    pub mandant: String,
    pub bewirtschafter: String,
    pub nummer: String,
    pub token: String,
    pub replaces: Option<String>,
    pub posten_id: String,
    pub standing: String,
    pub standing_at: Option<i64>,
    pub sent: i64,
    pub kassenzeichen: Option<String>,
    pub paypage: Option<String>,
    pub remote_id: Option<String>,
    pub transfer: Option<String>,
    pub heard: String,
    pub unproven: i64,
    pub soll_cents: i64,
    pub set_off_cents: i64,
    pub credited_cents: i64,
    pub deposited_cents: i64,
    pub deposit_id: Option<String>,
    pub settled_cents: i64,
    pub refunded_cents: i64,
    pub gone_cents: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct TenantRow {
    pub kind: String,
    pub id: String,
    pub version: i64,
    pub ledger_id: Option<String>,
    pub body: String,
    pub closed: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct HeadRow {
    pub ledger_id: String,
    pub size: i64,
    pub peaks: Vec<u8>,
    pub root: Vec<u8>,
    pub events: i64,
    pub recorded_at: i64,
    pub open_day: Option<String>,
}

#[derive(Debug, Clone, FromRow)]
pub struct WatchRow {
    pub attempt_id: String,
    pub case_id: String,
    pub lease_no: i64,
    pub tries: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct DeliveryRow {
    pub id: String,
    pub event_id: String,
    pub case_id: String,
    pub target_id: String,
    pub lease_no: i64,
    pub tries: i64,
    pub personal_id: String,
}

#[derive(Debug, Clone, FromRow)]
pub struct CountsRow {
    pub payments_open: i64,
    pub attempts_unclear: i64,
    pub watches_due: i64,
    pub deliveries_pending: i64,
    pub deliveries_dead: i64,
    pub exceptions_open: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct ReadingRow {
    pub n: i64,
    pub whole: i64,
}

#[derive(Debug, Clone, FromRow)]
pub struct ReceiptRow {
    pub ordinal: i64,
    pub kassenzeichen: String,
    pub cents: i64,
    pub booked_at: Option<i64>,
}

#[derive(Debug, Clone, FromRow)]
pub struct ListedReceiptRow {
    pub provider_id: String,
    pub mandant: String,
    pub n: i64,
    pub ordinal: i64,
    pub kassenzeichen: String,
    pub cents: i64,
    pub booked_at: Option<i64>,
    pub read_at: i64,
    pub batch: String,
    pub confirmed_at: Option<i64>,
    pub attempt_id: Option<String>,
}
