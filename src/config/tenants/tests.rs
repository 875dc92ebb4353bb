//! Stories of the tenants file: the example, and what is said about everything that can be wrong in it.

use super::*;
use crate::config::providers::{ProviderKind, ProviderSection, RawSection};
use crate::domain::ids::ProviderId;
use crate::domain::tenant::{BookingKey, ClosingRhythm, ClosingRules, Environment, Soll};

const DEMO: &str = include_str!("../../../fixtures/demo/tenants.toml");
const FIRST: &str = "route[0] (thavel-geburtsurkunde/16064003)";

pub(super) fn told(text: &str) -> Vec<String> {
    let problems = parse(text).expect_err("refused");
    problems.iter().map(ToString::to_string).collect()
}

/// The example with one piece of text replaced where it first stands.
pub(super) fn but(old: &str, new: &str) -> String {
    assert!(DEMO.contains(old), "{old}");
    DEMO.replacen(old, new, 1)
}

#[test]
fn the_example_reads_as_two_kassen_two_routes_and_two_clients() {
    let tenants = parse(DEMO).unwrap_or_else(|problems| panic!("{problems}"));
    let Tenants {
        kassen,
        authorities,
        targets,
        mandanten,
        routes,
        clients,
    } = &tenants;
    assert!(mandanten.is_empty(), "the example has them as comments");
    assert_eq!((kassen.len(), authorities.len(), targets.len()), (2, 2, 2));
    assert_eq!(routes[0].key().to_string(), "thavel-geburtsurkunde/16064003");
    assert_eq!((routes[0].soll, routes[1].soll), (Soll::Paid, Soll::Accepted));
    assert!(routes[0].portal_may_set[&BookingKey::Objektnummer].is_empty());
    assert_eq!(clients[0].routes.len(), 2);
    assert!(clients[1].routes.contains(&routes[0].key()));
    assert_eq!(tenants.kasse_of(&routes[1].authority), Some(&kassen[1].id));
}

