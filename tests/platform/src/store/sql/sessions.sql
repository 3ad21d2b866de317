-- A phone's credentials: a short access token (device.token), a refresh token, and the one before it, good until its successor
-- has been used once. Phones enrolled before this have no refresh token and enrol again; their work waits for that.
ALTER TABLE device ADD COLUMN access_expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN refresh BLOB;
ALTER TABLE device ADD COLUMN refresh_before BLOB;
ALTER TABLE device ADD COLUMN refresh_exchange TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN refresh_used INTEGER NOT NULL DEFAULT 1;
ALTER TABLE device ADD COLUMN refresh_expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN refresh_issued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN app TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN report TEXT NOT NULL DEFAULT '';
CREATE TABLE refresh_spent (
    -- refresh tokens that were replaced: one that comes back was copied
    hash BLOB PRIMARY KEY NOT NULL, device BLOB NOT NULL, exchange TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_spent_by_age ON refresh_spent (at);
