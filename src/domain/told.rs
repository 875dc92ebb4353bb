//! What a provider says of an attempt. What it proves is decided in [`proof`](super::proof).
//!
//! What a provider tells is cumulative per Kassenzeichen; the same word twice is no news. A missing field is no
//! agreement.

use serde::{Deserialize, Serialize};

use super::ids::{Bewirtschafter, Kassenzeichen, Mandant, Method, PostenId};
use super::money::Cents;
use super::time::Timestamp;

/// The state of the paypage as the provider names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Page {
    /// Still open to the payer.
    Active,
    /// No longer open (`INAKTIV`). Alone it says nothing of money.
    Inactive,
    /// A value that no table names; kept as it came.
    Other(String),
    /// The field was not there.
    #[default]
    Missing,
}

/// One answer to the question what became of a Kassenzeichen. What a kind of provider never tells is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The Kassenzeichen that the answer names, where it names one.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The state of the paypage.
    pub page: Page,
    /// How the payer paid.
    pub method: Option<Method>,
    /// What is still owed; negative where too much was paid.
    pub saldo: Option<Cents>,
    /// The sums of the account behind the Kassenzeichen, where the provider shows them.
    pub amounts: Option<Amounts>,
    /// A final word on the whole, where the provider says one.
    pub word: Option<Word>,
    /// The answer names another Kunde than ours: whoever it speaks of, it is not our payer's payment.
    pub other_customer: bool,
    /// The answer names our Kunde, whose number nobody can guess.
    pub own_customer: bool,
}

/// The sums behind a Kassenzeichen as ePayBL keeps them (lesenKassenzeichenInfo), all cumulative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// What is claimed (betragHauptforderungen). Nothing before a temporary Kassenzeichen is paid.
    pub hauptforderungen: Option<Cents>,
    /// What came in (betragZahlungseingaenge).
    pub zahlungseingaenge: Option<Cents>,
    /// What was debited (betragLastschriften).
    pub lastschriften: Option<Cents>,
    /// What went back (betragRuecklastschriften).
    pub ruecklastschriften: Option<Cents>,
    /// What of the claim was cancelled (betragStornos).
    pub stornos: Option<Cents>,
    /// Everything else (betragSonstigeBuchungen).
    pub sonstige: Option<Cents>,
}

/// What a signed callback says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// It was paid.
    Success,
    /// The payer gave up.
    Canceled,
    /// The provider gave up.
    Failed,
    /// An interim message.
    Interim,
    /// A status that the configuration does not name.
    Other,
}

/// A callback whose signature was good, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The Mandant it names.
    pub mandant: Mandant,
    /// The Bewirtschafter it names.
    pub bewirtschafter: Bewirtschafter,
    /// The Kassenzeichen it names, where it does.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The payment provider behind ePayBL.
    pub zvp: Option<String>,
    /// How the payer paid.
    pub method: Option<Method>,
    /// What it says happened.
    pub word: Word,
    /// The status as it came.
    pub status: String,
    /// What makes it the same callback when it comes again: (kassenzeichen, tan, status), or the message id.
    pub dedup_key: String,
}

