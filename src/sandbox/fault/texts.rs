//! Words in a text that ask for a fault: `SANDBOX FAULT` and its name, in any case. Where a text is too
//! short for that, `SANDBOX` and the name do. A value follows a colon or, where a text allows none, a
//! hyphen: `STATUS-LAGS-3`, `AUTO-REFUSE-0611`.

use super::Fault;

/// More than this many nobody means.
const MOST: usize = 8;

pub(super) fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for text in texts {
        let words = text.split(|letter: char| !is_of_a_word(letter));
        let words = words.map(|word| word.trim_end_matches(':'));
        let mut words = words.filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            if !word.eq_ignore_ascii_case("SANDBOX") {
                continue;
            }
            let mut rest = words.clone();
            let next = rest.next().unwrap_or_default();
            let name = if next.eq_ignore_ascii_case("FAULT") {
                rest.next().unwrap_or_default()
            } else {
                next
            };
            match named(&name.to_ascii_lowercase()) {
                Some(fault) if faults.len() < MOST && !faults.contains(&fault) => faults.push(fault),
                None if next.eq_ignore_ascii_case("FAULT") => {
                    tracing::warn!(name, "a text asks for a fault that the sandbox does not have");
                }
                Some(_) | None => {}
            }
        }
    }
    faults
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | ':')
}

fn named(name: &str) -> Option<Fault> {
    if let Ok(fault) = name.parse() {
        return Some(fault);
    }
    let (head, value) = name.rsplit_once('-')?;
    let head = head.trim_end_matches([':', '-']);
    let sign = if head == "auto-refuse" { "-" } else { "" };
    format!("{head}:{sign}{value}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Cents;

    #[test]
    fn a_text_asks_for_a_fault_by_its_name() {
        for (text, fault) in [
            (
                "Antrag 4711, SANDBOX FAULT DROP-AFTER-CREATE, danke",
                Fault::DropAfterCreate,
            ),
            ("SANDBOX DROP-AFTER-CREATE", Fault::DropAfterCreate),
            ("sandbox fault: wrong-hash", Fault::WrongHash),
            ("SANDBOX FAULT STATUS-LAGS-3", Fault::StatusLags { reads: 3 }),
            ("SANDBOX FAULT STATUS-LAGS:3", Fault::StatusLags { reads: 3 }),
            (
                "SANDBOX FAULT OVERPAID",
                Fault::Overpaid {
                    over: Cents::new(100),
                },
            ),
            ("SANDBOX AUTO-REFUSE-0611", Fault::AutoRefuse("-0611".to_owned())),
            (
                "SANDBOX FAULT AUTO-REFUSE:-0611",
                Fault::AutoRefuse("-0611".to_owned()),
            ),
        ] {
            assert_eq!(read([text]), [fault], "{text}");
        }
    }

    #[test]
    fn an_ordinary_text_asks_for_nothing() {
        for text in [
            "",
            "SANDBOX",
            "SANDBOX FAULT",
            "SANDBOX FAULT SLOWLY",
            "Sandbox bauen, langsam",
            "SANDBOX -",
            "drop-after-create",
            "SANDBOXES SLOW",
        ] {
            assert_eq!(read([text]), [], "{text}");
        }
    }

    #[test]
    fn several_texts_ask_for_each_fault_once_and_for_eight_at_most() {
        let both = read([
            "SANDBOX SLOW",
            "GEBÜHR SANDBOX FAULT SLOW SANDBOX FAULT NO-NOTIFY",
        ]);
        assert_eq!(both, [Fault::Slow, Fault::NoNotify]);
        let many: Vec<String> = (0..50)
            .map(|reads| format!("SANDBOX STATUS-LAGS-{reads}"))
            .collect();
        assert_eq!(read(many.iter().map(String::as_str)).len(), MOST);
    }
}
