use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;

fn kasse(land: Land) -> KasseCalendar {
    KasseCalendar {
        land,
        local_closed: Vec::new(),
        local_open: Vec::new(),
    }
}

fn local(texts: &[&str]) -> Vec<LocalDay> {
    texts
        .iter()
        .map(|text| text.parse().expect("a local day"))
        .collect()
}

/// The holidays of a Land in a year as `MM-DD`, Sundays of Brandenburg included.
fn list(land: Land, year: i16) -> Vec<String> {
    let first = date(year, 1, 1);
    first
        .series(jiff::Span::new().days(1))
        .take_while(|day| day.year() == year)
        .filter(|day| Holiday::on(land, *day).is_some())
        .map(|day| format!("{:02}-{:02}", day.month(), day.day()))
        .collect()
}

#[test]
fn easter_is_where_almanacs_have_it() {
    for (year, month, day) in [
        (1818, 3, 22),
        (1943, 4, 25),
        (1954, 4, 18),
        (1981, 4, 19),
        (1990, 4, 15),
        (2000, 4, 23),
        (2008, 3, 23),
        (2011, 4, 24),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2027, 3, 28),
        (2038, 4, 25),
        (2049, 4, 18),
        (2050, 4, 10),
        (2285, 3, 22),
    ] {
        assert_eq!(easter_sunday(year), date(year, month, day));
    }
}

#[test]
fn target_rests_on_the_days_that_the_ecb_publishes() {
    for day in [
        "2026-01-01",
        "2026-04-03",
        "2026-04-06",
        "2026-05-01",
        "2026-12-25",
        "2027-03-26",
        "2027-03-29",
    ] {
        assert!(!is_bank_day(day.parse().expect("a day")), "{day}");
    }
    // 2026 has 365 days, 104 of weekends and five closing days on weekdays: 26 December is a Saturday.
    let days = date(2026, 1, 1).series(jiff::Span::new().days(1)).take(365);
    assert_eq!(days.filter(|day| is_bank_day(*day)).count(), 256);
    // German holidays that TARGET does not know.
    for day in [
        "2026-05-14",
        "2026-05-25",
        "2025-10-03",
        "2026-12-24",
        "2026-12-31",
    ] {
        assert!(is_bank_day(day.parse().expect("a day")), "{day}");
    }
}

