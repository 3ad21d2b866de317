CREATE TABLE meta (
    -- single values of this phone: identity, clocks, counters
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    -- every record as the app reads it: the platform's last word, overlaid with own unanswered operations
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    grid TEXT NOT NULL DEFAULT '',
    rev INTEGER NOT NULL DEFAULT 0,       -- of the platform's last word; 0 when it has none
    state TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0,   -- operations replayed on it
    about BLOB,                           -- of an open conflict: the record it is about
    body TEXT NOT NULL
) STRICT;
CREATE INDEX record_by_kind ON record (kind, id);
CREATE INDEX record_about ON record (about) WHERE about IS NOT NULL;

CREATE TABLE base (
    -- the platform's last word on a record that has operations replayed on it; gone again when it has none
    row INTEGER PRIMARY KEY REFERENCES record (row) ON DELETE CASCADE,
    grid TEXT NOT NULL,
    rev INTEGER NOT NULL,
    state TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE op (
    -- every operation ever made here; the only place that says that something is pending
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    op BLOB NOT NULL UNIQUE CHECK (length(op) = 16),
    record BLOB NOT NULL,
    lane INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'queued', 'sending', 'applied', 'merged', 'same', 'conflict',
                                         'dead', 'replaced', 'dropped')),
    n INTEGER UNIQUE,                     -- place in the incarnation's sequence, given at the first sending
    group_id BLOB,
    base_op BLOB,
    result_rev INTEGER,                   -- revision the platform gave; replayed until the mirror has reached it
    conflict BLOB,
    code TEXT,                            -- why it was refused, or how it was taken
    fields TEXT NOT NULL DEFAULT '[]',
    doc TEXT NOT NULL                     -- the operation as JSON
) STRICT;
CREATE INDEX op_open ON op (state, lane, seq) WHERE state IN ('draft', 'queued', 'sending', 'dead');
CREATE INDEX op_by_record ON op (record, seq);

CREATE TABLE scope (
    -- how far each scope has been followed
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0,
    completed_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE scope_member (
    -- which records a scope holds; a record without any scope and without own operations leaves the phone
    scope INTEGER NOT NULL REFERENCES scope (id),
    row INTEGER NOT NULL REFERENCES record (row) ON DELETE CASCADE,
    PRIMARY KEY (scope, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_member_by_row ON scope_member (row);

CREATE TABLE stage (
    -- lines of a pull that has not reached the head yet
    scope TEXT NOT NULL,
    id BLOB NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('put', 'leave', 'gone')),
    kind TEXT NOT NULL DEFAULT '',
    grid TEXT NOT NULL DEFAULT '',
    rev INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    -- photos and other files in the vault, each with the key that opens it
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    thumbnail BLOB,
    record BLOB NOT NULL,
    lane INTEGER NOT NULL,
    upload TEXT,                          -- path of the open upload on the platform
    sent INTEGER NOT NULL DEFAULT 0,      -- bytes the platform has confirmed
    stored INTEGER NOT NULL DEFAULT 0,    -- the platform has said "stored" for the digest
    problem TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_due ON blob (lane, hash) WHERE stored = 0;

CREATE TABLE area (
    -- the grid tree
    row INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    ring TEXT NOT NULL DEFAULT '[]'       -- closed ring of [lon_e7, lat_e7]
) STRICT;
CREATE VIRTUAL TABLE area_box USING rtree_i32 (row, min_lon, max_lon, min_lat, max_lat);

CREATE TABLE run (
    -- the last synchronisations
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (terms, content = '', detail = none, columnsize = 0,
                                        tokenize = ascii);
