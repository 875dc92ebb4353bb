//! Closings of a Kasse's days: cut, filed, signed.
//!
//! Two small Changes make a closing (docs/ARCHITECTURE.md): the first cuts the log and opens the next day, the second
//! files the sums over what lies before the cut. What a crash leaves between them, the next run continues, here or in
//! another connector. A closing waits for statements and for their sequence, never for an open exception.

mod filing;
mod missing;

use std::collections::BTreeSet;

use jiff::civil::Date;

pub use self::missing::Missing;
use super::ports::{
    AuditQuery, CommitError, FiledStatement, ReadError, Sealed, StatementException, StoredClosing, Urgency,
};
use super::tenants::read_body;
use super::{App, ChangeError, MOST_ROUNDS};
use crate::domain::change::Change;
use crate::domain::closing::{
    Closing, Hold, Sheet, SignError, Signature, SignerRole, TotalsError, waits_for,
};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{ChangeId, LedgerId, Mint};
use crate::domain::record::{Body, ClosingCut, ClosingSigned, Record};
use crate::domain::resolution::PROGRAM;
use crate::domain::tenant::Kasse;
use crate::domain::text::is_invisible;

/// How long the name of a person may be.
const LONGEST_NAME: usize = 100;

/// What became of preparing a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    /// It is there, and may be signed.
    Prepared(Box<Closing>),
    /// It waits.
    Waits(Vec<Hold>),
    /// The day is closed already, or lies before the first record.
    Nothing,
}

/// What became of cutting the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cutting {
    /// It is cut for a closing that is to be filed.
    Cut {
        /// The closing.
        closing: Box<StoredClosing>,
        /// The revision of the row that guards it.
        rev: i64,
    },
    /// It waits.
    Waits(Vec<Hold>),
    /// There is nothing to cut.
    Nothing,
}

/// Why a closing could not be prepared, read or signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClosingError {
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No such Kasse.
    #[error("there is no Kasse «{0}»")]
    NoKasse(LedgerId),
    /// A day that is not over.
    #[error("{day} lies ahead: today is {today}")]
    Ahead {
        /// The day.
        day: Date,
        /// Today in Berlin.
        today: Date,
    },
    /// The calendar ends.
    #[error("the calendar of the Kasse has no day after {0}")]
    NoDayAfter(Date),
    /// Records that cannot be.
    #[error("the log of {ledger}: {why}; run audit verify")]
    Log {
        /// The ledger.
        ledger: LedgerId,
        /// What is wrong.
        why: String,
    },
    /// No such closing.
    #[error("{ledger} has no closing {number} that could be signed")]
    NoClosing {
        /// The ledger.
        ledger: LedgerId,
        /// The number.
        number: u64,
    },
    /// Something else was looked at than what would be signed.
    #[error("closing {number} has the digest {is}, not {told}: look at it again")]
    OtherDigest {
        /// The number.
        number: u64,
        /// Its digest.
        is: String,
        /// The one that was to be signed.
        told: String,
    },
    /// A name that cannot stand under a closing.
    #[error("«{0}» is no name: 1 to {LONGEST_NAME} characters, nothing that is not seen")]
    Person(String),
    /// It cannot be signed so.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A case could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl ClosingError {
    fn log(ledger: &LedgerId, why: &TotalsError) -> Self {
        Self::Log {
            ledger: ledger.clone(),
            why: why.to_string(),
        }
    }
}

/// The row that guards the closings of a ledger: one is cut or filed at a time.
fn guard(ledger: &LedgerId) -> String {
    format!("closing/{ledger}")
}

impl App {
    /// Prepares what is due this morning, for every Kasse; nothing before the hour of closing.
    ///
    /// # Errors
    /// Where the Kassen cannot be read. What is wrong with one Kasse keeps no other from closing.
    pub async fn prepare_closings(
        &self,
    ) -> Result<Vec<(LedgerId, Result<Preparation, ClosingError>)>, ClosingError> {
        let now = self.now();
        let mut done = Vec::new();
        if now.berlin_hour() < self.settings.closing_hour {
            return Ok(done);
        }
        for ledger in self.kassen().await? {
            let prepared = self.prepare_due(&ledger).await;
            done.push((ledger, prepared));
        }
        Ok(done)
    }

    /// Prepares what is due today for a Kasse.
    ///
    /// # Errors
    /// [`ClosingError`].
    pub async fn prepare_due(&self, ledger: &LedgerId) -> Result<Preparation, ClosingError> {
        let kasse = self.kasse(ledger).await?;
        match kasse.closing.due(self.now().berlin_day()) {
            Some(day) => self.prepare_closing(ledger, day).await,
            None => Ok(Preparation::Nothing),
        }
    }

