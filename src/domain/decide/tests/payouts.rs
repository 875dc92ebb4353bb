//! Payouts of payment providers: what lies on the Posten of a payout is nothing once every line has found its place, and
//! every cent that the bank showed is ours, a fee, in deposit, or nobody's of ours.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::super::testkit::{accepted_soll, ctx, method};
use super::super::{
    NotSettled, Part, PayoutShown, PayoutTerms, line_aside, line_back, nothing_key, parted, payout_shown,
};
use super::inactive;
use super::story::Story;
use crate::domain::bookings::PayoutAccount;
use crate::domain::change::Change;
use crate::domain::ids::{LedgerId, ListId, PayoutId, PostenId, StatementId};
use crate::domain::money::Cents;
use crate::domain::payout::{Contents, Share};
use crate::domain::record::Body;
use crate::domain::settlement::{Kind, Line, Owner, difference};
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, ListLineId};
use crate::domain::tenant::Release;

fn terms(exclusive: bool) -> PayoutTerms {
    PayoutTerms {
        account: PayoutAccount {
            ledger: LedgerId::parse("musterstadt").expect("an id"),
            payout: PayoutId(Uuid::from_u128(1)),
            posten: PostenId(Uuid::from_u128(2)),
            zvp: "giro".to_owned(),
            haushaltsjahr: 2026,
        },
        disagio: "9100.6580".to_owned(),
        exclusive,
    }
}

fn line_id(line: u32) -> ListLineId {
    ListLineId {
        list: ListId(Uuid::from_u128(3)),
        line,
    }
}

/// Debit less credit by account, and what the bank's line is claimed for.
#[derive(Default)]
struct Books {
    accounts: BTreeMap<String, i64>,
    claimed: i64,
}

impl Books {
    fn take(&mut self, change: &Change) {
        for (body, _) in &change.effects.records {
            match body {
                Body::Booking(booking) => {
                    for line in &booking.lines {
                        let cents = line.cents.get();
                        *self.accounts.entry(line.debit.account.to_string()).or_default() += cents;
                        *self.accounts.entry(line.credit.account.to_string()).or_default() -= cents;
                    }
                }
                Body::Match(matched) => self.claimed += matched.cents.get(),
                _ => {}
            }
        }
    }

    fn on(&self, account: &str) -> i64 {
        self.accounts.get(account).copied().unwrap_or_default()
    }
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (0..6_u8, any::<bool>(), 1..100_000_i64, 0..300_i64).prop_map(|(kind, ours, cents, fee)| {
        let kind = match kind {
            0 => Kind::Chargeback,
            1 => Kind::Fee,
            _ => Kind::Payment,
        };
        Line {
            row: 0,
            owner: if ours {
                Owner::Ours
            } else {
                Owner::Foreign("KFZ".to_owned())
            },
            gross: Cents::new(if kind == Kind::Payment { cents } else { -cents }),
            fee: Some(Cents::new(fee)),
            net: None,
            kind,
            reference: Some(format!("R{cents}")),
            transaction: None,
            payout: None,
            day: None,
            method: None,
        }
    });
    let lines = prop::collection::vec(line, 1..12);
    lines.prop_map(|mut lines| {
        for (row, line) in (1..).zip(&mut lines) {
            line.row = row;
        }
        lines
    })
}

fn wanted(line: &Line) -> bool {
    line.owner == Owner::Ours && line.kind != Kind::Fee
}

