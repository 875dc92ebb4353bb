//! One statement on its way into staging, in chunks.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{IntakeError, Outcome, Taken};
use crate::app::ports::{
    CommitError, Held, NewStatement, SealedPersonal, Staged, StagedDetail, StagedEntry, SubjectKey,
};
use crate::app::vault::CaseKey;
use crate::app::{App, MOST_ROUNDS};
use crate::domain::ids::{LedgerId, Mint, PersonalId, StatementId};
use crate::domain::statement::guards::{Scales, Weighed};
use crate::domain::statement::header::{Days, Header, day_of};
use crate::domain::statement::identity::{StatementDigest, fingerprint};
use crate::domain::statement::{Detail, Entry, Head, Iban, Piece, Status, Tail};

/// How many payments are staged at once.
const CHUNK: usize = 500;

/// A statement that is being read.
pub(super) struct Reading {
    new: NewStatement,
    staged: Staged,
    account_text: String,
    name: String,
    line: u64,
    period: Option<(Date, Date)>,
    header: Header,
    scales: Scales,
    digest: Option<StatementDigest>,
    open: Option<Open>,
    chunk: Vec<StagedEntry>,
    waiting: usize,
    entries: u64,
}

/// The entry whose payments are being told.
struct Open {
    entry: Box<Entry>,
    /// Its fingerprint, once its first payment is known.
    told: bool,
    /// Whether it is to be staged: booked, and not there yet.
    wanted: bool,
    key: Option<(CaseKey, SubjectKey)>,
    details: Vec<StagedDetail>,
    fingerprint: [u8; 32],
    /// Whether a part of it was staged already.
    begun: bool,
}

/// A statement that was read to its end.
pub(super) struct Whole {
    pub(super) header: Header,
    pub(super) weighed: Weighed,
    pub(super) digest: [u8; 32],
}

impl Reading {
    pub(super) async fn begin(
        app: &App,
        source: &str,
        head: &Head,
        ledger: LedgerId,
        account: Iban,
    ) -> Result<Self, IntakeError> {
        let now = app.now();
        let new = NewStatement {
            id: StatementId(app.ids.uuid(now)),
            ledger,
            account,
            format: head.format,
            bank_id: head.id.chars().filter(|c| *c != '\0').collect(),
            number: head.sequence.map(|sequence| sequence.number),
            page: head.sequence.and_then(|sequence| sequence.page),
            head_key: head_key(head),
            at: now,
            file: source.to_owned(),
            opening: head.opening.as_ref().map(|opening| opening.cents),
        };
        let staged = begin_staging(app, &new).await?;
        Ok(Self {
            staged,
            account_text: head.account.clone(),
            name: super::name(head),
            line: head.place.line,
            period: head.period,
            header: Header::begin(head),
            scales: begun(head),
            digest: Some(StatementDigest::begin(head)),
            open: None,
            chunk: Vec::new(),
            waiting: 0,
            entries: 0,
            new,
        })
    }

    pub(super) const fn id(&self) -> StatementId {
        self.staged.held.id
    }

    pub(super) const fn held(&self) -> Held {
        self.staged.held
    }

    pub(super) const fn ledger(&self) -> &LedgerId {
        &self.new.ledger
    }

    pub(super) const fn account(&self) -> &Iban {
        &self.new.account
    }

    /// What became of it.
    pub(super) fn taken(&self, outcome: Outcome) -> Taken {
        Taken {
            source: self.new.file.clone(),
            account: self.account_text.clone(),
            name: self.name.clone(),
            outcome,
        }
    }

    pub(super) fn account_text(&self) -> String {
        self.account_text.clone()
    }

    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    pub(super) fn bank_id(&self) -> String {
        self.new.bank_id.clone()
    }

    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    /// The first and last day that it covers: those of its entries, else of its period or balances.
    pub(super) fn days(&self, whole: &Whole) -> (Date, Date) {
        let day = whole.header.day.unwrap_or_else(|| self.new.at.berlin_day());
        match whole.header.days {
            Days::Between(first, last) => {
                let (from, to) = self.period.unwrap_or((first, last));
                (first.min(from), last.max(to))
            }
            Days::Nothing | Days::Unknown => self.period.unwrap_or((day, day)),
        }
    }

    /// Takes a piece; at the tail, what the statement is as a whole.
    pub(super) async fn take(&mut self, app: &App, piece: Piece) -> Result<Option<Whole>, IntakeError> {
        let weighed = self.scales.weigh(&piece);
        match piece {
            Piece::Entry(entry) => {
                self.close_entry();
                self.open_entry(entry);
            }
            Piece::Detail(detail) => self.detail(app, &detail),
            Piece::Tail(tail) => {
                self.close_entry();
                self.flush(app).await?;
                return Ok(weighed.map(|weighed| self.whole(&tail, weighed)));
            }
            Piece::Head(_) | Piece::Refused(_) => {}
        }
        if self.waiting >= CHUNK {
            self.cut_entry();
            self.flush(app).await?;
        }
        Ok(None)
    }

