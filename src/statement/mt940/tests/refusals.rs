//! What is refused, in words that help, and how the reader goes on after it.

use std::io::Read as _;

use super::{Reader, around, in_order, only, read};

#[test]
fn a_statement_that_fails_does_not_take_the_next_with_it() {
    let broken = around(":61:260310C1,\n:61:2603100310C1,005NTRFNONREF\n:86:x");
    let file = [broken, around(":61:260310C1,")].concat();
    let statements = read(&file);
    assert_eq!(statements.len(), 2);
    let refusal = statements[0].refused.as_ref().expect("the first is refused");
    assert_eq!((refusal.entry, refusal.place.line), (Some(2), 6));
    assert!(
        refusal.reason.contains("1,005 has a fraction of a cent"),
        "{}",
        refusal.reason
    );
    assert_eq!(statements[1].entries.len(), 1);
}

#[test]
fn after_a_refusal_the_next_begins_at_its_account_where_it_has_no_reference() {
    let file =
        b":25:82051000/1\n:60F:X\n:62F:C260309EUR1,\n:25:82051000/2\n:60F:C260309EUR1,\n:62F:C260309EUR1,\n";
    let statements = read(file);
    assert_eq!(statements.len(), 2);
    assert!(
        statements[0].refusal().starts_with(":60F:"),
        "{}",
        statements[0].refusal()
    );
    assert_eq!(statements[1].head().account, "82051000/2");
}

#[test]
fn lines_that_cannot_be_are_named() {
    for (line, words) in [
        ("2613100310C1,NTRF", "«261310» is not a day"),
        ("26031C1,NTRF", "is not a day"),
        ("2603101310C1,NTRF", "«1310» is not a day"),
        ("260310X1,NTRF", "has no C, D, RC or RD"),
        ("260310CNTRF", "is not an amount"),
        ("260310C1,2,3NTRF", "«1,2,3» is not an amount"),
        ("260310C99999999999999999999NTRF", "too large"),
        ("", "is not a day"),
    ] {
        let statements = read(&around(&format!(":61:{line}\n:86:text")));
        assert!(
            statements[0].refusal().contains(words),
            "{line}: {}",
            statements[0].refusal()
        );
    }
}

#[test]
fn a_file_that_is_something_else_is_refused_once() {
    for file in [
        b"".as_slice(),
        b"\n\n",
        b"<?xml version=\"1.0\"?>\n<Document/>",
        b"a;b;c\n1;2;3\n",
        b"%PDF-1.7",
        b":NS:01\n-\n",
    ] {
        let statements = read(file);
        assert_eq!(statements.len(), 1);
        assert!(statements[0].refusal().contains("is it an MT940?"));
    }
}

#[test]
fn what_nobody_can_book_is_refused() {
    for (file, words) in [
        (
            ":20:A\n:25:82051000/1EUR\n:61:260310C1,\n",
            "neither an opening balance",
        ),
        (
            ":20:A\n:25:82051000/1\n:13D:2603101200+0100\n:61:260310C1,\n",
            "names no currency",
        ),
        (":20:A\n:25:82051000/1\n", "ends before its first entry"),
        (
            ":20:A\n:25:1/1\n:60F:C260309EUR1,\n:62F:C260309USD1,\n",
            "in EUR, its closing balance in USD",
        ),
        (
            ":20:A\n:25:1/1\n:60F:C260309EUR1,\n:62F:C260309EUR1,\n:61:260310C1,\n",
            "after the closing balance",
        ),
        (
            ":20:A\n:25:1/1\n:60F:C260309EUR1,\n:61:260310C1,\n:25:1/2\n:60F:C260309EUR1,\n",
            "a part of the file is missing",
        ),
    ] {
        let statements = read(file.as_bytes());
        assert!(
            statements[0].refusal().contains(words),
            "{file}: {}",
            statements[0].refusal()
        );
    }
}

#[test]
fn a_field_without_end_is_refused_and_memory_stays_small() {
    for text in [
        "x".repeat(200_000),
        "x\n".repeat(100_000),
        ":86:x\n".repeat(100_000),
    ] {
        let endless = around(&format!(":61:260310C1,\n:86:{text}"));
        let file = [endless, around(":61:260310C1,")].concat();
        let statements = read(&file);
        assert_eq!(statements.len(), 2);
        assert!(
            statements[0].refusal().contains("64 KiB"),
            "{}",
            statements[0].refusal()
        );
        assert_eq!(
            statements[0].refused.as_ref().and_then(|refusal| refusal.entry),
            Some(1)
        );
        assert_eq!(statements[1].entries.len(), 1);
    }
}

#[test]
fn a_disk_that_fails_is_a_refusal() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let file = around(":61:260310C1,");
    let half = &file[..file.len() / 2];
    let input = half.chain(std::io::BufReader::new(Broken));
    let statements = in_order(Reader::new(input).collect());
    assert_eq!(statements.len(), 1);
    assert!(statements[0].refusal().contains("the disk is gone"));
}

#[test]
fn a_border_of_a_home_banking_log_is_no_text() {
    let mut file = around(":61:260310C1,\n:86:KZ 4711");
    file.extend_from_slice(b"-+@446@\nnoise\n");
    assert_eq!(only(&file).detail(1).purpose, ["KZ 4711"]);
}

#[test]
fn after_a_line_without_end_the_tags_are_seen_again() {
    let text = "x".repeat(200_000);
    let file = format!(
        ":25:1/1\n:60F:C260309EUR1,\n:61:260310C1,\n:86:{text}\n:62F:C260309EUR2,\n:25:1/2\n:60F:C260309EUR1,\n:62F:C260309EUR1,\n"
    );
    let statements = read(file.as_bytes());
    assert_eq!(statements.len(), 2);
    assert!(statements[0].refusal().contains("64 KiB"));
    assert_eq!(statements[1].head().account, "1/2");
}