proptest! {
    #[test]
    fn every_cent_of_a_payout_finds_its_place_and_a_later_list_moves_it(
        first in lines(),
        second in lines(),
        exclusive in any::<bool>(),
        lay in any::<bool>(),
    ) {
        let terms = terms(exclusive);
        let mut ctx = ctx();
        let mut books = Books::default();
        let contents = Contents::of(&first).expect("small sums");
        let whole = contents.payout(None).net();
        prop_assume!(whole != Cents::ZERO);
        let iban = Iban::parse("DE02120300000000202051").expect("an IBAN");
        let mut shown = PayoutShown {
            detail: DetailId { statement: StatementId(Uuid::from_u128(4)), entry: 1, detail: 1 },
            account: iban,
            whole,
            first: true,
            from: lay.then_some(PostenId(Uuid::from_u128(5))),
            rule: "auszahlung_liste".to_owned(),
            evidence: String::new(),
        };
        if lay {
            // As it was booked when nobody knew it.
            books.accounts.insert("bank/DE02120300000000202051".to_owned(), whole.get());
            let there = if whole.is_positive() { "verwahrung" } else { "vorschuss" };
            books.accounts.insert(there.to_owned(), -whole.get());
            books.claimed = whole.get();
        }
        let Some((_, share)) = contents.share(None, whole) else {
            // More than its lines is no payout: a fee that is paid to us explains nothing.
            return Ok(());
        };
        let before = terms.target(share);
        books.take(&payout_shown(&mut ctx, &terms, Some(&shown), None, before, None).expect("it is the first"));
        for (n, line) in (1..).zip(&first).filter(|(_, line)| wanted(line)) {
            books.take(&line_aside(&mut ctx, &terms.account, line_id(n), line.gross, false));
        }
        let ours = if exclusive { whole } else { share.bank };
        let check = |books: &Books, fee: Cents, ours: Cents| {
            prop_assert_eq!(books.on("verrechnung/giro/AUSZAHLUNG"), 0);
            prop_assert_eq!(books.on("disagio/9100.6580"), fee.get());
            prop_assert_eq!(books.on("bank/DE02120300000000202051"), ours.get());
            prop_assert_eq!(books.claimed, ours.get());
            prop_assert_eq!(books.accounts.values().sum::<i64>(), 0);
            Ok(())
        };
        check(&books, share.fee, ours)?;
        // A later list of the same sum: what the others have is what is left.
        let now = Contents::of(&second).expect("small sums");
        let off = whole - now.payout(None).net();
        let mut second = second;
        second.push(Line {
            row: 99,
            owner: Owner::Foreign("REST".to_owned()),
            kind: Kind::Payment,
            gross: off,
            fee: Some(Cents::ZERO),
            ..second[0].clone()
        });
        let now = Contents::of(&second).expect("small sums");
        let (_, share) = now.share(None, whole).expect("it is made to fit");
        shown.from = None;
        let aside = Some((PostenId(Uuid::from_u128(6)), Cents::new(i64::MAX)));
        let target = terms.target(share);
        shown.first = false;
        let moved = payout_shown(&mut ctx, &terms, Some(&shown), Some(before), target, aside);
        books.take(&moved.expect("there is enough"));
        let told = difference(&first, &second);
        let gone = told.removed.iter().chain(told.changed.iter().map(|(was, _)| was));
        for line in gone.filter(|line| wanted(line)) {
            let n = u32::try_from(line.row).expect("few lines");
            let change = if line.gross.is_positive() {
                let deposit = (PostenId(Uuid::from_u128(7)), line.gross);
                line_back(&mut ctx, &terms.account, line_id(n), deposit)
            } else {
                line_aside(&mut ctx, &terms.account, line_id(n), -line.gross, true)
            };
            books.take(&change);
        }
        let new = told.added.iter().chain(told.changed.iter().map(|(_, is)| is));
        for (n, line) in (100..).zip(new.filter(|line| wanted(line))) {
            books.take(&line_aside(&mut ctx, &terms.account, line_id(n), line.gross, false));
        }
        check(&books, share.fee, if exclusive { whole } else { share.bank })?;
    }
}

#[test]
fn a_payout_of_nothing_claims_no_payment_and_is_settled_once() {
    let terms = terms(true);
    let share = |others: i64, fee: i64| Share {
        bank: Cents::new(-others),
        fee: Cents::new(fee),
        others: Cents::new(others),
    };
    for others in [0, 500] {
        let target = terms.target(share(others, 70));
        assert_eq!(target.bank, Cents::ZERO);
        let change = payout_shown(&mut ctx(), &terms, None, None, target, None).expect("it is the first");
        let key = nothing_key(&terms.account.ledger, terms.account.payout);
        assert_eq!(change.guards.keys, [key]);
        let mut books = Books::default();
        books.take(&change);
        assert_eq!(books.claimed, 0);
        assert!(books.accounts.keys().all(|account| !account.starts_with("bank/")));
        assert_eq!(books.on("verrechnung/giro/AUSZAHLUNG"), others - 70);
        assert_eq!(books.on("verwahrung"), -others);
        let again =
            payout_shown(&mut ctx(), &terms, None, Some(target), target, None).expect("nothing moves");
        assert!(again.effects.records.is_empty() && again.guards.keys.is_empty());
    }
}

