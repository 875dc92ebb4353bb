use jiff::civil::date;

use super::{V02, V08, entries, entry, statement, tell, tell_entry};
use crate::domain::money::Cents;
use crate::domain::statement::{Batch, Detail, Direction, Party, Piece, Return};

fn transaction(inside: &str) -> String {
    format!("<NtryDtls><TxDtls>{inside}</TxDtls></NtryDtls>")
}

fn tell_detail(inside: &str) -> Detail {
    let (_, mut details) = tell_entry(&transaction(inside));
    assert_eq!(details.len(), 1);
    details.remove(0)
}

#[test]
fn a_transfer_of_version_02_is_told_with_its_lines_as_the_bank_cut_them() {
    let told = entries(&tell(V02));
    let (entry, details) = &told[0];
    assert_eq!(entry.bank_reference, None, "NONREF is none");
    assert_eq!(entry.text, "GUTSCHRIFT ÜBERWEISUNG");
    assert_eq!(entry.booked_on, Some(date(2026, 3, 2)));
    assert_eq!(entry.valued_on, Some(date(2026, 3, 3)));
    assert_eq!(entry.place.line, 42);
    let [detail] = details.as_slice() else {
        panic!("one detail: {details:?}");
    };
    assert_eq!(detail.purpose, ["Kassenzeichen 0815  4711 00", "42 Danke "]);
    assert_eq!(detail.references.end_to_end, None, "NOTPROVIDED is none");
    assert_eq!(detail.references.transaction.as_deref(), Some("TX-1"));
    let other = ("FI-UMSATZ-ID".to_owned(), "2026-03-02-09.25.19.222641".to_owned());
    assert_eq!(detail.references.other, [other]);
    let debtor = Party {
        name: Some("Jörg Müller & Söhne".to_owned()),
        ultimate: None,
        account: Some("DE89370400440532013000".to_owned()),
        bank: Some("COBADEFFXXX".to_owned()),
    };
    assert_eq!(detail.counterparty, debtor);
    assert_eq!(detail.code.gvc.as_deref(), Some("166"));
    assert_eq!(detail.place.line, 51);
}

#[test]
fn a_direct_debit_that_came_back_names_the_debtor_the_reason_the_fee_and_the_original() {
    let told = entries(&tell(V02));
    let (entry, details) = &told[1];
    assert!(entry.reversal);
    assert_eq!(
        (entry.cents, entry.direction),
        (Cents::new(5300), Direction::Debit)
    );
    let detail = &details[0];
    assert_eq!(
        detail.cents,
        Some(Cents::new(5300)),
        "one detail is worth the entry"
    );
    assert_eq!(detail.original, Some(Cents::new(5000)));
    assert_eq!(detail.charges, [Cents::new(300)]);
    let reason = Return {
        code: Some("MS03".to_owned()),
        text: Some("Sonstige\nGründe".to_owned()),
    };
    assert_eq!(detail.returned, Some(reason));
    assert_eq!(detail.references.mandate.as_deref(), Some("M-1"));
    assert_eq!(
        detail.references.creditor_id.as_deref(),
        Some("DE98ZZZ09999999999")
    );
    assert_eq!(
        detail.counterparty.name.as_deref(),
        Some("Sven Schuldner"),
        "not we ourselves"
    );
    assert_eq!(detail.code.swift.as_deref(), Some("NRTI"));
}

#[test]
fn a_batch_that_is_not_opened_is_one_detail_without_an_amount() {
    let told = entries(&tell(V02));
    let (entry, details) = &told[2];
    let batch = Batch {
        message_id: Some("M-77".to_owned()),
        payment_information_id: Some("P-77".to_owned()),
        count: Some(12),
        total: Some(Cents::new(12_000)),
    };
    assert_eq!(entry.batch, Some(batch));
    assert_eq!(
        entry.booked_on,
        Some(date(2026, 3, 2)),
        "the day as it is written"
    );
    assert_eq!(entry.code.iso.as_deref(), Some("PMNT-RCDT-ESCT"));
    assert_eq!(entry.code.gvc.as_deref(), Some("166"));
    assert_eq!(details.len(), 1);
    assert_eq!(details[0].cents, None);
    assert_eq!(details[0].raw, "");
}

