//! One SQL for two databases: what little differs is rewritten here.
//!
//! Statements are written with `?` or `?1` places, `ON CONFLICT … DO`, `RETURNING` and a closing `FOR UPDATE`; tables in the
//! words of SQLite's strict tables. Qualify the old value in an upsert (`SET seq = scope_head.seq + 1`), and cast sums
//! (`CAST(sum(bytes) AS BIGINT)`): `PostgreSQL` asks for both.

/// A statement for `PostgreSQL`: places become `$1`, `$2` … Texts in quotes are left alone.
pub(super) fn postgres(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 8);
    let mut quoted = false;
    let mut next = 0_u32;
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                out.push(c);
            }
            '?' if !quoted => {
                out.push('$');
                if rest.peek().is_none_or(|d| !d.is_ascii_digit()) {
                    next += 1;
                    out.push_str(&next.to_string());
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// Tables for `PostgreSQL`.
pub(super) fn postgres_tables(sql: &str) -> String {
    sql.replace(") STRICT, WITHOUT ROWID;", ");")
        .replace(") STRICT;", ");")
        .replace(" BLOB", " BYTEA")
        .replace(" INTEGER", " BIGINT")
}

/// A statement for SQLite, whose single writer needs no row locks.
pub(super) fn sqlite(sql: &str) -> &str {
    sql.strip_suffix(" FOR UPDATE").unwrap_or(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_and_quoted_marks_are_left() {
        assert_eq!(postgres("SELECT ?, '?', ?"), "SELECT $1, '?', $2");
        assert_eq!(postgres("SET a = ?2 WHERE b = ?1"), "SET a = $2 WHERE b = $1");
        assert_eq!(postgres("SELECT 'it''s ?' , ?"), "SELECT 'it''s ?' , $1");
    }

    #[test]
    fn row_locks_are_for_the_database_that_has_many_writers() {
        assert_eq!(sqlite("SELECT 1 FOR UPDATE"), "SELECT 1");
        assert_eq!(sqlite("SELECT 1"), "SELECT 1");
    }
}
