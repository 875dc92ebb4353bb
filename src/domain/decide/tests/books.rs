//! Part amounts over items: random claims, cut at random places.

use proptest::prelude::*;

use super::super::testkit::{item, order_of, route};
use super::story::Story;
use crate::domain::booking::Account;
use crate::domain::bookings::{Claim, sollstellung, zahlung};
use crate::domain::money::Cents;

proptest! {
    #[test]
    fn part_amounts_sum_exactly_and_no_part_exceeds_its_item(
        amounts in prop::collection::vec((1_i64..5000, 0_i64..900), 1..6),
        cuts in prop::collection::vec(0_u32..=1000, 0..6),
    ) {
        let items = amounts.iter().map(|(net, tax)| item(*net, *tax)).collect();
        let ctx = super::super::testkit::ctx();
        let story = Story::of_order(route(), &order_of("request-1", items), ctx);
        let payment = story.payment();
        let claim = Claim::of(&story.case, payment, payment.current());
        prop_assert_eq!(claim.total(), payment.total);
        let units: Vec<i64> = sollstellung(&claim).lines.iter().map(|line| line.cents.get()).collect();
        let total = payment.total.get();
        prop_assert_eq!(units.iter().sum::<i64>(), total);

        let mut ends: Vec<i64> = cuts.iter().map(|cut| total * i64::from(*cut) / 1000).collect();
        ends.push(total);
        ends.sort_unstable();
        // What each account of a unit got in all parts together is what the whole claim gives it.
        let mut got = std::collections::BTreeMap::<(Account, Option<String>), i64>::new();
        let mut paid = 0;
        for end in ends {
            if end == paid {
                continue;
            }
            let method = super::super::testkit::method("KREDITKARTE");
            let part = zahlung(&claim, Cents::new(paid), Cents::new(end - paid), "zvp", &method);
            prop_assert_eq!(part.total().get(), end - paid);
            prop_assert_eq!(part.kind.as_str(), if end == total { "zahlung" } else { "teilzahlung" });
            prop_assert!(part.lines.len() <= units.len());
            for line in &part.lines {
                prop_assert!(units.iter().any(|unit| line.cents.get() <= *unit));
                *got.entry((line.credit.account.clone(), line.haushaltsstelle.clone())).or_default() +=
                    line.cents.get();
            }
            paid = end;
        }
        prop_assert_eq!(got.values().sum::<i64>(), total);
    }
}
