//! Random stories with a service that tells sums. A small account stands behind each Kassenzeichen; what the service
//! tells is its present state, an earlier one, or sums that contradict themselves. Whatever comes in whatever order, the
//! books hold what the last present state said, and nothing else ever moves them down.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::testkit::{accepted_soll, kz, method, order, route};
use super::super::{NextStep, Outcome, Reading};
use super::story::Story;
use crate::domain::case::{TransferTo, Way};
use crate::domain::ids::AttemptId;
use crate::domain::money::Cents;
use crate::domain::proof::ProofTable;
use crate::domain::tenant::{Flow, Route};
use crate::domain::told::{Amounts, Page, Told, Word};

/// The account behind one Kassenzeichen.
#[derive(Debug, Clone, Default)]
struct Account {
    came: i64,
    back: i64,
    cancelled: bool,
    /// What had come in and gone back at earlier moments.
    before: Vec<(i64, i64)>,
    /// The same when the service last told something that is believed.
    told: (i64, i64),
}

const CLAIM: i64 = 4150;

impl Account {
    fn now(&self) -> (i64, i64) {
        (self.came, self.back)
    }

    fn there(&self) -> i64 {
        self.came - self.back
    }

    fn tells(&self, (came, back): (i64, i64), page: &Page) -> Told {
        let stornos = if self.cancelled { CLAIM } else { 0 };
        Told {
            page: page.clone(),
            method: Some(method("KREDITKARTE")),
            saldo: Some(Cents::new(CLAIM - stornos - came + back)),
            amounts: Some(Amounts {
                hauptforderungen: Some(Cents::new(CLAIM)),
                zahlungseingaenge: Some(Cents::new(came)),
                ruecklastschriften: Some(Cents::new(back)),
                stornos: Some(Cents::new(stornos)),
                ..Amounts::default()
            }),
            own_customer: true,
            ..Told::default()
        }
    }
}

#[derive(Debug, Clone)]
enum News {
    /// What became of the call that opens.
    Answer(Outcome),
    /// Money comes in; nobody has been asked yet.
    In(i64),
    /// So much of what is there goes back, in hundredths.
    Back(i64),
    /// The claim is cancelled.
    Cancel,
    /// The present state is told.
    Now(Page),
    /// An earlier state is told, by a replica that lags.
    Earlier(usize, Page),
    /// Sums that contradict the saldo by so much.
    Wrong(i64, Page),
    /// The service does not know it.
    Unknown,
    /// Another Kunde is named.
    Other,
    NoAnswer,
    Later(i64),
    Another,
}

fn page() -> impl Strategy<Value = Page> {
    prop_oneof![Just(Page::Missing), Just(Page::Inactive), Just(Page::Active)]
}

