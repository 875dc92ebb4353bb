mod archives;
mod folders;
mod kinds;

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Limits, Source, read_stream};
use crate::domain::statement::Piece;

/// A camt.053 with an id and nothing in it.
fn camt(id: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-01-05T18:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{id}</Id><CreDtTm>2026-01-05T18:00:00</CreDtTm>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
</Stmt></BkToCstmrStmt></Document>"#
    )
}

/// An MT940 with an id and nothing in it.
fn swift(id: &str) -> String {
    format!(
        ":20:{id}\r\n:25:12030000/202051\r\n:28C:5/1\r\n:60F:C260102EUR1000,00\r\n:62F:C260105EUR1000,00\r\n-\r\n"
    )
}

/// What was read: of each statement its file or member and its id, of each refusal its reason.
fn told(source: &Source, piece: &Piece) -> Option<String> {
    let place = source.member.as_deref().unwrap_or(&source.file);
    match piece {
        Piece::Head(head) => Some(format!("{place}: {} {}", head.format.as_str(), head.id)),
        Piece::Refused(refusal) => Some(format!("{place}: refused, {}", refusal.reason)),
        _ => None,
    }
}

fn read_bytes(bytes: &[u8], limits: &Limits) -> Vec<String> {
    let mut all = Vec::new();
    read_stream("upload", bytes, limits, &mut |source, piece| {
        assert_eq!(source.file, "upload");
        all.extend(told(source, &piece));
        ControlFlow::Continue(())
    })
    .expect("memory can be read");
    all
}

fn read_all(bytes: &[u8]) -> Vec<String> {
    read_bytes(bytes, &Limits::default())
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    packed(members, CompressionMethod::DEFLATE)
}

fn packed(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).expect("memory can be written");
        writer.write_all(bytes).expect("memory can be written");
    }
    writer.finish().expect("memory can be written").into_inner()
}
