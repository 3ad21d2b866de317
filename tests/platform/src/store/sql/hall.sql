CREATE TABLE incident (
    -- what queues, timers, duplicates and the hall find incidents by: follows each incident's record in the same transaction.
    -- wake_at is when the timers look next, 0 after every change; due_at is what they last computed.
    record BLOB PRIMARY KEY NOT NULL, case_no TEXT NOT NULL, grid TEXT NOT NULL, state TEXT NOT NULL, level INTEGER NOT NULL,
    category TEXT NOT NULL, channel TEXT NOT NULL, urgency TEXT NOT NULL, main TEXT NOT NULL, person TEXT NOT NULL,
    lon INTEGER, lat INTEGER, reported_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, wake_at INTEGER, due_at INTEGER
) STRICT;
CREATE INDEX incident_by_grid ON incident (grid);
CREATE INDEX incident_by_category ON incident (category, reported_at);
CREATE INDEX incident_by_wake ON incident (wake_at);
CREATE INDEX incident_by_state ON incident (state, changed_at);
CREATE INDEX incident_by_case ON incident (case_no);
CREATE INDEX incident_by_person ON incident (person);
CREATE INDEX history_by_time ON history (at);
CREATE TABLE case_serial (day TEXT PRIMARY KEY NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE access_key (
    -- keys of channels and of screens, as digests; a key opens one door only
    hash BLOB PRIMARY KEY NOT NULL, door TEXT NOT NULL, channel TEXT NOT NULL, label TEXT NOT NULL,
    issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE channel_order (
    -- every order taken: its digest and the answer it got, so that a repeat gets the same one
    channel TEXT NOT NULL, order_no TEXT NOT NULL, hash BLOB NOT NULL, record BLOB NOT NULL, at INTEGER NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (channel, order_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_order_by_record ON channel_order (record);
CREATE TABLE citizen_contact (
    -- how a citizen is reached: stays on the platform, never in a record that phones get
    channel TEXT NOT NULL, order_no TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (channel, order_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE citizen_reply (
    -- the reply owed: contacted, solved and satisfied are told apart; an answer that is not known is absent
    channel TEXT NOT NULL, order_no TEXT NOT NULL, record BLOB NOT NULL, attempts INTEGER NOT NULL, contacted INTEGER,
    solved INTEGER, satisfaction INTEGER, at INTEGER, by_staff TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (channel, order_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX citizen_reply_by_record ON citizen_reply (record);
CREATE TABLE duplicate_hint (
    -- reports that may be of the same thing, for the desk to decide
    record BLOB NOT NULL, other BLOB NOT NULL, distance_cm INTEGER NOT NULL, at INTEGER NOT NULL, dismissed_by TEXT NOT NULL,
    PRIMARY KEY (record, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE dispatch (
    -- every decision of the rules or of a person, with what it was decided by
    record BLOB NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL, rule TEXT NOT NULL,
    rule_set TEXT NOT NULL, level INTEGER NOT NULL, main TEXT NOT NULL, person TEXT NOT NULL, confidence INTEGER NOT NULL,
    zh TEXT NOT NULL, en TEXT NOT NULL, decided_by TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (record, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE dispatch_wait (
    -- what a person decides
    record BLOB PRIMARY KEY NOT NULL, level INTEGER NOT NULL, why TEXT NOT NULL, since INTEGER NOT NULL, due_at INTEGER
) STRICT;
CREATE TABLE rule_proposal (
    -- lines of the responsibility list proposed from joint decisions
    record BLOB PRIMARY KEY NOT NULL, at INTEGER NOT NULL, rule TEXT NOT NULL
) STRICT;
CREATE TABLE duty (
    -- who is on duty for which organisation, from when to when; a leave takes a person off whatever duty they have
    staff TEXT NOT NULL, org TEXT NOT NULL, kind TEXT NOT NULL, begins INTEGER NOT NULL, ends INTEGER NOT NULL,
    grids TEXT NOT NULL, skills TEXT NOT NULL, deputy TEXT NOT NULL, PRIMARY KEY (staff, org, kind, begins)
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_by_org ON duty (org, ends);
CREATE TABLE rung (
    -- steps of the timeout ladder that were taken, each once for a limit that began at a moment
    record BLOB NOT NULL, stage TEXT NOT NULL, began INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL, done TEXT NOT NULL, PRIMARY KEY (record, stage, began, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX rung_by_time ON rung (taken_at);
CREATE TABLE report_frozen (
    -- the figures of a report as they were printed
    kind TEXT NOT NULL, first_day TEXT NOT NULL, area TEXT NOT NULL, definitions TEXT NOT NULL, at INTEGER NOT NULL,
    figures TEXT NOT NULL, PRIMARY KEY (kind, first_day, area)
) STRICT, WITHOUT ROWID;
