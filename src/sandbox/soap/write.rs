//! Writes XML: every value with its type, as the clients of an encoded service want it. SOAP::Lite reads
//! `true` as 1 only where `xsi:type` says that it is a boolean.

use jiff::Timestamp;

use crate::sandbox::{Cents, SoapVersion};

/// The namespace of the service and its types.
pub(super) const EPAYMENT: &str = "http://www.bff.bund.de/ePayment";
/// The namespace of the encoding rules.
pub(super) const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// Text that grows.
#[derive(Debug)]
pub(super) struct Writer {
    out: String,
    in_envelope: bool,
}

impl Writer {
    /// A document without an envelope.
    pub(super) fn document() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            in_envelope: false,
        }
    }

    /// An envelope whose body is open.
    pub(super) fn envelope() -> Self {
        let mut writer = Self::document();
        writer.in_envelope = true;
        writer.out += concat!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"",
            " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
            " xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\"",
            " xmlns:ep=\"http://www.bff.bund.de/ePayment\">",
            "<soapenv:Body soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">",
        );
        writer
    }

    pub(super) fn finish(mut self) -> String {
        if self.in_envelope {
            self.out += "</soapenv:Body></soapenv:Envelope>";
        }
        self.out.push('\n');
        self.out
    }

    /// The beginning of an element with these attributes.
    pub(super) fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('>');
    }

    /// An element with these attributes and nothing in it.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out += "/>";
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out += name;
        for (name, value) in attributes {
            self.out.push(' ');
            self.out += name;
            self.out += "=\"";
            self.escaped(value);
            self.out.push('"');
        }
    }

    /// The beginning of an element of this type in the service's namespace.
    pub(super) fn open(&mut self, name: &str, kind: Option<&str>) {
        match kind {
            Some(kind) => self.start(name, &[("xsi:type", &format!("ep:{kind}"))]),
            None => self.start(name, &[]),
        }
    }

    pub(super) fn close(&mut self, name: &str) {
        self.out += "</";
        self.out += name;
        self.out.push('>');
    }

    /// An element without a type.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.start(name, &[]);
        self.escaped(value);
        self.close(name);
    }

    fn typed(&mut self, name: &str, kind: &str, value: &str) {
        self.start(name, &[("xsi:type", kind)]);
        self.escaped(value);
        self.close(name);
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.typed(name, "xsd:string", value);
    }

    /// Nothing when there is none.
    pub(super) fn text_or_none(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn decimal(&mut self, name: &str, value: Cents) {
        self.typed(name, "xsd:decimal", &value.to_string());
    }

    pub(super) fn boolean(&mut self, name: &str, value: bool) {
        self.typed(name, "xsd:boolean", if value { "true" } else { "false" });
    }

    pub(super) fn moment(&mut self, name: &str, value: Timestamp) {
        // Whole milliseconds: what every client's dateTime can take.
        let value = value.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        self.date_time(name, &value);
    }

    /// A moment as somebody else wrote it.
    pub(super) fn date_time(&mut self, name: &str, value: &str) {
        self.typed(name, "xsd:dateTime", value);
    }

    /// An array: of version 2 as it is, of version 3 in a list type whose entries have a name of their own.
    pub(super) fn array<T>(
        &mut self,
        version: SoapVersion,
        name: &str,
        list: &Array,
        entries: &[T],
        mut write: impl FnMut(&mut Self, &str, &T),
    ) {
        match version {
            SoapVersion::Two => {
                let kind = format!("ep:{}[{}]", list.item_type, entries.len());
                self.start(
                    name,
                    &[("xsi:type", "soapenc:Array"), ("soapenc:arrayType", &kind)],
                );
                for entry in entries {
                    write(self, "item", entry);
                }
            }
            SoapVersion::Three => {
                self.open(name, Some(list.list_type));
                for entry in entries {
                    write(self, list.item_name, entry);
                }
            }
        }
        self.close(name);
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.out += "&amp;",
                '<' => self.out += "&lt;",
                '>' => self.out += "&gt;",
                '"' => self.out += "&quot;",
                '\t' | '\n' => self.out.push(letter),
                // Everything else that XML has no place for.
                letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                    self.out.push('\u{fffd}');
                }
                letter => self.out.push(letter),
            }
        }
    }
}

/// The two forms of an array.
#[derive(Debug)]
pub(super) struct Array {
    pub(super) item_type: &'static str,
    pub(super) list_type: &'static str,
    /// Of an entry of the list type.
    pub(super) item_name: &'static str,
}
