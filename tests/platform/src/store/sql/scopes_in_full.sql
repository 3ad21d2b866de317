-- Heads keep the sum of the hashes of what is present, and the number below which tombstones may have been let go.
ALTER TABLE scope_head ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE scope_head ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope_member ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE TABLE assignment (
    -- who worked in which grid from when to when, by the platform's clock; open while it lasts
    staff TEXT NOT NULL, grid TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (staff, grid, since)
) STRICT, WITHOUT ROWID;
CREATE TABLE handed_over (
    -- refused operations of scopes that their phones have lost, for the supervisor
    op BLOB PRIMARY KEY NOT NULL, device BLOB NOT NULL, scope TEXT NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL
) STRICT;
CREATE TABLE purged (
    -- receipts of phones that nothing of a scope is left on them
    device BLOB NOT NULL, scope TEXT NOT NULL, at INTEGER NOT NULL, epoch INTEGER NOT NULL, records INTEGER NOT NULL,
    blobs INTEGER NOT NULL, PRIMARY KEY (device, scope, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_order (
    -- the last lease of a phone, and whether it is to be wiped
    device BLOB PRIMARY KEY NOT NULL, lease INTEGER NOT NULL DEFAULT 0, wipe_at INTEGER
) STRICT;
