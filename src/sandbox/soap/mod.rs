//! The SOAP service of ePayBL (SOAP 1.1, rpc): what the Konnektor does in one call is here create the Kunde,
//! create the Kassenzeichen, delete the Kunde; the client makes the address of the paypage itself.
//!
//! - `charset`, `xml`, `envelope` – from bytes to the operation that is called: lenient in form, strict in size
//! - `operation` – which operations there are; `types`, `wsdl` – what a client is told of them
//! - `call` – who calls, about which account; `kunden`, `kassenzeichen`, `receipts` – what the operations do
//! - `answer`, `write`, `refusal` – what goes back
//! - `login` – the way to the paypage; `profile` – what differs between installations
//!
//! The Buchungsliste is judged by `super::list`, as that of the Konnektor.

mod answer;
mod call;
mod charset;
mod envelope;
mod kassenzeichen;
mod kunden;
mod login;
mod operation;
mod profile;
mod receipts;
mod refusal;
mod types;
mod write;
mod wsdl;
mod xml;

use std::{future::poll_fn, pin::Pin, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{RawQuery, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::body::Body as _;
use url::form_urlencoded;

pub(super) use self::login::Sessions;
pub use self::profile::{CustomerNumber, KundeWithOpen, SoapVersion};
use self::{
    answer::{Answer, Bankverbindung, Code, Content},
    call::Call,
    kunden::Kunden,
    operation::{Create, Entry, Operation},
    receipts::Cursors,
    refusal::{SoapFault, Who},
    xml::Node,
};
use super::{
    Fault,
    codes::{self, Refusal},
    gate,
    server::Connection,
    shared::Shared,
};

/// Where the service is.
pub(super) const PATH: &str = "/soap/servlet/rpcrouter";

/// How long a message may be.
const LONGEST: usize = 1024 * 1024;
/// How much of a message that is too long is taken and thrown away, so that its sender reads the answer.
const THROWN_AWAY: usize = 128 * LONGEST;

/// What the service keeps of its own in the book.
#[derive(Debug, Default)]
pub(super) struct SoapBook {
    kunden: Kunden,
    cursors: Cursors,
    pub(super) sessions: Sessions,
}

/// The service and the way to the paypage.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(PATH, get(describe).post(take))
        .merge(login::router())
}

const XML: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];

/// `?wsdl` in any case: the description of the version that the first account has, or of `version=2|3`.
/// `?xsd`: the schema that it imports.
async fn describe(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let pairs = || form_urlencoded::parse(query.as_bytes());
    let asks = |what: &str| pairs().any(|(name, _)| name.eq_ignore_ascii_case(what));
    if asks("xsd") {
        return (XML, wsdl::encoding()).into_response();
    }
    if !asks("wsdl") {
        let text = "The SOAP service takes POST. Its description: ?wsdl\n";
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], text).into_response();
    }
    let asked = pairs().find(|(name, _)| name == "version");
    let version = match asked.as_ref().map(|(_, value)| value.as_ref()) {
        Some("2") => SoapVersion::Two,
        Some("3") => SoapVersion::Three,
        _ => {
            (shared.world.accounts.first()).map_or_else(SoapVersion::default, |account| account.soap_version)
        }
    };
    let base = shared.public_url.as_str().trim_end_matches('/');
    (XML, wsdl::document(version, &format!("{base}{PATH}"))).into_response()
}

/// Takes a call and answers it, as bad as it may be.
async fn take(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let everywhere = shared.book().faults.all.clone();
    let answer = match read(&headers, request.into_body()).await {
        Ok(operation) => answer(&shared, &connection, &operation, &everywhere).await,
        Err(fault) => Err(Denied::Fault(fault)),
    };
    match answer {
        Ok((xml, faults)) => {
            let answer = spoilt(xml, StatusCode::OK, &faults);
            gate::leave(&shared, &faults, answer).await
        }
        Err(Denied::Html(status)) => gate::html(status),
        Err(Denied::Fault(fault)) => {
            tracing::debug!(%fault, "a SOAP call was not taken");
            spoilt(fault.to_xml(), fault.status, &everywhere)
        }
    }
}

