//! What a Kasse says of its cash system: what it must say, and the codes of every account that it can reach.

use super::parse;
use super::tests::{but, told};

/// The first Kasse with what it says of its cash system; of its environment.
fn with_hkr(environment: &str, accounts: &str) -> String {
    let new = format!(
        "environment = \"{environment}\" # or \"production\"; can never change\nrechnungswesen = \"kameral\" # kameral, \
         doppisch or land\nhkr = {{ postings = \"connector\", template = \"neutral-csv\", accounts = {{ {accounts} }} }}\n"
    );
    let old = "environment = \"test\" # or \"production\"; can never change\nrechnungswesen = \"kameral\" # kameral, doppisch or land\n";
    but(old, &new)
}

#[test]
fn a_kasse_of_real_money_says_which_bookings_go_to_its_cash_system() {
    let problems = told(&but("environment = \"test\"", "environment = \"production\""));
    let [problem] = &problems[..] else {
        panic!("{problems:?}")
    };
    for part in [
        "kasse[0] (stadtkasse-bad-langensalza).hkr: is missing",
        "no default: with the wrong one everything is booked twice, or by nobody",
        "postings = \"provider\": ePayBL hands Soll and Ist to the cash system itself",
        "postings = \"connector\": nobody else tells the cash system",
    ] {
        assert!(problem.contains(part), "{part} in {problem}");
    }
    // No setting of it has a default either.
    let without = but(
        "environment = \"test\"",
        "hkr = { template = \"neutral-csv\", accounts = {} }\nenvironment = \"test\"",
    );
    assert!(told(&without)[0].contains("hkr"), "{:?}", told(&without));
}

#[test]
fn every_account_that_a_route_can_reach_has_a_code_before_there_is_a_booking_on_it() {
    let fixed =
        "forderung = \"1\", verwahrung = \"2\", vorschuss = \"3\", erstattung = \"4\", rueckgebuehr = \"5\"";
    let whole = format!("{fixed}, \"erloes/*\" = \"6\", \"verrechnung/*\" = \"7\"");
    for environment in ["test", "production"] {
        let tenants = parse(&with_hkr(environment, &whole)).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(tenants.kassen[0].hkr.is_some());
    }
    let lacks = told(&with_hkr("production", fixed));
    let keys = [
        // The portal may name any Objektnummer of two titles.
        (
            "erloes/0500.1000/*",
            "portal and provider may name what no file lists",
        ),
        (
            "erloes/0500.1001/*",
            "portal and provider may name what no file lists",
        ),
        ("verrechnung/*", "portal and provider may name what no file lists"),
        ("erloes/0500.1000/0000000001", "bookings can reach it"),
    ];
    for (key, why) in keys {
        let path = format!("hkr.accounts.«{key}»: needs a code: {why}");
        assert!(
            lacks.iter().any(|text| text.contains(&path)),
            "{path} in {lacks:?}"
        );
    }
    let wrong = told(&with_hkr("production", &format!("{whole}, \"a*b\" = \"8\"")));
    assert!(
        wrong[0].contains("hkr.accounts.«a*b»: a key is an account"),
        "{wrong:?}"
    );
}
