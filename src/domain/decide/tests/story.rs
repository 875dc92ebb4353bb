//! A story: one case, the news that comes to it, and after every step the rules that always hold.

use std::collections::{BTreeMap, BTreeSet};

use super::super::testkit::{PAYER, apply, ctx, new_payment, nummer, order, token};
use super::super::{
    Callback, Ctx, NextStep, Outcome, Spare, accept, begin_call, heard, kassenzeichen_key, next_step,
    not_answered, opened, remote_key, told,
};
use super::rules::{self, Books};
use crate::domain::booking::Booking;
use crate::domain::case::{Attempt, Case, Payment, Way};
use crate::domain::change::Change;
use crate::domain::decide::Reading;
use crate::domain::ids::{AttemptId, ChangeId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::log::{Draft, Head};
use crate::domain::merkle::CompactRange;
use crate::domain::order::Order;
use crate::domain::pool::OwnKassenzeichen;
use crate::domain::proof::ProofTable;
use crate::domain::record::{Body, Record};
use crate::domain::tenant::Route;
use crate::domain::time::Timestamp;
use crate::domain::told::{Told, Verified, Word};

/// One case and everything that happened to it.
pub(super) struct Story {
    pub(super) ctx: Ctx,
    pub(super) case: Case,
    pub(super) books: Books,
    pub(super) bookings: Vec<Booking>,
    pub(super) exceptions: Vec<&'static str>,
    pub(super) events: Vec<(&'static str, serde_json::Value)>,
    pub(super) watches: BTreeMap<AttemptId, Option<Timestamp>>,
    pub(super) last: Change,
    keys: BTreeMap<(String, String), String>,
    posten: BTreeSet<PostenId>,
    head: Head,
    route: Route,
    /// How answers are read.
    pub(super) reading: Reading<'static>,
    /// The Kassenzeichen of our own that the next attempt gets.
    pub(super) own: Option<OwnKassenzeichen>,
    payments: u32,
    numbers: u32,
}

/// How the Konnektor's answers are read.
pub(super) const KONNEKTOR: Reading<'static> = Reading {
    proof: ProofTable::Konnektor,
    default_zvp: "epaybl",
};

impl Story {
    /// A portal asks for 41.50 EUR.
    pub(super) fn of(route: Route) -> Self {
        Self::of_order(route, &order("request-1"), ctx())
    }

    /// A portal asks for something at some time.
    pub(super) fn of_order(route: Route, order: &Order, mut ctx: Ctx) -> Self {
        let new = new_payment(route.clone(), 1, ctx.now);
        let accepted = accept(&mut ctx, None, order, new).expect("the order fits its route");
        let mut story = Self {
            last: Change::bare(ChangeId(ctx.mint.next_id())),
            case: Case {
                rev: 0,
                payments: Vec::new(),
                ..accepted.case.clone()
            },
            books: Books::default(),
            bookings: Vec::new(),
            exceptions: Vec::new(),
            events: Vec::new(),
            watches: BTreeMap::new(),
            keys: BTreeMap::new(),
            posten: BTreeSet::new(),
            head: Head {
                ledger: LedgerId::parse("musterstadt").expect("an id"),
                tree: CompactRange::default(),
                events: 0,
                recorded_at: ctx.now,
                open_day: None,
            },
            ctx,
            route,
            reading: KONNEKTOR,
            own: None,
            payments: 1,
            numbers: 100,
        };
        assert!(story.commit(accepted.change));
        assert_eq!(story.case, accepted.case);
        story
    }

    /// The same case is asked to be paid once more.
    pub(super) fn another(&mut self, order: &Order) -> AttemptId {
        self.payments += 1;
        let mut new = new_payment(self.route.clone(), self.payments, self.ctx.now);
        new.own = self.own.take();
        let accepted = accept(&mut self.ctx, Some(&self.case), order, new).expect("the order fits");
        assert!(self.commit(accepted.change));
        assert_eq!(self.case, accepted.case);
        accepted.attempt
    }

    pub(super) fn payment(&self) -> &Payment {
        &self.case.payments[0]
    }

    /// The attempt that the first payer is led to.
    pub(super) fn current(&self) -> AttemptId {
        self.payment().current().id
    }

    pub(super) fn attempt(&self, id: AttemptId) -> &Attempt {
        let of = self.case.payment_of(id).expect("of this case");
        of.attempt(id).expect("of this payment")
    }

    pub(super) fn step(&self, id: AttemptId) -> NextStep {
        let of = self.case.payment_of(id).expect("of this case");
        next_step(of, self.attempt(id), self.ctx.now)
    }

    pub(super) fn later(&mut self, seconds: i64) {
        self.ctx.now = self.ctx.now.plus_seconds(seconds);
    }

    /// The time is over for the first payer.
    pub(super) fn after_expiry(&mut self) {
        self.ctx.now = self.ctx.now.max(self.payment().expires_at.plus_seconds(1));
    }

    fn owner(&self, attempt: AttemptId, told: Option<&Kassenzeichen>) -> Option<AttemptId> {
        let key = kassenzeichen_key(self.attempt(attempt), told?);
        let owner = self.keys.get(&(key.scope, key.key))?;
        Some(owner.parse().expect("an attempt"))
    }

    /// The answer of the call that opens an attempt.
    pub(super) fn outcome(&mut self, attempt: AttemptId, outcome: &Outcome) -> Option<AttemptId> {
        let owner = match outcome {
            Outcome::Open {
                kassenzeichen,
                remote,
                ..
            } => self.owner(attempt, kassenzeichen.as_ref()).or_else(|| {
                let key = remote_key(self.attempt(attempt), remote.as_ref()?);
                let owner = self.keys.get(&(key.scope, key.key))?;
                Some(owner.parse().expect("an attempt"))
            }),
            _ => None,
        };
        self.numbers += 1;
        let spare = Spare {
            nummer: nummer(self.numbers),
            token: token("spare", self.numbers),
            call_until: self.ctx.now.plus_seconds(30),
            own: self.own.take(),
        };
        let (change, next) = opened(&mut self.ctx, &self.case, attempt, outcome, owner, spare);
        assert!(self.commit(change));
        next
    }

    pub(super) fn opens(&mut self, attempt: AttemptId, kassenzeichen: Option<&str>) {
        let outcome = Outcome::Open {
            kassenzeichen: kassenzeichen.map(super::super::testkit::kz),
            remote: None,
            way: Way::Paypage(format!(
                "https://paypage.example/{}",
                kassenzeichen.unwrap_or("page")
            )),
        };
        assert_eq!(self.outcome(attempt, &outcome), None);
    }

    pub(super) fn sends_again(&mut self, attempt: AttemptId) {
        assert_eq!(self.step(attempt), NextStep::SendAgain);
        let until = self.ctx.now.plus_seconds(30);
        let change = begin_call(&mut self.ctx, &self.case, attempt, until);
        assert!(self.commit(change));
    }

    /// A well-signed callback; false where the same one was taken already.
    pub(super) fn hears(&mut self, attempt: AttemptId, word: Word, kassenzeichen: Option<&str>) -> bool {
        let of = self.attempt(attempt);
        let verified = Verified {
            mandant: of.mandant.clone(),
            bewirtschafter: of.bewirtschafter.clone(),
            kassenzeichen: kassenzeichen.map(super::super::testkit::kz),
            zvp: Some("girosolution".to_owned()),
            method: None,
            word,
            status: format!("{word:?}"),
            dedup_key: format!("{kassenzeichen:?}/{word:?}"),
        };
        self.hears_verified(attempt, verified)
    }

    pub(super) fn hears_verified(&mut self, attempt: AttemptId, verified: Verified) -> bool {
        let owner = self.owner(attempt, verified.kassenzeichen.as_ref());
        let raw = format!("payer={PAYER}").into_bytes();
        let callback = Callback { verified, raw };
        let change = heard(&mut self.ctx, &self.case, attempt, callback, owner);
        self.commit(change)
    }

    /// The provider's answer; `None`: it does not know the Kassenzeichen.
    pub(super) fn tells(&mut self, attempt: AttemptId, answer: Option<&Told>) {
        let owner = self.owner(attempt, answer.and_then(|answer| answer.kassenzeichen.as_ref()));
        let reading = self.reading;
        let change = told(&mut self.ctx, &self.case, attempt, answer, reading, owner, 0);
        assert!(self.commit(change));
    }

    /// Closed page, a method, and so much still owed.
    pub(super) fn paid_but(&mut self, attempt: AttemptId, saldo: i64) {
        self.tells(attempt, Some(&super::inactive(Some("KREDITKARTE"), Some(saldo))));
    }

    pub(super) fn no_answer(&mut self, attempt: AttemptId) {
        let change = not_answered(&mut self.ctx, &self.case, attempt, 0);
        assert!(self.commit(change));
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.bookings
            .iter()
            .map(|booking| booking.kind.as_str())
            .collect()
    }

    pub(super) fn event_names(&self) -> Vec<&'static str> {
        self.events.iter().map(|(name, _)| *name).collect()
    }

    /// What the writer does, and every rule that holds afterwards. False where a key was true already.
    /// A Posten that came into being elsewhere.
    pub(super) fn knows(&mut self, posten: PostenId) {
        self.posten.insert(posten);
    }

    pub(super) fn commit(&mut self, change: Change) -> bool {
        if let Some(guard) = change.guards.case {
            assert_eq!(guard, (self.case.id, self.case.rev), "decided from what is read");
        }
        let pair = |key: &crate::domain::change::OnceKey| (key.scope.clone(), key.key.clone());
        if change
            .guards
            .keys
            .iter()
            .any(|key| self.keys.contains_key(&pair(key)))
        {
            return false;
        }
        for key in &change.effects.released {
            assert!(
                self.keys.remove(&pair(key)).is_some(),
                "what is released was taken"
            );
        }
        for key in &change.guards.keys {
            self.keys.insert(pair(key), key.subject.clone());
        }
        let after = apply(&self.case, &change);
        let effects = &change.effects;
        if effects.case.is_some() {
            assert_eq!(after.rev, self.case.rev + 1, "every change raises the revision");
        } else {
            let rows = effects.payments.len() + effects.attempts.len() + effects.records.len();
            assert_eq!(
                rows + effects.events.len() + effects.posten.len(),
                0,
                "a quiet Change"
            );
        }
        rules::steps(&self.case, &after);
        self.posten.extend(effects.posten.iter().map(|posten| posten.id));
        self.records(&change);
        for event in &effects.events {
            let personal = effects.personal.iter().find(|piece| piece.id == event.personal);
            let plain = &personal.expect("its body").plain;
            let text = String::from_utf8(plain.clone()).expect("text");
            assert!(!text.contains(PAYER), "an event names nobody");
            let body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(body["data"]["status_seq"], event.status_seq);
            assert_eq!(usize::try_from(event.status_seq), Ok(self.events.len() + 1));
            assert_eq!(event.deliveries.len(), self.route.targets.len());
            self.events.push((event.kind.as_str(), body));
        }
        for watch in &effects.watches {
            self.watches.insert(watch.attempt, watch.due_at);
        }
        self.case = after;
        assert_eq!(usize::try_from(self.case.status_seq), Ok(self.events.len()));
        rules::check(&self.case, &self.books, &self.watches);
        self.last = change;
        true
    }

    fn records(&mut self, change: &Change) {
        let drafts = change.effects.records.iter().map(|(body, _)| Draft {
            body: body.clone(),
            personal: Vec::new(),
        });
        for (record, bytes) in self.head.stamp(change.id, drafts, self.ctx.now) {
            assert_eq!(Record::decode(&bytes).as_ref(), Ok(&record));
            assert!(
                !String::from_utf8_lossy(&bytes).contains(PAYER),
                "a record names nobody"
            );
            match record.body {
                Body::Booking(booking) => {
                    for line in &booking.lines {
                        assert!(self.posten.contains(&line.debit.posten), "a Posten that is there");
                        assert!(
                            self.posten.contains(&line.credit.posten),
                            "a Posten that is there"
                        );
                    }
                    self.books.book(&booking);
                    self.bookings.push(booking);
                }
                Body::Exception(opened) => self.exceptions.push(opened.code.as_str()),
                _ => {}
            }
        }
    }
}
