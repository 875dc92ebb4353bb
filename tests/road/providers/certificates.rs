//! The provider knows us by our certificate, and we know it by a root of its own: on the whole road, for every kind.

use epaybl_connector::sandbox::{Fault, Login};

use super::{is_closed, is_paid_once, section};
use crate::kit::{CERTIFICATE, Provider, World, with_each_provider};
use crate::requests::certificate;

/// Our certificate, as ePayBL hands it out: an old PKCS#12 file.
const OURS: &str = concat!(
    "client_p12 = \"",
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/tls/legacy-rc2-3des.p12\"\nclient_p12_password = \"nur-zum-Testen\"\n"
);

/// A connection per call, so that every call meets the certificates of its moment.
const ROOT: &str = "ca_pem = \"{root}\"\nkeep_alive_seconds = 0\n";

/// The Konnektor at its address.
pub(super) const KONNEKTOR: &str = "kind = \"konnektor\"\nbase_url = \"{sandbox}/konnektor\"\n\
                                    callback = { secrets = [\"sandbox-secret\"] }";

/// SOAP with everything it can have.
pub(super) const SOAP: &str = "kind = \"soap\"\nurl = \"{sandbox}/soap/servlet/rpcrouter\"\n\
                               paypage_url = \"{sandbox}/paypage/login.do\"\n\
                               profile.look_up = \"lesen_transaktion\"";

/// A provider over TLS, with these lines besides.
pub(super) fn secured(name: &'static str, lines: &str) -> Provider {
    Provider {
        name,
        section: Some(section(&format!("{OURS}{ROOT}{lines}"))),
        tls: true,
        ..Provider::default()
    }
}

/// Every kind, with its certificate as the only login.
fn every() -> [Provider; 3] {
    [
        secured("konnektor over TLS", KONNEKTOR),
        secured("soap over TLS", SOAP),
        Provider {
            at_sandbox: |account| account.xbezahldienste.login = Login::Certificate,
            ..secured(
                "XBezahldienste over TLS",
                "kind = \"xbezahldienste\"\nbase_url = \"{sandbox}/xbezahldienste/v1.2.0\"\nversion = \"1.2.0\"\n\
                 auth = { kind = \"mtls\" }",
            )
        },
    ]
}

/// The same request is taken now, and paid once.
async fn is_paid(world: &World, id: &str) {
    world.paid(CERTIFICATE, &certificate(id), "KREDITKARTE").await;
    is_paid_once(world, id).await;
}

#[tokio::test]
async fn a_payment_is_opened_and_paid_where_our_certificate_is_the_only_login() {
    with_each_provider(&every(), async |world| {
        assert_eq!(world.sandbox().base_url().scheme(), "https");
        is_paid(world, "known").await;
    })
    .await;
}

#[tokio::test]
async fn without_our_certificate_nothing_is_opened_and_the_request_id_stays_free() {
    with_each_provider(&every(), async |world| {
        world
            .reconfigure(|text| text.replace("client_p12", "# client_p12"))
            .await;
        is_closed(world, "stranger").await;
        world
            .reconfigure(|text| text.replace("# client_p12", "client_p12"))
            .await;
        is_paid(world, "stranger").await;
    })
    .await;
}

#[tokio::test]
async fn a_server_under_a_root_that_we_do_not_trust_is_told_nothing() {
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls/ca.pem");
    with_each_provider(&every(), async |world| {
        let ours = world.stage().folder().join("root.pem").display().to_string();
        world.reconfigure(|text| text.replace(&ours, other)).await;
        is_closed(world, "other-root").await;
        world.reconfigure(|text| text.replace(other, &ours)).await;
        is_paid(world, "other-root").await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_of_somebody_else_opens_nothing_here() {
    let mut providers = every();
    providers[0].at_sandbox = |account| account.certificates = vec!["0".repeat(64)];
    providers[1].at_sandbox = providers[0].at_sandbox;
    providers[2].at_sandbox = |account| {
        account.certificates = vec!["0".repeat(64)];
        account.xbezahldienste.login = Login::Certificate;
    };
    with_each_provider(&providers, async |world| is_closed(world, "foreign").await).await;
}

#[tokio::test]
async fn where_a_certificate_has_expired_nothing_is_opened_until_there_is_a_new_one() {
    with_each_provider(&every(), async |world| {
        world.sandbox().fail_all(vec![Fault::ClientCertificateExpired]);
        is_closed(world, "expired").await;
        world.sandbox().fail_all(vec![Fault::ExpiredCertificate]);
        is_closed(world, "expired").await;
        world.sandbox().clear_faults();
        is_paid(world, "expired").await;
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_is_under_way_outlives_certificates_that_expire() {
    for fault in [Fault::ClientCertificateExpired, Fault::ExpiredCertificate] {
        with_each_provider(&every(), async |world| {
            world.open(CERTIFICATE, &certificate("outlives")).await;
            world.sandbox().fail_all(vec![fault.clone()]);
            let kassenzeichen = world.newest().kassenzeichen;
            let paid = world.sandbox().pay(&kassenzeichen, Some("KREDITKARTE"));
            paid.expect("it can be paid").done().await;
            world.live(1800, 300).await;
            let told = format!("{} under {fault}", world.provider);
            assert_eq!(world.status(CERTIFICATE, "outlives").await, "INITIAL", "{told}");
            assert!(
                world.booked().await.iter().all(|(kind, _)| kind != "zahlung"),
                "{told}"
            );
            world.sandbox().clear_faults();
            world.live(1200, 60).await;
            is_paid_once(world, "outlives").await;
        })
        .await;
    }
}
