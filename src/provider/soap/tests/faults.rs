//! The wire's own troubles, at the creating call and elsewhere: silence, broken lines, junk, wrong encodings, endless
//! answers, redirects.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header;
use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::requests::tests::question;
use super::*;
use crate::app::ports::Answer;

const CREATE: &str = "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP";

/// What becomes of an order whose creating call is answered like this, without and with a way to find out.
async fn created(
    answer: impl Fn() -> Option<Response> + Clone + Send + Sync + 'static,
    patience: Duration,
) -> Opened {
    let both = answer.clone();
    let (address, seen) = serve(move |operation| {
        if operation == CREATE {
            both()
        } else {
            Some(good(operation))
        }
    })
    .await;
    let opened = open(&soap(address, patience, looking_up())).await;
    let created = seen.operations();
    let created = created.iter().filter(|operation| operation.as_str() == CREATE);
    assert_eq!(created.count(), 1, "it is sent once");
    opened
}

#[tokio::test]
async fn where_nobody_listens_nothing_can_exist() {
    let (listener, address) = listen().await;
    drop(listener);
    let service = soap(address, LONG, ProfileConfig::default());
    let text = refused(open(&service).await);
    assert!(text.starts_with("unreachable"), "{text}");
    assert!(matches!(
        service.ask(&question(), &Calls::default()).await,
        Answer::None(_)
    ));
}

#[tokio::test]
async fn silence_before_the_creating_call_is_a_refusal_and_after_it_is_unclear() {
    // Long enough that the request arrives also where the machine is busy.
    let patience = Duration::from_secs(1);
    let (address, seen) = serve(|_| None).await;
    let text = refused(open(&soap(address, patience, looking_up())).await);
    assert!(text.starts_with("no-answer"), "{text}");
    assert_eq!(seen.operations(), ["isAlive"]);
    assert!(matches!(created(|| None, patience).await, Opened::Unclear(_)));
    let (address, _) = serve(|operation| (operation != CREATE).then(|| good(operation))).await;
    let opened = open(&soap(address, patience, ProfileConfig::default())).await;
    assert!(matches!(opened, Opened::Unknowable(_)), "{opened:?}");
}

#[tokio::test]
async fn a_line_that_breaks_leaves_it_unclear() {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut some = [0; 16];
            stream.read_exact(&mut some).await.expect("a request");
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n<Envelope>")
                .await
                .expect("written");
        }
    });
    let profile = ProfileConfig {
        check_alive: Some(false),
        ..looking_up()
    };
    // The Kunde's call breaks too, and nothing was created by it.
    assert!(refused(open(&soap(address, LONG, profile)).await).starts_with("no-answer"));
    let broken = soap(address, LONG, ProfileConfig::default())
        .ask(&question(), &Calls::default())
        .await;
    assert!(matches!(broken, Answer::None(_)));
    let full = || {
        let mut parts = vec![Err(std::io::Error::other("cut")), Ok(b"<Envelope>".to_vec())];
        Some(Response::new(Body::new(Parts(move || parts.pop()))))
    };
    assert!(matches!(created(full, LONG).await, Opened::Unclear(_)));
}

/// A body that is made while it is sent.
struct Parts<F>(F);

impl<F: FnMut() -> Option<std::io::Result<Vec<u8>>> + Unpin> hyper::body::Body for Parts<F> {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        let next = (self.0)();
        Poll::Ready(next.map(|part| part.map(|bytes| Frame::data(bytes.into()))))
    }
}

#[tokio::test]
async fn what_is_no_answer_leaves_it_unclear() {
    let latin = || {
        let text =
            "<?xml version='1.0' encoding='UTF-8'?><Envelope><Body><r><x>Gebühr</x></r></Body></Envelope>";
        let bytes: Vec<u8> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
            .collect();
        Some(bytes.into_response())
    };
    assert_eq!(
        created(latin, LONG).await,
        Opened::Unclear("the answer is not in UTF-8, the encoding that it names".into())
    );
    for (status, body) in [
        (200, "<html>Wartungsarbeiten</html>"),
        (200, ""),
        (200, "<Envelope><Body><r><x><istOk>true</istOk></x></r></Body>"),
        (
            200,
            "<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope><Body>&b;</Body></Envelope>",
        ),
        (
            500,
            "<Envelope><Body><Fault><faultcode>Server</faultcode></Fault></Body></Envelope>",
        ),
        (502, "bad gateway"),
        (409, ""),
    ] {
        let answer = move || Some((StatusCode::from_u16(status).expect("a status"), body).into_response());
        let opened = created(answer, LONG).await;
        assert!(
            matches!(opened, Opened::Unclear(_)),
            "{status} {body}: {opened:?}"
        );
    }
}

#[tokio::test]
async fn junk_around_a_good_answer_does_not_hurt() {
    let (address, _) = serve(|operation| {
        let body = format!(
            "\r\n--part\r\nContent-Type: text/xml; charset=ISO-8859-1\r\nContent-ID: <a@b>\r\n\r\n<?xml version=\"1.0\"?>\
             <Envelope><Body><{operation}Response><r><ergebnis><istOk>1</istOk></ergebnis><istOk>1</istOk>\
             <buchungsListe><kassenzeichen>4200000000061</kassenzeichen></buchungsListe></r></{operation}Response></Body>\
             </Envelope>\r\n--part--"
        );
        Some(([(header::CONTENT_TYPE, "multipart/related")], body).into_response())
    })
    .await;
    page(open(&soap(address, LONG, ProfileConfig::default())).await);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = || {
        // 100 MB, of which hardly more than one is taken.
        let mut left = 100;
        let parts = Parts(move || {
            left -= 1;
            (left >= 0).then(|| Ok(vec![b' '; 1_000_000]))
        });
        Some(Response::new(Body::new(parts)))
    };
    assert_eq!(
        created(endless, LONG).await,
        Opened::Unclear("the answer is longer than 1 MiB".into())
    );
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (elsewhere, seen) = serve(|operation| Some(good(operation))).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = move || {
            let to = format!("http://{elsewhere}/");
            Some(
                (
                    StatusCode::from_u16(status).expect("a status"),
                    [(header::LOCATION, to)],
                )
                    .into_response(),
            )
        };
        assert!(
            matches!(created(answer, LONG).await, Opened::Unclear(_)),
            "{status}"
        );
    }
    assert!(seen.operations().is_empty());
}

#[tokio::test]
async fn every_call_has_a_connection_of_its_own_unless_told_otherwise() {
    let (listener, address) = listen().await;
    let (told, mut accepted) = tokio::sync::mpsc::unbounded_channel();
    let app = Router::new().fallback(async |headers: HeaderMap| {
        let action = headers["soapaction"].to_str().expect("text").to_owned();
        let operation = action
            .trim_matches('"')
            .rsplit('#')
            .next()
            .unwrap_or_default()
            .to_owned();
        good(&operation)
    });
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                break;
            };
            told.send(()).expect("heard");
            let service = hyper_util::service::TowerToHyperService::new(app.clone());
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    for (kept, expected) in [(0, 4), (60, 1)] {
        let mut config = config(&format!("http://{address}/"));
        assert_eq!(config.keep_alive_seconds, 0);
        config.keep_alive_seconds = kept;
        page(open(&Soap::new(config).expect("good settings")).await);
        let mut connections = 0;
        while accepted.try_recv().is_ok() {
            connections += 1;
        }
        assert_eq!(connections, expected);
    }
}
