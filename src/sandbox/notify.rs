//! The server-to-server notification: its nine values, its hash, its shapes, and the sender.

use std::time::Duration;

use data_encoding::HEXLOWER;
use reqwest::{Client, Method, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::{Url, form_urlencoded};

use super::{
    SandboxError,
    fault::Fault,
    payment::{Payment, Standing},
    world::{Account, NotifyShape},
};

/// Hash of a notify: lower-case hex SHA-256 of its nine values in their order with the secret behind
/// them, nothing between.
pub fn notify_hash(values: &[&str; 9], secret: &str) -> String {
    let mut hash = Sha256::new();
    for text in values {
        hash.update(text);
    }
    HEXLOWER.encode(&hash.chain_update(secret).finalize())
}

/// What to send when a notify is asked for by hand. By default: what the payment's state calls for, with
/// a good hash, once.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resend {
    /// This status and no other, such as `success`.
    pub status: Option<String>,
    /// Made with another secret.
    pub wrong_hash: bool,
    /// Over this Kassenzeichen, at the same address.
    pub kassenzeichen: Option<String>,
    /// Over this Bewirtschafter.
    pub bewirtschafter: Option<String>,
    /// So often, all at once; none is once.
    pub times: Option<u8>,
}

/// How a notify ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its status field.
    pub status: String,
    /// How often it was sent.
    pub tries: u32,
    /// The HTTP status of the last answer, none when nobody answered.
    pub answer: Option<u16>,
}

/// A notify on its way.
#[derive(Clone, Debug)]
pub(super) struct Message {
    url: Url,
    shape: NotifyShape,
    fields: [(&'static str, String); 10],
}

/// Messages that go out together, one group after the other.
pub(super) type Rounds = Vec<Vec<Message>>;

/// What the payment's state calls for: `notify` and then `success` or `cancel`; faults included.
pub(super) fn rounds(payment: &Payment, account: &Account, other_bewirtschafter: &str) -> Rounds {
    if payment.has(&Fault::NoNotify) || payment.has(&Fault::NotifyLate) {
        return Vec::new();
    }
    let how = Resend {
        wrong_hash: payment.has(&Fault::WrongHash),
        kassenzeichen: payment
            .has(&Fault::OtherKassenzeichen)
            .then(|| neighbour(&payment.kassenzeichen)),
        bewirtschafter: payment
            .has(&Fault::OtherBewirtschafter)
            .then(|| other_bewirtschafter.to_owned()),
        ..Resend::default()
    };
    let mut rounds = asked(payment, account, &how);
    if let (Standing::Paid { .. }, Some(last)) = (&payment.standing, rounds.last().cloned()) {
        if payment.has(&Fault::NotifyTenAtOnce) {
            rounds.pop();
            rounds.push(vec![last; 10].concat());
        } else if payment.has(&Fault::NotifyTwice) {
            rounds.push(last);
        }
    }
    if payment.has(&Fault::NotifyReordered) {
        rounds.reverse();
    }
    rounds
}

/// What is sent when somebody asks; the payment's faults do not touch it, except [`Fault::NoNotify`].
pub(super) fn asked(payment: &Payment, account: &Account, how: &Resend) -> Rounds {
    let Some(url) = payment
        .list
        .notify_url
        .as_ref()
        .filter(|_| !payment.has(&Fault::NoNotify))
    else {
        return Vec::new();
    };
    let statuses = match (&how.status, &payment.standing) {
        (Some(status), _) => vec![status.as_str()],
        (None, Standing::Open | Standing::Canceled { .. }) => vec!["notify"],
        (None, Standing::Paid { .. }) => vec!["notify", "success"],
        (None, Standing::Aborted { .. }) => vec!["notify", "cancel"],
        (None, Standing::Expired { .. }) => vec!["notify", "error"],
    };
    let times = usize::from(how.times.unwrap_or(1));
    let message = |status| vec![message(payment, account, url, status, how); times];
    statuses.into_iter().map(message).collect()
}

fn message(payment: &Payment, account: &Account, url: &Url, status: &str, how: &Resend) -> Message {
    let (method, tan) = match &payment.standing {
        Standing::Paid { method, tan, .. } => (method.as_str(), tan.as_str()),
        _ => ("", ""),
    };
    let zvp = account.method(method).map_or("", |method| method.zvp.as_str());
    let aktivierung = if tan.is_empty() { "false" } else { "true" };
    let values = [
        account.mandant.as_str(),
        how.bewirtschafter.as_deref().unwrap_or(&account.bewirtschafter),
        &payment.zvgid,
        how.kassenzeichen.as_deref().unwrap_or(&payment.kassenzeichen),
        tan,
        zvp,
        method,
        aktivierung,
        status,
    ];
    let secret = account.notify_secret.as_str();
    let hash = notify_hash(&values, if how.wrong_hash { "another secret" } else { secret });
    let [
        mandant,
        bewirtschafter,
        zvgid,
        kassenzeichen,
        tan,
        zvp,
        zahlverfahren,
        aktivierung,
        status,
    ] = values.map(str::to_owned);
    Message {
        url: url.clone(),
        shape: shape(payment, account),
        fields: [
            ("mandant", mandant),
            ("bewirtschafter", bewirtschafter),
            ("zvgid", zvgid),
            ("kassenzeichen", kassenzeichen),
            ("tan", tan),
            ("zvp", zvp),
            ("zahlverfahren", zahlverfahren),
            ("aktivierung", aktivierung),
            ("status", status),
            ("hash", hash),
        ],
    }
}

fn shape(payment: &Payment, account: &Account) -> NotifyShape {
    let by_fault = payment.faults.iter().find_map(|fault| match fault {
        Fault::NestedData => Some(NotifyShape::PostNested),
        Fault::NotifyByGet => Some(NotifyShape::Get),
        Fault::NotifyByForm => Some(NotifyShape::PostForm),
        _ => None,
    });
    by_fault.unwrap_or(account.notify_shape)
}

/// The same Kassenzeichen with its last character moved on.
fn neighbour(kassenzeichen: &str) -> String {
    let mut letters: Vec<char> = kassenzeichen.chars().collect();
    if let Some(last) = letters.last_mut() {
        *last = last
            .to_digit(10)
            .and_then(|digit| char::from_digit((digit + 1) % 10, 10))
            .unwrap_or('0');
    }
    letters.into_iter().collect()
}

/// The client that notifies are sent with: no redirects, no proxy, ten seconds.
pub(super) fn client() -> Result<Client, SandboxError> {
    // reqwest is built without a provider of its own; that one is installed already is fine.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()?)
}

impl Message {
    fn request(&self, client: &Client) -> reqwest::RequestBuilder {
        let pairs = || self.fields.iter().map(|(name, value)| (*name, value.as_str()));
        let object: serde_json::Map<_, _> = pairs()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        match self.shape {
            NotifyShape::PostJson => client.post(self.url.clone()).json(&object),
            NotifyShape::PostNested => client.post(self.url.clone()).json(&json!({ "data": object })),
            NotifyShape::PostForm => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs())
                    .finish();
                let kind = "application/x-www-form-urlencoded";
                client
                    .post(self.url.clone())
                    .header(header::CONTENT_TYPE, kind)
                    .body(form)
            }
            NotifyShape::Get => {
                let mut url = self.url.clone();
                url.query_pairs_mut().extend_pairs(pairs());
                client.request(Method::GET, url)
            }
        }
    }

