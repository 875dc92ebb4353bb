//! The adapter against the sandbox's service, which was written by another hand and shares no code with it.

use super::*;
use crate::app::ports::{Answer, Calls, Fault as Whose, Opened, Provider};
use crate::domain::case::Way;
use crate::domain::ids::{Kassenzeichen, Method};
use crate::domain::told::Word;
use crate::sandbox::{Account, Fault, Options, Port, Sandbox, World};

async fn sandbox(port: &str) -> Sandbox {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut account =
        Account::new("TH000001", "BW100001", "Stadt Bad Langensalza").releasing("1100.1000", "0000000001");
    account.xbezahldienste = toml::from_str::<Port>(port).expect("a port");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let options = Options {
        world: World {
            accounts: vec![account],
        },
        ..Options::default()
    };
    Sandbox::start(listener, options).await.expect("a sandbox")
}

fn to(sandbox: &Sandbox, version: &str, more: &str) -> Xbezahldienste {
    let address = sandbox.xbezahldienste_url();
    let config = read(&format!(
        "base_url = \"{address}/v{version}\"\nenvironment = \"test\"\nversion = \"{version}\"\n{more}\n"
    ));
    client(config)
}

/// An order for the one title that the authority has.
fn small() -> OpenOrder {
    let mut order = order();
    order.lines.truncate(1);
    order.total = order.lines[0].net;
    order
}

fn remote(opened: Opened) -> RemoteId {
    match opened {
        Opened::Open {
            remote: Some(remote),
            way: Way::Paypage(_),
            ..
        } => remote,
        other => panic!("{other:?}"),
    }
}

async fn told(client: &Xbezahldienste, remote: &RemoteId) -> crate::domain::told::Told {
    let mut question = question(None);
    question.remote = Some(remote.clone());
    match client.ask(&question, &Calls::default()).await {
        Answer::Told(told) => told,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_payment_is_opened_paid_and_told_in_every_version_with_every_login_at_every_service() {
    let logins = [
        ("", ""),
        (
            "login = { kind = \"basic\", user = \"stadt\", password = \"geheim\" }",
            "auth = { kind = \"basic\", user = \"stadt\", password = \"geheim\" }",
        ),
        (
            "login = { kind = \"oauth\", client_id = \"stadt\", client_secret = \"geheim\" }",
            "auth = { kind = \"oauth2\", client_id = \"stadt\", client_secret = \"geheim\", style = \"STYLE\", \
             token_url = \"TOKENS\" }",
        ),
    ];
    let flavours = ["exact", "epaybl", "epay21", "pmpayment", "girocheckout"];
    for (number, flavour) in flavours.into_iter().enumerate() {
        for (theirs, ours) in logins {
            let version = ["1.0.0", "1.1.0", "1.2.0"][number % 3];
            let style = ["form", "json", "basic"][number % 3];
            let sandbox = sandbox(&format!("flavour = \"{flavour}\"\n{theirs}")).await;
            let tokens = format!("{}/oauth/token", sandbox.xbezahldienste_url());
            let ours = ours.replace("TOKENS", &tokens).replace("STYLE", style);
            let client = to(&sandbox, version, &ours);
            let place = format!("{flavour} {version} {ours}");
            let order = small();
            let alive = client.alive(&order.mandant, &order.bewirtschafter).await;
            assert_eq!(alive, Ok(()), "{place}");
            let remote = remote(client.open(&order, &Calls::default()).await);
            assert_eq!(told(&client, &remote).await.word, Some(Word::Interim), "{place}");
            let paid = sandbox.payments().pop().expect("a payment").kassenzeichen;
            sandbox.pay(&paid, Some("PAYPAL")).expect("payable");
            let told = told(&client, &remote).await;
            assert_eq!(told.word, Some(Word::Success), "{place}");
            assert_eq!(
                told.kassenzeichen.as_ref().map(Kassenzeichen::as_str),
                Some(paid.as_str()),
                "{place}"
            );
            if flavour == "exact" {
                assert_eq!(told.method, Some(Method::parse("PAYPAL").expect("a method")));
            }
            sandbox.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_there_is_one_payment_only() {
    let sandbox = sandbox("transaction_id = \"request_id\"").await;
    let client = to(&sandbox, "1.1.0", "transaction_id_is_request_id = true");
    sandbox.fail_next(Fault::DropAfterCreate);
    let order = small();
    let opened = client.open(&order, &Calls::default()).await;
    assert!(matches!(opened, Opened::Unclear(_)), "{opened:?}");
    let remote = remote(client.reopen(&order, &Calls::default()).await);
    assert_eq!(remote.as_str(), order.nummer.as_str());
    assert_eq!(sandbox.payments().len(), 1);
    let again = client.open(&order, &Calls::default()).await;
    assert_eq!(self::remote(again), remote, "a number that exists is found");
}

#[tokio::test]
async fn a_wrong_pair_of_ids_and_a_wrong_login_are_an_operators_matter() {
    let sandbox = sandbox("login = { kind = \"basic\", user = \"stadt\", password = \"geheim\" }").await;
    let wrong_login = "auth = { kind = \"basic\", user = \"stadt\", password = \"falsch\" }";
    let wrong_ids =
        "originator = \"mandant\"\nauth = { kind = \"basic\", user = \"stadt\", password = \"geheim\" }";
    for more in [wrong_login, wrong_ids] {
        let client = to(&sandbox, "1.1.0", more);
        let Opened::Refused(refusal) = client.open(&small(), &Calls::default()).await else {
            panic!("it is refused");
        };
        assert_eq!(refusal.fault, Whose::Configuration, "{}", refusal.text);
    }
    assert!(sandbox.payments().is_empty());
}
