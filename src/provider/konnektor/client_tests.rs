//! The client against small servers on port 0: answers, silence, broken lines, redirects.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::wire::tests::{config, order};
use super::*;
use crate::domain::case::Way;
use crate::domain::told::Page;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

/// What a server was asked: `METHOD path` and the body.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// A server that answers every request with what the function makes of `METHOD path`.
async fn serve(answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let app = Router::new().fallback(async move |request: Request| {
        let line = format!("{} {}", request.method(), request.uri().path());
        let body: Bytes = axum::body::to_bytes(request.into_body(), usize::MAX)
            .await
            .expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        let response = answer(&line);
        noted.lock().expect("not poisoned").push((line, body));
        response
    });
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, seen)
}

/// A server that treats every connection by hand.
async fn raw<F>(treat: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(treat(stream));
        }
    });
    address
}

fn konnektor(address: SocketAddr, timeout: Duration) -> Konnektor {
    let timeouts = Timeouts {
        connect: LONG,
        open: timeout,
        ask: timeout,
    };
    Konnektor::with_timeouts(config(&format!("http://{address}/konnektor/")), timeouts)
        .expect("good settings")
}

async fn ask(konnektor: &Konnektor) -> Answer {
    let order = order();
    let kassenzeichen = Kassenzeichen::parse("4200000000061").expect("a Kassenzeichen");
    let question = Question {
        mandant: order.mandant,
        bewirtschafter: order.bewirtschafter,
        nummer: order.nummer,
        kundennummer: order.kundennummer,
        kassenzeichen: Some(kassenzeichen),
        remote: None,
        total: order.total,
    };
    konnektor.ask(&question, &Calls::default()).await
}

const AT: &str = "/konnektor/epayment/fachverfahren/v1_0/mandanten/TH000001/bewirtschafter/BW100001";

