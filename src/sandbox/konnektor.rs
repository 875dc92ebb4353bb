//! The four operations of the REST Konnektor (v1_0).

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{
    codes::{self, Refusal},
    fault::Fault,
    gate, list,
    payment::Payment,
    server::Connection,
    shared::Shared,
    world::NoAccount,
};

/// The operations below `prefix`, such as `/konnektor`.
pub(super) fn router(prefix: &str) -> Router<Arc<Shared>> {
    let base = format!(
        "{}/epayment/fachverfahren/v1_0/mandanten/{{mandant}}/bewirtschafter/{{bewirtschafter}}",
        prefix.trim_end_matches('/')
    );
    Router::new()
        .route(&format!("{base}/status"), get(status))
        .route(&format!("{base}/zahlverfahren"), get(zahlverfahren))
        .route(&format!("{base}/buchungslisten"), post(create))
        .route(&format!("{base}/kassenzeichen/{{kassenzeichen}}"), get(read))
}

type Place = Path<(String, String)>;
type Answer = Result<Response, Denied>;

async fn status(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    Path((mandant, bewirtschafter)): Place,
) -> Answer {
    shared.book().counts.status += 1;
    enter(&shared, &connection, &mandant, &bewirtschafter).await?;
    Ok(gate::leave(&shared, &[], success(Map::new())).await)
}

async fn zahlverfahren(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    Path((mandant, bewirtschafter)): Place,
) -> Answer {
    shared.book().counts.methods += 1;
    let account = enter(&shared, &connection, &mandant, &bewirtschafter).await?;
    let methods: Vec<Value> = (shared.world.accounts[account].methods.iter())
        .map(|method| {
            json!({
                "zahlverfahrencode": method.code,
                "minimalbetrag": method.min,
                "maximalbetrag": method.max,
                "zvp": !method.zvp.is_empty(),
            })
        })
        .collect();
    let fields = Map::from_iter([("zahlverfahren".to_owned(), methods.into())]);
    Ok(gate::leave(&shared, &[], success(fields)).await)
}

async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    Path((mandant, bewirtschafter)): Place,
    body: Bytes,
) -> Answer {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let faults = arrive(&shared, &body);
    gate::before(&shared, &connection, &faults).await?;
    let account = admit(&shared, &connection, &mandant, &bewirtschafter)?;
    let refuse = |refusal: Refusal| Denied::by(&shared, refusal);
    if let Some(rc) = faults.iter().find_map(Fault::refusal) {
        return Err(Denied::with(&shared, rc, codes::text_of(rc)));
    }
    let list = list::read(&body, &shared.world.accounts[account]).map_err(refuse)?;
    let kassenzeichen = shared.create(account, list, faults.clone()).map_err(refuse)?;
    let has = |fault: &Fault| faults.contains(fault);
    if has(&Fault::NotifyBeforeAnswer)
        && let Ok(sending) = shared.pay(&kassenzeichen, None)
    {
        sending.done_within(shared.delays.patience).await;
    }
    gate::created(&shared, &connection, &faults).await?;
    let paypage = {
        let mut book = shared.book();
        let payment = book
            .payment(&kassenzeichen)
            .map_err(|_| refuse(codes::INTERNAL))?;
        shared.paypage(payment)
    };
    let mut info = json!({ "rechnungUrls": { "PAYPAGE": paypage } });
    let mut fields = Map::new();
    if !has(&Fault::KassenzeichenOnlyInNotify) {
        info["kassenzeichennummer"] = kassenzeichen.as_str().into();
        fields.insert("kassenzeichen".to_owned(), kassenzeichen.as_str().into());
    }
    fields.insert("zahlvorgangsInfo".to_owned(), info);
    Ok(gate::leave(&shared, &faults, success(fields)).await)
}

/// Counts the call, keeps what it brought, and takes what it is to meet.
fn arrive(shared: &Shared, body: &Value) -> Vec<Fault> {
    let number = body.get("transaktionsnummer").and_then(Value::as_str);
    shared.book().arrived(number, body);
    let buchungen = body.get("buchungen").and_then(Value::as_array);
    let texts = (buchungen.into_iter().flatten())
        .filter_map(|buchung| buchung.get("buchungstext"))
        .chain(body.get("beschreibung"))
        .filter_map(Value::as_str);
    gate::draw(shared, list::betrag(body).ok(), texts)
}

