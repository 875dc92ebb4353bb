//! Tables of answers: what each one means, and what is broken in form or in sense.

use super::super::wire::tests::config;
use super::*;
use crate::domain::case::Way;

fn opened(status: u16, body: &str) -> Opened {
    Reply::new(status, body.as_bytes()).opened(&config("https://epay.example/konnektor"))
}

fn asked(status: u16, body: &str) -> Answer {
    asked_for("4200000000061", status, body)
}

fn asked_for(kassenzeichen: &str, status: u16, body: &str) -> Answer {
    let kassenzeichen = Kassenzeichen::parse(kassenzeichen).expect("a Kassenzeichen");
    Reply::new(status, body.as_bytes()).asked(&kassenzeichen, &config("https://epay.example/konnektor"))
}

fn open(kassenzeichen: Option<&str>) -> Opened {
    Opened::Open {
        kassenzeichen: kassenzeichen.map(|text| Kassenzeichen::parse(text).expect("a Kassenzeichen")),
        remote: None,
        way: Way::Paypage("https://pay.example/p/1".into()),
    }
}

#[test]
fn the_kassenzeichen_is_found_wherever_a_site_puts_it() {
    let info = r#""rechnungUrls":{"PAYPAGE":" https://pay.example/p/1 "}"#;
    let ok = r#""ergebnis":{"rc":"+0000"}"#;
    for (body, expected) in [
        (format!(r#"{{{ok},"zahlvorgangsInfo":{{{info}}}}}"#), None),
        (
            format!(r#"{{{ok},"kassenzeichen":"4200000000061","zahlvorgangsInfo":{{{info}}}}}"#),
            Some("4200000000061"),
        ),
        (
            format!(r#"{{{ok},"kassenzeichen":4200000000061,"zahlvorgangsInfo":{{{info}}}}}"#),
            Some("4200000000061"),
        ),
        (
            format!(r#"{{{ok},"zahlvorgangsInfo":{{{info},"kassenzeichennummer":" 42AB "}}}}"#),
            Some("42AB"),
        ),
        (
            format!(r#"{{{ok},"kassenzeichen":null,"zahlvorgangsInfo":{{{info},"kassenzeichen":"42"}}}}"#),
            Some("42"),
        ),
        (
            format!(
                r#"{{{ok},"kassenzeichen":{{"kassenzeichennummer":"43"}},"zahlvorgangsInfo":{{{info}}}}}"#
            ),
            Some("43"),
        ),
        (
            format!(r#"{{{ok},"kassenzeichen":"4 2/1","zahlvorgangsInfo":{{{info}}}}}"#),
            None,
        ),
    ] {
        assert_eq!(opened(200, &body), open(expected), "{body}");
    }
}

#[test]
fn every_answer_to_a_create_has_its_place() {
    let refused = |fault, code: &str| (fault, code.to_owned());
    for (status, body, expected) in [
        (
            200,
            r#"{"ergebnis":{"rc":"-0506","ergebnistext":"x"}}"#,
            refused(Fault::Caller, "-0506"),
        ),
        (
            400,
            r#"{"ergebnis":{"rc":" -0506 "}}"#,
            refused(Fault::Caller, "-0506"),
        ),
        (
            200,
            r#"{"ergebnis":{"rc":-611}}"#,
            refused(Fault::Configuration, "-0611"),
        ),
        (
            403,
            r#"{"ergebnis":{"rc":"-0021"}}"#,
            refused(Fault::Configuration, "-0021"),
        ),
        (401, "", refused(Fault::Configuration, "HTTP 401")),
        (403, "<html>", refused(Fault::Configuration, "HTTP 403")),
        (404, "{}", refused(Fault::Configuration, "HTTP 404")),
        (
            400,
            r#"{"error":"Bad Request"}"#,
            refused(Fault::Configuration, "HTTP 400"),
        ),
    ] {
        let Opened::Refused(refusal) = opened(status, body) else {
            panic!("{status} {body} is a refusal");
        };
        assert_eq!((refusal.fault, refusal.code), expected, "{status} {body}");
    }
    for (status, body) in [(200, "-0531"), (400, "-0531")] {
        let body = format!(r#"{{"ergebnis":{{"rc":"{body}"}}}}"#);
        assert_eq!(opened(status, &body), Opened::AlreadyUsed);
    }
    let page = r#""zahlvorgangsInfo":{"rechnungUrls":{"PAYPAGE":"https://pay.example/p/1"}}"#;
    for (status, body) in [
        (200, String::new()),
        (200, "<html>maintenance</html>".into()),
        (200, "[1]".into()),
        (200, r#"{"ergebnis":{"rc":"+00"#.into()),
        (200, r#"{"ergebnis":{"rc":"-9999"}}"#.into()),
        (200, r#"{"ergebnis":{"rc":"-7777"}}"#.into()),
        (200, format!(r#"{{"ergebnis":{{"rc":null}},{page}}}"#)),
        (200, format!(r#"{{"ergebnis":{{"rc":{{}}}},{page}}}"#)),
        (200, format!(r#"{{"ergebnis":7,{page}}}"#)),
        (200, r#"{"ergebnis":{"rc":"+0000"}}"#.into()),
        (
            200,
            r#"{"ergebnis":{"rc":"+0000"},"zahlvorgangsInfo":{"rechnungUrls":{"PAYPAGE":"javascript:x"}}}"#
                .into(),
        ),
        (
            200,
            r#"{"ergebnis":{"rc":"+0000"},"zahlvorgangsInfo":{"rechnungUrls":{"PAYPAGE":["https://a"]}}}"#
                .into(),
        ),
        (302, String::new()),
        (409, String::new()),
        (400, format!(r#"{{"ergebnis":{{"rc":"+0000"}},{page}}}"#)),
        (500, r#"{"ergebnis":{"rc":"-0506"}}"#.into()),
        (503, "busy".into()),
    ] {
        assert!(
            matches!(opened(status, &body), Opened::Unclear(_)),
            "{status} {body}"
        );
    }
}

fn state(fields: &str) -> String {
    format!(r#"{{"ergebnis":{{"rc":"+0000"}},"kassenzeichen":{{"zusatzdaten":{{{fields}}}}}}}"#)
}

#[test]
fn a_state_is_read_tolerantly() {
    let told = |page, method: Option<&str>, saldo: Option<i64>| {
        Answer::Told(Told {
            kassenzeichen: None,
            page,
            method: method.map(|code| Method::parse(code).expect("a method")),
            saldo: saldo.map(Cents::new),
            ..Told::default()
        })
    };
    for (fields, expected) in [
        (
            r#""paypagestatus":"INAKTIV","bezahlverfahren":"PAYPAL","saldo":0.00"#,
            told(Page::Inactive, Some("PAYPAL"), Some(0)),
        ),
        (
            r#""paypagestatus":" inaktiv ","bezahlverfahren":"Kreditkarte (VISA)","saldo":"-1,50""#,
            told(Page::Inactive, Some("Kreditkarte__VISA_"), Some(-150)),
        ),
        (
            r#""paypagestatus":"AKTIV","bezahlverfahren":null,"saldo":23.4500"#,
            told(Page::Active, None, Some(2345)),
        ),
        (
            r#""paypagestatus":"RUHEND","bezahlverfahren":"","saldo":" ""#,
            told(Page::Other("RUHEND".into()), None, None),
        ),
        ("", told(Page::Missing, None, None)),
    ] {
        assert_eq!(asked(200, &state(fields)), expected, "{fields}");
    }
    let zeros = asked_for("0042", 200, r#"{"kassenzeichen":42,"ergebnis":{"rc":"+0000"}}"#);
    assert!(matches!(zeros, Answer::Told(told) if told.kassenzeichen == Kassenzeichen::parse("0042").ok()));
    let beside = r#"{"kassenzeichen":{"saldo":1,"zusatzdaten":{"paypagestatus":"AKTIV"}}}"#;
    assert_eq!(asked(200, beside), told(Page::Active, None, Some(100)));
}

#[test]
fn what_is_broken_is_no_answer() {
    for body in [
        state(r#""paypagestatus":7"#),
        state(r#""paypagestatus":"INAKTIV","saldo":{}"#),
        state(r#""paypagestatus":"INAKTIV","saldo":0.001"#),
        state(r#""paypagestatus":"INAKTIV","saldo":"viel""#),
        state(r#""bezahlverfahren":[]"#),
        r#"{"ergebnis":{"rc":"+0000"}}"#.into(),
        r#"{"ergebnis":{"rc":"-9999"}}"#.into(),
        r#"{"kassenzeichen":{"kassenzeichennummer":"4299","zusatzdaten":{"paypagestatus":"INAKTIV"}}}"#
            .into(),
        "<html>".into(),
    ] {
        assert!(matches!(asked(200, &body), Answer::None(_)), "{body}");
    }
    assert!(matches!(asked(502, ""), Answer::None(_)));
}

#[test]
fn an_unknown_kassenzeichen_is_unknown_and_a_refusal_is_a_refusal() {
    assert_eq!(asked(404, "not found"), Answer::Unknown);
    assert_eq!(asked(200, r#"{"ergebnis":{"rc":"-0310"}}"#), Answer::Unknown);
    assert_eq!(asked(404, r#"{"ergebnis":{"rc":"-0777"}}"#), Answer::Unknown);
    for (status, body) in [
        (403, ""),
        (200, r#"{"ergebnis":{"rc":"-0304"}}"#),
        (404, r#"{"ergebnis":{"rc":"-0304"}}"#),
    ] {
        assert!(matches!(asked(status, body), Answer::Refused(_)), "{status}");
    }
}

#[test]
fn methods_come_with_their_limits() {
    let body = r#"{"ergebnis":{"rc":"+0000"},"zahlverfahren":[
        {"zahlverfahrencode":"PAYPAL","minimalbetrag":0.01,"maximalbetrag":5000,"zvp":true},
        {"zahlverfahrencode":"SEPASDD","minimalbetrag":null},{"name":"?"}]}"#;
    let methods = Reply::new(200, body.as_bytes()).methods().expect("a list");
    assert_eq!(methods.len(), 2);
    assert_eq!(methods[0].min, Some(Cents::new(1)));
    assert_eq!(methods[0].max, Some(Cents::new(500_000)));
    assert_eq!((methods[1].min, methods[1].max), (None, None));
    assert!(Reply::new(200, b"{}").methods().is_err());
}

#[test]
fn the_providers_own_words_are_logged_only_where_they_name_no_person() {
    let words = |rc: &str| {
        let body = format!(r#"{{"ergebnis":{{"rc":"{rc}","ergebnistext":"Titel\n 1100"}}}}"#);
        Reply::new(200, body.as_bytes()).ergebnistext()
    };
    assert_eq!(words("-0611").as_deref(), Some("Titel 1100"));
    assert_eq!(words("-0104"), None);
}
