-- An upload is kept in parts until its digest is checked; those of the time before are begun again by their phones.
ALTER TABLE upload ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
CREATE INDEX upload_by_expiry ON upload (expires);
CREATE TABLE upload_part (
    upload TEXT NOT NULL, start INTEGER NOT NULL, bytes INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (upload, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE blob_cited (
    -- who cited a file in which scope: the scope may see it when that phone has shown that it has the file
    hash BLOB NOT NULL, device BLOB NOT NULL, scope TEXT NOT NULL, PRIMARY KEY (hash, device, scope)
) STRICT, WITHOUT ROWID;
