//! One payment inside an entry (`TxDtls`).

use super::entry::Basics;
use super::fees::charges;
use super::fields::{cents, code, direction};
use super::head::Account;
use super::tree::{At, Tree, filler};
use super::xml::Fault;
use crate::domain::money::Cents;
use crate::domain::statement::{Code, Detail, Direction, Party, Place, References, Return};

/// A detail as it is told by itself; what it leaves to its entry is settled by [`settle_alone`] and
/// [`settle_among_others`].
///
/// # Errors
/// An amount or a direction cannot be read.
pub fn detail(
    tree: &Tree,
    basics: &Basics,
    account: &Account,
    (ordinal, line): (u32, u64),
    raw: String,
) -> Result<Detail, Fault> {
    let root = tree.root().find("TxDtls").unwrap_or_else(|| tree.root());
    let direction = direction(root)?.unwrap_or(basics.direction);
    let returned = returned(root);
    let structured = root
        .all("RmtInf/Strd/CdtrRefInf/Ref")
        .into_iter()
        .filter_map(At::text)
        .filter(|text| !filler(text));
    Ok(Detail {
        ordinal,
        cents: told_amount(root, basics)?,
        direction,
        references: references(root),
        counterparty: counterparty(root, direction, returned.is_some(), account),
        purpose: purpose(root),
        structured: structured.collect(),
        returned,
        original: original(root, basics)?,
        charges: charges(root, basics)?,
        code: code(root),
        raw,
        place: Place { line },
    })
}

/// The only detail of its entry: it is worth what the entry is where it says nothing itself, unless the entry stands
/// for several payments that are not told here.
pub fn settle_alone(detail: &mut Detail, tree: &Tree, basics: &Basics, parts: Parts) -> Result<(), Fault> {
    if detail.cents.is_none() && parts == Parts::One {
        detail.cents = Some(basics.cents);
    }
    if detail.charges.is_empty() {
        detail.charges = charges(tree.root(), basics)?;
    }
    if detail.original.is_none() {
        detail.original = original(tree.root(), basics)?;
    }
    Ok(())
}

/// One of several details: where it tells only what was instructed, in the same currency and without a return or a fee,
/// that is what it is worth.
pub fn settle_among_others(detail: &mut Detail) {
    if detail.cents.is_none() && detail.returned.is_none() && detail.charges.is_empty() {
        detail.cents = detail.original;
    }
}

/// Whether an entry stands for one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// It does, as far as is told.
    One,
    /// Its `Btch` says that it stands for several, or does not say how many.
    Several,
}

/// The detail of an entry that has none of its own.
pub fn of_entry_alone(basics: &Basics, line: u64) -> Detail {
    Detail {
        ordinal: 1,
        cents: None,
        direction: basics.direction,
        references: References::default(),
        counterparty: Party::default(),
        purpose: Vec::new(),
        structured: Vec::new(),
        returned: None,
        original: None,
        charges: Vec::new(),
        code: Code::default(),
        raw: String::new(),
        place: Place { line },
    }
}

/// The amount of the detail in the currency of its entry. `TxDtls/Amt` since version 03, `AmtDtls/TxAmt` before.
fn told_amount(root: At<'_>, basics: &Basics) -> Result<Option<Cents>, Fault> {
    in_entry_currency(
        root,
        basics,
        &["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt"],
    )
}

/// What was instructed, in the currency of the entry.
fn original(root: At<'_>, basics: &Basics) -> Result<Option<Cents>, Fault> {
    in_entry_currency(root, basics, &["AmtDtls/InstdAmt/Amt"])
}

fn in_entry_currency(root: At<'_>, basics: &Basics, paths: &[&str]) -> Result<Option<Cents>, Fault> {
    paths
        .iter()
        .filter_map(|path| root.find(path))
        .find(|at| at.text().is_some() && at.currency().is_none_or(|currency| currency == basics.currency))
        .map(cents)
        .transpose()
}

fn references(root: At<'_>) -> References {
    let Some(refs) = root.find("Refs") else {
        return References {
            creditor_id: creditor_id(root),
            ..References::default()
        };
    };
    let one_of = |paths: &[&'static str]| {
        paths
            .iter()
            .find_map(|path| refs.reference(&[path]).map(|value| (*path, value)))
    };
    let transaction = one_of(&["TxId", "UETR"]);
    let instruction = one_of(&["InstrId", "PmtInfId", "MsgId"]);
    let used = |name: &str| {
        let named = |found: &Option<(&str, String)>| found.as_ref().is_some_and(|(used, _)| *used == name);
        named(&transaction)
            || named(&instruction)
            || matches!(name, "EndToEndId" | "MndtId" | "AcctSvcrRef" | "Prtry")
    };
    let plain = refs
        .parts()
        .filter(|part| !used(part.name()))
        .filter_map(|part| Some((part.name().to_owned(), part.text()?)));
    let proprietary = refs.all("Prtry").into_iter().filter_map(|prtry| {
        let name = prtry.first(&["Tp", "Tp/Cd", "Tp/Prtry"]);
        Some((name.unwrap_or_else(|| "Prtry".to_owned()), prtry.first(&["Ref"])?))
    });
    References {
        end_to_end: refs.reference(&["EndToEndId"]),
        mandate: refs.reference(&["MndtId"]),
        creditor_id: creditor_id(root),
        transaction: transaction.as_ref().map(|(_, value)| value.clone()),
        bank: refs.reference(&["AcctSvcrRef"]),
        instruction: instruction.as_ref().map(|(_, value)| value.clone()),
        other: plain
            .chain(proprietary)
            .filter(|(_, value)| !filler(value))
            .collect(),
    }
}

