//! The port against small servers on port 0: whole flows, and everything that can go wrong on the way.

mod asking;
mod faults;
mod finding;
mod opening;
mod sandbox;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::requests::tests::{config, order};
use super::{LookUp, ProfileConfig, Soap, Timeouts};
use crate::app::ports::{Calls, OpenOrder, Opened, Provider};
use crate::domain::case::Way;
use crate::domain::ids::Kassenzeichen;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);

/// What a server was asked: the operation, and the whole request.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, String)>>>);

impl Seen {
    fn operations(&self) -> Vec<String> {
        let seen = self.0.lock().expect("not poisoned");
        seen.iter().map(|(operation, _)| operation.clone()).collect()
    }

    fn body(&self, operation: &str) -> String {
        let seen = self.0.lock().expect("not poisoned");
        let found = seen.iter().find(|(name, _)| name == operation);
        found.map(|(_, body)| body.clone()).unwrap_or_default()
    }

    fn forget(&self) {
        self.0.lock().expect("not poisoned").clear();
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// A server that answers every operation with what the function makes of it; none is silence.
async fn serve(
    answer: impl Fn(&str) -> Option<Response> + Clone + Send + Sync + 'static,
) -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let noted = seen.clone();
    let app = Router::new().fallback(async move |headers: HeaderMap, request: Request| {
        let action = headers["soapaction"].to_str().expect("text").to_owned();
        let operation = action
            .strip_prefix("\"http://www.bff.bund.de/ePayment#")
            .and_then(|rest| rest.strip_suffix('"'))
            .expect("a quoted SOAPAction")
            .to_owned();
        assert_eq!(headers["content-type"], "text/xml; charset=utf-8");
        let body = axum::body::to_bytes(request.into_body(), usize::MAX)
            .await
            .expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        noted
            .0
            .lock()
            .expect("not poisoned")
            .push((operation.clone(), body));
        match answer(&operation) {
            Some(response) => response,
            None => std::future::pending().await,
        }
    });
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, seen)
}

fn soap(address: SocketAddr, timeout: Duration, profile: ProfileConfig) -> Soap {
    let timeouts = Timeouts {
        connect: LONG,
        open: timeout,
        ask: timeout,
    };
    let mut config = config(&format!("http://{address}/soap/servlet/rpcrouter"));
    config.profile = profile;
    Soap::with_timeouts(config, timeouts).expect("good settings")
}

fn looking_up() -> ProfileConfig {
    ProfileConfig {
        look_up: Some(LookUp::LesenTransaktion),
        ..ProfileConfig::default()
    }
}

fn wrapped(operation: &str, inner: &str) -> Response {
    format!(
        "<s:Envelope xmlns:s='x'><s:Body><ep:{operation}Response><r>{inner}</r></ep:{operation}Response></s:Body>\
         </s:Envelope>"
    )
    .into_response()
}

/// An answer with a code, in its flat form; its EPaymentId is `EP-` and the operation.
fn coded(operation: &str, code: &str, rest: &str) -> Response {
    let ok = code.starts_with('+');
    let ergebnis = format!("<EPaymentId>EP-{operation}</EPaymentId><istOk>{ok}</istOk><code>{code}</code>");
    if operation == "isAlive" {
        return wrapped(operation, &ergebnis);
    }
    wrapped(operation, &format!("<ergebnis>{ergebnis}</ergebnis>{rest}"))
}

/// What a server without troubles says.
fn good(operation: &str) -> Response {
    let list = "<betrag>41.50</betrag><kassenzeichen>4200000000061</kassenzeichen>\
                <EShopTransaktionsNr>TX7F3A1</EShopTransaktionsNr>";
    let rest = match operation {
        "lesenKassenzeichenInfo" => {
            "<kassenzeichen>4200000000061</kassenzeichen><EShopKundenNr>k7f3aQ9-one_time_number</EShopKundenNr>\
             <saldo>41.50</saldo><betragHauptforderungen>0.00</betragHauptforderungen><waehrung>EUR</waehrung>\
             <paypageStatus><code>AKTIV</code></paypageStatus>"
                .to_owned()
        }
        "lesenKunde" => {
            "<kunde><EShopKundenNr>k7f3aQ9-one_time_number</EShopKundenNr><status><code>AKTIV</code></status></kunde>"
                .to_owned()
        }
        "leseBankverbindungBewirtschafter" => {
            "<bank><name>Musterbank</name></bank><bankverbindung><kontoinhaber>Stadtkasse</kontoinhaber>\
             <IBAN>DE89370400440532013000</IBAN></bankverbindung>"
                .to_owned()
        }
        "listeUngeleseneZahlungseingaenge" => {
            "<zahlungseingaenge><item><betrag>41.50</betrag><kassenzeichen>4200000000061</kassenzeichen></item>\
             </zahlungseingaenge>"
                .to_owned()
        }
        _ => format!("<buchungsListe>{list}</buchungsListe>"),
    };
    coded(operation, "+0000", &rest)
}

fn no_method(operation: &str) -> Response {
    let fault = format!(
        "<Envelope><Body><Fault><faultcode>s:Client</faultcode><faultstring>{operation} is not a valid method for this \
         service</faultstring></Fault></Body></Envelope>"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, fault).into_response()
}

async fn open(soap: &Soap) -> Opened {
    soap.open(&order(), &Calls::default()).await
}

async fn reopen(soap: &Soap, order: &OpenOrder) -> Opened {
    soap.reopen(order, &Calls::default()).await
}

/// The page of something that is open.
#[track_caller]
fn page(opened: Opened) -> String {
    match opened {
        Opened::Open {
            kassenzeichen: Some(kassenzeichen),
            remote: None,
            way: Way::Paypage(page),
        } => {
            assert_eq!(Some(kassenzeichen), Kassenzeichen::parse("4200000000061").ok());
            page
        }
        other => panic!("open on a page, not {other:?}"),
    }
}

#[track_caller]
fn refused(opened: Opened) -> String {
    match opened {
        Opened::Refused(refusal) => format!("{} {}", refusal.code, refusal.text),
        other => panic!("refused, not {other:?}"),
    }
}
