use proptest::prelude::*;
use uuid::Uuid;

use super::testkit::*;
use super::*;
use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::record::{Body, ExceptionOpened};
use crate::domain::subject::Subject;

fn account<'a>(books: &'a Books, name: &str) -> &'a AccountTotals {
    books
        .accounts
        .iter()
        .find(|account| account.account.as_str() == name)
        .unwrap_or_else(|| panic!("{name} is in the books"))
}

fn exception_ids(list: &[Exception]) -> Vec<u128> {
    list.iter().map(|exception| exception.id.0.as_u128()).collect()
}

#[test]
fn the_second_day_begins_with_what_the_first_left() {
    let books = closing().books;
    let card = account(&books, "verrechnung/epaybl/KREDITKARTE");
    assert_eq!(
        (card.opening, card.debit, card.credit, card.closing),
        (
            Cents::new(4690),
            Cents::new(5150),
            Cents::new(9690),
            Cents::new(150)
        )
    );
    assert_eq!(account(&books, "forderung").closing, Cents::new(2345));
    assert_eq!(closing().check(), []);
}

#[test]
fn soll_and_ist_of_a_title_leave_what_is_still_owed() {
    let books = closing().books;
    let [title] = books.titles.as_slice() else {
        panic!("one title: {:?}", books.titles)
    };
    assert_eq!(
        (
            title.soll,
            title.ist,
            title.rest,
            title.soll_moved,
            title.ist_moved
        ),
        (
            Cents::new(7345),
            Cents::new(5000),
            Cents::new(2345),
            Cents::ZERO,
            Cents::new(2655)
        ),
        "the returned 23.45 EUR are owed again, and the day brought 50.00 less 23.45 EUR"
    );
}

#[test]
fn a_deposit_is_listed_with_its_age_until_it_is_settled() {
    let first = books(&story()[..6], 0, DAY);
    let [deposit] = first.deposits.as_slice() else {
        panic!("one deposit: {:?}", first.deposits)
    };
    assert_eq!(deposit.cents, Cents::new(2345));
    assert_eq!(deposit.age_days, 1);
    assert_eq!(deposit.kind, "doppelzahlung");

    let second = closing().books;
    let [deposit] = second.deposits.as_slice() else {
        panic!("the first was refunded: {:?}", second.deposits)
    };
    assert_eq!(
        (deposit.kind.as_str(), deposit.cents, deposit.age_days),
        ("ueberzahlung", Cents::new(150), 0)
    );
    let [advance] = second.advances.as_slice() else {
        panic!("one advance: {:?}", second.advances)
    };
    assert_eq!(advance.cents, Cents::new(1000));
}

#[test]
fn exceptions_are_told_as_opened_resolved_and_still_open() {
    let lists = closing().books.exceptions;
    assert_eq!(exception_ids(&lists.opened), [4]);
    assert_eq!(exception_ids(&lists.resolved), [2]);
    assert_eq!(exception_ids(&lists.open), [9, 4]);
    assert_eq!(lists.resolved[0].age_days, 1);
    assert_eq!(lists.resolved[0].resolved_on, Some(DAY));
}

#[test]
fn a_line_of_the_log_is_read_as_it_stands() {
    let side = |account, posten| Side {
        account,
        posten: PostenId(Uuid::from_u128(posten)),
    };
    let title = Account::Erloes {
        haushaltsstelle: "1100/1000".to_owned(),
        objektnummer: None,
    };
    let line = Line {
        debit: side(Account::Forderung, 1),
        credit: side(title, 1),
        cents: Cents::new(2345),
        haushaltsjahr: 2026,
        haushaltsstelle: Some("1100/1000".to_owned()),
        objektnummer: None,
        anordnung: "AO 1".to_owned(),
    };
    let entry = Entry::from(&line);
    assert_eq!(entry.debit.account.class(), AccountClass::Forderung);
    assert_eq!(entry.credit.account.as_str(), "erloes/1100%2F1000");
    assert_eq!(entry.haushaltsstelle.as_deref(), Some("1100/1000"));
}

