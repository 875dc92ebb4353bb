//! Accepts connections, plain or over TLS, and closes one without an answer when a fault asks for it.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use data_encoding::HEXLOWER;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{shared::Shared, tls::Tls};

/// How long a connection may take to end after the sandbox was told to stop.
const GRACE: Duration = Duration::from_millis(200);

/// What a handler knows of the connection that its request came over.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection {
    /// Closes the connection without another byte.
    pub(super) cut: CancellationToken,
    /// SHA-256 of the client's certificate in lower-case hex.
    pub(super) certificate: Option<String>,
}

/// Serves until told to stop.
pub(super) async fn serve(listener: TcpListener, tls: Option<Tls>, router: Router, shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    // Such as no more file handles: they come back.
                    tokio::time::sleep(GRACE).await;
                    continue;
                }
            },
            () = stop.cancelled() => return,
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may be delayed");
        }
        let acceptor = tls
            .as_ref()
            .map(|tls| tls.while_in_force(&shared.book().faults.all));
        let acceptor = acceptor.map(TlsAcceptor::from);
        let (router, stop) = (router.clone(), stop.clone());
        shared.tracker.spawn(async move {
            match acceptor {
                None => converse(stream, Connection::default(), router, stop).await,
                Some(acceptor) => secured(stream, &acceptor, router, stop).await,
            }
        });
    }
}

async fn secured(stream: TcpStream, acceptor: &TlsAcceptor, router: Router, stop: CancellationToken) {
    let accepted = tokio::select! {
        accepted = acceptor.accept(stream) => accepted,
        () = stop.cancelled() => return,
    };
    match accepted {
        Ok(stream) => {
            let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let certificate = certificate.map(|der| HEXLOWER.encode(&Sha256::digest(der)));
            converse(
                stream,
                Connection {
                    certificate,
                    ..Connection::default()
                },
                router,
                stop,
            )
            .await;
        }
        Err(error) => tracing::debug!(%error, "no TLS"),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: Connection,
    router: Router,
    stop: CancellationToken,
) {
    let cut = connection.cut.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let conversation = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(conversation);
    tokio::select! {
        // Leaving drops the stream, which closes it.
        () = cut.cancelled() => {}
        ended = conversation.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(error, "a connection broke");
            }
        }
        () = stop.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            let _in_time = tokio::time::timeout(GRACE, conversation).await;
        }
    }
}
