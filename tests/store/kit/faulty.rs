//! An engine over the real one that fails when it is told to, holds batches back, and remembers how large they were.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use epaybl_connector::app::ports::{AuditQuery, Held, ReceiptFilter, ReceiptPlace, Sealed, StagedWhole};
use epaybl_connector::domain::time::Timestamp;
use epaybl_connector::store::arrivals::{StatementExceptionRow, UnarrivedRow};
use epaybl_connector::store::closings::listed::ListedClosingRow;
use epaybl_connector::store::closings::{BesideRow, ClosingRow, ClosingRows, SignatureRow};
use epaybl_connector::store::details::{DetailRows, UnusedRow};
use epaybl_connector::store::engine::{Engine, Failure, Verdict};
use epaybl_connector::store::exceptions::rows::{
    DepositRow, ExceptionRow, ExceptionRows, OrderRow, SeenRows, StepRow, WantedRows,
};
use epaybl_connector::store::lists::rows::{DepositedRow, LineRow, ListRows, PayoutRow, SeenLineRow};
use epaybl_connector::store::postings::rows::{CountedCaseRow, PostingFileRow, PostingLineRow, PostingRows};
use epaybl_connector::store::readings::MandantRows;
use epaybl_connector::store::rows::{
    AttemptRow, CaseRow, CountsRow, DeliveryRow, HeadRow, ListedReceiptRow, PaymentRow, ReadingRow,
    ReceiptRow, TenantRow, WatchRow,
};
use epaybl_connector::store::statements::rows::{
    DetailRow, ExpectedRow, StagedRows, StatementRow, StatementRows,
};
use epaybl_connector::store::support::{CallRow, SupportEngine};
use tokio::sync::Semaphore;

type Found<T> = Result<T, sqlx::Error>;

/// What happens to the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A deadlock: nothing became true.
    Again,
    /// The database is gone: nothing became true.
    Unavailable,
    /// COMMIT got no answer, and it became true.
    LostButTrue,
    /// COMMIT got no answer, and nothing became true.
    LostAndGone,
    /// COMMIT got no answer, and it becomes true just after it was looked up.
    LostAndLate,
}

/// The engine.
pub struct Faulty {
    inner: Arc<dyn Engine>,
    faults: Mutex<VecDeque<Fault>>,
    sizes: Mutex<Vec<usize>>,
    late: AtomicBool,
    /// How many batches may go on.
    pub gate: Semaphore,
}

impl Faulty {
    /// Fails with each of these, one batch each, and is then as good as the real one.
    pub fn with(inner: Arc<dyn Engine>, faults: &[Fault]) -> Arc<Self> {
        Self::new(inner, faults, Semaphore::MAX_PERMITS)
    }

    /// Lets no batch through until the gate is opened.
    pub fn held(inner: Arc<dyn Engine>) -> Arc<Self> {
        Self::new(inner, &[], 0)
    }

    fn new(inner: Arc<dyn Engine>, faults: &[Fault], permits: usize) -> Arc<Self> {
        Arc::new(Self {
            inner,
            faults: Mutex::new(faults.iter().copied().collect()),
            sizes: Mutex::default(),
            late: AtomicBool::new(false),
            gate: Semaphore::new(permits),
        })
    }

    /// Lets everything through.
    pub fn open(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// How large the batches were, in order; one that is held back counts already.
    pub fn sizes(&self) -> Vec<usize> {
        self.sizes.lock().expect("the sizes").clone()
    }
}

fn gone() -> sqlx::Error {
    sqlx::Error::PoolClosed
}

#[async_trait]
impl SupportEngine for Faulty {
    async fn find(&self, text: &str, ledger: Option<&str>, limit: i64) -> Found<Vec<String>> {
        self.inner.find(text, ledger, limit).await
    }

    async fn calls(&self, case: &str, limit: i64) -> Found<Vec<CallRow>> {
        self.inner.calls(case, limit).await
    }
}

#[async_trait]
impl ClosingRows for Faulty {
    async fn closings(&self, ledger: &str, from: i64, limit: i64) -> Found<Vec<ClosingRow>> {
        self.inner.closings(ledger, from, limit).await
    }

    async fn closings_behind(&self, ledger: &str, after: i64, limit: i64) -> Found<Vec<ListedClosingRow>> {
        self.inner.closings_behind(ledger, after, limit).await
    }