#[test]
fn bank_days_are_counted_from_the_next_one_where_a_day_is_none() {
    for (day, n, then) in [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-24"),
        ("2026-11-20", 2, "2026-11-24"),
        ("2026-04-02", 1, "2026-04-07"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-31", 1, "2027-01-04"),
        ("9999-12-30", 5, "9999-12-31"),
    ] {
        let day: Date = day.parse().expect("a day");
        assert_eq!(bank_days_after(day, n).to_string(), then, "{day} + {n}");
    }
}

#[test]
fn thueringen_keeps_the_children_since_2019_and_the_reformation() {
    assert_eq!(
        list(Land::Thueringen, 2026),
        [
            "01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "09-20", "10-03", "10-31", "12-25", "12-26"
        ]
    );
    assert!(!list(Land::Thueringen, 2018).contains(&"09-20".to_owned()));
    assert_eq!(
        Holiday::on(Land::Thueringen, date(2027, 9, 20)),
        Some(Holiday::Weltkindertag)
    );
}

#[test]
fn each_land_has_as_many_holidays_as_its_law() {
    let counts = |year| -> Vec<(&str, usize)> {
        Land::ALL
            .iter()
            .map(|land| (land.code(), list(*land, year).len()))
            .collect()
    };
    assert_eq!(
        counts(2026),
        [
            ("BB", 12),
            ("BE", 10),
            ("BW", 12),
            ("BY", 12),
            ("HB", 10),
            ("HE", 10),
            ("HH", 10),
            ("MV", 11),
            ("NI", 10),
            ("NW", 11),
            ("RP", 11),
            ("SH", 10),
            ("SL", 12),
            ("SN", 11),
            ("ST", 11),
            ("TH", 11),
        ]
    );
    assert_eq!(
        counts(2016),
        [
            ("BB", 12),
            ("BE", 9),
            ("BW", 12),
            ("BY", 12),
            ("HB", 9),
            ("HE", 10),
            ("HH", 9),
            ("MV", 10),
            ("NI", 9),
            ("NW", 11),
            ("RP", 11),
            ("SH", 9),
            ("SL", 12),
            ("SN", 11),
            ("ST", 11),
            ("TH", 10),
        ]
    );
}

#[test]
fn what_a_law_changed_holds_from_its_year_on() {
    for (land, day, holiday) in [
        ("BE", "2018-03-08", None),
        ("BE", "2019-03-08", Some(Holiday::Frauentag)),
        ("MV", "2022-03-08", None),
        ("MV", "2023-03-08", Some(Holiday::Frauentag)),
        ("BE", "2020-05-08", Some(Holiday::TagDerBefreiung)),
        ("BE", "2021-05-08", None),
        ("BE", "2025-05-08", Some(Holiday::TagDerBefreiung)),
        ("BE", "2028-06-17", Some(Holiday::Volksaufstand)),
        ("HH", "2016-10-31", None),
        ("BY", "2017-10-31", Some(Holiday::Reformationstag)),
        ("BY", "2018-10-31", None),
        ("NI", "2018-10-31", Some(Holiday::Reformationstag)),
        ("SN", "2026-11-18", Some(Holiday::BussUndBettag)),
        ("SN", "2022-11-16", Some(Holiday::BussUndBettag)),
        ("BY", "2026-11-18", None),
        ("NW", "2026-06-04", Some(Holiday::Fronleichnam)),
        ("SN", "2026-06-04", None),
        ("SL", "2026-08-15", Some(Holiday::MariaeHimmelfahrt)),
        ("ST", "2026-01-06", Some(Holiday::HeiligeDreiKoenige)),
    ] {
        let land: Land = land.parse().expect("a Land");
        assert_eq!(
            Holiday::on(land, day.parse().expect("a day")),
            holiday,
            "{land} {day}"
        );
    }
}

#[test]
fn two_holidays_on_one_day_are_one_day_off() {
    // 1 May 2008 was Himmelfahrt too.
    assert_eq!(
        Holiday::on(Land::Hessen, date(2008, 5, 1)),
        Some(Holiday::ErsterMai)
    );
    assert_eq!(Holiday::Himmelfahrt.day(2008), date(2008, 5, 1));
}

#[test]
fn a_kasse_rests_at_weekends_on_holidays_and_on_its_own_days() {
    let mut langensalza = kasse(Land::Thueringen);
    assert!(langensalza.is_kasse_day(date(2026, 12, 24)));
    langensalza.local_closed = local(&["--12-24", "--12-31", "2026-05-15", "fronleichnam"]);
    for day in [
        "2026-12-24",
        "2031-12-31",
        "2026-05-15",
        "2026-06-04",
        "2027-09-20",
        "2026-11-22",
    ] {
        assert!(!langensalza.is_kasse_day(day.parse().expect("a day")), "{day}");
    }
    assert!(langensalza.is_kasse_day(date(2027, 5, 14)));
    assert_eq!(langensalza.next(date(2026, 12, 23)), Some(date(2026, 12, 28)));
    assert_eq!(langensalza.previous(date(2026, 5, 18)), Some(date(2026, 5, 13)));
}

#[test]
fn a_saturday_on_which_the_kasse_works_counts() {
    let mut kasse = kasse(Land::Thueringen);
    kasse.local_closed = local(&["2026-12-19"]);
    kasse.local_open = local(&["2026-12-19"]);
    assert_eq!(kasse.next(date(2026, 12, 18)), Some(date(2026, 12, 19)));
    assert_eq!(kasse.next(date(2026, 12, 19)), Some(date(2026, 12, 21)));
}

#[test]
fn a_calendar_is_read_from_the_tenants() {
    let text = "land = \"DE-TH\"\nlocal_closed = [\"--12-24\", \"fronleichnam\"]";
    let read: KasseCalendar = toml::from_str(text).expect("a calendar");
    assert_eq!(read.land, Land::Thueringen);
    assert_eq!(read.local_closed, local(&["--12-24", "fronleichnam"]));
    let error = toml::from_str::<KasseCalendar>("land = \"Thüringen\"").expect_err("no code");
    assert!(error.to_string().contains("«Thüringen» is no Land"), "{error}");
}

#[test]
fn the_calendar_has_two_ends() {
    let kasse = kasse(Land::Bayern);
    assert_eq!(kasse.next(date(9999, 12, 31)), None);
    assert_eq!(kasse.previous(date(1, 1, 1)), None);
}

#[test]
fn local_days_and_laender_read_as_they_print_and_nothing_else() {
    for text in ["2026-05-15", "--12-24", "--02-29", "fronleichnam", "friedensfest"] {
        assert_eq!(
            text.parse::<LocalDay>().map(|day| day.to_string()),
            Ok(text.to_owned())
        );
    }
    for text in [
        "",
        "15.05.2026",
        "--13-01",
        "--2-29",
        "--02-30",
        "20260515",
        "Fronleichnam",
        "2026-05-15T00:00",
    ] {
        assert_eq!(text.parse::<LocalDay>(), Err(LocalDayError(text.to_owned())));
    }
    for land in Land::ALL {
        assert_eq!(land.code().parse(), Ok(*land));
        assert_eq!(format!("DE-{}", land.code()).parse(), Ok(*land));
    }
    for text in ["", "th", "DE", "AT-TH", "DE-DE-TH"] {
        assert_eq!(text.parse::<Land>(), Err(LandError(text.to_owned())));
    }
    assert_eq!(serde_json::to_string(&Land::Thueringen).expect("JSON"), "\"TH\"");
    assert_eq!(
        serde_json::from_str::<LocalDay>("\"--12-24\"").expect("a day"),
        LocalDay::Yearly { month: 12, day: 24 }
    );
    assert!(serde_json::from_str::<Land>("\"XX\"").is_err());
}

fn days() -> impl Strategy<Value = Date> {
    (1995..2100_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    #[test]
    fn easter_is_a_sunday_between_22_march_and_25_april(year in 1600..4000_i16) {
        let easter = easter_sunday(year);
        prop_assert_eq!(easter.weekday(), Weekday::Sunday);
        prop_assert!(easter >= date(year, 3, 22) && easter <= date(year, 4, 25));
    }

    #[test]
    fn next_and_previous_are_neighbours(day in days(), land in proptest::sample::select(Land::ALL)) {
        let kasse = kasse(land);
        let next = kasse.next(day).expect("a day");
        prop_assert!(kasse.is_kasse_day(next) && next > day);
        let back = kasse.previous(next).expect("a day");
        prop_assert!(back <= day && kasse.is_kasse_day(back));
        prop_assert_eq!(kasse.next(back), Some(next));
        prop_assert_eq!(back == day, kasse.is_kasse_day(day));
    }

    #[test]
    fn counting_bank_days_is_counting_one_after_the_other(day in days(), n in 0..40_u32) {
        let then = bank_days_after(day, n);
        prop_assert!(is_bank_day(then) && then >= day);
        prop_assert_eq!(bank_days_after(then, 1), bank_days_after(day, n + 1));
    }

    #[test]
    fn buss_und_bettag_is_the_wednesday_from_16_to_22_november(year in 1995..2200_i16) {
        let day = Holiday::BussUndBettag.day(year);
        prop_assert_eq!(day.weekday(), Weekday::Wednesday);
        prop_assert!(day >= date(year, 11, 16) && day <= date(year, 11, 22));
    }
}
