//! Opening a payment: taken, refused, lost, and found again.

use super::*;
use crate::app::ports::{CallNote, Calls, Fault, Opened, Provider};
use crate::domain::case::Way;

fn opened(id: &str, page: &str) -> Opened {
    Opened::Open {
        kassenzeichen: None,
        remote: Some(RemoteId::parse(id).expect("an id")),
        way: Way::Paypage(page.to_owned()),
    }
}

async fn open(service: &Service) -> Opened {
    client(service.config()).open(&order(), &Calls::default()).await
}

async fn reopen(service: &Service) -> Opened {
    client(service.config()).reopen(&order(), &Calls::default()).await
}

#[tokio::test]
async fn a_payment_is_opened_with_its_page_and_its_id() {
    for status in [StatusCode::OK, StatusCode::CREATED] {
        let service = Service::start(move |_| (status, initial("TX7F3A1").to_string()).into_response()).await;
        let calls = Calls::default();
        let client = client(service.config());
        assert_eq!(client.open(&order(), &calls).await, opened("TX7F3A1", PAGE));
        assert_eq!(service.lines(), [CREATE]);
        let seen = &service.seen()[0];
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.header("x-xbezahldienste-version"), None);
        assert_eq!(seen.json()["requestId"], "TX7F3A1");
        assert_eq!(
            calls.take(),
            [CallNote {
                operation: "initiatePaymentTransaction",
                code: None,
                reference: Some("TX7F3A1".into())
            }]
        );
    }
}

#[tokio::test]
async fn the_two_ids_change_places_where_the_service_wants_it() {
    let service = Service::start(|_| good(&initial("TX7F3A1"))).await;
    let mut config = service.config();
    config.originator = Originator::Mandant;
    config.version = Version::V120;
    config.base_url = format!("http://{}", service.address).parse().expect("an address");
    client(config).open(&order(), &Calls::default()).await;
    assert_eq!(service.lines(), ["POST /paymenttransaction/TH000001/BW100001"]);
    assert_eq!(
        service.seen()[0].header("x-xbezahldienste-version"),
        Some("1.2.0")
    );
}

#[tokio::test]
async fn a_clear_no_says_whose_matter_it_is() {
    for (status, code, detail, fault) in [
        (404, "NO_VALID_ORIGINATOR_OR_ENDPOINT", "", Fault::Configuration),
        (
            404,
            "NO_VALID_ORIGINATOR_OR_DESTINATION",
            "",
            Fault::Configuration,
        ),
        (403, "FORBIDDEN", "", Fault::Configuration),
        (401, "UNSPECIFIED", "", Fault::Configuration),
        (400, "BOOKING_DATA_MISSING", "Titel fehlt", Fault::Configuration),
        (400, "CALCULATION_ERROR", "", Fault::Configuration),
        (
            400,
            "VALIDATION_ERROR",
            "purpose ist zu lang",
            Fault::Configuration,
        ),
        (400, "VALIDATION_ERROR", "requestor.name Müller", Fault::Caller),
        (400, "VALIDATION_ERROR", "Betrag zu klein", Fault::Caller),
        (400, "UNSPECIFIED", "", Fault::Configuration),
        (429, "UNSPECIFIED", "", Fault::Configuration),
    ] {
        let service = Service::start(move |_| problem(status, code, detail)).await;
        let Opened::Refused(refusal) = open(&service).await else {
            panic!("{code} is a refusal");
        };
        assert_eq!((refusal.fault, refusal.code.as_str()), (fault, code), "{detail}");
        assert_eq!(
            refusal.text.contains(detail) && !detail.is_empty(),
            fault == Fault::Configuration && !detail.is_empty(),
            "the portal hears nothing that may name a person: {}",
            refusal.text
        );
    }
    let plain = Service::start(|_| (StatusCode::BAD_REQUEST, "<html>").into_response()).await;
    let Opened::Refused(refusal) = open(&plain).await else {
        panic!("a 400 is a refusal");
    };
    assert_eq!(refusal.code, "HTTP 400");
}