    async fn signatures_between(
        &self,
        ledger: &str,
        from: i64,
        to: i64,
    ) -> Found<Vec<(i64, String, String, i64)>> {
        self.inner.signatures_between(ledger, from, to).await
    }

    async fn newest_closing(&self, ledger: &str) -> Found<Option<i64>> {
        self.inner.newest_closing(ledger).await
    }

    async fn closing_sizes(&self, ledger: &str, before: i64) -> Found<Vec<(i64,)>> {
        self.inner.closing_sizes(ledger, before).await
    }

    async fn closing_signatures(&self, ledger: &str, number: i64) -> Found<Vec<SignatureRow>> {
        self.inner.closing_signatures(ledger, number).await
    }

    async fn unarrived(
        &self,
        ledger: &str,
        told_until: i64,
        after: &str,
        limit: i64,
    ) -> Found<Vec<UnarrivedRow>> {
        self.inner.unarrived(ledger, told_until, after, limit).await
    }

    async fn statement_exceptions(&self, ledger: &str, code: &str) -> Found<Vec<StatementExceptionRow>> {
        self.inner.statement_exceptions(ledger, code).await
    }

    async fn beside(&self, ledger: &str, from: i64, to: i64) -> Found<Vec<BesideRow>> {
        self.inner.beside(ledger, from, to).await
    }
}

#[async_trait]
impl PostingRows for Faulty {
    async fn posting_files(&self, ledger: &str, number: Option<i64>) -> Found<Vec<PostingFileRow>> {
        self.inner.posting_files(ledger, number).await
    }

    async fn posting_files_behind(&self, ledger: &str, after: i64, limit: i64) -> Found<Vec<PostingFileRow>> {
        self.inner.posting_files_behind(ledger, after, limit).await
    }

    async fn posting_reach(&self, ledger: &str) -> Found<(i64, i64)> {
        self.inner.posting_reach(ledger).await
    }

    async fn posting_content(&self, ledger: &str, number: i64) -> Found<Option<Vec<u8>>> {
        self.inner.posting_content(ledger, number).await
    }

    async fn lines_of_file(&self, ledger: &str, number: i64, counting: bool) -> Found<Vec<(i64, i64)>> {
        self.inner.lines_of_file(ledger, number, counting).await
    }

    async fn withdrawn_by(&self, ledger: &str, position: i64) -> Found<Vec<(i64, i64)>> {
        self.inner.withdrawn_by(ledger, position).await
    }

    async fn line_twice(&self, ledger: &str) -> Found<Option<(i64, i64)>> {
        self.inner.line_twice(ledger).await
    }

    async fn posting_lines(&self, ledger: &str, from: i64, to: i64) -> Found<Vec<PostingLineRow>> {
        self.inner.posting_lines(ledger, from, to).await
    }

    async fn posting_lines_again(&self, ledger: &str, limit: i64) -> Found<Vec<PostingLineRow>> {
        self.inner.posting_lines_again(ledger, limit).await
    }

    async fn accounts_in_use(&self, ledger: &str) -> Found<Vec<String>> {
        self.inner.accounts_in_use(ledger).await
    }

    async fn configurations(&self, ledger: &str) -> Found<Vec<Vec<u8>>> {
        self.inner.configurations(ledger).await
    }

    async fn counted_cases(
        &self,
        of: (&str, Option<&str>),
        time: (i64, i64),
        after: (i64, &str),
        limit: i64,
    ) -> Found<Vec<CountedCaseRow>> {
        self.inner.counted_cases(of, time, after, limit).await
    }
}

#[async_trait]
impl Engine for Faulty {
    async fn commit(&self, batch: &[Sealed], now: Timestamp) -> Result<Vec<Verdict>, Failure> {
        self.sizes.lock().expect("the sizes").push(batch.len());
        self.gate
            .acquire()
            .await
            .expect("the gate is never closed")
            .forget();
        let fault = self.faults.lock().expect("the faults").pop_front();
        match fault {
            None => self.inner.commit(batch, now).await,
            Some(Fault::Again) => Err(Failure::Again(gone())),
            Some(Fault::Unavailable) => Err(Failure::Unavailable(gone())),
            Some(Fault::LostAndGone) => Err(Failure::CommitLost(gone())),
            Some(fault) => {
                self.inner.commit(batch, now).await?;
                self.late.store(fault == Fault::LostAndLate, Ordering::SeqCst);
                Err(Failure::CommitLost(gone()))
            }
        }
    }

