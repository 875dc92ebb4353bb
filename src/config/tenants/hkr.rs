//! What can be wrong with `[kasse.hkr]`, as far as it follows from the file alone. Templates are checked where they are read.

use crate::config::problems::{Problems, join};
use crate::domain::hkr::missing_codes;
use crate::domain::tenant::{Authority, Environment, Kasse, Route};

/// Why there is no default.
const WHY: &str = "is missing: a Kasse of real money says which bookings go to its cash system (HKR). There is no default: with \
                   the wrong one everything is booked twice, or by nobody. postings = \"provider\": ePayBL hands Soll and \
                   Ist to the cash system itself, and only what it cannot know goes out (fees, deposits, advances, and what \
                   becomes of them). postings = \"connector\": nobody else tells the cash system, and every booking goes out. \
                   Ask the operator of ePayBL which of the two it is";

pub(super) fn kasse(kasse: &Kasse, path: &str, problems: &mut Problems) {
    let path = join(path, "hkr");
    let Some(rules) = &kasse.hkr else {
        problems.unless(kasse.environment == Environment::Test, path, WHY);
        return;
    };
    for (key, text) in rules.accounts.problems() {
        problems.at(join(&path, &format!("accounts.«{key}»")), text);
    }
}

/// Every account that the routes of a Kasse can reach has a code, before there is a booking on it.
pub(super) fn codes(
    kassen: &[(String, &Kasse)],
    authorities: &[Authority],
    routes: &[Route],
    problems: &mut Problems,
) {
    for (path, kasse) in kassen {
        let Some(rules) = &kasse.hkr else { continue };
        let ours = |route: &&Route| {
            let mut all = authorities.iter();
            all.any(|authority| authority.id == route.authority && authority.kasse == kasse.id)
        };
        for key in missing_codes(&rules.accounts, kasse, routes.iter().filter(ours)) {
            let why = if key.ends_with('*') {
                "needs a code: portal and provider may name what no file lists"
            } else {
                "needs a code: bookings can reach it"
            };
            problems.at(join(path, &format!("hkr.accounts.«{key}»")), why);
        }
    }
}