fn way() -> impl Strategy<Value = Way> {
    let account = TransferTo {
        holder: "Stadtkasse Musterstadt".to_owned(),
        iban: "DE89370400440532013000".to_owned(),
        bic: None,
        bank: None,
    };
    prop_oneof![
        Just(Way::Paypage("https://paypage.example".to_owned())),
        Just(Way::Transfer(account)),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let open = (0_u8..5, way()).prop_map(|(n, way)| Outcome::Open {
        kassenzeichen: Some(kz(&format!("KZ{n}"))),
        remote: None,
        way,
    });
    prop_oneof![
        6 => open,
        1 => Just(Outcome::Refused { code: "-0611".to_owned() }),
        1 => Just(Outcome::AlreadyUsed),
        1 => Just(Outcome::Unclear),
        1 => Just(Outcome::Unknowable),
    ]
}

fn news() -> impl Strategy<Value = News> {
    let later = prop_oneof![1_i64..60, 60_i64..4000, 86_400_i64..40_000_000];
    let cents = prop_oneof![Just(CLAIM), 1_i64..6000];
    prop_oneof![
        4 => outcome().prop_map(News::Answer),
        4 => cents.prop_map(News::In),
        2 => prop_oneof![Just(100_i64), 1_i64..100].prop_map(News::Back),
        1 => Just(News::Cancel),
        6 => page().prop_map(News::Now),
        3 => (0_usize..8, page()).prop_map(|(n, page)| News::Earlier(n, page)),
        2 => (prop_oneof![-5000_i64..0, 1_i64..5000], page()).prop_map(|(by, page)| News::Wrong(by, page)),
        1 => Just(News::Unknown),
        1 => Just(News::Other),
        1 => Just(News::NoAnswer),
        2 => later.prop_map(News::Later),
        1 => Just(News::Another),
    ]
}

type Accounts = BTreeMap<AttemptId, Account>;

fn attempts(story: &Story) -> Vec<AttemptId> {
    let all = story.case.payments.iter().flat_map(|of| &of.attempts);
    all.map(|attempt| attempt.id).collect()
}

fn booked(story: &Story, attempt: AttemptId) -> i64 {
    story.attempt(attempt).books.told().get()
}

/// The present state is told, twice: the books hold it, and the second time is no news.
fn tell_now(story: &mut Story, account: &mut Account, attempt: AttemptId, page: &Page) {
    let told = account.tells(account.now(), page);
    story.tells(attempt, Some(&told));
    // Whoever has no name yet is not believed to be spoken of.
    let known = story.attempt(attempt).can_be_asked_for();
    if known {
        account.told = account.now();
    }
    let expected = if known { account.there() } else { 0 };
    assert_eq!(booked(story, attempt), expected, "{account:?}");
    let bookings = story.bookings.len();
    story.tells(attempt, Some(&told));
    assert_eq!(story.bookings.len(), bookings, "told twice, booked once");
}

fn play(story: &mut Story, accounts: &mut Accounts, who: usize, news: &News) {
    let all = attempts(story);
    let attempt = all[who % all.len()];
    let account = accounts.entry(attempt).or_default();
    let (before, bookings) = (booked(story, attempt), story.bookings.len());
    match news {
        News::Answer(outcome) => drop(story.outcome(attempt, outcome)),
        News::In(cents) => {
            account.before.push(account.now());
            account.came += cents;
        }
        News::Back(hundredths) => {
            account.before.push(account.now());
            account.back += account.there() * hundredths / 100;
        }
        News::Cancel => account.cancelled = true,
        News::Now(page) => tell_now(story, account, attempt, page),
        News::Earlier(n, page) => {
            let state = account.before.get(*n).copied().unwrap_or(account.now());
            story.tells(attempt, Some(&account.tells(state, page)));
            let older = state.0 < account.told.0 || state.1 < account.told.1;
            let now = booked(story, attempt);
            // Older than what is known: nothing moves. Newer: it is believed, and was true then.
            let known = story.attempt(attempt).can_be_asked_for();
            let expected = if older || !known {
                before
            } else {
                state.0 - state.1
            };
            assert_eq!(now, expected, "{account:?}");
            if known && !older {
                account.told = state;
            }
        }
        News::Wrong(by, page) => {
            let mut told = account.tells(account.now(), page);
            told.saldo = told.saldo.map(|saldo| saldo + Cents::new(*by));
            story.tells(attempt, Some(&told));
            assert_eq!(booked(story, attempt), before, "no proof, no booking of money");
        }
        News::Unknown => {
            story.tells(attempt, None);
            assert_eq!(booked(story, attempt), before);
        }
        News::Other => {
            let told = Told {
                other_customer: true,
                own_customer: false,
                ..account.tells(account.now(), &Page::Missing)
            };
            story.tells(attempt, Some(&told));
            assert_eq!(story.bookings.len(), bookings, "somebody else's money");
        }
        News::NoAnswer => story.no_answer(attempt),
        News::Later(seconds) => story.later(*seconds),
        News::Another if story.case.payments.len() < 2 => drop(story.another(&order("request-2"))),
        News::Another => {}
    }
}

fn soap(route: Route) -> Story {
    let mut story = Story::of(route);
    story.reading = Reading {
        proof: ProofTable::SoapSums,
        default_zvp: "epaybl",
    };
    story
}

fn route_of(transfer: bool, accepted: bool) -> Route {
    Route {
        flow: if transfer { Flow::Vorkasse } else { Flow::Paypage },
        ..if accepted { accepted_soll() } else { route() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_books_follow_the_sums_and_nothing_else(
        transfer in any::<bool>(),
        accepted in any::<bool>(),
        steps in prop::collection::vec((0_usize..6, news()), 1..40),
    ) {
        let mut story = soap(route_of(transfer, accepted));
        let mut accounts = Accounts::new();
        for (who, news) in &steps {
            play(&mut story, &mut accounts, *who, news);
        }
        for attempt in attempts(&story) {
            let account = accounts.entry(attempt).or_default();
            tell_now(&mut story, account, attempt, &Page::Missing);
            // A receipt may come at any time: whoever has a name is asked for it.
            let asked = story.step(attempt);
            prop_assert!(!story.attempt(attempt).can_be_asked_for() || asked != NextStep::Stop);
        }
    }

    #[test]
    fn sums_of_any_kind_leave_the_books_in_balance(
        table in prop_oneof![Just(ProofTable::SoapSums), Just(ProofTable::SoapSaldo)],
        transfer in any::<bool>(),
        answers in prop::collection::vec((page(), prop::collection::vec(prop::option::weighted(0.9, -1_i64..3), 7)), 1..30),
    ) {
        let mut story = soap(route_of(transfer, true));
        story.reading.proof = table;
        let attempt = story.current();
        story.opens(attempt, Some("KZ1"));
        story.hears(attempt, Word::Interim, Some("KZ1"));
        for (page, sums) in answers {
            let all: Vec<Option<Cents>> = sums
                .iter()
                .map(|sum| sum.map(|times| Cents::new(times * CLAIM)))
                .collect();
            let told = Told {
                page,
                saldo: all[0],
                amounts: Some(Amounts {
                    hauptforderungen: all[1],
                    zahlungseingaenge: all[2],
                    lastschriften: all[3],
                    ruecklastschriften: all[4],
                    stornos: all[5],
                    sonstige: all[6],
                }),
                ..Told::default()
            };
            story.tells(attempt, Some(&told));
            let bookings = story.bookings.len();
            story.tells(attempt, Some(&told));
            prop_assert_eq!(story.bookings.len(), bookings, "told twice, booked once");
        }
    }
}
