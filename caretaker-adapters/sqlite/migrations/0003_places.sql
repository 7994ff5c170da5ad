-- Deliveries' bytes by their place in the queue instead of their key: keys are digests, and each
-- index on them writes a page anywhere for every delivery. One such index is needed, not two.
DROP TRIGGER arrivals_added;
DROP TRIGGER deliveries_forgotten;
-- The writer counts new deliveries, many at once; states still count themselves.
DROP TRIGGER deliveries_added;
ALTER TABLE arrivals RENAME TO arrivals_by_key;
CREATE TABLE arrivals (
    seq INTEGER PRIMARY KEY,
    -- the delivery as JSON, body left out
    head TEXT NOT NULL,
    -- lz4 block with its size in front
    body BLOB NOT NULL
) STRICT;
INSERT INTO arrivals (seq, head, body)
    SELECT seq, head, body FROM deliveries JOIN arrivals_by_key USING (key) ORDER BY seq;
DROP TABLE arrivals_by_key;
CREATE TRIGGER deliveries_forgotten AFTER DELETE ON deliveries BEGIN
    DELETE FROM arrivals WHERE seq = OLD.seq;
END;
