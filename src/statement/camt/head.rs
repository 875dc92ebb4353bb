//! What opens and closes a statement: account, number, period, balances, stated totals.
//!
//! Several pairs of balances may stand in one statement, a pair for each day or page. Its opening is then the earliest
//! and its closing the latest; the others are told as others. German banks open with `PRCD`, the closing balance of the
//! day before, where others write `OPBD`.

use super::fields::{date, day, direction, number, total, yes};
use super::tree::{At, Tree};
use super::xml::Fault;
use crate::domain::money::Cents;
use crate::domain::statement::{Balance, Direction, Format, Head, Place, Sequence, Stated, Tail};

/// What a message says of all its statements.
#[derive(Default)]
pub struct Group {
    id: Option<String>,
    created: Option<String>,
    page: Option<(u64, bool)>,
}

/// What the entries need to know of their account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Its IBAN or number, without blanks; empty where the statement names none.
    pub id: String,
    /// Its currency, where the statement says one.
    pub currency: Option<String>,
    /// Its holder's name, where the statement says one.
    pub owner: Option<String>,
}

impl Group {
    /// From `GrpHdr`.
    pub fn read(tree: &Tree) -> Self {
        let root = tree.root();
        Self {
            id: root.first(&["GrpHdr/MsgId"]),
            created: root.first(&["GrpHdr/CreDtTm"]),
            page: root.find("GrpHdr/MsgPgntn").and_then(page),
        }
    }
}

/// `PgNb` and `LastPgInd`.
fn page(at: At<'_>) -> Option<(u64, bool)> {
    let number = number(at, &["PgNb"]).filter(|number| *number > 0)?;
    Some((number, yes(at, "LastPgInd")))
}

/// The head of a statement from what stands before its first entry.
///
/// # Errors
/// A balance cannot be read.
pub fn head(
    tree: &Tree,
    group: &Group,
    (format, version): (Format, Option<String>),
    line: u64,
) -> Result<(Head, Account), Fault> {
    let root = tree.root();
    let account = account(root);
    let balances = balances(root, account.currency.as_deref())?;
    let opening = opening(&balances, account.currency.as_deref()).map(|index| balances[index].clone());
    let period = root.find("FrToDt").and_then(|span| {
        let day = |paths: &[&str]| date(&span.first(paths)?);
        Some((day(&["FrDtTm", "FrDt"])?, day(&["ToDtTm", "ToDt"])?))
    });
    let head = Head {
        format,
        version,
        account: account.id.clone(),
        currency: account.currency.clone(),
        id: root
            .first(&["Id"])
            .or_else(|| group.id.clone())
            .unwrap_or_default(),
        sequence: sequence(root, group),
        created: root.first(&["CreDtTm"]).or_else(|| group.created.clone()),
        period,
        opening,
        place: Place { line },
    };
    Ok((head, account))
}

/// The tail of a statement from everything in it that is no entry.
///
/// # Errors
/// A balance or a total cannot be read.
pub fn tail(tree: &Tree, account: &Account) -> Result<Tail, Fault> {
    let root = tree.root();
    let currency = account.currency.as_deref();
    let mut balances = balances(root, currency)?;
    let opening = opening(&balances, currency);
    let closing = closing(&balances, currency);
    let stated = stated(root)?;
    let closing_balance = closing.map(|index| balances[index].clone());
    let mut index = 0;
    balances.retain(|_| {
        index += 1;
        Some(index - 1) != opening && Some(index - 1) != closing
    });
    Ok(Tail {
        closing: closing_balance,
        others: balances,
        stated,
    })
}

fn account(root: At<'_>) -> Account {
    let id = root
        .first(&[
            "Acct/Id/IBAN",
            "Acct/Id/Othr/Id",
            "Acct/Id/PrtryAcct/Id",
            "Acct/Id/BBAN",
        ])
        .unwrap_or_default();
    Account {
        id: id.chars().filter(|c| !c.is_whitespace()).collect(),
        currency: root.first(&["Acct/Ccy"]),
        owner: root.first(&["Acct/Ownr/Nm", "Acct/Ownr/Pty/Nm"]),
    }
}

