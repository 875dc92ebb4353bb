//! Whether the statements that were read follow on one another, whatever the order of their files.

use std::collections::BTreeMap;

use crate::domain::statement::Format;
use crate::domain::statement::guards::{Verdict, sequence};
use crate::domain::statement::header::Header;
use crate::statement::files::Source;

/// The statements of each account and format.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    accounts: BTreeMap<(String, Format), Vec<(Source, Header)>>,
}

/// A statement and what comes before it.
#[derive(Debug)]
pub(super) struct Followed {
    pub source: Source,
    pub header: Header,
    pub verdict: Verdict,
}

impl Sequences {
    pub(super) fn add(&mut self, source: Source, header: Header) {
        let key = (header.account.clone(), header.format);
        self.accounts.entry(key).or_default().push((source, header));
    }

    /// Weighs each against those before it: by account, format and day.
    pub(super) fn weigh(&mut self) -> Vec<Followed> {
        let mut followed = Vec::new();
        for (_, mut statements) in std::mem::take(&mut self.accounts) {
            statements.sort_by_key(|(_, header)| (header.day, header.sequence));
            let mut known = Vec::new();
            for (source, header) in statements {
                let verdict = sequence(&known, &header);
                known.push(header.clone());
                followed.push(Followed {
                    source,
                    header,
                    verdict,
                });
            }
        }
        followed
    }
}