#[test]
fn each_wrong_value_of_a_route_is_named_with_a_sentence() {
    let methods = "[[route.methods]]\ncode = \"KREDITKARTE\"\nmax_cents = 500000";
    let long = "x".repeat(101);
    let cases: Vec<(&str, String, &str, &str)> = vec![
        (
            "leika = \"99027001012000\"",
            "leika = \"9902\"".into(),
            "leika",
            "«9902» is no LeiKa key",
        ),
        (
            "leika = \"99027001012000\"",
            "leika = \"12027001012000\"".into(),
            "leika",
            "«12027001012000» is no LeiKa",
        ),
        (
            "kennzeichen_mahnverfahren = \"11000\"",
            String::new(),
            "kennzeichen_mahnverfahren",
            "is missing: it decides how an unpaid request is dunned",
        ),
        (
            "kennzeichen_mahnverfahren = \"11000\"",
            "kennzeichen_mahnverfahren = \"110-00\"".into(),
            "kennzeichen_mahnverfahren",
            "«110-00» is not 1 to 5 letters and digits",
        ),
        (
            "expires_after_minutes = 60",
            String::new(),
            "expires_after_minutes",
            "is missing: it must be longer than the provider's own session",
        ),
        (
            "expires_after_minutes = 60",
            "expires_after_minutes = 10".into(),
            "expires_after_minutes",
            "10 is not between 15 and 10080 minutes",
        ),
        (
            "expires_after_minutes = 60",
            "expires_after_minutes = \"an hour\"".into(),
            "expires_after_minutes",
            "should be a whole number, but is text",
        ),
        (
            "anordnung = \"Allgemeine Annahmeanordnung 2025/17\"",
            String::new(),
            "anordnung",
            "is missing: the Soll is booked under an allgemeine Annahmeanordnung",
        ),
        (
            "anordnung = \"Allgemeine Annahmeanordnung 2025/17\"",
            "anordnung = \" \"".into(),
            "anordnung",
            "must not be",
        ),
        (
            "soll = \"paid\"",
            String::new(),
            "soll",
            "is missing: say \"paid\" where",
        ),
        (
            "soll = \"paid\"",
            "soll = \"pait\"".into(),
            "soll",
            "«pait» is not one of paid, accepted",
        ),
        (
            "buchungstext = \"GEBUEHR GEBURTSURKUNDE\"",
            "buchungstext = \"\"".into(),
            "buchungstext",
            "must not be blank",
        ),
        (
            "haushaltsstelle = \"0500.1000\"",
            "haushaltsstelle = \"0500.100000\"".into(),
            "haushaltsstelle",
            "«0500.100000» has 11 characters; ePayBL takes 10",
        ),
        (
            "objektnummer = \"0000000001\"",
            "objektnummer = \" 1\"".into(),
            "objektnummer",
            "« 1» is blank or has blanks",
        ),
        (
            "objektnummer = \"0000000001\"",
            format!("href = \"{long}\""),
            "href",
            "«xxx",
        ),
        (
            "objektnummer = \"0000000001\"",
            "fremd = [\"12345678901\"]".into(),
            "fremd",
            "«12345678901» has 11",
        ),
        (
            "[\"0500.1000\", \"0500.1001\"]",
            "[\"0500.1000.00\"]".into(),
            "portal_may_set.haushaltsstelle",
            "«0500.1000.00» has 12 characters",
        ),
        (
            "haushaltsstelle = [\"0500.1000\"",
            "hausstelle = [\"0500.1000\"".into(),
            "portal_may_set",
            "«hausstelle» is not",
        ),
        (
            "objektnummer = \"0000000001\"",
            "due_days = 400".into(),
            "due_days",
            "400 is not between 0 and 366",
        ),
        (
            "objektnummer = \"0000000001\"",
            "objektnumer = \"1\"".into(),
            "objektnumer",
            "this setting is not known; did you",
        ),
        (
            methods,
            methods.replace("KREDITKARTE", "PAYPAL"),
            "methods[1].code",
            "PAYPAL is listed twice",
        ),
        (
            methods,
            format!("{methods}\nmin_cents = 600000"),
            "methods[0].max_cents",
            "500000 is less than min_cents, 600000",
        ),
        (
            methods,
            format!("{methods}\nmin_cents = 0"),
            "methods[0].min_cents",
            "0 is not above 0",
        ),
        (
            methods,
            format!("{methods}\nreturn_days = 0"),
            "methods[0].return_days",
            "0 is not between 1 and 1100",
        ),
        (
            "objektnummer = \"0000000001\"",
            tax("0", "A"),
            "tax[0].rate",
            "0 is not above 0 and up to 100 percent",
        ),
        (
            "objektnummer = \"0000000001\"",
            tax("19", "a"),
            "tax[0].key",
            "«a» is not 1 to 10 of A-Z 0-9",
        ),
        (
            "objektnummer = \"0000000001\"",
            tax("many", "A"),
            "tax[0].rate",
            "«many» is not a percentage",
        ),
        (
            "authority = \"bad-langensalza\"",
            "authority = \"bad-langensalz\"".into(),
            "authority",
            "there is no authority \
         «bad-langensalz» in this file; did you mean «bad-langensalza»?",
        ),
        (
            "targets = [\"kommunalgateway-bad-langensalza\"]",
            "targets = [\"x\"]".into(),
            "targets[0]",
            "there is no target «x»",
        ),
        (
            "targets = [\"kommunalgateway-bad-langensalza\"]",
            "targets = [\"kommunalgateway-unstrut-hainich\"]".into(),
            "targets[0]",
            "this target hears of Kasse kreiskasse-unstrut-hainich, but the route's authority belongs to stadtkasse",
        ),
        (
            "mandant = \"TH000001\"",
            "mandant = \"TH 1\"".into(),
            "mandant",
            "Mandant «TH 1» contains « »",
        ),
        (
            "mandant = \"TH000001\"",
            "mandant = \"T\\u0000\"".into(),
            "mandant",
            "contains U+0000",
        ),
    ];
    for (old, new, setting, sentence) in cases {
        let expected = format!("{FIRST}.{setting}: {sentence}");
        let told = told(&but(old, &new));
        assert_eq!(told.len(), 1, "{expected}\n{told:#?}");
        assert!(told[0].starts_with(&expected), "{expected}\n{told:#?}");
    }
}

#[test]
fn a_route_offers_at_least_one_method() {
    let (before, _) = DEMO.split_once("[[route.methods]]").expect("methods");
    let text = before.replace("soll = \"paid\"", "soll = \"paid\"\nmethods = []");
    assert_eq!(
        told(&text),
        [format!("{FIRST}.methods: needs at least one method")]
    );
}