    /// Prepares the closing of everything up to the end of a day, continuing what was cut before.
    ///
    /// # Errors
    /// [`ClosingError`].
    pub async fn prepare_closing(&self, ledger: &LedgerId, up_to: Date) -> Result<Preparation, ClosingError> {
        let kasse = self.kasse(ledger).await?;
        let mut prepared = Preparation::Nothing;
        for _ in 0..MOST_ROUNDS {
            let (cut, rev) = match self.cut_closing(ledger, up_to).await? {
                Cutting::Cut { closing, rev } => (closing, rev),
                Cutting::Waits(why) => return Ok(Preparation::Waits(why)),
                Cutting::Nothing => return Ok(prepared),
            };
            match self.file_closing(&kasse, &cut, rev).await {
                Ok(closing) => prepared = Preparation::Prepared(Box::new(closing)),
                // Another connector has filed it.
                Err(ClosingError::Commit(CommitError::Conflict)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// The first half of [`App::prepare_closing`]: cuts the log, unless it is cut already and the closing not filed.
    ///
    /// # Errors
    /// [`ClosingError`].
    pub async fn cut_closing(&self, ledger: &LedgerId, up_to: Date) -> Result<Cutting, ClosingError> {
        let kasse = self.kasse(ledger).await?;
        let today = self.now().berlin_day();
        if up_to > today {
            return Err(ClosingError::Ahead { day: up_to, today });
        }
        for _ in 0..MOST_ROUNDS {
            let rev = self.store.row_rev(&guard(ledger)).await?;
            let newest = self.store.closing(ledger, None).await?;
            if let Some(cut) = newest.as_ref().filter(|newest| newest.filed.is_none()) {
                let closing = Box::new(cut.clone());
                return Ok(Cutting::Cut { closing, rev });
            }
            let from = match &newest {
                Some(newest) => newest.to.tomorrow().ok(),
                None => self.first_day(ledger).await?,
            };
            let Some(from) = from.filter(|from| *from <= up_to) else {
                return Ok(Cutting::Nothing);
            };
            let since = newest.as_ref().map_or(0, |newest| newest.size);
            let holds = self.holds(&kasse, since, (from, up_to)).await?;
            if !holds.is_empty() {
                return Ok(Cutting::Waits(holds));
            }
            let calendar = kasse.closing.calendar();
            let cut = ClosingCut {
                number: newest.map_or(1, |newest| newest.number + 1),
                from,
                to: up_to,
                open: calendar.next(up_to).ok_or(ClosingError::NoDayAfter(up_to))?,
                // Given under the lock of the head.
                size: 0,
                root: [0; 32],
            };
            let change = self.record_change(ledger, (guard(ledger), rev), Body::ClosingCut(cut));
            match self.commit(change, Urgency::Bulk).await {
                // Read again: now it is cut.
                Ok(()) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// A filed closing with its signatures; the newest where no number is given.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn read_closing(
        &self,
        ledger: &LedgerId,
        number: Option<u64>,
    ) -> Result<Option<Closing>, ReadError> {
        let Some(stored) = self.store.closing(ledger, number).await? else {
            return Ok(None);
        };
        let Some(mut closing) = stored_body(ledger, &stored)? else {
            return Ok(None);
        };
        let signatures = self.store.closing_signatures(ledger, stored.number).await?;
        closing.signing.signatures = signatures;
        Ok(Some(closing))
    }

    /// Signs a closing: what has this digest, and nothing else.
    ///
    /// # Errors
    /// [`ClosingError`]: it is not there, is another one, waits, or needs no such signature.
    pub async fn sign_closing(
        &self,
        ledger: &LedgerId,
        number: u64,
        digest: [u8; 32],
        person: &str,
        role: SignerRole,
    ) -> Result<Closing, ClosingError> {
        let person = person.trim();
        let length = person.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || person.chars().any(is_invisible) {
            return Err(ClosingError::Person(person.to_owned()));
        }
        let row = format!("{}/{number}", guard(ledger));
        for _ in 0..MOST_ROUNDS {
            let rev = self.store.row_rev(&row).await?;
            let closing = self.read_closing(ledger, Some(number)).await?;
            let closing = closing.ok_or_else(|| ClosingError::NoClosing {
                ledger: ledger.clone(),
                number,
            })?;
            if closing.digest() != digest {
                return Err(ClosingError::OtherDigest {
                    number,
                    is: closing.digest_text(),
                    told: data_encoding::HEXLOWER.encode(&digest),
                });
            }
            // The log's time never goes backwards, a clock may.
            let at = self.now().max(closing.prepared_at);
            let who = person.to_owned();
            let signed = closing.sign(Signature {
                who: who.clone(),
                role,
                at,
            })?;
            let body = Body::ClosingSigned(ClosingSigned {
                number,
                digest,
                person: who,
                role,
            });
            let change = self.record_change(ledger, (row.clone(), rev), body);
            match self.commit(change, Urgency::Interactive).await {
                Ok(()) => return Ok(self.read_closing(ledger, Some(number)).await?.unwrap_or(signed)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    async fn kasse(&self, ledger: &LedgerId) -> Result<Kasse, ClosingError> {
        let object = self.store.tenant("kasse", ledger.as_str()).await?;
        let object = object.ok_or_else(|| ClosingError::NoKasse(ledger.clone()))?;
        Ok(read_body(&object)?)
    }

    /// A Change that writes one record, of a closing or of a file of postings.
    pub(super) fn record_change(&self, ledger: &LedgerId, row: (String, i64), body: Body) -> Sealed {
        let now = self.now();
        let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(now)).next_id()));
        change.ledger = Some(ledger.clone());
        change.guards.rows.push(row);
        change.effects.records.push((body, Vec::new()));
        Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        }
    }

    /// The booking day of a ledger's first record.
    async fn first_day(&self, ledger: &LedgerId) -> Result<Option<Date>, ClosingError> {
        let records = self.records(ledger, 0, 1).await?;
        Ok(records.first().map(|record| record.buchungstag))
    }

    /// Records of a ledger from a place on.
    async fn records(&self, ledger: &LedgerId, from: u64, limit: u64) -> Result<Vec<Record>, ClosingError> {
        let rows = self
            .store
            .audit_rows(AuditQuery::Records, ledger, from, limit)
            .await?;
        let unreadable = |why: String| ClosingError::Log {
            ledger: ledger.clone(),
            why,
        };
        rows.iter()
            .map(|row| {
                let bytes = row
                    .get("bytes")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default();
                let bytes = data_encoding::HEXLOWER
                    .decode(bytes.as_bytes())
                    .map_err(|error| unreadable(error.to_string()))?;
                Record::decode(&bytes).map_err(|error| unreadable(error.to_string()))
            })
            .collect()
    }

    /// The statements of a ledger, with what persons had said of them before a place of the log.
    async fn sheets(&self, ledger: &LedgerId, before: u64) -> Result<Vec<Sheet>, ReadError> {
        let gaps = self
            .store
            .statement_exceptions(ledger, ExceptionCode::StatementGap)
            .await?;
        let by_person = |gap: &&StatementException| {
            let resolved = gap.resolved.as_ref();
            resolved.is_some_and(|(person, position)| person != PROGRAM && *position < before)
        };
        let excused: BTreeSet<_> = gaps.iter().filter(by_person).map(|gap| gap.statement).collect();
        let filed = self.store.filed_statements(ledger, None).await?;
        let sheets = filed.into_iter().map(|filed| Sheet {
            excused: excused.contains(&filed.id),
            ..sheet(filed)
        });
        Ok(sheets.collect())
    }

    /// What a closing of these days would wait for.
    async fn holds(&self, kasse: &Kasse, since: u64, days: (Date, Date)) -> Result<Vec<Hold>, ClosingError> {
        let sheets = self.sheets(&kasse.id, u64::MAX).await?;
        let open: BTreeSet<_> = kasse.accounts.iter().map(|account| &account.iban).collect();
        let known: BTreeSet<_> = sheets.iter().map(|sheet| &sheet.account).collect();
        let mut holds = Vec::new();
        for iban in open.union(&known) {
            let of: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.account == **iban).collect();
            let counts = open.contains(iban) && (kasse.closing.every_account || !of.is_empty());
            holds.extend(waits_for(iban, &of, counts, since, days));
        }
        Ok(holds)
    }
}

fn sheet(filed: FiledStatement) -> Sheet {
    let page = filed.page.map(|page| format!("/{page}")).unwrap_or_default();
    let number = filed.number.map(|number| number.to_string());
    Sheet {
        id: filed.id,
        account: filed.account,
        position: filed.position,
        name: format!("{}{page}", number.unwrap_or(filed.bank_id)),
        first_day: filed.first_day,
        last_day: filed.last_day,
        opening: filed.opening,
        closing: filed.closing,
        header: filed.header,
        excused: false,
    }
}

/// What was filed of a closing; none while it is only cut.
fn stored_body(ledger: &LedgerId, stored: &StoredClosing) -> Result<Option<Closing>, ReadError> {
    let Some(filed) = &stored.filed else {
        return Ok(None);
    };
    let read = serde_json::from_str(&filed.body);
    read.map(Some).map_err(|error| ReadError::Row {
        table: "closing",
        column: "body",
        row: format!("{ledger}/{}", stored.number),
        why: error.to_string(),
    })
}
