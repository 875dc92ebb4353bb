//! What is read of files for the cash system and of cases that are counted; the statements are the same in both databases.

use async_trait::async_trait;

/// A file, without its bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct PostingFileRow {
    pub number: i64,
    pub from_position: i64,
    pub to_position: i64,
    pub postings: String,
    pub template: String,
    pub template_digest: Vec<u8>,
    pub name: String,
    pub media_type: String,
    pub lines: i64,
    pub sum_cents: i64,
    pub first_day: String,
    pub last_day: String,
    pub digest: Vec<u8>,
    pub size: i64,
    pub lines_digest: Vec<u8>,
    pub person: String,
    pub created_at: i64,
    pub withdrawn: i64,
}

/// A line of a booking with what stands beside it.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct PostingLineRow {
    pub position: i64,
    pub n: i64,
    pub kind: String,
    pub reverses: Option<i64>,
    pub reversed: Option<String>,
    pub buchungstag: String,
    pub debit_account: String,
    pub credit_account: String,
    pub cents: i64,
    pub haushaltsjahr: i64,
    pub haushaltsstelle: Option<String>,
    pub objektnummer: Option<String>,
    pub anordnung: String,
    pub authority_id: Option<String>,
    pub method: Option<String>,
    pub kassenzeichen: Option<String>,
    pub originator_id: Option<String>,
    pub end_point_id: Option<String>,
    pub route_version: Option<i64>,
}

/// A case, counted.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "named after what they hold")]
pub struct CountedCaseRow {
    pub id: String,
    pub authority_id: String,
    pub created_at: i64,
    pub originator_id: String,
    pub end_point_id: String,
    pub route_version: i64,
    pub paid_at: Option<i64>,
    pub paid_cents: Option<i64>,
    pub manual: bool,
}

