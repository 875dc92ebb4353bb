//! The same road through every kind of provider and every profile of it: whatever stands southbound, the portal, the
//! citizen, the gateway and the books must not notice.

mod certificates;
mod cursor;
mod every_fault;
mod faults;
mod lost;
mod money;
mod proxy;
mod quirks;
mod same;
mod transfer;

use epaybl_connector::sandbox::{CustomerNumber, Flavour, KundeWithOpen, Login, SoapVersion, TransactionId};

use crate::kit::{CERTIFICATE, Provider, World};
use crate::requests::certificate;

const HEAD: &str = "[providers.epaybl-th]\nenvironment = \"test\"\nzvp = \"epaybl\"\n";

fn section(lines: &str) -> String {
    format!("{HEAD}{lines}")
}

/// Addresses of the SOAP service and its page.
const SOAP: &str = "kind = \"soap\"\nurl = \"{sandbox}/soap/servlet/rpcrouter\"\n\
                    paypage_url = \"{sandbox}/paypage/login.do\"\n";

/// The REST Konnektor.
pub fn konnektor() -> Provider {
    Provider::default()
}

/// ePayBL 3.x with everything it can have.
pub fn soap3() -> Provider {
    Provider {
        name: "soap 3",
        section: Some(section(&format!("{SOAP}profile.look_up = \"lesen_transaktion\""))),
        ..Provider::default()
    }
}

/// ePayBL 2.x: flat results, plain arrays, no «MitBLP», the other spelling of the Kunde, no paypageStatus, a Kunde that
/// cannot be deleted while the payment is open, and a connection that is kept.
pub fn soap2() -> Provider {
    Provider {
        name: "soap 2",
        section: Some(section(&format!(
            "{SOAP}keep_alive_seconds = 30\nprofile.version = \"2\"\nprofile.look_up = \"lesen_transaktion\""
        ))),
        at_sandbox: |account| {
            account.soap_version = SoapVersion::Two;
            account.mit_blp = false;
            account.customer_number = CustomerNumber::EShopKundenNr;
            account.paypage_status = false;
            account.kunde_with_open = KundeWithOpen::Refuse;
        },
        ..Provider::default()
    }
}

/// ePayBL as an operator leaves it who answers no questions: the oldest operation, nothing can be looked up.
pub fn soap_plain() -> Provider {
    Provider {
        name: "soap, plain",
        section: Some(section(&format!(
            "{SOAP}profile.operation = \"anlegen_kassenzeichen\""
        ))),
        ..Provider::default()
    }
}

/// XBezahldienste 1.0.0 with Basic, whose transactionId is our requestId.
pub fn xbd_100() -> Provider {
    Provider {
        name: "XBezahldienste 1.0.0",
        section: Some(section(
            "kind = \"xbezahldienste\"\nbase_url = \"{sandbox}/xbezahldienste/v1.0.0\"\nversion = \"1.0.0\"\n\
             transaction_id_is_request_id = true\n\
             auth = { kind = \"basic\", user = \"connector\", password = \"geheim\" }",
        )),
        at_sandbox: |account| {
            account.xbezahldienste.transaction_id = TransactionId::RequestId;
            account.xbezahldienste.flavour = Flavour::Epay21;
            account.xbezahldienste.login = Login::Basic {
                user: "connector".to_owned(),
                password: "geheim".to_owned(),
            };
        },
        ..Provider::default()
    }
}

/// XBezahldienste 1.1.0 with OAuth 2.0.
pub fn xbd_110() -> Provider {
    Provider {
        name: "XBezahldienste 1.1.0",
        section: Some(section(
            "kind = \"xbezahldienste\"\nbase_url = \"{sandbox}/xbezahldienste/v1.1.0/\"\nversion = \"1.1.0\"\n\
             transaction_id_is_request_id = true\n\
             auth = { kind = \"oauth2\", token_url = \"{sandbox}/xbezahldienste/oauth/token\", client_id = \"connector\", \
             client_secret = \"geheim\" }",
        )),
        at_sandbox: |account| {
            account.xbezahldienste.transaction_id = TransactionId::RequestId;
            account.xbezahldienste.flavour = Flavour::Pmpayment;
            account.xbezahldienste.login = Login::Oauth {
                client_id: "connector".to_owned(),
                client_secret: "geheim".to_owned(),
                token_seconds: 300,
            };
        },
        ..Provider::default()
    }
}

/// XBezahldienste 1.2.0 in front of ePayBL: Berlin time labelled Z, ids of its own, so that nothing can be looked up.
pub fn xbd_120() -> Provider {
    Provider {
        name: "XBezahldienste 1.2.0",
        section: Some(section(
            "kind = \"xbezahldienste\"\nbase_url = \"{sandbox}/xbezahldienste/v1.2.0\"\nversion = \"1.2.0\"\n\
             times = \"berlin_labelled_utc\"",
        )),
        at_sandbox: |account| account.xbezahldienste.flavour = Flavour::Epaybl,
        ..Provider::default()
    }
}

/// All of them.
pub fn every() -> [Provider; 7] {
    [
        konnektor(),
        soap3(),
        soap2(),
        soap_plain(),
        xbd_100(),
        xbd_110(),
        xbd_120(),
    ]
}

/// The SOAP service in all its shapes.
pub fn soaps() -> [Provider; 3] {
    [soap3(), soap2(), soap_plain()]
}

/// The services of the standard.
pub fn services() -> [Provider; 3] {
    [xbd_100(), xbd_110(), xbd_120()]
}

/// The portal's request is refused as ours to mend, nothing was created, and its requestId is free.
async fn is_closed(world: &World, id: &str) {
    let (refused, told) = (world.post(CERTIFICATE, &certificate(id)).await, world.provider);
    assert_eq!(refused.refusal(), (503, "UNSPECIFIED".to_owned()), "{told}");
    assert_eq!(world.get(CERTIFICATE, id).await.status, 404, "{told}");
    assert!(world.sandbox().payments().is_empty(), "{told}");
    assert!(world.booked().await.is_empty(), "{told}");
}

/// The portal hears that it is paid, the books have it once, and so does the gateway.
async fn is_booked_once(world: &World, id: &str) {
    let told = world.provider;
    assert_eq!(world.status(CERTIFICATE, id).await, "PAYED", "{told}");
    let expected = [("sollstellung".to_owned(), 2250), ("zahlung".to_owned(), 2250)];
    assert_eq!(world.booked().await, expected, "{told}");
    assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"], "{told}");
}

/// The same, and the provider has one payment, with which nothing was odd.
async fn is_paid_once(world: &World, id: &str) {
    is_booked_once(world, id).await;
    assert_eq!(world.sandbox().payments().len(), 1, "{}", world.provider);
    assert!(world.exceptions().await.is_empty(), "{}", world.provider);
}
