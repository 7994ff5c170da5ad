-- A transaction at the door writes as few pages as it can: one index on what is open instead of
-- two, and no account of places that are free again, since only their order counts.
DROP TRIGGER deliveries_moved;
DROP TRIGGER deliveries_removed;
DROP TRIGGER deliveries_forgotten;
DROP INDEX deliveries_unexpanded;
DROP INDEX deliveries_open;
DROP INDEX deliveries_ended;
ALTER TABLE deliveries RENAME TO deliveries_counted;
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    -- when retention first saw it closed or buried; commits carry no time
    ended_at INTEGER
) STRICT;
INSERT INTO deliveries (seq, key, state, generation, received_at, ended_at)
    SELECT seq, key, state, generation, received_at, ended_at FROM deliveries_counted ORDER BY seq;
DROP TABLE deliveries_counted;
-- By state and place, which every index holds.
CREATE INDEX deliveries_open ON deliveries (state) WHERE state < 2;
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE state >= 2;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF state ON deliveries
WHEN NEW.state <> OLD.state BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'delivery/' || OLD.state;
    UPDATE tally SET n = n + 1 WHERE what = 'delivery/' || NEW.state;
END;
CREATE TRIGGER deliveries_removed AFTER DELETE ON deliveries BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'delivery/' || OLD.state;
    DELETE FROM arrivals WHERE seq = OLD.seq;
END;
-- Now `body` holds both, the delivery as JSON and behind it the body, and `head` is empty; what
-- was kept before stays as it is.