#[tokio::test]
async fn a_no_that_repeats_what_the_portal_wrote_is_told_without_it() {
    let order = order();
    let written = [order.payer_name.clone(), order.lines[0].text.clone()];
    for text in written {
        let detail = format!("Zeichen in {text} nicht erlaubt");
        let service = Service::start(move |_| problem(400, "BOOKING_DATA_MISSING", &detail)).await;
        let Opened::Refused(refusal) = open(&service).await else {
            panic!("a refusal");
        };
        assert!(!refusal.text.contains(&text), "{}", refusal.text);
        assert!(refusal.text.contains("bookingData"), "{}", refusal.text);
    }
}

#[tokio::test]
async fn what_is_no_clear_answer_leaves_it_unclear() {
    let unclear = |status: u16, body: &'static str| async move {
        let service =
            Service::start(move |_| (StatusCode::from_u16(status).expect("a status"), body).into_response())
                .await;
        let with_look = open(&service).await;
        let mut config = service.config();
        config.transaction_id_is_request_id = false;
        let without = client(config).open(&order(), &Calls::default()).await;
        (with_look, without)
    };
    for (status, body) in [
        (500, ""),
        (503, r#"{"functionalCode":"UNSPECIFIED"}"#),
        (302, ""),
        (408, ""),
        (409, "{}"),
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (200, r#"{"paymentInformation":{"transactionId":"TX7F3A1"}}"#),
        (
            200,
            r#"{"paymentInformation":{"transactionId":"TX7F3A1","status":"SOON"}}"#,
        ),
        (
            200,
            r#"{"paymentInformation":{"transactionId":"ü","status":"INITIAL"}}"#,
        ),
        (
            200,
            r#"{"paymentInformation":{"transactionId":"TX7F3A1","status":"INITIAL","transactionRedirectUrl":"javascript:x"}}"#,
        ),
    ] {
        let (with_look, without) = unclear(status, body).await;
        assert!(
            matches!(with_look, Opened::Unclear(_)),
            "{status} {body}: {with_look:?}"
        );
        assert!(
            matches!(without, Opened::Unknowable(_)),
            "{status} {body}: {without:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let service = Service::start(|_| vec![b' '; 1024 * 1024 + 1].into_response()).await;
    assert_eq!(
        open(&service).await,
        Opened::Unclear("the answer is longer than 1 MiB".into())
    );
}

#[tokio::test]
async fn a_service_that_never_answers_leaves_it_unclear_and_where_nobody_listens_nothing_exists() {
    let config_of = |address: SocketAddr| config(&format!("http://{address}/"));
    let hanging = Xbezahldienste::with_limits(config_of(silent().await), Hand::new(), SHORT, SHORT)
        .expect("good settings");
    let calls = Calls::default();
    assert!(matches!(hanging.open(&order(), &calls).await, Opened::Unclear(_)));
    assert!(matches!(
        hanging.reopen(&order(), &calls).await,
        Opened::Unclear(_)
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nobody = listener.local_addr().expect("its address");
    drop(listener);
    let Opened::Refused(refusal) = client(config_of(nobody)).open(&order(), &calls).await else {
        panic!("nothing was sent");
    };
    assert_eq!(
        (refusal.fault, refusal.code.as_str()),
        (Fault::Configuration, "unreachable")
    );
}

#[tokio::test]
async fn after_a_lost_answer_the_payment_is_looked_for_before_anything_is_sent() {
    let there = Service::start(|_| good(&initial("TX7F3A1"))).await;
    assert_eq!(reopen(&there).await, opened("TX7F3A1", PAGE));
    assert_eq!(there.lines(), [LOOK]);

    let not_there = Service::start(|seen| match seen.line.as_str() {
        LOOK => problem(404, "UNSPECIFIED", ""),
        _ => good(&initial("TX7F3A1")),
    })
    .await;
    assert_eq!(reopen(&not_there).await, opened("TX7F3A1", PAGE));
    assert_eq!(not_there.lines(), [LOOK, CREATE]);

    let down = Service::start(|_| problem(503, "UNSPECIFIED", "")).await;
    assert!(matches!(reopen(&down).await, Opened::Unclear(_)));
    assert_eq!(down.lines(), [LOOK], "nothing is sent where nobody knows");

    let locked = Service::start(|_| problem(403, "FORBIDDEN", "")).await;
    assert!(matches!(reopen(&locked).await, Opened::Unclear(_)));

    let other = Service::start(|_| good(&initial("TXOTHER"))).await;
    assert!(matches!(reopen(&other).await, Opened::Unclear(_)));
    assert_eq!(other.lines(), [LOOK]);
}

#[tokio::test]
async fn what_is_found_paid_sends_the_payer_back_and_what_is_over_gives_way_to_a_new_number() {
    let paid = Service::start(|_| good(&transaction("TX7F3A1", "PAYED", &json!({})))).await;
    assert_eq!(reopen(&paid).await, opened("TX7F3A1", &order().return_url));
    for status in ["FAILED", "CANCELED"] {
        let over = Service::start(move |_| good(&transaction("TX7F3A1", status, &json!({})))).await;
        assert_eq!(reopen(&over).await, Opened::AlreadyUsed, "{status}");
    }
    let pageless = Service::start(|_| good(&transaction("TX7F3A1", "INITIAL", &json!({})))).await;
    assert!(matches!(reopen(&pageless).await, Opened::Unclear(_)));
}

#[tokio::test]
async fn a_number_that_exists_is_found_or_was_used() {
    let service = Service::start(|seen| match seen.line.as_str() {
        CREATE => problem(400, "PAYMENT_EXISTS", ""),
        _ => good(&initial("TX7F3A1")),
    })
    .await;
    assert_eq!(open(&service).await, opened("TX7F3A1", PAGE));
    assert_eq!(service.lines(), [CREATE, LOOK]);
    let mut config = service.config();
    config.transaction_id_is_request_id = false;
    let blind = client(config);
    assert_eq!(blind.open(&order(), &Calls::default()).await, Opened::AlreadyUsed);
    let conflict = Service::start(|seen| match seen.line.as_str() {
        CREATE => problem(409, "PAYMENT_EXISTS", ""),
        _ => problem(404, "UNSPECIFIED", ""),
    })
    .await;
    assert!(matches!(open(&conflict).await, Opened::Unclear(_)));
}

#[tokio::test]
async fn without_a_look_nothing_is_sent_again() {
    let service = Service::start(|_| good(&initial("Z-1"))).await;
    let mut config = service.config();
    config.transaction_id_is_request_id = false;
    let blind = client(config);
    assert_eq!(blind.open(&order(), &Calls::default()).await, opened("Z-1", PAGE));
    assert!(matches!(
        blind.reopen(&order(), &Calls::default()).await,
        Opened::Unknowable(_)
    ));
    assert_eq!(service.lines(), [CREATE]);
}

#[tokio::test]
async fn what_this_kind_of_provider_cannot_do_is_not_sent() {
    let service = Service::start(|_| good(&initial("TX7F3A1"))).await;
    let client = client(service.config());
    let mut transfer = order();
    transfer.flow = Flow::Vorkasse;
    let mut own = order();
    own.kassenzeichen = Some(crate::domain::ids::Kassenzeichen::parse("42").expect("a Kassenzeichen"));
    let mut wrong = order();
    wrong.total = Cents::new(1);
    for order in [transfer, own, wrong] {
        let Opened::Refused(refusal) = client.open(&order, &Calls::default()).await else {
            panic!("it is refused");
        };
        assert_eq!(refusal.code, "not-sent");
    }
    assert_eq!(service.lines(), Vec::<String>::new());
}
