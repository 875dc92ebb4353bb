use std::ops::ControlFlow;

use zip::CompressionMethod;

use super::super::{Limits, read_stream};
use super::{camt, packed, read_all, read_bytes, swift, zip};

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(from))
        .collect();
    assert!(!places.is_empty(), "there is nothing to replace");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Writes into both headers of the only member, at an offset that is two bytes further in the second.
fn patched(bytes: &[u8], offset: usize, value: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (mark, offset) in [(b"PK\x03\x04", offset), (b"PK\x01\x02", offset + 2)] {
        let at = (0..bytes.len())
            .find(|at| bytes[*at..].starts_with(mark))
            .expect("an archive has both headers");
        bytes[at + offset] = value;
    }
    bytes
}

#[test]
fn members_are_read_by_name_whatever_their_order_and_format() {
    let (one, two) = (camt("C1"), swift("S2"));
    let members: [(&str, &[u8]); 2] = [("2026/02.sta", two.as_bytes()), ("2026/01.xml", one.as_bytes())];
    for method in [CompressionMethod::STORE, CompressionMethod::DEFLATE] {
        assert_eq!(
            read_all(&packed(&members, method)),
            ["2026/01.xml: camt053 C1", "2026/02.sta: mt940 S2"]
        );
    }
}

#[test]
fn a_zip_of_zips_is_read_and_one_more_inside_is_not() {
    let text = camt("C1");
    let inner = zip(&[("05.xml", text.as_bytes())]);
    let month = zip(&[("a.zip", &inner), ("b.xml", text.as_bytes())]);
    assert_eq!(
        read_all(&month),
        ["a.zip/05.xml: camt053 C1", "b.xml: camt053 C1"]
    );
    let year = zip(&[("month.zip", &month)]);
    assert_eq!(
        read_all(&year),
        [
            "month.zip/a.zip: refused, a ZIP this deep is not read; unpack it",
            "month.zip/b.xml: camt053 C1"
        ]
    );
}

#[test]
fn what_systems_hide_in_archives_is_passed_over() {
    let text = camt("C1");
    let archive = zip(&[
        ("__MACOSX/._01.xml", b"\x00\x05\x16\x07"),
        (".DS_Store", b"Bud1"),
        ("01.xml", text.as_bytes()),
    ]);
    assert_eq!(read_all(&archive), ["01.xml: camt053 C1"]);
    assert_eq!(read_all(&zip(&[])), ["upload: refused, the ZIP holds no file"]);
}

#[test]
fn one_member_that_is_no_statement_does_not_keep_the_others_from_being_read() {
    let text = camt("C1");
    let archive = zip(&[("01.csv", b"Tag;Betrag"), ("02.xml", text.as_bytes())]);
    let told = read_all(&archive);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("01.csv: refused, it is neither camt"),
        "{told:?}"
    );
    assert_eq!(told[1], "02.xml: camt053 C1");
}

#[test]
fn an_encrypted_member_is_refused_with_what_to_do() {
    let archive = zip(&[("01.xml", camt("C1").as_bytes())]);
    assert_eq!(
        read_all(&patched(&archive, 6, 1)),
        ["01.xml: refused, it is encrypted; unpack the ZIP with its password first"]
    );
}

#[test]
fn a_method_that_is_not_read_is_named() {
    let archive = zip(&[("01.xml", camt("C1").as_bytes())]);
    let told = read_all(&patched(&archive, 8, 12));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("01.xml: refused, it is packed as "),
        "{told:?}"
    );
    assert!(
        told[0].ends_with("pack it again as an ordinary ZIP (deflate)"),
        "{told:?}"
    );
}

#[test]
fn two_members_of_the_same_name_are_refused_before_one_is_lost() {
    let text = camt("C1");
    let archive = zip(&[("a.xml", text.as_bytes()), ("b.xml", text.as_bytes())]);
    assert_eq!(
        read_all(&replaced(&archive, b"b.xml", b"a.xml")),
        ["upload: refused, the ZIP holds two files of the same name; unpack it and name them apart"]
    );
}

