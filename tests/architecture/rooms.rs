//! Who may know whom (docs/ARCHITECTURE.md, «Rooms»). A room is a folder or file directly below `src/`. Tests inside a
//! room are free: the vault's bring the machine's randomness, a provider's may meet the sandbox.

use proc_macro2::Delimiter;

use crate::source::{Finding, Kind, Source, Token, demand_none, program};

/// Each room and the rooms that it may name, besides itself.
const ROOMS: &[(&str, Knows)] = &[
    ("domain", Knows::Only(&[])),
    ("app", Knows::Only(&["domain"])),
    // The outer ring: neighbours do not know each other, they meet in `app`.
    ("store", Knows::Only(&["app", "domain"])),
    ("provider", Knows::Only(&["app", "domain"])),
    ("statement", Knows::Only(&["app", "domain"])),
    ("notify", Knows::Only(&["app", "domain"])),
    ("export", Knows::Only(&["app", "domain"])),
    ("http", Knows::Only(&["app", "domain"])),
    ("worker", Knows::Only(&["app", "domain"])),
    ("system", Knows::Only(&["app", "domain"])),
    ("config", Knows::Only(&["domain"])),
    // Stand-ins for the outside: they write their own wire formats, so that a mistake cannot hide on both sides.
    ("sandbox", Knows::Only(&[])),
    ("receiver", Knows::Only(&[])),
    // These wire everything together.
    ("boot", Knows::Everybody),
    ("cli", Knows::Everybody),
    ("stage", Knows::Everybody),
    ("lib", Knows::Everybody),
    ("main", Knows::Everybody),
];

#[derive(Clone, Copy)]
enum Knows {
    Only(&'static [&'static str]),
    Everybody,
}

#[test]
fn rooms_know_only_whom_they_may() {
    let findings: Vec<Finding> = program().iter().flat_map(findings).collect();
    demand_none(&findings);
}

fn findings(source: &Source) -> Vec<Finding> {
    let room = source.modules().first().copied().unwrap_or("main").to_owned();
    let Some((_, knows)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![Finding {
            path: source.path.clone(),
            line: 1,
            rule: format!("«{room}» is a new room: say in tests/architecture/rooms.rs whom it may know"),
        }];
    };
    let Knows::Only(known) = *knows else {
        return Vec::new();
    };
    named(source)
        .into_iter()
        .filter(|(_, other)| *other != room && !known.contains(&other.as_str()))
        .map(|(line, other)| Finding {
            path: source.path.clone(),
            line,
            rule: format!(
                "«{room}» names «{other}»; it may know {}",
                if known.is_empty() {
                    "no other room".to_owned()
                } else {
                    known.join(", ")
                }
            ),
        })
        .collect()
}

/// The rooms that a file names, each with the line: by `crate::…`, or by enough `super::` to leave its own.
fn named(source: &Source) -> Vec<(usize, String)> {
    let modules = source.modules().len();
    let tokens = &source.tokens;
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let outermost = if token.is("crate") {
            Some(at)
        } else if token.is("super") && !follows_path(tokens, at) {
            // `super` in the room's own first file leads to the crate, and each further module is one more.
            let mut last = at;
            let mut ups = 1;
            while path_follows(tokens, last) && tokens.get(last + 3).is_some_and(|next| next.is("super")) {
                last += 3;
                ups += 1;
            }
            at = last;
            (ups >= modules + token.depth).then_some(last)
        } else {
            None
        };
        if let Some(last) = outermost
            && path_follows(tokens, last)
        {
            found.extend(first_names(tokens, last + 3));
        }
        at += 1;
    }
    found
}

fn is_mark(token: Option<&Token>, mark: char) -> bool {
    token.is_some_and(|token| token.kind == Kind::Mark(mark))
}

fn path_follows(tokens: &[Token], at: usize) -> bool {
    is_mark(tokens.get(at + 1), ':') && is_mark(tokens.get(at + 2), ':')
}

fn follows_path(tokens: &[Token], at: usize) -> bool {
    at >= 2 && is_mark(tokens.get(at - 1), ':') && is_mark(tokens.get(at - 2), ':')
}

/// The name at a place of a path, or all names of a `{…}` there.
fn first_names(tokens: &[Token], at: usize) -> Vec<(usize, String)> {
    let Some(first) = tokens.get(at) else {
        return Vec::new();
    };
    if let Some(word) = first.word() {
        return vec![(first.line, word.to_owned())];
    }
    if first.kind != Kind::Open(Delimiter::Brace) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for token in &tokens[at..] {
        match &token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            Kind::Mark(',') if depth == 1 => begins = true,
            Kind::Word(word) if depth == 1 && begins => {
                names.push((token.line, word.clone()));
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

#[test]
fn every_way_to_name_a_room_is_seen() {
    for (path, text, expected) in [
        ("src/store/mod.rs", "use crate::http::x;", vec!["http"]),
        (
            "src/store/mod.rs",
            "use crate::{app::{a, b::c}, http, config as d};",
            vec!["app", "http", "config"],
        ),
        (
            "src/store/mod.rs",
            "fn f() { crate::provider::g() }",
            vec!["provider"],
        ),
        (
            "src/store/mod.rs",
            "macro_rules! m { () => { $crate::worker::run() } }",
            vec!["worker"],
        ),
        ("src/store/mod.rs", "use super::http::x;", vec!["http"]),
        ("src/store/writer.rs", "use super::http::x;", vec![]),
        (
            "src/store/writer.rs",
            "use super::super::{http, worker::y};",
            vec!["http", "worker"],
        ),
        ("src/store/mod.rs", "mod inner { use super::http; }", vec![]),
        (
            "src/store/mod.rs",
            "mod inner { use super::super::http; }",
            vec!["http"],
        ),
        (
            "src/store/mod.rs",
            "// crate::http\nconst A: &str = \"crate::http\";",
            vec![],
        ),
        (
            "src/store/mod.rs",
            "#[cfg(test)] mod tests { use crate::http; }",
            vec![],
        ),
        (
            "src/store/mod.rs",
            "pub(crate) fn f() {} pub(super) fn g() {}",
            vec![],
        ),
    ] {
        let source = Source::of(path, text);
        let names: Vec<String> = named(&source).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, expected, "{path}: {text}");
    }
}

#[test]
fn a_breach_is_told_with_file_line_and_rule() {
    let source = Source::of(
        "src/http/token.rs",
        "\nuse crate::app::App;\nuse crate::store::rows;\n",
    );
    let told: Vec<String> = findings(&source).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["src/http/token.rs:3: «http» names «store»; it may know app, domain"]
    );
    let source = Source::of("src/attic.rs", "");
    assert_eq!(findings(&source).len(), 1);
}