    fn whole(&mut self, tail: &Tail, weighed: Weighed) -> Whole {
        let digest = self.digest.take().expect("a statement has one tail");
        Whole {
            header: self.header.clone().end(tail),
            weighed,
            digest: digest.end(tail),
        }
    }

    fn open_entry(&mut self, entry: Box<Entry>) {
        self.header.entry(&entry);
        let booked = entry.status == Status::Booked;
        self.entries += u64::from(booked);
        self.open = Some(Open {
            wanted: booked && entry.ordinal > self.staged.entries && day_of(&entry).is_some(),
            told: false,
            key: None,
            details: Vec::new(),
            fingerprint: [0; 32],
            begun: false,
            entry,
        });
    }

    fn detail(&mut self, app: &App, detail: &Detail) {
        let account = self.new.account.as_str().to_owned();
        let Some(open) = &mut self.open else { return };
        if !open.told {
            open.told = true;
            let print = fingerprint(&account, &open.entry, Some(detail));
            open.fingerprint = *print.bytes();
            let status = open.entry.status;
            if let Some(digest) = &mut self.digest {
                digest.entry(print, status);
            }
        }
        if let Some(digest) = &mut self.digest {
            digest.detail(detail);
        }
        if !open.wanted {
            return;
        }
        let whole = open.entry.direction.signed(open.entry.cents);
        let cents = match detail.cents {
            Some(cents) => detail.direction.signed(cents),
            // A batched line that tells no amounts counts as one payment.
            None if open.details.is_empty() && !open.begun => whole,
            None => return,
        };
        let now = app.now();
        if open.key.is_none() {
            let subject = app.ids.uuid(now);
            let (key, wrapped) = app.vault.new_key(&*app.ids);
            open.key = Some((key, SubjectKey { subject, wrapped }));
        }
        let Some((key, subject)) = &open.key else { return };
        let mut entry = (*open.entry).clone();
        if detail.ordinal > 1 {
            entry.raw.clear();
        }
        let plain = serde_json::json!({"entry": entry, "detail": detail}).to_string();
        // What no database takes is not worth refusing a statement for; the raw text keeps a mark of it.
        let plain = plain.replace("\\u0000", "\u{fffd}");
        let id = PersonalId(Mint::new(app.ids.uuid(now)).next_id());
        let (sealed, hmac) = key.seal(id, plain.as_bytes(), &*app.ids);
        open.details.push(StagedDetail {
            n: detail.ordinal,
            cents,
            personal: SealedPersonal {
                id,
                subject: subject.subject,
                class: "statement",
                sealed,
                hmac,
            },
        });
        self.waiting += 1;
    }

    /// The entry is told to its end.
    fn close_entry(&mut self) {
        self.cut_entry();
        if let Some(open) = self.open.take()
            && !open.told
        {
            let print = fingerprint(self.new.account.as_str(), &open.entry, None);
            if let Some(digest) = &mut self.digest {
                digest.entry(print, open.entry.status);
            }
        }
    }

    /// Puts what is known of the entry so far into the chunk.
    fn cut_entry(&mut self) {
        let Some(open) = &mut self.open else { return };
        let Some((_, subject)) = &open.key else { return };
        let Some(day) = day_of(&open.entry) else { return };
        if open.details.is_empty() {
            return;
        }
        self.chunk.push(StagedEntry {
            n: open.entry.ordinal,
            cents: open.entry.direction.signed(open.entry.cents),
            booked_on: day,
            valued_on: open.entry.valued_on,
            fingerprint: open.fingerprint,
            details: std::mem::take(&mut open.details),
            key: subject.clone(),
            continued: open.begun,
        });
        open.begun = true;
    }

    async fn flush(&mut self, app: &App) -> Result<(), IntakeError> {
        if !self.chunk.is_empty() {
            let chunk = std::mem::take(&mut self.chunk);
            app.store
                .stage(&self.new.ledger, self.staged.held, &chunk)
                .await?;
        }
        self.waiting = 0;
        Ok(())
    }
}

/// Begins, or goes on where an earlier reading ended. Should the same statement be filed at this moment, the next round
/// begins anew.
async fn begin_staging(app: &App, new: &NewStatement) -> Result<Staged, CommitError> {
    for _ in 0..MOST_ROUNDS {
        match app.store.begin_staging(new).await {
            Err(CommitError::Conflict) => {}
            begun => return begun,
        }
    }
    Err(CommitError::Busy)
}

fn begun(head: &Head) -> Scales {
    let mut scales = Scales::default();
    let nothing = scales.weigh(&Piece::Head(Box::new(head.clone())));
    drop(nothing);
    scales
}

/// What tells a statement again while it is read: everything that its head says, but where it stands in the file.
fn head_key(head: &Head) -> [u8; 32] {
    let told = Head {
        place: crate::domain::statement::Place::default(),
        ..head.clone()
    };
    let text = serde_json::to_vec(&told).expect("plain values become JSON");
    Sha256::digest(&text).into()
}
