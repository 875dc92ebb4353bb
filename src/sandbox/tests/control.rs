use super::*;

#[tokio::test]
async fn faults_are_asked_for_and_taken_back() {
    let stage = Stage::new().await;
    let body = r#"{ "next": ["no-notify", ["missing-saldo", "status-lags:3"]], "all": ["wrong-hash"] }"#;
    let (status, asked) = stage.control(Method::PUT, "faults", body).await;
    let waiting = json!({ "next": [["no-notify"], ["missing-saldo", "status-lags:3"]], "all": ["wrong-hash"], "random": null });
    assert_eq!((status, &asked), (200, &waiting));
    for number in ["TX1", "TX2", "TX3"] {
        stage.create(number, 4150).await;
    }
    let faults: Vec<_> = stage
        .sandbox
        .payments()
        .into_iter()
        .map(|payment| payment.faults)
        .collect();
    let lag = Fault::StatusLags { reads: 3 };
    assert_eq!(faults[0], [Fault::NoNotify, Fault::WrongHash]);
    assert_eq!(faults[1], [Fault::MissingSaldo, lag, Fault::WrongHash]);
    assert_eq!(faults[2], [Fault::WrongHash]);
    let none = json!({ "next": [], "all": [], "random": null });
    assert_eq!(
        stage.control(Method::DELETE, "faults", "").await,
        (200, none.clone())
    );
    assert_eq!(stage.control(Method::GET, "faults", "").await, (200, none));
}