#[test]
fn a_storno_of_a_claim_takes_back_soll_and_not_ist() {
    let side = |account| Side {
        account,
        posten: PostenId(Uuid::from_u128(1)),
    };
    let title = Account::Erloes {
        haushaltsstelle: "1100".to_owned(),
        objektnummer: None,
    };
    let booking = |kind, reverses, debit, credit| Booking {
        kind,
        ledger: LedgerId::parse("stadt").expect("a Kasse"),
        subject: Subject::Attempt {
            case: CaseId(Uuid::from_u128(7)),
            attempt: AttemptId(Uuid::from_u128(8)),
        },
        reverses,
        lines: vec![Line {
            debit: side(debit),
            credit: side(credit),
            cents: Cents::new(2345),
            haushaltsjahr: 2026,
            haushaltsstelle: Some("1100".to_owned()),
            objektnummer: None,
            anordnung: "AO 1".to_owned(),
        }],
    };
    let claim = booking(BookingKind::Sollstellung, None, Account::Forderung, title.clone());
    let storno = booking(BookingKind::Storno, Some(0), title, Account::Forderung);
    let reversed = Beside {
        reversed: Some(BookingKind::Sollstellung),
        ..Beside::default()
    };
    let mut totals = Totals::from_the_start(0);
    for (position, body, beside) in [(0, claim, Beside::default()), (1, storno, reversed)] {
        let fact = Fact::of(&Body::Booking(body), beside).expect("a booking means something");
        totals.record(position, DAY, &fact).expect("the next of the log");
    }
    let books = totals.finish(2, DAY).expect("nothing is behind the cut");
    let title = &books.titles[0];
    assert_eq!(
        (title.soll, title.ist, title.rest),
        (Cents::ZERO, Cents::ZERO, Cents::ZERO)
    );
}

#[test]
fn a_difference_is_told_in_the_words_of_its_code() {
    let body = Body::Exception(ExceptionOpened {
        id: ExceptionId(Uuid::from_u128(1)),
        code: ExceptionCode::PaidTwice,
        subject: Subject::Attempt {
            case: CaseId(Uuid::from_u128(7)),
            attempt: AttemptId(Uuid::from_u128(8)),
        },
        cents: Some(Cents::new(5)),
    });
    let Some(Fact::Opened(difference)) = Fact::of(&body, Beside::default()) else {
        panic!("an exception is a difference")
    };
    assert_eq!(difference.code, "doppelzahlung");
    assert_eq!(difference.text, ExceptionCode::PaidTwice.german());
}

#[test]
fn records_of_another_log_are_refused_by_position_and_name() {
    let soll = || booked(BookingKind::Sollstellung, ("forderung", "erloes/1"), 1, 100, None);
    let mut totals = Totals::from_the_start(0);
    totals.record(7, DAY, &soll()).expect("the first");
    assert_eq!(
        totals.clone().record(7, DAY, &soll()),
        Err(TotalsError::Backwards { position: 7, next: 8 })
    );
    let nothing = booked(BookingKind::Zahlung, ("verrechnung/a/B", "forderung"), 1, 0, None);
    let refused = totals
        .clone()
        .record(8, DAY, &nothing)
        .map_err(|why| why.to_string());
    assert_eq!(
        refused,
        Err("record 8 has a line of 0.00 EUR; each line moves more than nothing".to_owned())
    );
    let id = ExceptionId(Uuid::from_u128(3));
    assert_eq!(
        totals.clone().record(8, DAY, &Fact::Resolved(id)),
        Err(TotalsError::NotOpen { position: 8, id })
    );
    totals
        .record(8, DAY, &opened(3, "verwaist", "…", None))
        .expect("opened");
    assert_eq!(
        totals.clone().record(9, DAY, &opened(3, "verwaist", "…", None)),
        Err(TotalsError::OpenedAgain { position: 9, id })
    );
    assert_eq!(
        totals.finish(8, DAY),
        Err(TotalsError::Beyond { size: 8, next: 9 })
    );
}

#[test]
fn a_resolution_that_is_taken_back_is_open_again_since_it_was_found() {
    let Fact::Opened(found) = opened(3, "teilbetrag", "…", Some(5)) else {
        panic!("a difference");
    };
    let fact = |kind| match kind {
        'o' => Fact::Opened(found.clone()),
        'd' => Fact::Resolved(found.id),
        _ => Fact::Reopened(found.clone(), DAY),
    };
    // In the same period, in the next one, and steps that were taken back before the last.
    for (story, period) in [("odu", 0), ("odu", 2), ("ou", 0), ("odudu", 0)] {
        let facts: Vec<_> = story.chars().map(|kind| (DAY, fact(kind))).collect();
        let lists = books(&facts, period, DAY).exceptions;
        assert_eq!(exception_ids(&lists.open), [3], "{story}");
        assert_eq!(exception_ids(&lists.opened), [3], "{story}");
        assert!(
            lists.resolved.is_empty() && lists.opened[0].resolved_on.is_none(),
            "{story}"
        );
        assert_eq!(lists.open[0].opened_on, DAY);
    }
}

