//! Events on their way from the notifier to a gateway, over real HTTP. The two share no code but the standard.

use epaybl_connector::app::ports::{Notifier, Sent};
use epaybl_connector::domain::event::{EventFacts, EventType, cloud_event};
use epaybl_connector::domain::ids::{
    AuthorityId, EndPointId, EventId, Kassenzeichen, LedgerId, OriginatorId, RequestId, TargetId,
    TransactionId,
};
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::tenant::{Environment, Target};
use epaybl_connector::domain::time::Timestamp;
use epaybl_connector::notify::{NotifyConfig, WebhookNotifier};
use epaybl_connector::receiver::Receiver;
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const NOW: Timestamp = Timestamp::from_millis(1_772_362_800_000);

async fn gateway() -> (Receiver, Target) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let receiver = Receiver::start(listener, SECRET).expect("a receiver");
    let target = Target {
        id: TargetId::parse("gateway").expect("an id"),
        kasse: LedgerId::parse("musterstadt").expect("an id"),
        url: receiver.events_url().parse().expect("a URL"),
    };
    (receiver, target)
}

fn notifier(secrets: &[&str]) -> WebhookNotifier {
    let config = format!("secrets.gateway = {secrets:?}");
    let config: NotifyConfig = toml::from_str(&config).expect("a configuration");
    WebhookNotifier::new(&config).expect("a notifier")
}

fn event(id: &str) -> Vec<u8> {
    let id: EventId = id.parse().expect("an id");
    let facts = EventFacts {
        case_id: "0197a5c0-1111-7000-8000-000000000001".parse().expect("an id"),
        case_key: "AZ-2026/00042 «ä»".to_owned(),
        authority: AuthorityId::parse("standesamt").expect("an id"),
        ledger: LedgerId::parse("musterstadt").expect("an id"),
        leika: "99059004012000".to_owned(),
        ars: "160510000000".to_owned(),
        ags: "16051000".to_owned(),
        originator_id: OriginatorId::parse("geburtsurkunde").expect("an id"),
        end_point_id: EndPointId::parse("standesamt").expect("an id"),
        request_id: RequestId::parse("r-1").expect("an id"),
        transaction_id: TransactionId::parse("r-1").expect("an id"),
        transaction_reference: Kassenzeichen::parse("8012345678901").ok(),
        amount: Cents::new(1250),
        payment_method: None,
        status: "PAYED",
        case_standing: "paid",
        status_seq: 1,
        paid_at: Some(NOW),
        environment: Environment::Test,
    };
    cloud_event(id, "/kassen/musterstadt", EventType::CasePaid, NOW, &facts)
}

const ID: &str = "0197a5c0-2222-7000-8000-000000000002";

#[tokio::test]
async fn an_event_reaches_the_gateway_once_though_it_is_sent_twice() {
    let (receiver, target) = gateway().await;
    let notifier = notifier(&[SECRET]);
    let body = event(ID);
    assert_eq!(notifier.send(&target, ID, &body, NOW).await, Sent::Accepted);
    let later = NOW.plus_seconds(300);
    assert_eq!(notifier.send(&target, ID, &body, later).await, Sent::Accepted);
    let events = receiver.wait_for(1).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].arrivals, 2);
    assert_eq!(events[0].body["id"], ID);
    assert_eq!(events[0].body["data"]["amount"], "12.50");
    let times: Vec<_> = receiver
        .arrivals()
        .iter()
        .map(|arrival| arrival.timestamp)
        .collect();
    assert_eq!(times, [Some(NOW.seconds()), Some(later.seconds())]);
    receiver.shutdown().await;
}

#[tokio::test]
async fn a_gateway_goes_on_believing_while_its_secret_changes() {
    let (_receiver, target) = gateway().await;
    let body = event(ID);
    for secrets in [&[SECRET][..], &[OTHER, SECRET], &[SECRET, OTHER]] {
        assert_eq!(
            notifier(secrets).send(&target, ID, &body, NOW).await,
            Sent::Accepted
        );
    }
    let without = notifier(&[OTHER]).send(&target, ID, &body, NOW).await;
    assert_eq!(
        without,
        Sent::Failed {
            why: "HTTP 401".to_owned(),
            retry_after: None
        }
    );
}

#[tokio::test]
async fn an_event_whose_answer_was_lost_is_known_when_it_comes_again() {
    let (receiver, target) = gateway().await;
    let notifier = notifier(&[SECRET]);
    let body = event(ID);
    receiver.hold_answers(true);
    {
        let first = notifier.send(&target, ID, &body, NOW);
        tokio::select! {
            sent = first => panic!("{sent:?} though the answer was held back"),
            events = receiver.wait_for(1) => assert_eq!(events[0].arrivals, 1),
        }
    }
    receiver.hold_answers(false);
    assert_eq!(notifier.send(&target, ID, &body, NOW).await, Sent::Accepted);
    assert_eq!(receiver.events()[0].arrivals, 2);
}

#[tokio::test]
async fn a_gateway_that_fails_and_one_that_wants_no_more_are_told_apart() {
    let (receiver, target) = gateway().await;
    let notifier = notifier(&[SECRET]);
    let body = event(ID);
    receiver.fail_next(1);
    assert!(matches!(
        notifier.send(&target, ID, &body, NOW).await,
        Sent::Failed { .. }
    ));
    receiver.want_no_more(true);
    assert_eq!(notifier.send(&target, ID, &body, NOW).await, Sent::Gone);
    assert!(receiver.events().is_empty());
}
