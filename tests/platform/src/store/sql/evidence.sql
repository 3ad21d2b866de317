CREATE TABLE log_head (
    -- entries of the public log; the row is taken by whoever appends
    id INTEGER PRIMARY KEY NOT NULL, size INTEGER NOT NULL
) STRICT;
INSERT INTO log_head (id, size) VALUES (1, 0);
CREATE TABLE log_leaf (
    -- the leaves as the texts that are hashed
    idx INTEGER PRIMARY KEY NOT NULL, doc TEXT NOT NULL
) STRICT;
CREATE TABLE log_node (
    -- hashes over complete subtrees; a row never changes
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_stamp (
    -- the time-stamp of each day's last checkpoint
    day TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, checkpoint TEXT NOT NULL, state TEXT NOT NULL,
    code TEXT NOT NULL, token BLOB, tried_at INTEGER NOT NULL
) STRICT;
CREATE TABLE evidence_entry (
    -- every entry a phone has sent, as it came
    entry BLOB PRIMARY KEY NOT NULL, device BLOB NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, typ TEXT NOT NULL,
    subject TEXT NOT NULL, media BLOB, received_at INTEGER NOT NULL, leaf INTEGER NOT NULL, doc TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_entry_by_chain ON evidence_entry (chain, seq);
CREATE INDEX evidence_entry_by_media ON evidence_entry (media);
CREATE INDEX evidence_entry_by_subject ON evidence_entry (subject);
CREATE TABLE evidence_chain (
    -- where each chain stands: its verified end, and the last capture for what cannot be
    chain TEXT PRIMARY KEY NOT NULL, device BLOB NOT NULL, head TEXT NOT NULL, last TEXT NOT NULL
) STRICT;
CREATE TABLE evidence_key (
    -- keys bound to a phone; revoked_from is the place in the chain from which the key counts no more
    device BLOB NOT NULL, key BLOB NOT NULL, chain TEXT NOT NULL, from_seq INTEGER NOT NULL, kind TEXT NOT NULL,
    bound_at INTEGER NOT NULL, revoked_from INTEGER, reason TEXT NOT NULL, PRIMARY KEY (device, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence_media (
    -- files whose bytes the platform has hashed itself
    media BLOB PRIMARY KEY NOT NULL, sm3 BLOB NOT NULL, bytes INTEGER NOT NULL, leaf INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence_flag (
    -- what a supervisor should look at
    entry BLOB NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL, grid TEXT NOT NULL, detail TEXT NOT NULL,
    raised_at INTEGER NOT NULL, closed_at INTEGER, decision TEXT NOT NULL DEFAULT '', decided_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (entry, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_flag_open ON evidence_flag (closed_at, raised_at);
