//! The strict writer of SOAP 1.1 envelopes: rpc, with `xsi:type` on every value, because old routers choose the method
//! by types. Parameters stand in the order of the interface, since some servers read them by place.

use quick_xml::escape::escape;

use super::profile::Version;
use crate::domain::money::Cents;
use crate::domain::time::Timestamp;
use crate::provider::text;

/// The namespace of the methods and of the types.
pub(super) const NAMESPACE: &str = "http://www.bff.bund.de/ePayment";

const BEGIN: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#,
    r#" xmlns:xsd="http://www.w3.org/2001/XMLSchema""#,
    r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
    r#" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/""#,
    r#" xmlns:ep="http://www.bff.bund.de/ePayment">"#,
    r#"<soapenv:Body soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">"#,
);

/// One call, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// The name of the method.
    pub(super) operation: &'static str,
    /// The envelope.
    pub(super) envelope: String,
}

impl Request {
    /// The value of the header `SOAPAction`, quotes included.
    pub(super) fn action(&self) -> String {
        format!("\"{NAMESPACE}#{}\"", self.operation)
    }
}

/// Writes the parameters of one call.
#[derive(Debug)]
pub(super) struct Writer {
    operation: &'static str,
    out: String,
}

impl Writer {
    /// Begins a call.
    pub(super) fn new(operation: &'static str) -> Self {
        let mut out = String::with_capacity(2048);
        out.push_str(BEGIN);
        out.push_str("<ep:");
        out.push_str(operation);
        out.push('>');
        Self { operation, out }
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> Request {
        self.out.push_str("</ep:");
        self.out.push_str(self.operation);
        self.out.push_str("></soapenv:Body></soapenv:Envelope>");
        Request {
            operation: self.operation,
            envelope: self.out,
        }
    }

    fn begin(&mut self, name: &str, attributes: &[&str]) {
        self.out.extend(["<", name, " "]);
        self.out.extend(attributes.iter().copied());
        self.out.push('>');
    }

    fn end(&mut self, name: &str) {
        self.out.extend(["</", name, ">"]);
    }

    fn value(&mut self, name: &str, kind: &str, value: &str) -> &mut Self {
        self.begin(name, &["xsi:type=\"", kind, "\""]);
        self.out.push_str(&escape(value));
        self.end(name);
        self
    }

    /// A number or a name that must arrive as it is: what XML cannot carry is taken out, nothing is cut.
    pub(super) fn id(&mut self, name: &str, value: &str) -> &mut Self {
        self.value(name, "xsd:string", &carried(value))
    }

    /// A number or a name, where there is one.
    pub(super) fn maybe_id(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.id(name, value);
        }
        self
    }

    /// Text for people: line breaks become blanks, and what is too long is cut.
    pub(super) fn text(&mut self, name: &str, value: &str, max: usize) -> &mut Self {
        self.value(name, "xsd:string", &text::free(&carried(value), max))
    }

    /// An amount with two decimals.
    pub(super) fn amount(&mut self, name: &str, cents: Cents) -> &mut Self {
        self.value(name, "xsd:decimal", &cents.to_string())
    }

    /// An instant in UTC, to the second.
    pub(super) fn instant(&mut self, name: &str, at: Timestamp) -> &mut Self {
        let utc = at.instant().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.value(name, "xsd:dateTime", &utc)
    }

    /// Nothing, said explicitly.
    pub(super) fn nil(&mut self, name: &str) -> &mut Self {
        self.out.extend(["<", name, " xsi:nil=\"true\"/>"]);
        self
    }

    /// A struct of one of ePayBL's types.
    pub(super) fn object(&mut self, name: &str, kind: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.begin(name, &["xsi:type=\"ep:", kind, "\""]);
        fill(self);
        self.end(name);
        self
    }

    /// A list: an encoded array in 2.x, a list type with repeated elements in 3.x.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        list: &List,
        version: Version,
        things: &[T],
        mut write: impl FnMut(&mut Self, &str, &T),
    ) -> &mut Self {
        let element = match version {
            Version::Two => {
                let size = things.len().to_string();
                let attributes = [
                    "xsi:type=\"enc:Array\" enc:arrayType=\"",
                    list.of,
                    "[",
                    &size,
                    "]\"",
                ];
                self.begin(name, &attributes);
                "item"
            }
            Version::Three => {
                self.begin(name, &["xsi:type=\"ep:", list.kind, "\""]);
                list.element
            }
        };
        for thing in things {
            write(self, element, thing);
        }
        self.end(name);
        self
    }
}

/// The names that a list has.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// The type of its things.
    pub(super) of: &'static str,
    /// Its own type in 3.x.
    pub(super) kind: &'static str,
    /// The name of a thing in 3.x.
    pub(super) element: &'static str,
}

/// What XML 1.0 can carry.
fn carried(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
        .filter(|c| matches!(c, '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_taken_out_and_the_rest_is_escaped() {
        let mut writer = Writer::new("x");
        writer
            .id("a", "1<2&\u{0}\u{1b}\u{fffe}\"\n3")
            .text("b", "line one\r\nline\ttwo\u{7}", 14)
            .text("c", "𝔐𝔐", 3)
            .nil("d")
            .maybe_id("e", None);
        let request = writer.finish();
        assert!(
            request.envelope.contains(">1&lt;2&amp;&quot; 3</a>"),
            "{}",
            request.envelope
        );
        assert!(
            request.envelope.contains(">line one line</b>"),
            "{}",
            request.envelope
        );
        assert!(
            request.envelope.contains(">𝔐</c><d xsi:nil=\"true\"/></ep:x>"),
            "{}",
            request.envelope
        );
        assert_eq!(request.action(), "\"http://www.bff.bund.de/ePayment#x\"");
    }
}