fn tax(rate: &str, key: &str) -> String {
    format!("tax = [{{ rate = \"{rate}\", key = \"{key}\" }}]")
}

#[test]
fn each_wrong_value_of_the_others_is_named_too() {
    let authority = "authority[0] (bad-langensalza)";
    let cases = [
        ("ars = \"160640003003\"", "ars = \"16064\"", format!("{authority}.ars: «16064» is no Regionalschlüssel")),
        ("ags = \"16064003\"", "ags = \"160640\"", format!("{authority}.ags: «160640» is no Gemeindeschlüssel")),
        (
            "ags = \"16064003\"",
            "ags = \"16064004\"",
            format!("{authority}.ags: 16064004 and the ars 160640003003 are not the same place"),
        ),
        (
            "kasse = \"stadtkasse-bad-langensalza\"",
            "kasse = \"stadtkasse-langensalza\"",
            format!("{authority}.kasse: there is no Kasse «stadtkasse-langensalza» in this file; did you mean"),
        ),
        ("name = \"Another portal\"", "name = \"\"", "client[1] (fremdportal).name: must not be blank".to_owned()),
        (
            "id = \"fremdportal\"",
            "id = \"thavel\"",
            "client[1] (thavel): this id was used before, by client[0] (thavel)".to_owned(),
        ),
        (
            "\"thavel-ikfz/16064\"]",
            "\"thavel-ikfz\"]",
            "client[0] (thavel).routes[1]: should be \"originatorId/endPointId\"".to_owned(),
        ),
        (
            "\"thavel-ikfz/16064\"]",
            "\"thavel-kfz/16064\"]",
            "client[0] (thavel).routes[1]: there is no route «thavel-kfz/16064» in this file; did you mean".to_owned(),
        ),
        (
            "http://127.0.0.1:8090/events/bad",
            "ftp://127.0.0.1/bad",
            "target[0] (kommunalgateway-bad-langensalza).url: must begin with https://".to_owned(),
        ),
        (
            "http://127.0.0.1:8090/events/bad",
            "https://u:p@h/bad",
            "target[0] (kommunalgateway-bad-langensalza).url: must have neither user nor fragment".to_owned(),
        ),
        (
            "rechnungswesen = \"kameral\"",
            "rechnungswesen = \"cameral\"",
            "kasse[0] (stadtkasse-bad-langensalza).rechnungswesen: «cameral» is not one of kameral, doppisch, land"
                .to_owned(),
        ),
        ("[[client]]\nid = \"thavel\"", "[[clients]]\nid = \"thavel\"", "clients: this list is not known; did you".to_owned()),
    ];
    for (old, new, expected) in cases {
        let told = told(&but(old, new));
        assert_eq!(told.len(), 1, "{expected}\n{told:#?}");
        assert!(told[0].starts_with(&expected), "{expected}\n{told:#?}");
    }
}

#[test]
fn a_route_that_can_never_be_booked_is_refused() {
    let text = but("haushaltsstelle = \"0500.1000\"", "")
        .replace("haushaltsstelle = [\"0500.1000\", \"0500.1001\"]", "");
    let expected = "haushaltsstelle: is missing, and portal_may_set does not let the portal say it";
    assert!(
        told(&text)[0].starts_with(&format!("{FIRST}.{expected}")),
        "{:#?}",
        told(&text)
    );
}

#[test]
fn all_problems_of_all_entries_are_told_at_once() {
    let text = but("anordnung = \"Allgemeine Annahmeanordnung 2025/17\"", "")
        .replace("expires_after_minutes = 60", "expires_after_minutes = 1")
        .replace("expires_after_minutes = 120", "")
        .replace("ags = \"16064003\"", "ags = 16064003")
        .replace("\"thavel-ikfz/16064\"]", "\"x/y\"]");
    let told = told(&text);
    let paths: Vec<&str> = told.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(
        paths,
        [
            "authority[0] (bad-langensalza).ags",
            "route[0] (thavel-geburtsurkunde/16064003).anordnung",
            "route[0] (thavel-geburtsurkunde/16064003).expires_after_minutes",
            "route[1] (thavel-ikfz/16064).expires_after_minutes",
            "client[0] (thavel).routes[1]",
        ]
    );
}

