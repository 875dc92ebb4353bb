//! Ergebnis and faults in every form, and what is no answer.

use super::super::xml::MOST_ELEMENTS;
use super::*;

/// An answer out of `fixtures/soap/connector/answers/`.
pub(in super::super) fn answer(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/fixtures/soap/connector/answers/{name}.xml",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(in super::super) fn raw(status: u16, body: &[u8]) -> Raw {
    Raw {
        status,
        content_type: Some("text/xml".into()),
        body: body.to_vec(),
    }
}

pub(in super::super) fn answered(body: &[u8]) -> Answered {
    match Reply::read(&raw(200, body), MOST_ELEMENTS) {
        Reply::Result(answered) => answered,
        other => panic!("a result, not {other:?}"),
    }
}

pub(in super::super) fn envelope(body: &str) -> Vec<u8> {
    format!("<Envelope><Body>{body}</Body></Envelope>").into_bytes()
}

fn ergebnis(inner: &str) -> Ergebnis {
    answered(&envelope(&format!(
        "<xResponse><xReturn>{inner}</xReturn></xResponse>"
    )))
    .ergebnis()
}

fn refused(status: u16, body: &[u8]) -> Refusal {
    match Reply::read(&raw(status, body), MOST_ELEMENTS) {
        Reply::Refused(refusal) => refusal,
        other => panic!("a refusal, not {other:?}"),
    }
}

fn nothing(status: u16, body: &[u8]) -> String {
    match Reply::read(&raw(status, body), MOST_ELEMENTS) {
        Reply::Nothing(why) => why,
        other => panic!("nothing, not {other:?}"),
    }
}

#[test]
fn the_ergebnis_is_found_flat_nested_bare_and_behind_references() {
    for (name, id) in [
        ("info.v2", Some("EP-2-0001")),
        ("info.v3", None),
        ("info.v3.multiref", Some("EP-3-0002")),
        ("alive.v2", Some("EP-2-0002")),
        ("opened.v2", Some("EP-2-0001")),
        ("opened.v3", Some("EP-3-0001")),
    ] {
        let found = answered(&answer(name)).ergebnis();
        assert_eq!(found.verdict(), Verdict::Done, "{name}");
        assert_eq!(
            (found.code.as_deref(), found.id.as_deref()),
            (Some("+0000"), id),
            "{name}"
        );
    }
}

#[test]
fn a_no_is_a_refusal_with_its_code_and_whose_fault_it_is() {
    let found = answered(&answer("refused.v3")).ergebnis();
    let Verdict::Refused(refusal) = found.verdict() else {
        panic!("a no");
    };
    assert_eq!(
        (refusal.fault, refusal.code.as_str()),
        (Fault::Configuration, "-0611")
    );
    assert_eq!(found.words_for_logs(), Some("Titel nicht freigegeben"));
    let names = ergebnis("<istOk>false</istOk><code>-0104</code><langText>Muster ist falsch</langText>");
    assert!(matches!(
        names.verdict(),
        Verdict::Refused(Refusal {
            fault: Fault::Caller,
            ..
        })
    ));
    assert_eq!(names.words_for_logs(), None);
    assert_eq!(
        ergebnis("<istOk>0</istOk><code>-0531</code>").verdict(),
        Verdict::NumberUsed
    );
}

#[test]
fn what_contradicts_itself_or_says_nothing_is_no_answer() {
    for inner in [
        "<istOk>true</istOk><code>-0611</code>",
        "<istOk>false</istOk><code>+0000</code>",
        "<istOk>false</istOk>",
        "<istOk>false</istOk><code>-9999</code>",
        "<istOk>false</istOk><code>-0001</code>",
        "<istOk>false</istOk><code>kaputt</code>",
    ] {
        assert!(
            matches!(ergebnis(inner).verdict(), Verdict::Unclear(_)),
            "{inner}"
        );
    }
    assert_eq!(ergebnis("<istOk>1</istOk>").verdict(), Verdict::Done);
    assert_eq!(ergebnis("<istOk>vielleicht</istOk>").verdict(), Verdict::Unsaid);
    // A code that stands alone may be that of a status.
    assert_eq!(ergebnis("<code>+0000</code>").verdict(), Verdict::Unsaid);
}

#[test]
fn a_fault_is_read_under_any_status_and_a_missing_method_is_known() {
    for status in [200, 400, 500] {
        assert!(matches!(
            Reply::read(&raw(status, &answer("fault")), MOST_ELEMENTS),
            Reply::NoSuchMethod
        ));
    }
    let other =
        envelope("<Fault><faultcode>s:Server.user</faultcode><faultstring>kaputt</faultstring></Fault>");
    assert_eq!(nothing(500, &other), "a SOAP Fault Server: kaputt");
    let client =
        envelope("<Fault><faultcode>Client</faultcode><faultstring>no such parameter</faultstring></Fault>");
    assert!(nothing(200, &client).contains("no such parameter"));
    let newer =
        envelope("<Fault><Code><Value>s:Sender</Value></Code><Reason><Text>neu</Text></Reason></Fault>");
    assert_eq!(nothing(500, &newer), "a SOAP Fault Sender: neu");
}

#[test]
fn http_says_whether_a_request_was_carried_out() {
    for status in [401, 403, 404, 405, 407, 413, 429] {
        let refusal = refused(status, b"<html>no</html>");
        assert_eq!(refusal.code, format!("HTTP {status}"));
    }
    for status in [302, 408, 409, 500, 502, 503] {
        assert!(nothing(status, b"").starts_with(&format!("HTTP {status}")));
    }
    assert!(nothing(200, b"<html>fine</html>").contains("no SOAP envelope"));
    assert!(nothing(200, b"<Envelope><Header/></Envelope>").contains("no body"));
    assert!(nothing(200, &envelope("")).contains("empty"));
    assert!(nothing(500, &answer("alive.v2")).contains("HTTP 500"));
}
