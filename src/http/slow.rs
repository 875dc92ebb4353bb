//! Bodies that do not come: who announces one and sends it slowly, or not at all, is cut off, so that it holds no place
//! for ever. (Heads have their time-out in `serve`.)

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;

use super::problem::{Kind, Problem};

/// How long a whole body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Gives each body its time. Whatever the endpoint made of one that was late, the answer says that it was.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let timed = |body| {
        Body::new(InTime {
            body,
            until: Box::pin(tokio::time::sleep(BODY_TIMEOUT)),
            late: Arc::clone(&late),
        })
    };
    let response = next.run(request.map(timed)).await;
    if !late.load(Ordering::Relaxed) {
        return response;
    }
    let problem = Problem::new(Kind::TooSlow, "the body did not come within 20 s");
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, problem).into_response()
}

/// A body that fails when its time is over.
struct InTime {
    body: Body,
    until: Pin<Box<Sleep>>,
    late: Arc<AtomicBool>,
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.until.as_mut().poll(context).is_ready() {
            self.late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("the body is late"))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