/// What the good callbacks of one attempt have told so far; the last word that matters stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heard {
    /// A `success` came.
    pub success: bool,
    /// A final word of the other kind came.
    pub ended: Option<Word>,
    /// The method named with it.
    pub method: Option<Method>,
    /// The payment provider named with it.
    pub zvp: Option<String>,
    /// An answer's saldo has borne the payment out. From then on the saldo alone is believed, so that a return is seen.
    #[serde(default)]
    pub confirmed: bool,
    /// The money that was booked and has not gone back, latest last, with the account that it was booked on. A return
    /// leaves the account on which its money lies, whatever later answers call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Received>,
    /// What statements have shown of it on our account, by the account that it was told on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Received>,
    /// What was told to have come in and to have gone back before a statement showed either, by account: the bank may
    /// show both yet, in any order, or neither where a payment provider set them off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Received>,
    /// When the newest of it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through_at: Option<Timestamp>,
    /// How far the books are ahead of the provider, because a statement showed it first: a transfer (more than nothing),
    /// or a return (less).
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub ahead: Cents,
    /// Money in the books that the provider will never tell of: a person found it in a deposit.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub aside: Cents,
    /// The receipt under which it was paid elsewhere, as a person has found: what is paid here from then on is too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// What is missing of it and is not pursued.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub waived: Cents,
    /// Orders to pay money of its deposit out that have not been carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Ordered>,
    /// Titles whose income was moved to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<Corrected>,
    /// The year in which a return reopened the claim. What is booked on the claim from then on belongs to that year: the
    /// year of the Fälligkeit is closed by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_in: Option<i16>,
    /// The largest sums that a believed answer showed. They are cumulative: smaller ones are older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// An order to pay money out, and how much of it has not left yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// Its Posten.
    pub posten: PostenId,
    /// How much, more than nothing.
    pub cents: Cents,
}

/// A title: a Haushaltsstelle, perhaps with an Objektnummer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// The Haushaltsstelle.
    pub haushaltsstelle: String,
    /// The Objektnummer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objektnummer: Option<String>,
}

/// What stood on a title stands on another from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// Where it was.
    pub from: Title,
    /// Where it is.
    pub to: Title,
}

impl Title {
    /// Where what is written on this title stands after these corrections.
    #[must_use]
    pub fn after(&self, corrected: &[Corrected]) -> Self {
        let step = |stands: Self, moved: &Corrected| {
            if moved.from == stands {
                moved.to.clone()
            } else {
                stands
            }
        };
        corrected.iter().fold(self.clone(), step)
    }
}

/// What of a Kassenzeichen's sums only ever grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// What came in, whatever became of it.
    pub came_in: Cents,
    /// What of it was returned.
    pub returned: Cents,
}

impl Amounts {
    /// What of these sums only ever grows; none where they say nothing of receipts.
    pub fn seen(&self) -> Option<Seen> {
        let came_in = self
            .zahlungseingaenge?
            .checked_add(self.lastschriften.unwrap_or_default())?;
        let returned = self.ruecklastschriften.unwrap_or_default();
        Some(Seen { came_in, returned })
    }
}

/// Money that was booked on one `verrechnung` account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The payment provider.
    pub zvp: String,
    /// The payment method.
    pub method: Method,
    /// How much; of what was received more than nothing.
    pub cents: Cents,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it is what serde hands over")]