/// The electronic number before the legal one; the page from the statement, or from the message where it is one of
/// several. A number of nothing, or one that is no number, does not count.
fn sequence(root: At<'_>, group: &Group) -> Option<Sequence> {
    let number = ["ElctrncSeqNb", "LglSeqNb"]
        .iter()
        .find_map(|path| number::<u64>(root, &[path]).filter(|number| *number > 0))?;
    let own = ["StmtPgntn", "RptPgntn", "NtfctnPgntn"]
        .iter()
        .find_map(|path| root.find(path).and_then(page));
    let page = own.or(group.page.filter(|page| *page != (1, true)));
    Some(Sequence {
        number,
        page: page.map(|(number, _)| number),
        last: page.map(|(_, last)| last),
    })
}

fn balances(root: At<'_>, currency: Option<&str>) -> Result<Vec<Balance>, Fault> {
    root.all("Bal")
        .into_iter()
        .map(|at| balance(at, currency))
        .collect()
}

fn balance(at: At<'_>, currency: Option<&str>) -> Result<Balance, Fault> {
    let Some(amount) = at.find("Amt") else {
        return Err(at.fault("a balance has no amount (Bal/Amt)".to_owned()));
    };
    let (cents, currency) = super::fields::amount(amount, currency)?;
    let direction = match direction(at)? {
        Some(direction) => direction,
        // Nothing has no direction, and some banks then write none.
        None if cents == Cents::ZERO => Direction::Credit,
        None => return Err(at.fault("a balance does not say CRDT or DBIT (Bal/CdtDbtInd)".to_owned())),
    };
    let kind = at.first(&["Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "Tp/Prtry"]);
    Ok(Balance {
        kind: kind.unwrap_or_default(),
        cents: direction.signed(cents),
        day: at.find("Dt").and_then(day),
        currency,
    })
}

fn in_currency<'a>(
    balances: &'a [Balance],
    currency: Option<&'a str>,
) -> impl Iterator<Item = (usize, &'a Balance)> {
    let currency = currency.or(balances.first().map(|balance| balance.currency.as_str()));
    balances
        .iter()
        .enumerate()
        .filter(move |(_, balance)| Some(balance.currency.as_str()) == currency)
}

/// The earliest; of one day the first.
fn opening(balances: &[Balance], currency: Option<&str>) -> Option<usize> {
    ["OPBD", "PRCD"].iter().find_map(|kind| {
        in_currency(balances, currency)
            .filter(|(_, balance)| balance.kind == *kind)
            .min_by_key(|(index, balance)| (balance.day, *index))
            .map(|(index, _)| index)
    })
}

/// The latest; of one day the last.
fn closing(balances: &[Balance], currency: Option<&str>) -> Option<usize> {
    in_currency(balances, currency)
        .filter(|(_, balance)| balance.kind == "CLBD")
        .max_by_key(|(index, balance)| (balance.day, *index))
        .map(|(index, _)| index)
}

fn stated(root: At<'_>) -> Result<Stated, Fault> {
    let totals = |path: &str| -> Result<Option<(u64, Cents)>, Fault> {
        let Some(at) = root.find("TxsSummry").and_then(|summary| summary.find(path)) else {
            return Ok(None);
        };
        let sum = at.find("Sum").filter(|sum| sum.text().is_some());
        let sum = sum.map(total).transpose()?;
        Ok(number(at, &["NbOfNtries"]).zip(sum))
    };
    Ok(Stated {
        count: number(root, &["TxsSummry/TtlNtries/NbOfNtries"]),
        credits: totals("TtlCdtNtries")?,
        debits: totals("TtlDbtNtries")?,
    })
}
