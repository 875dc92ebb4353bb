//! The canonical bytes of the log are frozen: what is hashed today is hashed so for ever.

#[allow(dead_code, missing_docs)]
#[path = "../examples/log_vectors.rs"]
mod log_vectors;

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use epaybl_connector::domain::booking::BookingKind;
use epaybl_connector::domain::merkle::{CompactRange, leaf_hash};
use epaybl_connector::domain::record::{Body, Record};
use serde_json::Value;

const GOLDEN: &str = include_str!("../fixtures/log/vectors.json");

fn entries() -> Vec<Value> {
    serde_json::from_str(GOLDEN).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn the_vectors_are_what_they_were() {
    assert_eq!(log_vectors::vectors(), GOLDEN);
}

#[test]
fn every_kind_has_a_vector() {
    let mut kinds = BTreeSet::new();
    let mut bookings = BTreeSet::new();
    for entry in entries() {
        kinds.insert(text(&entry["record"]["kind"]).to_owned());
        if let Some(kind) = entry["record"]["body"]["booking_kind"].as_str() {
            bookings.insert(kind.to_owned());
        }
    }
    assert_eq!(kinds, Body::KINDS.iter().map(|&kind| kind.to_owned()).collect());
    assert_eq!(
        bookings,
        BookingKind::ALL
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect()
    );
}

#[test]
fn every_vector_decodes_and_the_tree_grows_from_its_leaves() {
    let mut tree = CompactRange::default();
    for entry in entries() {
        let bytes = HEXLOWER.decode(text(&entry["bytes"]).as_bytes()).expect("hex");
        let record = Record::decode(&bytes).expect("a record");
        assert_eq!(record.encode(), bytes);
        assert_eq!(record.position, tree.size());
        tree.push(leaf_hash(&bytes));
        assert_eq!(HEXLOWER.encode(&leaf_hash(&bytes)), text(&entry["leaf"]));
        assert_eq!(HEXLOWER.encode(&tree.root()), text(&entry["root"]));
    }
}

/// The encoding written down a second time, from the words alone, as an auditor would.
#[test]
fn the_bytes_follow_from_the_words() {
    for entry in entries() {
        let record = &entry["record"];
        let version = record["version"].as_u64().unwrap_or(1);
        let mut out = vec![u8::try_from(version).expect("a byte")];
        for name in [
            "kind",
            "ledger",
            "position",
            "recorded_at_millis",
            "buchungstag",
            "change",
        ] {
            field(&mut out, name, &record[name]);
        }
        for (name, value) in record["body"].as_object().expect("an object") {
            match name.as_str() {
                "reverses" | "cents" | "number" | "page" | "opening" | "closing" | "supersedes" => {
                    optional(&mut out, name, value);
                }
                "lines" => {
                    let lines = value.as_array().expect("a list");
                    count(&mut out, lines.len());
                    for (name, value) in lines.iter().flat_map(|line| line.as_object().expect("an object")) {
                        match name.as_str() {
                            "haushaltsstelle" | "objektnummer" => optional(&mut out, name, value),
                            _ => field(&mut out, name, value),
                        }
                    }
                }
                "ours" | "others" => {
                    for (name, value) in value.as_object().expect("an object") {
                        match name.as_str() {
                            "fee" => optional(&mut out, name, value),
                            _ => field(&mut out, name, value),
                        }
                    }
                }
                _ => field(&mut out, name, value),
            }
        }
        let personal = record["personal"].as_array().expect("a list");
        count(&mut out, personal.len());
        for (name, value) in personal
            .iter()
            .flat_map(|one| one.as_object().expect("an object"))
        {
            field(&mut out, name, value);
        }
        assert_eq!(HEXLOWER.encode(&out), text(&entry["bytes"]), "{record}");
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    length_prefixed(out, &u64::try_from(count).expect("a count").to_be_bytes());
}

fn length_prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).expect("a length").to_be_bytes());
    out.extend_from_slice(bytes);
}

fn optional(out: &mut Vec<u8>, name: &str, value: &Value) {
    if value.is_null() {
        out.push(0);
    } else {
        out.push(1);
        field(out, name, value);
    }
}

fn field(out: &mut Vec<u8>, name: &str, value: &Value) {
    let ids = [
        "change",
        "case",
        "attempt",
        "exception",
        "personal",
        "statement",
        "list",
        "payout",
        "posten",
        "supersedes",
        "debit_posten",
        "credit_posten",
    ];
    match value {
        Value::Number(number) => {
            length_prefixed(out, &number.as_i64().expect("a whole number").to_be_bytes());
        }
        Value::String(text) if ids.contains(&name) => {
            let id: uuid::Uuid = text.parse().expect("a UUID");
            length_prefixed(out, id.as_bytes());
        }
        Value::String(text) if ["hmac", "root"].contains(&name) || name.ends_with("digest") => {
            length_prefixed(out, &HEXLOWER.decode(text.as_bytes()).expect("hex"));
        }
        Value::String(text) => length_prefixed(out, text.as_bytes()),
        other => panic!("{name} has no encoding: {other}"),
    }
}
