//! A bank of our own, whose statements a story writes line by line: camt.053.001.08.

use std::fmt::Write as _;

use jiff::civil::Date;

/// A line of a statement.
#[derive(Debug, Clone)]
pub struct Line {
    pub day: Date,
    /// Its payments, with sign and purpose; several are a Sammler.
    pub payments: Vec<(i64, String)>,
    /// Where it is a return: the bank's fee inside its amount.
    pub returned: Option<i64>,
}

impl Line {
    pub fn new(day: Date, cents: i64, purpose: &str) -> Self {
        Self {
            day,
            payments: vec![(cents, purpose.to_owned())],
            returned: None,
        }
    }

    /// Money that goes back, with a fee.
    pub fn back(day: Date, cents: i64, fee: i64, purpose: &str) -> Self {
        Self {
            returned: Some(fee),
            ..Self::new(day, -(cents + fee), purpose)
        }
    }

    pub fn cents(&self) -> i64 {
        self.payments.iter().map(|(cents, _)| cents).sum()
    }
}

/// A statement; without number and opening it is an export from online banking.
#[derive(Debug, Clone)]
pub struct Statement {
    pub iban: String,
    pub id: String,
    pub number: Option<u32>,
    pub opening: Option<i64>,
    pub lines: Vec<Line>,
}

/// A file with these statements.
pub fn file(statements: &[Statement]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n\
                    <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-01T06:00:00Z</CreDtTm></GrpHdr>\n"
        .to_owned();
    for statement in statements {
        write(&mut text, statement);
    }
    text.push_str("</BkToCstmrStmt></Document>\n");
    text
}

fn write(text: &mut String, of: &Statement) {
    let _ = write!(text, "<Stmt><Id>{}</Id>", of.id);
    if let Some(number) = of.number {
        let _ = write!(text, "<ElctrncSeqNb>{number}</ElctrncSeqNb>");
    }
    let _ = write!(
        text,
        "<CreDtTm>2026-12-01T06:00:00Z</CreDtTm><Acct><Id><IBAN>{}</IBAN></Id><Ccy>EUR</Ccy></Acct>",
        of.iban
    );
    if let (Some(opening), Some(first), Some(last)) = (of.opening, of.lines.first(), of.lines.last()) {
        balance(
            text,
            "PRCD",
            first.day.yesterday().expect("a day before"),
            opening,
        );
        let moved: i64 = of.lines.iter().map(Line::cents).sum();
        balance(text, "CLBD", last.day, opening + moved);
    }
    text.push('\n');
    for (at, line) in of.lines.iter().enumerate() {
        entry(text, at, line);
    }
    text.push_str("</Stmt>\n");
}

fn balance(text: &mut String, code: &str, day: Date, cents: i64) {
    let _ = write!(
        text,
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}<Dt><Dt>{day}</Dt></Dt></Bal>",
        amount(cents)
    );
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn amount(cents: i64) -> String {
    let way = if cents < 0 { "DBIT" } else { "CRDT" };
    format!(
        "<Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{way}</CdtDbtInd>",
        euros(cents)
    )
}

fn entry(text: &mut String, at: usize, line: &Line) {
    let _ = write!(
        text,
        "<Ntry><NtryRef>{}</NtryRef>{}",
        at + 1,
        amount(line.cents())
    );
    if line.returned.is_some() {
        text.push_str("<RvslInd>true</RvslInd>");
    }
    let _ = write!(
        text,
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{0}</Dt></BookgDt><ValDt><Dt>{0}</Dt></ValDt><NtryDtls>",
        line.day
    );
    if line.payments.len() > 1 {
        let _ = write!(
            text,
            "<Btch><NbOfTxs>{}</NbOfTxs><TtlAmt Ccy=\"EUR\">{}</TtlAmt></Btch>",
            line.payments.len(),
            euros(line.cents())
        );
    }
    for (cents, purpose) in &line.payments {
        let _ = write!(
            text,
            "<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{}",
            amount(*cents)
        );
        if let Some(fee) = line.returned {
            let back = euros(cents.abs() - fee);
            let _ = write!(
                text,
                "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">{back}</Amt></InstdAmt></AmtDtls><Chrgs><Rcrd>\
                 <Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>",
                euros(fee)
            );
        }
        let _ = write!(
            text,
            "<RltdPties><Dbtr><Pty><Nm>Zacharias Zahler</Nm></Pty></Dbtr><DbtrAcct><Id>\
             <IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{purpose}</Ustrd></RmtInf>"
        );
        if line.returned.is_some() {
            text.push_str("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>");
        }
        text.push_str("</TxDtls>\n");
    }
    text.push_str("</NtryDtls></Ntry>\n");
}
