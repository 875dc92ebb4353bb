//! How a person resolves an exception: what it does to the books, and who must have a hand in it.
//!
//! A resolution goes through steps, one role each and in this order; the last one books. Each step is a record with the
//! person and a reason. To add a way: a line in `ways!`, its row in the table below and in betrieb.md, its effect in
//! `app/exceptions/`, its reversal in `decide/undoing.rs`, a migration for nothing: ways are texts in records.
//!
//! | way | steps | effect |
//! |---|---|---|
//! | `zuordnung` | kasse | money of a deposit is a payment's: *verwahrung an verrechnung*, and what follows from it |
//! | `annahme` | feststeller, anordner | late money pays after all: the Soll stands again, *verwahrung an forderung*; the portal's answer stays |
//! | `erstattung` | feststeller, anordner, kasse | a deposit is to be paid back: *verwahrung an erstattung* |
//! | `weiterleitung` | feststeller, anordner, kasse | a deposit is to be passed on: *verwahrung an erstattung* |
//! | `aufteilung` | kasse | a deposit is divided, each part with an exception of its own: *verwahrung an verwahrung* |
//! | `anderweitig` | feststeller, anordner | paid another way, under a receipt: *erloes an forderung*; the case is paid |
//! | `ausbuchung` | feststeller, anordner | within the authority's limits: *erloes an forderung*, or *verwahrung an erloes* |
//! | `umbuchung` | feststeller, anordner | income moves to another title: *erloes an erloes* |
//! | `vermerk` | kasse | nothing is booked: looked at, and left as it is |

mod terms;

pub use terms::{MOST_PARTS, Terms};

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{AuthorityId, ExceptionId};
use super::record::Resolved;

/// What a person may do, for one authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Certifies that a matter is right in fact and figures (§ 40 ThürGemHV).
    Feststeller,
    /// Orders (§ 37 ThürGemHV).
    Anordner,
    /// Works in the cash office; never orders.
    Kasse,
    /// Leads the cash office.
    Kassenverwalter,
    /// Reads everything and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Feststeller,
        Self::Anordner,
        Self::Kasse,
        Self::Kassenverwalter,
        Self::Auditor,
    ];

    /// Its name in the tenants file and in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feststeller => "feststeller",
            Self::Anordner => "anordner",
            Self::Kasse => "kasse",
            Self::Kassenverwalter => "kassenverwalter",
            Self::Auditor => "auditor",
        }
    }

    /// Whether who has this role may take a step of another: who leads the cash office works in it.
    const fn covers(self, step: Self) -> bool {
        matches!(
            (self, step),
            (Self::Feststeller, Self::Feststeller)
                | (Self::Anordner, Self::Anordner)
                | (Self::Kasse | Self::Kassenverwalter, Self::Kasse)
                | (Self::Kassenverwalter, Self::Kassenverwalter)
        )
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let role = Self::ALL.iter().copied().find(|role| role.as_str() == text);
        role.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
            format!("«{text}» is no role; there are {}", all.join(", "))
        })
    }
}

/// Who resolves an exception where no person does: its cause is gone. No client has this id.
pub const PROGRAM: &str = "programm";
/// The way in which the program resolves an exception.
pub const GONE: &str = "erledigt";

/// The step by which the program itself resolves an exception whose cause is gone; `why` names what took it away, in
/// the words of a plan (`detail/…`).
pub fn by_program(exception: ExceptionId, why: String) -> Resolved {
    Resolved {
        exception,
        how: GONE.to_owned(),
        plan: why,
        role: PROGRAM.to_owned(),
        person: PROGRAM.to_owned(),
        state: "done".to_owned(),
    }
}

/// The roles of a person, by authority.
pub type Roles = BTreeMap<AuthorityId, BTreeSet<Role>>;

macro_rules! ways {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $german:literal, [$($role:ident),*];)*) => {
        /// How an exception is resolved.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum How { $($(#[$doc])* $name,)* }

        impl How {
            /// Every way.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in records.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Its effect, in German.
            pub const fn german(self) -> &'static str {
                match self { $(Self::$name => $german,)* }
            }

            /// Whose steps it needs, in their order.
            pub const fn steps(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*],)* }
            }
        }
    };
}