fn small() -> Limits {
    Limits {
        member: 100_000,
        total: 150_000,
        ratio: 20,
        always: 1_000,
        members: 3,
    }
}

fn with_blanks(id: &str, blanks: usize) -> Vec<u8> {
    camt(id)
        .replace("<Stmt>", &format!("{}<Stmt>", " ".repeat(blanks)))
        .into_bytes()
}

#[test]
fn a_member_that_swells_beyond_all_measure_is_refused() {
    let bomb = zip(&[("01.xml", &with_blanks("C1", 90_000))]);
    let told = read_bytes(&bomb, &small());
    let last = told.last().expect("something was told");
    assert!(last.contains("it unpacks to more than"), "{told:?}");
    let patient = Limits {
        ratio: 1_000,
        ..small()
    };
    assert_eq!(read_bytes(&bomb, &patient), ["01.xml: camt053 C1"]);
}

#[test]
fn members_share_what_one_file_may_unpack_to() {
    let member = with_blanks("C1", 60_000);
    let archive = zip(&[("01.xml", &member), ("02.xml", &member), ("03.xml", &member)]);
    let patient = Limits {
        ratio: 1_000,
        ..small()
    };
    let told = read_bytes(&archive, &patient);
    assert_eq!(told[..2], ["01.xml: camt053 C1", "02.xml: camt053 C1"]);
    assert!(told[2].contains("it unpacks to more than"), "{told:?}");
}

#[test]
fn a_member_exactly_as_large_as_allowed_is_read() {
    let member = with_blanks("C1", 5_000);
    let exact = Limits {
        member: member.len() as u64,
        ratio: 1_000,
        ..small()
    };
    let archive = zip(&[("01.xml", &member)]);
    assert_eq!(read_bytes(&archive, &exact), ["01.xml: camt053 C1"]);
    let less = Limits {
        member: exact.member - 1,
        ..exact
    };
    let told = read_bytes(&archive, &less);
    assert!(told.iter().any(|line| line.contains("refused")), "{told:?}");
}

#[test]
fn more_members_than_allowed_end_the_reading() {
    let text = camt("C1");
    let names = ["1", "2", "3", "4", "5"];
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, text.as_bytes())).collect();
    let told = read_bytes(&zip(&members), &small());
    assert_eq!(told.len(), 4);
    assert_eq!(told[3], "4: refused, the ZIP holds more than 3 files");
}

#[test]
fn an_archive_that_is_too_large_to_be_kept_is_refused() {
    let text = camt("C1");
    let archive = zip(&[("01.xml", text.as_bytes())]);
    let tiny = Limits {
        total: archive.len() as u64,
        ..small()
    };
    assert_eq!(
        read_bytes(&archive, &tiny),
        [format!(
            "upload: refused, the ZIP has {} bytes or more; unpack it",
            archive.len()
        )]
    );
}

#[test]
fn an_archive_cut_anywhere_is_refused_and_never_panics() {
    let whole = zip(&[("01.xml", camt("C1").as_bytes())]);
    for end in 4..whole.len() {
        let told = read_all(&whole[..end]);
        assert!(
            told.iter().any(|line| line.contains("refused")),
            "{end}: {told:?}"
        );
    }
}

#[test]
fn a_damaged_member_is_refused_and_never_panics() {
    let text = camt("C1");
    let whole = packed(&[("01.xml", text.as_bytes())], CompressionMethod::STORE);
    let damaged = replaced(&whole, b"<Id>C1", b"<Id>C2");
    let told = read_all(&damaged);
    assert!(
        told.iter().any(|line| line.contains("refused")),
        "its checksum is wrong: {told:?}"
    );
}

#[test]
fn a_visitor_that_has_enough_is_not_told_more() {
    let text = camt("C1");
    let archive = zip(&[("01.xml", text.as_bytes()), ("02.xml", text.as_bytes())]);
    let mut count = 0;
    read_stream("upload", archive.as_slice(), &Limits::default(), &mut |_, _| {
        count += 1;
        ControlFlow::Break(())
    })
    .expect("memory can be read");
    assert_eq!(count, 1);
}