#[test]
fn an_empty_file_is_no_tenants_and_no_problem() {
    assert_eq!(parse("").expect("nothing"), Tenants::default());
}

#[test]
fn a_routes_provider_must_be_configured_and_of_the_kassens_environment() {
    let tenants = parse(DEMO).expect("the example");
    let configured = |name: &str, environment| {
        let section = ProviderSection {
            kind: ProviderKind::Konnektor,
            environment,
            settings: RawSection::new("providers.x", Table::new()),
        };
        [(ProviderId::parse(name).expect("id"), section)].into()
    };
    assert!(cross::providers(&tenants, &configured("epaybl-th", Environment::Test)).is_empty());

    let mixed = cross::providers(&tenants, &configured("epaybl-th", Environment::Production));
    assert_eq!(mixed.len(), 2);
    assert_eq!(
        mixed.iter().next().map(ToString::to_string).as_deref(),
        Some(
            "route[0] (thavel-geburtsurkunde/16064003).provider: Kasse stadtkasse-bad-langensalza is test, but provider \
             epaybl-th is production"
        )
    );

    let missing = cross::providers(&tenants, &configured("epaybl-thr", Environment::Test)).to_string();
    assert!(
        missing.contains("the configuration has no [providers.epaybl-th]; did you mean «epaybl-thr»?"),
        "{missing}"
    );
}

#[test]
fn what_waits_for_a_statement_needs_an_account_and_a_client_is_not_the_program() {
    let methods = "[[route.methods]]\ncode = \"KREDITKARTE\"\nmax_cents = 500000";
    let settled = format!("{methods}\nrelease = \"settled\"");
    let told = told(&but(methods, &settled));
    assert!(
        told[0].starts_with("route thavel-geburtsurkunde/16064003.methods[0].release: \"settled\" waits for"),
        "{told:#?}"
    );
    let account = "rechnungswesen = \"kameral\" # kameral, doppisch or land\n";
    let with = format!("{account}[[kasse.account]]\niban = \"DE02120300000000202051\"\n");
    let text = but(methods, &settled).replacen(account, &with, 1);
    parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let client = format!("id = \"{}\"", parse(DEMO).expect("the example").clients[0].id);
    let told = self::told(&but(&client, "id = \"programm\""));
    assert!(
        told.iter().any(|line| line.contains("a client needs another id")),
        "{told:#?}"
    );
}

#[test]
fn no_kasse_takes_the_name_of_the_operators_own_log() {
    let told = told(&but(
        "[[kasse]]\nid = \"stadtkasse-bad-langensalza\"",
        "[[kasse]]\nid = \"betrieb\"",
    ));
    assert!(
        told[0].starts_with("kasse[0] (betrieb).id: «betrieb» is the operator's own log"),
        "{told:#?}"
    );
}

#[test]
fn how_a_kasse_closes_has_defaults_and_is_checked() {
    let kameral = "rechnungswesen = \"kameral\" # kameral, doppisch or land\n";
    let with = |closing: &str| but(kameral, &format!("{kameral}closing = {{ {closing} }}\n"));
    let demo = parse(DEMO).expect("the example");
    assert_eq!(demo.kassen[0].closing, ClosingRules::default());
    let stored = serde_json::to_string(&demo.kassen[0]).expect("JSON");
    assert!(
        !stored.contains("closing"),
        "what is the default changes no version"
    );
    let text = with(
        "land = \"BY\", local_closed = [\"--12-24\", \"fronleichnam\"], rhythm = \"weekly\", every_account = true",
    );
    let rules = parse(&text).expect("it reads").kassen.remove(0).closing;
    assert_eq!(rules.rhythm, ClosingRhythm::Weekly);
    assert!(!rules.calendar().is_kasse_day(jiff::civil::date(2026, 12, 24)));
    assert!(rules.calendar().is_kasse_day(jiff::civil::date(2026, 12, 23)));
    for (closing, why) in [
        ("signatures = []", "closing.signatures"),
        (
            "local_closed = [\"2026-12-19\"], local_open = [\"2026-12-19\"]",
            "2026-12-19 is in local_closed too",
        ),
        ("freigabe = \"a\\nb\"", "closing.freigabe"),
        ("land = \"XY\"", "is no Land"),
    ] {
        let told = told(&with(closing));
        assert!(told.iter().any(|one| one.contains(why)), "{closing}: {told:?}");
    }
}
