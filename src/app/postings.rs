//! Files of bookings for the cash system of a Kasse: made, fetched, withdrawn.
//!
//! A file covers what closings cover, and nothing of an open day: its days get no further booking, and its sums can be laid
//! beside those of the closings. It is made by one Change, guarded by the row `postings/<ledger>`, so that of two connectors
//! one gives the number; its bytes are stored and never written again. Which bookings go out, and which of them into the
//! next file, is decided in `domain/hkr`.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::ports::{
    CommitError, PostingLine, PostingOrder, ReadError, StoredPostingFile, Urgency, WhichLines,
    WrittenPostings,
};
use super::tenants::read_body;
use super::vault::VaultError;
use super::{App, MOST_ROUNDS};
use crate::domain::change::{Change, Personal, PostingWork};
use crate::domain::hkr::{LineId, Posting, Reach, Totals, choose, lines_digest};
use crate::domain::ids::{ChangeId, ClientId, LedgerId, PersonalId, RouteKey};
use crate::domain::record::{Body, PostingFile, PostingWithdrawn};
use crate::domain::resolution::{PROGRAM, Role};
use crate::domain::tenant::{Authority, Client, Environment, HkrRules, Kasse, Route};

/// How many lines a file has at the most; a further file has the next ones.
pub const MOST_LINES: usize = 20_000;
/// How many places of the log are read at once.
const CHUNK: u64 = 2000;
/// How many withdrawn lines are read at once: more than a file takes, so that no booking is cut in two.
const MOST_AGAIN: usize = MOST_LINES + 1000;
/// The longest reason, in characters.
const REASON: usize = 2000;

/// Why there is no file, or it cannot be withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum PostingError {
    /// No such Kasse.
    #[error("there is no Kasse «{0}»")]
    NoKasse(LedgerId),
    /// No real money moves there.
    #[error(
        "{0} is a Kasse of the TEST environment: no real money moved, and nothing of it goes to a cash system; \
         `postings preview` shows what a file would be"
    )]
    Test(LedgerId),
    /// Only such Kassen have previews.
    #[error("{0} is a Kasse of real money: its bookings go out under a number, `postings export` gives it")]
    NoPreview(LedgerId),
    /// It does not say what goes to its cash system.
    #[error("{0} does not say what goes to its cash system: give it [kasse.hkr] in the tenants file")]
    NoRules(LedgerId),
    /// The template cannot write it.
    #[error("file {number} of {ledger} cannot be written, and nothing was sent: {why}")]
    Write {
        /// The ledger.
        ledger: LedgerId,
        /// The number that it would have.
        number: u64,
        /// What is wrong.
        why: String,
    },
    /// No such file.
    #[error("{ledger} has no file {number}; `postings list` shows them")]
    NoFile {
        /// The ledger.
        ledger: LedgerId,
        /// The number.
        number: u64,
    },
    /// A line that the file does not have, or no longer.
    #[error("line {line} is not in file {number}, or withdrawn already")]
    NoLine {
        /// The file.
        number: u64,
        /// The line.
        line: LineId,
    },
    /// All of it is withdrawn.
    #[error("file {0} is withdrawn already")]
    Withdrawn(u64),
    /// No such person.
    #[error("there is no person «{0}» among the clients of the tenants file")]
    Nobody(ClientId),
    /// Not this person.
    #[error("«{0}» has neither the role kasse nor kassenverwalter for an authority of this Kasse")]
    Role(ClientId),
    /// A reason is missing, or too long.
    #[error("a reason of 1 to {REASON} characters is needed")]
    Reason,
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The reason cannot be encrypted.
    #[error("personal data: {0}")]
    Vault(#[from] VaultError),
}

/// What is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Whose file.
    pub ledger: LedgerId,
    /// Its number.
    pub number: u64,
    /// Which lines; all that still count, where none is named.
    pub lines: BTreeSet<LineId>,
    /// Who.
    pub person: ClientId,
    /// Why.
    pub reason: String,
}

/// The row that guards the files of a ledger: one is made or withdrawn at a time.
fn guard(ledger: &LedgerId) -> String {
    format!("postings/{ledger}")
}

/// What goes into the next file.
struct Next {
    from: u64,
    to: u64,
    lines: Vec<LineId>,
    postings: Vec<Posting>,
}