    async fn committed(&self, changes: &str) -> Found<HashSet<String>> {
        if self.late.swap(false, Ordering::SeqCst) {
            return Ok(HashSet::new());
        }
        self.inner.committed(changes).await
    }

    async fn claim_watches(&self, now: i64, until: i64, limit: i64) -> Found<Vec<WatchRow>> {
        self.inner.claim_watches(now, until, limit).await
    }

    async fn claim_deliveries(&self, now: i64, until: i64, limit: i64) -> Found<Vec<DeliveryRow>> {
        self.inner.claim_deliveries(now, until, limit).await
    }

    async fn reject(&self, rows: &str) -> Found<()> {
        self.inner.reject(rows).await
    }

    async fn case(&self, id: &str, ledger: Option<&str>) -> Found<Option<CaseRow>> {
        self.inner.case(id, ledger).await
    }

    async fn payments(&self, case: &str) -> Found<Vec<PaymentRow>> {
        self.inner.payments(case).await
    }

    async fn attempts(&self, case: &str) -> Found<Vec<AttemptRow>> {
        self.inner.attempts(case).await
    }

    async fn exceptions(&self, case: &str) -> Found<Vec<(String, String, String)>> {
        self.inner.exceptions(case).await
    }

    async fn by_pay_token(&self, token: &str) -> Found<Option<(String, String)>> {
        self.inner.by_pay_token(token).await
    }

    async fn by_callback_token(&self, token: &str) -> Found<Option<(String, String)>> {
        self.inner.by_callback_token(token).await
    }

    async fn case_of_payment(&self, id: &str, ledger: Option<&str>) -> Found<Option<String>> {
        self.inner.case_of_payment(id, ledger).await
    }

    async fn once(&self, scope: &str, key: &str) -> Found<Option<String>> {
        self.inner.once(scope, key).await
    }

    async fn personal(&self, id: &str) -> Found<Option<(Vec<u8>, Vec<u8>)>> {
        self.inner.personal(id).await
    }

    async fn tenant(&self, kind: &str, id: &str, version: Option<i64>) -> Found<Option<TenantRow>> {
        self.inner.tenant(kind, id, version).await
    }

    async fn tenants(&self) -> Found<Vec<TenantRow>> {
        self.inner.tenants().await
    }

    async fn client_secrets(&self, client: &str) -> Found<Vec<Vec<u8>>> {
        self.inner.client_secrets(client).await
    }

    async fn counts(&self, now: i64) -> Found<CountsRow> {
        self.inner.counts(now).await
    }

    async fn ping(&self) -> Found<()> {
        self.inner.ping().await
    }

    async fn heads(&self) -> Found<Vec<HeadRow>> {
        self.inner.heads().await
    }

    async fn audit_rows(&self, query: AuditQuery, ledger: &str, from: i64, limit: i64) -> Found<Vec<String>> {
        self.inner.audit_rows(query, ledger, from, limit).await
    }

    async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        self.inner.migrate().await
    }

