//! Services of the standard that deviate from it, each in its own way: what the portal, the books and the gateway see is
//! the standard's all the same.

use epaybl_connector::sandbox::{Account, Fault, Quirk, TransactionId};
use serde_json::{Value, json};

use super::section;
use crate::kit::{CAR, CERTIFICATE, Provider, World, with_each_provider};
use crate::requests::{Answer, car, certificate, home};

/// A service that can be asked by our number, and else is as `at_sandbox` says.
fn service(name: &'static str, at_sandbox: fn(&mut Account)) -> Provider {
    Provider {
        name,
        section: Some(section(
            "kind = \"xbezahldienste\"\nbase_url = \"{sandbox}/xbezahldienste/v1.2.0\"\nversion = \"1.2.0\"\n\
             transaction_id_is_request_id = true",
        )),
        at_sandbox,
        ..Provider::default()
    }
}

/// The service deviates in these.
fn deviates(account: &mut Account, quirks: &[Quirk]) {
    account.xbezahldienste.transaction_id = TransactionId::RequestId;
    account.xbezahldienste.quirks = quirks.to_vec();
}

/// How a payment was made, as the portal reads it, and as the books and the gateway name it.
struct Method {
    portal: &'static str,
    detail: Option<&'static str>,
    ours: &'static str,
}

const CARD: Method = Method {
    portal: "CREDITCARD",
    detail: None,
    ours: "KREDITKARTE",
};

/// The members of what the portal reads that come from the service.
fn told(answer: &Answer) -> Value {
    let information = &answer.body["paymentInformation"];
    let names = [
        "status",
        "transactionReference",
        "transactionTimestamp",
        "paymentMethod",
        "paymentMethodDetail",
        "statusDetail",
    ];
    json!(names.map(|name| information[name].clone()))
}

/// A citizen comes, pays by card and goes home; everybody sees it so.
async fn is_paid(world: &World, id: &str, method: &Method) {
    let pay_url = world.open(CERTIFICATE, &certificate(id)).await;
    is_paid_at(world, &pay_url, id, method).await;
}

async fn is_paid_at(world: &World, pay_url: &str, id: &str, method: &Method) {
    let back = world.pay(pay_url, "KREDITKARTE").await;
    assert_eq!(
        world.browse(&back).await.location(),
        home(id),
        "{}",
        world.provider
    );
    let (answer, kassenzeichen) = (world.get(CERTIFICATE, id).await, world.newest().kassenzeichen);
    let at = world.now().rfc3339();
    let expected = json!(["PAYED", kassenzeichen, at, method.portal, method.detail, null]);
    assert_eq!(told(&answer), expected, "{}", answer.text);
    let account = format!("verrechnung/epaybl/{}", method.ours);
    let soll = "sollstellung: forderung an erloes/0500.1000/0000000001 15.00, \
                forderung an erloes/0500.1001/0000000001 7.50";
    let zahlung = format!("zahlung: {account} an forderung 15.00, {account} an forderung 7.50");
    assert_eq!(world.bookings().await, [soll.to_owned(), zahlung]);
    assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    for event in world.gateway().events() {
        let data = &event.body["data"];
        let seen = [
            &data["status"],
            &data["payment_method"],
            &data["transaction_reference"],
        ];
        assert_eq!(json!(seen), json!(["PAYED", method.ours, kassenzeichen]));
    }
    assert_eq!(world.sandbox().payments().len(), 1, "{}", world.provider);
    assert!(world.exceptions().await.is_empty(), "{}", world.provider);
}

/// A citizen comes, aborts and goes home; everybody sees it so.
async fn is_canceled(world: &World, id: &str) {
    let pay_url = world.open(CAR, &car(id)).await;
    let back = world.abort(&pay_url).await;
    assert_eq!(
        world.browse(&back).await.location(),
        home(id),
        "{}",
        world.provider
    );
    let answer = world.get(CAR, id).await;
    assert_eq!(
        told(&answer),
        json!(["CANCELED", null, null, null, null, null]),
        "{}",
        answer.text
    );
    let expected = [("sollstellung".to_owned(), 3060), ("absetzung".to_owned(), 3060)];
    assert_eq!(world.booked().await, expected, "{}", world.provider);
    assert_eq!(world.heard().await, ["payment.canceled.v1"]);
    assert!(world.exceptions().await.is_empty(), "{}", world.provider);
}

/// Both ends, each in a world of its own.
async fn ends_well(provider: &Provider, method: &Method) {
    let provider = std::slice::from_ref(provider);
    with_each_provider(provider, async |world| is_paid(world, "paid", method).await).await;
    with_each_provider(provider, async |world| is_canceled(world, "canceled").await).await;
}

#[tokio::test]
async fn paid_and_cancelled_in_other_spellings_are_heard_in_the_standards() {
    let provider = service("synonyms", |account| deviates(account, &[Quirk::Synonyms]));
    ends_well(&provider, &CARD).await;
}

#[tokio::test]
async fn a_payment_without_a_method_is_paid_by_one_that_nobody_knows() {
    let provider = service("no method", |account| deviates(account, &[Quirk::NoMethod]));
    let unknown = Method {
        portal: "OTHER",
        detail: Some("UNBEKANNT"),
        ours: "UNBEKANNT",
    };
    ends_well(&provider, &unknown).await;
}

