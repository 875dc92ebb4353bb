//! What files for the cash system need: of the store the bookings and the files, of the outside what writes them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::civil::Date;

use super::{ReadError, TenantObject};
use crate::domain::hkr::{Candidate, LineId, Posting, Said, Totals};
use crate::domain::ids::{AuthorityId, LedgerId, RouteKey};
use crate::domain::record::PostingFile;
use crate::domain::statistics::{Paid, Row};
use crate::domain::tenant::{HkrRules, Kasse};
use crate::domain::time::Timestamp;

/// A file as it is stored, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPostingFile {
    /// What the log says of it.
    pub file: PostingFile,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many of its lines are withdrawn.
    pub withdrawn: u64,
}

/// A line of a booking with what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingLine {
    /// What decides whether it goes out.
    pub candidate: Candidate,
    /// As it goes out; without its text.
    pub posting: Posting,
    /// The route of its payment and its version, where it has one.
    pub route: Option<(RouteKey, i64)>,
}

/// Which lines of bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichLines {
    /// Of bookings from a place of the log on, up to but not including another.
    Between(u64, u64),
    /// Withdrawn, and in no file since: the first ones, so many at the most.
    Withdrawn(u32),
}

/// A case, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedCase {
    /// Its place: when it was opened, and its id.
    pub place: (i64, String),
    /// Its route and the version.
    pub route: (RouteKey, i64),
    /// The authority, and when it was opened; the LeiKa key is the route's.
    pub row: Row,
}

impl CountedCase {
    /// With what was paid.
    pub fn paid(at: i64, cents: i64) -> Paid {
        Paid {
            at: Timestamp::from_millis(at),
            cents: crate::domain::money::Cents::new(cents),
        }
    }
}

/// The store, as files for the cash system and statistics need it.
#[async_trait]
pub trait PostingStore: Send + Sync {
    /// The files of a ledger by number; only one where a number is given.
    async fn posting_files(
        &self,
        ledger: &LedgerId,
        number: Option<u64>,
    ) -> Result<Vec<StoredPostingFile>, ReadError>;
    /// Files of a ledger by number: `limit` of them behind one.
    async fn posting_files_behind(
        &self,
        ledger: &LedgerId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredPostingFile>, ReadError>;
    /// How many files a ledger has, and the place that they have passed.
    async fn posting_reach(&self, ledger: &LedgerId) -> Result<(u64, u64), ReadError>;
    /// The bytes of a file.
    async fn posting_content(&self, ledger: &LedgerId, number: u64) -> Result<Option<Vec<u8>>, ReadError>;
    /// The lines that are in a file, in the order of the log; `counting`: without those that are withdrawn.
    async fn lines_of_file(
        &self,
        ledger: &LedgerId,
        number: u64,
        counting: bool,
    ) -> Result<Vec<LineId>, ReadError>;
    /// The lines that a record of the log withdraws.
    async fn withdrawn_by(&self, ledger: &LedgerId, position: u64) -> Result<Vec<LineId>, ReadError>;
    /// A line that counts in more than one file; there is none.
    async fn line_twice(&self, ledger: &LedgerId) -> Result<Option<LineId>, ReadError>;
    /// Lines of bookings, in the order of the log.
    async fn posting_lines(
        &self,
        ledger: &LedgerId,
        which: WhichLines,
    ) -> Result<Vec<PostingLine>, ReadError>;
    /// The accounts of a ledger that were ever booked on.
    async fn accounts_in_use(&self, ledger: &LedgerId) -> Result<Vec<String>, ReadError>;
    /// A route as it was in a version.
    async fn route_version(&self, route: &RouteKey, version: i64) -> Result<Option<TenantObject>, ReadError>;
    /// What a Kasse said of its postings, and where in its log.
    async fn said_of_postings(&self, ledger: &LedgerId) -> Result<Said, ReadError>;
    /// Cases of a ledger that were opened in a time, behind a place, in the order of their places; only of some
    /// authorities, where any are named.
    async fn counted_cases(
        &self,
        (ledger, authorities): (&LedgerId, Option<&BTreeSet<AuthorityId>>),
        time: (Timestamp, Timestamp),
        after: Option<&(i64, String)>,
        limit: u32,
    ) -> Result<Vec<CountedCase>, ReadError>;
}

/// A file that is to be written.
#[derive(Debug)]
pub struct PostingOrder<'a> {
    /// Whose.
    pub kasse: &'a Kasse,
    /// How.
    pub rules: &'a HkrRules,
    /// Its number.
    pub number: u64,
    /// When.
    pub created: Timestamp,
    /// What is in it.
    pub postings: &'a [Posting],
    /// What that comes to.
    pub totals: Totals,
    /// Whether it only shows what a file of a TEST Kasse would be.
    pub preview: bool,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPostings {
    /// How it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// The name of the template.
    pub template: String,
    /// SHA-256 over the template's text.
    pub template_digest: [u8; 32],
}

/// Writes files for cash systems, by templates.
pub trait PostingFiles: Send + Sync {
    /// The first day of the business year that a day belongs to; none where the files do not have to tell years apart.
    fn business_year(&self, rules: &HkrRules, day: Date) -> Option<Date>;
    /// Writes a file.
    ///
    /// # Errors
    /// Says which line and column cannot be written, and why.
    fn write(&self, order: &PostingOrder<'_>) -> Result<WrittenPostings, String>;
}