#[test]
fn a_batch_told_by_a_single_detail_without_an_amount_has_none() {
    let (_, details) = tell_entry("<NtryDtls><Btch><NbOfTxs>5</NbOfTxs></Btch><TxDtls/></NtryDtls>");
    assert_eq!(
        details.iter().map(|detail| detail.cents).collect::<Vec<_>>(),
        [None]
    );
    let (_, details) = tell_entry("<NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls/></NtryDtls>");
    assert_eq!(details[0].cents, Some(Cents::new(1000)));
}

#[test]
fn an_opened_batch_of_version_08_is_told_detail_by_detail() {
    let told = entries(&tell(V08));
    let (entry, details) = &told[0];
    assert_eq!(entry.text, "SAMMLER <A> & B");
    assert_eq!(entry.code.iso.as_deref(), Some("PMNT"));
    let batch = entry.batch.clone().expect("two batches, told together");
    assert_eq!((batch.count, batch.total), (Some(3), Some(Cents::new(1700))));
    let signed: Vec<Option<Cents>> = details
        .iter()
        .map(|detail| detail.cents.map(|cents| detail.direction.signed(cents)))
        .collect();
    assert_eq!(signed, [1500, -300, 500].map(|cents| Some(Cents::new(cents))));
    assert_eq!(
        details.iter().map(|detail| detail.ordinal).collect::<Vec<_>>(),
        [1, 2, 3]
    );

    let first = &details[0];
    assert_eq!(first.original, Some(Cents::new(1550)));
    assert_eq!(
        first.charges,
        [Cents::new(30), Cents::new(20)],
        "included, and not credited"
    );
    assert_eq!(first.structured, ["RF18539007547034"]);
    assert_eq!(first.purpose, ["Hundesteuer 2026"]);
    assert_eq!(first.counterparty.name.as_deref(), Some("Anna Muster"));
    assert_eq!(first.counterparty.ultimate.as_deref(), Some("Opa Muster"));
    assert_eq!(first.counterparty.account.as_deref(), Some("1234"));
    assert_eq!(first.counterparty.bank.as_deref(), Some("COBADEFFXXX"));
    let references = &first.references;
    assert_eq!(references.instruction.as_deref(), Some("I-1"));
    assert_eq!(
        references.transaction.as_deref(),
        Some("d0826d0f-a005-4e3b-b3dc-54da4ac7f0d0")
    );
    let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        references.other,
        [named("MsgId", "M-1"), named("A", "1"), named("C", "3")]
    );

    assert_eq!(details[1].counterparty.name.as_deref(), Some("Eine Bank"));
    assert_eq!(
        details[1].purpose,
        ["Entgelt"],
        "the additional information where there is nothing else"
    );
}

#[test]
fn what_several_batches_of_an_entry_do_not_say_alike_it_does_not_say() {
    let group = |inside: &str| format!("<NtryDtls>{inside}<TxDtls/></NtryDtls>");
    let one = group("<Btch><PmtInfId>A</PmtInfId><NbOfTxs>1</NbOfTxs></Btch>");
    let other = group("<Btch><PmtInfId>B</PmtInfId></Btch>");
    let (told, _) = tell_entry(&format!("{one}{other}"));
    assert_eq!(told.batch, Some(Batch::default()));
    let (told, _) = tell_entry(&format!("{one}{}", group("")));
    let batch = told.batch.expect("one says something");
    assert_eq!(
        (batch.payment_information_id.as_deref(), batch.count),
        (Some("A"), None)
    );
    assert_eq!(tell_entry(&group("")).0.batch, None);
}

