//! How amounts are written, and which way they go.

use super::*;

#[test]
fn amounts_are_read_as_the_mapping_says_and_in_no_other_way() {
    let comma = mapping("decimal = \",\"\nreference = 1\ngross = 1");
    let grouped = mapping("decimal = \"comma\"\ngrouping = \".\"\nreference = 1\ngross = 1");
    let point = mapping("decimal = \"point\"\ngrouping = \",\"\nreference = 1\ngross = 1");
    let cents = mapping("decimal = \"point\"\nunit = \"cent\"\nreference = 1\ngross = 1");
    for (mapping, text, amount) in [
        (&comma, "12,50", Some(1250)),
        (&comma, " 12,5 ", Some(1250)),
        (&comma, "12", Some(1200)),
        (&comma, "-0,05", Some(-5)),
        (&comma, "0,05-", Some(-5)),
        (&comma, "\u{2212}12,50", Some(-1250)),
        (&comma, "+12,50 EUR", Some(1250)),
        (&comma, "€ -12,50", Some(-1250)),
        (&comma, "12.50", None),
        (&comma, "1.234,50", None),
        (&comma, "12,", None),
        (&comma, ",50", None),
        (&comma, "12,5e1", None),
        (&comma, "12,50 USD", None),
        (&comma, "=12,50", None),
        (&comma, "１２,50", None),
        (&comma, "--1", None),
        (&comma, "-", None),
        (&comma, "99999999999999999999", None),
        (&grouped, "1.234.567,89", Some(123_456_789)),
        (&grouped, "1234567,89", Some(123_456_789)),
        (&grouped, "1.2345,00", None),
        (&grouped, "12.50", None),
        (&grouped, ".123,00", None),
        (&point, "1,234.50", Some(123_450)),
        (&point, "12,50", None),
        (&point, "12.505", None),
        (&cents, "1250", Some(1250)),
        (&cents, "-5", Some(-5)),
        (&cents, "12.50", None),
    ] {
        assert_eq!(
            cells::amount(mapping, text).ok(),
            amount.map(Cents::new),
            "{text}"
        );
    }
}

#[test]
fn where_the_kind_tells_which_way_a_sign_is_refused() {
    let by_kind = least(
        "separator = \",\"\nnet = \"net\"\nfee = \"fee\"\nsigns = \"by-kind\"\n[kind]\ncolumn = \"kind\"\nwords = { \
         payment = [\"sale\"], refund = [\"refund\"] }",
    );
    let list = "ref,amount,fee,net,kind\nKZ1,10.00,0.35,9.65,sale\nKZ1,10.00,0.35,10.35,refund\n";
    let (summary, lines) = all(&by_kind, list.as_bytes()).expect("a list");
    assert_eq!(
        (lines[1].gross, lines[1].net),
        (Cents::new(-1000), Some(Cents::new(-1035)))
    );
    assert_eq!(summary.all.net, Some(Cents::new(-70)));
    assert_eq!(
        refusal(
            &by_kind,
            "ref,amount,fee,net,kind\nKZ1,-10.00,0.35,10.35,refund\n"
        ),
        "line 2, column «amount»: -10.00 has a sign, but the mapping says that the kind tells which way (signs = \
         \"by-kind\")"
    );
}

#[test]
fn a_list_without_kinds_tells_refunds_by_their_sign() {
    let (_, lines) = all(&least(""), b"ref;amount\nKZ1;1.00\nKZ1;-1.00").expect("a list");
    assert_eq!(
        lines.iter().map(|line| line.kind).collect::<Vec<_>>(),
        [Kind::Payment, Kind::Refund]
    );
    assert_eq!((lines[0].fee, lines[0].net), (None, None));
}

#[test]
fn sums_that_cannot_be_held_are_refused_and_do_not_panic() {
    let list = "ref;amount\nKZ1;92233720368547758.07\nKZ2;0.01\n";
    assert_eq!(
        refusal(&least(""), list),
        "line 3: with this line the sum is too large to be held"
    );
    let list = "ref;amount;net\nKZ1;92233720368547758.07;-1.00\n";
    assert_eq!(
        refusal(&least("net = \"net\""), list),
        "line 2, column «amount»: the difference of the amounts is too large to be held"
    );
}

