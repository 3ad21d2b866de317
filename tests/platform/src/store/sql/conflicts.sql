-- who looks for open conflicts must not read the whole register
CREATE INDEX record_conflicts ON record (id) WHERE kind = 'conflict';
