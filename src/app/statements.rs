//! Statements of accounts are taken in: read piece by piece into staging, weighed on the way, and filed by one small
//! Change. What is in staging counts for nothing; a reading that a crash cut off goes on where it ended.
//!
//! The account says which Kasse a statement belongs to, and which format books. A notification (camt.054) is filed beside
//! them and opens batched lines (`details`). A statement that does not hold is
//! refused as a whole, and the others of its file go on.

mod staging;

use std::collections::BTreeMap;

use serde_json::json;

use super::ports::{Alike, CommitError, FiledStatement, Placed, ReadError, StagedWhole, Urgency};
use super::tenants::read_body;
use super::vault::VaultError;
use super::{App, MOST_ROUNDS, Sealed};
use crate::domain::change::Change;
use crate::domain::ids::{ChangeId, LedgerId, Mint, StatementId};
use crate::domain::record::{Body, StatementFiled};
use crate::domain::statement::guards::{self, Verdict};
use crate::domain::statement::header::{Days, Header};
use crate::domain::statement::identity::{
    Fingerprint, Identity, Placer, Relation, disjoint, in_another_format,
};
use crate::domain::statement::{Head, Iban, Piece, Role};
use crate::domain::tenant::{BankAccount, Kasse};
use staging::{Reading, Whole};

/// How many entries are placed at once.
const CHUNK: u32 = 1000;

/// Why taking statements in stopped. What was staged stays, and the same file goes on there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was staged is not all that was read. It was taken away again.
    #[error("{staged} of the statement's {entries} entries were staged: read the file again")]
    Incomplete {
        /// How many were read.
        entries: u64,
        /// How many are staged.
        staged: u64,
    },
    /// Personal data could not be encrypted.
    #[error("personal data: {0}")]
    Vault(#[from] VaultError),
}

/// What became of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it came from, for people.
    pub source: String,
    /// The account as the file names it; empty where it is not known.
    pub account: String,
    /// Number and page, or the bank's id, for people.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It counts from now on.
    Filed {
        /// What was filed.
        filed: Box<StatementFiled>,
        /// The Kasse.
        ledger: LedgerId,
        /// Whether it follows on the one before it, as far as that can be said.
        sequence: Box<Verdict>,
    },
    /// The same statement counts already.
    Known {
        /// Its id.
        id: StatementId,
    },
    /// It was read and books nothing.
    NotBooked {
        /// Why not.
        why: String,
    },
    /// It was read, and is of no account of a Kasse here.
    NoAccount {
        /// What to do.
        why: String,
    },
    /// Another connector has begun to read the same statement meanwhile, and goes on with it.
    Elsewhere,
    /// It is not taken.
    Refused {
        /// The entry, where it is about one.
        entry: Option<u32>,
        /// The line of the file.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// The accounts of all Kassen, by their numbers.
#[derive(Debug, Default)]
struct Accounts(BTreeMap<Iban, (LedgerId, BankAccount)>);

impl Accounts {
    /// The account that a statement names, as an IBAN or as `<BLZ>/<number>`.
    fn named(&self, text: &str) -> Option<(&Iban, &LedgerId, &BankAccount)> {
        let found = match Iban::parse(text) {
            Ok(iban) => self.0.get_key_value(&iban),
            Err(_) => {
                let (bank, number) = text.split_once('/')?;
                // A German IBAN is DE, check digits, the BLZ and the number with ten digits.
                let end = format!("{bank:0>8}{number:0>10}");
                self.0
                    .iter()
                    .find(|(iban, _)| iban.as_str().starts_with("DE") && iban.as_str()[4..] == end)
            }
        };
        found.map(|(iban, (ledger, account))| (iban, ledger, account))
    }
}

/// Takes statements in, piece by piece.
pub struct Intake<'a> {
    app: &'a App,
    accounts: Accounts,
    reading: Option<Reading>,
    /// A statement whose rest is passed over, with what became of it.
    passing: Option<Taken>,
}

