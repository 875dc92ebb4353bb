use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use super::super::{Limits, read};
use super::{camt, swift, told, zip};

/// What is read at a path, with the path before it left out.
fn read_path(path: &Path, below: &Path) -> Vec<String> {
    let mut all = Vec::new();
    read(path, &Limits::default(), &mut |source, piece| {
        all.extend(told(source, &piece));
        ControlFlow::Continue(())
    })
    .expect("the test can write its files");
    let prefix = format!("{}/", below.display());
    all.iter().map(|line| line.replace(&prefix, "")).collect()
}

#[test]
fn a_folder_is_read_by_name_and_so_are_the_folders_in_it() {
    let folder = tempfile::tempdir().expect("the test can write its files");
    let root = folder.path();
    fs::create_dir_all(root.join("2025/old")).expect("the test can write its files");
    fs::write(root.join("2026-02.sta"), swift("S2")).expect("the test can write its files");
    fs::write(root.join("2026-01.xml"), camt("C1")).expect("the test can write its files");
    fs::write(root.join(".hidden.xml"), camt("C9")).expect("the test can write its files");
    fs::write(root.join("2025/12.xml"), camt("C0")).expect("the test can write its files");
    let zipped = zip(&[("03.xml", camt("C3").as_bytes())]);
    fs::write(root.join("2026-03.zip"), zipped).expect("the test can write its files");
    assert_eq!(
        read_path(root, root),
        [
            "2025/12.xml: camt053 C0",
            "2025/old: refused, a folder this deep is not read; name it itself",
            "2026-01.xml: camt053 C1",
            "2026-02.sta: mt940 S2",
            "03.xml: camt053 C3",
        ]
    );
}

#[test]
fn a_file_is_read_whatever_its_name() {
    let folder = tempfile::tempdir().expect("the test can write its files");
    let path = folder.path().join("statement.pdf");
    fs::write(&path, camt("C1")).expect("the test can write its files");
    assert_eq!(read_path(&path, folder.path()), ["statement.pdf: camt053 C1"]);
}

#[test]
fn an_empty_folder_says_so() {
    let folder = tempfile::tempdir().expect("the test can write its files");
    let below = folder.path().parent().expect("the test can write its files");
    let told = read_path(folder.path(), below);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].ends_with(": refused, the folder holds no file"),
        "{told:?}"
    );
}

#[test]
fn a_path_that_is_not_there_is_an_error_of_the_path() {
    let folder = tempfile::tempdir().expect("the test can write its files");
    let missing = folder.path().join("missing.xml");
    let error = read(
        &missing,
        &Limits::default(),
        &mut |_, _| ControlFlow::Continue(()),
    )
    .expect_err("it is not there");
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
