//! HTTP as every kind of provider speaks it: our settings of a client, one request with a bounded answer, and how far a
//! call came that brought none. Nothing is tried again here, since only the use cases know what may be repeated.

use std::error::Error as _;
use std::time::Duration;

use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, RequestBuilder, header};
use rustls::AlertDescription;
use url::Url;

use super::tls::{TlsError, TlsFiles};
use crate::app::ports::{Fault, Refusal};

/// The longest answer that is read.
pub const LONGEST_ANSWER: usize = 1024 * 1024;

/// The most redirects that a question follows; opening a payment follows none.
const MOST_REDIRECTS: usize = 5;

/// Why no HTTP client can be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Certificates or keys.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP client.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To make a connection.
    pub connect: Duration,
    /// To open a payment, with all the calls that it needs.
    pub open: Duration,
    /// Any other call, with everything.
    pub ask: Duration,
}

/// How a provider is connected to.
#[derive(Debug, Clone)]
pub struct Connections {
    /// Who we are, and whom we trust.
    pub tls: TlsFiles,
    /// Whether anything there is encrypted: without it no roots are needed.
    pub https: bool,
    /// An HTTP proxy; those that the environment names are not used.
    pub proxy: Option<Url>,
    /// How long a connection may take to be made, TLS included.
    pub connect: Duration,
    /// How long an idle connection is kept; zero is a connection per call.
    pub keep_alive: Duration,
}

impl Connections {
    /// An HTTP client: HTTP/1.1, our TLS, no proxy but the configured one.
    ///
    /// # Errors
    /// [`HttpError`] names the setting or the file that is wrong.
    pub fn client(&self, redirects: Policy) -> Result<Client, HttpError> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls.client_config(self.https)?)
            .http1_only()
            .no_proxy()
            .redirect(redirects)
            .referer(false)
            .connect_timeout(self.connect)
            .pool_idle_timeout(self.keep_alive)
            .user_agent(concat!("epaybl-connector/", env!("CARGO_PKG_VERSION")));
        if self.keep_alive.is_zero() {
            builder = builder.pool_max_idle_per_host(0);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str())?);
        }
        Ok(builder.build()?)
    }
}

/// Follows redirects on the same server only, as a question may: our certificate is meant for no other.
pub fn same_origin() -> Policy {
    Policy::custom(|attempt: Attempt<'_>| -> Action {
        let same = attempt
            .previous()
            .first()
            .is_some_and(|first| first.origin() == attempt.url().origin());
        if !same {
            attempt.stop()
        } else if attempt.previous().len() > MOST_REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// An answer as it came.
#[derive(Debug)]
pub struct Raw {
    /// The HTTP status.
    pub status: u16,
    /// The content type, where there is a readable one; it may name the character set.
    pub content_type: Option<String>,
    /// The body, byte for byte, up to the limit of the call.
    pub body: Vec<u8>,
}

/// Sends one request and reads its answer up to the limit.
///
/// # Errors
/// How far it came.
pub async fn call(request: RequestBuilder) -> Result<Raw, Failure> {
    call_up_to(request, LONGEST_ANSWER).await
}

/// The same with another limit, in bytes.
///
/// # Errors
/// How far it came.
pub async fn call_up_to(request: RequestBuilder, longest: usize) -> Result<Raw, Failure> {
    let mut response = request.send().await.map_err(Failure::from)?;
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::from)? {
        if body.len() + chunk.len() > longest {
            let mib = longest / (1024 * 1024);
            return Err(Failure::Lost(format!("the answer is longer than {mib} MiB")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Raw {
        status: response.status().as_u16(),
        content_type,
        body,
    })
}

/// A call that brought no answer. Before the connection stood (or where the server said in the handshake that it does
/// not take our certificate) nothing was sent; after that, nobody knows.
#[derive(Debug)]
pub enum Failure {
    /// Nothing was sent.
    NotReached(String),
    /// It was sent, or may have been.
    Lost(String),
}

impl Failure {
    /// What happened.
    pub fn why(&self) -> &str {
        match self {
            Self::NotReached(why) | Self::Lost(why) => why,
        }
    }

    /// As a refusal, for the calls that have no word for «nobody knows»; `who` did not answer.
    pub fn refusal(self, who: &str) -> Refusal {
        match self {
            Self::NotReached(why) => Refusal {
                fault: Fault::Configuration,
                code: "unreachable".to_owned(),
                text: format!("{who} cannot be reached: {why}"),
            },
            Self::Lost(why) => no_answer(why),
        }
    }
}

/// A refusal for the calls that have no word for «nobody knows».
pub fn no_answer(why: String) -> Refusal {
    Refusal {
        fault: Fault::Configuration,
        code: "no-answer".to_owned(),
        text: why,
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // The host alone: a path may hold what is nobody else's business.
        let server = error.url().map(server).unwrap_or_default();
        let error = error.without_url();
        let mut why = error.to_string();
        let mut tls = None;
        let mut cause = error.source();
        while let Some(next) = cause {
            why = format!("{why}: {next}");
            tls = tls.or_else(|| tls_error(next));
            cause = next.source();
        }
        let refused = tls.is_some_and(certificate_refused);
        if error.is_connect() || error.is_builder() || refused {
            Self::NotReached(format!("{server}{why} ({})", what_to_do(tls)))
        } else {
            Self::Lost(why)
        }
    }
}

/// `host:port: `, to stand before what happened there.
fn server(url: &Url) -> String {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}: "),
        _ => String::new(),
    }
}

/// What an operator looks at where no connection stands.
fn what_to_do(tls: Option<&rustls::Error>) -> &'static str {
    match tls {
        Some(error) if certificate_refused(error) => {
            "the server does not take our client certificate: look at client_p12 or client_cert_pem, and ask its \
             operator whether this certificate is let in"
        }
        Some(rustls::Error::InvalidCertificate(_)) => {
            "we do not trust the server's certificate: set ca_pem to the root that issued it, or tell its operator"
        }
        Some(rustls::Error::InvalidMessage(_)) => "that is no TLS: is the port right, and is it https?",
        Some(_) => "TLS failed: ask the server's operator",
        None => "look at the address, name resolution, firewall and proxy",
    }
}

/// What TLS said, however often an error of I/O is wrapped around it: `source` passes over what they hold.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().and_then(|inner| tls_error(inner)),
        None => error.downcast_ref(),
    }
}

/// Under TLS 1.3 a server refuses our certificate when we have already begun to send; its alert comes instead of an
/// answer, out of the handshake, and says that it read nothing.
const fn certificate_refused(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::AccessDenied
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRequired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::UnsupportedCertificate
        )
    )
}