#[test]
fn a_line_that_a_later_list_takes_back_reopens_a_case_that_was_released_by_it() {
    let mut route = accepted_soll();
    for method in &mut route.methods {
        method.release = Release::Settled;
    }
    let mut story = Story::of(route);
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(0))));
    assert!(!story.event_names().contains(&"case.paid.v1"));
    let of = terms(false).account;
    story.knows(of.posten);
    let gets = |adds: &[u32], backs: &[u32]| {
        let lines = |of: &[u32]| of.iter().map(|line| (line_id(*line), Cents::new(4150))).collect();
        Part {
            adds: lines(adds),
            backs: lines(backs),
        }
    };
    let take = |story: &mut Story, part: Part| {
        let change = parted(&mut story.ctx, &story.case, attempt, &of, &part).expect("it fits");
        assert!(story.commit(change));
        story.event_names().last().copied()
    };
    assert_eq!(take(&mut story, gets(&[1], &[])), Some("case.paid.v1"));
    assert_eq!(take(&mut story, gets(&[], &[1])), Some("case.reopened.v1"));
    assert_eq!(story.attempt(attempt).books.settled, Cents::ZERO);
    assert_eq!(
        story.payment().answer.as_str(),
        "PAYED",
        "the portal's answer stays"
    );
    assert_eq!(take(&mut story, gets(&[2], &[])), Some("case.paid.v1"));
    // Another line of the same amount takes its place at once.
    let events = story.event_names().len();
    take(&mut story, gets(&[3], &[2]));
    let news = &story.event_names()[events..];
    assert!(!news.contains(&"case.reopened.v1"), "{news:?}");
}

/// What a list adds, and what it takes back.
type List = (&'static [i64], &'static [i64]);

/// A payment on a page with these words of the provider, and what lists bring of it, one after the other.
fn lists_bring(saldi: &[i64], lists: &[List]) -> (Story, crate::domain::ids::AttemptId) {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    for saldo in saldi {
        story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(*saldo))));
    }
    let of = terms(false).account;
    story.knows(of.posten);
    let mut n = 0;
    for (adds, backs) in lists {
        let mut lines = |of: &[i64]| -> Vec<_> {
            let of = of.iter().map(|cents| {
                n += 1;
                (line_id(n), Cents::new(*cents))
            });
            of.collect()
        };
        let part = Part {
            adds: lines(adds),
            backs: lines(backs),
        };
        let change = parted(&mut story.ctx, &story.case, attempt, &of, &part);
        assert!(story.commit(change.unwrap_or_else(|why| panic!("{adds:?} {backs:?}: {why}"))));
    }
    (story, attempt)
}

#[test]
fn what_came_and_went_is_waited_for_no_more_when_lists_have_shown_both() {
    let cases: [(&[i64], &[List], i64); 6] = [
        // In one payout, which nets them; in two, in either order.
        (&[0, 4150], &[(&[4150, -4150], &[])], 0),
        (&[0, 4150], &[(&[4150], &[]), (&[-4150], &[])], 0),
        (&[0, 4150], &[(&[-4150], &[]), (&[4150], &[])], 0),
        // A part went back before the whole was shown.
        (&[0, 1000], &[(&[4150], &[]), (&[-1000], &[])], 3150),
        // The line moves to the next payout while its return is waited for.
        (
            &[0, 4150],
            &[(&[4150], &[]), (&[], &[4150]), (&[4150], &[]), (&[-4150], &[])],
            0,
        ),
        (
            &[0, 4150],
            &[(&[4150], &[]), (&[4150], &[4150]), (&[-4150], &[])],
            0,
        ),
    ];
    for (saldi, lists, settled) in cases {
        let (story, attempt) = lists_bring(saldi, lists);
        let of = story.attempt(attempt);
        assert!(of.heard.outstanding().is_empty(), "{lists:?}: {:?}", of.heard);
        assert!(of.heard.through.is_empty(), "{lists:?}: {:?}", of.heard);
        assert_eq!(of.books.settled, Cents::new(settled), "{lists:?}");
    }
}

#[test]
fn a_line_of_another_amount_than_was_told_does_not_fit() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(0))));
    let part = |cents: i64| Part {
        adds: vec![(line_id(1), Cents::new(cents))],
        backs: Vec::new(),
    };
    let of = terms(false).account;
    for cents in [4149, 4151, 1] {
        let refused = parted(&mut ctx(), &story.case, attempt, &of, &part(cents));
        assert!(
            matches!(refused, Err(NotSettled::NotTold { .. })),
            "{cents}: {refused:?}"
        );
    }
    let change = parted(&mut ctx(), &story.case, attempt, &of, &part(4150)).expect("it fits");
    assert!(
        change
            .guards
            .keys
            .iter()
            .any(|key| key.scope == "payout/musterstadt")
    );
    let more = parted(&mut ctx(), &story.case, attempt, &of, &part(-4151));
    assert!(matches!(more, Err(NotSettled::MoreThanPaid { .. })), "{more:?}");
    assert_eq!(method("AUSZAHLUNG").as_str(), crate::domain::bookings::PAYOUT);
}