ways! {
    /// Money of a deposit is found to be a payment's.
    Assign = "zuordnung", "Das Geld wird einer Zahlung zugeordnet.", [Kasse];
    /// Late money pays after all.
    Accept = "annahme", "Die verspätete Zahlung wird angenommen; das Soll lebt wieder auf.", [Feststeller, Anordner];
    /// A deposit is to be paid back.
    Refund = "erstattung", "Das verwahrte Geld wird zur Erstattung angeordnet.", [Feststeller, Anordner, Kasse];
    /// A deposit is divided.
    Divide = "aufteilung", "Das verwahrte Geld wird aufgeteilt; jeder Teil wird für sich geklärt.", [Kasse];
    /// The payment was paid another way.
    Elsewhere = "anderweitig", "Es wurde anderweitig gezahlt; was hier offen ist, wird abgesetzt.", [Feststeller, Anordner];
    /// A small difference is given up.
    WriteOff = "ausbuchung", "Der kleine Unterschied wird ausgebucht: nicht weiter verfolgt oder einbehalten.", [Feststeller, Anordner];
    /// A deposit is to be passed on to whom it belongs.
    PassOn = "weiterleitung", "Das verwahrte Geld gehört jemand anderem und wird zur Weiterleitung angeordnet.", [Feststeller, Anordner, Kasse];
    /// Income moves to another title.
    Correct = "umbuchung", "Die Einnahme wird auf eine andere Haushaltsstelle umgebucht.", [Feststeller, Anordner];
    /// Looked at, and left as it is.
    Leave = "vermerk", "Es wird nichts gebucht; der Fall ist geprüft und bleibt, wie er ist.", [Kasse];
}

impl FromStr for How {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let how = Self::ALL.iter().copied().find(|how| how.as_str() == text);
        how.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|how| how.as_str()).collect();
            format!("«{text}» resolves nothing; there are {}", all.join(", "))
        })
    }
}

/// A step that was taken before, and still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTaken {
    /// Towards which way.
    pub how: String,
    /// With what: the same for all steps of one resolution.
    pub plan: String,
    /// In which role.
    pub role: String,
    /// By whom.
    pub person: String,
}

/// Why a step is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// Another way was begun.
    #[error("«{how}» with {plan} was begun by {person}; it must be finished or taken back first")]
    Another {
        /// Which.
        how: String,
        /// With what.
        plan: String,
        /// By whom.
        person: String,
    },
    /// The next step needs a role that the person has not.
    #[error("the next step of «{how}» needs the role {needed} for {authority}, which {person} does not have")]
    Role {
        /// Which way.
        how: &'static str,
        /// Which role.
        needed: &'static str,
        /// For whom.
        authority: String,
        /// Who.
        person: String,
    },
    /// The same person has taken a step that another must take.
    #[error("{person} has taken the step of the {taken} already; the {needed} must be somebody else")]
    SamePerson {
        /// Who.
        person: String,
        /// Which step.
        taken: String,
        /// Which step comes next.
        needed: &'static str,
    },
}

/// The step that a person takes next, and whether it is the last.
///
/// For one matter Feststeller, Anordner and Kasse are three persons (§§ 37, 40, 43 ThürGemHV). Where the authority lets
/// roles be merged, Feststeller and Anordner may be one; the Kasse never orders.
///
/// # Errors
/// [`StepRefused`].
pub fn next_step(
    how: How,
    plan: &str,
    taken: &[StepTaken],
    person: (&str, &BTreeSet<Role>),
    authority: &str,
    may_merge: bool,
) -> Result<(Role, bool), StepRefused> {
    let (person, roles) = person;
    if let Some(other) = taken
        .iter()
        .find(|step| step.how != how.as_str() || step.plan != plan)
    {
        return Err(StepRefused::Another {
            how: other.how.clone(),
            plan: other.plan.clone(),
            person: other.person.clone(),
        });
    }
    let steps = how.steps();
    let at = taken.len().min(steps.len() - 1);
    let needed = steps[at];
    if !roles.iter().any(|role| role.covers(needed)) {
        return Err(StepRefused::Role {
            how: how.as_str(),
            needed: needed.as_str(),
            authority: authority.to_owned(),
            person: person.to_owned(),
        });
    }
    let merged =
        |step: &StepTaken| may_merge && step.role == Role::Feststeller.as_str() && needed == Role::Anordner;
    if let Some(own) = taken.iter().find(|step| step.person == person && !merged(step)) {
        return Err(StepRefused::SamePerson {
            person: person.to_owned(),
            taken: own.role.clone(),
            needed: needed.as_str(),
        });
    }
    Ok((needed, at + 1 == steps.len()))
}

