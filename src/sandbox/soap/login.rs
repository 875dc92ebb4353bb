//! `GET /paypage/login.do`: the way of a client of the SOAP service to the paypage. It makes the address
//! itself, with the links back in it; they hold for this one session and for nothing else.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use url::Url;

use crate::sandbox::{PaymentKind, paypage, shared::Shared};

/// How many sessions are kept; the oldest is forgotten for the next.
const MOST: usize = 10_000;

/// A visit of the paypage with links of its own.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Session {
    pub(in crate::sandbox) kassenzeichen: String,
    pub(in crate::sandbox) success: Option<Url>,
    pub(in crate::sandbox) abort: Option<Url>,
}

/// The sessions that are known, by token.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Sessions {
    by_token: HashMap<String, Session>,
    order: VecDeque<String>,
}

impl Sessions {
    pub(in crate::sandbox) fn get(&self, token: &str) -> Option<&Session> {
        self.by_token.get(token)
    }

    fn add(&mut self, token: String, session: Session) {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_token.remove(&oldest);
        }
        self.order.push_back(token.clone());
        self.by_token.insert(token, session);
    }
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/paypage/login.do", get(enter))
}

/// What the address says.
#[derive(Debug, Deserialize)]
struct Asked {
    mandant: Option<String>,
    #[serde(rename = "EShopKundenNr", alias = "eShopKundenNr")]
    kunden_nr: Option<String>,
    kassenzeichen: Option<String>,
    #[serde(rename = "backlinkSuccess")]
    success: Option<String>,
    #[serde(rename = "backlinkAbort")]
    abort: Option<String>,
}

/// A link that a browser may be sent to; none is none.
fn link(text: Option<String>) -> Result<Option<Url>, ()> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let url = Url::parse(&text).map_err(|_| ())?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    if plain { Ok(Some(url)) } else { Err(()) }
}

async fn enter(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>) -> Response {
    let (Ok(success), Ok(abort)) = (link(asked.success), link(asked.abort)) else {
        return paypage::bad_link();
    };
    let found = {
        let mut book = shared.book();
        let kassenzeichen = asked.kassenzeichen.unwrap_or_default();
        // The Kunde may be deleted by now; the payment remembers its number.
        let fits = book.payment(&kassenzeichen).is_ok_and(|payment| {
            let list = &payment.list;
            list.lasting
                && Some(&list.kundennummer) == asked.kunden_nr.as_ref()
                && Some(&shared.account(payment).mandant) == asked.mandant.as_ref()
                && payment.kind == PaymentKind::Paypage
        });
        fits.then_some(kassenzeichen)
    };
    let Some(kassenzeichen) = found else {
        return paypage::unknown();
    };
    let token = shared.ids.next();
    let session = Session {
        kassenzeichen,
        success,
        abort,
    };
    shared.book().soap.sessions.add(token.clone(), session);
    paypage::show_to(&shared, &token)
}
