//! Faults that words ask for, and those that come by chance.

use super::*;

#[tokio::test]
async fn words_in_a_list_ask_for_a_fault() {
    let stage = Stage::new().await;
    let mut list = stage.list("TX1", 4150);
    list["beschreibung"] = json!("Antrag 4711, Sandbox Fault notify-twice");
    list["buchungen"][0]["buchungstext"] = json!("SANDBOX STATUS-LAGS-3");
    let answer = stage.post(&list).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let asked = [Fault::StatusLags { reads: 3 }, Fault::NotifyTwice];
    assert_eq!(stage.sandbox.payments()[0].faults, asked);
}

#[tokio::test]
async fn words_ask_for_nothing_where_that_is_off() {
    let stage = Stage::with(Options {
        magic_texts: false,
        ..options()
    })
    .await;
    let mut list = stage.list("TX1", 4150);
    list["beschreibung"] = json!("SANDBOX FAULT HTTP-500");
    assert_eq!(stage.post(&list).await.expect("an answer").status(), 200);
    assert!(stage.sandbox.payments()[0].faults.is_empty());
}

/// Twenty create calls: what became of each, and what the sandbox remembers.
async fn story(seed: u64) -> (Vec<u16>, Vec<Vec<Fault>>, Value) {
    let stage = Stage::new().await;
    let asked = json!({ "random": { "seed": seed, "rate_percent": 50,
        "faults": ["http-500", "notify-twice", "error-after-create"] } });
    let (status, _) = stage.control(Method::PUT, "faults", &asked.to_string()).await;
    assert_eq!(status, 200);
    let mut answers = Vec::new();
    for place in 0..20 {
        let list = stage.list(&format!("TX{place}"), 4150);
        let answer = stage.post(&list).await.expect("an answer");
        answers.push(answer.status().as_u16());
    }
    let payments = stage.sandbox.payments().into_iter().map(|payment| payment.faults);
    let faults = payments.collect();
    let (_, told) = stage.control(Method::GET, "faults", "").await;
    (answers, faults, told["random"].clone())
}

#[tokio::test]
async fn the_same_seed_makes_the_same_calls_go_wrong() {
    let first = story(7).await;
    assert_eq!(first, story(7).await);
    assert_ne!(first.0, story(8).await.0);
    let (answers, faults, told) = first;
    assert!(answers.contains(&200) && answers.contains(&500), "{answers:?}");
    assert_eq!(told["calls"], 20);
    let drawn = told["drawn"].as_array().expect("draws");
    let created: usize = faults.iter().filter(|faults| !faults.is_empty()).count();
    let refused = 20 - faults.len();
    assert_eq!(drawn.len(), created + refused, "{told}");
    // What a payment met stands with it, what came of no payment with the call.
    let first_lost = drawn
        .iter()
        .find(|drawn| drawn["fault"] == "http-500")
        .expect("one");
    let call = usize::try_from(first_lost["call"].as_u64().expect("a number")).expect("small");
    assert_eq!(answers[call - 1], 500);
}

#[tokio::test]
async fn chance_ends_with_the_other_faults() {
    let stage = Stage::new().await;
    let random = Random {
        seed: 1,
        rate_percent: 100,
        faults: vec![Fault::Http500],
    };
    stage
        .sandbox
        .fail_at_random(random.clone())
        .expect("faults to draw from");
    let list = stage.list("TX1", 4150);
    assert_eq!(stage.post(&list).await.expect("an answer").status(), 500);
    assert_eq!(stage.sandbox.drawn().len(), 1);
    stage.control(Method::DELETE, "faults", "").await;
    assert_eq!(stage.post(&list).await.expect("an answer").status(), 200);
    assert!(stage.sandbox.drawn().is_empty());
    let none = Random {
        faults: Vec::new(),
        ..random
    };
    assert!(stage.sandbox.fail_at_random(none).is_err());
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_and_changes_nothing() {
    let stage = Stage::new().await;
    let too_many = json!({ "next": vec!["slow"; 10_001] }).to_string();
    let together = json!({ "all": vec!["slow"; 65] }).to_string();
    for (body, says) in [
        (r#"{ "all": ["expired-certificate"] }"#, "TLS"),
        (r#"{ "all": ["client-certificate-expired"] }"#, "TLS"),
        (r#"{ "next": ["expired-certificate"] }"#, "use all"),
        (
            r#"{ "random": { "seed": 1, "rate_percent": 101, "faults": ["slow"] } }"#,
            "rate_percent",
        ),
        (
            r#"{ "random": { "seed": 1, "rate_percent": 10, "faults": [] } }"#,
            "0 entries",
        ),
        (
            r#"{ "random": { "seed": 1, "rate_percent": 10, "faults": ["expired-certificate"] } }"#,
            "all",
        ),
        (
            r#"{ "random": { "seed": 1, "faults": ["slow"] } }"#,
            "rate_percent",
        ),
        (&too_many, "10000"),
        (&together, "65 faults"),
    ] {
        let (status, told) = stage.control(Method::PUT, "faults", body).await;
        assert_eq!(status, 400, "{told}");
        assert!(told["error"].as_str().expect("a reason").contains(says), "{told}");
    }
    let (_, told) = stage.control(Method::GET, "faults", "").await;
    assert_eq!(told, json!({ "next": [], "all": [], "random": null }));
}

#[tokio::test]
async fn every_fault_has_a_name_and_a_sentence_in_both_languages() {
    let stage = Stage::new().await;
    let (status, told) = stage.control(Method::GET, "fault-names", "").await;
    assert_eq!(status, 200);
    let faults = told["faults"].as_array().expect("a list");
    assert!(faults.len() > 30);
    for fault in faults {
        let text = |name: &str| fault[name].as_str().expect("a text");
        assert!(text("name").parse::<Fault>().is_ok(), "{fault}");
        assert!(
            text("german").ends_with('.') && text("english").ends_with('.'),
            "{fault}"
        );
    }
}
