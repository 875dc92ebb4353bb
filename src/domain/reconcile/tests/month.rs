//! A month whose truth is known: every payment is found, by its rule, and nothing else.

use std::collections::BTreeMap;

use super::kit::{Story, claim, in_words};
use crate::domain::money::Cents;
use crate::domain::reconcile::*;

/// Ways in which a payer's line comes, and how its verdict must begin.
const WAYS: &[(&str, &str)] = &[
    ("field", "{id} by referenz_genau"),
    ("whole", "{id} by referenz_genau"),
    ("label", "{id} by referenz_im_text"),
    ("cut27", "{id} by referenz_im_text"),
    ("blanks", "{id} by referenz_im_text"),
    ("rf", "{id} by referenz_genau"),
    ("zeros", "{id} by referenz_im_text"),
    ("less", "betrag_weicht_ab: {id},"),
    ("embedded", "unmatched: "),
    ("foreign", "unmatched: "),
];

/// ISO 7064 mod 97-10, told anew here as a sum over the decimal text.
fn rf(number: &str) -> String {
    let text = format!("{number}271500");
    let rest = text
        .bytes()
        .fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("RF{:02}{number}", 98 - rest)
}

#[test]
fn a_generated_month_with_known_truth_is_found_exactly() {
    let mut story = Story::default();
    let mut truth: BTreeMap<u64, String> = BTreeMap::new();
    let mut line = 0;
    for id in 0..2000_u64 {
        let number = format!("1001{:09}", id * 7919 % 1_000_000_007);
        // Fees of offices: few amounts, so that amounts alone say nothing.
        let cents = [1000, 2500, 3700, 6000][usize::try_from(id % 4).expect("small")];
        story = story.open(&claim(id, &number, cents));
        let (way, verdict) = WAYS[usize::try_from(id * 31 % 10).expect("small")];
        let day = i8::try_from(3 + id % 25).expect("small");
        line += 1;
        let blank = format!("{} {} {}", &number[..4], &number[4..8], &number[8..]);
        let padded = format!("{:<18}{number} Gebuehr Ausweis", "Stadtkasse Zahlung");
        story = match way {
            "field" => story.told(
                line,
                day,
                cents,
                &[(Field::Purpose, "Danke"), (Field::EndToEnd, &number)],
            ),
            "whole" => story.line(line, day, cents, &number),
            "label" => story.line(line, day, cents, &format!("Kassenzeichen: {number}, Frau Muster")),
            "cut27" => story.line(line, day, cents, &format!("{}|{}", &padded[..27], &padded[27..])),
            "blanks" => story.line(line, day, cents, &format!("kz {blank} 2026")),
            "rf" => story.told(line, day, cents, &[(Field::Structured, &rf(&number))]),
            "zeros" => story.line(line, day, cents, &format!("000{number}")),
            "less" => story.line(line, day, cents - 1, &format!("KZ {number}")),
            "embedded" => story.line(line, day, cents, &format!("Vertrag 7{number}7")),
            _ => story.line(line, day, cents, "Gehalt November 2026"),
        };
        truth.insert(line, verdict.replace("{id}", &id.to_string()));
        // Some pay twice, and some of it comes back.
        if id % 50 == 1 && verdict.contains(" by ") {
            line += 1;
            story = story.line(line, 28, cents, &number);
            truth.insert(line, format!("doppelzahlung: {id},"));
        } else if id % 50 == 2 && verdict.contains(" by ") {
            line += 1;
            story = story.comes_back(
                line,
                29,
                -cents - 300,
                &format!("RETOURE {number}"),
                (None, Some(300)),
            );
            truth.insert(line, format!("{id} back, {} fee 3.00", Cents::new(cents)));
        }
    }
    let outcome = story.outcome();
    assert_eq!(outcome.judged.len(), truth.len());
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in &outcome.judged {
        let (said, expected) = (in_words(&judged.verdict), &truth[&judged.line.0]);
        assert!(
            said.starts_with(expected.as_str()),
            "line {}: {said}, not {expected}",
            judged.line.0
        );
        let kind = match judged.verdict {
            Verdict::Paired(_) => "paired",
            Verdict::Returned(_) => "back",
            Verdict::Exception(_) => "exception",
            Verdict::Ambiguous(_) => "ambiguous",
            Verdict::Unmatched(_) => "unmatched",
        };
        *counted.entry(kind).or_default() += 1;
    }
    let expected = [
        ("back", 40),
        ("exception", 200 + 40),
        ("paired", 1400),
        ("unmatched", 400),
    ];
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), expected);
}
