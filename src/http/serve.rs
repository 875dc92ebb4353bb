//! The accept loop: HTTP/1.1 and HTTP/2 on a listener, until told to stop; then what is in flight is finished.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Who takes longer to send a request's head is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// Serves until `stop` is cancelled, then waits up to `patience` for what is in flight.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, patience: Duration) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)));
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, or a connection that was gone at once: go on after a breath.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        drop(stream.set_nodelay(true));
        let first = Arc::new(Notify::new());
        let (router, asked) = (router.clone(), Arc::clone(&first));
        let service = service_fn(move |request| {
            asked.notify_one();
            router.clone().oneshot(request)
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            tokio::pin!(watched);
            // The time-out for heads begins only once the version is known, and HTTP/2 has none: who has not brought a
            // whole first head by then is cut off here.
            tokio::select! {
                _ = &mut watched => return,
                brought = tokio::time::timeout(HEAD_TIMEOUT, first.notified()) => if brought.is_err() { return },
            }
            // A client that hangs up is no fault of ours.
            drop(watched.await);
        });
    }
    drop(listener);
    if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and are cut");
    }
}