/// The role in which a person takes steps back that are not complete: that of any of them.
pub fn withdraw(how: How, roles: &BTreeSet<Role>) -> Option<Role> {
    let mut steps = how.steps().iter().copied();
    steps.find(|step| roles.iter().any(|role| role.covers(*step)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(how: How, steps: &[(&str, Role)]) -> Vec<StepTaken> {
        let step = |(person, role): &(&str, Role)| StepTaken {
            how: how.as_str().to_owned(),
            plan: String::new(),
            role: role.as_str().to_owned(),
            person: (*person).to_owned(),
        };
        steps.iter().map(step).collect()
    }

    fn next(
        how: How,
        before: &[(&str, Role)],
        person: &str,
        roles: &[Role],
        may_merge: bool,
    ) -> Result<(Role, bool), StepRefused> {
        let roles = roles.iter().copied().collect();
        next_step(
            how,
            "",
            &taken(how, before),
            (person, &roles),
            "standesamt",
            may_merge,
        )
    }

    #[test]
    fn a_refund_needs_three_persons_in_their_order() {
        use Role::{Anordner, Feststeller, Kasse, Kassenverwalter};
        let all = [Feststeller, Anordner, Kasse];
        assert_eq!(
            next(How::Refund, &[], "anna", &all, false),
            Ok((Feststeller, false))
        );
        let one = [("anna", Feststeller)];
        assert!(matches!(
            next(How::Refund, &one, "anna", &all, false),
            Err(StepRefused::SamePerson { .. })
        ));
        assert!(matches!(
            next(How::Refund, &one, "karl", &[Kasse, Kassenverwalter], false),
            Err(StepRefused::Role {
                needed: "anordner",
                ..
            })
        ));
        assert_eq!(
            next(How::Refund, &one, "bert", &[Anordner], false),
            Ok((Anordner, false))
        );
        let two = [("anna", Feststeller), ("bert", Anordner)];
        assert_eq!(
            next(How::Refund, &two, "karl", &[Kassenverwalter], false),
            Ok((Kasse, true))
        );
    }

    #[test]
    fn where_roles_may_be_merged_the_kasse_still_never_orders() {
        use Role::{Anordner, Feststeller, Kasse};
        let all = [Feststeller, Anordner, Kasse];
        let one = [("anna", Feststeller)];
        assert_eq!(next(How::Refund, &one, "anna", &all, true), Ok((Anordner, false)));
        let two = [("anna", Feststeller), ("anna", Anordner)];
        assert!(matches!(
            next(How::Refund, &two, "anna", &all, true),
            Err(StepRefused::SamePerson { needed: "kasse", .. })
        ));
    }

    #[test]
    fn an_auditor_resolves_nothing_and_a_way_that_was_begun_is_finished_first() {
        for how in How::ALL {
            assert!(matches!(
                next(*how, &[], "rita", &[Role::Auditor], true),
                Err(StepRefused::Role { .. })
            ));
        }
        let begun = taken(How::Refund, &[("anna", Role::Feststeller)]);
        let roles = BTreeSet::from([Role::Kasse]);
        assert!(matches!(
            next_step(How::Leave, "", &begun, ("karl", &roles), "standesamt", false),
            Err(StepRefused::Another { .. })
        ));
    }
}
