//! Text of others, before it is shown: what terminals, spreadsheets and readers would obey instead of showing it.

/// Whether a letter is obeyed instead of shown: control characters, line separators, marks that turn the direction of what
/// follows.
pub const fn is_obeyed(letter: char) -> bool {
    letter.is_ascii_control()
        || matches!(
            letter,
            '\u{80}'..='\u{9f}'
                | '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// Whether a letter takes no place at all: two names that differ only in these look the same.
pub const fn is_invisible(letter: char) -> bool {
    is_obeyed(letter)
        || matches!(
            letter,
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// On one line, with blanks in the place of what would be obeyed.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if is_obeyed(letter) { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_obeyed_is_a_blank_and_everything_else_stays() {
        let told = "a\u{1b}[31m\r\n\t\u{202e}b\u{85}c\u{2028}d\u{2067}";
        assert_eq!(plain(told), "a [31m    b c d ");
        let names = "Łukasz Müller-Weiß, 日本, علي, می\u{200c}خواهم";
        assert_eq!(plain(names), names);
        assert!(
            (0..=0x0010_ffff_u32)
                .filter_map(char::from_u32)
                .filter(|letter| letter.is_control())
                .all(is_obeyed)
        );
    }
}
