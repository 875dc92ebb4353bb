//! Against the sandbox's SOAP service, which shares no code with us: whole flows in every shape that servers have.

use reqwest::redirect::Policy;

use super::super::requests::tests::question;
use super::super::{Operation, Tax, Version};
use super::*;
use crate::app::ports::{Answer, Question};
use crate::domain::ids::Transaktionsnummer;
use crate::domain::money::Cents;
use crate::domain::proof::Judgement;
use crate::domain::tenant::Flow;
use crate::domain::told::{Heard, Told};
use crate::sandbox::{self, Account, CustomerNumber, Options, Sandbox, SoapVersion, World};

/// A sandbox with one account, and what the connector knows of it.
struct Stage {
    sandbox: Sandbox,
    service: Soap,
}

impl Stage {
    async fn new(profile: ProfileConfig, change: impl FnOnce(&mut Account)) -> Self {
        let mut account = Account::new("1610000000", "42", "Stadtbibliothek").releasing_all();
        account.kassenzeichen_prefix = Some("42".into());
        change(&mut account);
        let options = Options {
            world: World {
                accounts: vec![account],
            },
            magic_cents: false,
            ..Options::default()
        };
        let (listener, _) = listen().await;
        let sandbox = Sandbox::start(listener, options).await.expect("a sandbox");
        let mut config = config(&sandbox.soap_url());
        config.paypage_url = sandbox.base_url().join("paypage/login.do").expect("an address");
        config.profile = profile;
        let service = Soap::new(config).expect("good settings");
        Self { sandbox, service }
    }

    async fn open(&self, order: &OpenOrder) -> Opened {
        self.service.open(order, &Calls::default()).await
    }

    async fn ask(&self, kassenzeichen: &Kassenzeichen) -> Told {
        let question = Question {
            kassenzeichen: Some(kassenzeichen.clone()),
            ..question()
        };
        match self.service.ask(&question, &Calls::default()).await {
            Answer::Told(told) => told,
            other => panic!("told, not {other:?}"),
        }
    }

    async fn judged(&self, kassenzeichen: &Kassenzeichen) -> Judgement {
        let told = self.ask(kassenzeichen).await;
        assert!(!told.other_customer);
        assert_eq!(told.kassenzeichen.as_ref(), Some(kassenzeichen));
        self.service
            .proof()
            .judge(&told, &Heard::default(), order().total)
    }
}

#[track_caller]
fn named(opened: &Opened) -> Kassenzeichen {
    match opened {
        Opened::Open {
            kassenzeichen: Some(kassenzeichen),
            ..
        } => kassenzeichen.clone(),
        other => panic!("open, not {other:?}"),
    }
}

fn paid(judgement: &Judgement) -> Option<Cents> {
    match judgement {
        Judgement::Paid { amount, .. } => Some(*amount),
        _ => None,
    }
}

#[tokio::test]
async fn a_payment_is_opened_paid_and_proven_whatever_the_server_s_shape() {
    for (theirs, ours) in [
        (SoapVersion::Two, Version::Two),
        (SoapVersion::Three, Version::Three),
    ] {
        for mit_blp in [true, false] {
            for customer_number in [CustomerNumber::EShopKundenNr, CustomerNumber::EShopKundennummer] {
                let profile = ProfileConfig {
                    version: Some(ours),
                    tax: mit_blp.then_some(Tax::Within),
                    ..ProfileConfig::default()
                };
                let stage = Stage::new(profile, |account| {
                    account.soap_version = theirs;
                    account.mit_blp = mit_blp;
                    account.customer_number = customer_number;
                    account.paypage_status = mit_blp;
                })
                .await;
                let opened = stage.open(&order()).await;
                let kassenzeichen = named(&opened);
                let Opened::Open {
                    way: Way::Paypage(page),
                    ..
                } = opened
                else {
                    panic!("on a page");
                };
                let browser = config("http://127.0.0.1:1/")
                    .connections(LONG)
                    .client(Policy::none());
                let shown = browser
                    .expect("a client")
                    .get(page)
                    .send()
                    .await
                    .expect("an answer");
                assert!(
                    shown.status().is_success() || shown.status().is_redirection(),
                    "{shown:?}"
                );
                assert_eq!(stage.judged(&kassenzeichen).await, Judgement::NotYet);
                let sending = stage
                    .sandbox
                    .pay(kassenzeichen.as_str(), Some("PAYPAL"))
                    .expect("paid");
                sending.done().await;
                assert_eq!(paid(&stage.judged(&kassenzeichen).await), Some(order().total));
            }
        }
    }
}

#[tokio::test]
async fn the_old_operation_is_understood_too() {
    let profile = ProfileConfig {
        version: Some(Version::Two),
        operation: Some(Operation::AnlegenKassenzeichen),
        ..ProfileConfig::default()
    };
    let stage = Stage::new(profile, |account| account.soap_version = SoapVersion::Two).await;
    let kassenzeichen = named(&stage.open(&order()).await);
    assert_eq!(stage.judged(&kassenzeichen).await, Judgement::NotYet);
}

