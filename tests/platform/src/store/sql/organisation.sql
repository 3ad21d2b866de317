CREATE TABLE post (
    -- who holds which role where, from day to day; a post is ended, never deleted, so that it can be told later who was responsible
    id TEXT PRIMARY KEY NOT NULL, staff TEXT NOT NULL, role TEXT NOT NULL, area TEXT NOT NULL, org TEXT NOT NULL,
    from_day TEXT NOT NULL, until_day TEXT, acting_for TEXT NOT NULL, given_by TEXT NOT NULL, given_at INTEGER NOT NULL,
    ended_by TEXT NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX post_by_staff ON post (staff);
CREATE INDEX post_by_area ON post (area);
CREATE TABLE training (
    -- courses that people have passed, each with the last day on which it counts
    staff TEXT NOT NULL, course TEXT NOT NULL, passed TEXT NOT NULL, until_day TEXT, noted_by TEXT NOT NULL, noted_at INTEGER NOT NULL,
    PRIMARY KEY (staff, course, passed)
) STRICT, WITHOUT ROWID;
CREATE TABLE training_mark (
    -- what somebody wrote down without the training for it: accepted, because it was seen, and told
    op BLOB PRIMARY KEY NOT NULL, staff TEXT NOT NULL, role TEXT NOT NULL, course TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE service_team (
    -- members of the service team of a basic grid, a JSON list
    grid TEXT PRIMARY KEY NOT NULL, members TEXT NOT NULL
) STRICT;
CREATE TABLE hand_over (
    -- each hand-over with the digest of what was asked and the answer given, so that a repeat gets the same one
    id TEXT PRIMARY KEY NOT NULL, hash BLOB NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE mobilisation (
    -- when the timers look at a mobilisation next; what it is stands in its record
    record BLOB PRIMARY KEY NOT NULL, wake_at INTEGER
) STRICT;
CREATE INDEX mobilisation_by_wake ON mobilisation (wake_at);
CREATE TABLE mobilisation_call (
    -- every call, so that nobody is called twice within ten minutes and reports can tell how long people took
    record BLOB NOT NULL, staff TEXT NOT NULL, wave TEXT NOT NULL, at INTEGER NOT NULL, answered_at INTEGER, arrived_at INTEGER,
    PRIMARY KEY (record, staff, wave, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX mobilisation_call_by_time ON mobilisation_call (at);
