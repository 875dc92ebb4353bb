//! Readers for tests: small, strict, and written without a look at the writer.

/// Rows of cells. Panics where a quote is not where one can be.
pub(super) fn cells(text: &str, separator: char, quote: char) -> Vec<Vec<String>> {
    let mut rows = vec![vec![]];
    let mut letters = text.chars().peekable();
    while letters.peek().is_some() {
        let mut cell = String::new();
        if letters.next_if_eq(&quote).is_some() {
            loop {
                match letters.next().expect("a quote that is closed") {
                    letter if letter == quote => {
                        if letters.next_if_eq(&quote).is_none() {
                            break;
                        }
                        cell.push(quote);
                    }
                    letter => cell.push(letter),
                }
            }
        } else {
            while let Some(letter) =
                letters.next_if(|letter| *letter != separator && *letter != '\r' && *letter != '\n')
            {
                assert_ne!(letter, quote, "a quote in the middle of a cell");
                cell.push(letter);
            }
        }
        rows.last_mut().expect("a row").push(cell);
        match letters.next() {
            Some(letter) if letter == separator => {
                // A separator at the end of a line leaves an empty cell behind it.
                if matches!(letters.peek(), None | Some('\r' | '\n')) {
                    rows.last_mut().expect("a row").push(String::new());
                    end_of_line(letters.next(), &mut letters);
                    rows.push(vec![]);
                }
            }
            end => {
                end_of_line(end, &mut letters);
                rows.push(vec![]);
            }
        }
    }
    assert_eq!(rows.pop(), Some(vec![]), "the last line has an end");
    rows
}

fn end_of_line(end: Option<char>, letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match end {
        Some('\n') => {}
        Some('\r') => assert_eq!(letters.next(), Some('\n')),
        other => panic!("{other:?} is no end of a line"),
    }
}

/// Windows-1252 by its table.
pub(super) fn windows_1252(bytes: &[u8]) -> String {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let high: Vec<char> = HIGH.chars().collect();
    bytes
        .iter()
        .map(|byte| match byte {
            0x80..=0x9f => high[usize::from(byte - 0x80)],
            byte => char::from(*byte),
        })
        .collect()
}

/// The elements below the root, each with the elements in it.
pub(super) fn elements(bytes: &[u8]) -> Vec<(String, Vec<(String, String)>)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let (mut found, mut path, mut text): (Vec<(String, Vec<_>)>, Vec<String>, String) = Default::default();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                text.clear();
                if path.len() == 2 {
                    found.push((path[1].clone(), Vec::new()));
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(reference) => text.push(match &*reference {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                other => panic!("&{other};"),
            }),
            Event::End(_) => {
                let name = path.pop().expect("an element");
                if path.len() == 2 {
                    found.last_mut().expect("a record").1.push((name, text.clone()));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty());
    found
}
