//! How long a large statement takes, and how much memory: a camt.053 that is made while it is read goes the whole way of
//! an import (read, weighed, encrypted, staged, placed, filed by one Change) into an SQLite file.
//!
//! `cargo bench --bench import` takes 32 MB; a number behind it takes so many megabytes:
//! `cargo bench --bench import -- 1000`. It is cut off half-way once and taken again. Printed are entries,
//! seconds of the second reading, and the peak of the resident memory.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark reads the clock and prints, and nobody calls it"
)]

use std::io::{self, Read};
use std::time::Instant;

use epaybl_connector::app::ports::StatementFile;
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::stage::{Stage, StageOptions};
use tokio::sync::oneshot;

const IBAN: &str = "DE02120300000000202051";
const MEGABYTES: u64 = 32;
/// Cents of every entry.
const CENTS: u64 = 3060;

/// A statement of so many entries, made while it is read.
struct Written {
    entries: u64,
    next: u64,
    part: Vec<u8>,
    at: usize,
    /// Told when half of it is read.
    half: Option<oneshot::Sender<()>>,
}

fn entry(n: u64) -> String {
    let day = 1 + n % 28;
    format!(
        "<Ntry><NtryRef>{n}</NtryRef><Amt Ccy=\"EUR\">30.60</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>2026-11-{day:02}</Dt></BookgDt><ValDt><Dt>2026-11-{day:02}</Dt></ValDt>\
         <AcctSvcrRef>20261130{n:012}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF+166</Cd><Issr>DK</Issr></Prtry></BkTxCd>\
         <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy=\"EUR\">30.60</Amt>\
         <CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Erika Mustermann {n}</Nm></Pty></Dbtr><DbtrAcct><Id>\
         <IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Hundesteuer 2026 Bescheid {n}</Ustrd>\
         </RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )
}

fn balance(kind: &str, day: u8, cents: u64) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
         <Dt><Dt>2026-11-{day:02}</Dt></Dt></Bal>",
        cents / 100,
        cents % 100
    )
}

impl Written {
    fn of(megabytes: u64, half: Option<oneshot::Sender<()>>) -> Self {
        let entries = megabytes * 1_000_000 / entry(1_000_000).len() as u64;
        Self {
            entries,
            next: 0,
            part: Vec::new(),
            at: 0,
            half,
        }
    }

    fn part(&self) -> Option<String> {
        match self.next {
            0 => Some(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
                 <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><ElctrncSeqNb>1</ElctrncSeqNb>\
                 <Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}{}",
                balance("PRCD", 1, 0),
                balance("CLBD", 30, self.entries * CENTS)
            )),
            n if n <= self.entries => Some(entry(n)),
            n if n == self.entries + 1 => Some("</Stmt></BkToCstmrStmt></Document>\n".to_owned()),
            _ => None,
        }
    }
}

impl Read for Written {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.part.len() {
            if self.next > self.entries / 2
                && let Some(half) = self.half.take()
            {
                half.send(()).ok();
            }
            let Some(part) = self.part() else { return Ok(0) };
            (self.part, self.at) = (part.into_bytes(), 0);
            self.next += 1;
        }
        let more = buffer.len().min(self.part.len() - self.at);
        buffer[..more].copy_from_slice(&self.part[self.at..self.at + more]);
        self.at += more;
        Ok(more)
    }
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|text| text.parse().ok());
    let megabytes = asked.unwrap_or(MEGABYTES);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(megabytes));
}

async fn measure(megabytes: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::set(folder.path(), StageOptions::default())
        .await
        .expect("the stage");
    let account = format!("rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{IBAN}\"\n");
    let tenants = stage
        .tenants()
        .replace("rechnungswesen = \"doppisch\"\n", &account);
    stage.apply_tenants(&tenants).await.expect("tenants are applied");
    let app = &stage.connector.app;
    let take = async |written: Written| {
        let begun = Instant::now();
        let stream = StatementFile::Stream {
            name: "large.xml".to_owned(),
            input: Box::new(written),
        };
        let taken = app.take_files(vec![stream]).await;
        (begun.elapsed(), taken.map(|taken| taken.statements))
    };
    let (tell, half) = oneshot::channel();
    // As a crash would: what is staged by then stays.
    tokio::select! {
        _ = take(Written::of(megabytes, Some(tell))) => println!("it was whole before it could be cut off"),
        _ = half => println!("{megabytes} MB, cut off half-way; peak {} MB", peak()),
    }
    let whole = Written::of(megabytes, None);
    let entries = whole.entries;
    let (took, taken) = take(whole).await;
    let taken = taken.expect("the store takes it");
    let Some(Outcome::Filed { filed, .. }) = taken.first().map(|one| &one.outcome) else {
        panic!("it is filed: {taken:?}");
    };
    assert_eq!((filed.entries, filed.fresh), (entries, entries));
    println!(
        "{megabytes} MB, {entries} entries, gone on with and filed: {took:.1?}; peak {} MB",
        peak()
    );
}

/// The peak of the resident memory in megabytes, where the system tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1000
}