/// A database, as files for the cash system need it.
#[async_trait]
pub trait PostingRows: Send + Sync {
    /// Files by number.
    async fn posting_files(
        &self,
        ledger: &str,
        number: Option<i64>,
    ) -> Result<Vec<PostingFileRow>, sqlx::Error>;
    /// Files behind a number.
    async fn posting_files_behind(
        &self,
        ledger: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PostingFileRow>, sqlx::Error>;
    /// How many files there are, and how far they have come.
    async fn posting_reach(&self, ledger: &str) -> Result<(i64, i64), sqlx::Error>;
    /// The bytes of a file.
    async fn posting_content(&self, ledger: &str, number: i64) -> Result<Option<Vec<u8>>, sqlx::Error>;
    /// The lines of a file.
    async fn lines_of_file(
        &self,
        ledger: &str,
        number: i64,
        counting: bool,
    ) -> Result<Vec<(i64, i64)>, sqlx::Error>;
    /// The lines that a record withdraws.
    async fn withdrawn_by(&self, ledger: &str, position: i64) -> Result<Vec<(i64, i64)>, sqlx::Error>;
    /// A line that counts twice.
    async fn line_twice(&self, ledger: &str) -> Result<Option<(i64, i64)>, sqlx::Error>;
    /// Lines of bookings between two places.
    async fn posting_lines(
        &self,
        ledger: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<PostingLineRow>, sqlx::Error>;
    /// Lines that are withdrawn and in no file since.
    async fn posting_lines_again(&self, ledger: &str, limit: i64)
    -> Result<Vec<PostingLineRow>, sqlx::Error>;
    /// The accounts of a ledger.
    async fn accounts_in_use(&self, ledger: &str) -> Result<Vec<String>, sqlx::Error>;
    /// The records by which a ledger was configured.
    async fn configurations(&self, ledger: &str) -> Result<Vec<Vec<u8>>, sqlx::Error>;
    /// Cases that were opened in a time, behind a place; of authorities (a JSON array), or of all.
    async fn counted_cases(
        &self,
        of: (&str, Option<&str>),
        time: (i64, i64),
        after: (i64, &str),
        limit: i64,
    ) -> Result<Vec<CountedCaseRow>, sqlx::Error>;
}

macro_rules! lines {
    ($from:literal, $where:literal, $limit:literal) => {
        concat!(
            "SELECT b.position, l.n, b.kind, b.reverses, v.kind AS reversed, r.buchungstag, l.debit_account, \
                 l.credit_account, l.cents, l.haushaltsjahr, l.haushaltsstelle, l.objektnummer, l.anordnung, \
                 c.authority_id, p.method, a.kassenzeichen, p.originator_id, p.end_point_id, p.route_version FROM ",
            $from,
            " JOIN record AS r ON r.ledger_id = b.ledger_id AND r.position = b.position \
             LEFT JOIN booking AS v ON v.ledger_id = b.ledger_id AND v.position = b.reverses \
             LEFT JOIN cases AS c ON c.id = b.case_id LEFT JOIN attempt AS a ON a.id = b.attempt_id \
             LEFT JOIN payment AS p ON p.id = a.payment_id WHERE ",
            $where,
            " ORDER BY b.position, l.n",
            $limit
        )
    };
}

/// Lines of bookings between two places.
pub(in crate::store) const LINES: &str = lines!(
    "booking AS b JOIN booking_line AS l ON l.ledger_id = b.ledger_id AND l.position = b.position",
    "b.ledger_id = $1 AND b.position >= $2 AND b.position < $3",
    ""
);
/// Lines that are withdrawn and in no file since.
pub(in crate::store) const AGAIN: &str = lines!(
    "posting_withdrawn AS w JOIN booking AS b ON b.ledger_id = w.ledger_id AND b.position = w.position \
     JOIN booking_line AS l ON l.ledger_id = w.ledger_id AND l.position = w.position AND l.n = w.line - 1",
    "w.ledger_id = $1 AND NOT EXISTS (SELECT 1 FROM posting_line AS o WHERE o.ledger_id = w.ledger_id \
         AND o.position = w.position AND o.line = w.line AND o.number > w.number)",
    " LIMIT $2"
);
/// Files, with how many of their lines are withdrawn.
macro_rules! files {
    ($which:literal) => {
        concat!(
            "SELECT f.number, f.from_position, f.to_position, f.postings, f.template, f.template_digest, f.name, \
                 f.media_type, f.lines, f.sum_cents, f.first_day, f.last_day, f.digest, f.size, f.lines_digest, \
                 f.person, f.created_at, (SELECT count(*) FROM posting_withdrawn AS w \
                     WHERE w.ledger_id = f.ledger_id AND w.number = f.number) AS withdrawn \
             FROM posting_file AS f WHERE f.ledger_id = $1 AND ",
            $which
        )
    };
}

/// All of them, or one.
pub(in crate::store) const FILES: &str =
    files!("(CAST($2 AS BIGINT) IS NULL OR f.number = $2) ORDER BY f.number");
/// Those behind one.
pub(in crate::store) const FILES_BEHIND: &str = files!("f.number > $2 ORDER BY f.number LIMIT $3");
/// A line that counts in more than one file.
pub(in crate::store) const TWICE: &str = "SELECT l.position, l.line FROM posting_line AS l WHERE l.ledger_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM posting_withdrawn AS w WHERE w.ledger_id = l.ledger_id AND w.number = l.number \
             AND w.position = l.position AND w.line = l.line) \
     GROUP BY l.position, l.line HAVING count(*) > 1 ORDER BY l.position, l.line LIMIT 1";
/// Cases with the route of their first payment that was not refused, what was paid, and whether a person had a hand in it:
/// by a step towards resolving an exception of theirs, or by assigning money to them.
macro_rules! counted {
    ($among:literal) => {
        concat!(
            "SELECT c.id, c.authority_id, c.created_at, f.originator_id, f.end_point_id, f.route_version, \
         (SELECT min(p.answered_at) FROM payment AS p WHERE p.case_id = c.id AND p.answer = 'PAYED') AS paid_at, \
         (SELECT CAST(sum(p.total_cents) AS BIGINT) FROM payment AS p WHERE p.case_id = c.id AND p.answer = 'PAYED') \
             AS paid_cents, \
         (EXISTS (SELECT 1 FROM exception AS e JOIN resolution AS s ON s.exception_id = e.id \
             WHERE e.case_id = c.id AND s.person <> $7) \
          OR EXISTS (SELECT 1 FROM booking AS b WHERE b.ledger_id = c.ledger_id AND b.case_id = c.id \
             AND b.kind = 'zuordnung')) AS manual \
     FROM cases AS c JOIN payment AS f ON f.id = (SELECT p.id FROM payment AS p WHERE p.case_id = c.id \
         AND p.answer <> 'REFUSED' ORDER BY p.created_at, p.id LIMIT 1) \
     WHERE c.ledger_id = $1 AND c.created_at >= $2 AND c.created_at < $3 \
         AND ($8 = 1 OR c.authority_id ",
            $among,
            ") \
         AND (c.created_at > $4 OR (c.created_at = $4 AND c.id > $5)) \
     ORDER BY c.created_at, c.id LIMIT $6"
        )
    };
}

macro_rules! posting_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::postings::rows::PostingRows for $engine {
            async fn posting_files(
                &self,
                ledger: &str,
                number: Option<i64>,
            ) -> Result<Vec<$crate::store::postings::rows::PostingFileRow>, sqlx::Error> {
                sqlx::query_as($crate::store::postings::rows::FILES)
                    .bind(ledger)
                    .bind(number)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn posting_files_behind(
                &self,
                ledger: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::postings::rows::PostingFileRow>, sqlx::Error> {
                sqlx::query_as($crate::store::postings::rows::FILES_BEHIND)
                    .bind(ledger)
                    .bind(after)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn posting_reach(&self, ledger: &str) -> Result<(i64, i64), sqlx::Error> {
                sqlx::query_as(
                    "SELECT coalesce(max(number), 0), coalesce(max(to_position), 0) FROM posting_file WHERE ledger_id = $1",
                )
                .bind(ledger)
                .fetch_one(&self.reader)
                .await
            }

            async fn posting_content(&self, ledger: &str, number: i64) -> Result<Option<Vec<u8>>, sqlx::Error> {
                sqlx::query_scalar("SELECT content FROM posting_file WHERE ledger_id = $1 AND number = $2")
                    .bind(ledger)
                    .bind(number)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn lines_of_file(
                &self,
                ledger: &str,
                number: i64,
                counting: bool,
            ) -> Result<Vec<(i64, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT l.position, l.line FROM posting_line AS l WHERE l.ledger_id = $1 AND l.number = $2 \
                     AND ($3 = 0 OR NOT EXISTS (SELECT 1 FROM posting_withdrawn AS w WHERE w.ledger_id = l.ledger_id \
                         AND w.number = l.number AND w.position = l.position AND w.line = l.line)) \
                     ORDER BY l.position, l.line",
                )
                .bind(ledger)
                .bind(number)
                .bind(i64::from(counting))
                .fetch_all(&self.reader)
                .await
            }

            async fn withdrawn_by(&self, ledger: &str, position: i64) -> Result<Vec<(i64, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT position, line FROM posting_withdrawn WHERE ledger_id = $1 AND withdrawal = $2 \
                     ORDER BY position, line",
                )
                .bind(ledger)
                .bind(position)
                .fetch_all(&self.reader)
                .await
            }

            async fn line_twice(&self, ledger: &str) -> Result<Option<(i64, i64)>, sqlx::Error> {
                sqlx::query_as($crate::store::postings::rows::TWICE)
                    .bind(ledger)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn posting_lines(
                &self,
                ledger: &str,
                from: i64,
                to: i64,
            ) -> Result<Vec<$crate::store::postings::rows::PostingLineRow>, sqlx::Error> {
                sqlx::query_as($crate::store::postings::rows::LINES)
                    .bind(ledger)
                    .bind(from)
                    .bind(to)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn posting_lines_again(
                &self,
                ledger: &str,
                limit: i64,
            ) -> Result<Vec<$crate::store::postings::rows::PostingLineRow>, sqlx::Error> {
                sqlx::query_as($crate::store::postings::rows::AGAIN)
                    .bind(ledger)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn accounts_in_use(&self, ledger: &str) -> Result<Vec<String>, sqlx::Error> {
                sqlx::query_scalar("SELECT DISTINCT account FROM balance WHERE ledger_id = $1 ORDER BY account")
                    .bind(ledger)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn configurations(&self, ledger: &str) -> Result<Vec<Vec<u8>>, sqlx::Error> {
                sqlx::query_scalar(
                    "SELECT bytes FROM record WHERE ledger_id = $1 AND kind = 'configuration' ORDER BY position",
                )
                .bind(ledger)
                .fetch_all(&self.reader)
                .await
            }

            async fn counted_cases(
                &self,
                (ledger, authorities): (&str, Option<&str>),
                time: (i64, i64),
                after: (i64, &str),
                limit: i64,
            ) -> Result<Vec<$crate::store::postings::rows::CountedCaseRow>, sqlx::Error> {
                sqlx::query_as(sql::COUNTED)
                    .bind(ledger)
                    .bind(time.0)
                    .bind(time.1)
                    .bind(after.0)
                    .bind(after.1)
                    .bind(limit)
                    .bind($crate::domain::resolution::PROGRAM)
                    .bind(i64::from(authorities.is_none()))
                    .bind(authorities.unwrap_or("[]"))
                    .fetch_all(&self.reader)
                    .await
            }
        }
    };
}

pub(in crate::store) use {counted, posting_rows};