#[tokio::test]
async fn a_method_that_the_standard_does_not_know_keeps_its_name() {
    let provider = service("unknown method", |account| {
        deviates(account, &[Quirk::UnknownMethod]);
    });
    let wero = Method {
        portal: "OTHER",
        detail: Some("WERO"),
        ours: "WERO",
    };
    ends_well(&provider, &wero).await;
}

#[tokio::test]
async fn a_method_that_the_standard_does_not_know_may_be_named_by_the_operator() {
    let mut provider = service("named method", |account| {
        deviates(account, &[Quirk::UnknownMethod]);
    });
    provider.section = provider
        .section
        .map(|section| format!("{section}\nmethods = {{ WERO = \"KREDITKARTE\" }}"));
    ends_well(&provider, &CARD).await;
}

#[tokio::test]
async fn members_that_the_standard_does_not_know_are_passed_over_and_handed_to_nobody() {
    let provider = service("extra members", |account| {
        deviates(account, &[Quirk::ExtraMembers]);
    });
    ends_well(&provider, &CARD).await;
    with_each_provider(&[provider], async |world| {
        is_paid(world, "extra", &CARD).await;
        let answer = world.get(CERTIFICATE, "extra").await.text;
        let events = world.gateway().events();
        let events: String = events.iter().map(|event| event.body.to_string()).collect();
        for extra in ["providerReference", "links", "\"service\""] {
            assert!(!answer.contains(extra) && !events.contains(extra), "{extra}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_created_with_201_is_open_and_found_again_after_a_lost_answer() {
    let provider = service("created", |account| deviates(account, &[Quirk::Created]));
    ends_well(&provider, &CARD).await;
    for fault in [Fault::Http500, Fault::DropAfterCreate] {
        with_each_provider(std::slice::from_ref(&provider), async |world| {
            world.sandbox().fail_next(fault.clone());
            let pay_url = world.open(CERTIFICATE, &certificate("again")).await;
            world.live(60, 20).await;
            is_paid_at(world, &pay_url, "again", &CARD).await;
        })
        .await;
    }
}

/// A service whose problems are plain JSON.
fn plain() -> Provider {
    service("plain problems", |account| {
        deviates(account, &[Quirk::PlainProblems]);
    })
}

#[tokio::test]
async fn a_problem_in_plain_json_is_a_problem() {
    ends_well(&plain(), &CARD).await;
    with_each_provider(&[plain()], async |world| {
        for code in ["-0611", "-0502"] {
            world.sandbox().fail_next(Fault::AutoRefuse(code.to_owned()));
            let refused = world.post(CERTIFICATE, &certificate("plain")).await;
            assert_eq!(refused.refusal(), (503, "UNSPECIFIED".to_owned()), "{code}");
            assert_eq!(world.get(CERTIFICATE, "plain").await.status, 404);
            assert!(world.sandbox().payments().is_empty() && world.booked().await.is_empty());
            assert!(world.heard().await.is_empty(), "{code}");
        }
        is_paid(world, "plain", &CARD).await;
    })
    .await;
}

#[tokio::test]
async fn a_plain_404_is_not_there_yet_and_sends_what_was_lost_again() {
    with_each_provider(&[plain()], async |world| {
        world.sandbox().fail_next(Fault::Http500);
        let pay_url = world.open(CERTIFICATE, &certificate("404")).await;
        assert!(world.sandbox().payments().is_empty());
        world.live(60, 20).await;
        is_paid_at(world, &pay_url, "404", &CARD).await;
    })
    .await;
}

#[tokio::test]
async fn a_plain_payment_exists_is_our_own_earlier_call() {
    let hidden = service("plain problems, hidden at first", |account| {
        deviates(account, &[Quirk::PlainProblems]);
        account.xbezahldienste.hidden_reads = 1;
    });
    with_each_provider(&[hidden], async |world| {
        world.sandbox().fail_next(Fault::DropAfterCreate);
        let pay_url = world.open(CERTIFICATE, &certificate("exists")).await;
        // The look finds nothing, so the number is sent again, which is refused; the second look finds it.
        world.live(60, 20).await;
        assert_eq!(world.sandbox().counts().creates, 2);
        is_paid_at(world, &pay_url, "exists", &CARD).await;
    })
    .await;
}

#[tokio::test]
async fn a_detail_with_blanks_is_no_answer_and_no_obstacle() {
    let provider = service("detail with blanks", |account| {
        deviates(account, &[Quirk::DetailWithBlanks]);
    });
    ends_well(&provider, &CARD).await;
}

#[tokio::test]
async fn a_service_that_deviates_wherever_it_can_is_understood() {
    let everything = service("everything at once", |account| {
        let all = [
            Quirk::Synonyms,
            Quirk::UnknownMethod,
            Quirk::ExtraMembers,
            Quirk::Created,
            Quirk::PlainProblems,
            Quirk::DetailWithBlanks,
            Quirk::KeepRedirect,
            Quirk::NoNulls,
            Quirk::NoEmptyBookingData,
            Quirk::UpperCasePurpose,
            Quirk::ReferenceIsId,
        ];
        deviates(account, &all);
    });
    let wero = Method {
        portal: "OTHER",
        detail: Some("WERO"),
        ours: "WERO",
    };
    ends_well(&everything, &wero).await;
    let bare = service("as little as it can", |account| {
        deviates(account, &[Quirk::Minimal, Quirk::NoMethod, Quirk::Synonyms]);
    });
    let unknown = Method {
        portal: "OTHER",
        detail: Some("UNBEKANNT"),
        ours: "UNBEKANNT",
    };
    ends_well(&bare, &unknown).await;
}
