//! Stories of the stand-in, over plain sockets: signed by the reference library, sent by nobody else's client.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: i64 = 1_772_362_800;
const BODY: &str =
    r#"{"specversion":"1.0","id":"a","source":"/x","type":"de.epaybl_connector.case.paid.v1","subject":"s"}"#;

async fn receiver(clock: Option<SecondsClock>) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Receiver::start_with(listener, SECRET, clock).expect("a receiver")
}

/// One request, the connection closed after it; the status and everything that follows.
async fn exchange(receiver: &Receiver, request: String) -> (u16, String) {
    let mut stream = TcpStream::connect(receiver.address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let status = answer[9..12].parse().expect("a status");
    (status, answer)
}

async fn get(receiver: &Receiver, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    exchange(receiver, request).await
}

async fn post(receiver: &Receiver, id: &str, timestamp: i64, signature: &str) -> u16 {
    let length = BODY.len();
    let request = format!(
        "POST /events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\nwebhook-id: {id}\r\n\
         webhook-timestamp: {timestamp}\r\nwebhook-signature: {signature}\r\n\r\n{BODY}"
    );
    exchange(receiver, request).await.0
}

fn signed(id: &str, timestamp: i64) -> String {
    standardwebhooks::Webhook::new(SECRET)
        .and_then(|webhook| webhook.sign(id, timestamp, BODY.as_bytes()))
        .expect("signed")
}

async fn good(receiver: &Receiver, id: &str) -> u16 {
    post(receiver, id, NOW, &signed(id, NOW)).await
}

#[tokio::test]
async fn an_event_that_comes_twice_is_kept_once() {
    let receiver = receiver(None).await;
    assert_eq!(good(&receiver, "a").await, 204);
    assert_eq!(good(&receiver, "b").await, 204);
    assert_eq!(good(&receiver, "a").await, 204);
    let events = receiver.wait_for(2).await;
    assert_eq!(events[0].id, "a");
    assert_eq!(events[0].arrivals, 2);
    assert_eq!(events[0].kind, "de.epaybl_connector.case.paid.v1");
    assert_eq!(events[1].id, "b");
    let order: Vec<String> = receiver
        .arrivals()
        .into_iter()
        .map(|arrival| arrival.id)
        .collect();
    assert_eq!(order, ["a", "b", "a"]);
    receiver.shutdown().await;
}

#[tokio::test]
async fn what_is_not_signed_for_these_bytes_is_not_believed() {
    let receiver = receiver(None).await;
    let good = signed("a", NOW);
    for (id, timestamp, signature) in [
        ("b", NOW, good.as_str()),
        ("a", NOW + 1, good.as_str()),
        ("a", NOW, "v1,AAAA"),
        ("a", NOW, &good["v1,".len()..]),
        ("a", NOW, "v1a,AAAA"),
    ] {
        assert_eq!(post(&receiver, id, timestamp, signature).await, 401);
    }
    assert_eq!(post(&receiver, "a", NOW, "").await, 400);
    assert!(receiver.events().is_empty());
    assert_eq!(
        post(&receiver, "a", NOW, &format!("v1a,AAAA v1,AAAA {good}")).await,
        204
    );
}

#[tokio::test]
async fn an_old_event_is_refused_where_there_is_a_clock() {
    let receiver = receiver(Some(Arc::new(|| NOW))).await;
    for (timestamp, expected) in [
        (NOW - 301, 400),
        (NOW + 301, 400),
        (NOW - 300, 204),
        (i64::MIN, 400),
    ] {
        assert_eq!(
            post(&receiver, "a", timestamp, &signed("a", timestamp)).await,
            expected
        );
    }
}

#[tokio::test]
async fn a_gateway_can_be_difficult() {
    let receiver = receiver(None).await;
    receiver.fail_next(2);
    assert_eq!(good(&receiver, "a").await, 500);
    assert_eq!(good(&receiver, "a").await, 500);
    assert!(receiver.events().is_empty());
    receiver.want_no_more(true);
    assert_eq!(good(&receiver, "a").await, 410);
    receiver.want_no_more(false);
    receiver.hold_answers(true);
    let (status, ()) = tokio::join!(good(&receiver, "a"), async {
        assert_eq!(receiver.wait_for_arrivals(4).await[3].status, 204);
        receiver.hold_answers(false);
    });
    assert_eq!(status, 204);
    assert_eq!(receiver.events().len(), 1);
}

#[tokio::test]
async fn people_get_a_page_and_machines_get_json() {
    let receiver = receiver(None).await;
    assert_eq!(good(&receiver, "a").await, 204);
    let (status, page) = get(&receiver, "/").await;
    assert_eq!(status, 200);
    assert!(page.contains("content-security-policy: default-src 'none'"));
    assert!(page.contains("Vorgang bezahlt"));
    let (_, answer) = get(&receiver, "/events").await;
    let (_, json) = answer.split_once("\r\n\r\n").expect("a body");
    let events: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(events[0]["id"], "a");
    assert_eq!(events[0]["arrivals"], 1);
}

#[tokio::test]
async fn a_receiver_that_is_shut_down_no_longer_listens() {
    let receiver = receiver(None).await;
    let address = receiver.address;
    receiver.hold_answers(true);
    receiver.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_secret_that_is_none_does_not_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    assert!(matches!(
        Receiver::start(listener, "geheim"),
        Err(ReceiverError::Secret)
    ));
}
