//! Random stories: any news, in any order, any number of times, to one or two payments. After every step the story
//! checks its rules (`Story::commit`); here a small model says how much money has been told of.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::testkit::{accepted_soll, kz, order, route};
use super::super::{NextStep, Outcome};
use super::story::Story;
use crate::domain::case::PortalAnswer;
use crate::domain::case::Way;
use crate::domain::ids::{AttemptId, Bewirtschafter};
use crate::domain::money::Cents;
use crate::domain::proof::{Judgement, ProofTable};
use crate::domain::told::{Page, Told, Verified, Word};

#[derive(Debug, Clone)]
enum News {
    /// An answer of the call that opens, awaited or not.
    Answer(Outcome),
    /// A callback; perhaps of somebody else.
    Callback(Word, Option<u8>, bool),
    /// An answer to a question; perhaps naming a Kassenzeichen, perhaps unknown.
    Told(Option<Told>),
    /// Time passes.
    Later(i64),
    /// The sweeper comes by, and gets this answer should it ask.
    Sweep(Told),
    /// The sweeper comes by, and gets no answer.
    NoAnswer,
    /// The case is asked to be paid once more.
    Another,
}

fn name(n: u8) -> String {
    format!("KZ{n}")
}

fn answer() -> impl Strategy<Value = Told> {
    let page = prop_oneof![
        6 => Just(Page::Inactive),
        2 => Just(Page::Active),
        1 => Just(Page::Missing),
        1 => Just(Page::Other("NEU".to_owned())),
    ];
    let saldo = prop_oneof![
        4 => Just(Some(0)),
        4 => Just(Some(4150)),
        1 => Just(None),
        1 => Just(Some(4450)),
        2 => (-9000_i64..9000).prop_map(Some),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-9_000_000_000_000_000_000)].prop_map(Some),
    ];
    let by = prop::option::weighted(0.8, prop_oneof![Just("KREDITKARTE"), Just("LASTSCHRIFT")]);
    let named = prop::option::weighted(0.1, 0_u8..5);
    (page, saldo, by, named).prop_map(|(page, saldo, by, named)| Told {
        kassenzeichen: named.map(|n| kz(&name(n))),
        page,
        method: by.map(super::method),
        saldo: saldo.map(Cents::new),
        ..Told::default()
    })
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        3 => Just(Word::Success),
        2 => Just(Word::Canceled),
        1 => Just(Word::Failed),
        1 => Just(Word::Interim),
        1 => Just(Word::Other),
    ]
}

fn news() -> impl Strategy<Value = News> {
    let outcome = prop_oneof![
        4 => prop::option::weighted(0.7, 0_u8..5).prop_map(|n| Outcome::Open {
            kassenzeichen: n.map(|n| kz(&name(n))),
            remote: None,
            way: Way::Paypage("https://paypage.example".to_owned()),
        }),
        1 => Just(Outcome::Refused { code: "-0611".to_owned() }),
        2 => Just(Outcome::AlreadyUsed),
        2 => Just(Outcome::Unclear),
    ];
    let callback = (
        word(),
        prop::option::weighted(0.9, 0_u8..5),
        prop::bool::weighted(0.9),
    );
    let later = prop_oneof![1_i64..60, 60_i64..4000, Just(86_400), 86_400_i64..40_000_000];
    prop_oneof![
        4 => outcome.prop_map(News::Answer),
        4 => callback.prop_map(|(word, n, ours)| News::Callback(word, n, ours)),
        6 => prop::option::weighted(0.9, answer()).prop_map(News::Told),
        2 => later.prop_map(News::Later),
        3 => answer().prop_map(News::Sweep),
        1 => Just(News::NoAnswer),
        1 => Just(News::Another),
    ]
}

/// The model: how much has been told of each attempt, cumulative.
type Model = BTreeMap<AttemptId, Cents>;