impl App {
    /// Makes the files of everything that is closed and in no file that counts; none where there is nothing. `person`
    /// makes them, or the program itself.
    ///
    /// # Errors
    /// [`PostingError`]. Files that were made before it stay.
    pub async fn export_postings(
        &self,
        ledger: &LedgerId,
        person: Option<&ClientId>,
    ) -> Result<Vec<StoredPostingFile>, PostingError> {
        let (kasse, rules) = self.kasse_with_rules(ledger).await?;
        if kasse.environment == Environment::Test {
            return Err(PostingError::Test(ledger.clone()));
        }
        if let Some(person) = person {
            self.works_in_the_kasse(person, ledger).await?;
        }
        let mut made = Vec::new();
        let mut conflicts = 0;
        while conflicts < MOST_ROUNDS {
            let row = guard(ledger);
            let rev = self.store.row_rev(&row).await?;
            let (newest, passed) = self.store.posting_reach(ledger).await?;
            let number = newest + 1;
            let Some(next) = self.next_file(ledger, &rules, passed).await? else {
                return Ok(made);
            };
            let written = self.write(&kasse, &rules, number, &next.postings, false)?;
            let file = record(number, &rules, &next, &written, person);
            let mut sealed = self.record_change(ledger, (row, rev), Body::PostingFile(file));
            sealed.change.effects.postings = Some(PostingWork {
                lines: next.lines,
                content: written.content,
            });
            match self.commit(sealed, Urgency::Bulk).await {
                Ok(()) => made.extend(self.store.posting_files(ledger, Some(number)).await?),
                // Somebody else was faster: what is left goes into the next file.
                Err(CommitError::Conflict) => conflicts += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// What the next file of a Kasse of the TEST environment would be, marked as such and stored nowhere; none where there
    /// is nothing.
    ///
    /// # Errors
    /// [`PostingError`].
    pub async fn preview_postings(&self, ledger: &LedgerId) -> Result<Option<WrittenPostings>, PostingError> {
        let (kasse, rules) = self.kasse_with_rules(ledger).await?;
        if kasse.environment != Environment::Test {
            return Err(PostingError::NoPreview(ledger.clone()));
        }
        let next = self.next_file(ledger, &rules, 0).await?;
        next.map(|next| self.write(&kasse, &rules, 1, &next.postings, true))
            .transpose()
    }

    /// Makes the files that a Kasse wants as soon as a day is closed. `after` is the closing for which that was done; the
    /// newest closing where something was to do.
    ///
    /// # Errors
    /// [`PostingError`].
    pub async fn export_with_closing(
        &self,
        ledger: &LedgerId,
        after: Option<u64>,
    ) -> Result<Option<(u64, Vec<StoredPostingFile>)>, PostingError> {
        let kasse = self.kasse_of_postings(ledger).await?;
        let wanted = kasse.hkr.is_some_and(|rules| rules.with_closing);
        if !wanted || kasse.environment == Environment::Test {
            return Ok(None);
        }
        match self.newest_closing(ledger).await? {
            Some((number, _)) if after.is_none_or(|after| after < number) => {
                Ok(Some((number, self.export_postings(ledger, None).await?)))
            }
            _ => Ok(None),
        }
    }

    /// Withdraws a file, or lines of it: they go out again with the next file. The file stays as it was.
    ///
    /// # Errors
    /// [`PostingError`]; nothing has changed then.
    pub async fn withdraw_postings(&self, of: &Withdrawal) -> Result<StoredPostingFile, PostingError> {
        let (ledger, number) = (&of.ledger, of.number);
        let reason = of.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON || reason.contains('\0') {
            return Err(PostingError::Reason);
        }
        self.works_in_the_kasse(&of.person, ledger).await?;
        for _ in 0..MOST_ROUNDS {
            let row = guard(ledger);
            let rev = self.store.row_rev(&row).await?;
            self.posting_file(ledger, number).await?;
            let counting = self.store.lines_of_file(ledger, number, true).await?;
            if let Some(line) = of.lines.iter().find(|line| counting.binary_search(line).is_err()) {
                return Err(PostingError::NoLine { number, line: *line });
            }
            let lines: Vec<LineId> = if of.lines.is_empty() {
                counting
            } else {
                of.lines.iter().copied().collect()
            };
            if lines.is_empty() {
                return Err(PostingError::Withdrawn(number));
            }
            let mut ctx = self.ctx(ledger);
            let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
            change.ledger = Some(ledger.clone());
            change.guards.rows.push((row, rev));
            let personal = PersonalId(ctx.mint.next_id());
            change.effects.personal.push(Personal {
                id: personal,
                class: "reason",
                plain: reason.as_bytes().to_vec(),
            });
            let withdrawn = PostingWithdrawn {
                number,
                lines: lines.len() as u64,
                lines_digest: lines_digest(&lines),
                person: of.person.to_string(),
            };
            let body = Body::PostingWithdrawn(withdrawn);
            change.effects.records.push((body, vec![personal]));
            change.effects.postings = Some(PostingWork {
                lines,
                content: Vec::new(),
            });
            let sealed = self.seal(change, ctx.mint.next_id(), None)?;
            match self.commit(sealed, Urgency::Interactive).await {
                Ok(()) => return self.posting_file(ledger, number).await,
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// A file, without its bytes.
    ///
    /// # Errors
    /// [`PostingError::NoFile`], or where the store cannot be read.
    pub async fn posting_file(
        &self,
        ledger: &LedgerId,
        number: u64,
    ) -> Result<StoredPostingFile, PostingError> {
        let found = self.store.posting_files(ledger, Some(number)).await?;
        found.into_iter().next().ok_or_else(|| PostingError::NoFile {
            ledger: ledger.clone(),
            number,
        })
    }

    async fn kasse_of_postings(&self, ledger: &LedgerId) -> Result<Kasse, PostingError> {
        let object = self.store.tenant("kasse", ledger.as_str()).await?;
        let object = object.ok_or_else(|| PostingError::NoKasse(ledger.clone()))?;
        Ok(read_body(&object)?)
    }

    async fn kasse_with_rules(&self, ledger: &LedgerId) -> Result<(Kasse, HkrRules), PostingError> {
        let kasse = self.kasse_of_postings(ledger).await?;
        match kasse.hkr.clone() {
            Some(rules) => Ok((kasse, rules)),
            None if kasse.environment == Environment::Test => Err(PostingError::Test(ledger.clone())),
            None => Err(PostingError::NoRules(ledger.clone())),
        }
    }

    /// That a person works in the cash office, for any authority of the Kasse.
    ///
    /// # Errors
    /// [`PostingError::Nobody`], [`PostingError::Role`], or where the store cannot be read.
    pub async fn works_in_the_kasse(&self, person: &ClientId, ledger: &LedgerId) -> Result<(), PostingError> {
        let client = self.client(person).await?;
        let client = client.ok_or_else(|| PostingError::Nobody(person.clone()))?;
        for object in self.store.tenants().await? {
            if object.kind != "authority" || object.ledger.as_ref() != Some(ledger) {
                continue;
            }
            let authority: Authority = read_body(&object)?;
            if has_role(&client, &authority) {
                return Ok(());
            }
        }
        Err(PostingError::Role(person.clone()))
    }

    /// The number and the size of the newest closing that was filed.
    async fn newest_closing(&self, ledger: &LedgerId) -> Result<Option<(u64, u64)>, ReadError> {
        let Some(newest) = self.store.closing(ledger, None).await? else {
            return Ok(None);
        };
        let filed = match (newest.filed.is_some(), newest.number.checked_sub(1)) {
            (true, _) => Some(newest),
            // It is cut, and its sums are not filed yet.
            (false, Some(before)) => self.store.closing(ledger, Some(before)).await?,
            (false, None) => None,
        };
        Ok(filed.map(|filed| (filed.number, filed.size)))
    }

    async fn next_file(
        &self,
        ledger: &LedgerId,
        rules: &HkrRules,
        passed: u64,
    ) -> Result<Option<Next>, PostingError> {
        let closed = self.newest_closing(ledger).await?.map_or(0, |(_, size)| size);
        let (mut lines, read) = self.lines_that_go_out(ledger, passed, closed).await?;
        let days: Vec<_> = lines
            .iter()
            .map(|line| (line.candidate.id, line.candidate.day))
            .collect();
        let reach = Reach {
            passed,
            read,
            most: MOST_LINES,
        };
        let chosen = choose(&days, reach, |day| self.postings.business_year(rules, day));
        lines.truncate(chosen.lines);
        if lines.is_empty() {
            return Ok(None);
        }
        Ok(Some(Next {
            from: passed,
            to: chosen.to,
            lines: lines.iter().map(|line| line.candidate.id).collect(),
            postings: self.with_texts(lines).await?,
        }))
    }

    /// Lines that go out and are in no file that counts, as many as a file takes and some more; and the place before
    /// which nothing is missing among them.
    async fn lines_that_go_out(
        &self,
        ledger: &LedgerId,
        passed: u64,
        closed: u64,
    ) -> Result<(Vec<PostingLine>, u64), ReadError> {
        let again = WhichLines::Withdrawn(u32::try_from(MOST_AGAIN).unwrap_or(u32::MAX));
        let mut lines = self.store.posting_lines(ledger, again).await?;
        if lines.len() >= MOST_AGAIN {
            // The last booking may have lines that were not read.
            let last = lines.last().map_or(0, |line| line.candidate.id.position);
            lines.retain(|line| line.candidate.id.position < last);
            return Ok((lines, passed));
        }
        let said = self.store.said_of_postings(ledger).await?;
        let mut read = passed;
        while read < closed && lines.len() <= MOST_LINES {
            let to = closed.min(read + CHUNK);
            let new = self
                .store
                .posting_lines(ledger, WhichLines::Between(read, to))
                .await?;
            lines.extend(new.into_iter().filter(|line| line.candidate.goes_out(&said)));
            read = to;
        }
        Ok((lines, read))
    }

    /// With the Buchungstext of the route; never with what a portal wrote, which is personal and may be erased.
    async fn with_texts(&self, lines: Vec<PostingLine>) -> Result<Vec<Posting>, ReadError> {
        let mut texts: BTreeMap<(RouteKey, i64), String> = BTreeMap::new();
        let mut postings = Vec::with_capacity(lines.len());
        for line in lines {
            let mut posting = line.posting;
            posting.text = match line.route {
                None => posting.kind.clone(),
                Some(route) => match texts.get(&route) {
                    Some(text) => text.clone(),
                    None => {
                        let text = self.route_at(&route).await?.buchungstext;
                        texts.insert(route, text.clone());
                        text
                    }
                },
            };
            postings.push(posting);
        }
        Ok(postings)
    }

    /// A route as it was in a version.
    pub(super) async fn route_at(&self, (key, version): &(RouteKey, i64)) -> Result<Route, ReadError> {
        let object = self.store.route_version(key, *version).await?;
        let object = object.ok_or_else(|| ReadError::Row {
            table: "tenant_object",
            column: "version",
            row: format!("route {key}"),
            why: format!("version {version} is not there"),
        })?;
        read_body(&object)
    }

    fn write(
        &self,
        kasse: &Kasse,
        rules: &HkrRules,
        number: u64,
        postings: &[Posting],
        preview: bool,
    ) -> Result<WrittenPostings, PostingError> {
        let wrong = |why: String| PostingError::Write {
            ledger: kasse.id.clone(),
            number,
            why,
        };
        let totals = Totals::of(postings).ok_or_else(|| wrong("its sum is too large".to_owned()))?;
        let order = PostingOrder {
            kasse,
            rules,
            number,
            created: self.now(),
            postings,
            totals,
            preview,
        };
        self.postings.write(&order).map_err(wrong)
    }
}

fn has_role(client: &Client, authority: &Authority) -> bool {
    let roles = client.roles.get(&authority.id);
    roles
        .into_iter()
        .flatten()
        .any(|role| matches!(role, Role::Kasse | Role::Kassenverwalter))
}

/// What the log says of a file.
fn record(
    number: u64,
    rules: &HkrRules,
    next: &Next,
    written: &WrittenPostings,
    person: Option<&ClientId>,
) -> PostingFile {
    let days = || next.postings.iter().map(|posting| posting.buchungstag);
    PostingFile {
        number,
        from: next.from,
        to: next.to,
        postings: rules.postings.as_str().to_owned(),
        template: written.template.clone(),
        template_digest: written.template_digest,
        name: written.name.clone(),
        media_type: written.media_type.clone(),
        lines: next.lines.len() as u64,
        sum: next.postings.iter().map(|posting| posting.cents).sum(),
        first: days().min().expect("a file has lines"),
        last: days().max().expect("a file has lines"),
        digest: Sha256::digest(&written.content).into(),
        size: written.content.len() as u64,
        lines_digest: lines_digest(&next.lines),
        person: person.map_or_else(|| PROGRAM.to_owned(), ToString::to_string),
    }
}
