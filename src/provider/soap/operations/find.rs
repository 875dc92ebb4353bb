//! Finding a payment whose answer was lost: by the Kassenzeichen where we gave it, else by our number where the service
//! has lesenTransaktion. What cannot be found for certain is unclear, never absent.

use super::super::answer::Verdict;
use super::super::client::{Deadline, Said, Soap};
use super::super::profile::{LookUp, Profile};
use super::super::requests;
use super::super::told::{KUNDENNUMMER, existing, kassenzeichen, other_customer};
use crate::app::ports::{Calls, Fault, OpenOrder, Refusal};
use crate::domain::ids::{Kassenzeichen, Mandant, Transaktionsnummer};
use crate::domain::money::Cents;

/// What became of an earlier call.
#[derive(Debug)]
pub(in super::super) enum Found {
    /// It arrived.
    There(Kassenzeichen),
    /// It surely did not.
    NotThere,
    /// The Kassenzeichen is somebody else's.
    Taken(Refusal),
    /// This time nobody knows.
    Unclear(String),
    /// There is no way to find out.
    NoWay(String),
}

/// Whose payment is looked for.
pub(super) struct Ours<'a> {
    pub(super) mandant: &'a Mandant,
    pub(super) nummer: &'a Transaktionsnummer,
    pub(super) kundennummer: &'a str,
    pub(super) total: Cents,
}

impl Soap {
    /// What became of an earlier call for an order.
    pub(super) async fn find(
        &self,
        order: &OpenOrder,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Found {
        let ours = Ours {
            mandant: &order.mandant,
            nummer: &order.nummer,
            kundennummer: &order.kundennummer,
            total: order.total,
        };
        let by_number = profile.look_up == LookUp::LesenTransaktion;
        match &order.kassenzeichen {
            Some(own) => match self.find_own(&ours, own, profile, deadline, calls).await {
                Found::NoWay(_) if by_number => self.find_by_number(&ours, profile, deadline, calls).await,
                // Another time the answer may name the Kunde.
                Found::NoWay(why) => Found::Unclear(why),
                found => found,
            },
            None if by_number => self.find_by_number(&ours, profile, deadline, calls).await,
            None => Found::NoWay(
                "the answer was lost, and the service offers no way to find out: look_up is none, and the Kassenzeichen \
                 is not ours"
                    .to_owned(),
            ),
        }
    }

    async fn find_own(
        &self,
        ours: &Ours<'_>,
        own: &Kassenzeichen,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Found {
        let request = requests::kassenzeichen_info(ours.mandant, own, profile.kassenzeichen_parameter);
        let within = self.step(deadline);
        let said = self.call(request, ours.mandant, within, calls).await;
        let answered = match said {
            Said::Answered(answered, verdict) => {
                let code = answered.ergebnis().code;
                if code.is_some_and(|code| profile.unknown_codes.contains(&code)) {
                    return Found::NotThere;
                }
                if verdict != Verdict::Done {
                    return Found::Unclear(format!("lesenKassenzeichenInfo {own}: {}", verdict.why()));
                }
                answered
            }
            other => return Found::Unclear(unanswered(other)),
        };
        let result = answered.result();
        if other_customer(result, ours.kundennummer) {
            return Found::Taken(Refusal {
                fault: Fault::Configuration,
                code: "kassenzeichen-taken".to_owned(),
                text: format!(
                    "the Kassenzeichen {own} of our pool belongs to another Kunde; the pools overlap"
                ),
            });
        }
        match kassenzeichen(result) {
            Ok(Some(named)) if named == *own => {}
            Ok(Some(other)) => {
                return Found::Unclear(format!("asked for {own}, the answer is about {other}"));
            }
            Ok(None) => return Found::Unclear(format!("the answer about {own} names no Kassenzeichen")),
            Err(why) => return Found::Unclear(why),
        }
        if result.child(KUNDENNUMMER).is_none() {
            return Found::NoWay(format!("the answer about {own} names no Kunde"));
        }
        Found::There(own.clone())
    }

    /// By our own number.
    pub(super) async fn find_by_number(
        &self,
        ours: &Ours<'_>,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Found {
        let request = requests::lesen_transaktion(ours.mandant, ours.nummer);
        let within = self.step(deadline);
        let answered = match self.call(request, ours.mandant, within, calls).await {
            Said::Answered(answered, verdict) => {
                let code = answered.ergebnis().code;
                if code.is_some_and(|code| profile.transaction_unknown_codes.contains(&code)) {
                    return Found::NotThere;
                }
                if verdict != Verdict::Done {
                    return Found::Unclear(format!("lesenTransaktion {}: {}", ours.nummer, verdict.why()));
                }
                answered
            }
            Said::NoSuchMethod(operation) => {
                return Found::NoWay(format!(
                    "the answer was lost, and the service does not know {operation}"
                ));
            }
            other => return Found::Unclear(unanswered(other)),
        };
        let result = answered.result();
        if other_customer(result, ours.kundennummer) {
            return Found::Unclear(format!(
                "the transaction {} belongs to another Kunde",
                ours.nummer
            ));
        }
        match existing(result, ours.nummer, ours.total) {
            Ok(Some(kassenzeichen)) => Found::There(kassenzeichen),
            Ok(None) => Found::Unclear(format!("the transaction {} has no Kassenzeichen", ours.nummer)),
            Err(why) => Found::Unclear(why),
        }
    }
}

/// Why a question brought nothing.
fn unanswered(said: Said) -> String {
    match said.done() {
        Ok(_) => "no answer".to_owned(),
        Err(refusal) => format!("{}: {}", refusal.code, refusal.text),
    }
}
