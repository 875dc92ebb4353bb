//! The keywords of SEPA payments in the purpose of a structured `:86:`: `EREF+`, `SVWZ+` and so on.
//!
//! By the book each begins a sub-field; some banks run them on behind a blank, and cut the text, keyword and all, every
//! 27 characters. So the lines are joined first and keep their borders. One more keyword: add it to [`KEYWORDS`].

/// What a keyword announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Eref,
    Kref,
    Mref,
    Cred,
    Debt,
    Coam,
    Oamt,
    Svwz,
    Abwa,
    Abwe,
    Iban,
    Bic,
    Purp,
    Bref,
    Rref,
    Mtlg,
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("EREF+", Keyword::Eref),
    ("KREF+", Keyword::Kref),
    ("MREF+", Keyword::Mref),
    ("CRED+", Keyword::Cred),
    ("DEBT+", Keyword::Debt),
    ("COAM+", Keyword::Coam),
    ("OAMT+", Keyword::Oamt),
    ("SVWZ+", Keyword::Svwz),
    ("ABWA+", Keyword::Abwa),
    ("ABWE+", Keyword::Abwe),
    ("IBAN+", Keyword::Iban),
    ("BIC+", Keyword::Bic),
    ("PURP+", Keyword::Purp),
    ("BREF+", Keyword::Bref),
    ("RREF+", Keyword::Rref),
    ("MTLG:", Keyword::Mtlg),
];

/// The longest reference in SEPA: what goes on in the next line after that many characters is something else.
const LONGEST: usize = 35;

/// Keywords with their values, each as the lines that the bank cut.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub values: Vec<(Keyword, Vec<String>)>,
}

/// Finds the keywords, the first of each kind.
pub(super) fn find(lines: &[String]) -> Found {
    let joined = Joined::new(lines);
    let mut marks: Vec<(usize, usize, Keyword)> = Vec::new();
    for (at, _) in joined.text.char_indices() {
        let Some((word, keyword)) = KEYWORDS
            .iter()
            .find(|(word, _)| joined.text[at..].starts_with(word))
        else {
            continue;
        };
        let starts = joined.starts.binary_search(&at).is_ok();
        let free = starts || joined.text[..at].ends_with(' ');
        let seen = |wanted: Keyword| marks.iter().any(|(_, _, keyword)| *keyword == wanted);
        let possible = if seen(Keyword::Svwz) {
            // The remittance information is somebody's words: they do not make references.
            starts || (free && matches!(keyword, Keyword::Abwa | Keyword::Abwe))
        } else {
            free || word.len() == 5 && !matches!(keyword, Keyword::Iban | Keyword::Mtlg | Keyword::Purp)
        };
        if possible && !seen(*keyword) {
            marks.push((at, at + word.len(), *keyword));
        }
    }
    let ends = marks
        .iter()
        .skip(1)
        .map(|(at, _, _)| *at)
        .chain([joined.text.len()]);
    let values = marks.iter().zip(ends).map(|((_, from, keyword), to)| {
        let mut value = joined.lines(*from, to);
        let reference = matches!(
            keyword,
            Keyword::Eref | Keyword::Kref | Keyword::Mref | Keyword::Cred
        );
        if reference && value.concat().trim().chars().count() > LONGEST {
            value.truncate(1);
        }
        (*keyword, value)
    });
    Found {
        values: values.collect(),
    }
}

/// References as banks repeat them for people inside of the text (`EREF: 4711 IBAN: DE…`), or write them instead of the
/// keywords.
pub(super) fn copies(lines: &[String]) -> Vec<(Keyword, String)> {
    const WORDS: &[(&str, Option<Keyword>)] = &[
        ("EREF", Some(Keyword::Eref)),
        ("KREF", Some(Keyword::Kref)),
        ("MREF", Some(Keyword::Mref)),
        ("CRED", Some(Keyword::Cred)),
        ("SVWZ", None),
        ("ABWA", None),
        ("ABWE", None),
        ("IBAN", None),
        ("BIC", None),
    ];
    let joined = Joined::new(lines);
    let mut marks: Vec<(usize, usize, Option<Keyword>)> = Vec::new();
    for (at, _) in joined.text.char_indices() {
        let starts = joined.starts.binary_search(&at).is_ok();
        if !starts && !joined.text[..at].ends_with(' ') {
            continue;
        }
        let word = WORDS.iter().find_map(|(word, keyword)| {
            let rest = joined.text[at..].strip_prefix(word)?;
            let announces = rest.starts_with(':') || (rest.starts_with(' ') && starts && keyword.is_some());
            announces.then_some((word.len() + 1, *keyword))
        });
        if let Some((length, keyword)) = word {
            marks.push((at, at + length, keyword));
        }
    }
    let ends = marks
        .iter()
        .skip(1)
        .map(|(at, _, _)| *at)
        .chain([joined.text.len()]);
    let pairs = marks.iter().zip(ends).filter_map(|((_, from, keyword), to)| {
        let value = joined.text[*from..to].trim();
        let value = if value.chars().count() > LONGEST {
            value.split(' ').next().unwrap_or(value)
        } else {
            value
        };
        let fits = !value.is_empty() && value.chars().count() <= LONGEST;
        keyword
            .filter(|_| fits)
            .map(|keyword| (keyword, value.to_owned()))
    });
    pairs.collect()
}

/// Lines in one, with their borders.
struct Joined {
    text: String,
    starts: Vec<usize>,
}

impl Joined {
    fn new(lines: &[String]) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(lines.len());
        for line in lines {
            starts.push(text.len());
            text.push_str(line);
        }
        Self { text, starts }
    }

    /// The part between two places, cut where the lines were.
    fn lines(&self, from: usize, to: usize) -> Vec<String> {
        let borders = self
            .starts
            .iter()
            .copied()
            .filter(|start| *start > from && *start < to);
        let cuts: Vec<usize> = [from].into_iter().chain(borders).chain([to]).collect();
        cuts.windows(2)
            .map(|pair| self.text[pair[0]..pair[1]].to_owned())
            .collect()
    }
}
