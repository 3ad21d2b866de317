CREATE TABLE entry (
    -- this phone's evidence chains, entry after entry; nothing here is ever changed or deleted
    row INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    chain TEXT NOT NULL,                  -- id of the chain's first entry
    seq INTEGER NOT NULL,
    typ TEXT NOT NULL,
    text TEXT NOT NULL,                   -- the canonical text that was signed
    public_key BLOB NOT NULL,             -- SubjectPublicKeyInfo
    signature BLOB,                       -- DER; absent while the key store has not signed
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'kept', 'refused')),
    findings TEXT NOT NULL DEFAULT '[]',  -- what the platform found amiss, by code
    receipt TEXT,                         -- the platform's receipt as JSON
    UNIQUE (chain, seq)
) STRICT;
CREATE INDEX entry_due ON entry (row) WHERE state = 'due';
CREATE INDEX entry_unsigned ON entry (row) WHERE signature IS NULL;

CREATE TABLE capture (
    -- what the checks of the next photo ask about earlier ones; the manifest itself is the entry
    entry INTEGER PRIMARY KEY REFERENCES entry (row),
    media BLOB NOT NULL,
    record BLOB NOT NULL,
    role TEXT NOT NULL,
    at INTEGER NOT NULL,                  -- wall clock
    mono_ms INTEGER NOT NULL,
    boot TEXT NOT NULL,
    lon_e7 INTEGER,
    lat_e7 INTEGER,
    dhash BLOB,                           -- 32 bytes
    crops BLOB                            -- five of 8 bytes
) STRICT;
CREATE INDEX capture_by_media ON capture (media);
CREATE INDEX capture_by_record ON capture (record);

CREATE TABLE custody (
    -- what happened to photos since; sealed into entries from time to time
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    media BLOB NOT NULL,
    doc TEXT NOT NULL,                    -- the event as JSON
    entry INTEGER REFERENCES entry (row)  -- the entry that sealed it
) STRICT;
CREATE INDEX custody_open ON custody (row) WHERE entry IS NULL;
CREATE INDEX custody_by_media ON custody (media, row);

CREATE TABLE derivative (
    -- files made of photos; their keys and uploads are in blob
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    original BLOB NOT NULL,
    doc TEXT NOT NULL                     -- how it was made, as the manifest says it
) STRICT, WITHOUT ROWID;
CREATE INDEX derivative_by_original ON derivative (original);
