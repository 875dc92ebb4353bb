//! Asking: what became of a payment, whether the service is there, what it offers.

use super::*;
use crate::app::ports::{Answer, CallbackError, Calls, Fault, Provider, RawCallback};
use crate::domain::ids::Method;
use crate::domain::told::Word;

async fn ask(service: &Service, question: &Question) -> Answer {
    client(service.config()).ask(question, &Calls::default()).await
}

#[tokio::test]
async fn a_payment_is_asked_for_by_its_id_and_else_by_our_number() {
    let service = Service::start(|seen| {
        let id = seen.line.rsplit('/').next().unwrap_or_default();
        good(&transaction(id, "PAYED", &json!({"paymentMethod": "CREDITCARD"})))
    })
    .await;
    for remote in [Some("Z-1"), None] {
        let Answer::Told(told) = ask(&service, &question(remote)).await else {
            panic!("it is told");
        };
        assert_eq!(told.word, Some(Word::Success));
        assert_eq!(told.method, Some(Method::parse("KREDITKARTE").expect("a method")));
    }
    assert_eq!(
        service.lines(),
        ["GET /api/v1.1.0/paymenttransaction/BW100001/TH000001/Z-1", LOOK]
    );
    let mut config = service.config();
    config.transaction_id_is_request_id = false;
    assert!(matches!(
        client(config).ask(&question(None), &Calls::default()).await,
        Answer::None(_)
    ));
}

#[tokio::test]
async fn an_unknown_transaction_has_not_failed() {
    for code in ["UNSPECIFIED", "NO_VALID_ORIGINATOR_OR_ENDPOINT"] {
        let service = Service::start(move |_| problem(404, code, "")).await;
        assert_eq!(ask(&service, &question(Some("Z-1"))).await, Answer::Unknown);
    }
}

#[tokio::test]
async fn no_answer_and_a_refusal_are_told_apart() {
    let forbidden = Service::start(|_| problem(403, "FORBIDDEN", "")).await;
    let Answer::Refused(refusal) = ask(&forbidden, &question(Some("Z-1"))).await else {
        panic!("it is refused");
    };
    assert_eq!(refusal.fault, Fault::Configuration);
    let down = Service::start(|_| problem(503, "UNSPECIFIED", "")).await;
    assert!(matches!(
        ask(&down, &question(Some("Z-1"))).await,
        Answer::None(_)
    ));
    let hanging = config(&format!("http://{}/", silent().await));
    let hanging = Xbezahldienste::with_limits(hanging, Hand::new(), SHORT, SHORT).expect("good settings");
    let asked = hanging.ask(&question(Some("Z-1")), &Calls::default()).await;
    assert!(matches!(asked, Answer::None(_)), "{asked:?}");
}

#[tokio::test]
async fn the_service_says_whether_it_is_there() {
    let order = order();
    let alive = |service: &Service, change: fn(&mut XbezahldiensteConfig)| {
        let mut config = service.config();
        change(&mut config);
        let (client, order) = (client(config), &order);
        async move { client.alive(&order.mandant, &order.bewirtschafter).await }
    };
    let well = Service::start(|_| problem(200, "", "all is well")).await;
    assert_eq!(alive(&well, |_| {}).await, Ok(()));
    assert_eq!(well.lines(), ["GET /api/v1.1.0/status/BW100001/TH000001"]);
    for (status, body) in [(200, r#"{"status":503}"#), (403, "{}"), (404, "{}"), (503, "{}")] {
        let ill =
            Service::start(move |_| (StatusCode::from_u16(status).expect("a status"), body).into_response())
                .await;
        assert!(alive(&ill, |_| {}).await.is_err(), "{status} {body}");
        assert_eq!(
            alive(&ill, |config| config.status_operation = false).await,
            Ok(())
        );
        assert_eq!(ill.lines().len(), 1);
    }
}

#[tokio::test]
async fn methods_are_known_since_the_third_version() {
    let service = Service::start(|_| {
        good(&json!({"paymentMethods": {"up": ["CREDITCARD", "PAYPAL"], "down": ["GIROPAY"]}}))
    })
    .await;
    let order = order();
    let mut config = service.config();
    let old = client(config.clone());
    assert_eq!(
        old.methods(&order.mandant, &order.bewirtschafter).await,
        Ok(Vec::new())
    );
    assert_eq!(service.lines(), Vec::<String>::new());
    config.version = Version::V120;
    let codes: Vec<String> = client(config.clone())
        .methods(&order.mandant, &order.bewirtschafter)
        .await
        .expect("a list")
        .into_iter()
        .map(|offered| offered.code.to_string())
        .collect();
    assert_eq!(codes, ["KREDITKARTE", "PAYPAL"]);
    assert_eq!(
        service.lines(),
        ["GET /api/v1.1.0/payment-methods/BW100001/TH000001"]
    );
    let vague = Service::start(|_| good(&json!({"paymentMethods": {"up": ["PAYPAL", "OTHER"]}}))).await;
    config.base_url = vague.config().base_url;
    let offered = client(config)
        .methods(&order.mandant, &order.bewirtschafter)
        .await;
    assert_eq!(offered, Ok(Vec::new()), "OTHER may be any");
}

#[test]
fn nobody_calls_back() {
    let client = client(config("https://service.example"));
    assert_eq!(
        client.verify(&RawCallback::default(), Hand::new().now()),
        Err(CallbackError::Unreadable(
            "this provider sends no callbacks".into()
        ))
    );
    assert_eq!(client.default_zvp(), "xbezahldienste");
    assert!(client.open_seconds() > client.ask_seconds());
}
