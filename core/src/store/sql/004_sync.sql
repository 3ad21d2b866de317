-- what synchronising in full needs: scopes that are let go or filled from a file, lanes, warnings, retention

ALTER TABLE record ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;       -- of a scope that was revoked, until its purge
CREATE INDEX record_hidden ON record (row) WHERE hidden = 1;

ALTER TABLE base ADD COLUMN forecast INTEGER NOT NULL DEFAULT 0;       -- whether its operations were judged against this revision

ALTER TABLE op ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;         -- times it was set aside as indigestible
ALTER TABLE op ADD COLUMN parked_until INTEGER NOT NULL DEFAULT 0;     -- number of the run in which it is tried again

ALTER TABLE op ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;           -- sent again: the platform's data went back to an earlier day

ALTER TABLE blob ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0;      -- when the platform said "stored", by its clock
ALTER TABLE blob ADD COLUMN evicted INTEGER NOT NULL DEFAULT 0;        -- the file has left the phone, the platform keeps it

ALTER TABLE scope ADD COLUMN digest TEXT NOT NULL DEFAULT '';          -- as the platform told at the head
ALTER TABLE scope ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;       -- whether the records here came to that digest
ALTER TABLE scope ADD COLUMN unchecked_pulls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope ADD COLUMN resyncing INTEGER NOT NULL DEFAULT 0;     -- 1: records that do not come again go; 2: also older revisions count
ALTER TABLE scope ADD COLUMN unfinished INTEGER NOT NULL DEFAULT 0;    -- the cursor is in the middle of a pull
ALTER TABLE scope ADD COLUMN schema INTEGER NOT NULL DEFAULT 0;        -- schema this phone had when it was filled
ALTER TABLE scope ADD COLUMN feed_only INTEGER NOT NULL DEFAULT 0;     -- no snapshot of it could be used

CREATE TABLE warning (
    -- what the platform will most likely say to an operation that is still here
    op BLOB PRIMARY KEY NOT NULL,
    record BLOB NOT NULL,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX warning_by_record ON warning (record);

CREATE TABLE purge (
    -- scopes that were revoked and are being let go, each with what has gone so far
    scope TEXT PRIMARY KEY NOT NULL,
    epoch INTEGER NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('hidden', 'gone', 'scrubbed')),
    records INTEGER NOT NULL DEFAULT 0,
    blobs INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE purge_row (
    -- rows of such a scope that no other scope holds
    scope TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (scope, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE purge_blob (
    -- files that have to leave the vault; their keys are gone already
    hash BLOB PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic (
    -- bytes by day and lane over networks that cost by the byte
    day INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (day, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
    -- a scope being filled from a file; its rows stay unseen until all are there
    scope TEXT PRIMARY KEY NOT NULL,
    doc TEXT NOT NULL,                    -- what the platform told of the file
    first_row INTEGER NOT NULL DEFAULT 0, -- rows from here
    end_row INTEGER NOT NULL DEFAULT 0,   -- and before here are its own; 0 while the file is still coming
    loaded INTEGER NOT NULL DEFAULT 0,    -- lines taken
    indexed INTEGER NOT NULL DEFAULT 0,   -- rows before here are in the search
    sum TEXT NOT NULL DEFAULT ''          -- digest of the lines taken
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot_part (
    scope TEXT NOT NULL,
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (scope, start)
) STRICT;

CREATE VIEW shown AS
    -- the records an app may see
    SELECT * FROM record WHERE hidden = 0
    AND NOT EXISTS (SELECT 1 FROM snapshot WHERE record.row >= first_row AND record.row < end_row);
