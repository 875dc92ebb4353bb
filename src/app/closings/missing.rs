//! What is missing on statements is named each morning: money that was told and has not arrived in time, and statements
//! that do not follow on each other. Both resolve themselves when it is there.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ClosingError, Sheet};
use crate::app::ports::{CommitError, Sealed, Unarrived, Urgency};
use crate::app::{App, ChangeError, MOST_ROUNDS};
use crate::domain::change::{Change, OnceKey};
use crate::domain::closing::gaps;
use crate::domain::decide::not_arrived;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ChangeId, ExceptionId, LedgerId, Mint, StatementId};
use crate::domain::record::{Body, ExceptionOpened};
use crate::domain::resolution::by_program;
use crate::domain::subject::Subject;
use crate::domain::tenant::Kasse;

/// How many attempts are read at once.
const PAGE: u32 = 2000;

/// What a look for what is missing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing {
    /// Payments that no statement shows in due time.
    pub payments: u64,
    /// Statements that do not follow on the one before.
    pub gaps: u64,
    /// Gaps that have been filled.
    pub filled: u64,
}

impl App {
    /// Names what is missing on the statements of every Kasse; nothing before the hour of closing.
    ///
    /// # Errors
    /// Where the Kassen cannot be read. What is wrong with one Kasse keeps no other from being looked at.
    pub async fn name_missing(&self) -> Result<Vec<(LedgerId, Result<Missing, ClosingError>)>, ClosingError> {
        let mut done = Vec::new();
        if self.now().berlin_hour() < self.settings.closing_hour {
            return Ok(done);
        }
        for ledger in self.kassen().await? {
            let missing = self.name_missing_of(&ledger).await;
            done.push((ledger, missing));
        }
        Ok(done)
    }

    /// Names what is missing on the statements of a Kasse. A Kasse without accounts has no statements, and misses nothing.
    ///
    /// # Errors
    /// [`ClosingError`]; what was named before stays.
    pub async fn name_missing_of(&self, ledger: &LedgerId) -> Result<Missing, ClosingError> {
        let kasse = self.kasse(ledger).await?;
        let mut missing = Missing::default();
        if kasse.accounts.is_empty() {
            return Ok(missing);
        }
        let sheets = self.sheets(ledger, u64::MAX).await?;
        self.name_gaps(ledger, &sheets, &mut missing).await?;
        let covered = sheets.iter().map(|sheet| sheet.last_day).max();
        let mut after = AttemptId(uuid::Uuid::nil());
        loop {
            let page = self.store.unarrived(ledger, self.now(), after, PAGE).await?;
            for of in page.iter().filter(|of| self.is_over(&kasse, of, covered)) {
                if self.name_unarrived(of).await? {
                    missing.payments += 1;
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = last.attempt,
                _ => return Ok(missing),
            }
        }
    }

    /// Whether the time is over in which money should have arrived: the statement of the last day is there, or would be on
    /// any account that is not quiet.
    fn is_over(&self, kasse: &Kasse, of: &Unarrived, covered: Option<Date>) -> bool {
        let told_on = of.told_at.berlin_day();
        let by = kasse.closing.arrives_by(told_on, of.method.as_ref());
        let given_up = kasse.closing.given_up_by(told_on, of.method.as_ref());
        let today = self.now().berlin_day();
        of.cents.is_positive() && (covered.is_some_and(|covered| covered >= by) || today > given_up)
    }

    async fn name_unarrived(&self, of: &Unarrived) -> Result<bool, ClosingError> {
        for _ in 0..MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(of.case).await?;
            let change = not_arrived(&mut ctx, &snapshot.case, of.attempt);
            if change.is_quiet() {
                return Ok(false);
            }
            if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
                return Ok(true);
            }
        }
        Err(ChangeError::Contended.into())
    }

    async fn name_gaps(
        &self,
        ledger: &LedgerId,
        sheets: &[Sheet],
        missing: &mut Missing,
    ) -> Result<(), ClosingError> {
        let mut accounts: BTreeMap<_, Vec<&Sheet>> = BTreeMap::new();
        for sheet in sheets {
            accounts.entry(&sheet.account).or_default().push(sheet);
        }
        let broken: Vec<StatementId> = accounts.values().flat_map(|sheets| gaps(sheets)).collect();
        let known = self
            .store
            .statement_exceptions(ledger, ExceptionCode::StatementGap)
            .await?;
        for statement in &broken {
            if known.iter().all(|gap| gap.statement != *statement)
                && self.name_gap(ledger, *statement).await?
            {
                missing.gaps += 1;
            }
        }
        for gap in known.iter().filter(|gap| gap.resolved.is_none()) {
            if !broken.contains(&gap.statement) && self.fill_gap(ledger, gap.id, gap.statement).await? {
                missing.filled += 1;
            }
        }
        Ok(())
    }

    /// Names a gap once, whoever else looks.
    async fn name_gap(&self, ledger: &LedgerId, statement: StatementId) -> Result<bool, ClosingError> {
        let mut mint = Mint::new(self.ids.uuid(self.now()));
        let mut change = Change::bare(ChangeId(mint.next_id()));
        change.guards.keys.push(OnceKey {
            scope: format!("gap/{ledger}"),
            key: statement.to_string(),
            subject: statement.to_string(),
        });
        let opened = ExceptionOpened {
            id: ExceptionId(mint.next_id()),
            code: ExceptionCode::StatementGap,
            subject: Subject::Statement(statement),
            cents: None,
        };
        self.write_missing(ledger, change, Body::Exception(opened)).await
    }

    /// The statement that was missing is there.
    async fn fill_gap(
        &self,
        ledger: &LedgerId,
        gap: ExceptionId,
        statement: StatementId,
    ) -> Result<bool, ClosingError> {
        let row = format!("exception/{gap}");
        let rev = self.store.row_rev(&row).await?;
        // The list was read before the guard: what a person has resolved since stays as it is.
        let now = self.store.exception(ledger, gap).await?;
        if now.is_none_or(|now| now.resolved) {
            return Ok(false);
        }
        let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(self.now())).next_id()));
        change.guards.rows.push((row, rev));
        let why = format!("statement/{statement}");
        self.write_missing(ledger, change, Body::Resolution(by_program(gap, why)))
            .await
    }

    /// `false`: somebody else was faster.
    async fn write_missing(
        &self,
        ledger: &LedgerId,
        mut change: Change,
        body: Body,
    ) -> Result<bool, ClosingError> {
        change.ledger = Some(ledger.clone());
        change.effects.records.push((body, Vec::new()));
        let sealed = Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        match self.commit(sealed, Urgency::Bulk).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
