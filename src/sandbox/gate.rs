//! What a call meets of the faults in force, the same for every face of the sandbox: before its work, and
//! after it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use hyper::body::Frame;

use super::{Cents, fault::Fault, server::Connection, shared::Shared};

/// No answer of the sandbox is longer.
const LONGEST: usize = 4 << 20;

/// What the create call that has just arrived meets, by its amount and its texts among others. Call it once
/// for each.
pub(super) fn draw<'a>(
    shared: &Shared,
    betrag: Option<Cents>,
    texts: impl IntoIterator<Item = &'a str>,
) -> Vec<Fault> {
    let by_amount = betrag.filter(|_| shared.magic_cents).and_then(Fault::magic);
    let mut by_call = Vec::from_iter(by_amount);
    if shared.magic_texts {
        by_call.extend(Fault::of_texts(texts));
    }
    shared.book().faults.draw(by_call)
}

/// What stands in place of an answer, as a proxy in front of the service would say it. Comes late or never
/// where the faults of the whole server say so.
pub(super) async fn enter(shared: &Shared, connection: &Connection) -> Result<(), StatusCode> {
    let faults = shared.book().faults.all.clone();
    if faults.contains(&Fault::Slow) {
        tokio::time::sleep(shared.delays.slow).await;
    }
    before(shared, connection, &faults).await
}

/// What comes before the work of a create call.
pub(super) async fn before(
    shared: &Shared,
    connection: &Connection,
    faults: &[Fault],
) -> Result<(), StatusCode> {
    if faults.contains(&Fault::Silent) {
        silence(shared, connection).await;
    }
    match faults.iter().find_map(Fault::http_status) {
        Some(code) => Err(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
        None => Ok(()),
    }
}

/// What comes between a payment that was created and the answer that says so.
pub(super) async fn created(
    shared: &Shared,
    connection: &Connection,
    faults: &[Fault],
) -> Result<(), StatusCode> {
    if faults.contains(&Fault::Slow) {
        tokio::time::sleep(shared.delays.slow).await;
    }
    if faults.contains(&Fault::SilentAfterCreate) {
        silence(shared, connection).await;
    }
    if faults.contains(&Fault::DropAfterCreate) {
        cut(connection).await;
    }
    if faults.contains(&Fault::ErrorAfterCreate) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(())
}

/// Says nothing for so long, then closes the connection. A client that leaves earlier ends this call too.
async fn silence(shared: &Shared, connection: &Connection) {
    tokio::time::sleep(shared.delays.silence).await;
    cut(connection).await;
}

/// The server closes the connection, and this call with it.
async fn cut(connection: &Connection) {
    connection.cut.cancel();
    std::future::pending::<()>().await;
}

/// The page of a proxy.
pub(super) fn html(status: StatusCode) -> Response {
    let page = format!("<!DOCTYPE html><title>{status}</title><h1>{status}</h1>\n");
    (status, Html(page)).into_response()
}

/// The answer as it leaves: cut short if a fault of the call or of the whole server asks for it.
pub(super) async fn leave(shared: &Shared, faults: &[Fault], answer: Response) -> Response {
    let cut = faults.contains(&Fault::Truncated) || shared.book().faults.all.contains(&Fault::Truncated);
    if cut { truncated(answer).await } else { answer }
}

async fn truncated(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return html(StatusCode::INTERNAL_SERVER_ERROR);
    };
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    Response::from_parts(parts, Body::new(Half::Bytes(bytes.slice(..bytes.len() / 2))))
}

/// A body that does not say how long it is: hyper believes the header, and closes the connection when the
/// bytes run out. Between the bytes and the end it waits once, so that the bytes have left by then.
#[derive(Debug)]
enum Half {
    Bytes(Bytes),
    Waiting,
    Over,
}

impl HttpBody for Half {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match std::mem::replace(&mut *self, Self::Over) {
            Self::Bytes(bytes) => {
                *self = Self::Waiting;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Waiting => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Over => Poll::Ready(None),
        }
    }
}
