//! Settlement lists of payment providers in the tenants file.

use super::parse;

const DEMO: &str = include_str!("../../../fixtures/demo/tenants.toml");

fn told(text: &str) -> Vec<String> {
    let problems = parse(text).expect_err("refused");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn lists_of_payment_providers_are_checked_and_the_commented_one_reads() {
    let text = DEMO
        .replace("# [[kasse.list]]", "[[kasse.list]]")
        .replace("# id = \"sandbox\"", "id = \"sandbox\"")
        .replace("# zvp = ", "zvp = ")
        .replace("# disagio = ", "disagio = ")
        .replace("# read = ", "read = ");
    let demo = parse(&text).expect("the commented list reads");
    let list = &demo.kassen[0].lists[0];
    assert_eq!((list.id.as_str(), list.terms()), ("sandbox", None));
    for (instead, setting, why) in [
        ("id = \"Sand Box\"", "id", "is not 1 to 40 small letters"),
        (
            "id = \"sandbox\"\naccount = \"DE02120300000000202051\"",
            "account",
            "is no account of this Kasse",
        ),
        (
            "id = \"sandbox\"\ncontract = { percent = \"1.00001\" }",
            "contract.percent",
            "is a percentage from 0 to 100",
        ),
        (
            "id = \"sandbox\"\ncontract = { per_item = \"0.001\" }",
            "contract.per_item",
            "is an amount in euro",
        ),
    ] {
        let found = told(&text.replacen("id = \"sandbox\"", instead, 1));
        assert!(
            found
                .iter()
                .any(|line| line.contains(&format!("list[0].{setting}:")) && line.contains(why)),
            "{setting}: {found:#?}"
        );
    }
    let found = told(&text.replacen("decimal = \"comma\"", "decimal = \"comma\", separator = \"5\"", 1));
    assert!(
        found.iter().any(|line| line.contains("list[0].read.separator")),
        "{found:#?}"
    );
}