#[test]
fn money_that_is_in_no_sum_twice_is_found() {
    let mut closing = closing();
    closing.books.accounts[0].debit += Cents::new(1);
    let told: Vec<String> = closing.check().iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|line| line.starts_with("the sum of all debits is")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|line| line.starts_with("the movements debited to bank/")),
        "{told:?}"
    );
}

#[test]
fn a_deposit_that_fell_out_of_the_list_is_found() {
    let mut closing = closing();
    closing.books.deposits.clear();
    let told: Vec<String> = closing.check().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["the sum of the deposits is 0.00 EUR and must be 1.50 EUR"]);
}

#[test]
fn a_bank_account_that_nobody_set_up_is_found() {
    let mut closing = closing();
    closing.banks.clear();
    assert_eq!(
        closing.check(),
        [Finding::NoBank(AccountName::bank(IBAN))],
        "no statement is asked for an account that is in the books"
    );
}

#[test]
fn a_gap_in_the_chain_is_found() {
    let mut gap = closing();
    gap.number = 4;
    assert_eq!(gap.check().len(), 1);
    let mut shrunk = closing();
    shrunk.cut.size = FIRST - 1;
    assert_eq!(shrunk.check().len(), 1);
    let mut orphan = closing();
    orphan.previous = None;
    assert_eq!(orphan.check().len(), 1);
}

#[test]
fn a_closing_waits_for_statements_and_guards_but_never_for_an_exception() {
    let ready = closing();
    assert!(!ready.books.exceptions.open.is_empty());
    assert_eq!(ready.holds(), []);

    let mut waiting = closing();
    waiting.banks[0].awaited = vec![DAY];
    waiting.banks[0].guards[0].held = false;
    waiting.banks[0].foreign = Foreign::moved(Cents::ZERO, Cents::ZERO, Cents::ZERO);
    waiting.banks = waiting.banks.into_iter().map(Bank::weighed).collect();
    let told: Vec<String> = waiting.holds().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the statement of DE02120300000000202051 for 2026-03-03 is missing; import it",
            "guard saldenkette of DE02120300000000202051 broke; look at the statements",
            "bank and books of DE02120300000000202051 differ by 10000.00 EUR; find the entries that are missing",
        ]
    );
}

#[test]
fn two_people_sign_and_nobody_signs_for_two() {
    let clerk = signature("A. Müller", SignerRole::Clerk);
    let chief = signature("B. Schmidt", SignerRole::Kassenverwalter);
    let once = closing().sign(clerk.clone()).expect("a clerk may sign");
    assert!(!once.is_signed());
    let same = Signature {
        role: SignerRole::Kassenverwalter,
        ..clerk.clone()
    };
    assert_eq!(
        once.clone().sign(same),
        Err(SignError::Again {
            who: "A. Müller".to_owned(),
            number: 2
        })
    );
    let typed = signature("a.  MÜLLER", SignerRole::Kassenverwalter);
    assert!(matches!(once.clone().sign(typed), Err(SignError::Again { .. })));
    let second_clerk = signature("C. Weber", SignerRole::Clerk);
    assert!(matches!(
        once.clone().sign(second_clerk),
        Err(SignError::NotNeeded { .. })
    ));
    let early = Signature {
        at: Timestamp::from_millis(0),
        ..chief.clone()
    };
    assert!(matches!(
        once.clone().sign(early),
        Err(SignError::TooEarly { .. })
    ));
    let both = once.sign(chief).expect("the Kassenverwalter may sign");
    assert!(both.is_signed());

    let mut waiting = closing();
    waiting.banks[0].guards[0].held = false;
    let refused = waiting.sign(clerk).map_err(|why| why.to_string());
    assert_eq!(
        refused,
        Err(
            "closing 2 waits: guard saldenkette of DE02120300000000202051 broke; look at the statements"
                .to_owned()
        )
    );
}

#[test]
fn a_closing_reads_back_as_it_was_written() {
    let mut closing = closing();
    closing
        .signing
        .signatures
        .push(signature("A. Müller", SignerRole::Clerk));
    let text = serde_json::to_string(&closing).expect("it prints");
    assert_eq!(serde_json::from_str::<Closing>(&text).expect("it reads"), closing);
    assert!(Root::try_from("00".to_owned()).is_err());
}

