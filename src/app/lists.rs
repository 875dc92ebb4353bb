//! Settlement lists of payment providers are taken in: read to their end first, then staged payout by payout, and each
//! filed by one small Change. A list of a payout that has one already is a later revision of it; what both have stays as
//! it is booked.

use std::collections::BTreeMap;

use super::ports::{CommitError, ListedPayout, NewList, ReadError, StatementFile, Unreadable, Urgency};
use super::tenants::read_body;
use super::{App, MOST_ROUNDS, Sealed};
use crate::domain::decide::list_filed;
use crate::domain::ids::{LedgerId, ListId, PayoutId, PostenId};
use crate::domain::payout::{Contents, digest};
use crate::domain::record::ListFiled;
use crate::domain::settlement::{Kind, Line, Refusal, difference};
use crate::domain::subject::ListLineId;
use crate::domain::tenant::{Kasse, ProviderList};

/// How many lines are staged at once.
const CHUNK: usize = 1000;
/// What has been in staging for so long, in seconds, a crash has left there.
const LEFT: i64 = 24 * 60 * 60;
/// The longest reference of a payout, in characters.
const REFERENCE: usize = 100;

/// What became of a payout's list, or of a file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenList {
    /// The file.
    pub file: String,
    /// The payout; empty where the file as a whole is refused.
    pub reference: String,
    /// What became of it.
    pub outcome: ListOutcome,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListOutcome {
    /// It counts from now on.
    Filed(Box<ListFiled>),
    /// The same list counts already, or did before a later one.
    Known(ListId),
    /// Nothing of the file is taken.
    Refused(Refusal),
}

