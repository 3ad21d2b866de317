-- Heads know how many records are present, so that a pull with nothing new costs one indexed read; members are found by record,
-- so that a record that moves leaves its old scope in the same transaction.
ALTER TABLE scope_head ADD COLUMN count INTEGER NOT NULL DEFAULT 0;
UPDATE scope_head SET count =
    (SELECT count(*) FROM scope_member WHERE scope_member.scope = scope_head.scope AND scope_member.present = 1);
CREATE TABLE scope_place (
    -- each record once per scope, at the number of its last change: an index by number, not a log
    record BLOB NOT NULL, scope TEXT NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL, present INTEGER NOT NULL,
    PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO scope_place (record, scope, seq, rev, present) SELECT record, scope, seq, rev, present FROM scope_member;
DROP TABLE scope_member;
ALTER TABLE scope_place RENAME TO scope_member;
CREATE UNIQUE INDEX scope_member_by_number ON scope_member (scope, seq);
