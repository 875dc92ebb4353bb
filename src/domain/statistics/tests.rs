use proptest::prelude::*;

use super::*;

fn row(authority: &str, leika: &str, day: i64, paid: Option<(i64, i64)>, manual: bool) -> Row {
    // Noon of the first days of March 2026 and on.
    let opened_at = Timestamp::from_millis(1_772_362_800_000).plus_seconds(day * 86_400);
    Row {
        authority: AuthorityId::parse(authority).expect("an authority"),
        leika: leika.to_owned(),
        opened_at,
        paid: paid.map(|(minutes, cents)| Paid {
            at: opened_at.plus_seconds(minutes * 60),
            cents: Cents::new(cents),
        }),
        manual,
    }
}

fn table(rows: &[Row], threshold: u32) -> Table {
    let mut statistics = Statistics::of(Environment::Production);
    for row in rows {
        statistics.add(row);
    }
    statistics.table(threshold)
}

fn paid(leika: &str, count: i64) -> Vec<Row> {
    (0..count)
        .map(|n| row("stadt", leika, 0, Some((n + 1, 1000)), n == 0))
        .collect()
}

fn kinds(table: &Table) -> Vec<(LineKind, Option<&str>, Option<u64>)> {
    let told = |line: &Line| line.figures.map(|figures| figures.cases);
    table
        .lines
        .iter()
        .map(|line| (line.kind, line.leika.as_deref(), told(line)))
        .collect()
}

#[test]
fn a_service_is_counted_summed_and_timed() {
    let mut rows = paid("99108008252000", 6);
    rows.push(row("stadt", "99108008252000", 3, None, false));
    let table = table(&rows, THRESHOLD);
    assert_eq!(
        table.total,
        Figures {
            cases: 7,
            paid: 6,
            cents: Cents::new(6000),
            median_minutes: Some(3),
            without_manual_permille: Some(857),
        },
        "of 1, 2, 3, 4, 5, 6 minutes the middle is 3.5, rounded down; one of seven needed a hand"
    );
    assert_eq!(table.lines[0].month.to_string(), "2026-03");
}

#[test]
fn two_small_services_are_told_as_one_rest() {
    let rows = [paid("1", 20), paid("2", 3), paid("3", 4)].concat();
    assert_eq!(
        kinds(&table(&rows, THRESHOLD)),
        [
            (LineKind::Service, Some("1"), Some(20)),
            (LineKind::Rest, None, Some(7))
        ]
    );
}

#[test]
fn one_small_service_takes_the_next_smallest_with_it() {
    let rows = [paid("1", 20), paid("2", 8), paid("3", 4)].concat();
    assert_eq!(
        kinds(&table(&rows, THRESHOLD)),
        [
            (LineKind::Service, Some("1"), Some(20)),
            (LineKind::Rest, None, Some(12))
        ],
        "alone, the rest would be service 3 under another name"
    );
}

#[test]
fn a_month_with_too_little_is_suppressed_and_not_in_the_total() {
    let rows = [
        paid("1", 2),
        paid("2", 2),
        vec![row("kreis", "1", 0, Some((1, 99)), false); 5],
    ]
    .concat();
    let table = table(&rows, THRESHOLD);
    assert_eq!(
        kinds(&table),
        [
            (LineKind::Service, Some("1"), Some(5)),
            (LineKind::Suppressed, None, None)
        ]
    );
    assert_eq!(table.total.cents, Cents::new(495));
}

#[test]
fn the_sum_over_one_paid_case_is_not_told_even_where_many_are_open() {
    let mut rows = vec![row("stadt", "1", 0, None, false); 30];
    rows.push(row("stadt", "1", 0, Some((5, 12_345)), false));
    assert_eq!(
        kinds(&table(&rows, THRESHOLD)),
        [(LineKind::Suppressed, None, None)]
    );
}

#[test]
fn a_case_of_the_last_evening_in_berlin_belongs_to_its_own_month() {
    let evening = "2026-03-31T22:30:00Z".parse().expect("an instant");
    assert_eq!(Month::of(Timestamp::from_instant(evening)).to_string(), "2026-04");
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let authority = prop::sample::select(vec!["kreis", "stadt"]);
    let leika = prop::sample::select(vec!["1", "2", "3", "4"]);
    let paid = prop::option::weighted(0.8, (0..5000_i64, 0..9999_i64));
    let one = (authority, leika, 0..60_i64, paid, any::<bool>());
    prop::collection::vec(
        one.prop_map(|(authority, leika, day, paid, manual)| row(authority, leika, day, paid, manual)),
        0..120,
    )
}

proptest! {
    #[test]
    fn nothing_small_is_shown_and_no_subtraction_finds_it(rows in any_rows(), threshold in 1..8_u32) {
        let table = table(&rows, threshold);
        let enough = u64::from(threshold);
        for line in &table.lines {
            if let Some(figures) = line.figures {
                prop_assert!(figures.cases >= enough);
                prop_assert!(figures.paid == 0 || figures.paid >= enough);
            }
        }
        // The total is what is shown.
        let shown = |get: fn(&Figures) -> u64| -> u64 {
            table.lines.iter().filter_map(|line| line.figures.as_ref()).map(get).sum()
        };
        prop_assert_eq!(shown(|figures| figures.cases), table.total.cases);
        prop_assert_eq!(shown(|figures| figures.paid), table.total.paid);
        // What is pooled is never one service alone.
        for rest in table.lines.iter().filter(|line| line.kind == LineKind::Rest) {
            let here = |row: &&Row| row.authority == rest.authority && Month::of(row.opened_at) == rest.month;
            let hidden: std::collections::BTreeSet<&str> = rows
                .iter()
                .filter(here)
                .map(|row| row.leika.as_str())
                .filter(|leika| {
                    !table.lines.iter().any(|line| {
                        line.authority == rest.authority
                            && line.month == rest.month
                            && line.leika.as_deref() == Some(*leika)
                    })
                })
                .collect();
            prop_assert!(hidden.len() >= 2, "{hidden:?}");
        }
    }

    #[test]
    fn who_asks_for_one_authority_gets_the_same_lines_as_who_asks_for_all(rows in any_rows()) {
        let all = table(&rows, THRESHOLD);
        let own: Vec<Row> = rows.iter().filter(|row| row.authority.as_str() == "stadt").cloned().collect();
        let of_all: Vec<Line> =
            all.lines.into_iter().filter(|line| line.authority.as_str() == "stadt").collect();
        prop_assert_eq!(table(&own, THRESHOLD).lines, of_all);
    }
}
