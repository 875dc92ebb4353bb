//! Stories of `[[mandant]]`: a pool that reads, and what is said about everything that can be wrong with one.

use std::collections::BTreeMap;

use crate::config::providers::{ProviderKind, ProviderSection, RawSection};
use crate::config::tenants::{cross, parse};
use crate::domain::ids::ProviderId;
use crate::domain::pool::CheckDigit;
use crate::domain::tenant::Environment;

const KASSE: &str =
    "[[kasse]]\nid = \"stadt\"\nname = \"Stadt\"\nenvironment = \"test\"\nrechnungswesen = \"kameral\"\n";

fn mandant(number: &str, more: &str) -> String {
    format!(
        "[[mandant]]\nprovider = \"epaybl-th\"\nnumber = \"{number}\"\nkasse = \"stadt\"\nname = \"Stadt\"\n{more}\n"
    )
}

fn range(bewirtschafter: &str, prefix: &str, first: i64, last: i64, more: &str) -> String {
    format!(
        "[[mandant.pool]]\nbewirtschafter = \"{bewirtschafter}\"\nprefix = \"{prefix}\"\nfirst = {first}\n\
         last = {last}\ndigits = 6\n{more}\n"
    )
}

fn told(text: &str) -> Vec<String> {
    let problems = parse(&format!("{KASSE}{text}")).expect_err("refused");
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn only(text: &str, expected: &str) {
    let told = told(text);
    assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
}

#[test]
fn a_mandant_with_two_ranges_reads_with_its_defaults() {
    let ranges = range("BW1", "42", 1, 9999, "")
        + &range("BW1", "43", 1, 9999, "check_digit = \"hkr\"\nwarn_below = 5");
    let text = format!("{KASSE}{}", mandant("TH1", &ranges));
    let tenants = parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let mandant = &tenants.mandanten[0];
    assert_eq!(mandant.id(), "epaybl-th/TH1");
    assert!(!mandant.exclusive_cursor);
    assert_eq!(
        (mandant.pool[0].check_digit, mandant.pool[0].warn_below),
        (CheckDigit::None, 1000)
    );
    assert_eq!(
        (mandant.pool[1].check_digit, mandant.pool[1].warn_below),
        (CheckDigit::Hkr, 5)
    );
}

#[test]
fn each_wrong_value_is_named_with_its_place() {
    only(&mandant("TH1", "exclusive_curser = true"), "exclusive_curser");
    only(
        &mandant("TH1", &range("BW1", "A-", 1, 9, "")),
        "pool[0].prefix: «A-» contains «-»",
    );
    only(
        &mandant("TH1", &range("BW1", "TH", 1, 9, "check_digit = \"hkr\"")),
        "pool[0].prefix: «TH» has letters",
    );
    only(
        &mandant("TH1", &range("BW1", "", 1, 1_000_000, "")),
        "pool[0].last: 1000000 has more than 6 digits",
    );
    only(
        &mandant("TH1", &range("BW1", "", 9, 1, "")),
        "pool[0].last: 1 is less than first, 9",
    );
    only(
        &mandant("TH1", "").replace("\"stadt\"", "\"dorf\""),
        "there is no Kasse «dorf»",
    );
    only(
        &(mandant("TH1", "") + &mandant("TH1", "")),
        "this id was used before, by mandant[0]",
    );
}

#[test]
fn a_number_of_two_ranges_is_refused_with_both_places() {
    let same = mandant(
        "TH1",
        &(range("BW1", "42", 1, 999, "") + &range("BW2", "42", 999, 2000, "")),
    );
    only(
        &same,
        "mandant[0] (epaybl-th/TH1).pool[1]: spells 42000999, and so does mandant[0] (epaybl-th/TH1).pool[0]",
    );
    // Between Mandanten, and with other prefixes that spell the same.
    let long = range("BW1", "4200", 5000, 5001, "").replace("digits = 6", "digits = 4");
    let other = mandant("TH1", &range("BW1", "42", 1, 9999, "")) + &mandant("TH2", &long);
    only(
        &other,
        "mandant[1] (epaybl-th/TH2).pool[0]: spells 42005000, and so does mandant[0] (epaybl-th/TH1).pool[0]",
    );
    // Of another provider it is another number.
    let elsewhere = other.replacen("epaybl-th", "epaybl-by", 1);
    assert!(parse(&format!("{KASSE}{elsewhere}")).is_ok());
}

#[test]
fn the_provider_must_be_able_to_do_what_is_asked_of_it() {
    let text = format!("{KASSE}{}", mandant("TH1", "exclusive_cursor = true"));
    let tenants = parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let section = ProviderSection {
        kind: ProviderKind::Konnektor,
        environment: Environment::Production,
        settings: RawSection::new("providers.epaybl-th", toml::Table::new()),
    };
    let id = ProviderId::parse("epaybl-th").expect("an id");
    let told = |providers: &BTreeMap<ProviderId, ProviderSection>| -> Vec<String> {
        let problems = cross::providers(&tenants, providers);
        problems.iter().map(ToString::to_string).collect()
    };
    let wrong = told(&BTreeMap::from([(id, section)]));
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("Kasse stadt is test, but provider epaybl-th is production"));
    assert!(wrong[1].contains("mandant[0] (epaybl-th/TH1).exclusive_cursor: provider epaybl-th has no list"));
    assert!(told(&BTreeMap::new())[0].contains("the configuration has no [providers.epaybl-th]"));
}