/// What stands in place of an answer.
enum Denied {
    /// As a proxy in front of the service answers.
    Html(StatusCode),
    Fault(SoapFault),
}

impl From<StatusCode> for Denied {
    fn from(status: StatusCode) -> Self {
        Self::Html(status)
    }
}

impl From<SoapFault> for Denied {
    fn from(fault: SoapFault) -> Self {
        Self::Fault(fault)
    }
}

/// The operation that a message calls.
async fn read(headers: &HeaderMap, body: Body) -> Result<Node, SoapFault> {
    let body = collected(body).await?;
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let text = charset::decode(&body, content_type)?;
    envelope::open(&xml::parse(&text)?)
}

/// The bytes of a message. What is too long is read on for a while without being kept: who is still sending
/// does not read an answer.
async fn collected(body: Body) -> Result<Bytes, SoapFault> {
    let (mut body, mut kept, mut taken) = (body, Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| SoapFault::client("the message ended before its end"))?;
        let Some(data) = frame.data_ref() else { continue };
        taken += data.len();
        if taken <= LONGEST {
            kept.extend_from_slice(data);
        } else if taken > THROWN_AWAY {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if taken > LONGEST {
        return Err(SoapFault::too_large(LONGEST));
    }
    Ok(kept.into())
}

/// The answer, and the faults that spoil it.
async fn answer(
    shared: &Arc<Shared>,
    connection: &Connection,
    parameters: &Node,
    everywhere: &[Fault],
) -> Result<(String, Vec<Fault>), Denied> {
    let call = Call {
        shared,
        connection,
        parameters,
    };
    let entry = entry(&call)?;
    let count = |counts: &mut super::Counts| *counts.soap.entry(entry.name).or_default() += 1;
    count(&mut shared.book().counts);
    let id = shared.ids.next();
    let version = call
        .profile()
        .map_or_else(SoapVersion::default, |account| account.soap_version);
    let (code, content, faults) = match entry.operation {
        Operation::Anlegen(create) => created(&call, create).await?,
        operation => {
            gate::enter(shared, connection).await?;
            failing(everywhere)?;
            match perform(&call, operation, &id) {
                Ok((content, mut faults)) => {
                    faults.extend_from_slice(everywhere);
                    (Code::ok(), content, faults)
                }
                Err(refusal) => (refusal.into(), Content::Nothing, everywhere.to_vec()),
            }
        }
    };
    let answer = Answer {
        code,
        content,
        version,
        id,
        at: shared.now(),
        misses_fields: faults.contains(&Fault::MissingFields),
    };
    Ok((answer.to_xml(entry), faults))
}

/// The row of the operation that is called.
fn entry(call: &Call<'_>) -> Result<&'static Entry, SoapFault> {
    let name = call.parameters.name.as_str();
    let entry = operation::find(name);
    let has_blp = call.profile().is_none_or(|account| account.mit_blp);
    match entry {
        Some(entry) if has_blp || !entry.is_mit_blp() => Ok(entry),
        None if operation::is_known_elsewhere(name) => Err(SoapFault::client(&format!(
            "{name} is not supported by this sandbox: direct debits and SEPA mandates are not played here (-0507)"
        ))),
        _ => Err(SoapFault::client(&format!(
            "{name} is not a valid method for this service"
        ))),
    }
}

/// The Fault that stands in place of an answer.
fn failing(faults: &[Fault]) -> Result<(), SoapFault> {
    if faults.contains(&Fault::SoapFault) {
        let text = "Es ist ein interner Fehler aufgetreten (asked of the sandbox)";
        return Err(SoapFault::new(Who::Server, text));
    }
    Ok(())
}

/// All operations that create nothing to be paid.
fn perform(call: &Call<'_>, operation: Operation, id: &str) -> Result<(Content, Vec<Fault>), Refusal> {
    let content = match operation {
        Operation::IsAlive => {
            call.shared.book().counts.status += 1;
            call.mandant()?;
            Content::Nothing
        }
        Operation::LesenKunde => Content::Kunde(call.read_kunde()?),
        Operation::AnlegenKunde => Content::Kunde(call.create_kunde()?),
        Operation::AendernKunde => Content::Kunde(call.change_kunde()?),
        Operation::LoeschenKunde => Content::Kunde(call.delete_kunde()?),
        Operation::Aktivieren(paid) => {
            call.activate(paid)?;
            Content::Nothing
        }
        Operation::LesenKassenzeichenInfo => {
            call.shared.book().counts.reads += 1;
            let (info, faults) = call.info()?;
            return Ok((Content::Info(Box::new(info)), faults));
        }
        Operation::LesenTransaktion => {
            let (liste, faults) = call.transaction()?;
            return Ok((Content::Liste(Box::new(liste)), faults));
        }
        Operation::ListeZahlungseingaenge => Content::Zahlungseingaenge(call.unread(id)?),
        Operation::BestaetigenZahlungseingaenge => {
            call.confirm()?;
            Content::Nothing
        }
        Operation::LeseBankverbindung => {
            let place = call.account(call.bewirtschafter()?)?;
            Content::Bankverbindung(bank(call.shared, place)?)
        }
        // `answer` leads those elsewhere.
        Operation::Anlegen(_) => return Err(codes::INTERNAL),
    };
    Ok((content, Vec::new()))
}

/// The account that transfers go to.
fn bank(shared: &Shared, place: usize) -> Result<Bankverbindung, Refusal> {
    let book = shared.book();
    let bank = book.banks.get(place).ok_or(codes::INTERNAL)?;
    Ok(Bankverbindung {
        holder: bank.holder.clone(),
        iban: bank.iban.clone(),
        bic: bank.bic.clone(),
    })
}

/// A create call and what it meets.
async fn created(call: &Call<'_>, create: Create) -> Result<(Code, Content, Vec<Fault>), Denied> {
    let shared = call.shared;
    let faults = arrive(call);
    gate::before(shared, call.connection, &faults).await?;
    failing(&faults)?;
    if let Some(rc) = faults.iter().find_map(Fault::refusal) {
        let code = Code {
            rc: rc.to_owned(),
            text: codes::text_of(rc),
        };
        return Ok((code, Content::Nothing, faults));
    }
    let kassenzeichen = match call.create(create, faults.clone()) {
        Ok(kassenzeichen) => kassenzeichen,
        Err(refusal) => return Ok((refusal.into(), Content::Nothing, faults)),
    };
    if faults.contains(&Fault::NotifyBeforeAnswer)
        && let Ok(sending) = shared.pay(&kassenzeichen, None)
    {
        sending.done_within(shared.delays.patience).await;
    }
    gate::created(shared, call.connection, &faults).await?;
    Ok(match call.created(&kassenzeichen) {
        Ok(liste) => (Code::ok(), Content::Liste(Box::new(liste)), faults),
        Err(refusal) => (refusal.into(), Content::Nothing, faults),
    })
}

/// Counts a create call and takes what it is to meet.
fn arrive(call: &Call<'_>) -> Vec<Fault> {
    let heading = call.heading();
    {
        let mut book = call.shared.book();
        book.counts.creates += 1;
        if let Some(number) = heading.number {
            *book.counts.creates_by_number.entry(number).or_default() += 1;
        }
    }
    let texts = heading.texts.iter().map(String::as_str);
    gate::draw(call.shared, heading.betrag, texts)
}

/// The document as it goes out: with something before it, or in another encoding than it says, where a fault
/// asks for that.
fn spoilt(xml: String, status: StatusCode, faults: &[Fault]) -> Response {
    let mut xml = xml;
    if faults.contains(&Fault::JunkBeforeXml) {
        // As seen behind proxies: the rest of a multipart message.
        xml.insert_str(0, "\r\n--=_part\r\nContent-Type: text/xml\r\n\r\n");
    }
    let bytes = if faults.contains(&Fault::WrongEncoding) {
        encoding_rs::WINDOWS_1252.encode(&xml).0.into_owned()
    } else {
        xml.into_bytes()
    };
    (status, XML, bytes).into_response()
}
