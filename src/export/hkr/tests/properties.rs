//! Whatever is booked: what a reader finds in a file is what was given, and counts, sums and widths hold.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static CSV: LazyLock<Template> = LazyLock::new(|| ready_template("neutral-csv"));
static XML: LazyLock<Template> = LazyLock::new(|| ready_template("neutral-xml"));
static DATEV: LazyLock<Template> = LazyLock::new(|| ready_template("datev-extf"));
static BY_SIDE: LazyLock<Template> = LazyLock::new(|| template(FIXED));

fn some_posting() -> impl Strategy<Value = Posting> {
    let account = proptest::sample::select(vec![
        "forderung",
        "verwahrung",
        "erloes/1100.1000/1",
        "bank/DE02",
        "disagio/1",
    ]);
    let kind = proptest::sample::select(vec!["sollstellung", "zahlung", "gutschrift", "storno"]);
    let any_text = "[ -~äöüßÄ€Łž\r\n\t\u{0}\u{7f}\u{9d}—;\"'=+<>&]{0,80}";
    let keys = ("[A-Z0-9]{2,30}", "[0-9.]{0,12}");
    (
        account.clone(),
        account,
        kind,
        1..9_999_999_999_i64,
        any_text,
        keys,
        0..365_i32,
    )
        .prop_map(
            |(debit, credit, kind, cents, text, (kassenzeichen, haushaltsstelle), days)| Posting {
                text,
                kassenzeichen: Some(kassenzeichen),
                haushaltsstelle: Some(haushaltsstelle),
                buchungstag: date(2026, 1, 1).saturating_add(jiff::Span::new().days(days)),
                ..posting(1, 1, kind, debit, credit, cents)
            },
        )
}

fn some_postings() -> impl Strategy<Value = Vec<Posting>> {
    proptest::collection::vec((some_posting(), any::<bool>()), 0..12).prop_map(|postings| {
        let mut place = (0, 1);
        let next = |(mut posting, same): (Posting, bool)| {
            place = if same {
                (place.0, place.1 + 1)
            } else {
                (place.0 + 3, 1)
            };
            (posting.position, posting.line) = place;
            posting
        };
        postings.into_iter().map(next).collect()
    })
}

fn cents_of(text: &str) -> Cents {
    Cents::parse(&text.replace(',', ".")).expect("an amount")
}

fn sum(postings: &[Posting]) -> Cents {
    postings.iter().map(|posting| posting.cents).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_csv_reads_back_as_what_was_booked(postings in some_postings()) {
        let bytes = file(&CSV, &facts(&postings), &postings).expect("a file");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let rows = cells(text.strip_prefix('\u{feff}').expect("a mark"), ';', '"');
        prop_assert_eq!(rows.len(), postings.len() + 3);
        let (first, last) = (&rows[0], rows.last().expect("a row"));
        prop_assert_eq!(&first[6], &postings.len().to_string());
        prop_assert_eq!(&last[2], &postings.len().to_string());
        for total in [&first[7], &first[8], &last[3], &last[4]] {
            prop_assert_eq!(cents_of(total), sum(&postings));
        }
        for (row, posting) in rows[2..].iter().zip(&postings) {
            prop_assert_eq!(row.len(), 19);
            prop_assert_eq!(&row[2], &posting.position.to_string());
            prop_assert_eq!(&row[5], &posting.buchungstag.to_string());
            prop_assert_eq!(cents_of(&row[9]), posting.cents);
            prop_assert_eq!(Some(&row[12]), posting.kassenzeichen.as_ref());
            prop_assert!(!row[13].starts_with(['=', '+', '-', '@']));
            let words = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(words(&row[13]), words(&posting.text));
            prop_assert_eq!(&row[17], &posting.debit);
        }
    }

    #[test]
    fn fixed_columns_stand_where_they_stand_and_both_sides_balance(postings in some_postings()) {
        let facts = with(facts(&postings), &[("stelle", "9999")]);
        let bytes = file(&BY_SIDE, &facts, &postings).expect("a file");
        prop_assert!(bytes.iter().all(u8::is_ascii));
        let text = String::from_utf8(bytes).expect("ASCII");
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        prop_assert_eq!(lines.len(), 2 * postings.len() + 2);
        let mut balance = 0;
        for (number, line) in (1_usize..).zip(&lines[1..lines.len() - 1]) {
            prop_assert_eq!(line.len(), 138);
            prop_assert_eq!(&line[1..8], &format!("{number:07}"));
            let posting = &postings[(number - 1) / 2];
            let signed: i64 = line[30..44].parse().expect("an amount");
            balance += signed;
            prop_assert_eq!(signed.abs(), posting.cents.get());
            prop_assert_eq!(&line[44..45], if signed > 0 { "1" } else { "2" });
            let column = |from: usize, to: usize| line[from..to].trim().parse::<i64>().unwrap_or(0);
            prop_assert_eq!(column(45, 57) - column(57, 69), signed);
            prop_assert_eq!(Some(line[81..111].trim_end()), posting.kassenzeichen.as_deref());
        }
        prop_assert_eq!(balance, 0);
        let trailer = lines.last().expect("a trailer");
        let total = sum(&postings).get();
        prop_assert_eq!(*trailer, format!("9{:07}{total:014}{total:014}", 2 * postings.len()));
    }

    #[test]
    fn xml_is_well_formed_whatever_a_text_holds(postings in some_postings()) {
        let bytes = file(&XML, &facts(&postings), &postings).expect("a file");
        let elements = reading::elements(&bytes);
        prop_assert_eq!(elements.len(), postings.len() + 2);
        for ((_, columns), posting) in elements[1..].iter().zip(&postings) {
            let of = |wanted: &str| columns.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.clone());
            prop_assert_eq!(cents_of(&of("Betrag").expect("an amount")), posting.cents);
            prop_assert_eq!(of("Kassenzeichen"), posting.kassenzeichen.clone());
        }
    }

    #[test]
    fn datev_always_gets_its_fields(postings in some_postings()) {
        let bytes = file(&DATEV, &datev_facts(&postings), &postings).expect("a file");
        let rows = cells(&windows_1252(&bytes), ';', '"');
        prop_assert_eq!(rows.len(), postings.len() + 2);
        for (row, posting) in rows[2..].iter().zip(&postings) {
            prop_assert_eq!(row.len(), 125);
            prop_assert_eq!(cents_of(&row[0]), posting.cents);
            prop_assert!(row[13].chars().count() <= 60);
            prop_assert!(!row[13].chars().any(char::is_control));
        }
    }
}