    /// Sends until it is taken (2xx), the pauses are used up, or the sandbox stops.
    pub(super) async fn send(
        self,
        client: Client,
        pauses: Vec<Duration>,
        stop: CancellationToken,
    ) -> Delivery {
        let status = self.fields[8].1.clone();
        let mut pauses = pauses.into_iter();
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = tokio::select! {
                answer = self.request(&client).send() => answer,
                () = stop.cancelled() => return Delivery { status, tries, answer: None },
            };
            let answer = answer.ok().map(|answer| answer.status());
            let delivery = Delivery {
                status: status.clone(),
                tries,
                answer: answer.map(|code| code.as_u16()),
            };
            if answer.is_some_and(|code| code.is_success()) {
                return delivery;
            }
            tracing::debug!(status, tries, answer = ?delivery.answer, "notify was not taken");
            let Some(pause) = pauses.next() else {
                return delivery;
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return delivery,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_joined_values_and_the_secret() {
        // printf '%s' 'TH000001BW100001ZVG-1100100000000001TAN-1SANDBOX-ZVPKREDITKARTEtruesuccesssandbox-secret' | sha256sum
        let values = [
            "TH000001",
            "BW100001",
            "ZVG-1",
            "100100000000001",
            "TAN-1",
            "SANDBOX-ZVP",
            "KREDITKARTE",
            "true",
            "success",
        ];
        assert_eq!(
            notify_hash(&values, "sandbox-secret"),
            "1a0d4bc1f918227125f5f7aee05a43eae9afbb2ff98a5075a279674cecfb10a0"
        );
    }

    #[test]
    fn another_kassenzeichen_is_the_neighbour() {
        assert_eq!(neighbour("4200000000069"), "4200000000060");
        assert_eq!(neighbour("AB"), "A0");
    }
}
