//! What stands in place of a result: a SOAP Fault, and the envelope that it comes in.

use axum::http::StatusCode;

use super::write::Writer;

/// The four fault codes of SOAP 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The message cannot be taken as it is.
    Client,
    /// The server failed.
    Server,
    /// Not an envelope of SOAP 1.1.
    VersionMismatch,
    /// A header that had to be understood was not.
    MustUnderstand,
}

/// A SOAP Fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who:?}: {text}")]
pub(super) struct SoapFault {
    pub(super) who: Who,
    pub(super) text: String,
    pub(super) status: StatusCode,
}

/// How many characters of a fault's text are told: a part of it may be the client's own.
const LONGEST: usize = 300;

impl SoapFault {
    pub(super) fn new(who: Who, text: &str) -> Self {
        Self {
            who,
            text: text.chars().take(LONGEST).collect(),
            // SOAP 1.1, 6.2: every fault comes with 500.
            status: StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn client(text: &str) -> Self {
        Self::new(Who::Client, text)
    }

    /// More bytes than are read.
    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            ..Self::client(&format!("the message is larger than {limit} bytes"))
        }
    }

    pub(super) fn to_xml(&self) -> String {
        let code = match self.who {
            Who::Client => "soapenv:Client",
            Who::Server => "soapenv:Server",
            Who::VersionMismatch => "soapenv:VersionMismatch",
            Who::MustUnderstand => "soapenv:MustUnderstand",
        };
        let mut writer = Writer::envelope();
        writer.open("soapenv:Fault", None);
        writer.plain("faultcode", code);
        writer.plain("faultstring", &self.text);
        writer.close("soapenv:Fault");
        writer.finish()
    }
}
