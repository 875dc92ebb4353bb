//! The finance office at the command line: days closed and signed, files for the cash system sent and withdrawn, figures.

use serde_json::Value;

use crate::books;
use crate::finance::Office;
use crate::support::databases;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_is_closed_once_and_signed_by_two_people() {
    for database in databases().await {
        let office = Office::open(&database).await;
        office.resolves("E2 vermerk", "kasse", "Hundesteuer").await;
        office
            .refuses(&[
                (
                    "closing prepare --kasse echtkasse --day 2199-01-01",
                    &["2199-01-01 lies ahead"],
                ),
                (
                    "closing prepare --kasse nirgends",
                    &["there is no Kasse «nirgends»"],
                ),
                ("closing list --kasse nirgends", &["there is no Kasse «nirgends»"]),
                ("closing show nirgends 1", &["there is no Kasse «nirgends»"]),
                ("closing show echtkasse 1", &["has no closing 1", "closing list"]),
            ])
            .await;
        let due = office.says("closing prepare --kasse echtkasse").await.exits(0);
        due.says(&["there is nothing to close"]);
        let prepare = "closing prepare --kasse echtkasse --day DAY";
        let first = office.says(prepare).await.exits(0);
        let first = first.says(&[
            "echtkasse closing 1",
            "of it ours 30,00 €, foreign 100,00 €",
            "clerk to sign",
        ]);
        let digest = first
            .out
            .lines()
            .find_map(|line| line.trim().strip_prefix("digest "));
        let digest = digest.expect("a digest").to_owned();
        let again = office.says(prepare).await.exits(0);
        again.says(&["there is nothing to close"]);
        let list = office.says("closing list --kasse echtkasse").await.exits(0);
        list.says(&["echtkasse: 1 closings", "kassenverwalter to sign"]);
        // As documents.
        let json = office.says("closing show echtkasse 1 --json").await.exits(0);
        let json: Value = serde_json::from_str(&json.out).expect("JSON");
        assert_eq!(json["format"], "epaybl-closing/1");
        let table = office
            .says("closing show echtkasse 1 --csv konten")
            .await
            .exits(0);
        table.says(&["Anfangsbestand", "verwahrung", "-30,00"]);
        let pdf = office.scene.folder.path().join("abschluss.pdf");
        let pdf = pdf.display().to_string();
        office
            .command("closing show echtkasse 1 --pdf", &[&pdf])
            .await
            .exits(0);
        assert!(std::fs::read(&pdf).expect("a file").starts_with(b"%PDF-"));
        let sign = async |person: &str, role: &str, digest: &str| {
            let line = format!("closing sign echtkasse 1 --role {role} --digest {digest} --person");
            office.command(&line, &[person]).await
        };
        let table = office.says("closing show echtkasse 1 --csv umsatz").await;
        table.exits(1).says(&["umsatz"]);
        let other = "0".repeat(64);
        for (person, role, digest, says) in [
            ("Anna Müller", "kasse", other.as_str(), "look at it again"),
            ("Anna Müller", "kasse", "12ab", "expected 64 digits"),
            ("  ", "kasse", digest.as_str(), "is no name"),
            ("Anna\u{200b} Müller", "kasse", digest.as_str(), "is no name"),
            ("Anna\u{202e}rellüM", "kasse", digest.as_str(), "is no name"),
        ] {
            sign(person, role, digest).await.exits(1).says(&[says]);
        }
        sign("Anna Müller", "auditor", &digest).await.exits(2);
        let signed = sign("Anna Müller", "kasse", &digest).await.exits(0);
        signed.says(&["signed by Anna Müller (clerk), kassenverwalter to sign"]);
        for (person, role, says) in [
            ("Anna Müller", "kasse", "has already signed closing 1"),
            ("Anna Müller", "kassenverwalter", "has already signed closing 1"),
            ("anna  MÜLLER", "kassenverwalter", "has already signed closing 1"),
            ("Clara Weber", "kasse", "needs no further signature"),
        ] {
            sign(person, role, &digest).await.exits(1).says(&[says]);
        }
        let signed = sign("Bernd Schulz", "kassenverwalter", &digest).await.exits(0);
        signed.says(&["signed by Bernd Schulz (kassenverwalter)"]);
        let third = sign("Clara Weber", "kassenverwalter", &digest).await.exits(1);
        third.says(&["needs no further signature"]);
        // What is signed stays: what is taken back now belongs to the open day.
        let back = office
            .says("exception reopen echtkasse E2 --person kasse --reason Irrtum")
            .await;
        back.exits(0).says(&["open again"]);
        let after = office.says("closing show echtkasse 1").await.exits(0);
        after.says(&[&digest, "1 open exceptions"]);
        let later = "SELECT CAST(count(*) AS TEXT) FROM record AS r JOIN closing AS c ON c.ledger_id = r.ledger_id \
                     WHERE r.kind = 'resolution' AND r.position >= c.cut_position AND r.buchungstag <= c.to_day";
        assert_eq!(books::rows(&office.scene.database_url, later).await[0][0], "0");
        office.says("audit verify").await.exits(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_for_the_cash_system_are_numbered_withdrawn_and_sent_again() {
    for database in databases().await {
        let office = Office::open(&database).await;
        let export = "postings export --kasse echtkasse --as kasse";
        let nothing = office.says(export).await.exits(0);
        nothing.says(&["nothing that is closed is in no file"]);
        office
            .says("closing prepare --kasse echtkasse --day DAY")
            .await
            .exits(0);
        let kreis = "kreiskasse-unstrut-hainich";
        office
            .refuses(&[
                (
                    "postings list --kasse nirgends",
                    &["there is no Kasse «nirgends»"],
                ),
                (
                    "postings show 1 --kasse nirgends",
                    &["there is no Kasse «nirgends»"],
                ),
                ("postings show 1 --kasse echtkasse", &["echtkasse has no file 1"]),
                (
                    "postings fetch 1 --kasse echtkasse --out -",
                    &["echtkasse has no file 1"],
                ),
                (
                    "postings export --kasse echtkasse --as feststeller",
                    &["neither the role kasse nor kassenverwalter"],
                ),
                (
                    "postings export --kasse echtkasse --as fremd",
                    &["neither the role kasse nor kassenverwalter"],
                ),
                (
                    &format!("postings export --kasse {kreis}"),
                    &["TEST environment", "postings preview"],
                ),
                (
                    "postings preview --kasse echtkasse",
                    &["a Kasse of real money", "postings export"],
                ),
            ])
            .await;
        let made = office.says(export).await.exits(0);
        let made = made.says(&["hkr-echtkasse-1.csv", "2 lines, 30,00 €"]);
        assert!(!made.out.contains("EUR"), "{}", made.out);
        office
            .says(export)
            .await
            .exits(0)
            .says(&["nothing that is closed"]);
        let list = office.says("postings list").await.exits(0);
        list.says(&["echtkasse: 1 files", &format!("{kreis}: 0 files")]);
        let shown = office.says("postings show 1 --kasse echtkasse").await.exits(0);
        let shown = shown.says(&["by kasse", "template neutral-csv", "SHA-256"]);
        let lines: Vec<&str> = shown.out.lines().map(str::trim).collect();
        let line = lines.last().expect("a line").to_string();
        let bytes = office
            .says("postings fetch 1 --kasse echtkasse --out -")
            .await
            .exits(0);
        assert!(
            bytes.out.contains("Hundesteuer") || bytes.out.contains("klaerung"),
            "{}",
            bytes.out
        );
        let folder = office.scene.folder.path().display().to_string();
        let fetch = "postings fetch 1 --kasse echtkasse --out";
        office
            .command(fetch, &[&folder])
            .await
            .exits(0)
            .says(&["is written"]);
        let file = std::fs::read_to_string(office.scene.folder.path().join("hkr-echtkasse-1.csv"));
        assert_eq!(file.expect("the file"), bytes.out, "the same bytes");
        office
            .command(fetch, &[&folder])
            .await
            .exits(1)
            .says(&["hkr-echtkasse-1.csv"]);
        let withdraw = "postings withdraw 1 --kasse echtkasse --reason abgewiesen --as";
        office
            .refuses(&[
                (
                    &format!("{withdraw} feststeller"),
                    &["neither the role kasse nor kassenverwalter"],
                ),
                (
                    &format!("{withdraw} kasse --line 9999/1"),
                    &["line 9999/1 is not in file 1"],
                ),
                (&format!("{withdraw} kasse --line abc"), &["«abc» is no line"]),
                (
                    "postings withdraw 2 --kasse echtkasse --reason x --as kasse",
                    &["has no file 2"],
                ),
            ])
            .await;
        let one = office
            .says(&format!("{withdraw} kasse --line {line}"))
            .await
            .exits(0);
        one.says(&["1 lines withdrawn", "postings export"]);
        let twice = format!("{withdraw} kasse --line {line}");
        office.refuses(&[(&twice, &["withdrawn already"])]).await;
        let rest = office.says(&format!("{withdraw} kasse")).await.exits(0);
        rest.says(&["30,00 €  withdrawn"]);
        office
            .refuses(&[(&format!("{withdraw} kasse"), &["file 1 is withdrawn already"])])
            .await;
        let again = office.says(export).await.exits(0);
        again.says(&["hkr-echtkasse-2.csv", "2 lines, 30,00 €"]);
        let old = office
            .says("postings fetch 1 --kasse echtkasse --out -")
            .await
            .exits(0);
        assert_eq!(old.out, bytes.out, "what was sent is there for ever");
        office.says("audit verify").await.exits(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_told_as_json_and_csv_for_one_environment_at_a_time() {
    for database in databases().await {
        let office = Office::open(&database).await;
        let year = "statistics --from 2026-01 --to 2026-12";
        office
            .refuses(&[
                (year, &["different environments", "name one Kasse"]),
                (
                    &format!("{year} --kasse nirgends"),
                    &["there is no Kasse «nirgends»"],
                ),
                (
                    "statistics --from 2026-13 --to 2026-12 --kasse echtkasse",
                    &["«2026-13» is no month"],
                ),
                (
                    "statistics --from 2026-05 --to 2026-04 --kasse echtkasse",
                    &["2026-04"],
                ),
                (
                    &format!("{year} --kasse echtkasse --by mond"),
                    &["authority, leika and month"],
                ),
            ])
            .await;
        office.says(&format!("{year} --json --csv")).await.exits(2);
        let csv = office.says(&format!("{year} --kasse echtkasse")).await.exits(0);
        csv.says(&["\u{feff}Test;Behörde;Monat", "Median Minuten bis zur Zahlung"]);
        for (by, format) in [
            ("", "epaybl-statistics/1"),
            ("--by authority", "epaybl-statistics-groups/1"),
        ] {
            let told = office
                .says(&format!("{year} --kasse echtkasse --json {by}"))
                .await
                .exits(0);
            let told: Value = serde_json::from_str(&told.out).expect("JSON");
            assert_eq!(
                (&told["format"], &told["environment"]),
                (&format.into(), &"production".into())
            );
        }
        let groups = office
            .says(&format!("{year} --kasse echtkasse --csv --by month"))
            .await
            .exits(0);
        assert!(groups.out.starts_with('\u{feff}'), "{}", groups.out);
    }
}
