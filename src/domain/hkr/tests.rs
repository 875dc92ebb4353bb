use std::collections::BTreeMap;

use jiff::civil::date;

use super::*;

fn chart(codes: &[(&str, &str)]) -> Chart {
    let owned = |(key, code): &(&str, &str)| ((*key).to_owned(), (*code).to_owned());
    Chart::new(codes.iter().map(owned).collect::<BTreeMap<_, _>>())
}

#[test]
fn the_account_itself_goes_before_the_longest_beginning() {
    let chart = chart(&[
        ("erloes/*", "4000"),
        ("erloes/1100.*", "4100"),
        ("erloes/1100.1000/0000000001", "4101"),
        ("bank/DE*", "1800"),
        ("forderung", "1400"),
        ("verwahrung*", "3790"),
    ]);
    for (account, code) in [
        ("erloes/1100.1000/0000000001", Some("4101")),
        ("erloes/1100.1000", Some("4100")),
        ("erloes/2000.1000", Some("4000")),
        ("erloes/", Some("4000")),
        ("erloes", None),
        ("bank/DE02120300000000202051", Some("1800")),
        ("bank/AT611904300234573201", None),
        ("forderung", Some("1400")),
        ("forderungen", None),
        ("verwahrung", Some("3790")),
        ("erlöse/ä", None),
        ("", None),
    ] {
        assert_eq!(chart.code(account), code, "{account}");
    }
    assert_eq!(Chart::default().code("forderung"), None);
}

#[test]
fn an_account_without_a_code_is_told_when_the_tenant_is_applied() {
    let chart = chart(&[("forderung", "1400"), ("erloes/*", "4000")]);
    let used = ["steuer/U19", "forderung", "erloes/1", "verwahrung", "steuer/U19"];
    assert_eq!(check_chart(&chart, used), ["steuer/U19", "verwahrung"]);
    assert!(check_chart(&chart, ["forderung", "erloes/9"]).is_empty());
    assert!(chart.problems().is_empty());
}

#[test]
fn a_chart_names_the_key_that_is_wrong() {
    let chart = chart(&[
        ("", "1"),
        ("a*b", "1"),
        ("b**", "1"),
        ("c", ""),
        ("d", " 1"),
        ("e", "1\n2"),
        ("f*", "1"),
    ]);
    let keys: Vec<String> = chart.problems().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["", "a*b", "b**", "c", "d", "e"]);
}

#[test]
fn totals_know_the_first_and_the_last_day() {
    let posting = |day, cents| Posting {
        position: 1,
        line: 1,
        kind: "zahlung".to_owned(),
        buchungstag: date(2026, 11, day),
        haushaltsjahr: 2026,
        debit: "verrechnung/epaybl/PAYPAL".to_owned(),
        credit: "forderung".to_owned(),
        cents: Cents::new(cents),
        haushaltsstelle: None,
        objektnummer: None,
        kassenzeichen: None,
        text: String::new(),
        anordnung: None,
        authority: None,
        method: None,
    };
    let totals = Totals::of(&[posting(20, 5), posting(18, 7), posting(19, 1)]).expect("totals");
    assert_eq!((totals.lines, totals.sum), (3, Cents::new(13)));
    assert_eq!(
        (totals.first, totals.last),
        (Some(date(2026, 11, 18)), Some(date(2026, 11, 20)))
    );
    assert_eq!(Totals::of(&[posting(1, i64::MAX), posting(1, 1)]), None);
    assert_eq!(Totals::of([]), Some(Totals::default()));
}