#[test]
fn amounts_may_stand_in_two_columns_and_fees_in_several() {
    let adding = mapping(
        "decimal = \"point\"\nseparator = \",\"\nreference = \"ref\"\nfee = [\"markup\", \"scheme\"]\n\
         gross = { credit = \"in\", debit = \"out\" }\nnet = { credit = \"net in\", debit = \"net out\" }",
    );
    let header = "ref,in,out,markup,scheme,net in,net out";
    let list =
        format!("{header}\nKZ1,10.00,,0.20,0.15,9.65,\nKZ2,,4.00,,,,4.00\nKZ3,0.00,1.00,0.10,,,1.10\n");
    let (summary, lines) = all(&adding, list.as_bytes()).expect("a list");
    let amounts: Vec<_> = lines
        .iter()
        .map(|line| (line.gross.get(), line.fee.map(Cents::get)))
        .collect();
    assert_eq!(amounts, [(1000, Some(35)), (-400, Some(0)), (-100, Some(10))]);
    assert_eq!(lines[1].kind, Kind::Refund);
    assert_eq!(summary.all.net, Some(Cents::new(455)));
    for (row, why) in [
        (
            "KZ1,10.00,1.00,,,,",
            "column «out»: 1.00 goes from us, but 10.00 comes to us in the same line",
        ),
        (
            "KZ1,,-1.00,,,,",
            "column «out»: it has a sign, but the column tells which way",
        ),
        (
            "KZ1,,,,,1.00,",
            "column «in»: the cell is empty; each line has an amount",
        ),
        ("KZ1,1.00,,0.1,x,,", "column «scheme»: «x» is no amount"),
        (
            "KZ1,1.00,,0.20,0.15,,0.65",
            "column «net in»: gross 1.00 less fee 0.35 is not net -0.65",
        ),
    ] {
        let told = refusal(&adding, &format!("{header}\n{row}\n"));
        assert!(told.starts_with(&format!("line 2, {why}")), "{told}");
    }
    let either: Mapping = toml::from_str(
        "decimal = \"point\"\nreference = 1\ngross = { credit = 2, debit = 0 }\nfee = { credit = 2, debit = 3 }\n\
         net = []\nsigns = \"by-kind\"\nkind = { column = 9, words = {} }",
    )
    .expect("a mapping");
    let paths: Vec<String> = either.problems().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["gross.debit", "gross", "fee", "fee", "net"]);
}

#[test]
fn a_total_of_fees_needs_a_fee_in_each_line() {
    let stated =
        least("fee = \"fee\"\n[[stated]]\nwhat = \"fee\"\nvalue = 3\nwhen = { cell = 1, text = \"total\" }");
    assert_eq!(
        refusal(&stated, "ref;amount;fee\nKZ1;1.00;0.10\nKZ2;1.00;\ntotal;;0.10\n"),
        "line 4: the list states fee 0.10, but not each line tells one"
    );
}

#[test]
fn a_fee_and_a_payout_need_no_gross() {
    let acquirer = mapping(
        "decimal = \"point\"\nseparator = \",\"\nreference = \"ref\"\nfee = [\"markup\", \"scheme\"]\n\
         gross = { credit = \"in\", debit = \"out\" }\nnet = { credit = \"net in\", debit = \"net out\" }\n\
         [kind]\ncolumn = \"type\"\nwords = { payment = [\"Settled\"], fee = [\"Fee\"], payout = [\"MerchantPayout\"] }",
    );
    let header = "ref,type,in,out,markup,scheme,net in,net out\n";
    let list =
        format!("{header}KZ1,Settled,40.00,,0.50,0.30,39.20,\n,Fee,,,,,,0.20\n,MerchantPayout,,,,,,39.00\n");
    let (summary, lines) = all(&acquirer, list.as_bytes()).expect("a list");
    assert_eq!(
        (lines[1].gross, lines[1].fee),
        (Cents::new(-20), Some(Cents::ZERO))
    );
    assert_eq!((lines[2].kind, lines[2].gross), (Kind::Payout, Cents::new(-3900)));
    assert_eq!((summary.all.net, summary.transfers), (Some(Cents::new(3900)), 1));
    assert_eq!(
        refusal(&acquirer, &format!("{header}KZ1,Settled,,,0.50,0.30,39.20,\n")),
        "line 2, column «in»: the cell is empty; each line has an amount"
    );
}

#[test]
fn a_line_that_is_only_announced_does_not_count() {
    let announced = least(
        "currency = \"cur\"\n[[ignored]]\ncolumn = \"status\"\nwords = [\"Ausstehend\"]\n[[ignored]]\n\
         column = \"cur\"\nwords = [\"USD\"]",
    );
    let list = "ref;amount;status;cur\nKZ1;1.00;Ausstehend;EUR\nKZ1;2.00;Abgeschlossen;eur\nKZ2;;;USD\n";
    let (summary, lines) = all(&announced, list.as_bytes()).expect("a list");
    assert_eq!(
        (lines.len(), summary.ignored, summary.all.gross),
        (1, 2, Cents::new(200))
    );
    assert_eq!(
        refusal(&announced, "ref;amount;cur\n"),
        "line 1, column «status»: the header does not have it; it has «ref», «amount», «cur»"
    );
}