/// The creditor's SEPA id: the one that says so, or the only one that a person's id holds.
fn creditor_id(root: At<'_>) -> Option<String> {
    let creditors = ["RltdPties/Cdtr", "RltdPties/Cdtr/Pty"].map(|path| root.find(path));
    let ids: Vec<At<'_>> = creditors
        .into_iter()
        .flatten()
        .flat_map(|party| [party.all("Id/PrvtId/Othr"), party.all("Id/OrgId/Othr")].concat())
        .collect();
    let sepa = ids
        .iter()
        .find(|id| id.first(&["SchmeNm/Prtry"]).as_deref() == Some("SEPA"));
    let private = || root.find("RltdPties/Cdtr/Id/PrvtId/Othr");
    let private_party = || root.find("RltdPties/Cdtr/Pty/Id/PrvtId/Othr");
    let id = sepa.copied().or_else(private).or_else(private_party)?;
    id.reference(&["Id"])
}

/// The lines as the bank cut them, blanks at their ends included. Banks that write none put the text into the
/// structured part's additional lines or into the additional information.
fn purpose(root: At<'_>) -> Vec<String> {
    let lines = |path: &str| -> Vec<String> {
        let found = root.all(path).into_iter().map(|at| at.value().to_owned());
        found.filter(|line| !line.trim().is_empty()).collect()
    };
    let mut purpose = lines("RmtInf/Ustrd");
    purpose.extend(lines("RmtInf/Strd/AddtlRmtInf"));
    if purpose.is_empty() {
        purpose = lines("AddtlTxInf");
    }
    purpose
}

fn returned(root: At<'_>) -> Option<Return> {
    let info = root.find("RtrInf")?;
    let proprietary = info.first(&["Rsn/Prtry"]);
    // Some banks put the ISO code where the words belong.
    let (code, words) = match (info.first(&["Rsn/Cd"]), proprietary) {
        (None, Some(text)) if is_reason(&text) => (Some(text), None),
        (code, words) => (code, words),
    };
    let additional = info.all("AddtlInf").into_iter().filter_map(At::text);
    let text: Vec<String> = words.into_iter().chain(additional).collect();
    let text = (!text.is_empty()).then(|| text.join("\n"));
    (code.is_some() || text.is_some()).then_some(Return { code, text })
}

/// Two letters and two digits (`MS03`), or four letters (`FOCR`).
fn is_reason(text: &str) -> bool {
    text.len() == 4
        && text.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A side of a payment: element names of party, account, bank and ultimate party.
struct Side(&'static str, &'static str, &'static str, &'static str);

const DEBTOR: Side = Side("Dbtr", "DbtrAcct", "DbtrAgt", "UltmtDbtr");
const CREDITOR: Side = Side("Cdtr", "CdtrAcct", "CdtrAgt", "UltmtCdtr");

/// Who is on the other side: the debtor of what came in, the creditor of what went out. A payment that came back keeps
/// the sides of the original. Where it is told which side is the account's holder, by account or by name, that decides.
fn counterparty(root: At<'_>, direction: Direction, returned: bool, account: &Account) -> Party {
    let (debtor, creditor) = (party(root, &DEBTOR), party(root, &CREDITOR));
    let (usual, other) = match direction {
        Direction::Credit => (debtor, creditor),
        Direction::Debit => (creditor, debtor),
    };
    let ours = |party: &Party| party.account.as_deref() == Some(account.id.as_str());
    let named_ours = |party: &Party| match (&party.name, &account.owner) {
        (Some(name), Some(owner)) => name.eq_ignore_ascii_case(owner),
        _ => false,
    };
    let swapped = if ours(&usual) || ours(&other) {
        ours(&usual) && !ours(&other)
    } else if named_ours(&usual) != named_ours(&other) {
        named_ours(&usual)
    } else {
        returned && other != Party::default()
    };
    if swapped { other } else { usual }
}

fn party(root: At<'_>, Side(party, account, bank, ultimate): &Side) -> Party {
    let parties = root.find("RltdPties");
    let named = |element: &str| {
        let at = parties?.find(element)?;
        // Swiss banks write the name as the first line of an address without a structure.
        at.called(&[
            "Nm",
            "Pty/Nm",
            "Agt/FinInstnId/Nm",
            "PstlAdr/AdrLine",
            "Pty/PstlAdr/AdrLine",
        ])
    };
    let account = parties.and_then(|parties| parties.find(account)).and_then(|at| {
        let id = at.reference(&["Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN"])?;
        Some(id.chars().filter(|c| !c.is_whitespace()).collect())
    });
    let agent = root.find("RltdAgts").and_then(|agents| agents.find(bank));
    Party {
        name: named(party),
        ultimate: named(ultimate),
        account,
        bank: agent.and_then(|at| {
            at.reference(&[
                "FinInstnId/BICFI",
                "FinInstnId/BIC",
                "FinInstnId/ClrSysMmbId/MmbId",
                "FinInstnId/CmbndId/BIC",
                "FinInstnId/Othr/Id",
            ])
        }),
    }
}
