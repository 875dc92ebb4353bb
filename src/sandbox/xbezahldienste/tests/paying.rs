use super::*;
use crate::sandbox::TransactionId;

const V: Version = Version::V1_1_0;

#[tokio::test]
async fn a_payment_is_created_paid_on_the_paypage_and_told() {
    let desk = Desk::new().await;
    let id = desk.created(V).await;
    let payment = desk.sandbox.payments().pop().expect("a payment");
    let open = desk.get(V, &id).await;
    assert_eq!(open.info()["transactionRedirectUrl"], payment.paypage);
    assert!(open.info().get("transactionReference").is_none());
    assert_eq!(payment.buchungstexte, ["GEBUEHR 4711"]);
    assert_eq!(
        (payment.transaktionsnummer.as_str(), payment.betrag),
        ("R1", Cents::new(4150))
    );
    let form = "action=pay&method=PAYPAL";
    let paying = desk.client.post(&payment.paypage).body(form);
    let paying = paying.header("content-type", "application/x-www-form-urlencoded");
    let back = paying.send().await.expect("an answer");
    let location = back.headers()["location"].to_str().expect("text").to_owned();
    assert_eq!(location, "https://portal.example/back?a=1");
    let paid = desk.get(V, &id).await;
    conform::transaction(V, &paid);
    let info = paid.info();
    assert_eq!(
        [
            &info["status"],
            &info["paymentMethod"],
            &info["transactionTimestamp"]
        ],
        ["PAYED", "PAYPAL", "2026-01-15T12:00:00Z"]
    );
    assert_eq!(info["transactionReference"], payment.kassenzeichen);
}

#[tokio::test]
async fn who_gives_up_on_the_paypage_goes_back_to_the_same_address() {
    let desk = Desk::new().await;
    let id = desk.created(V).await;
    let paypage = desk.sandbox.payments().pop().expect("a payment").paypage;
    let leaving = desk.client.post(paypage).body("action=abort");
    let leaving = leaving.header("content-type", "application/x-www-form-urlencoded");
    let back = leaving.send().await.expect("an answer");
    assert_eq!(back.headers()["location"], "https://portal.example/back?a=1");
    let told = desk.get(V, &id).await;
    conform::transaction(V, &told);
    assert_eq!(told.info()["status"], "CANCELED");
}

#[tokio::test]
async fn what_the_payer_gave_up_stays_canceled_although_money_comes_later() {
    let desk = Desk::new().await;
    let id = desk.created(V).await;
    let kassenzeichen = desk.kassenzeichen();
    desk.sandbox.abort(&kassenzeichen).expect("open").done().await;
    desk.pay();
    assert_eq!(desk.sandbox.payments()[0].state, "paid");
    assert_eq!(desk.get(V, &id).await.info()["status"], "CANCELED");
}

#[tokio::test]
async fn a_session_that_ran_out_has_failed() {
    let desk = Desk::new().await;
    let id = desk.created(V).await;
    desk.set_clock("2026-01-16T12:00:00Z");
    let told = desk.get(V, &id).await;
    conform::transaction(V, &told);
    assert_eq!(told.info()["status"], "FAILED");
}

#[tokio::test]
async fn money_that_goes_back_is_not_told() {
    let desk = Desk::new().await;
    let id = desk.created(V).await;
    desk.pay();
    let paid = desk.get(V, &id).await;
    desk.sandbox
        .return_money(&desk.kassenzeichen(), None)
        .expect("money");
    desk.sandbox.storno(&desk.kassenzeichen(), None).expect("a claim");
    assert_eq!(desk.get(V, &id).await.body, paid.body);
}

#[tokio::test]
async fn a_request_id_is_used_once() {
    let desk = Desk::new().await;
    desk.created(V).await;
    let again = desk.post(V, &request(V, "R1", 4150)).await;
    assert_eq!(again.refusal(), (400, "PAYMENT_EXISTS"));
    assert_eq!(desk.sandbox.payments().len(), 1);
    let other = desk.post(V, &request(V, "R2", 4150)).await;
    conform::transaction(V, &other);
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_id_up() {
    let desk = Desk::new().await;
    let mut wrong = request(V, "R1", 4150);
    wrong["grossAmount"] = json!(1);
    assert_eq!(desk.post(V, &wrong).await.refusal(), (400, "CALCULATION_ERROR"));
    desk.created(V).await;
}

#[tokio::test]
async fn a_transaction_is_called_as_the_account_says() {
    for (kind, id) in [
        (TransactionId::RequestId, "R1".to_owned()),
        (TransactionId::Kassenzeichen, "1000000000001".to_owned()),
    ] {
        let desk = Desk::with(Port {
            transaction_id: kind,
            ..Port::default()
        })
        .await;
        assert_eq!(desk.created(V).await, id);
        conform::transaction(V, &desk.get(V, &id).await);
    }
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let desk = Desk::new().await;
    desk.created(V).await;
    assert_eq!(desk.get(V, "R2").await.refusal(), (404, "UNSPECIFIED"));
    let nowhere = desk.open(V, "paymenttransactions").await;
    assert_eq!(nowhere.refusal(), (404, "UNSPECIFIED"));
    for ids in ["BW100001/TH000002", "TH000001/BW100001", "bw100001/TH000001"] {
        let url = desk.url(V, &format!("paymenttransaction/{ids}"));
        let told = Told::of(desk.client.post(url).json(&request(V, "R9", 4150))).await;
        assert_eq!(told.refusal(), (404, "NO_VALID_ORIGINATOR_OR_ENDPOINT"), "{ids}");
    }
}

#[tokio::test]
async fn another_authority_does_not_find_the_transaction() {
    let mut other = Account::new("TH000002", "BW200001", "Landkreis").releasing_all();
    other.xbezahldienste.originator_id = Some("fuehrerschein".to_owned());
    other.xbezahldienste.endpoint_id = Some("16064000".to_owned());
    let desk = Desk::of(vec![account(Port::default()), other]).await;
    let id = desk.created(V).await;
    let foreign = desk
        .open(V, &format!("paymenttransaction/fuehrerschein/16064000/{id}"))
        .await;
    assert_eq!(foreign.refusal(), (404, "UNSPECIFIED"));
    let url = desk.url(V, "paymenttransaction/fuehrerschein/16064000");
    let told = Told::of(desk.client.post(url).json(&request(V, "R1", 4150))).await;
    conform::transaction(V, &told);
    assert_eq!(desk.sandbox.payments()[1].mandant, "TH000002");
}
