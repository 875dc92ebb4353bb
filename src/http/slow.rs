//! Bodies that do not come: who announces one and sends it slowly, or not at all, is cut off, so that it holds no place
//! for ever. Files that are uploaded have their time by their size. (Heads have their time-out in `serve`.)

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::api::{LIST_UPLOAD, UPLOAD};
use super::problem::{Kind, Problem};

/// How long a whole body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// How much of an uploaded file must come in a second; each such part brings a second more.
const UPLOAD_RATE: u64 = 64 * 1024;

/// Gives each body its time. Whatever the endpoint made of one that was late, the answer says that it was.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let uploads = request.extensions().get::<MatchedPath>();
    let upload = request.method() == Method::POST
        && uploads.is_some_and(|path| [UPLOAD, LIST_UPLOAD].contains(&path.as_str()));
    let timed = |body| {
        Body::new(InTime {
            body,
            until: Box::pin(tokio::time::sleep(BODY_TIMEOUT)),
            upload,
            brought: 0,
            late: Arc::clone(&late),
        })
    };
    let response = next.run(request.map(timed)).await;
    if !late.load(Ordering::Relaxed) {
        return response;
    }
    let why = if upload {
        "the file did not come at 64 KiB a second; nothing of it was taken"
    } else {
        "the body did not come within 20 s"
    };
    let problem = Problem::new(Kind::TooSlow, why);
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, problem).into_response()
}

/// Never more in advance than any body has: who sends fast and then nothing is cut off too.
#[expect(
    clippy::disallowed_methods,
    reason = "a deadline that moves with what has come"
)]
fn latest() -> Instant {
    Instant::now() + BODY_TIMEOUT
}

/// A body that fails when its time is over.
struct InTime {
    body: Body,
    until: Pin<Box<Sleep>>,
    upload: bool,
    /// Bytes that have not brought a second yet.
    brought: u64,
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
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let (true, Poll::Ready(Some(Ok(frame)))) = (self.upload, &frame) {
            self.brought += frame.data_ref().map_or(0, |data| data.len() as u64);
            let more = Duration::from_secs(self.brought / UPLOAD_RATE);
            self.brought %= UPLOAD_RATE;
            let until = (self.until.deadline() + more).min(latest());
            self.until.as_mut().reset(until);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