#[test]
fn several_details_without_an_amount_have_none_unless_they_tell_what_was_instructed() {
    let instructed = "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">4.00</Amt></InstdAmt></AmtDtls>";
    let returned = format!("{instructed}<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>");
    let foreign = instructed.replace("EUR", "USD");
    let details: String = ["", instructed, &returned, &foreign]
        .iter()
        .map(|inside| transaction(inside))
        .collect();
    let (_, told) = tell_entry(&details);
    let cents: Vec<Option<Cents>> = told.iter().map(|detail| detail.cents).collect();
    assert_eq!(cents, [None, Some(Cents::new(400)), None, None]);
    assert_eq!(told[3].original, None, "not in the currency of the entry");
}

#[test]
fn an_amount_in_another_currency_is_not_taken_for_one_in_the_entrys() {
    let foreign = "<Amt Ccy=\"SEK\">0</Amt><AmtDtls><TxAmt><Amt Ccy=\"SEK\">7</Amt></TxAmt><CntrValAmt><Amt Ccy=\"EUR\">9.00</Amt></CntrValAmt></AmtDtls>";
    assert_eq!(tell_detail(foreign).cents, Some(Cents::new(900)));
    assert_eq!(
        tell_detail("<Amt Ccy=\"SEK\">0</Amt>").cents,
        Some(Cents::new(1000))
    );
}

#[test]
fn an_entry_without_details_is_told_with_one() {
    for inside in ["", "<NtryDtls/>", "<NtryDtls>\n</NtryDtls>"] {
        let (_, details) = tell_entry(inside);
        assert_eq!(details.len(), 1, "{inside}");
        assert_eq!(details[0].cents, Some(Cents::new(1000)));
        assert_eq!((details[0].ordinal, details[0].direction), (1, Direction::Credit));
    }
}

#[test]
fn charges_and_the_original_of_the_entry_go_to_its_only_detail() {
    let own = "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">9.00</Amt></InstdAmt></AmtDtls><Chrgs><Rcrd><Amt Ccy=\"EUR\">1.00</Amt></Rcrd></Chrgs>";
    let (_, alone) = tell_entry(own);
    assert_eq!(
        (alone[0].original, alone[0].charges.as_slice()),
        (Some(Cents::new(900)), [Cents::new(100)].as_slice())
    );
    let (_, several) = tell_entry(&format!("{own}{}{}", transaction(""), transaction("")));
    assert!(
        several
            .iter()
            .all(|detail| detail.charges.is_empty() && detail.original.is_none())
    );
}

#[test]
fn a_reason_in_the_place_of_words_is_a_code_and_words_stay_words() {
    let returned = |inside: &str| tell_detail(&format!("<RtrInf>{inside}</RtrInf>")).returned;
    let code = |code: &str| {
        Some(Return {
            code: Some(code.to_owned()),
            text: None,
        })
    };
    assert_eq!(returned("<Rsn><Prtry>AC06</Prtry></Rsn>"), code("AC06"));
    assert_eq!(returned("<Rsn><Cd>MD06</Cd></Rsn>"), code("MD06"));
    let words = Return {
        code: None,
        text: Some("Konto erloschen".to_owned()),
    };
    assert_eq!(returned("<Rsn><Prtry>Konto erloschen</Prtry></Rsn>"), Some(words));
    assert_eq!(returned(""), None);
}

#[test]
fn fillers_are_no_references() {
    for filler in [
        "NOTPROVIDED",
        "NotProvided",
        "NOT PROVIDED",
        "NONREF",
        "N/A",
        "NOTAVAILABLE",
        "000000",
        "-",
        " ",
    ] {
        let detail = tell_detail(&format!(
            "<Refs><EndToEndId>{filler}</EndToEndId><InstrId>{filler}</InstrId><MsgId>M</MsgId></Refs>"
        ));
        assert_eq!(detail.references.end_to_end, None, "{filler}");
        assert_eq!(detail.references.instruction.as_deref(), Some("M"), "{filler}");
        let (entry, _) = tell_entry(&format!(
            "<AcctSvcrRef>{filler}</AcctSvcrRef><NtryRef>{filler}</NtryRef>"
        ));
        assert_eq!((entry.bank_reference, entry.reference), (None, None), "{filler}");
    }
    let detail = tell_detail("<Refs><EndToEndId>0815</EndToEndId></Refs>");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("0815"));
}

