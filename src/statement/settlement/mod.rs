//! Reads the settlement lists of payment providers: CSV by a [`Mapping`], in bounded memory however long they are.
//!
//! Nothing of a list counts before its end: a total that the list states itself and that does not fit takes all of it
//! back. A new provider is a new mapping among the tenants; a new way of writing cells is a setting of the mapping and
//! a few lines in `cells`.

mod cells;
mod lines;
mod rows;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

use self::cells::{Cells, Splitter};
use self::lines::{Columns, is_ignored, line_of};
use self::rows::Rows;
use crate::domain::money::Cents;
use crate::domain::settlement::{Kind, Line, Mapping, Owner, Refusal, Stated, Summary, What};

/// Why a list was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not taken, and why.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The file itself could not be read; it may be tried again.
    #[error("the list could not be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Reads a list and hands each line to `take` as it comes.
///
/// What was taken counts only where the answer is a [`Summary`]: the list was complete then, each line fits in itself
/// (gross − fee = net), and every total that the mapping expects was there and fits.
///
/// # Errors
/// [`ReadError::Refused`] names line and column of what is wrong.
pub fn read(
    mapping: &Mapping,
    input: impl BufRead,
    mut take: impl FnMut(Line),
) -> Result<Summary, ReadError> {
    let mut rows = Rows::new(input, mapping)?;
    let mut splitter = Splitter::new(mapping);
    let mut totals = StatedTotals::new(&mapping.stated);
    for _ in 0..mapping.skip {
        let Some(row) = rows.plain()? else { break };
        totals.note(&Cells::of(mapping, &mut splitter, &row)?, mapping)?;
    }
    let mut columns = None;
    if !mapping.header {
        columns = Some(Columns::numbered(mapping)?);
    }
    let mut summary = Summary::default();
    while let Some(row) = rows.next()? {
        let cells = Cells::of(mapping, &mut splitter, &row)?;
        if cells.are_blank() {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Some(Columns::named(mapping, &cells)?);
            continue;
        };
        if totals.note(&cells, mapping)? {
            continue;
        }
        if is_ignored(mapping, columns, &cells)? {
            summary.ignored += 1;
            continue;
        }
        let line = line_of(mapping, columns, &cells)?;
        add(&mut summary, &line)?;
        take(line);
    }
    if columns.is_none() {
        return Err(whole("the list has no header: it is empty, or cut").into());
    }
    totals.compare(&summary)?;
    summary.stated = totals.found();
    Ok(summary)
}

fn whole(reason: impl Into<String>) -> Refusal {
    Refusal {
        line: None,
        column: None,
        reason: reason.into(),
    }
}

fn add(summary: &mut Summary, line: &Line) -> Result<(), Refusal> {
    if line.kind == Kind::Payout {
        summary.transfers += 1;
        return Ok(());
    }
    let payout = line.payout.clone().unwrap_or_default();
    let owner = match line.owner {
        Owner::Ours => &mut summary.ours,
        Owner::Foreign(_) => &mut summary.foreign,
    };
    for totals in [
        owner,
        &mut summary.all,
        summary.payouts.entry(payout).or_default(),
    ] {
        *totals = totals.with(line).ok_or_else(|| Refusal {
            line: Some(line.row),
            column: None,
            reason: "with this line the sum is too large to be held".to_owned(),
        })?;
    }
    Ok(())
}

/// The totals that a list states itself, and where.
struct StatedTotals<'a> {
    expected: &'a [Stated],
    values: Vec<Option<(u64, i64)>>,
}

impl<'a> StatedTotals<'a> {
    fn new(expected: &'a [Stated]) -> Self {
        Self {
            expected,
            values: vec![None; expected.len()],
        }
    }

    /// Takes what a row states; whether it is a row of totals.
    fn note(&mut self, cells: &Cells, mapping: &Mapping) -> Result<bool, Refusal> {
        let mut is_one = false;
        for (stated, value) in self.expected.iter().zip(&mut self.values) {
            if cells.get(stated.when.cell).map(str::trim) != Some(stated.when.text.trim()) {
                continue;
            }
            is_one = true;
            let wrong = |reason: String| {
                cells.refusal(&format!("{} ({})", stated.value, stated.what.as_str()), reason)
            };
            if value.is_some() {
                return Err(wrong(format!(
                    "«{}» stands there a second time",
                    stated.when.text
                )));
            }
            let text = cells.get(stated.value).unwrap_or_default();
            let number = match stated.what {
                What::Count => cells::count(mapping, text).map_err(wrong)?,
                What::Gross | What::Net => cells::amount(mapping, text).map_err(wrong)?.get(),
                What::Fee => cells::fee(mapping, text).map_err(wrong)?.get(),
            };
            *value = Some((cells.line, number));
        }
        Ok(is_one)
    }

    fn found(&self) -> u64 {
        self.values.iter().flatten().count() as u64
    }

    fn compare(&self, summary: &Summary) -> Result<(), Refusal> {
        for (stated, value) in self.expected.iter().zip(&self.values) {
            let what = stated.what.as_str();
            let Some((line, told)) = *value else {
                return Err(whole(format!(
                    "the list has no row in which cell {} says «{}», which states its {what}: it may be cut",
                    stated.when.cell, stated.when.text
                )));
            };
            let all = &summary.all;
            let ours = match stated.what {
                What::Count => i64::try_from(all.count).ok(),
                What::Gross => Some(all.gross.get()),
                What::Fee => all.fee.map(Cents::get),
                What::Net => all.net.map(Cents::get),
            };
            let print = |number: i64| match stated.what {
                What::Count => number.to_string(),
                What::Gross | What::Fee | What::Net => Cents::new(number).to_string(),
            };
            let reason = match ours {
                Some(sum) if sum == told => continue,
                Some(sum) => format!(
                    "the list states {what} {}, its lines come to {}",
                    print(told),
                    print(sum)
                ),
                None => format!(
                    "the list states {what} {}, but not each line tells one",
                    print(told)
                ),
            };
            return Err(Refusal {
                line: Some(line),
                column: None,
                reason,
            });
        }
        Ok(())
    }
}