/// Moves between any two accounts, and exceptions that come and go.
fn any_story() -> impl Strategy<Value = Vec<(u8, u8, u8, i64, u8)>> {
    prop::collection::vec((0..10_u8, 0..6_u8, 0..6_u8, 1..500_i64, 0..5_u8), 0..60)
}

fn told(steps: &[(u8, u8, u8, i64, u8)]) -> Vec<(Date, Fact)> {
    const ACCOUNTS: [&str; 6] = [
        "forderung",
        "erloes/1",
        "verwahrung",
        "vorschuss",
        "verrechnung/a/B",
        "bank/DE1",
    ];
    let mut open: Vec<u128> = Vec::new();
    let mut resolved: Vec<u128> = Vec::new();
    let mut found = std::collections::BTreeMap::new();
    let mut story = Vec::new();
    for (at, (kind, debit, credit, cents, posten)) in (0_u128..).zip(steps) {
        // The log is told over several days; the booking day never goes back.
        let day = jiff::civil::date(2026, 3, 1 + i8::try_from(at / 4).expect("a small number"));
        let fact = match kind {
            7 => {
                open.push(at);
                found.insert(at, (day, *cents));
                opened(at, "verwaist", "…", Some(*cents))
            }
            8 if !open.is_empty() => {
                let id = open.remove(usize::from(*posten) % open.len());
                resolved.push(id);
                Fact::Resolved(ExceptionId(Uuid::from_u128(id)))
            }
            9 if !resolved.is_empty() => {
                let id = resolved.remove(usize::from(*posten) % resolved.len());
                open.push(id);
                let (on, cents) = found[&id];
                let Fact::Opened(difference) = opened(id, "verwaist", "…", Some(cents)) else {
                    unreachable!("it opens a difference");
                };
                Fact::Reopened(difference, on)
            }
            _ => {
                let kind = BookingKind::ALL[usize::from(*kind) % BookingKind::ALL.len()];
                let accounts = (ACCOUNTS[usize::from(*debit)], ACCOUNTS[usize::from(*credit)]);
                let title = (*posten < 3).then_some("1100");
                booked(kind, accounts, u128::from(*posten), *cents, title)
            }
        };
        story.push((day, fact));
    }
    story
}

proptest! {
    #[test]
    fn carried_forward_or_from_the_start_the_books_are_the_same(
        steps in any_story(),
        cuts in prop::collection::vec(0..60_usize, 0..6),
    ) {
        let story = told(&steps);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(story.len())).collect();
        cuts.push(story.len());
        cuts.sort_unstable();
        let mut previous: Option<(Closing, usize)> = None;
        for (number, cut) in (1..).zip(cuts) {
            let before = previous.as_ref().map_or(0, |(_, size)| *size);
            let to = cut.checked_sub(1).map_or(jiff::civil::date(2026, 3, 1), |last| story[last].0);
            let mut totals = match &previous {
                Some((closing, _)) => Totals::after(closing),
                None => Totals::from_the_start(0),
            };
            for (position, (day, fact)) in (0..).zip(&story).take(cut).skip(before) {
                totals.record(position, *day, fact).expect("a story of one log");
            }
            let carried = totals.finish(cut as u64, to).expect("nothing is behind the cut");
            prop_assert_eq!(&carried, &books(&story[..cut], before as u64, to));
            let mut closing = closing_of(carried, number, cut as u64, to);
            closing.previous = previous.map(|(closing, _)| Previous {
                number: closing.number,
                size: closing.cut.size,
                root: closing.cut.root,
            });
            // An empty period has the root of the one before.
            if let Some(previous) = closing.previous.filter(|previous| previous.size == closing.cut.size) {
                closing.cut.root = previous.root;
            }
            let bank = AccountName::bank("DE1");
            closing.banks = closing
                .books
                .accounts
                .iter()
                .filter(|account| account.account == bank)
                .map(|account| Bank {
                    iban: "DE1".to_owned(),
                    statement: None,
                    awaited: Vec::new(),
                    ours: account.closing,
                    foreign: Foreign::moved(Cents::ZERO, Cents::ZERO, Cents::ZERO),
                    difference: None,
                    guards: Vec::new(),
                })
                .collect();
            prop_assert_eq!(closing.check(), vec![]);
            previous = Some((closing, cut));
        }
    }
}
