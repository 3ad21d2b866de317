-- Organisations that a person works for: a department sees the cases that are in its hands.
ALTER TABLE staff ADD COLUMN orgs TEXT NOT NULL DEFAULT '[]';