#[test]
fn the_counterparty_is_the_side_that_we_are_not() {
    let ours = "<Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id>";
    let sides = |debtor: &str, creditor: &str| {
        format!(
            "<RltdPties><Dbtr><Nm>D</Nm></Dbtr><DbtrAcct>{debtor}</DbtrAcct><Cdtr><Nm>C</Nm></Cdtr><CdtrAcct>{creditor}</CdtrAcct></RltdPties>"
        )
    };
    let name = |inside: &str| tell_detail(inside).counterparty.name;
    assert_eq!(
        name(&sides("", "")).as_deref(),
        Some("D"),
        "a credit comes from the debtor"
    );
    assert_eq!(name(&sides("", ours)).as_deref(), Some("D"));
    assert_eq!(name(&sides(ours, "")).as_deref(), Some("C"), "the debtor is us");
    assert_eq!(name(&sides(ours, ours)).as_deref(), Some("D"), "from us to us");
    let returned = format!("{}<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", sides("", ""));
    assert_eq!(
        name(&returned).as_deref(),
        Some("C"),
        "a transfer of ours that came back"
    );
    let debit = format!("<CdtDbtInd>DBIT</CdtDbtInd>{}", sides("", ""));
    assert_eq!(name(&debit).as_deref(), Some("C"));
    let only_us = "<RltdPties><Cdtr><Nm>C</Nm></Cdtr></RltdPties>";
    assert_eq!(name(only_us), None, "on a credit the creditor is nobody else");
}

#[test]
fn a_direct_debit_that_came_back_names_the_debtor_also_where_it_names_nobody_else() {
    let swiss = "<CdtDbtInd>DBIT</CdtDbtInd><Chrgs><Rcrd><Amt Ccy=\"EUR\">0.70</Amt><CdtDbtInd>DBIT</CdtDbtInd>\
                 <ChrgInclInd>false</ChrgInclInd></Rcrd></Chrgs><RltdPties><Dbtr><Nm>Pia</Nm></Dbtr></RltdPties>\
                 <RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>";
    let detail = tell_detail(swiss);
    assert_eq!(detail.counterparty.name.as_deref(), Some("Pia"));
    assert_eq!(detail.charges, [], "the fee is not in the amount");
}

#[test]
fn the_holders_name_tells_the_sides_apart_where_no_account_does() {
    let parties = "<RltdPties><Dbtr><Nm>STADTKASSE</Nm></Dbtr><Cdtr><Nm>Anna</Nm></Cdtr></RltdPties>";
    let file = statement(&entry(&transaction(parties)))
        .replace("<Ccy>EUR</Ccy>", "<Ccy>EUR</Ccy><Ownr><Nm>Stadtkasse</Nm></Ownr>");
    let told = entries(&tell(file));
    assert_eq!(told[0].1[0].counterparty.name.as_deref(), Some("Anna"));
}

#[test]
fn a_name_that_stands_in_the_address_is_found_there() {
    let address = "<RltdPties><Dbtr><Pty><PstlAdr><AdrLine>Muster AG</AdrLine><AdrLine>8600 Dübendorf</AdrLine></PstlAdr></Pty></Dbtr></RltdPties>";
    assert_eq!(
        tell_detail(address).counterparty.name.as_deref(),
        Some("Muster AG")
    );
    let filled = address.replace("<Pty>", "<Nm>NOTPROVIDED</Nm><Pty>");
    assert_eq!(
        tell_detail(&filled).counterparty.name.as_deref(),
        Some("Muster AG")
    );
}

