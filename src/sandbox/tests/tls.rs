use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use reqwest::{Certificate, Identity};
use rustls_pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};

use super::*;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

fn issue(authority: &Authority, usage: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
    issue_until(authority, usage, 4000)
}

fn issue_until(
    authority: &Authority,
    usage: ExtendedKeyUsagePurpose,
    year: i32,
) -> (rcgen::Certificate, KeyPair) {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    params.extended_key_usages = vec![usage];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    let key = KeyPair::generate().expect("a key");
    (params.signed_by(&key, authority).expect("a certificate"), key)
}

struct Secured {
    sandbox: Sandbox,
    authority: Authority,
    /// A client's certificate and key as PEM.
    identity: String,
}

async fn secured(fingerprints: impl FnOnce(&str) -> Vec<String>) -> Secured {
    let authority = authority();
    let (server, key) = issue(&authority, ExtendedKeyUsagePurpose::ServerAuth);
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let clients = [authority.der().clone()];
    let tls = tls_config(vec![server.der().clone()], key, &clients).expect("TLS");
    let (old, key) = issue_until(&authority, ExtendedKeyUsagePurpose::ServerAuth, 2025);
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let tls = tls.with_expired(vec![old.der().clone()], key).expect("TLS");
    let (own, key) = issue(&authority, ExtendedKeyUsagePurpose::ClientAuth);
    let mut world = World::demo();
    world.accounts[0].certificates =
        fingerprints(&data_encoding::HEXLOWER.encode(&Sha256::digest(own.der())));
    world.accounts[0].xbezahldienste.login = Login::Certificate;
    let options = Options {
        tls: Some(tls),
        world,
        ..options()
    };
    let sandbox = Sandbox::start(listen().await, options).await.expect("a sandbox");
    Secured {
        sandbox,
        authority,
        identity: own.pem() + &key.serialize_pem(),
    }
}

impl Secured {
    async fn get(&self, with_certificate: bool, path: &str) -> u16 {
        let answer = self.try_get(with_certificate, path).await.expect("an answer");
        answer.status().as_u16()
    }

    async fn try_get(&self, with_certificate: bool, path: &str) -> reqwest::Result<reqwest::Response> {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let root = Certificate::from_pem(self.authority.pem().as_bytes()).expect("a certificate");
        let mut client = Client::builder().no_proxy().tls_certs_only([root]);
        if with_certificate {
            client = client.identity(Identity::from_pem(self.identity.as_bytes()).expect("an identity"));
        }
        let url = self.sandbox.base_url().join(path).expect("an address");
        client.build().expect("a client").get(url).send().await
    }

    /// Why there is no answer, with all its causes.
    async fn error(&self, with_certificate: bool) -> String {
        let path = format!("konnektor/{PATH}/1610000000/bewirtschafter/42/status");
        let error = self
            .try_get(with_certificate, &path)
            .await
            .expect_err("no answer");
        format!("{error:?}")
    }

    async fn status(&self, with_certificate: bool) -> u16 {
        let path = format!("konnektor/{PATH}/1610000000/bewirtschafter/42/status");
        self.get(with_certificate, &path).await
    }
}

#[tokio::test]
async fn over_tls_the_konnektor_wants_a_certificate_and_the_payer_needs_none() {
    let secured = secured(|_| vec![]).await;
    assert_eq!(secured.sandbox.base_url().scheme(), "https");
    assert_eq!(secured.status(true).await, 200);
    assert_eq!(secured.status(false).await, 401);
    assert_eq!(secured.get(false, "").await, 200);
}

#[tokio::test]
async fn a_certificate_of_another_mandant_is_refused_with_403() {
    assert_eq!(secured(|own| vec![own.to_owned()]).await.status(true).await, 200);
    let secured = secured(|_| vec!["0".repeat(64)]).await;
    assert_eq!(secured.status(true).await, 403);
    assert_eq!(secured.status(false).await, 401);
}

/// The code that the SOAP service answers `isAlive` with.
async fn soap_code(secured: &Secured, with_certificate: bool) -> String {
    let root = Certificate::from_pem(secured.authority.pem().as_bytes()).expect("a certificate");
    let mut client = Client::builder().no_proxy().tls_certs_only([root]);
    if with_certificate {
        client = client.identity(Identity::from_pem(secured.identity.as_bytes()).expect("an identity"));
    }
    let body = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><isAlive>\
                <mandantNr>1610000000</mandantNr></isAlive></e:Body></e:Envelope>";
    let request = client
        .build()
        .expect("a client")
        .post(secured.sandbox.soap_url())
        .body(body);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.expect("text");
    let (_, rest) = text.split_once("<code xsi:type=\"xsd:string\">").expect("a code");
    rest[..5].to_owned()
}

#[tokio::test]
async fn the_soap_service_tells_what_is_wrong_with_a_certificate() {
    let good = secured(|own| vec![own.to_owned()]).await;
    assert_eq!(soap_code(&good, true).await, "+0000");
    assert_eq!(soap_code(&good, false).await, "-0020");
    let foreign = secured(|_| vec!["0".repeat(64)]).await;
    assert_eq!(soap_code(&foreign, true).await, "-0021");
    assert_eq!(soap_code(&foreign, false).await, "-0020");
}

#[tokio::test]
async fn over_xbezahldienste_a_login_by_certificate_wants_the_right_one() {
    let path = "xbezahldienste/v1.2.0/status/42/1610000000";
    let own = secured(|own| vec![own.to_owned()]).await;
    assert_eq!(own.get(true, path).await, 200);
    assert_eq!(own.get(false, path).await, 403);
    let other = secured(|_| vec!["0".repeat(64)]).await;
    assert_eq!(other.get(true, path).await, 403);
}

#[tokio::test]
async fn the_server_may_present_a_certificate_that_has_expired() {
    let secured = secured(|_| vec![]).await;
    assert_eq!(secured.status(true).await, 200);
    secured.sandbox.fail_all(vec![Fault::ExpiredCertificate]);
    assert!(secured.error(true).await.contains("Expired"));
    secured.sandbox.clear_faults();
    assert_eq!(secured.status(true).await, 200);
}

#[tokio::test]
async fn the_server_may_refuse_the_clients_certificate_as_expired() {
    let secured = secured(|_| vec![]).await;
    secured.sandbox.fail_all(vec![Fault::ClientCertificateExpired]);
    assert!(secured.error(true).await.contains("CertificateExpired"));
    // Who shows none is not concerned.
    assert_eq!(secured.status(false).await, 401);
    secured.sandbox.clear_faults();
    assert_eq!(secured.status(true).await, 200);
}