impl App {
    /// The Kassen that are open.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn kassen(&self) -> Result<Vec<LedgerId>, ReadError> {
        let open = self.open_kassen().await?;
        Ok(open.into_iter().map(|kasse| kasse.id).collect())
    }

    pub(super) async fn open_kassen(&self) -> Result<Vec<Kasse>, ReadError> {
        let mut kassen = Vec::new();
        for object in self.store.tenants().await? {
            if object.kind == "kasse" && !object.closed {
                kassen.push(read_body(&object)?);
            }
        }
        Ok(kassen)
    }

    /// Begins to take statements in: of the accounts of one Kasse where it is named, else of all.
    ///
    /// # Errors
    /// Where the Kassen cannot be read.
    pub async fn begin_intake(&self, only: Option<&LedgerId>) -> Result<Intake<'_>, IntakeError> {
        let mut accounts = Accounts::default();
        let named = |kasse: &Kasse| only.is_none_or(|only| kasse.id == *only);
        for kasse in self.open_kassen().await?.into_iter().filter(named) {
            for account in kasse.accounts {
                accounts
                    .0
                    .insert(account.iban.clone(), (kasse.id.clone(), account));
            }
        }
        Ok(Intake {
            app: self,
            accounts,
            reading: None,
            passing: None,
        })
    }
}

impl Intake<'_> {
    /// Takes the next piece; at the end of a statement, what became of it.
    ///
    /// # Errors
    /// [`IntakeError`]: the store failed, and taking in must stop. What was staged stays.
    pub async fn take(&mut self, source: &str, piece: Piece) -> Result<Option<Taken>, IntakeError> {
        let ended = matches!(piece, Piece::Tail(_));
        match piece {
            Piece::Head(head) => {
                self.begin(source, &head).await?;
                Ok(None)
            }
            Piece::Refused(refusal) => {
                let (account, name) = match (self.reading.take(), self.passing.take()) {
                    (Some(reading), _) => {
                        self.app.store.discard_staging(reading.held()).await?;
                        (reading.account_text(), reading.name())
                    }
                    (None, Some(taken)) => (taken.account, taken.name),
                    (None, None) => (String::new(), String::new()),
                };
                Ok(Some(Taken {
                    source: source.to_owned(),
                    account,
                    name,
                    outcome: Outcome::Refused {
                        entry: refusal.entry,
                        line: refusal.place.line,
                        why: refusal.reason,
                    },
                }))
            }
            Piece::Tail(_) if self.passing.is_some() => Ok(self.passing.take()),
            piece => match &mut self.reading {
                None => Ok(None),
                Some(reading) => {
                    match reading.take(self.app, piece).await {
                        Ok(None) => Ok(None),
                        Ok(Some(whole)) => {
                            let reading = self.reading.take().expect("it is being read");
                            Ok(Some(self.app.conclude_statement(reading, whole).await?))
                        }
                        Err(IntakeError::Commit(CommitError::Conflict)) => {
                            let elsewhere = reading.taken(Outcome::Elsewhere);
                            self.reading = None;
                            // The end of a statement tells what became of it.
                            if ended {
                                return Ok(Some(elsewhere));
                            }
                            self.passing = Some(elsewhere);
                            Ok(None)
                        }
                        Err(error) => Err(error),
                    }
                }
            },
        }
    }

    /// The file ended in the middle of a statement, or nothing more is to be taken: what is staged stays for the next
    /// reading of the same file.
    pub fn end(self) {}

    async fn begin(&mut self, source: &str, head: &Head) -> Result<(), IntakeError> {
        let taken = |outcome| Taken {
            source: source.to_owned(),
            account: head.account.clone(),
            name: name(head),
            outcome,
        };
        self.reading = None;
        self.passing = None;
        let Some((iban, ledger, account)) = self.accounts.named(&head.account) else {
            self.passing = Some(taken(Outcome::NoAccount {
                why: no_account(&head.account),
            }));
            return Ok(());
        };
        if head.format != account.format.of() && head.format.role() != Role::Details {
            let books = account.format.of().as_str();
            let why = match head.format.role() {
                Role::Previews => "it is a preview, and never books".to_owned(),
                Role::Books | Role::Details => {
                    format!("this account is booked by {books}; nothing is booked twice")
                }
            };
            self.passing = Some(taken(Outcome::NotBooked { why }));
            return Ok(());
        }
        let begun = Reading::begin(self.app, source, head, ledger.clone(), iban.clone()).await?;
        self.reading = Some(begun);
        Ok(())
    }
}