async fn read(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    Path((mandant, bewirtschafter, kassenzeichen)): Path<(String, String, String)>,
) -> Answer {
    shared.book().counts.reads += 1;
    let account = enter(&shared, &connection, &mandant, &bewirtschafter).await?;
    let read = match shared.book().payment(&kassenzeichen) {
        Ok(payment) if payment.account == account => Some(read_of(payment)),
        _ => None,
    };
    let Refusal { rc, text } = codes::KASSENZEICHEN;
    let read = read.ok_or_else(|| Denied::Result {
        status: StatusCode::NOT_FOUND,
        rc: rc.to_owned(),
        text,
    })?;
    let fields = Map::from_iter([("kassenzeichen".to_owned(), read)]);
    Ok(gate::leave(&shared, &[], success(fields)).await)
}

/// What a read says of it; a fault takes out what a client would like to have.
fn read_of(payment: &mut Payment) -> Value {
    let mut read = payment.read();
    if payment.has(&Fault::MissingFields) {
        read["zusatzdaten"] = json!({});
    }
    read
}

/// The way into all operations but create: faults of the whole server, then [`admit`].
async fn enter(
    shared: &Shared,
    connection: &Connection,
    mandant: &str,
    bewirtschafter: &str,
) -> Result<usize, Denied> {
    gate::enter(shared, connection).await?;
    admit(shared, connection, mandant, bewirtschafter)
}

/// The account, if it exists and the client certificate is good for it.
fn admit(
    shared: &Shared,
    connection: &Connection,
    mandant: &str,
    bewirtschafter: &str,
) -> Result<usize, Denied> {
    let certificate = connection.certificate.as_ref();
    if shared.tls.is_some() && certificate.is_none() {
        return Err(Denied::Html(StatusCode::UNAUTHORIZED));
    }
    let place = shared.world.find(mandant, bewirtschafter).map_err(|none| {
        let refusal = match none {
            NoAccount::UnknownMandant => codes::MANDANT_UNKNOWN,
            NoAccount::OfAnotherMandant => codes::BEWIRTSCHAFTER_FOREIGN,
            NoAccount::UnknownBewirtschafter => codes::BEWIRTSCHAFTER_UNKNOWN,
        };
        Denied::by(shared, refusal)
    })?;
    let accepted = &shared.world.accounts[place].certificates;
    match certificate {
        Some(certificate) if !accepted.is_empty() && !accepted.contains(certificate) => {
            Err(Denied::Html(StatusCode::FORBIDDEN))
        }
        _ => Ok(place),
    }
}

/// An answer that is no success.
enum Denied {
    /// As a proxy in front of the Konnektor answers.
    Html(StatusCode),
    /// A negative `ergebnis`.
    Result {
        status: StatusCode,
        rc: String,
        text: &'static str,
    },
}

impl Denied {
    fn with(shared: &Shared, rc: &str, text: &'static str) -> Self {
        tracing::debug!(rc, text, "refused");
        let status = if shared.errors_as_4xx {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        Self::Result {
            status,
            rc: rc.to_owned(),
            text,
        }
    }

    fn by(shared: &Shared, Refusal { rc, text }: Refusal) -> Self {
        Self::with(shared, rc, text)
    }
}

impl From<StatusCode> for Denied {
    fn from(status: StatusCode) -> Self {
        Self::Html(status)
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::Html(status) => gate::html(status),
            Self::Result { status, rc, text } => (status, Json(ergebnis(&rc, text))).into_response(),
        }
    }
}

fn ergebnis(rc: &str, text: &str) -> Value {
    json!({ "ergebnis": { "rc": rc, "ergebnistext": text } })
}

fn success(fields: Map<String, Value>) -> Response {
    let mut answer = ergebnis(codes::OK, "ok");
    for (name, value) in fields {
        answer[name] = value;
    }
    Json(answer).into_response()
}
