//! Statements come in over HTTP: what became of each is told, and a hostile sender changes nothing.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bank::{Line, file};
use crate::exceptions::with_persons;
use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::Answer;
use crate::statements::KASSE;
use crate::statements_disorder::{awaited, day, statement};

const DAY: i64 = 86_400;
const ELSEWHERE: &str = "DE02120300000000202051";

async fn secret(world: &World, person: &str) -> String {
    world.stage().client_secret(person).await.expect("a secret")
}

/// Sends a file as somebody.
async fn send(
    world: &World,
    person: (&str, &str),
    kasse: &str,
    query: &str,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let url = world.url(&format!("/api/v1/kassen/{kasse}/statements{query}"));
    // As curl --data-binary says of any body.
    let request = world
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(body);
    Answer::of(request.basic_auth(person.0, Some(person.1))).await
}

fn is_problem(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let expected = format!("urn:epaybl-connector:problem:{kind}");
    assert_eq!(answer.body["type"], expected.as_str(), "{}", answer.text);
}

fn outcomes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let of = |one: &Value| one["outcome"].as_str().unwrap_or_default().to_owned();
    let all = answer.body["statements"].as_array().expect("statements");
    all.iter().map(of).collect()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a member");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("a ZIP").into_inner()
}

async fn staged(world: &World) -> i64 {
    world.number("SELECT count(*) FROM statement").await
}

#[tokio::test]
async fn the_cash_office_uploads_what_the_bank_sent_and_is_told_what_became_of_each_statement() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let kz = awaited(world, "u-1").await;
        world.forward(3 * DAY);
        let (kasse, auditor) = (secret(world, "kasse").await, secret(world, "auditor").await);
        let kasse = ("kasse", kasse.as_str());
        let good = statement(world, "S1", vec![Line::new(day(0), 3060, &kz)]);
        let elsewhere = of_account(&good, ELSEWHERE);
        let text = file(&[good.clone(), elsewhere]);
        let answer = send(world, kasse, KASSE, "?name=november.xml", text.clone()).await;
        assert_eq!(outcomes(&answer), ["filed", "no_account"]);
        let first = &answer.body["statements"][0];
        assert_eq!((&first["entries"], &first["fresh"]), (&json!(1), &json!(1)));
        assert_eq!(first["source"], "kasse: november.xml");
        assert_eq!(answer.body["matched"]["settled"], 1);
        assert_eq!(world.status(CAR, "u-1").await, "PAYED");
        // Sent again, and in a ZIP: known.
        let zip = zipped(&[
            ("a.xml", text.as_bytes()),
            ("brief.txt", b"Sehr geehrte Damen und Herren"),
        ]);
        let answer = send(world, kasse, KASSE, "", zip).await;
        assert_eq!(outcomes(&answer), ["known", "no_account", "refused"]);
        assert_eq!(answer.body["matched"], Value::Null);
        // One that does not hold is refused with entry, line and reason.
        let torn = text.replacen("</BookgDt>", "", 1);
        let answer = send(world, kasse, KASSE, "", torn).await;
        assert_eq!(outcomes(&answer)[0], "refused");
        assert!(
            answer.body["statements"][0]["why"]
                .as_str()
                .is_some_and(|why| !why.is_empty())
        );
        // Who may not, may not; and another Kasse's account is none here.
        is_problem(
            &send(world, ("auditor", &auditor), KASSE, "", text.clone()).await,
            403,
            "forbidden",
        );
        is_problem(
            &send(world, kasse, "stadtkasse-bad-langensalza", "", text.clone()).await,
            404,
            "not-found",
        );
        is_problem(
            &send(world, ("kasse", "wrong"), KASSE, "", text.clone()).await,
            401,
            "unauthorized",
        );
        is_problem(
            &send(world, kasse, KASSE, "?nam=x", text.clone()).await,
            400,
            "invalid-request",
        );
        is_problem(
            &send(world, kasse, KASSE, "?name=%00", text).await,
            400,
            "invalid-request",
        );
    })
    .await;
}

fn of_account(of: &crate::bank::Statement, iban: &str) -> crate::bank::Statement {
    crate::bank::Statement {
        iban: iban.to_owned(),
        ..of.clone()
    }
}

#[tokio::test]
async fn what_is_too_large_too_short_a_form_or_a_bomb_changes_nothing() {
    with_each_provider(&[soap3()], async |world| {
        world
            .reconfigure(|text| text + "\n[statements]\nupload_limit_bytes = 65536\n")
            .await;
        with_persons(world, "holds = \"exclusive\"").await;
        let secret = secret(world, "kasse").await;
        let kasse = ("kasse", secret.as_str());
        let good = file(&[statement(world, "S1", vec![Line::new(day(0), 100, "Eis")])]);
        // Announced, and not announced.
        let large = " ".repeat(70_000);
        is_problem(
            &send(world, kasse, KASSE, "", large.clone()).await,
            413,
            "too-large",
        );
        let (status, text) = raw(world, kasse, "Transfer-Encoding: chunked", &chunked(&large)).await;
        assert_eq!(status, 413, "{text}");
        is_problem(&send(world, kasse, KASSE, "", "").await, 400, "invalid-request");
        let url = world.url(&format!("/api/v1/kassen/{KASSE}/statements"));
        let form = world
            .http
            .post(url)
            .header("content-type", "multipart/form-data; boundary=x");
        let form = form.body("--x").basic_auth("kasse", Some(&secret));
        is_problem(&Answer::of(form).await, 415, "unsupported-media-type");
        // It ends before its announced length: the sender is gone, and nothing was taken.
        let (status, _) = raw(world, kasse, "Content-Length: 60000", good.as_bytes()).await;
        assert!(status == 0 || status == 400, "{status}");
        // 48 MiB of blanks in a few kilobytes.
        let bomb = zipped(&[("bombe.xml", &vec![b' '; 48 << 20])]);
        assert!(bomb.len() < 65_536);
        assert_eq!(outcomes(&send(world, kasse, KASSE, "", bomb).await), ["refused"]);
        assert_eq!(
            outcomes(&send(world, kasse, KASSE, "", "PK\u{3}\u{4}xxx").await),
            ["refused"]
        );
        assert_eq!(staged(world).await, 0);
        assert_eq!(outcomes(&send(world, kasse, KASSE, "", good).await), ["filed"]);
    })
    .await;
}

fn chunked(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len()).into_bytes()
}

/// Sends bytes as they are, ends, and reads the answer: its status (0 where there is none) and its text.
async fn raw(world: &World, person: (&str, &str), length: &str, body: &[u8]) -> (u16, String) {
    let url = url::Url::parse(&world.url("/")).expect("a URL");
    let address = (url.host_str().expect("a host"), url.port().expect("a port"));
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let login = data_encoding::BASE64.encode(format!("{}:{}", person.0, person.1).as_bytes());
    let head = format!(
        "POST /api/v1/kassen/{KASSE}/statements HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Basic {login}\r\n{length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    // The other side may hang up on what is too large.
    drop(stream.write_all(body).await);
    drop(stream.shutdown().await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    (status.unwrap_or(0), text)
}
