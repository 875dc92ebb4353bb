use proptest::prelude::*;

use super::*;

fn line() -> impl Strategy<Value = Line> {
    let kind = prop::sample::select(vec![
        Kind::Payment,
        Kind::Payment,
        Kind::Payment,
        Kind::Refund,
        Kind::Chargeback,
        Kind::Fee,
    ]);
    (kind, any::<bool>(), 1..1_000_000_i64, 0..500_i64).prop_map(|(kind, ours, cents, fee)| Line {
        row: 1,
        owner: if ours {
            Owner::Ours
        } else {
            Owner::Foreign("KFZ".to_owned())
        },
        gross: Cents::new(if kind == Kind::Payment { cents } else { -cents }),
        fee: Some(Cents::new(fee)),
        net: None,
        kind,
        reference: None,
        transaction: None,
        payout: None,
        day: None,
        method: None,
    })
}

const RATE: Contract = Contract {
    per_payout: Cents::new(10),
    per_item: Cents::new(8),
    millionths: 9_000,
};

proptest! {
    /// Every cent that the bank shows is ours or others', and every cent of our lines reached the bank or was kept.
    #[test]
    fn every_cent_of_a_payout_is_somebodys(
        lines in prop::collection::vec(line(), 1..20),
        column in any::<bool>(),
        off in -3..=3_i64,
    ) {
        let lines: Vec<Line> = lines
            .into_iter()
            .map(|line| Line { fee: line.fee.filter(|_| column), ..line })
            .collect();
        let contents = Contents::of(&lines).expect("small sums");
        let payout = contents.payout(Some(RATE));
        for shown in [payout.net() + Cents::new(off), payout.gross, payout.gross + Cents::new(off)] {
            let Some((rule, share)) = contents.share(Some(RATE), shown) else {
                prop_assert!(payout.fits(shown).is_none());
                continue;
            };
            prop_assert_eq!(share.bank + share.others, shown, "{:?}", rule);
            prop_assert_eq!(share.bank + share.fee, contents.ours.of_payers(), "{:?}", rule);
            if contents.others.count == 0 {
                prop_assert_eq!(share.others, Cents::ZERO);
            }
            if contents.ours.count == 0 {
                prop_assert_eq!((share.bank, share.fee), (Cents::ZERO, Cents::ZERO));
            }
        }
    }

    #[test]
    fn a_list_in_another_order_is_the_same_list(lines in prop::collection::vec(line(), 1..8)) {
        let mut other: Vec<Line> = lines.iter().rev().cloned().collect();
        for (row, line) in (7..).zip(&mut other) {
            line.row = row;
        }
        prop_assert_eq!(digest(&lines), digest(&other));
        other[0].gross += Cents::new(1);
        prop_assert_ne!(digest(&lines), digest(&other));
    }
}
