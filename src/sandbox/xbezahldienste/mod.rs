//! The sandbox as a payment service that speaks XBezahldienste 1.0.0, 1.1.0 and 1.2.0, in front of the same
//! payments as the Konnektor.
//!
//! - `port` – how an account is reached, and where its service deviates; `version` – what sets versions apart
//! - `login` – who may call, and the tokens
//! - `schema`, `request`, `requestor` – what is taken; `booking` – what ePayBL is asked
//! - `transaction`, `problem` – what is answered; `availability` – whether the service is there
//!
//! It shares nothing with what the connector itself offers to portals.

mod availability;
mod booking;
mod login;
mod port;
mod problem;
mod request;
mod requestor;
mod schema;
mod transaction;
mod version;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;

pub use self::port::{Flavour, Login, Maintenance, Port, Quirk, TransactionId};
use self::{login::Scope, problem::Problem, transaction::Transaction, version::Version};
pub(super) use self::{
    port::{Ports, ids},
    transaction::Transactions,
};
use super::{Cents, codes, fault::Fault, gate, server::Connection, shared::Shared};

/// Where the versions are mounted.
pub(super) const PATH: &str = "/xbezahldienste";

/// The three versions, each exact, and the token endpoint.
pub(super) fn router() -> Router<Arc<Shared>> {
    let router = Router::new().route(&format!("{PATH}/oauth/token"), post(login::token));
    Version::ALL.into_iter().fold(router, |router, version| {
        let mut operations = Router::new()
            .route("/paymenttransaction/{originator}/{endpoint}", post(create))
            .route("/paymenttransaction/{originator}/{endpoint}/{id}", get(read))
            .route("/status", get(availability::status))
            .route("/status/{originator}/{endpoint}", get(availability::status_of));
        if version == Version::V1_2_0 {
            operations = operations
                .route(
                    "/payment-methods/{originator}/{endpoint}",
                    get(availability::methods),
                )
                .route(
                    "/maintenance/{originator}/{endpoint}",
                    get(availability::maintenance),
                );
        }
        let operations = operations
            .fallback(async || Problem::no_operation().answer(false))
            .layer(Extension(version));
        router.nest(&format!("{PATH}/v{}", version.number()), operations)
    })
}

type Here = (
    State<Arc<Shared>>,
    Extension<Connection>,
    Extension<Version>,
    HeaderMap,
);
type Ids = Path<(String, String)>;

/// What stands in place of an answer.
enum No {
    /// A proxy in front of the service says it.
    Proxy(StatusCode),
    Problem {
        problem: Problem,
        as_json: bool,
    },
}

impl From<StatusCode> for No {
    fn from(status: StatusCode) -> Self {
        Self::Proxy(status)
    }
}

impl From<Problem> for No {
    fn from(problem: Problem) -> Self {
        Self::Problem {
            problem,
            as_json: false,
        }
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        match self {
            Self::Proxy(status) => gate::html(status),
            Self::Problem { problem, as_json } => problem.answer(as_json),
        }
    }
}

/// One call: who is asked, by whom, in which version.
struct Call<'a> {
    shared: &'a Shared,
    connection: &'a Connection,
    headers: &'a HeaderMap,
    version: Version,
    account: usize,
}

impl<'a> Call<'a> {
    /// Finds the account, then asks who calls.
    fn admit(
        here: &'a Here,
        ids: &(String, String),
        scope: Scope,
        not_found: StatusCode,
    ) -> Result<Self, No> {
        let (State(shared), Extension(connection), Extension(version), headers) = here;
        let account = shared.ports.find(&ids.0, &ids.1);
        let account = account.ok_or_else(|| Problem::no_port(not_found, &ids.0, &ids.1))?;
        let call = Self {
            shared,
            connection,
            headers,
            version: *version,
            account,
        };
        let sent = headers.get("x-xbezahldienste-version").map(HeaderValue::as_bytes);
        if *version == Version::V1_2_0 && sent.is_some_and(|sent| sent != version.number().as_bytes()) {
            let detail = "X-XBezahldienste-Version is not the version of this path, 1.2.0";
            return Err(call.no(Problem::validation(detail)));
        }
        login::check(call.shared, call.connection, call.headers, call.account(), scope)
            .map_err(|no| call.no(no))?;
        Ok(call)
    }

