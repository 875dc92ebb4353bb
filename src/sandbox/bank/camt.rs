//! A statement as camt.053, in the two versions that German banks give out. They differ in a few places; each
//! is a question to [`Version`].

use super::entries::{Booking, Detail, Entry, Statement};
use crate::sandbox::Cents;

/// The Gläubiger-Identifikationsnummer that is reserved for tests.
pub(super) const CREDITOR_ID: &str = "DE98ZZZ09999999999";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `camt.053.001.02`
    V02,
    /// `camt.053.001.08`
    V08,
}

impl Version {
    const fn namespace(self) -> &'static str {
        match self {
            Self::V02 => "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02",
            Self::V08 => "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
        }
    }
}

/// An XML text that is written from the beginning to the end.
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    /// An element with what is inside it.
    fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.indent();
        self.push(&["<", name, ">\n"]);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.indent();
        let name = name.split(' ').next().unwrap_or(name);
        self.push(&["</", name, ">\n"]);
    }

    /// Elements inside each other with a text in the last: `Acct/Id/IBAN`.
    fn leaf(&mut self, path: &str, text: &str) {
        match path.split_once('/') {
            Some((outer, inner)) => self.within(outer, |xml| xml.leaf(inner, text)),
            None => {
                self.indent();
                let text = escaped(text);
                let end = path.split(' ').next().unwrap_or(path);
                self.push(&["<", path, ">", &text, "</", end, ">\n"]);
            }
        }
    }

    fn amount(&mut self, name: &str, amount: Cents) {
        self.leaf(
            &format!("{name} Ccy=\"EUR\""),
            amount.to_string().trim_start_matches('-'),
        );
    }

    fn direction(&mut self, credit: bool) {
        self.leaf("CdtDbtInd", if credit { "CRDT" } else { "DBIT" });
    }

    fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// Text that can stand in XML: markup escaped, what XML 1.0 does not allow left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

/// The statement as a file.
pub(super) fn write(statement: &Statement, version: Version) -> String {
    let mut xml = Xml {
        text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
        depth: 0,
    };
    let made_at = statement.made_at().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let bank = &statement.bank;
    // With one letter before it at most 35 characters, however long the IBAN is.
    let tail = &bank.iban[bank.iban.len().saturating_sub(22)..];
    let id = format!("{}{tail}", statement.day.strftime("%Y%m%d"));
    let name = format!("Document xmlns=\"{}\"", version.namespace());
    xml.within(&name, |xml| {
        xml.within("BkToCstmrStmt", |xml| {
            xml.within("GrpHdr", |xml| {
                xml.leaf("MsgId", &format!("M{id}"));
                xml.leaf("CreDtTm", &made_at);
                xml.within("MsgPgntn", |xml| {
                    xml.leaf("PgNb", "1");
                    xml.leaf("LastPgInd", "true");
                });
            });
            xml.within("Stmt", |xml| {
                xml.leaf("Id", &format!("S{id}"));
                xml.leaf("ElctrncSeqNb", &statement.number.to_string());
                xml.leaf("LglSeqNb", &statement.number.to_string());
                xml.leaf("CreDtTm", &made_at);
                xml.within("Acct", |xml| {
                    xml.leaf("Id/IBAN", &bank.iban);
                    xml.leaf("Ccy", "EUR");
                    xml.leaf("Ownr/Nm", &cut(&bank.holder, 70));
                    xml.within("Svcr", |xml| {
                        xml.within("FinInstnId", |xml| {
                            xml.leaf(bic(version), &bank.bic);
                            xml.leaf("Nm", "Sandbox-Bank");
                        });
                    });
                });
                balance(xml, "PRCD", statement.day_before, statement.opening);
                balance(xml, "CLBD", statement.day, statement.closing);
                summary(xml, statement);
                for each in &statement.entries {
                    entry(xml, each, statement, version);
                }
            });
        });
    });
    xml.text
}

const fn bic(version: Version) -> &'static str {
    match version {
        Version::V02 => "BIC",
        Version::V08 => "BICFI",
    }
}

fn balance(xml: &mut Xml, kind: &str, day: jiff::civil::Date, amount: Cents) {
    xml.within("Bal", |xml| {
        xml.leaf("Tp/CdOrPrtry/Cd", kind);
        xml.amount("Amt", amount);
        xml.direction(amount >= Cents::ZERO);
        xml.leaf("Dt/Dt", &day.to_string());
    });
}

fn summary(xml: &mut Xml, statement: &Statement) {
    xml.within("TxsSummry", |xml| {
        for (name, credit) in [("TtlCdtNtries", true), ("TtlDbtNtries", false)] {
            let these = statement
                .entries
                .iter()
                .filter(|entry| entry.booking.is_credit() == credit);
            let (mut number, mut sum) = (0, Cents::ZERO);
            for entry in these {
                number += 1;
                sum = sum.plus(entry.amount);
            }
            xml.within(name, |xml| {
                xml.leaf("NbOfNtries", &format!("{number}"));
                xml.leaf("Sum", &sum.to_string());
            });
        }
    });
}