fn no_account(named: &str) -> String {
    if named.is_empty() {
        "it does not say whose account it is of, so that nothing of it can be booked; get the file from the bank anew"
            .to_owned()
    } else {
        format!("{named} is no account of a Kasse here: add it to the Kasse as [[kasse.account]]")
    }
}

/// What a statement is called among people.
fn name(head: &Head) -> String {
    match head.sequence {
        Some(sequence) => match sequence.page {
            Some(page) => format!("{}/{page}", sequence.number),
            None => sequence.number.to_string(),
        },
        None => head.id.clone(),
    }
}

impl App {
    /// Files a statement that was read to its end, unless it does not hold or is known.
    async fn conclude_statement(&self, reading: Reading, whole: Whole) -> Result<Taken, IntakeError> {
        let held = reading.held();
        let filed = self
            .store
            .filed_statements(reading.ledger(), Some(reading.account()))
            .await?;
        let known = headers(&filed);
        let digest = self.store.filed_digest(reading.ledger(), &whole.digest).await?;
        if digest.is_none()
            && let Some(why) = refusal(&whole, &known)
        {
            self.store.discard_staging(held).await?;
            return Ok(reading.taken(Outcome::Refused {
                entry: None,
                line: reading.line(),
                why,
            }));
        }
        for _ in 0..MOST_ROUNDS {
            if let Some(id) = self.store.filed_digest(reading.ledger(), &whole.digest).await? {
                self.store.discard_staging(held).await?;
                return Ok(reading.taken(Outcome::Known { id }));
            }
            let row = format!("account/{}/{}", reading.ledger(), reading.account());
            let rev = self.store.row_rev(&row).await?;
            let filed = self
                .store
                .filed_statements(reading.ledger(), Some(reading.account()))
                .await?;
            let sequence = guards::sequence(&headers(&filed), &whole.header);
            let filed = match self.place(&reading, &whole, &filed, &sequence).await {
                Err(IntakeError::Commit(CommitError::Conflict)) => {
                    return Ok(reading.taken(Outcome::Elsewhere));
                }
                placed => placed?,
            };
            let now = self.now();
            let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(now)).next_id()));
            change.ledger = Some(reading.ledger().clone());
            change.guards.rows.push((row, rev));
            change.guards.rows.push((held.name(), held.number));
            change
                .effects
                .records
                .push((Body::Statement(filed.clone()), Vec::new()));
            let sealed = Sealed {
                change,
                new_key: None,
                personal: Vec::new(),
            };
            match self.commit(sealed, Urgency::Bulk).await {
                Ok(()) => {
                    return Ok(reading.taken(Outcome::Filed {
                        filed: Box::new(filed),
                        ledger: reading.ledger().clone(),
                        sequence: Box::new(sequence),
                    }));
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// Finds out which entries no earlier statement has, and completes staging.
    async fn place(
        &self,
        reading: &Reading,
        whole: &Whole,
        filed: &[FiledStatement],
        sequence: &Verdict,
    ) -> Result<StatementFiled, IntakeError> {
        let id = reading.id();
        let overlapping: BTreeMap<StatementId, bool> = filed
            .iter()
            .map(|filed| (filed.id, !disjoint(&filed.header, &whole.header)))
            .collect();
        let mut after = 0;
        loop {
            let entries = self.store.staged_fingerprints(id, after, CHUNK).await?;
            let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) else {
                break;
            };
            let fingerprints: Vec<[u8; 32]> = entries.iter().map(|(_, fingerprint)| *fingerprint).collect();
            let alike = self.store.alike(id, *first, &fingerprints).await?;
            let mut placer = placer(id, &alike, &overlapping);
            let placed: Vec<Placed> = entries
                .iter()
                .map(|(n, fingerprint)| {
                    let occurrence = placer.place(Fingerprint::from_bytes(*fingerprint));
                    Placed {
                        n: *n,
                        ordinal: occurrence.identity.ordinal,
                        fresh: occurrence.new,
                    }
                })
                .collect();
            self.store.place_staged(reading.held(), &placed).await?;
            after = *last;
        }
        let (first_day, last_day) = reading.days(whole);
        let guards = json!({"balance": whole.weighed.balance, "details": whole.weighed.details,
            "stated": whole.weighed.stated, "currency": whole.weighed.currency, "sequence": sequence});
        let entries = reading.entries();
        let staged = StagedWhole {
            first_day,
            last_day,
            closing: whole.header.closing.map(|closing| closing.cents),
            entries,
            header: whole.header.clone(),
            guards: guards.to_string(),
        };
        let fresh = self.store.finish_staging(reading.held(), &staged).await?;
        if fresh.staged != entries {
            self.store.discard_staging(reading.held()).await?;
            let staged = fresh.staged;
            return Err(IntakeError::Incomplete { entries, staged });
        }
        Ok(StatementFiled {
            id,
            account: reading.account().clone(),
            format: whole.header.format.as_str().to_owned(),
            bank_id: reading.bank_id(),
            number: whole.header.sequence.map(|sequence| sequence.number),
            page: whole.header.sequence.and_then(|sequence| sequence.page),
            first_day,
            last_day,
            opening: whole.header.opening.map(|opening| opening.cents),
            closing: whole.header.closing.map(|closing| closing.cents),
            entries: reading.entries(),
            fresh: fresh.entries,
            credits: fresh.credits,
            debits: fresh.debits,
            digest: whole.digest,
        })
    }
}

