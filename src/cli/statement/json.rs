//! Statements as one JSON document: `{"statements": […], "sequence": […], "well": true}`. A statement has `source`,
//! `head`, `entries` (each with `entry` and `details`), `tail`, `guards` and `sums`; one that could not be read has
//! `refused` in their place. It is written piece by piece, so the brackets are set by hand.

use std::io::{self, Write};

use serde::Serialize;

use super::sequences::Followed;
use super::{Counts, Show};
use crate::domain::statement::guards::{Verdict, Weighed};
use crate::domain::statement::{Detail, Entry, Head, Refusal, Sequence, Tail};
use crate::statement::files::Source;

pub(super) struct Json<'a> {
    out: &'a mut dyn Write,
    statements: u64,
    within: Within,
}

/// Where in a statement the writer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    /// In the list of entries, after so many of them.
    Entries(u64),
    /// In the details of an entry, after so many entries and details.
    Details(u64, u64),
}

/// A verdict with its words.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    english: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    german: Option<String>,
}

impl<'a> Said<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let (english, german) = match verdict {
            Verdict::Held => (None, None),
            Verdict::Broken { why } => (Some(why.english()), Some(why.german())),
            Verdict::NotApplicable { why } => (Some(why.english().to_owned()), Some(why.german().to_owned())),
        };
        Self {
            verdict,
            english,
            german,
        }
    }
}

#[derive(Serialize)]
struct Guards<'a> {
    balance: Said<'a>,
    details: Said<'a>,
    stated: Said<'a>,
    currency: Said<'a>,
}

/// A statement in the row of its account.
#[derive(Serialize)]
struct Row<'a> {
    source: &'a Source,
    account: &'a str,
    format: &'static str,
    day: Option<String>,
    number: Option<Sequence>,
    #[serde(flatten)]
    said: Said<'a>,
}

impl<'a> Json<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            statements: 0,
            within: Within::Nothing,
        }
    }

    fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, value).map_err(io::Error::from)
    }

    /// Begins a statement.
    fn begin(&mut self, source: &Source) -> io::Result<()> {
        let before: &[u8] = if self.statements == 0 {
            b"{\"statements\":[\n"
        } else {
            b",\n"
        };
        self.out.write_all(before)?;
        self.statements += 1;
        self.out.write_all(b"{\"source\":")?;
        self.value(source)
    }

    /// Ends the lists that are open.
    fn close(&mut self) -> io::Result<()> {
        let end: &[u8] = match self.within {
            Within::Nothing => b"",
            Within::Entries(_) => b"\n]",
            Within::Details(..) => b"]}\n]",
        };
        self.within = Within::Nothing;
        self.out.write_all(end)
    }
}

impl Show for Json<'_> {
    fn head(&mut self, source: &Source, head: &Head) -> io::Result<()> {
        self.begin(source)?;
        self.out.write_all(b",\"head\":")?;
        self.value(head)?;
        self.out.write_all(b",\"entries\":[")?;
        self.within = Within::Entries(0);
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let (before, count): (&[u8], u64) = match self.within {
            Within::Nothing | Within::Entries(0) => (b"\n", 0),
            Within::Entries(count) => (b",\n", count),
            Within::Details(count, _) => (b"]},\n", count),
        };
        self.out.write_all(before)?;
        self.out.write_all(b"{\"entry\":")?;
        self.value(entry)?;
        self.out.write_all(b",\"details\":[")?;
        self.within = Within::Details(count + 1, 0);
        Ok(())
    }

    fn detail(&mut self, detail: &Detail) -> io::Result<()> {
        if let Within::Details(entries, details) = self.within {
            if details > 0 {
                self.out.write_all(b",")?;
            }
            self.value(detail)?;
            self.within = Within::Details(entries, details + 1);
        }
        Ok(())
    }

    fn tail(&mut self, tail: &Tail, weighed: &Weighed) -> io::Result<()> {
        self.close()?;
        self.out.write_all(b",\"tail\":")?;
        self.value(tail)?;
        self.out.write_all(b",\"guards\":")?;
        self.value(&Guards {
            balance: Said::of(&weighed.balance),
            details: Said::of(&weighed.details),
            stated: Said::of(&weighed.stated),
            currency: Said::of(&weighed.currency),
        })?;
        self.out.write_all(b",\"sums\":")?;
        self.value(&weighed.sums)?;
        self.out.write_all(b"}")
    }

    fn refused(&mut self, source: &Source, refusal: &Refusal) -> io::Result<()> {
        if self.within == Within::Nothing {
            self.begin(source)?;
        } else {
            self.close()?;
        }
        self.out.write_all(b",\"refused\":")?;
        self.value(refusal)?;
        self.out.write_all(b"}")
    }

    fn end(&mut self, followed: &[Followed], counts: Counts) -> io::Result<()> {
        if self.statements == 0 {
            self.out.write_all(b"{\"statements\":[")?;
        }
        self.out.write_all(b"\n],\"sequence\":[")?;
        for (at, followed) in followed.iter().enumerate() {
            self.out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            self.value(&Row {
                source: &followed.source,
                account: &followed.header.account,
                format: followed.header.format.as_str(),
                day: followed.header.day.map(|day| day.to_string()),
                number: followed.header.sequence,
                said: Said::of(&followed.verdict),
            })?;
        }
        writeln!(self.out, "\n],\"well\":{}}}", counts.well())
    }
}
