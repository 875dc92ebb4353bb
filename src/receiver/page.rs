//! The page of received events: German first, English beside, nothing loaded from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

use super::ReceivedEvent;

const HEAD: &str = r#"<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Gateway (Nachbildung)</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.5rem; margin-bottom: 0 }
[lang=en] { color: #595959; font-weight: normal }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin-top: 1rem }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid #c8c8c8 }
th [lang=en] { display: block; font-size: .875rem }
td.amount { text-align: right; white-space: nowrap }
code { font-size: .875rem; overflow-wrap: anywhere }
.test { display: inline-block; background: #ffd54a; padding: 0 .5rem; font-weight: bold }
</style>
</head>
<body>
<main>
<h1>Empfangene Ereignisse <span lang="en">Received events</span></h1>
<p>Diese Seite bildet ein KommunalGateway nach. Es nimmt nur Ereignisse mit gültiger Signatur an und jedes nur einmal.
<span lang="en">A stand-in for a municipal gateway. It takes only events with a good signature, and each of them once.</span></p>
"#;

const TABLE: &str = r#"<div class="scroll"><table>
<thead><tr>
<th scope="col">Nr. <span lang="en">No.</span></th>
<th scope="col">Zeit <span lang="en">Time</span></th>
<th scope="col">Ereignis <span lang="en">Event</span></th>
<th scope="col">Vorgang <span lang="en">Case</span></th>
<th scope="col">Kassenzeichen <span lang="en">Reference</span></th>
<th scope="col">Betrag <span lang="en">Amount</span></th>
<th scope="col">Zustellungen <span lang="en">Deliveries</span></th>
</tr></thead>
<tbody>
"#;

const EMPTY: &str = "<p><strong>Noch kein Ereignis.</strong> <span lang=\"en\">No event yet.</span></p>\n</main></body></html>\n";

/// The whole page, newest event first.
pub(super) fn render(events: &[ReceivedEvent]) -> String {
    let mut html = String::from(HEAD);
    if events.is_empty() {
        html.push_str(EMPTY);
        return html;
    }
    html.push_str(TABLE);
    for (index, event) in events.iter().enumerate().rev() {
        let body = &event.body;
        let (german, english) = words(&event.kind);
        let test = if text(&body["data"]["environment"]) == "production" {
            ""
        } else {
            " <span class=\"test\">TEST</span>"
        };
        let _ = writeln!(
            html,
            "<tr><td>{number}</td><td>{time}</td><td>{german} <span lang=\"en\">{english}</span>{test}<br><code>{kind}</code></td>\
             <td>{key}<br><code>{subject}</code></td><td>{reference}</td><td class=\"amount\">{amount}</td><td>{arrivals}</td></tr>",
            number = index + 1,
            time = escape(text(&body["time"])),
            kind = escape(&event.kind),
            key = escape(text(&body["data"]["case_key"])),
            subject = escape(&event.subject),
            reference = escape(text(&body["data"]["transaction_reference"])),
            amount = escape(&amount(&body["data"])),
            arrivals = event.arrivals,
        );
    }
    html.push_str("</tbody></table></div>\n</main></body></html>\n");
    html
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn amount(data: &Value) -> String {
    match (text(&data["amount"]), text(&data["currency"])) {
        ("", _) => String::new(),
        (amount, "EUR") => format!("{} €", amount.replace('.', ",")),
        (amount, currency) => format!("{amount} {currency}"),
    }
}

/// What a type means to a clerk. A type that is not known here shows its name only.
fn words(kind: &str) -> (&'static str, &'static str) {
    const WORDS: [(&str, &str, &str); 8] = [
        (".payment.paid.v1", "Zahlung eingegangen", "payment paid"),
        (".payment.failed.v1", "Zahlung fehlgeschlagen", "payment failed"),
        (".payment.canceled.v1", "Zahlung abgebrochen", "payment canceled"),
        (".payment.settled.v1", "Zahlung auf dem Konto", "payment settled"),
        (
            ".payment.returned.v1",
            "Zahlung zurückgegeben",
            "payment returned",
        ),
        (".payment.refunded.v1", "Zahlung erstattet", "payment refunded"),
        (".case.paid.v1", "Vorgang bezahlt", "case paid"),
        (".case.reopened.v1", "Vorgang wieder offen", "case reopened"),
    ];
    WORDS
        .iter()
        .find(|(end, ..)| kind.ends_with(end))
        .map_or(("", ""), |(_, german, english)| (german, english))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_page_says_so_in_both_languages() {
        let html = render(&[]);
        assert!(html.contains("Noch kein Ereignis") && html.contains("No event yet"));
    }

    #[test]
    fn what_a_sender_writes_is_text_and_never_markup() {
        let html = render(&[ReceivedEvent {
            id: "1".to_owned(),
            kind: "<script>alert(1)</script>.payment.paid.v1".to_owned(),
            subject: "\"'&".to_owned(),
            arrivals: 2,
            body: serde_json::json!({"data": {"case_key": "<b>", "amount": "12.50", "currency": "EUR", "environment": "test"}}),
        }]);
        assert!(!html.contains("<script") && !html.contains("<b>"));
        assert!(html.contains("&lt;b&gt;") && html.contains("&quot;&#39;&amp;"));
        assert!(html.contains("12,50 €") && html.contains(">TEST<") && html.contains("Zahlung eingegangen"));
    }
}