fn headers(filed: &[FiledStatement]) -> Vec<Header> {
    filed.iter().map(|filed| filed.header.clone()).collect()
}

fn placer(own: StatementId, alike: &[Alike], overlapping: &BTreeMap<StatementId, bool>) -> Placer {
    let mut placer = Placer::default();
    let mut begun: BTreeMap<[u8; 32], u32> = BTreeMap::new();
    for known in alike {
        if known.statement == own {
            *begun.entry(known.fingerprint).or_default() += 1;
            continue;
        }
        let relation = match overlapping.get(&known.statement) {
            Some(false) => Relation::Disjoint,
            Some(true) | None => Relation::Overlapping,
        };
        let identity = Identity {
            fingerprint: Fingerprint::from_bytes(known.fingerprint),
            ordinal: known.ordinal,
        };
        placer.know(identity, relation);
    }
    for (fingerprint, count) in begun {
        placer.begun(Fingerprint::from_bytes(fingerprint), count);
    }
    placer
}

/// Why a statement is not taken, in German with the English beside it.
fn refusal(whole: &Whole, known: &[Header]) -> Option<String> {
    let broken = whole
        .weighed
        .guards()
        .into_iter()
        .find_map(|(_, verdict)| match verdict {
            Verdict::Broken { why } => Some(format!("{} / {}", why.german(), why.english())),
            Verdict::Held | Verdict::NotApplicable { .. } => None,
        });
    if broken.is_some() {
        return broken;
    }
    if let Some(currency) = whole
        .header
        .currency
        .as_deref()
        .filter(|currency| *currency != "EUR")
    {
        return Some(format!("the account is kept in {currency}; the books are in EUR"));
    }
    if let Some(other) = in_another_format(known, &whole.header) {
        let (theirs, ours) = (other.format.as_str(), whole.header.format.as_str());
        return Some(format!(
            "these days are booked from {theirs} already; {ours} would book the same payments again. Say in the \
             tenants file which format books, and begin with a day that no statement covers yet"
        ));
    }
    match whole.header.days {
        Days::Unknown => Some("an entry says no day".to_owned()),
        Days::Nothing | Days::Between(..) => None,
    }
}
