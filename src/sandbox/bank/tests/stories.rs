use super::*;

fn days(town: &Town) -> Vec<String> {
    let days = town.sandbox.statements(&town.iban());
    days.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn card_payments_of_a_day_come_as_one_credit_two_bank_days_later_less_the_disagio() {
    let town = Town::new().await;
    let first = town.paid("TX1", 4150, "KREDITKARTE").await;
    let second = town.paid("TX2", 1000, "KREDITKARTE").await;
    town.paid("TX3", 1000, "PAYPAL").await;
    town.sandbox.forward(2);
    assert!(days(&town).is_empty(), "the day is not over");
    town.sandbox.forward(1);
    assert_eq!(days(&town), ["2026-11-27"]);
    // 41.50 and 10.00 less 1.2 % and 8 cents each: 0.58 and 0.20.
    let statement = town.statement("2026-11-27", StatementFormat::Camt08);
    assert_eq!(statement.matches("<Ntry>").count(), 2);
    assert!(statement.contains("<Amt Ccy=\"EUR\">50.72</Amt>"), "{statement}");
    assert!(statement.contains("KREDITKARTE BRUTTO 51,50 GEBUEHR 0,78 ANZAHL 2"));
    assert!(!statement.contains(&first), "a payout names no Kassenzeichen");
    let (status, list) = town.get("sandbox/settlements/SANDBOX-ZVP/2026-11-27.csv").await;
    assert_eq!((status, list.lines().count()), (200, 4));
    let line = list.lines().find(|line| line.contains(&second)).expect("a line");
    let fields: Vec<&str> = line.split(';').collect();
    assert_eq!(fields[7..], ["KREDITKARTE", "10,00", "0,20", "9,80", "EUR"]);
    assert!(
        statement.contains(fields[0]),
        "the payout's reference is on the statement"
    );
    let (status, _) = town.get("sandbox/settlements/SANDBOX-ZVP/2026-11-26.csv").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn collected_debits_are_a_sammler_that_names_each_and_a_return_costs_a_fee() {
    let town = Town::new().await;
    let first = town.paid("TX1", 5000, "SEPASDD").await;
    let second = town.paid("TX2", 2000, "SEPASDD").await;
    town.sandbox.forward(5);
    let sammler = town.statement("2026-11-27", StatementFormat::Camt02);
    assert_eq!(
        (
            sammler.matches("<Ntry>").count(),
            sammler.matches("<TxDtls>").count()
        ),
        (1, 2)
    );
    assert!(
        sammler.contains("<NbOfTxs>2</NbOfTxs>") && sammler.contains(&first) && sammler.contains(&second)
    );
    let (status, told) = town
        .post(
            &format!("sandbox/payments/{first}/return"),
            &json!({ "reason": "AC04" }),
        )
        .await;
    assert_eq!(
        (status, &told["payment"]["saldo"].to_string()),
        (200, &"50.00".to_owned())
    );
    town.sandbox.forward(1);
    let back = town.statement("2026-11-30", StatementFormat::Camt02);
    for text in [
        "<Amt Ccy=\"EUR\">53.00</Amt>",
        "<CdtDbtInd>DBIT</CdtDbtInd>",
        "<Cd>AC04</Cd>",
        "<Amt Ccy=\"EUR\">3.00</Amt>",
        "<SubFmlyCd>UPDD</SubFmlyCd>",
        &format!("<EndToEndId>{first}</EndToEndId>"),
        &format!("<MndtId>M{first}</MndtId>"),
    ] {
        assert!(back.contains(text), "no {text} in {back}");
    }
    let (status, told) = town
        .post(
            &format!("sandbox/payments/{first}/return"),
            &json!({ "reason": "<x>" }),
        )
        .await;
    assert!(status != 200, "{told}");
}

#[tokio::test]
async fn a_chargeback_is_taken_off_a_later_payout() {
    let town = Town::new().await;
    let kassenzeichen = town.paid("TX1", 5000, "KREDITKARTE").await;
    town.sandbox.forward(5);
    town.sandbox.return_money(&kassenzeichen, None).expect("money");
    town.sandbox.forward(3);
    let statement = town.statement("2026-12-02", StatementFormat::Mt940);
    assert!(statement.contains(":61:2612021202DR50,00NDDT"), "{statement}");
    assert!(statement.contains(":60F:C261127EUR49,32"), "{statement}");
    assert!(statement.contains(":62F:D261202EUR0,68"), "{statement}");
}

#[tokio::test]
async fn a_transfer_is_booked_where_its_verwendungszweck_says() {
    let town = Town::new().await;
    let kassenzeichen = town.create("TX1", 4150).await;
    let iban = town.iban();
    let part = format!("zu Kz. {kassenzeichen}, danke");
    let done = town
        .sandbox
        .transfer(&iban, Cents::new(1000), &part)
        .expect("an account");
    assert_eq!(done.kassenzeichen.as_deref(), Some(kassenzeichen.as_str()));
    // The rest and 50 cents more, to the account of the payment.
    let (status, told) = town
        .post(
            &format!("sandbox/payments/{kassenzeichen}/transfer"),
            &json!({ "cents": 3200, "payer": "Oma Müller" }),
        )
        .await;
    assert_eq!(
        (status, told["payment"]["saldo"].to_string().as_str()),
        (200, "-0.50")
    );
    assert_eq!(told["payment"]["movements"][1]["over"].to_string(), "0.50");
    let garbled = &kassenzeichen[..10];
    let lost = town
        .sandbox
        .transfer(&iban, Cents::new(700), garbled)
        .expect("an account");
    assert_eq!(lost.kassenzeichen, None);
    town.sandbox.forward(1);
    let statement = town.statement("2026-11-25", StatementFormat::Camt08);
    assert_eq!(statement.matches("<Ntry>").count(), 3);
    assert!(statement.contains(&part) && statement.contains("Oma Müller"));
    assert!(statement.contains("<EndToEndId>NOTPROVIDED</EndToEndId>"));
    // ePayBL lists what it could assign, and no more.
    let receipts = town.sandbox.receipts("TH000001");
    let amounts: Vec<i64> = receipts.iter().map(|receipt| receipt.amount.get()).collect();
    assert_eq!(amounts, [1000, 3200]);
}

#[tokio::test]
async fn the_kassenzeichen_of_another_account_is_none() {
    let town = Town::new().await;
    let kassenzeichen = town.create("TX1", 4150).await;
    let other = town
        .sandbox
        .bank_account("TH000002", "BW200001")
        .expect("an account");
    let lost = town
        .sandbox
        .transfer(&other.iban, Cents::new(4150), &kassenzeichen)
        .expect("an account");
    assert_eq!(lost.kassenzeichen, None);
    assert_eq!(
        town.sandbox.payment(&kassenzeichen).expect("a payment").saldo,
        Cents::new(4150)
    );
}

#[tokio::test]
async fn a_receipt_of_another_procedure_is_listed_and_is_nobody_s_payment() {
    let town = Town::new().await;
    let (iban, own) = (town.iban(), town.create("TX1", 100).await);
    let body = json!({ "cents": 8800, "kassenzeichen": "7700000000001" });
    let (status, _) = town.post(&format!("sandbox/bank/{iban}/foreign"), &body).await;
    assert_eq!(status, 200);
    let (_, listed) = town
        .get("sandbox/mandanten/TH000001/zahlungseingaenge?day=2026-11-25&format=csv")
        .await;
    let line = "2026-11-25;TH000001;BW100001;7700000000001;;88,00;EUR;UEBERWEISUNGVOR;ja";
    assert!(listed.contains(line), "{listed}");
    assert_eq!(town.sandbox.payments().len(), 1);
    let taken = town.sandbox.foreign_receipt(&iban, Cents::new(1), &own);
    assert!(
        taken
            .expect_err("it is ours")
            .to_string()
            .contains("no Kassenzeichen of another")
    );
    let nobody = town
        .sandbox
        .foreign_receipt("DE00", Cents::new(1), "7700000000001");
    assert!(nobody.expect_err("no account").to_string().contains("IBAN DE00"));
    let (_, none) = town
        .get("sandbox/mandanten/TH000001/zahlungseingaenge?day=2026-11-26")
        .await;
    assert_eq!(none, r#"{"zahlungseingaenge":[]}"#);
}

#[tokio::test]
async fn a_week_that_is_played_at_once_has_statements_without_a_gap() {
    let town = Town::new().await;
    let iban = town.iban();
    for round in 0..7 {
        let cents = 1000 + round;
        town.paid(&format!("TX{round}"), cents, "KREDITKARTE").await;
        town.sandbox
            .transfer(&iban, Cents::new(cents), "ohne Angabe")
            .expect("an account");
        let (_, moved) = town.post("sandbox/clock", &json!({ "forward_days": 1 })).await;
        assert!(moved["today"].as_str().expect("a day") > "2026-11-25");
    }
    let (status, index) = town.get(&format!("sandbox/bank/{iban}/statements")).await;
    assert_eq!(status, 200);
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let statements = index["statements"].as_array().expect("statements");
    // Nothing is booked at the weekend of 28 and 29 November.
    let days: Vec<&str> = statements
        .iter()
        .filter_map(|each| each["day"].as_str())
        .collect();
    assert_eq!(
        days,
        [
            "2026-11-25",
            "2026-11-26",
            "2026-11-27",
            "2026-11-30",
            "2026-12-01"
        ]
    );
    for (place, pair) in statements.windows(2).enumerate() {
        assert_eq!(pair[0]["closing"], pair[1]["opening"]);
        assert_eq!(pair[1]["number"], place + 2);
    }
    for each in statements {
        for path in each["files"].as_object().expect("files").values() {
            let (status, file) = town
                .get(path.as_str().expect("a path").trim_start_matches('/'))
                .await;
            assert_eq!(
                (status, town.get(path.as_str().expect("a path")).await.1),
                (200, file)
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_there_says_why() {
    let town = Town::new().await;
    let iban = town.iban();
    for (path, status, says) in [
        ("sandbox/bank/DE00/statements".to_owned(), 404, "IBAN DE00"),
        (
            format!("sandbox/bank/{iban}/statements/2026-11-25.mt940.txt"),
            404,
            "once it is over",
        ),
        (
            format!("sandbox/bank/{iban}/statements/2026-11-25.pdf"),
            404,
            "there is no",
        ),
        (
            format!("sandbox/bank/{iban}/statements/gestern.mt940.txt"),
            400,
            "gestern is no day",
        ),
        (
            "sandbox/mandanten/TH000001/zahlungseingaenge?day=x".to_owned(),
            400,
            "x is no day",
        ),
        (
            "sandbox/mandanten/TH000001/zahlungseingaenge?format=xls".to_owned(),
            400,
            "neither json nor csv",
        ),
    ] {
        let (answered, text) = town.get(&path).await;
        assert_eq!(answered, status, "{path}: {text}");
        assert!(text.contains(says), "{path}: {text}");
    }
    let (status, told) = town.post("sandbox/clock", &json!({ "forward_days": 4000 })).await;
    assert_eq!((status, told["error"].as_str().is_some()), (400, true));
    let (status, _) = town
        .post(&format!("sandbox/bank/{iban}/transfers"), &json!({ "cents": 0 }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_session_runs_out_by_itself_and_says_so_to_the_reader() {
    let town = Town::new().await;
    let kassenzeichen = town.create("TX1", 4150).await;
    assert_eq!(
        town.sandbox.payment(&kassenzeichen).expect("a payment").state,
        "open"
    );
    town.sandbox.forward(1);
    let payment = town.sandbox.payment(&kassenzeichen).expect("a payment");
    assert_eq!((payment.state, payment.saldo), ("expired", Cents::new(4150)));
    let late = town.sandbox.pay(&kassenzeichen, None);
    assert!(late.expect_err("over").to_string().contains("is expired"));
}