    async fn missing_migrations(&self) -> Found<usize> {
        self.inner.missing_migrations().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

#[async_trait]
impl MandantRows for Faulty {
    async fn pool_next(&self, range: &str) -> Found<Option<i64>> {
        self.inner.pool_next(range).await
    }

    async fn tenants_of(&self, kind: &str) -> Found<Vec<TenantRow>> {
        self.inner.tenants_of(kind).await
    }

    async fn claim_cursor(&self, cursor: &str, now: i64, until: i64) -> Found<Option<i64>> {
        self.inner.claim_cursor(cursor, now, until).await
    }

    async fn release_cursor(&self, cursor: &str, lease: i64) -> Found<()> {
        self.inner.release_cursor(cursor, lease).await
    }

    async fn open_readings(&self, provider: &str, mandant: &str) -> Found<Vec<ReadingRow>> {
        self.inner.open_readings(provider, mandant).await
    }

    async fn last_reading(&self, provider: &str, mandant: &str) -> Found<i64> {
        self.inner.last_reading(provider, mandant).await
    }

    async fn receipts_of(
        &self,
        reading: (&str, &str, i64),
        behind: i64,
        limit: i64,
    ) -> Found<Vec<ReceiptRow>> {
        self.inner.receipts_of(reading, behind, limit).await
    }

    async fn named_attempts(
        &self,
        provider: &str,
        mandant: &str,
        kassenzeichen: &str,
    ) -> Found<Vec<(String, String)>> {
        self.inner.named_attempts(provider, mandant, kassenzeichen).await
    }

    async fn receipts(
        &self,
        filter: &ReceiptFilter,
        behind: &ReceiptPlace,
        limit: i64,
    ) -> Found<Vec<ListedReceiptRow>> {
        self.inner.receipts(filter, behind, limit).await
    }
}

#[async_trait]
impl StatementRows for Faulty {
    async fn begin_staging(&self, row: &str, ledger: &str, head_key: &[u8]) -> Found<(String, i64, i64)> {
        self.inner.begin_staging(row, ledger, head_key).await
    }

    async fn stage(&self, held: Held, rows: &StagedRows) -> Found<()> {
        self.inner.stage(held, rows).await
    }

    async fn staged_fingerprints(&self, id: &str, after: i64, limit: i64) -> Found<Vec<(i64, Vec<u8>)>> {
        self.inner.staged_fingerprints(id, after, limit).await
    }

    async fn alike(&self, id: &str, before: i64, fingerprints: &str) -> Found<Vec<(Vec<u8>, i64, String)>> {
        self.inner.alike(id, before, fingerprints).await
    }

    async fn place_staged(&self, held: Held, rows: &str) -> Found<()> {
        self.inner.place_staged(held, rows).await
    }

    async fn finish_staging(&self, held: Held, whole: &StagedWhole) -> Found<(i64, i64, i64, i64)> {
        self.inner.finish_staging(held, whole).await
    }

    async fn discard_staging(&self, held: Held) -> Found<()> {
        self.inner.discard_staging(held).await
    }

    async fn filed(&self, ledger: &str, account: Option<&str>) -> Found<Vec<StatementRow>> {
        self.inner.filed(ledger, account).await
    }

    async fn filed_behind(&self, ledger: &str, after: i64, limit: i64) -> Found<Vec<StatementRow>> {
        self.inner.filed_behind(ledger, after, limit).await
    }

    async fn filed_digest(&self, ledger: &str, digest: &[u8]) -> Found<Option<String>> {
        self.inner.filed_digest(ledger, digest).await
    }

    async fn row_rev(&self, name: &str) -> Found<Option<i64>> {
        self.inner.row_rev(name).await
    }

    async fn open_details(
        &self,
        ledger: &str,
        since: i64,
        after: (&str, i64, i64),
        limit: i64,
    ) -> Found<Vec<DetailRow>> {
        self.inner.open_details(ledger, since, after, limit).await
    }

    async fn expected(&self, ledger: &str, after: &str, limit: i64) -> Found<Vec<ExpectedRow>> {
        self.inner.expected(ledger, after, limit).await
    }

    async fn expected_named(&self, ledger: &str, names: &str) -> Found<Vec<ExpectedRow>> {
        self.inner.expected_named(ledger, names).await
    }

    async fn expected_of(&self, ledger: &str, cents: i64, time: (i64, i64)) -> Found<Vec<ExpectedRow>> {
        self.inner.expected_of(ledger, cents, time).await
    }

    async fn expected_in(
        &self,
        ledger: &str,
        time: (i64, i64),
        ids: (&str, &str),
    ) -> Found<Vec<ExpectedRow>> {
        self.inner.expected_in(ledger, time, ids).await
    }
}

#[async_trait]
impl ExceptionRows for Faulty {
    async fn exceptions_of(
        &self,
        ledger: &str,
        wanted: &WantedRows,
        after: i64,
        limit: i64,
    ) -> Found<Vec<ExceptionRow>> {
        self.inner.exceptions_of(ledger, wanted, after, limit).await
    }

    async fn exception(&self, ledger: &str, id: &str) -> Found<Option<ExceptionRow>> {
        self.inner.exception(ledger, id).await
    }

    async fn steps(&self, exceptions: &str) -> Found<Vec<StepRow>> {
        self.inner.steps(exceptions).await
    }

    async fn deposit(&self, subject: &str) -> Found<Option<DepositRow>> {
        self.inner.deposit(subject).await
    }

    async fn resolved_by(&self, ledger: &str, exception: &str, at: Option<i64>) -> Found<Vec<(Vec<u8>,)>> {
        self.inner.resolved_by(ledger, exception, at).await
    }

    async fn lies(&self, posten: &str) -> Found<Vec<(String, i64)>> {
        self.inner.lies(posten).await
    }

    async fn payout_orders(
        &self,
        ledger: &str,
        seen: &SeenRows,
        after: i64,
        limit: i64,
    ) -> Found<Vec<OrderRow>> {
        self.inner.payout_orders(ledger, seen, after, limit).await
    }

    async fn payout_orders_so_far(&self, ledger: &str) -> Found<i64> {
        self.inner.payout_orders_so_far(ledger).await
    }
}

#[async_trait]
impl DetailRows for Faulty {
    async fn notifications(&self, ledger: &str) -> Found<Vec<(String, String, i64)>> {
        self.inner.notifications(ledger).await
    }

    async fn unused_details(&self, ledger: &str, since: i64) -> Found<Vec<UnusedRow>> {
        self.inner.unused_details(ledger, since).await
    }

    async fn closed_lines(&self, ledger: &str, since: i64) -> Found<Vec<DetailRow>> {
        self.inner.closed_lines(ledger, since).await
    }

    async fn detail(&self, ledger: &str, id: (&str, i64, i64)) -> Found<Option<DetailRow>> {
        self.inner.detail(ledger, id).await
    }
}

#[async_trait]
impl ListRows for Faulty {
    async fn lines_filed(&self, list: &str) -> Found<Vec<LineRow>> {
        self.inner.lines_filed(list).await
    }

    async fn assigned_from(
        &self,
        ledger: &str,
        subject: &str,
        deposit: &str,
    ) -> Found<Vec<(String, String, i64)>> {
        self.inner.assigned_from(ledger, subject, deposit).await
    }

    async fn stage_list(&self, lists: &str, lines: &str, gone: &str) -> Found<()> {
        self.inner.stage_list(lists, lines, gone).await
    }

    async fn discard_list(&self, id: &str) -> Found<()> {
        self.inner.discard_list(id).await
    }

    async fn discard_left(&self, ledger: &str, source: &str, reference: &str, before: i64) -> Found<()> {
        self.inner.discard_left(ledger, source, reference, before).await
    }

    async fn list_digest(
        &self,
        ledger: &str,
        source: &str,
        reference: &str,
        digest: &[u8],
    ) -> Found<Option<String>> {
        self.inner.list_digest(ledger, source, reference, digest).await
    }

    async fn payout(&self, ledger: &str, source: &str, reference: &str) -> Found<Option<PayoutRow>> {
        self.inner.payout(ledger, source, reference).await
    }

    async fn payout_by_id(&self, ledger: &str, id: &str) -> Found<Option<PayoutRow>> {
        self.inner.payout_by_id(ledger, id).await
    }

    async fn seen_lines(
        &self,
        of: (&str, &str),
        after: (i64, i64),
        limit: i64,
        authorities: &str,
    ) -> Found<Vec<SeenLineRow>> {
        self.inner.seen_lines(of, after, limit, authorities).await
    }

    async fn payouts(&self, ledger: &str, since: i64, after: &str, limit: i64) -> Found<Vec<PayoutRow>> {
        self.inner.payouts(ledger, since, after, limit).await
    }

    async fn payout_lines(&self, ledger: &str, payout: &str) -> Found<Vec<LineRow>> {
        self.inner.payout_lines(ledger, payout).await
    }

    async fn payout_work(&self, ledger: &str, payout: &str) -> Found<Vec<LineRow>> {
        self.inner.payout_work(ledger, payout).await
    }

    async fn list_done(&self, id: &str) -> Found<()> {
        self.inner.list_done(id).await
    }

    async fn booked_on(&self, ledger: &str, subject: &str) -> Found<Vec<(String, i64)>> {
        self.inner.booked_on(ledger, subject).await
    }

    async fn attempts_listed(&self, ledger: &str, references: &str) -> Found<Vec<(String, String, String)>> {
        self.inner.attempts_listed(ledger, references).await
    }

    async fn deposited_details(&self, ledger: &str, after: i64, limit: i64) -> Found<Vec<DepositedRow>> {
        self.inner.deposited_details(ledger, after, limit).await
    }

    async fn deposited_lines(&self, ledger: &str) -> Found<Vec<(String, String, String, i64)>> {
        self.inner.deposited_lines(ledger).await
    }

    async fn line_reference(&self, list: &str, n: i64) -> Found<Option<String>> {
        self.inner.line_reference(list, n).await
    }

    async fn open_exceptions(
        &self,
        ledger: &str,
        subject: &str,
    ) -> Found<Vec<(String, String, Option<String>)>> {
        self.inner.open_exceptions(ledger, subject).await
    }
}
