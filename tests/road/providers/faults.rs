//! Whatever goes wrong at the provider, one payment is paid once, and nobody hears anything untrue.

use epaybl_connector::sandbox::Fault;

use super::{every, services, soaps};
use crate::kit::{CERTIFICATE, with_each_provider};
use crate::requests::certificate;

#[tokio::test]
async fn answers_that_lag_or_come_with_junk_and_without_callbacks_cost_time_and_not_the_payment() {
    with_each_provider(&every(), async |world| {
        let faults = [
            Fault::StatusLags { reads: 2 },
            Fault::JunkBeforeXml,
            Fault::NoNotify,
        ];
        for (n, fault) in faults.into_iter().enumerate() {
            let id = format!("odd-{n}");
            world.sandbox().fail_next(fault.clone());
            let pay_url = world.open(CERTIFICATE, &certificate(&id)).await;
            world.pay(&pay_url, "KREDITKARTE").await;
            world.live(300, 20).await;
            let told = format!("{} under {fault}", world.provider);
            assert_eq!(world.status(CERTIFICATE, &id).await, "PAYED", "{told}");
            assert!(world.exceptions().await.is_empty(), "{told}");
            assert_eq!(world.booked().await.len(), 2 * (n + 1), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn answers_without_a_method_and_a_status_still_prove_money_by_their_sums_or_their_word() {
    let providers = [soaps(), services()].concat();
    with_each_provider(&providers, async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("bare")).await;
        world.sandbox().fail_all(vec![Fault::MissingFields]);
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(300, 20).await;
        let told = world.provider;
        assert_eq!(world.status(CERTIFICATE, "bare").await, "PAYED", "{told}");
        assert!(world.exceptions().await.is_empty(), "{told}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_to_the_opening_call_that_names_nothing_opens_nothing() {
    with_each_provider(&soaps(), async |world| {
        world.sandbox().fail_next(Fault::MissingFields);
        let pay_url = world.open(CERTIFICATE, &certificate("bare")).await;
        world.live(300, 20).await;
        assert_eq!(
            world.browse(&pay_url).await.status,
            200,
            "a page that asks for patience"
        );
        world.live(3 * 3600, 600).await;
        assert_eq!(
            world.status(CERTIFICATE, "bare").await,
            "FAILED",
            "{}",
            world.provider
        );
        assert_eq!(world.exceptions().await, ["beim_anbieter_unklar"]);
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_nothing_sensible_for_a_while_delays_everything_and_loses_nothing() {
    with_each_provider(&every(), async |world| {
        let whiles = [
            Fault::Http401,
            Fault::Http403,
            Fault::Http500,
            Fault::Truncated,
            Fault::WrongEncoding,
            Fault::SoapFault,
        ];
        for (n, fault) in whiles.into_iter().enumerate() {
            let id = format!("while-{n}");
            let pay_url = world.open(CERTIFICATE, &certificate(&id)).await;
            world.pay(&pay_url, "KREDITKARTE").await;
            world.sandbox().fail_all(vec![fault.clone()]);
            world.live(600, 60).await;
            let told = format!("{} under {fault}", world.provider);
            let meanwhile = world.status(CERTIFICATE, &id).await;
            assert!(
                ["INITIAL", "PAYED"].contains(&meanwhile.as_str()),
                "{meanwhile}: {told}"
            );
            world.sandbox().clear_faults();
            world.live(1200, 60).await;
            assert_eq!(world.status(CERTIFICATE, &id).await, "PAYED", "{told}");
            assert_eq!(world.booked().await.len(), 2 * (n + 1), "{told}");
            assert!(world.exceptions().await.is_empty(), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_refuses_us_opens_nothing_and_leaves_the_request_id_free() {
    with_each_provider(&every(), async |world| {
        for fault in [Fault::Http401, Fault::Http403] {
            let id = format!("door-{fault}");
            world.sandbox().fail_all(vec![fault.clone()]);
            let refused = world.post(CERTIFICATE, &certificate(&id)).await;
            assert_eq!(
                refused.refusal(),
                (503, "UNSPECIFIED".to_owned()),
                "{} under {fault}",
                world.provider
            );
            world.sandbox().clear_faults();
            world.paid(CERTIFICATE, &certificate(&id), "PAYPAL").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_the_operators_matter_by_its_code() {
    with_each_provider(&soaps(), async |world| {
        for code in ["-0611", "-0020", "-0021", "-0301", "-9977"] {
            world.sandbox().fail_next(Fault::AutoRefuse(code.to_owned()));
            let refused = world.post(CERTIFICATE, &certificate("code")).await;
            assert_eq!(refused.refusal(), (503, "UNSPECIFIED".to_owned()), "{code}");
            let found = world.stage().connector.app.find("code").await;
            let known = found.expect("the store answers").into_iter().any(|case| {
                let mut calls = case.calls.iter();
                calls.any(|call| call.code.as_deref() == Some(code) && !call.reference.is_empty())
            });
            assert!(known, "support asks for the reference of {code}");
        }
        world.paid(CERTIFICATE, &certificate("code"), "KREDITKARTE").await;
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_a_service_does_not_know_for_a_while_is_unknown_and_never_failed() {
    let mut services = services();
    for service in &mut services {
        service.at_sandbox = match service.name {
            "XBezahldienste 1.2.0" => |account| account.xbezahldienste.hidden_reads = 3,
            _ => continue,
        };
    }
    with_each_provider(&services[2..], async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("hidden")).await;
        world.live(60, 20).await;
        assert_eq!(world.status(CERTIFICATE, "hidden").await, "INITIAL");
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(600, 20).await;
        assert_eq!(world.status(CERTIFICATE, "hidden").await, "PAYED");
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}
