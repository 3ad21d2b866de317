CREATE TABLE form (
    -- every version of a checklist this phone has had, named by the digest of its canonical JSON
    digest TEXT PRIMARY KEY NOT NULL CHECK (length(digest) = 64),
    form TEXT NOT NULL,                   -- the form's id, such as FIRE9
    version TEXT,                         -- what its author calls the version
    title TEXT NOT NULL,
    current INTEGER NOT NULL DEFAULT 0,   -- whether new sheets use it
    installed_at INTEGER NOT NULL,
    doc TEXT NOT NULL                     -- the definition as GF/1
) STRICT;
CREATE UNIQUE INDEX form_current ON form (form) WHERE current = 1;

CREATE TABLE visit (
    -- one visit of one place, however many checklists are gone through
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    place BLOB,
    grid TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    doc TEXT NOT NULL                     -- check-in, and the result of a visit without answers
) STRICT, WITHOUT ROWID;

CREATE TABLE sheet (
    -- a checklist being filled in; its id is that of the inspection it becomes
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    visit BLOB NOT NULL REFERENCES visit (id),
    form TEXT NOT NULL REFERENCES form (digest),
    state TEXT NOT NULL CHECK (state IN ('draft', 'finished', 'dropped')),
    started_at INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    stopped_at TEXT NOT NULL DEFAULT '',  -- path of the last answer: where the work stopped
    doc TEXT NOT NULL                     -- what it is for: recheck, correction
) STRICT, WITHOUT ROWID;
CREATE INDEX sheet_by_visit ON sheet (visit);
CREATE INDEX sheet_open ON sheet (touched_at) WHERE state = 'draft';

CREATE TABLE sheet_node (
    -- the state of a sheet, node by node; every answer changes these rows in its own transaction
    sheet BLOB NOT NULL REFERENCES sheet (id),
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (sheet, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE sheet_photo (
    -- which photo of the inspection belongs to which item
    sheet BLOB NOT NULL REFERENCES sheet (id),
    path TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    role TEXT NOT NULL,
    PRIMARY KEY (sheet, path, role, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE sheet_fix (
    -- hazards put right on the spot
    sheet BLOB NOT NULL REFERENCES sheet (id),
    path TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (sheet, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE sheet_log (
    -- who answered what and when, with the columns of an ODK audit log
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sheet BLOB NOT NULL REFERENCES sheet (id),
    event TEXT NOT NULL,
    node TEXT NOT NULL DEFAULT '',
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    latitude REAL,
    longitude REAL,
    accuracy REAL,
    old_value TEXT,
    new_value TEXT,
    user TEXT NOT NULL DEFAULT '',
    change_reason TEXT
) STRICT;
CREATE INDEX sheet_log_by_sheet ON sheet_log (sheet, seq);

CREATE TABLE sheet_undo (
    -- a sheet as it was before it moved to another version of its form
    sheet BLOB PRIMARY KEY NOT NULL REFERENCES sheet (id),
    form TEXT NOT NULL REFERENCES form (digest),
    nodes TEXT NOT NULL,
    photos TEXT NOT NULL,
    fixes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
    id TEXT PRIMARY KEY NOT NULL,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE patrol (
    -- a walk; its id is that of the record it becomes
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    state TEXT NOT NULL CHECK (state IN ('walking', 'finished')),
    started_at INTEGER NOT NULL,
    doc TEXT NOT NULL                     -- route, check-ins, the boots seen
) STRICT, WITHOUT ROWID;

CREATE TABLE patrol_track (
    -- raw readings in the order they came, a batch a row
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    patrol BLOB NOT NULL REFERENCES patrol (id),
    fixes BLOB NOT NULL
) STRICT;
CREATE INDEX patrol_track_by_patrol ON patrol_track (patrol, seq);
