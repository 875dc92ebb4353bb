use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn folder(path: &Path) -> Inner {
    Inner {
        path: path.to_owned(),
        settle: Duration::from_secs(10),
        seen: Mutex::default(),
    }
}

fn settled(folder: &Inner, seconds: i64) -> Vec<String> {
    let round = folder.look(at(seconds)).expect("the folder is there");
    let round = round.expect("nobody else looks");
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    round.files.iter().map(name).collect()
}

fn write(folder: &Inner, name: &str, text: &str) {
    fs::write(folder.path.join(name), text).expect("written");
}

#[test]
fn what_is_still_being_written_is_left() {
    let there = tempfile::tempdir().expect("a folder");
    let folder = folder(there.path());
    for name in [".hidden.xml", "a.xml.part", "b.TMP", "c.filepart"] {
        write(&folder, name, "…");
    }
    fs::create_dir(there.path().join("month")).expect("a folder inside");
    write(&folder, "day.xml", "<Doc");
    write(&folder, "whole.xml", "<Document/>");
    assert!(settled(&folder, 0).is_empty());
    write(&folder, "day.xml", "<Document>");
    assert!(settled(&folder, 9).is_empty());
    assert_eq!(settled(&folder, 10), ["whole.xml"]);
    assert_eq!(settled(&folder, 19), ["day.xml", "whole.xml"]);
}

#[test]
fn one_connector_at_a_time_looks() {
    let there = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder(there.path()), folder(there.path()));
    let round = one.look(at(0)).expect("the folder is there").expect("it is free");
    assert!(other.look(at(0)).expect("the folder is there").is_none());
    drop(round);
    assert!(other.look(at(0)).expect("the folder is there").is_some());
}

#[test]
fn nothing_is_overwritten() {
    let there = tempfile::tempdir().expect("a folder");
    let folder = folder(there.path());
    folder.ready().expect("folders");
    let now = Timestamp::from_millis(1_795_256_130_000);
    let mut names = Vec::new();
    for text in ["one", "two", "three"] {
        write(&folder, "day.xml", text);
        let there = folder
            .put_away(&there.path().join("day.xml"), DONE, now)
            .expect("moved");
        assert_eq!(fs::read_to_string(&there).expect("it is there"), text);
        names.push(there.file_name().expect("a name").to_string_lossy().into_owned());
    }
    assert_eq!(names.len(), 3);
    assert!(
        names[0].ends_with("-day.xml") && names[1].ends_with("-2-day.xml"),
        "{names:?}"
    );
    assert!(names[0].starts_with("2026"), "{names:?}");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let there = tempfile::tempdir().expect("a folder");
    let missing = Folder::new(there.path().join("missing"), Duration::ZERO);
    let told = missing.check().expect_err("it is not there");
    assert!(told.name.ends_with("missing"), "{told}");
    Folder::new(there.path().to_owned(), Duration::ZERO)
        .check()
        .expect("it can be used");
}
