//! The WSDL of a version: rpc style, as the service's history has it.

use super::{
    operation::{Entry, OPERATIONS},
    types::{ARRAYS, types},
    write::{ENCODING, EPAYMENT, Writer},
};
use crate::sandbox::SoapVersion;

const SOAP_HTTP: &str = "http://schemas.xmlsoap.org/soap/http";

/// The document; `address` is where the service is called.
pub(super) fn document(version: SoapVersion, address: &str) -> String {
    let mut writer = Writer::document();
    writer.start(
        "wsdl:definitions",
        &[
            ("name", "PaymentServices"),
            ("targetNamespace", EPAYMENT),
            ("xmlns:ep", EPAYMENT),
            ("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/"),
            ("xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/"),
            ("xmlns:soapenc", ENCODING),
            ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
        ],
    );
    schema(&mut writer, version, address);
    for entry in OPERATIONS {
        messages(&mut writer, version, entry);
    }
    writer.start("wsdl:portType", &[("name", "PaymentServices")]);
    for entry in OPERATIONS {
        port(&mut writer, entry);
    }
    writer.close("wsdl:portType");
    writer.start(
        "wsdl:binding",
        &[
            ("name", "PaymentServicesSoapBinding"),
            ("type", "ep:PaymentServices"),
        ],
    );
    writer.empty("soap:binding", &[("style", "rpc"), ("transport", SOAP_HTTP)]);
    for entry in OPERATIONS {
        binding(&mut writer, entry);
    }
    writer.close("wsdl:binding");
    writer.start("wsdl:service", &[("name", "PaymentServices")]);
    writer.start(
        "wsdl:port",
        &[
            ("name", "PaymentServices"),
            ("binding", "ep:PaymentServicesSoapBinding"),
        ],
    );
    writer.empty("soap:address", &[("location", address)]);
    for name in ["wsdl:port", "wsdl:service", "wsdl:definitions"] {
        writer.close(name);
    }
    writer.finish()
}

/// What `?xsd` answers with: as much of the schema of the encoding rules as the WSDL of version 2 needs. A
/// client that would otherwise fetch it from the internet finds it here.
pub(super) fn encoding() -> String {
    let mut writer = Writer::document();
    let xsd = ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
    writer.start("xsd:schema", &[xsd, ("targetNamespace", ENCODING)]);
    writer.empty("xsd:attribute", &[("name", "arrayType"), ("type", "xsd:string")]);
    writer.start("xsd:complexType", &[("name", "Array")]);
    writer.start("xsd:sequence", &[]);
    let lax = ("processContents", "lax");
    writer.empty("xsd:any", &[("minOccurs", "0"), ("maxOccurs", "unbounded"), lax]);
    writer.close("xsd:sequence");
    writer.empty("xsd:anyAttribute", &[("namespace", "##any"), lax]);
    writer.close("xsd:complexType");
    writer.close("xsd:schema");
    writer.finish()
}

fn schema(writer: &mut Writer, version: SoapVersion, address: &str) {
    writer.start("wsdl:types", &[]);
    writer.start(
        "xsd:schema",
        &[
            ("targetNamespace", EPAYMENT),
            ("elementFormDefault", "unqualified"),
        ],
    );
    if version == SoapVersion::Two {
        let location = format!("{address}?xsd");
        writer.empty(
            "xsd:import",
            &[("namespace", ENCODING), ("schemaLocation", &location)],
        );
    }
    for (name, fields) in types(version) {
        record(
            writer,
            name,
            fields
                .iter()
                .map(|(name, kind)| (*name, reference(version, kind), false)),
        );
    }
    match version {
        SoapVersion::Two => {
            let records = ARRAYS
                .iter()
                .map(|array| (array.item_type, format!("ep:{}", array.item_type)));
            for (name, kind) in records.chain([("string", "xsd:string".to_owned())]) {
                encoded_array(writer, &format!("ArrayOf{name}"), &format!("{kind}[]"));
            }
        }
        SoapVersion::Three => {
            for array in &ARRAYS {
                let kind = format!("ep:{}", array.item_type);
                record(writer, array.list_type, [(array.item_name, kind, true)]);
            }
            record(
                writer,
                "StringList",
                [("stringList", "xsd:string".to_owned(), true)],
            );
        }
    }
    writer.close("xsd:schema");
    writer.close("wsdl:types");
}