#[tokio::test]
async fn a_storno_before_payment_looks_paid_by_its_saldo_and_is_not() {
    let stage = Stage::new(ProfileConfig::default(), |account| {
        account.temporary_until_paid = false;
    })
    .await;
    let kassenzeichen = named(&stage.open(&order()).await);
    stage
        .sandbox
        .storno(kassenzeichen.as_str(), None)
        .expect("cancelled");
    let told = stage.ask(&kassenzeichen).await;
    assert_eq!(told.saldo, Some(Cents::ZERO));
    assert!(matches!(stage.judged(&kassenzeichen).await, Judgement::Over(_)));
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_again_and_nothing_exists_twice() {
    for (fault, found) in [
        ("drop-after-create", true),
        ("error-after-create", true),
        // These stay with the payment: its look-up cannot be read either.
        ("wrong-encoding", false),
        ("missing-fields", false),
    ] {
        let stage = Stage::new(looking_up(), |_| {}).await;
        stage.sandbox.fail_next(fault.parse().expect("a fault"));
        let lost = stage.open(&order()).await;
        assert!(matches!(lost, Opened::Unclear(_)), "{fault}: {lost:?}");
        let again = stage.service.reopen(&order(), &Calls::default()).await;
        let there = stage.sandbox.payments();
        if found {
            assert_eq!(named(&again).as_str(), there[0].kassenzeichen, "{fault}");
        } else {
            assert!(matches!(again, Opened::Unclear(_)), "{fault}: {again:?}");
        }
        assert_eq!(there.len(), 1, "{fault}");
        let number = order().nummer.to_string();
        assert_eq!(
            stage.sandbox.counts().creates_by_number.get(&number),
            Some(&1),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn a_number_that_never_arrived_is_sent_again_and_one_that_did_is_refused() {
    let stage = Stage::new(looking_up(), |_| {}).await;
    let kassenzeichen = named(&stage.service.reopen(&order(), &Calls::default()).await);
    let same = named(&stage.service.reopen(&order(), &Calls::default()).await);
    assert_eq!(same, kassenzeichen);
    let mut other = order();
    other.kundennummer = "another".into();
    assert_eq!(stage.open(&other).await, Opened::AlreadyUsed);
}

#[tokio::test]
async fn junk_before_the_answer_does_not_hurt_and_a_fault_is_unclear() {
    let stage = Stage::new(looking_up(), |_| {}).await;
    stage
        .sandbox
        .fail_all(vec!["junk-before-xml".parse().expect("a fault")]);
    named(&stage.open(&order()).await);
    let stage = Stage::new(looking_up(), |_| {}).await;
    stage.sandbox.fail_next("soap-fault".parse().expect("a fault"));
    let opened = stage.open(&order()).await;
    assert!(matches!(opened, Opened::Unclear(_)), "{opened:?}");
}

#[tokio::test]
async fn a_transfer_is_opened_received_listed_and_confirmed() {
    for (flow, version) in [
        (Flow::Vorkasse, SoapVersion::Two),
        (Flow::Rechnung, SoapVersion::Three),
    ] {
        let stage = Stage::new(ProfileConfig::default(), |account| account.soap_version = version).await;
        let order = OpenOrder {
            flow,
            nummer: Transaktionsnummer::parse("TX1").expect("a number"),
            ..order()
        };
        let opened = stage.open(&order).await;
        let kassenzeichen = named(&opened);
        assert!(
            matches!(
                opened,
                Opened::Open {
                    way: Way::Transfer(_),
                    ..
                }
            ),
            "{opened:?}"
        );
        assert_eq!(stage.judged(&kassenzeichen).await, Judgement::NotYet);
        stage
            .sandbox
            .receive(kassenzeichen.as_str(), sandbox::Cents::new(4150))
            .expect("received");
        assert_eq!(paid(&stage.judged(&kassenzeichen).await), Some(order.total));
        let calls = Calls::default();
        let unread = stage
            .service
            .unread(&order.mandant, &calls)
            .await
            .expect("a list")
            .expect("a list");
        let receipt = &unread.receipts[0];
        assert_eq!(
            (receipt.kassenzeichen.as_str(), receipt.cents),
            (kassenzeichen.as_str(), order.total)
        );
        assert!(receipt.booked_at.is_some());
        let wrong = stage.service.confirm_read(&order.mandant, "EP0", &calls).await;
        assert_eq!(wrong.expect_err("another").code, "-0100");
        let confirmed = stage
            .service
            .confirm_read(&order.mandant, &unread.id, &calls)
            .await;
        assert_eq!(confirmed, Ok(()));
        let rest = stage
            .service
            .unread(&order.mandant, &calls)
            .await
            .expect("a list")
            .expect("a list");
        assert!(rest.receipts.is_empty());
    }
}
