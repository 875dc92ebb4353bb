//! What each fault is called, with one sentence in German and one in English.

use serde::Serialize;

use super::Fault;

/// A fault's name and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(in crate::sandbox) struct Named {
    pub(in crate::sandbox) name: &'static str,
    pub(in crate::sandbox) german: &'static str,
    pub(in crate::sandbox) english: &'static str,
}

macro_rules! plain {
    ($($name:literal = $fault:ident, $german:literal, $english:literal;)*) => {
        const PLAIN: &[(Fault, Named)] = &[$((
            Fault::$fault,
            Named { name: $name, german: $german, english: $english },
        )),*];
    };
}

plain! {
    "slow" = Slow, "Die Antwort kommt erst nach 15 Sekunden; die Zahlung gibt es sofort.",
        "The answer takes 15 seconds; the payment is there at once.";
    "silent" = Silent, "Es kommt keine Antwort; angelegt wird nichts.",
        "No answer until the client gives up, two minutes at most; nothing is created.";
    "silent-after-create" = SilentAfterCreate, "Die Zahlung wird angelegt, eine Antwort kommt nicht.",
        "Created, then no answer until the client gives up, two minutes at most.";
    "drop-after-create" = DropAfterCreate, "Die Zahlung wird angelegt, dann endet die Verbindung ohne Antwort.",
        "Created, then the connection is closed without an answer.";
    "error-after-create" = ErrorAfterCreate, "Die Zahlung wird angelegt, die Antwort ist HTTP 500.",
        "Created, but the answer is HTTP 500.";
    "truncated" = Truncated, "Die Antwort bricht nach der Hälfte ab.",
        "The answer ends after half of its Content-Length.";
    "http-401" = Http401, "HTTP 401 mit HTML; angelegt wird nichts.",
        "HTTP 401 with HTML; nothing is created.";
    "http-403" = Http403, "HTTP 403 mit HTML; angelegt wird nichts.",
        "HTTP 403 with HTML; nothing is created.";
    "http-500" = Http500, "HTTP 500 mit HTML; angelegt wird nichts.",
        "HTTP 500 with HTML; nothing is created.";
    "http-503" = Http503, "HTTP 503 mit HTML; angelegt wird nichts.",
        "HTTP 503 with HTML; nothing is created.";
    "expired-certificate" = ExpiredCertificate, "Der Server zeigt ein abgelaufenes Zertifikat.",
        "Over TLS the server presents a certificate that has expired.";
    "client-certificate-expired" = ClientCertificateExpired,
        "Der Server weist das Zertifikat des Clients als abgelaufen zurück.",
        "Over TLS the server refuses the client's certificate as expired.";
    "notify-twice" = NotifyTwice, "`success` kommt zweimal.", "`success` is sent twice.";
    "notify-ten-at-once" = NotifyTenAtOnce, "`success` kommt zehnmal zugleich.",
        "`success` is sent ten times at once.";
    "notify-reordered" = NotifyReordered, "`success` kommt vor `notify`.", "`success` is sent before `notify`.";
    "notify-late" = NotifyLate, "Benachrichtigt wird erst auf Verlangen.", "No notify until it is asked for.";
    "no-notify" = NoNotify, "Benachrichtigt wird nie.", "No notify, not even when asked for.";
    "notify-before-answer" = NotifyBeforeAnswer, "Bezahlt und benachrichtigt wird vor der Antwort.",
        "Paid and notified before the create call is answered.";
    "wrong-hash" = WrongHash, "Der Hash ist mit einem anderen Geheimnis gebildet.",
        "The hash is made with another secret.";
    "nested-data" = NestedData, "Die Felder der Benachrichtigung stehen unter `data`.",
        "Notify fields under `data`.";
    "notify-by-get" = NotifyByGet, "Benachrichtigt wird mit GET.", "Notify as GET with a query.";
    "notify-by-form" = NotifyByForm, "Benachrichtigt wird als Formular.", "Notify as a form.";
    "other-kassenzeichen" = OtherKassenzeichen, "Gute Signatur über ein anderes Kassenzeichen.",
        "Good signature over another Kassenzeichen.";
    "other-bewirtschafter" = OtherBewirtschafter, "Gute Signatur über einen anderen Bewirtschafter.",
        "Good signature over another Bewirtschafter.";
    "kassenzeichen-only-in-notify" = KassenzeichenOnlyInNotify,
        "Die Antwort auf das Anlegen nennt kein Kassenzeichen.",
        "The create answer does not name the Kassenzeichen.";
    "inaktiv-after-abort" = InaktivAfterAbort,
        "Nach einem Abbruch ist die Zahlungsseite INAKTIV, bezahlt ist nichts.",
        "After an abort reads say INAKTIV, without a method, with the whole saldo.";
    "payment-fails" = PaymentFails, "Die Zahlung schlägt fehl; sie endet ohne Geld.",
        "When the payer pays, the payment ends without money, as if its session had run out.";
    "missing-saldo" = MissingSaldo, "Beim Lesen fehlt der Saldo.", "Reads have no saldo.";
    "missing-fields" = MissingFields, "Beim Lesen fehlt alles, was fehlen kann.",
        "Reads lack status, method and saldo; over SOAP status, method and buchungsListe; over XBezahldienste all but id, status and paypage.";
    "junk-before-xml" = JunkBeforeXml, "Vor dem XML der SOAP-Antworten steht etwas anderes.",
        "Something stands before the XML of SOAP answers.";
    "soap-fault" = SoapFault, "SOAP-Aufrufe enden mit einem Fault des Servers; angelegt wird nichts.",
        "SOAP calls end with a Fault `Server`; nothing is created.";
    "wrong-encoding" = WrongEncoding, "SOAP-Antworten sind anders kodiert, als sie sagen.",
        "SOAP answers say UTF-8 and are windows-1252.";
}

/// Those that carry a value, with the usual one.
const VALUED: [Named; 4] = [
    Named {
        name: "status-lags:2",
        german: "Nach der Zahlung sagen so viele Abfragen noch AKTIV.",
        english: "So many reads after the payment still say AKTIV.",
    },
    Named {
        name: "wrong-amount:100",
        german: "Es wird so viele Cent zu wenig bezahlt.",
        english: "The payer pays so many cents less.",
    },
    Named {
        name: "overpaid:100",
        german: "Es wird so viele Cent zu viel bezahlt.",
        english: "The payer pays so many cents more: negative saldo.",
    },
    Named {
        name: "auto-refuse:-9999",
        german: "Das Anlegen wird mit diesem Code abgelehnt.",
        english: "The create call is refused with this code.",
    },
];

/// All faults, for readers.
pub(in crate::sandbox) fn all_names() -> impl Iterator<Item = Named> {
    PLAIN.iter().map(|(_, named)| *named).chain(VALUED)
}

/// The fault of this name, if it carries no value.
pub(super) fn plain(name: &str) -> Option<Fault> {
    let entry = PLAIN.iter().find(|(_, named)| named.name == name);
    entry.map(|(fault, _)| fault.clone())
}

/// The name of a fault that carries no value.
pub(super) fn of(fault: &Fault) -> &'static str {
    let entry = PLAIN.iter().find(|(plain, _)| plain == fault);
    entry.map_or("", |(_, named)| named.name)
}
