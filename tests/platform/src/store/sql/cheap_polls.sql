-- A poll of the hall's screen reads indexes only: all by state and level, those of today, those that are overdue, the open ones of
-- each grid. The states of the last one are those of the query, word for word; a test compares.
CREATE INDEX incident_by_level ON incident (state, level);
CREATE INDEX incident_by_report ON incident (reported_at, state, level);
CREATE INDEX incident_by_due ON incident (due_at, state, level, record);
CREATE INDEX incident_open ON incident (grid, due_at, state) WHERE state NOT IN ('DRAFT', 'CLOSED', 'EVALUATED', 'REJECTED', 'MERGED', 'VOIDED');
-- The last steps, in the order in which they are told.
DROP INDEX history_by_time;
CREATE INDEX history_by_time ON history (at, rev, op);
-- What was done to a record, in order.
CREATE INDEX history_by_record ON history (record, rev);