/// The name of a type as the WSDL knows it.
fn reference(version: SoapVersion, kind: &str) -> String {
    let Some(item) = kind.strip_prefix("list:") else {
        return kind.to_owned();
    };
    let list = ARRAYS.iter().find(|array| array.item_type == item);
    match (version, list) {
        (SoapVersion::Two, _) => format!("ep:ArrayOf{item}"),
        (SoapVersion::Three, Some(array)) => format!("ep:{}", array.list_type),
        (SoapVersion::Three, None) => "ep:StringList".to_owned(),
    }
}

/// A type with fields that may all be absent, or be there many times.
fn record<'a>(writer: &mut Writer, name: &str, fields: impl IntoIterator<Item = (&'a str, String, bool)>) {
    writer.start("xsd:complexType", &[("name", name)]);
    writer.start("xsd:sequence", &[]);
    for (name, kind, many) in fields {
        let mut attributes = vec![("name", name), ("type", kind.as_str()), ("minOccurs", "0")];
        attributes.push(if many {
            ("maxOccurs", "unbounded")
        } else {
            ("nillable", "true")
        });
        writer.empty("xsd:element", &attributes);
    }
    writer.close("xsd:sequence");
    writer.close("xsd:complexType");
}

fn encoded_array(writer: &mut Writer, name: &str, kind: &str) {
    writer.start("xsd:complexType", &[("name", name)]);
    writer.start("xsd:complexContent", &[]);
    writer.start("xsd:restriction", &[("base", "soapenc:Array")]);
    writer.empty(
        "xsd:attribute",
        &[("ref", "soapenc:arrayType"), ("wsdl:arrayType", kind)],
    );
    for name in ["xsd:restriction", "xsd:complexContent", "xsd:complexType"] {
        writer.close(name);
    }
}

fn messages(writer: &mut Writer, version: SoapVersion, entry: &Entry) {
    let name = entry.name;
    writer.start("wsdl:message", &[("name", &format!("{name}Request"))]);
    for (name, kind) in entry.parameters {
        writer.empty(
            "wsdl:part",
            &[("name", name), ("type", &reference(version, kind))],
        );
    }
    writer.close("wsdl:message");
    writer.start("wsdl:message", &[("name", &format!("{name}Response"))]);
    let kind = format!("ep:{}", entry.shape.kind());
    writer.empty(
        "wsdl:part",
        &[("name", &format!("{name}Return")), ("type", &kind)],
    );
    writer.close("wsdl:message");
}

fn port(writer: &mut Writer, entry: &Entry) {
    let name = entry.name;
    let order: Vec<&str> = entry.parameters.iter().map(|(name, _)| *name).collect();
    writer.start(
        "wsdl:operation",
        &[("name", name), ("parameterOrder", &order.join(" "))],
    );
    writer.empty("wsdl:input", &[("message", &format!("ep:{name}Request"))]);
    writer.empty("wsdl:output", &[("message", &format!("ep:{name}Response"))]);
    writer.close("wsdl:operation");
}

fn binding(writer: &mut Writer, entry: &Entry) {
    writer.start("wsdl:operation", &[("name", entry.name)]);
    let action = format!("{EPAYMENT}#{}", entry.name);
    writer.empty("soap:operation", &[("soapAction", &action)]);
    for direction in ["wsdl:input", "wsdl:output"] {
        writer.start(direction, &[]);
        writer.empty(
            "soap:body",
            &[
                ("use", "encoded"),
                ("namespace", EPAYMENT),
                ("encodingStyle", ENCODING),
            ],
        );
        writer.close(direction);
    }
    writer.close("wsdl:operation");
}
