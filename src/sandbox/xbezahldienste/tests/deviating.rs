//! One story for each deviation that real services have.

use super::*;
use crate::sandbox::{Flavour, Quirk};

const V: Version = Version::V1_1_0;

async fn with(quirk: Quirk) -> Desk {
    Desk::with(Port {
        quirks: vec![quirk],
        ..Port::default()
    })
    .await
}

async fn like(flavour: Flavour) -> Desk {
    Desk::with(Port {
        flavour,
        ..Port::default()
    })
    .await
}

/// Created, paid, and what is told then.
async fn paid(desk: &Desk) -> Told {
    let id = desk.created(V).await;
    desk.pay();
    desk.get(V, &id).await
}

#[tokio::test]
async fn epaybl_says_utc_and_means_the_wall_clock_of_berlin() {
    for (now, told) in [
        ("2026-01-15T11:00:00Z", "2026-01-15T12:00:00Z"),
        ("2026-07-15T10:00:00Z", "2026-07-15T12:00:00Z"),
    ] {
        let desk = like(Flavour::Epaybl).await;
        desk.set_clock(now);
        assert_eq!(paid(&desk).await.info()["transactionTimestamp"], told);
    }
}

#[tokio::test]
async fn at_epaybl_a_payment_fails_over_its_purpose() {
    for (purpose, status) in [
        ("GEBUEHR 4711", "PAYED"),
        ("Gebuehr 4711", "FAILED"),
        ("GEBÜHR FÜR DIE ÄNDERUNG 123", "FAILED"),
        ("GEBUEHR FUER EINE ZULASSUNG 4711", "FAILED"),
    ] {
        let desk = like(Flavour::Epaybl).await;
        let mut body = request(V, "R1", 4150);
        body["purpose"] = json!(purpose);
        let created = desk.post(V, &body).await;
        assert_eq!(created.info()["status"], "INITIAL", "{purpose}");
        desk.pay();
        let id = created.info()["transactionId"].as_str().expect("an id");
        assert_eq!(desk.get(V, id).await.info()["status"], status, "{purpose}");
        assert_eq!(desk.sandbox.payments()[0].saldo == Cents::ZERO, status == "PAYED");
    }
}

#[tokio::test]
async fn epay21_stands_no_nulls_and_no_empty_booking_data() {
    let desk = like(Flavour::Epay21).await;
    let mut body = request(V, "R1", 4150);
    body["requestor"] = json!(null);
    let told = desk.post(V, &body).await;
    assert_eq!(told.refusal(), (400, "VALIDATION_ERROR"));
    assert_eq!(told.detail(), "requestor is null, leave it out");
    body["requestor"] = json!({ "name": "M", "firstName": "E", "address": { "city": null } });
    assert!(
        desk.post(V, &body)
            .await
            .detail()
            .starts_with("requestor.address.city is null")
    );
    let mut body = request(V, "R1", 4150);
    body["items"][0]["bookingData"] = json!({});
    assert!(
        desk.post(V, &body)
            .await
            .detail()
            .contains("bookingData is empty")
    );
    desk.created(V).await;
}

#[tokio::test]
async fn epay21_keeps_the_address_of_the_paypage() {
    let told = paid(&like(Flavour::Epay21).await).await;
    assert_eq!(told.info()["status"], "PAYED");
    assert!(told.info()["transactionRedirectUrl"].is_string());
}

#[tokio::test]
async fn girocheckout_tells_the_least() {
    let told = paid(&like(Flavour::Girocheckout).await).await;
    conform::transaction(V, &told);
    assert!(told.body.get("paymentRequest").is_none());
    assert!(told.info().get("paymentMethodDetail").is_none());
}

#[tokio::test]
async fn a_method_may_be_missing_or_unknown() {
    let told = paid(&with(Quirk::NoMethod).await).await;
    assert_eq!(
        (told.info()["status"].as_str(), told.info().get("paymentMethod")),
        (Some("PAYED"), None)
    );
    assert_eq!(
        paid(&with(Quirk::UnknownMethod).await).await.info()["paymentMethod"],
        "WERO"
    );
}

#[tokio::test]
async fn states_may_have_other_names() {
    assert_eq!(paid(&with(Quirk::Synonyms).await).await.info()["status"], "PAID");
    let desk = with(Quirk::Synonyms).await;
    let id = desk.created(V).await;
    desk.sandbox
        .abort(&desk.kassenzeichen())
        .expect("open")
        .done()
        .await;
    assert_eq!(desk.get(V, &id).await.info()["status"], "CANCELLED");
}

#[tokio::test]
async fn the_detail_of_a_status_may_have_blanks() {
    let told = paid(&with(Quirk::DetailWithBlanks).await).await;
    assert_eq!(told.info()["statusDetail"], "payment received");
}

#[tokio::test]
async fn there_may_be_members_that_nobody_knows() {
    let told = paid(&with(Quirk::ExtraMembers).await).await;
    assert!(told.info()["providerReference"].is_string() && told.body["service"].is_object());
}

#[tokio::test]
async fn a_transaction_may_be_created_with_201() {
    let desk = with(Quirk::Created).await;
    let told = desk.post(V, &request(V, "R1", 4150)).await;
    assert_eq!((told.status, &told.info()["status"]), (201, &json!("INITIAL")));
}

#[tokio::test]
async fn problems_may_come_as_plain_json() {
    let desk = with(Quirk::PlainProblems).await;
    let told = desk.get(V, "x").await;
    assert_eq!((told.status, told.kind.as_str()), (404, "application/json"));
    let told = desk.open(V, "status/BW100001/TH000001").await;
    assert_eq!((told.status, told.kind.as_str()), (200, "application/json"));
}

#[tokio::test]
async fn the_reference_may_be_the_id_until_it_is_paid() {
    let desk = with(Quirk::ReferenceIsId).await;
    let id = desk.created(V).await;
    assert_eq!(desk.get(V, &id).await.info()["transactionReference"], id);
    desk.pay();
    assert_eq!(
        desk.get(V, &id).await.info()["transactionReference"],
        desk.kassenzeichen()
    );
}

#[tokio::test]
async fn a_new_transaction_may_be_unknown_for_a_while() {
    let desk = Desk::with(Port {
        hidden_reads: 2,
        ..Port::default()
    })
    .await;
    let id = desk.created(V).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(desk.get(V, &id).await.status);
    }
    assert_eq!(statuses, [404, 404, 200]);
}