fn tell(story: &mut Story, model: &mut Model, attempt: AttemptId, told: Option<&Told>) {
    let of = story.attempt(attempt);
    let total = story.case.payment_of(attempt).expect("of this case").total;
    let known = of.kassenzeichen.known();
    let believed = told.filter(|told| {
        known.is_some()
            && told
                .kassenzeichen
                .as_ref()
                .is_none_or(|named| Some(named) == known)
    });
    if let Some(told) = believed {
        let gone = of.heard.confirmed
            && told.page == Page::Inactive
            && told.saldo.is_some_and(|saldo| saldo >= total);
        match ProofTable::Konnektor.judge(told, &of.heard, total) {
            Judgement::Paid { amount, .. } => drop(model.insert(attempt, amount)),
            Judgement::Over(_) => drop(model.remove(&attempt)),
            _ if gone => drop(model.remove(&attempt)),
            _ => {}
        }
    }
    story.tells(attempt, told);
    let (exceptions, bookings) = (story.exceptions.len(), story.bookings.len());
    assert_eq!(
        story.attempt(attempt).books.told(),
        model.get(&attempt).copied().unwrap_or_default()
    );
    // The same word again books nothing, and names at most that proof is missing.
    story.tells(attempt, told);
    assert_eq!(story.bookings.len(), bookings, "told twice, booked once");
    assert!(story.exceptions.len() <= exceptions + 1);
}

fn play(story: &mut Story, model: &mut Model, who: usize, news: &News) {
    let attempts: Vec<AttemptId> = story
        .case
        .payments
        .iter()
        .flat_map(|of| of.attempts.iter().map(|attempt| attempt.id))
        .collect();
    let attempt = attempts[who % attempts.len()];
    match news {
        News::Answer(outcome) => drop(story.outcome(attempt, outcome)),
        News::Callback(word, n, ours) => {
            let of = story.attempt(attempt);
            let other = Bewirtschafter::parse("9999").expect("an id");
            let verified = Verified {
                mandant: of.mandant.clone(),
                bewirtschafter: if *ours { of.bewirtschafter.clone() } else { other },
                kassenzeichen: n.map(|n| kz(&name(n))),
                zvp: n.map(|n| ["", "giro", "a/b%"][usize::from(n) % 3].to_owned()),
                method: None,
                word: *word,
                status: format!("{word:?}"),
                dedup_key: format!("{n:?}/{word:?}/{ours}"),
            };
            story.hears_verified(attempt, verified);
        }
        News::Told(told) => tell(story, model, attempt, told.as_ref()),
        News::Later(seconds) => story.later(*seconds),
        News::Sweep(told) => match story.step(attempt) {
            NextStep::Ask => tell(story, model, attempt, Some(told)),
            NextStep::SendAgain => story.sends_again(attempt),
            NextStep::Expire | NextStep::Wait(_) | NextStep::Stop => story.no_answer(attempt),
        },
        News::NoAnswer => story.no_answer(attempt),
        News::Another if story.case.payments.len() < 2 => {
            story.another(&order("request-2"));
        }
        News::Another => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_news_comes_the_rules_hold(
        accepted in any::<bool>(),
        steps in prop::collection::vec((0_usize..6, news()), 1..40),
    ) {
        let mut story = Story::of(if accepted { accepted_soll() } else { route() });
        let mut model = Model::new();
        for (who, news) in &steps {
            play(&mut story, &mut model, *who, news);
        }
        // However it went: asked once more after the time is over, every payment without a word of money has ended.
        story.later(4000);
        let unasked: Vec<AttemptId> = story
            .case
            .payments
            .iter()
            .filter(|payment| payment.answer == PortalAnswer::Initial)
            .map(|payment| payment.current().id)
            .filter(|attempt| !story.attempt(*attempt).money_is_spoken_of())
            .collect();
        for attempt in unasked {
            match story.step(attempt) {
                NextStep::Ask => tell(&mut story, &mut model, attempt, Some(&super::active())),
                step => {
                    prop_assert_eq!(step, NextStep::Expire);
                    story.no_answer(attempt);
                }
            }
            let ended = story.case.payment_of(attempt).expect("of this case").answer.as_str();
            prop_assert_eq!(ended, "FAILED");
        }
    }
}
