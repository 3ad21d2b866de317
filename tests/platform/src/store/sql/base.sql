CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS record (
    id BLOB PRIMARY KEY NOT NULL, kind TEXT NOT NULL, grid TEXT NOT NULL DEFAULT '', rev INTEGER NOT NULL,
    state TEXT NOT NULL, deleted INTEGER NOT NULL, body TEXT NOT NULL, field_rev TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS history (
    -- one row per accepted operation: what audit and conflict explanation read
    op BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL, rev INTEGER NOT NULL, actor TEXT NOT NULL, device BLOB,
    hlc INTEGER NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS scope_head (
    -- the counter of a scope, taken last in each transaction
    scope TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS scope_member (
    -- each record once per scope, at the number of its last change: an index by number, not a log
    scope TEXT NOT NULL, record BLOB NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL, present INTEGER NOT NULL,
    PRIMARY KEY (scope, record)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS scope_member_by_seq ON scope_member (scope, seq);
CREATE TABLE IF NOT EXISTS receipt (
    device BLOB NOT NULL, op BLOB NOT NULL, hash BLOB NOT NULL, result TEXT NOT NULL, PRIMARY KEY (device, op)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS device (
    id BLOB PRIMARY KEY NOT NULL, staff TEXT NOT NULL, token BLOB NOT NULL UNIQUE, incarnation BLOB NOT NULL,
    next_n INTEGER NOT NULL, last_contact INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS enrol_code (
    hash BLOB PRIMARY KEY NOT NULL, staff TEXT NOT NULL, expires INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS staff (
    id TEXT PRIMARY KEY NOT NULL, roles TEXT NOT NULL, grids TEXT NOT NULL, version INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY NOT NULL, device BLOB NOT NULL, hash BLOB NOT NULL, bytes INTEGER NOT NULL, held INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS upload_by_hash ON upload (device, hash);
CREATE TABLE IF NOT EXISTS blob (
    hash BLOB PRIMARY KEY NOT NULL, bytes INTEGER NOT NULL, stored_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob_seen (
    -- who may be told that a file is stored: the scopes of records that cite it, and whoever uploaded it
    hash BLOB NOT NULL, scope TEXT NOT NULL, PRIMARY KEY (hash, scope)
) STRICT, WITHOUT ROWID;