    fn account(&self) -> &'a super::Account {
        &self.shared.world.accounts[self.account]
    }

    fn port(&self) -> &'a Port {
        &self.account().xbezahldienste
    }

    fn no(&self, problem: Problem) -> No {
        No::Problem {
            problem,
            as_json: self.port().has(Quirk::PlainProblems),
        }
    }

    /// The whole service may be down.
    fn up(&self) -> Result<(), No> {
        if self.port().is_down(self.shared.now()) {
            return Err(self.no(Problem::unavailable("the payment service is being maintained")));
        }
        Ok(())
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    Extension(version): Extension<Version>,
    headers: HeaderMap,
    Path(ids): Ids,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, No> {
    let (body, unread) = match body.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
        Ok(Ok(body)) => (body, None),
        Ok(Err(_)) => (Value::Null, Some("the body is no JSON")),
        Err(_) => (
            Value::Null,
            Some("the body is too long or was not sent to its end"),
        ),
    };
    let faults = arrive(&shared, &body);
    gate::before(&shared, &connection, &faults).await?;
    let here = (
        State(Arc::clone(&shared)),
        Extension(connection.clone()),
        Extension(version),
        headers,
    );
    let call = Call::admit(&here, &ids, Scope::Post, StatusCode::NOT_FOUND)?;
    let no = |problem: Problem| call.no(problem);
    call.up()?;
    let is_json = |kind: &str| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    };
    let kind = call
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(is_json) {
        return Err(no(Problem::validation(
            "Content-Type is not application-json, written with a slash",
        )));
    }
    if let Some(why) = unread {
        return Err(no(Problem::validation(why)));
    }
    let port = call.port();
    if port.has(Quirk::NoNulls)
        && let Some(place) = schema::first_null(&body, "")
    {
        return Err(no(Problem::validation(&format!("{place} is null, leave it out"))));
    }
    let any_purpose = port.has(Quirk::UpperCasePurpose);
    let request = request::read(&body, version, any_purpose).map_err(no)?;
    if port.has(Quirk::NoEmptyBookingData) && has_empty_booking_data(&body) {
        return Err(no(Problem::validation("bookingData is empty, leave it out")));
    }
    if let Some(rc) = faults.iter().find_map(Fault::refusal) {
        return Err(no(Problem::refused(rc, codes::text_of(rc), &request.request_id)));
    }
    let list = booking::list(&shared, call.account(), &request).map_err(no)?;
    let mut of_payment = faults.clone();
    if any_purpose && request.purpose.as_deref().is_some_and(booking::is_fatal) {
        of_payment.push(Fault::PaymentFails);
    }
    let kassenzeichen = (shared.create(call.account, list, of_payment))
        .map_err(|refusal| no(Problem::of(refusal, &request.request_id)))?;
    let id = match port.transaction_id {
        TransactionId::Own => shared.ids.next(),
        TransactionId::RequestId => request.request_id.clone(),
        TransactionId::Kassenzeichen => kassenzeichen.clone(),
    };
    {
        let mut book = shared.book();
        if let Ok(place) = book.place(&kassenzeichen) {
            let echo = schema::without_nulls(&body);
            let transaction = Transaction::of(&book.payments[place], place, id.clone(), version, echo);
            book.transactions
                .add(call.account, transaction, port.hidden_reads);
        }
    }
    if faults.contains(&Fault::NotifyBeforeAnswer)
        && let Ok(sending) = shared.pay(&kassenzeichen, None)
    {
        sending.done_within(shared.delays.patience).await;
    }
    gate::created(&shared, &connection, &faults).await?;
    let told = told(&call, &id).ok_or_else(|| no(Problem::no_transaction()))?;
    let status = if port.has(Quirk::Created) {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(gate::leave(&shared, &faults, json_answer(status, &told)).await)
}

/// Counts the call, keeps what it brought, and takes what it is to meet.
fn arrive(shared: &Shared, body: &Value) -> Vec<Fault> {
    shared
        .book()
        .arrived(body.get("requestId").and_then(Value::as_str), body);
    let total = Version::ALL.iter().find_map(|version| body.get(version.total()));
    let betrag = total.and_then(|total| Cents::from_json(total).ok());
    let items = body.get("items").and_then(Value::as_array);
    let texts = (items.into_iter().flatten())
        .filter_map(|item| item.get("description"))
        .chain(body.get("description"))
        .chain(body.get("purpose"))
        .filter_map(Value::as_str);
    gate::draw(shared, betrag, texts)
}

fn has_empty_booking_data(body: &Value) -> bool {
    let items = body.get("items").and_then(Value::as_array);
    (items.into_iter().flatten())
        .filter_map(|item| item.get("bookingData")?.as_object())
        .any(serde_json::Map::is_empty)
}

/// What is said of a transaction, if it is there.
fn told(call: &Call<'_>, id: &str) -> Option<Value> {
    let mut book = call.shared.book();
    let book = &mut *book;
    let transaction = book.transactions.find(call.account, id)?;
    let payment = book.payments.get_mut(transaction.place)?;
    Some(transaction::write(
        call.shared,
        call.account(),
        transaction,
        payment,
        call.version,
    ))
}

async fn read(
    State(shared): State<Arc<Shared>>,
    connection: Extension<Connection>,
    version: Extension<Version>,
    headers: HeaderMap,
    Path((originator, endpoint, id)): Path<(String, String, String)>,
) -> Result<Response, No> {
    shared.book().counts.reads += 1;
    gate::enter(&shared, &connection).await?;
    let here = (State(Arc::clone(&shared)), connection, version, headers);
    let call = Call::admit(&here, &(originator, endpoint), Scope::Read, StatusCode::NOT_FOUND)?;
    let hidden = {
        let mut book = shared.book();
        let transaction = book.transactions.find(call.account, &id);
        transaction.is_some_and(|transaction| {
            let hidden = transaction.hidden_reads > 0;
            transaction.hidden_reads = transaction.hidden_reads.saturating_sub(1);
            hidden
        })
    };
    let told = if hidden { None } else { told(&call, &id) };
    let told = told.ok_or_else(|| call.no(Problem::no_transaction()))?;
    Ok(gate::leave(&shared, &[], json_answer(StatusCode::OK, &told)).await)
}