#[tokio::test]
async fn a_payment_is_opened_and_asked_for() {
    let (address, seen) = serve(|line| {
        let rest = line.split(AT).nth(1).unwrap_or_default();
        match rest {
            "/buchungslisten" => r#"{"ergebnis":{"rc":"+0000"},"zahlvorgangsInfo":{"kassenzeichen":"4200000000061",
                "rechnungUrls":{"PAYPAGE":"https://pay.example/p/1"}}}"#,
            "/kassenzeichen/4200000000061" => r#"{"ergebnis":{"rc":"+0000"},"kassenzeichen":{
                "kassenzeichennummer":"4200000000061","zusatzdaten":{"paypagestatus":"AKTIV","saldo":41.50}}}"#,
            "/status" => r#"{"ergebnis":{"rc":"+0000","ergebnistext":"ok"}}"#,
            "/zahlverfahren" => r#"{"ergebnis":{"rc":"+0000"},"zahlverfahren":[{"zahlverfahrencode":"PAYPAL"}]}"#,
            _ => "",
        }
        .into_response()
    })
    .await;
    let konnektor = konnektor(address, LONG);
    let order = order();
    let Opened::Open {
        kassenzeichen,
        way: Way::Paypage(paypage),
        ..
    } = konnektor.open(&order, &Calls::default()).await
    else {
        panic!("it is open");
    };
    assert_eq!(
        kassenzeichen.as_ref().map(Kassenzeichen::as_str),
        Some("4200000000061")
    );
    assert_eq!(paypage, "https://pay.example/p/1");
    let Answer::Told(told) = ask(&konnektor).await else {
        panic!("it is known");
    };
    assert_eq!((told.page, told.saldo), (Page::Active, Some(order.total)));
    assert_eq!(
        konnektor.alive(&order.mandant, &order.bewirtschafter).await,
        Ok(())
    );
    let methods = konnektor.methods(&order.mandant, &order.bewirtschafter).await;
    assert_eq!(methods.expect("a list")[0].code.as_str(), "PAYPAL");

    let seen = seen.lock().expect("not poisoned");
    assert_eq!(seen[0].0, format!("POST {AT}/buchungslisten"));
    let sent: serde_json::Value = serde_json::from_str(&seen[0].1).expect("JSON");
    assert_eq!(sent["transaktionsnummer"], "TX7F3A1");
    assert!(seen[0].1.ends_with(r#""betrag":41.50}"#));
    assert_eq!(seen[1].0, format!("GET {AT}/kassenzeichen/4200000000061"));
}

#[tokio::test]
async fn where_nobody_listens_nothing_can_exist() {
    let (listener, address) = listen().await;
    drop(listener);
    let konnektor = konnektor(address, LONG);
    let Opened::Refused(refusal) = konnektor.open(&order(), &Calls::default()).await else {
        panic!("nothing was sent");
    };
    assert_eq!(
        (refusal.fault, refusal.code.as_str()),
        (Fault::Configuration, "unreachable")
    );
    assert!(!refusal.text.contains("TH000001"), "{}", refusal.text);
    assert!(matches!(ask(&konnektor).await, Answer::None(_)));
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_unclear() {
    let address = raw(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let konnektor = konnektor(address, SHORT);
    assert!(matches!(
        konnektor.open(&order(), &Calls::default()).await,
        Opened::Unclear(_)
    ));
    assert!(matches!(ask(&konnektor).await, Answer::None(_)));
    let order = order();
    let refusal = konnektor.alive(&order.mandant, &order.bewirtschafter).await;
    assert_eq!(refusal.expect_err("silence").code, "no-answer");
}

#[tokio::test]
async fn a_line_that_breaks_after_sending_leaves_it_unclear() {
    let full = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"ergebnis\":{\"rc\":\"-0506\"}}";
    for said in ["", "HTTP/1.1 200", full, "220 smtp ready\r\n"] {
        let address = raw(move |mut stream| async move {
            let mut some = [0; 16];
            stream.read_exact(&mut some).await.expect("a request");
            stream.write_all(said.as_bytes()).await.expect("written");
        })
        .await;
        let opened = konnektor(address, LONG).open(&order(), &Calls::default()).await;
        assert!(matches!(opened, Opened::Unclear(_)), "{said:?}: {opened:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let (address, _) = serve(|_| vec![b' '; http::LONGEST_ANSWER + 1].into_response()).await;
    let opened = konnektor(address, LONG).open(&order(), &Calls::default()).await;
    assert_eq!(opened, Opened::Unclear("the answer is longer than 1 MiB".into()));
}

#[tokio::test]
async fn opening_follows_no_redirect_and_asking_follows_on_the_same_server_only() {
    let (elsewhere, seen_elsewhere) = serve(|_| "{}".into_response()).await;
    let (address, seen) = serve(move |line| {
        let to = match line {
            "GET /there" => return StatusCode::NOT_FOUND.into_response(),
            line if line.ends_with("/status") => format!("http://{elsewhere}/status"),
            line if line.ends_with("/zahlverfahren") => line.trim_start_matches("GET ").to_owned(),
            _ => "/there".to_owned(),
        };
        (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
    })
    .await;
    let konnektor = konnektor(address, LONG);
    let order = order();
    assert_eq!(
        konnektor.open(&order, &Calls::default()).await,
        Opened::Unclear("HTTP 307".into())
    );
    assert_eq!(seen.lock().expect("not poisoned").len(), 1);
    assert_eq!(ask(&konnektor).await, Answer::Unknown);
    let alive = konnektor.alive(&order.mandant, &order.bewirtschafter).await;
    assert_eq!(alive.expect_err("not followed").text, "HTTP 307");
    assert!(seen_elsewhere.lock().expect("not poisoned").is_empty());
    let methods = konnektor.methods(&order.mandant, &order.bewirtschafter).await;
    assert!(methods.expect_err("a circle").text.contains("too many redirects"));
}

#[tokio::test]
async fn sums_that_differ_are_not_sent() {
    let (address, seen) = serve(|_| "{}".into_response()).await;
    let mut order = order();
    order.total = Cents::new(4151);
    let Opened::Refused(refusal) = konnektor(address, LONG).open(&order, &Calls::default()).await else {
        panic!("nothing was sent");
    };
    assert!(refusal.text.contains("41.51") && refusal.text.contains("41.50"));
    assert!(seen.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn without_a_secret_it_runs_only_where_that_is_allowed_and_no_real_money_moves() {
    let mut config = config("http://127.0.0.1:1/konnektor");
    config.callback.secrets.clear();
    let error = Konnektor::new(config.clone()).expect_err("no secret");
    assert!(error.to_string().starts_with("callback.secrets is empty"));
    config.allow_without_secret = true;
    let konnektor = Konnektor::new(config).expect("allowed");
    assert_eq!(konnektor.open_seconds(), 21);
    assert_eq!(konnektor.default_zvp(), "epaybl");
    assert_eq!(konnektor.proof(), ProofTable::Konnektor);
}