fn is_nothing(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

/// The sum on one account.
fn on(list: &[Received], zvp: &str, method: &Method) -> Cents {
    let same = list.iter().filter(|one| one.zvp == zvp && one.method == *method);
    same.map(|one| one.cents).sum()
}

impl Heard {
    /// What was told and no statement has shown, account by account, in the order in which it was told. Less than
    /// nothing: it went back, and no statement has shown that.
    pub fn outstanding(&self) -> Vec<Received> {
        let mut accounts: Vec<Received> = Vec::new();
        for one in self.received.iter().chain(&self.settled) {
            if accounts
                .iter()
                .all(|known| known.zvp != one.zvp || known.method != one.method)
            {
                accounts.push(one.clone());
            }
        }
        for account in &mut accounts {
            let (zvp, method) = (&account.zvp, &account.method);
            account.cents = on(&self.received, zvp, method) - on(&self.settled, zvp, method);
        }
        accounts.retain(|account| account.cents != Cents::ZERO);
        accounts
    }

    /// How much of it came in; how much of it went back, where `back`.
    pub fn waiting(&self, back: bool) -> Cents {
        let parts = self.outstanding().into_iter();
        let parts = parts.map(|part| if back { -part.cents } else { part.cents }.or_zero());
        parts.sum()
    }

    /// Takes up to `cents` out of what is outstanding: what came in where it is more than nothing, what went back
    /// (returned as positive amounts) where `back`. Returns the parts; they add up to less where less is outstanding.
    pub fn settle(&mut self, cents: Cents, back: bool) -> Vec<Received> {
        let mut rest = cents;
        let mut parts = Vec::new();
        for account in self.outstanding() {
            let open = if back { -account.cents } else { account.cents };
            let part = open.or_zero().min(rest);
            if part.is_positive() {
                rest = rest - part;
                self.show(&account.zvp, &account.method, if back { -part } else { part });
                parts.push(Received {
                    cents: part,
                    ..account
                });
            }
        }
        parts
    }

    /// How much came in and went back, and no statement has shown either.
    pub fn passing(&self) -> Cents {
        self.through.iter().map(|one| one.cents).sum()
    }

    /// A statement shows up to `cents` of what came in and went back: its coming, or its going where `back`. The other of
    /// the two is outstanding from then on. Returns the parts, as positive amounts.
    pub fn pass(&mut self, cents: Cents, back: bool) -> Vec<Received> {
        let mut rest = cents;
        let mut parts = Vec::new();
        for one in &mut self.through {
            let part = one.cents.min(rest);
            if part.is_positive() {
                rest = rest - part;
                one.cents = one.cents - part;
                parts.push(Received {
                    cents: part,
                    ..one.clone()
                });
            }
        }
        self.through.retain(|one| one.cents.is_positive());
        for part in &parts {
            let shown = if back { -part.cents } else { part.cents };
            self.show(&part.zvp, &part.method, shown);
        }
        parts
    }

    /// A list shows so much of it coming and going at once: nothing of that is waited for any more.
    pub fn set_off(&mut self, cents: Cents) {
        let settled = self.settled.clone();
        self.pass(cents, false);
        self.settled = settled;
    }

    /// How much of what is waited for, and of what passed, a statement shows: coming in, or going back where `back`.
    /// Returns the parts, as positive amounts; they add up to less where less is known.
    pub fn arrive(&mut self, cents: Cents, back: bool) -> Vec<Received> {
        let mut parts = self.settle(cents, back);
        let rest = cents - parts.iter().map(|part| part.cents).sum::<Cents>();
        if rest.is_positive() {
            parts.extend(self.pass(rest, back));
        }
        parts
    }

    /// Takes back up to `cents` of what was shown: it is outstanding again. Returns the parts.
    pub fn unsettle(&mut self, cents: Cents) -> Vec<Received> {
        let mut rest = cents;
        let mut parts = Vec::new();
        for shown in self.settled.clone().iter().rev() {
            let part = shown.cents.or_zero().min(rest);
            if part.is_positive() {
                rest = rest - part;
                self.hide(&shown.zvp, &shown.method, part);
                parts.push(Received {
                    cents: part,
                    ..shown.clone()
                });
            }
        }
        parts
    }

    /// Forgets that a statement has shown so much of an account coming in. What had gone back of it by the provider's word
    /// has passed through, then.
    pub fn hide(&mut self, zvp: &str, method: &Method, cents: Cents) {
        self.passed(zvp, method, -self.unseen(zvp, method), cents);
        self.show(zvp, method, -cents);
    }

    /// What was told on an account, less what was shown.
    fn unseen(&self, zvp: &str, method: &Method) -> Cents {
        on(&self.received, zvp, method) - on(&self.settled, zvp, method)
    }

    /// Of `cents` that are told, or shown no longer, up to `unseen` is the other side of what nobody has shown.
    fn passed(&mut self, zvp: &str, method: &Method, unseen: Cents, cents: Cents) {
        let cents = unseen.or_zero().min(cents);
        if cents.is_positive() {
            self.through.push(Received {
                zvp: zvp.to_owned(),
                method: method.clone(),
                cents,
            });
        }
    }

    /// What came on these accounts came last: it is taken back first.
    pub fn latest(&mut self, accounts: &[Received]) {
        let last = |one: &Received| {
            accounts
                .iter()
                .any(|of| of.zvp == one.zvp && of.method == one.method)
        };
        self.received.sort_by_key(last);
    }

    /// The provider tells of so much more: how much of it a statement had shown before.
    pub fn catch_up(&mut self, cents: Cents) -> Cents {
        let known = self.ahead.or_zero().min(cents);
        self.ahead = self.ahead - known;
        known
    }

    /// The provider tells of so much less: how much of it a statement had shown going back before.
    pub fn fall_back(&mut self, cents: Cents) -> Cents {
        let known = (-self.ahead).or_zero().min(cents);
        self.ahead += known;
        known
    }

    /// Forgets money of an account that was taken to be its own and is not, what came last first; `false`: so much did
    /// not come there.
    #[must_use]
    pub fn forget(&mut self, zvp: &str, method: &Method, cents: Cents) -> bool {
        if on(&self.received, zvp, method) < cents {
            return false;
        }
        let mut rest = cents;
        for one in self.received.iter_mut().rev() {
            if one.zvp == zvp && one.method == *method {
                let part = one.cents.min(rest);
                one.cents = one.cents - part;
                rest = rest - part;
            }
        }
        self.received.retain(|one| one.cents.is_positive());
        true
    }

    /// Takes up to `cents` out of what is ordered to be paid out, what was ordered last first. Returns the parts.
    pub fn call_off(&mut self, cents: Cents) -> Vec<Ordered> {
        let mut rest = cents;
        let mut parts = Vec::new();
        for order in self.orders.iter_mut().rev() {
            let part = order.cents.min(rest);
            if part.is_positive() {
                rest = rest - part;
                order.cents = order.cents - part;
                parts.push(Ordered {
                    posten: order.posten,
                    cents: part,
                });
            }
        }
        self.orders.retain(|order| order.cents.is_positive());
        parts
    }

    /// Takes an order out, wholly; how much of it had not left, nothing where it is not there.
    pub fn carried_out(&mut self, posten: PostenId) -> Cents {
        let of = self.orders.iter().filter(|order| order.posten == posten);
        let cents = of.map(|order| order.cents).sum();
        self.orders.retain(|order| order.posten != posten);
        cents
    }

    /// Remembers what a statement has shown of an account.
    pub fn show(&mut self, zvp: &str, method: &Method, cents: Cents) {
        let known = self
            .settled
            .iter_mut()
            .find(|one| one.zvp == zvp && one.method == *method);
        match known {
            Some(known) => known.cents += cents,
            None => self.settled.push(Received {
                zvp: zvp.to_owned(),
                method: method.clone(),
                cents,
            }),
        }
    }

    /// Remembers money and its account. What went back before by the provider's word, and has not been shown going, passes
    /// through.
    pub fn receive(&mut self, zvp: &str, method: &Method, cents: Cents) {
        self.passed(zvp, method, -self.unseen(zvp, method), cents);
        match self.received.last_mut() {
            Some(last) if last.zvp == zvp && last.method == *method => last.cents += cents,
            _ => self.received.push(Received {
                zvp: zvp.to_owned(),
                method: method.clone(),
                cents,
            }),
        }
    }

    /// Takes back up to `cents` of the money that came last, from one account. `told`: the provider said so, and no
    /// statement; what has not been shown coming in either, passes through.
    pub fn take_back(&mut self, cents: Cents, told: bool) -> Option<Received> {
        let last = self.received.last()?;
        let unseen = self.unseen(&last.zvp, &last.method);
        let last = self.received.last_mut()?;
        let part = cents.min(last.cents);
        last.cents = last.cents - part;
        let taken = Received {
            cents: part,
            ..last.clone()
        };
        if !last.cents.is_positive() {
            self.received.pop();
        }
        if told {
            self.passed(&taken.zvp, &taken.method, unseen, part);
        }
        Some(taken)
    }
}
