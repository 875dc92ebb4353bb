//! Tables as their database describes them, in words that are the same for both: the types are PostgreSQL's.

use crate::database::Database;

#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// In order.
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub foreign: Vec<Foreign>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: String,
    pub required: bool,
    /// Its place in the primary key, from 1; 0: it is not in there.
    pub key: u32,
}

/// An index, or what makes rows unique.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Empty where a UNIQUE of the table made it: the databases name those each in its own way.
    pub name: String,
    pub unique: bool,
    pub partial: bool,
    pub columns: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign {
    pub table: String,
    pub from: String,
    pub to: String,
}

/// All tables, sorted by name.
pub async fn read(database: &Database) -> Vec<Table> {
    let (columns, indexes, foreign) = match database {
        Database::Sqlite(_) => (SQLITE_COLUMNS, SQLITE_INDEXES, SQLITE_FOREIGN),
        Database::Postgres(_) => (POSTGRES_COLUMNS, POSTGRES_INDEXES, POSTGRES_FOREIGN),
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in database.rows(columns).await {
        if tables.last().is_none_or(|table| table.name != row[0]) {
            tables.push(Table {
                name: row[0].clone(),
                columns: Vec::new(),
                indexes: Vec::new(),
                foreign: Vec::new(),
            });
        }
        let table = tables.last_mut().expect("the table of this column");
        table.columns.push(Column {
            name: row[1].clone(),
            kind: row[2].clone(),
            required: row[3] == "1",
            key: row[4].parse().expect("a number"),
        });
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let find = |tables: &mut Vec<Table>, name: &str| -> usize {
        tables
            .iter()
            .position(|table| table.name == name)
            .expect("a table that has columns")
    };
    for row in database.rows(indexes).await {
        let at = find(&mut tables, &row[0]);
        tables[at].indexes.push(Index {
            name: row[1].clone(),
            unique: row[2] == "1",
            partial: row[3] == "1",
            columns: row[4].clone(),
        });
    }
    for row in database.rows(foreign).await {
        let at = find(&mut tables, &row[0]);
        tables[at].foreign.push(Foreign {
            table: row[1].clone(),
            from: row[2].clone(),
            to: row[3].clone(),
        });
    }
    for table in &mut tables {
        table.indexes.sort();
        table.foreign.sort();
    }
    tables
}

const SQLITE_COLUMNS: &str = "
    SELECT t.name, c.name,
        CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea' ELSE c.type END,
        CAST(c.\"notnull\" AS TEXT), CAST(c.pk AS TEXT)
    FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'
    ORDER BY t.name, c.cid";

const POSTGRES_COLUMNS: &str = "
    SELECT t.relname::text, c.attname::text, format_type(c.atttypid, c.atttypmod),
        c.attnotnull::int::text, (COALESCE(array_position(k.indkey::int2[], c.attnum), -1) + 1)::text
    FROM pg_class AS t
    JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
    LEFT JOIN pg_index AS k ON k.indrelid = t.oid AND k.indisprimary
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND t.relname <> '_sqlx_migrations'
    ORDER BY t.relname, c.attnum";

const SQLITE_INDEXES: &str = "
    SELECT t.name, CASE i.origin WHEN 'c' THEN i.name ELSE '' END,
        CAST(i.\"unique\" AS TEXT), CAST(i.partial AS TEXT),
        (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
    FROM sqlite_schema AS t JOIN pragma_index_list(t.name) AS i
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations' AND i.origin <> 'pk'";

const POSTGRES_INDEXES: &str = "
    SELECT t.relname::text, CASE WHEN u.oid IS NULL THEN n.relname::text ELSE '' END,
        i.indisunique::int::text, (i.indpred IS NOT NULL)::int::text,
        (SELECT string_agg(c.attname, ', ' ORDER BY k.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum = k.number)
    FROM pg_index AS i
    JOIN pg_class AS t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
    JOIN pg_class AS n ON n.oid = i.indexrelid
    LEFT JOIN pg_constraint AS u ON u.conindid = n.oid AND u.contype = 'u'
    WHERE NOT i.indisprimary AND t.relname <> '_sqlx_migrations'";

const SQLITE_FOREIGN: &str = "
    SELECT t.name, f.\"table\", group_concat(f.\"from\", ', ' ORDER BY f.seq), group_concat(f.\"to\", ', ' ORDER BY f.seq)
    FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS f
    WHERE t.type = 'table'
    GROUP BY t.name, f.id, f.\"table\"";

const POSTGRES_FOREIGN: &str = "
    SELECT t.relname::text, o.relname::text,
        (SELECT string_agg(c.attname, ', ' ORDER BY k.place)
            FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum = k.number),
        (SELECT string_agg(c.attname, ', ' ORDER BY k.place)
            FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS c ON c.attrelid = o.oid AND c.attnum = k.number)
    FROM pg_constraint AS f
    JOIN pg_class AS t ON t.oid = f.conrelid AND t.relnamespace = 'public'::regnamespace
    JOIN pg_class AS o ON o.oid = f.confrelid
    WHERE f.contype = 'f'";

/// Tables of SQLite that would take a text for a number.
pub const NOT_STRICT: &str = "
    SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND strict = 0
        AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'";

/// Text columns of PostgreSQL that would sort by a language.
pub const NOT_BYTEWISE: &str = "
    SELECT t.relname::text, c.attname::text
    FROM pg_class AS t
    JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
    JOIN pg_collation AS l ON l.oid = c.attcollation
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND t.relname <> '_sqlx_migrations'
        AND l.collname <> 'C'";
