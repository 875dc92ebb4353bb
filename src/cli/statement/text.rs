//! Statements for people: a line per entry, and one per payment where an entry has several.
//!
//! What stands in a file was written by anybody who can send a cent. So no control character of it reaches the
//! terminal, and none that turns the direction of what follows.

use std::io::{self, Write};

use jiff::civil::Date;

use super::sequences::Followed;
use super::{Counts, Show};
use crate::domain::statement::guards::{Lack, Side, Sum, Verdict, Weighed};
use crate::domain::statement::header::day_of;
use crate::domain::statement::{
    Balance, Detail, Direction, Entry, Format, Head, Refusal, Sequence, Status, Tail,
};
use crate::domain::text::plain;
use crate::statement::files::Source;

pub(super) struct Text<'a> {
    out: &'a mut dyn Write,
    began: bool,
    /// An entry that is not shown yet: whether it has one detail or several decides how.
    waiting: Option<(Entry, Option<Detail>)>,
    currency: String,
}

impl<'a> Text<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            began: false,
            waiting: None,
            currency: String::new(),
        }
    }

    fn release(&mut self) -> io::Result<()> {
        match self.waiting.take() {
            Some((entry, Some(detail))) => {
                let told = words([about_entry(&entry), about_detail(&detail)].concat());
                self.line(
                    "  ",
                    day_of(&entry),
                    &amount(entry.direction, Some(entry.cents.into()), &entry.currency),
                    &told,
                )
            }
            Some((entry, None)) => self.only_entry(&entry),
            None => Ok(()),
        }
    }

    fn only_entry(&mut self, entry: &Entry) -> io::Result<()> {
        let amount = amount(entry.direction, Some(entry.cents.into()), &entry.currency);
        let told = words(about_entry(entry));
        self.line("  ", day_of(entry), &amount, &told)
    }

    fn only_detail(&mut self, detail: &Detail) -> io::Result<()> {
        let amount = amount(
            detail.direction,
            detail.cents.map(Sum::from),
            &self.currency.clone(),
        );
        let told = words(about_detail(detail));
        self.line("    ", None, &amount, &told)
    }

    fn line(&mut self, indent: &str, day: Option<Date>, amount: &str, told: &str) -> io::Result<()> {
        let day = day.map(|day| day.to_string()).unwrap_or_default();
        let line = format!("{indent}{day:<10} {amount:>20}  {told}");
        writeln!(self.out, "{}", line.trim_end())
    }

    fn balance(&mut self, name: &str, balance: Option<&Balance>) -> io::Result<()> {
        let Some(balance) = balance else { return Ok(()) };
        let day = balance.day.map(|day| day.to_string()).unwrap_or_default();
        let cents = Sum::from(balance.cents).german(&balance.currency);
        let line = format!("  {day:<10} {cents:>20}  {name} ({})", balance.kind);
        writeln!(self.out, "{}", plain(&line))
    }
}

impl Show for Text<'_> {
    fn head(&mut self, source: &Source, head: &Head) -> io::Result<()> {
        self.began = true;
        self.waiting = None;
        writeln!(self.out, "{}", place(source))?;
        let mut told = vec![
            name(head.format).to_owned(),
            if head.account.is_empty() {
                "no account named".to_owned()
            } else {
                format!("account {}", grouped(&head.account))
            },
        ];
        if let Some(sequence) = head.sequence {
            told.push(number(sequence));
        }
        if let Some((first, last)) = head.period {
            told.push(format!("{first} to {last}"));
        }
        writeln!(self.out, "  {}", plain(&told.join(", ")))?;
        self.balance("before", head.opening.as_ref())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.release()?;
        self.currency.clone_from(&entry.currency);
        self.waiting = Some((entry.clone(), None));
        Ok(())
    }

    fn detail(&mut self, detail: &Detail) -> io::Result<()> {
        match self.waiting.take() {
            Some((entry, None)) => {
                self.waiting = Some((entry, Some(detail.clone())));
                Ok(())
            }
            Some((entry, Some(first))) => {
                self.only_entry(&entry)?;
                self.only_detail(&first)?;
                self.only_detail(detail)
            }
            None => self.only_detail(detail),
        }
    }

    fn tail(&mut self, tail: &Tail, weighed: &Weighed) -> io::Result<()> {
        self.release()?;
        self.began = false;
        self.balance("after", tail.closing.as_ref())?;
        let sums = &weighed.sums;
        let currency = sums.currency.clone().unwrap_or_default();
        let side = |side: Side, one: &str| {
            format!("{} of {}", many(side.count, one, ""), side.sum.german(&currency))
        };
        let mut told = vec![side(sums.credits, "credit"), side(sums.debits, "debit")];
        if sums.unbooked > 0 {
            told.push(format!("{} not booked", sums.unbooked));
        }
        if sums.unopened > 0 {
            told.push(format!("{} whose payments are not told", sums.unopened));
        }
        writeln!(self.out, "  {}", plain(&told.join(", ")))?;
        for (name, verdict) in weighed.guards() {
            writeln!(self.out, "  {name:<9} {}", plain(&verdict_in_words(verdict)))?;
        }
        writeln!(self.out)
    }

    fn refused(&mut self, source: &Source, refusal: &Refusal) -> io::Result<()> {
        self.release()?;
        let mut at = Vec::new();
        if let Some(entry) = refusal.entry {
            at.push(format!("entry {entry}"));
        }
        if refusal.place.line > 0 {
            at.push(format!("line {}", refusal.place.line));
        }
        let at = if at.is_empty() {
            String::new()
        } else {
            format!(" at {}", at.join(", "))
        };
        if !self.began {
            writeln!(self.out, "{}", place(source))?;
        }
        writeln!(self.out, "  REFUSED{at}: {}", plain(&refusal.reason))?;
        if self.began {
            writeln!(
                self.out,
                "  What is shown of this statement above counts for nothing."
            )?;
        }
        self.began = false;
        writeln!(self.out)
    }

    fn end(&mut self, followed: &[Followed], counts: Counts) -> io::Result<()> {
        for followed in followed {
            if followed.verdict == Lack::NoChain.into() {
                continue;
            }
            let header = &followed.header;
            let day = header.day.map(|day| day.to_string()).unwrap_or_default();
            let number = header
                .sequence
                .map(|sequence| format!(" {}", number(sequence)))
                .unwrap_or_default();
            let line = format!(
                "sequence  {} {} {day}{number}: {}",
                grouped(&header.account),
                name(header.format),
                verdict_in_words(&followed.verdict)
            );
            writeln!(self.out, "{}", plain(&line))?;
        }
        let Counts {
            statements,
            entries,
            refused,
            broken,
        } = counts;
        let statements = many(statements, "statement", "");
        let entries = many(entries, "entr", "y");
        let read = format!("{statements} with {entries} read");
        if counts.well() {
            writeln!(self.out, "{read}; what can be checked holds.")
        } else {
            writeln!(
                self.out,
                "NOT WELL: {read}, {refused} refused, {} broken.",
                many(broken, "guard", "")
            )
        }
    }
}