fn entry(xml: &mut Xml, entry: &Entry, statement: &Statement, version: Version) {
    let day = entry.day.to_string();
    xml.within("Ntry", |xml| {
        xml.leaf("NtryRef", &entry.number.to_string());
        xml.amount("Amt", entry.amount);
        xml.direction(entry.booking.is_credit());
        if entry.booking == Booking::Return {
            xml.leaf("RvslInd", "true");
        }
        match version {
            Version::V02 => xml.leaf("Sts", "BOOK"),
            Version::V08 => xml.leaf("Sts/Cd", "BOOK"),
        }
        xml.leaf("BookgDt/Dt", &day);
        xml.leaf("ValDt/Dt", &day);
        xml.leaf("AcctSvcrRef", &entry.reference());
        codes(xml, entry.booking);
        xml.within("NtryDtls", |xml| {
            if entry.details.len() > 1 {
                xml.within("Btch", |xml| {
                    xml.leaf("PmtInfId", &format!("SAMMLER-{}", entry.reference()));
                    xml.leaf("NbOfTxs", &entry.details.len().to_string());
                    xml.amount("TtlAmt", entry.amount);
                    xml.direction(entry.booking.is_credit());
                });
            }
            for (place, detail) in entry.details.iter().enumerate() {
                let reference = format!("{}-{}", entry.reference(), place + 1);
                transaction(xml, entry, detail, &reference, statement, version);
            }
        });
        xml.leaf("AddtlNtryInf", entry.booking.text());
    });
}

fn codes(xml: &mut Xml, booking: Booking) {
    let [domain, family, sub_family] = booking.domain();
    xml.within("BkTxCd", |xml| {
        xml.within("Domn", |xml| {
            xml.leaf("Cd", domain);
            xml.within("Fmly", |xml| {
                xml.leaf("Cd", family);
                xml.leaf("SubFmlyCd", sub_family);
            });
        });
        xml.within("Prtry", |xml| {
            xml.leaf("Cd", &format!("{}+{}+931", booking.swift(), booking.gvc()));
            xml.leaf("Issr", "DK");
        });
    });
}

fn transaction(
    xml: &mut Xml,
    entry: &Entry,
    detail: &Detail,
    reference: &str,
    statement: &Statement,
    version: Version,
) {
    let booking = entry.booking;
    xml.within("TxDtls", |xml| {
        xml.within("Refs", |xml| {
            xml.leaf("AcctSvcrRef", reference);
            xml.leaf(
                "EndToEndId",
                detail.end_to_end.as_deref().unwrap_or("NOTPROVIDED"),
            );
            if let Some(mandate) = &detail.mandate {
                xml.leaf("MndtId", &cut(mandate, 35));
            }
        });
        if version == Version::V08 {
            xml.amount("Amt", detail.amount.plus(detail.fee));
            xml.direction(booking.is_credit());
        }
        xml.within("AmtDtls", |xml| {
            if booking == Booking::Return {
                xml.within("InstdAmt", |xml| xml.amount("Amt", detail.amount));
            }
            xml.within("TxAmt", |xml| xml.amount("Amt", detail.amount.plus(detail.fee)));
        });
        codes(xml, booking);
        if booking == Booking::Return && detail.fee > Cents::ZERO {
            charges(xml, detail.fee, version);
        }
        parties(xml, entry, detail, statement, version);
        xml.leaf("RmtInf/Ustrd", &detail.purpose);
        if let Some(reason) = &detail.reason {
            xml.within("RtrInf", |xml| xml.leaf("Rsn/Cd", reason));
        }
    });
}

fn charges(xml: &mut Xml, fee: Cents, version: Version) {
    let inside = |xml: &mut Xml| {
        xml.amount("Amt", fee);
        xml.direction(false);
    };
    match version {
        Version::V02 => xml.within("Chrgs", inside),
        Version::V08 => xml.within("Chrgs", |xml| xml.within("Rcrd", inside)),
    }
}

/// Who pays and who is paid. Debits are started by who is paid; what is sent back or taken back goes the other
/// way, but a returned debit keeps the roles of the debit.
fn parties(xml: &mut Xml, entry: &Entry, detail: &Detail, statement: &Statement, version: Version) {
    let (debtor, creditor) = match entry.booking {
        Booking::Transfer | Booking::Payout | Booking::Debits | Booking::Return => (true, false),
        Booking::Payback | Booking::Refund => (false, true),
    };
    let party = |xml: &mut Xml, name: &str, who: &str, creditor_id: bool| {
        let inside = |xml: &mut Xml| {
            xml.leaf("Nm", &cut(who, 70));
            if creditor_id {
                xml.leaf("Id/PrvtId/Othr/Id", CREDITOR_ID);
            }
        };
        match version {
            Version::V02 => xml.within(name, inside),
            Version::V08 => xml.within(name, |xml| xml.within("Pty", inside)),
        }
    };
    let by_debit = matches!(entry.booking, Booking::Debits | Booking::Return);
    let bank = &statement.bank;
    let here = (bank.holder.as_str(), bank.iban.as_str());
    let there = (detail.other_name.as_str(), detail.other_iban.as_str());
    let (payer, paid) = if debtor { (there, here) } else { (here, there) };
    xml.within("RltdPties", |xml| {
        party(xml, "Dbtr", payer.0, false);
        xml.leaf("DbtrAcct/Id/IBAN", payer.1);
        party(xml, "Cdtr", paid.0, by_debit);
        xml.leaf("CdtrAcct/Id/IBAN", paid.1);
    });
    let agent = if creditor { "CdtrAgt" } else { "DbtrAgt" };
    xml.within("RltdAgts", |xml| {
        xml.within(agent, |xml| {
            xml.within("FinInstnId", |xml| xml.leaf(bic(version), "PAYRDEFFXXX"));
        });
    });
}