/// Why taking a list in stopped. What was filed stays, and the same file goes on there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// No such Kasse.
    #[error("there is no Kasse «{0}»")]
    NoKasse(LedgerId),
    /// No such entry.
    #[error("Kasse {kasse} has no list «{list}»: add it as [[kasse.list]]; it has: {known}")]
    NoList {
        /// The Kasse.
        kasse: LedgerId,
        /// What was named.
        list: String,
        /// Those that there are.
        known: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl App {
    /// Takes a list in.
    ///
    /// # Errors
    /// [`ListError`]: there is no such list, or the store failed. What is refused is told in the answer.
    pub async fn take_list(
        &self,
        ledger: &LedgerId,
        list: &str,
        file: StatementFile,
    ) -> Result<Vec<TakenList>, ListError> {
        let kasse = self.store.tenant("kasse", ledger.as_str()).await?;
        let kasse = kasse.filter(|kasse| !kasse.closed);
        let kasse: Kasse = read_body(&kasse.ok_or_else(|| ListError::NoKasse(ledger.clone()))?)?;
        let of = kasse.lists.iter().find(|known| known.id == list);
        let of = of.ok_or_else(|| ListError::NoList {
            kasse: ledger.clone(),
            list: list.to_owned(),
            known: kasse
                .lists
                .iter()
                .map(|list| list.id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let (name, stem) = names(&file);
        let refused = |refusal| {
            vec![TakenList {
                file: name.clone(),
                reference: String::new(),
                outcome: ListOutcome::Refused(refusal),
            }]
        };
        let lines = match self.files.read_list(file, of.read.clone()).await? {
            Ok(lines) => lines,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let payouts = match by_payout(of, lines, &stem) {
            Ok(payouts) => payouts,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let mut taken = Vec::new();
        for (reference, (lines, contents)) in payouts {
            taken.push(TakenList {
                outcome: self
                    .file_list(ledger, of, (&name, &reference), lines, contents)
                    .await?,
                file: name.clone(),
                reference,
            });
        }
        Ok(taken)
    }

    /// Stages the list of a payout and files it, unless it is known.
    async fn file_list(
        &self,
        ledger: &LedgerId,
        of: &ProviderList,
        (file, reference): (&str, &str),
        lines: Vec<Line>,
        contents: Contents,
    ) -> Result<ListOutcome, ListError> {
        let digest = digest(&lines);
        let left = self.now().plus_seconds(-LEFT);
        self.store.discard_left(ledger, (&of.id, reference), left).await?;
        for _ in 0..MOST_ROUNDS {
            let row = ListedPayout::row(ledger, &of.id, reference);
            let rev = self.store.row_rev(&row).await?;
            if let Some(known) = self
                .store
                .list_digest(ledger, (&of.id, reference), &digest)
                .await?
            {
                return Ok(ListOutcome::Known(known));
            }
            let before = self.store.payout(ledger, &of.id, reference).await?;
            let mut ctx = self.ctx(ledger);
            let filed = ListFiled {
                id: ListId(ctx.mint.next_id()),
                payout: match &before {
                    Some(before) => before.payout,
                    None => PayoutId(ctx.mint.next_id()),
                },
                posten: match &before {
                    Some(before) => before.posten,
                    None => PostenId(ctx.mint.next_id()),
                },
                source: of.id.clone(),
                reference: reference.to_owned(),
                revision: before.as_ref().map_or(1, |before| before.revision + 1),
                supersedes: before.as_ref().map(|before| before.list),
                ours: contents.ours,
                others: contents.others,
                digest,
            };
            let new = NewList {
                filed: filed.clone(),
                at: ctx.now,
                file: file.to_owned(),
            };
            self.store.stage_list(&new, ledger).await?;
            self.stage(ledger, &filed, before.is_some(), &lines).await?;
            let id = filed.id;
            let mut change = list_filed(&mut ctx, ledger, filed.clone());
            change.guards.rows.push((row, rev));
            let sealed = Sealed {
                change,
                new_key: None,
                personal: Vec::new(),
            };
            match self.commit(sealed, Urgency::Bulk).await {
                Ok(()) => return Ok(ListOutcome::Filed(Box::new(filed))),
                // Somebody else has filed a list of this payout meanwhile.
                Err(CommitError::Conflict) => self.store.discard_list(id).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// Stages what a list has that no earlier revision has, and what of them it no longer has.
    async fn stage(
        &self,
        ledger: &LedgerId,
        filed: &ListFiled,
        revised: bool,
        lines: &[Line],
    ) -> Result<(), ListError> {
        let (new, gone) = if revised {
            let before = self.store.payout_lines(ledger, filed.payout).await?;
            let old: Vec<Line> = (1..)
                .zip(&before)
                .map(|(row, listed)| Line {
                    row,
                    ..listed.line.clone()
                })
                .collect();
            let told = difference(&old, lines);
            let (was, is): (Vec<Line>, Vec<Line>) = told.changed.into_iter().unzip();
            let gone: Vec<ListLineId> = told
                .removed
                .iter()
                .chain(&was)
                .map(|line| before[usize::try_from(line.row - 1).expect("a list is held in memory")].id)
                .collect();
            (told.added.into_iter().chain(is).collect(), gone)
        } else {
            (lines.to_vec(), Vec::new())
        };
        let new: Vec<(u32, Line)> = (1..).zip(new).collect();
        for chunk in new.chunks(CHUNK) {
            self.store.stage_lines(filed.id, chunk, &[]).await?;
        }
        for chunk in gone.chunks(CHUNK) {
            self.store.stage_lines(filed.id, &[], chunk).await?;
        }
        Ok(())
    }
}

/// What a file is called, and what is left of its name without folder and ending.
fn names(file: &StatementFile) -> (String, String) {
    let (name, path) = match file {
        StatementFile::Path(path) => (path.display().to_string(), path.clone()),
        StatementFile::Stream { name, .. } | StatementFile::Kept { name, .. } => (name.clone(), name.into()),
    };
    let stem = path.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy().into_owned();
    (name, stem)
}

type Payouts = BTreeMap<String, (Vec<Line>, Contents)>;

/// The lines of each payout. They are compared with those of other revisions, which may stand elsewhere in their files.
fn by_payout(of: &ProviderList, lines: Vec<Line>, stem: &str) -> Result<Payouts, Refusal> {
    let mut payouts: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        // It says what the others are about.
        if line.kind == Kind::Payout {
            continue;
        }
        let row = line.row;
        let refused = |setting: &str, reason: String| Refusal {
            line: Some(row),
            column: of
                .read
                .payout
                .as_ref()
                .filter(|_| setting == "payout")
                .map(ToString::to_string),
            reason,
        };
        let reference = match &of.read.payout {
            Some(_) => line.payout.as_deref().unwrap_or_default(),
            None => stem,
        };
        let reference = reference.trim().to_owned();
        if !reference.chars().any(|c| c.is_ascii_alphanumeric()) || reference.chars().count() > REFERENCE {
            return Err(refused(
                "payout",
                format!(
                    "«{reference}» is no reference of a payout: it has 1 to {REFERENCE} characters, letters or digits among them"
                ),
            ));
        }
        let nul = |text: &Option<String>| text.as_deref().is_some_and(|text| text.contains('\0'));
        let broken = nul(&line.reference) || nul(&line.transaction) || nul(&line.method);
        if broken || reference.contains('\0') {
            return Err(refused("", "it contains U+0000".to_owned()));
        }
        payouts
            .entry(reference)
            .or_default()
            .push(Line { payout: None, ..line });
    }
    payouts
        .into_iter()
        .map(|(reference, lines)| {
            let contents = Contents::of(&lines).ok_or_else(|| Refusal {
                line: None,
                column: None,
                reason: format!("the sums of payout {reference} are too large to be held"),
            })?;
            Ok((reference, (lines, contents)))
        })
        .collect()
}