#[tokio::test]
async fn a_payment_is_paid_returned_and_received_by_call() {
    let mut stage = Stage::new().await;
    let kz = stage.payment(vec![]).await.kassenzeichen;
    let at = |verb: &str| format!("payments/{kz}/{verb}");
    let (status, paid) = stage
        .control(Method::POST, &at("pay"), r#"{ "method": "SEPASDD" }"#)
        .await;
    assert_eq!((status, &paid["payment"]["state"]), (200, &json!("paid")));
    assert_eq!(
        paid["notified"][1],
        json!({ "status": "success", "tries": 1, "answer": 200 })
    );
    assert_eq!(stage.receiver.rest(), ["notify", "success"]);
    for (verb, body, saldo) in [
        ("return", r#"{ "cents": 1150 }"#, "11.50"),
        ("return", "", "41.50"),
        ("receive", r#"{ "cents": 4200 }"#, "-0.50"),
    ] {
        let (status, told) = stage.control(Method::POST, &at(verb), body).await;
        assert_eq!(
            (status, told["payment"]["saldo"].to_string().as_str()),
            (200, saldo)
        );
    }
    let (_, payments) = stage.control(Method::GET, "payments", "").await;
    assert_eq!(payments["payments"][0]["kassenzeichen"], kz);
    let (_, payment) = stage.control(Method::GET, &format!("payments/{kz}"), "").await;
    assert_eq!(payment["payment"], payments["payments"][0]);
    let (_, counts) = stage.control(Method::GET, "counts", "").await;
    assert_eq!(
        (&counts["creates"], &counts["payments_by_number"]["TX1"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_payment_is_aborted_by_call_and_paid_late() {
    let mut stage = Stage::new().await;
    let kz = stage.payment(vec![]).await.kassenzeichen;
    let (_, told) = stage
        .control(Method::POST, &format!("payments/{kz}/abort"), "")
        .await;
    assert_eq!(told["payment"]["state"], "aborted");
    let (_, told) = stage
        .control(Method::POST, &format!("payments/{kz}/pay"), "")
        .await;
    assert_eq!(told["payment"]["state"], "paid");
    assert_eq!(stage.receiver.rest(), ["notify", "cancel", "notify", "success"]);
}

#[tokio::test]
async fn any_notify_can_be_asked_for() {
    let mut stage = Stage::new().await;
    let kz = stage.payment(vec![]).await.kassenzeichen;
    let body = r#"{ "status": "error", "kassenzeichen": "4711", "bewirtschafter": "7", "times": 3 }"#;
    let (status, told) = stage
        .control(Method::POST, &format!("payments/{kz}/notify"), body)
        .await;
    assert_eq!(
        (status, told["notified"].as_array().map(Vec::len)),
        (200, Some(3))
    );
    for _ in 0..3 {
        let arrived = stage.receiver.next().await;
        let fields = arrived.fields();
        let values = ["kassenzeichen", "bewirtschafter", "status"].map(|name| fields[name].as_str());
        assert_eq!((values, arrived.is_signed()), (["4711", "7", "error"], true));
    }
    let wrong = r#"{ "wrong_hash": true }"#;
    stage
        .control(Method::POST, &format!("payments/{kz}/notify"), wrong)
        .await;
    let arrived = stage.receiver.next().await;
    assert_eq!(
        (arrived.status().as_str(), arrived.is_signed()),
        ("notify", false)
    );
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let stage = Stage::new().await;
    let kz = stage.payment(vec![]).await.kassenzeichen;
    for (path, body, status, says) in [
        (
            "payments/4711/pay".to_owned(),
            "",
            404,
            "Kassenzeichen 4711 is unknown",
        ),
        (
            format!("payments/{kz}/pay"),
            r#"{ "method": "PAYPAL" }"#,
            400,
            "does not allow the method PAYPAL",
        ),
        (
            format!("payments/{kz}/pay"),
            r#"{ "methode": "x" }"#,
            400,
            "unknown field",
        ),
        (
            format!("payments/{kz}/return"),
            "",
            409,
            "is open and cannot be returned",
        ),
        (format!("payments/{kz}/receive"), "", 400, "cents is missing"),
        (
            format!("payments/{kz}/receive"),
            r#"{ "cents": -1 }"#,
            400,
            "-0.01 EUR",
        ),
    ] {
        let (answered, told) = stage.control(Method::POST, &path, body).await;
        assert_eq!(answered, status, "{told}");
        assert!(told["error"].as_str().expect("a reason").contains(says), "{told}");
    }
    let (status, _) = stage
        .control(Method::PUT, "faults", r#"{ "next": ["slowly"] }"#)
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_call_that_a_page_of_another_site_sends_is_refused() {
    let stage = Stage::new().await;
    let kz = stage.payment(vec![]).await.kassenzeichen;
    let root = stage.sandbox.base_url().as_str().trim_end_matches('/').to_owned();
    let send = |method: Method, path: String, name: &'static str, value: String| {
        let body = r#"{ "all": ["slow"] }"#;
        let url = format!("{root}/sandbox/{path}");
        let request = stage.client.request(method, url).header(name, value).body(body);
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    for (method, path) in [
        (Method::POST, format!("payments/{kz}/pay")),
        (Method::POST, "clock".to_owned()),
        (Method::POST, "bank/DE58999999010000000001/transfers".to_owned()),
        (Method::PUT, "faults".to_owned()),
        (Method::DELETE, "faults".to_owned()),
    ] {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let status = send(method.clone(), path.clone(), name, value.to_owned()).await;
            assert_eq!(status, 403, "{method} {path} {name} {value}");
        }
    }
    let read = send(
        Method::GET,
        "faults".to_owned(),
        "sec-fetch-site",
        "cross-site".to_owned(),
    );
    assert_eq!(read.await, 200);
    let own = send(Method::PUT, "faults".to_owned(), "origin", root.clone());
    assert_eq!(own.await, 200);
}

#[tokio::test]
async fn a_body_that_no_list_needs_is_refused_before_it_is_read() {
    let stage = Stage::new().await;
    let url = format!("{}sandbox/faults", stage.sandbox.base_url());
    let body = format!("[{}0]", "0,".repeat(400_000));
    let answer = stage.client.put(url).body(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 413);
}
