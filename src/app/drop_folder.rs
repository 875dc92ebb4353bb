//! Files that are dropped into a folder are taken in by themselves. A file is moved only when everything in it has been
//! dealt with: what a crash or a store that fails leaves behind is taken at the next look, and what was filed of it is
//! recognised.
//!
//! One connector at a time looks into a folder. Should a file system know no locks, two of them take the same file in, and
//! each statement of it is filed once all the same.

use std::fmt::Write as _;
use std::path::Path;

use super::App;
use super::lists::{ListError, ListOutcome, TakenList};
use super::ports::{DropFolder, StatementFile, Unreadable};
use super::statements::{Outcome, Taken};
use super::take_files::{TakeError, TakenFiles};
use crate::domain::ids::LedgerId;

/// What a look into the folder did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// Files that were taken in.
    pub done: u64,
    /// Files that were not, or not all of them.
    pub refused: u64,
    /// Files that stay for the next look.
    pub left: u64,
}

/// What is to become of a file.
enum Fate {
    Done,
    Refused(String),
    Left,
}

impl App {
    /// Looks into the drop folder once, takes in what has settled there, and matches what is new. Nothing where there is
    /// no such folder, or another connector is at it.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub async fn look_into_drop_folder(&self) -> Result<Dropped, Unreadable> {
        let mut done = Dropped::default();
        let Some(folder) = &self.drop_folder else {
            return Ok(done);
        };
        let Some(round) = folder.look(self.now()).await? else {
            return Ok(done);
        };
        let mut new = TakenFiles::default();
        for file in &round.files {
            let taken = self.take_files(vec![StatementFile::Path(file.clone())]).await;
            if let Ok(taken) = &taken {
                new.ledgers.extend(taken.ledgers.iter().cloned());
            }
            let fate = fate(file, taken);
            let count = match &fate {
                Fate::Done => &mut done.done,
                Fate::Refused(_) => &mut done.refused,
                Fate::Left => &mut done.left,
            };
            *count += 1;
            self.put_away(&**folder, file, fate).await;
        }
        for dropped in &round.lists {
            let path = StatementFile::Path(dropped.file.clone());
            let fate = match LedgerId::parse(&dropped.kasse) {
                Ok(ledger) => {
                    let taken = self.take_list(&ledger, &dropped.list, path).await;
                    let fate = fate_of_list(&dropped.file, taken);
                    new.ledgers.insert(ledger);
                    fate
                }
                Err(error) => Fate::Refused(list_report(&dropped.file, &error.to_string())),
            };
            let count = match &fate {
                Fate::Done => &mut done.done,
                Fate::Refused(_) => &mut done.refused,
                Fate::Left => &mut done.left,
            };
            *count += 1;
            self.put_away(&**folder, &dropped.file, fate).await;
        }
        drop(round);
        if let Err(error) = self.reconcile_new(&new).await {
            tracing::warn!(%error, "statements from the drop folder could not be matched yet");
        }
        Ok(done)
    }

    /// Moves a file where it belongs. Where that fails it is taken once more, which changes nothing.
    async fn put_away(&self, folder: &dyn DropFolder, file: &Path, fate: Fate) {
        let name = file.display();
        let moved = match fate {
            Fate::Left => return,
            Fate::Done => {
                tracing::info!(file = %name, "statements taken in");
                folder.done(file, self.now()).await
            }
            Fate::Refused(why) => {
                tracing::warn!(file = %name, alert = true, "not all statements of a file could be taken in");
                folder.refused(file, self.now(), &why).await
            }
        };
        if let Err(error) = moved {
            tracing::warn!(%error, "a file of the drop folder could not be moved");
        }
    }
}

fn fate_of_list(file: &Path, taken: Result<Vec<TakenList>, ListError>) -> Fate {
    let taken = match taken {
        Ok(taken) => taken,
        Err(error @ (ListError::NoKasse(_) | ListError::NoList { .. })) => {
            return Fate::Refused(list_report(file, &error.to_string()));
        }
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "a list of the drop folder stays for the next look");
            return Fate::Left;
        }
    };
    let refused = taken.iter().find_map(|one| match &one.outcome {
        ListOutcome::Refused(refusal) => Some(refusal.to_string()),
        ListOutcome::Filed(_) | ListOutcome::Known(_) => None,
    });
    refused.map_or(Fate::Done, |why| Fate::Refused(list_report(file, &why)))
}

/// Why nothing of a list was taken, in German and in English.
fn list_report(file: &Path, why: &str) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "{name}\n\n\
         Die Abrechnungsliste wurde abgelehnt; nichts aus ihr ist gebucht.\n\
         Zu tun: die Ursache beheben (unten) und die Datei noch einmal in ihren Ordner legen.\n\n\
         The settlement list was refused; nothing of it is booked.\n\
         To do: put right what is wrong (below), and drop the file once more.\n\n\
         {why}\n"
    )
}

fn fate(file: &Path, taken: Result<TakenFiles, TakeError>) -> Fate {
    let taken = match taken {
        Ok(taken) => taken.statements,
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "a file of the drop folder stays for the next look");
            return Fate::Left;
        }
    };
    if taken.iter().any(|one| one.outcome == Outcome::Elsewhere) {
        return Fate::Left;
    }
    let wrong = |one: &&Taken| matches!(one.outcome, Outcome::Refused { .. } | Outcome::NoAccount { .. });
    let wrong: Vec<&Taken> = taken.iter().filter(wrong).collect();
    if wrong.is_empty() && !taken.is_empty() {
        return Fate::Done;
    }
    Fate::Refused(report(file, &taken, &wrong))
}

/// What was wrong, where, and what to do, in German and in English.
fn report(file: &Path, taken: &[Taken], wrong: &[&Taken]) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (all, good) = (taken.len(), taken.len() - wrong.len());
    let mut text = format!(
        "{name}\n\n\
         Von {all} Auszügen dieser Datei sind {good} erledigt, {} nicht.\n\
         Zu tun: die Ursache beheben (unten) und die Datei noch einmal in den Ordner legen. Was schon gebucht ist, wird \
         erkannt und nicht noch einmal gebucht.\n\n\
         Of {all} statements in this file {good} are dealt with, {} are not.\n\
         To do: put right what is wrong (below), and drop the file once more. What is booked already is recognised and \
         not booked again.\n",
        wrong.len(),
        wrong.len()
    );
    if taken.is_empty() {
        text.push_str("\nEs ist kein Auszug darin. / There is no statement in it.\n");
    }
    for one in wrong {
        let _ = write!(text, "\n{}", one.source);
        if !one.account.is_empty() || !one.name.is_empty() {
            let _ = write!(
                text,
                "\nKonto / account {}, Auszug / statement {}",
                one.account, one.name
            );
        }
        let _ = match &one.outcome {
            Outcome::Refused { entry, line, why } => {
                let entry = entry
                    .map(|entry| format!("Buchung / entry {entry}, "))
                    .unwrap_or_default();
                let place = if *line > 0 {
                    format!("{entry}Zeile / line {line}: ")
                } else {
                    entry
                };
                writeln!(text, "\nAbgelehnt / refused: {place}{why}")
            }
            Outcome::NoAccount { why } if one.account.is_empty() => writeln!(
                text,
                "\nDer Auszug sagt nicht, zu welchem Konto er gehört; bitte bei der Bank neu anfordern. / {why}"
            ),
            Outcome::NoAccount { why } => writeln!(
                text,
                "\nKein Konto einer Kasse hier: in der Mandantendatei als [[kasse.account]] eintragen. / {why}"
            ),
            _ => Ok(()),
        };
    }
    text
}