fn place(source: &Source) -> String {
    match &source.member {
        Some(member) => plain(&format!("{}: {member}", source.file)),
        None => plain(&source.file),
    }
}

const fn name(format: Format) -> &'static str {
    match format {
        Format::Camt053 => "camt.053",
        Format::Camt052 => "camt.052",
        Format::Camt054 => "camt.054",
        Format::Mt940 => "MT940",
        Format::Mt942 => "MT942",
    }
}

fn number(sequence: Sequence) -> String {
    let page = sequence.page.map(|page| format!(" page {page}"));
    format!("number {}{}", sequence.number, page.unwrap_or_default())
}

/// `1 credit`, `2 credits`; `1 entry`, `2 entries`.
fn many(count: u64, stem: &str, one: &str) -> String {
    let end = match (count, one) {
        (1, one) => one,
        (_, "") => "s",
        _ => "ies",
    };
    format!("{count} {stem}{end}")
}

fn verdict_in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Held => "held".to_owned(),
        Verdict::Broken { why } => format!("BROKEN: {}", why.english()),
        Verdict::NotApplicable { why } => format!("not applicable: {}", why.english()),
    }
}

/// `+1.234,50 EUR`.
fn amount(direction: Direction, sum: Option<Sum>, currency: &str) -> String {
    let sign = match direction {
        Direction::Credit => '+',
        Direction::Debit => '-',
    };
    sum.map_or_else(
        || "amount not told".to_owned(),
        |sum| format!("{sign}{}", sum.german(currency)),
    )
}

/// An IBAN in groups of four; anything else as it is.
fn grouped(account: &str) -> String {
    let bytes = account.as_bytes();
    let iban = bytes.len() >= 15
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    if !iban {
        return account.to_owned();
    }
    let letters: Vec<char> = account.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn about_entry(entry: &Entry) -> Vec<String> {
    let mut told = Vec::new();
    match entry.status {
        Status::Booked => {}
        Status::Pending => told.push("(expected)".to_owned()),
        Status::Information => told.push("(for information)".to_owned()),
    }
    if entry.reversal {
        told.push("(reversal)".to_owned());
    }
    if let Some(count) = entry.batch.as_ref().and_then(|batch| batch.count) {
        told.push(format!("(batch of {count})"));
    }
    told.push(entry.text.clone());
    told.extend(named("bank", entry.bank_reference.as_ref()));
    told.extend(named("reference", entry.reference.as_ref()));
    told
}

fn about_detail(detail: &Detail) -> Vec<String> {
    let party = &detail.counterparty;
    let mut told = Vec::new();
    told.extend(party.name.clone());
    told.extend(party.account.as_deref().map(grouped));
    // Lines as the bank cut them: what is between them belongs to the text or to nothing.
    told.push(detail.purpose.concat());
    told.extend(detail.structured.iter().cloned());
    told.extend(named("end to end", detail.references.end_to_end.as_ref()));
    told.extend(named("mandate", detail.references.mandate.as_ref()));
    if let Some(returned) = &detail.returned {
        let why = [returned.code.as_deref(), returned.text.as_deref()];
        told.push(format!(
            "returned: {}",
            why.into_iter().flatten().collect::<Vec<_>>().join(" ")
        ));
    }
    told
}

fn named(name: &str, value: Option<&String>) -> Option<String> {
    value.map(|value| format!("{name} {value}"))
}

/// What is not empty, on one line.
fn words(told: Vec<String>) -> String {
    let told: Vec<String> = told
        .iter()
        .map(|text| plain(text).trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    told.join(" | ")
}
