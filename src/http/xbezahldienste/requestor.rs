//! Who pays: the old form of 1.0.0 and 1.1.0, and the typed form of 1.2.0.
//!
//! Of a requestor the name is kept and nothing else: ePayBL gets no more, and what is not stored needs no erasing. Faults
//! in it never fail a payment; a payer without a usable name is a payment without a payer, for which the route has a
//! fallback name. Warnings say where and what, never a name.

use serde_json::Value;

use super::check;
use super::members::{Members, Notes};
use crate::domain::order::Payer;

/// In which form the requestor came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestorKind {
    /// There was none.
    Absent,
    /// `RequestorLegacy`: name, firstName, isOrganization, organizationName.
    Legacy,
    /// `requestorType` INDIVIDUAL or ORGANIZATION.
    Typed,
}

const NAME_LEN: usize = 250;

/// Every member that one of the forms has, with 1.1.0's misspelling, which its published file requires.
const MEMBERS: &[&str] = &[
    "requestorType",
    "name",
    "firstName",
    "gender",
    "isOrganization",
    "isIrganization",
    "organizationName",
    "address",
];

/// Reads `requestor` of the body.
pub(super) fn read(body: &Members<'_>, notes: &mut Notes) -> (Option<Payer>, RequestorKind) {
    let Some(value) = body.get("requestor") else {
        return (None, RequestorKind::Absent);
    };
    let requestor = match Members::at("requestor".to_owned(), value) {
        Ok(requestor) => requestor,
        Err(fault) => {
            notes.fault("requestor", &fault);
            return (None, RequestorKind::Absent);
        }
    };
    requestor.warn_of_unknown(MEMBERS, notes);
    if !requestor.get("address").is_some_and(Value::is_object) {
        notes.warn("requestor.address is missing or no object, ignored".to_owned());
    }
    let kind = if requestor.get("requestorType").is_some() {
        RequestorKind::Typed
    } else {
        RequestorKind::Legacy
    };
    let payer = payer(&requestor, notes);
    if payer.is_none() {
        notes.warn("requestor has no usable name, the route's fallback name is used".to_owned());
    }
    (payer, kind)
}

fn payer(requestor: &Members<'_>, notes: &mut Notes) -> Option<Payer> {
    let name = self::name(requestor, "name", notes);
    let organisation_name = self::name(requestor, "organizationName", notes);
    let says_organisation = match requestor.get("requestorType").map(Value::as_str) {
        Some(Some("ORGANIZATION")) => true,
        Some(Some("INDIVIDUAL")) => false,
        other => {
            if other.is_some() {
                notes.warn("requestor.requestorType is neither INDIVIDUAL nor ORGANIZATION".to_owned());
            }
            match requestor.get("isOrganization") {
                None => false,
                Some(Value::Bool(organisation)) => *organisation,
                Some(_) => {
                    notes.warn("requestor.isOrganization is no boolean, taken as false".to_owned());
                    false
                }
            }
        }
    };
    // An organisation's name alone is one, whatever the flag says; a person's name goes before a stray one.
    if says_organisation || name.is_none() {
        return Some(Payer {
            organisation: says_organisation || organisation_name.is_some(),
            name: organisation_name.or(name)?,
            first_name: None,
        });
    }
    let first_name = self::name(requestor, "firstName", notes);
    if first_name.is_none() {
        notes.warn("requestor.firstName is missing".to_owned());
    }
    Some(Payer {
        name: name?,
        first_name,
        organisation: false,
    })
}

/// A name, repaired rather than refused: control characters out, cut at 250.
fn name(requestor: &Members<'_>, member: &str, notes: &mut Notes) -> Option<String> {
    let Some(text) = requestor.get(member)?.as_str() else {
        notes.warn(format!("requestor.{member} is no text, ignored"));
        return None;
    };
    let printable: String = text
        .chars()
        .filter(|c| c.is_whitespace() || !c.is_control())
        .collect();
    let mut name = check::plain(&printable).unwrap_or_default();
    if printable.len() < text.len() {
        notes.warn(format!("requestor.{member} has control characters, taken out"));
    }
    if name.chars().count() > NAME_LEN {
        notes.warn(format!("requestor.{member} is longer than 250 characters, cut"));
        name = name.chars().take(NAME_LEN).collect();
    }
    (!name.is_empty()).then_some(name)
}
