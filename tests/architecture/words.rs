//! Words that a room, or everybody, does without; and how long a file may be.

use crate::source::{Finding, Kind, Source, demand_none, program, read, rust_files};

/// What `domain` must not have: everything that waits, reaches out, or differs from one run to the next.
const NOT_IN_DOMAIN: &[&str] = &[
    "async",
    "await",
    "axum",
    "getrandom",
    "hyper",
    "metrics",
    "rand",
    "reqwest",
    "rustls",
    "sqlx",
    "tokio",
    "tracing",
];

/// Rooms where a number may be money.
const MONEY: &[&str] = &["domain", "app", "store"];

/// A file that can be read in one go.
const LONGEST: usize = 500;
const LONG: usize = 400;

fn finding(source: &Source, line: usize, rule: String) -> Finding {
    Finding {
        path: source.path.clone(),
        line,
        rule,
    }
}

fn room(source: &Source) -> String {
    source.modules().first().copied().unwrap_or_default().to_owned()
}

#[test]
fn the_domain_neither_waits_nor_reaches_out() {
    let mut findings = Vec::new();
    for source in program().iter().filter(|source| room(source) == "domain") {
        for token in &source.tokens {
            if let Some(word) = token.word()
                && NOT_IN_DOMAIN.contains(&word)
            {
                findings.push(finding(
                    source,
                    token.line,
                    format!("«domain» does without `{word}`"),
                ));
            }
        }
        findings.extend(paths_of_std(source));
    }
    demand_none(&findings);
}

/// `std` has doors to the outside too.
fn paths_of_std(source: &Source) -> Vec<Finding> {
    const DOORS: &[&str] = &["env", "fs", "io", "net", "process", "thread", "time"];
    let tokens = &source.tokens;
    let after_std = |at: usize| {
        tokens[at].is("std")
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.kind == Kind::Mark(':'))
            && tokens
                .get(at + 2)
                .is_some_and(|next| next.kind == Kind::Mark(':'))
    };
    (0..tokens.len())
        .filter(|at| after_std(*at))
        .filter_map(|at| tokens.get(at + 3))
        .filter(|token| token.word().is_some_and(|word| DOORS.contains(&word)))
        .map(|token| {
            let word = token.word().unwrap_or_default();
            finding(source, token.line, format!("«domain» does without `std::{word}`"))
        })
        .collect()
}

#[test]
fn no_float_where_a_number_may_be_money() {
    let mut findings = Vec::new();
    for source in program()
        .iter()
        .filter(|source| MONEY.contains(&room(source).as_str()))
    {
        for token in &source.tokens {
            // The crate `metrics` counts in floats.
            let counted = ["gauge", "histogram", ".record(", ".set("];
            let line = source.text.lines().nth(token.line - 1).unwrap_or_default();
            if (token.is("f32") || token.is("f64")) && !counted.iter().any(|word| line.contains(word)) {
                findings.push(finding(
                    source,
                    token.line,
                    "money is whole cents; a float never touches it".to_owned(),
                ));
            }
        }
    }
    demand_none(&findings);
}

#[test]
fn a_file_can_be_read_in_one_go() {
    let mut findings = Vec::new();
    for path in rust_files("src") {
        let lines = read(&path).lines().count();
        if lines > LONGEST {
            let rule = format!("{lines} lines; a file has at most {LONGEST}");
            findings.push(Finding {
                path,
                line: lines,
                rule,
            });
        } else if lines > LONG {
            println!("{path}: {lines} lines; about {LONG} and less is what we want");
        }
    }
    demand_none(&findings);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["#[ig", "nore"].concat(),
    ];
    let folders = ["src", "tests", "examples", "benches"];
    let mut findings = Vec::new();
    for path in folders.into_iter().flat_map(rust_files) {
        for (number, line) in read(&path).lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                findings.push(Finding {
                    path: path.clone(),
                    line: number + 1,
                    rule: format!("no `{word}` is left behind"),
                });
            }
        }
    }
    demand_none(&findings);
}

#[test]
fn no_test_sleeps() {
    let word = ["sle", "ep("].concat();
    let program: Vec<String> = program().into_iter().map(|source| source.path).collect();
    let tests = rust_files("tests").into_iter().chain(
        rust_files("src")
            .into_iter()
            .filter(|path| !program.contains(path)),
    );
    let mut findings = Vec::new();
    for path in tests {
        for (number, line) in read(&path).lines().enumerate() {
            if line.contains(&word) {
                findings.push(Finding {
                    path: path.clone(),
                    line: number + 1,
                    rule: "a test drives clock and workers itself, or waits for what must happen".to_owned(),
                });
            }
        }
    }
    // In a file that also has program code, what follows `mod tests {` is the test's.
    for path in &program {
        let text = read(path);
        let (_, tests) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or_default();
        if tests.contains(&word) {
            findings.push(Finding {
                path: path.clone(),
                line: text.lines().count() - tests.lines().count() + 1,
                rule: "a test drives clock and workers itself, or waits for what must happen".to_owned(),
            });
        }
    }
    demand_none(&findings);
}