#[test]
fn a_name_that_looks_like_a_filler_of_references_is_a_name() {
    for name in ["Na", "None", "Null"] {
        let party = format!("<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>");
        assert_eq!(tell_detail(&party).counterparty.name.as_deref(), Some(name));
    }
}

#[test]
fn the_creditors_sepa_id_is_found_among_others() {
    let ids = "<RltdPties><Cdtr><Pty><Id><OrgId><Othr><Id>VAT-1</Id></Othr><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></OrgId></Id></Pty></Cdtr></RltdPties>";
    assert_eq!(
        tell_detail(ids).references.creditor_id.as_deref(),
        Some("DE98ZZZ09999999999")
    );
    let other = ids.replace("SEPA", "VAT");
    assert_eq!(tell_detail(&other).references.creditor_id, None);
}

#[test]
fn the_source_text_is_kept_exactly_of_the_entry_without_its_details_and_of_each_detail() {
    let inside = "<NtryDtls >\r\n<TxDtls><A b='1'/>&#228;<!-- c --><![CDATA[<]]></TxDtls>\n <TxDtls></TxDtls ></NtryDtls><X/>";
    let (told, details) = tell_entry(inside);
    let around = entry(
        &inside
            .replace("<TxDtls><A b='1'/>&#228;<!-- c --><![CDATA[<]]></TxDtls>", "")
            .replace("<TxDtls></TxDtls >", ""),
    );
    assert_eq!(told.raw, around);
    assert_eq!(
        details[0].raw,
        "<TxDtls><A b='1'/>&#228;<!-- c --><![CDATA[<]]></TxDtls>"
    );
    assert_eq!(details[1].raw, "<TxDtls></TxDtls >");
}

#[test]
fn source_text_is_cut_between_characters() {
    let long = format!("<Purp>x{}</Purp>", "ü".repeat(40_000));
    let detail = tell_detail(&long);
    assert_eq!(detail.raw.len(), (64 << 10) - 1);
    assert!(detail.raw.ends_with('ü'));
}

#[test]
fn an_entry_with_very_many_details_is_told_early_and_loses_nothing() {
    let many = 2500;
    let one = |index: usize| {
        format!("<TxDtls><Refs><EndToEndId>E{index}</EndToEndId></Refs><Amt Ccy=\"EUR\">0.01</Amt></TxDtls>")
    };
    let blank = " ".repeat(100);
    let details = (1..=many).map(one).collect::<Vec<_>>().join(&blank);
    let file = statement(&entry(&format!(
        "<NtryDtls>{details}</NtryDtls><AddtlNtryInf>LATE</AddtlNtryInf>"
    )));
    let pieces = tell(file);
    let told = entries(&pieces);
    let (entry, details) = &told[0];
    assert_eq!(details.len(), many);
    assert_eq!(details[many - 1].references.end_to_end.as_deref(), Some("E2500"));
    assert_eq!(
        details.iter().filter_map(|detail| detail.cents).sum::<Cents>(),
        Cents::new(2500)
    );
    assert_eq!(entry.text, "", "it was told before its words came");
    assert!(
        details[many - 1]
            .raw
            .ends_with("<AddtlNtryInf>LATE</AddtlNtryInf></Ntry>")
    );
    assert!(matches!(pieces.last(), Some(Piece::Tail(_))));

    let large = format!("<TxDtls><Purp>{}</Purp></TxDtls>", "x".repeat(900_000));
    let inside = format!(
        "<NtryDtls>{}</NtryDtls><AddtlNtryInf>LATE</AddtlNtryInf>",
        large.repeat(6)
    );
    assert_eq!(
        tell_entry(&inside).0.text,
        "",
        "a few large ones are not held back either"
    );

    let few: String = (1..=1000).map(one).collect();
    let (entry, _) = tell_entry(&format!(
        "<NtryDtls>{few}</NtryDtls><AddtlNtryInf>LATE</AddtlNtryInf>"
    ));
    assert_eq!(entry.text, "LATE");
}
