-- Deliveries as the door kept them; never changed, but replaced by the repeat of a buried one.
CREATE TABLE arrivals (
    key TEXT PRIMARY KEY,
    received_at INTEGER NOT NULL,
    -- the delivery as JSON, body left out
    head TEXT NOT NULL,
    -- lz4 block with its size in front
    body BLOB NOT NULL
) STRICT;

-- Where each stands, apart from its bytes, so that moving one does not write them again.
-- state: 0 waits to be expanded, 1 expanded, 2 closed, 3 buried.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    -- when retention first saw it closed or buried; commits carry no time
    ended_at INTEGER
) STRICT;
-- The door writes one row and thereby both.
CREATE TRIGGER arrivals_added AFTER INSERT ON arrivals BEGIN
    INSERT INTO deliveries (key, received_at) VALUES (NEW.key, NEW.received_at);
END;
CREATE TRIGGER deliveries_forgotten AFTER DELETE ON deliveries BEGIN
    DELETE FROM arrivals WHERE key = OLD.key;
END;
CREATE INDEX deliveries_unexpanded ON deliveries (seq) WHERE state = 0;
CREATE INDEX deliveries_open ON deliveries (received_at) WHERE state < 2;
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE state >= 2;

-- Items of the queue.
-- state: 0 waiting, 1 in flight, 2 closed, 3 buried. class: 0 interactive, 1 event, 2 sweep.
CREATE TABLE items (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL DEFAULT 0,
    class INTEGER NOT NULL,
    edge INTEGER NOT NULL,
    -- -1: none
    installation INTEGER NOT NULL,
    -- '': none
    repo TEXT NOT NULL,
    subject TEXT NOT NULL,
    coalesce_key TEXT,
    delivery TEXT,
    parent TEXT,
    generation INTEGER NOT NULL,
    due INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    put_off INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,
    -- under which it was taken
    fence INTEGER NOT NULL DEFAULT 0,
    -- the item that brought this one along
    joined_to TEXT,
    -- what stood in the way, or why it was given up
    reason TEXT,
    -- the item as JSON; generation and due stand in their columns
    item TEXT NOT NULL,
    ended_at INTEGER
) STRICT;
-- Holds all that choosing looks at, so that passing over blocked items reads no table page.
CREATE INDEX items_waiting ON items (class, installation, due, seq, repo, subject, state)
    WHERE state = 0;
CREATE INDEX items_by_subject ON items (repo, subject, seq) WHERE state = 0;
CREATE INDEX items_coalescing ON items (coalesce_key) WHERE state = 0 AND coalesce_key IS NOT NULL;
CREATE INDEX items_in_flight ON items (repo, subject) WHERE state = 1;
CREATE INDEX items_open ON items (enqueued_at) WHERE state < 2;
CREATE INDEX items_by_delivery ON items (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX items_by_parent ON items (parent) WHERE parent IS NOT NULL;
CREATE INDEX items_ended ON items (ended_at) WHERE state >= 2;

-- How many deliveries and items stand in each state, so that depth and limits cost the same at
-- any length of the queue.
CREATE TABLE tally (what TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO tally (what, n) VALUES
    ('delivery/0', 0), ('delivery/1', 0), ('delivery/2', 0), ('delivery/3', 0),
    ('item/0', 0), ('item/1', 0), ('item/2', 0), ('item/3', 0);
CREATE TRIGGER deliveries_added AFTER INSERT ON deliveries BEGIN
    UPDATE tally SET n = n + 1 WHERE what = 'delivery/' || NEW.state;
END;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF state ON deliveries
WHEN NEW.state <> OLD.state BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'delivery/' || OLD.state;
    UPDATE tally SET n = n + 1 WHERE what = 'delivery/' || NEW.state;
END;
CREATE TRIGGER deliveries_removed AFTER DELETE ON deliveries BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'delivery/' || OLD.state;
END;
CREATE TRIGGER items_added AFTER INSERT ON items BEGIN
    UPDATE tally SET n = n + 1 WHERE what = 'item/' || NEW.state;
END;
CREATE TRIGGER items_moved AFTER UPDATE OF state ON items WHEN NEW.state <> OLD.state BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'item/' || OLD.state;
    UPDATE tally SET n = n + 1 WHERE what = 'item/' || NEW.state;
END;
CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
    UPDATE tally SET n = n - 1 WHERE what = 'item/' || OLD.state;
END;

-- Waiting sweep items by repository ('': without one); 'all' counts every one.
CREATE TABLE sweeps (repo TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO sweeps (repo, n) VALUES ('all', 0);
CREATE TRIGGER sweeps_added AFTER INSERT ON items WHEN NEW.class = 2 AND NEW.state = 0 BEGIN
    UPDATE sweeps SET n = n + 1 WHERE repo = 'all';
    INSERT INTO sweeps (repo, n) VALUES (NEW.repo, 1) ON CONFLICT (repo) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sweeps_moved AFTER UPDATE OF state ON items
WHEN NEW.class = 2 AND (NEW.state = 0) <> (OLD.state = 0) BEGIN
    UPDATE sweeps SET n = n + iif(NEW.state = 0, 1, -1) WHERE repo IN ('all', NEW.repo);
END;

-- Until when an installation's items (-1: those without one) are left alone.
CREATE TABLE cooldowns (installation INTEGER PRIMARY KEY, until INTEGER NOT NULL) STRICT;

CREATE TABLE rechecks (
    repo TEXT NOT NULL,
    subject TEXT NOT NULL,
    agent TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (repo, subject, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX rechecks_due ON rechecks (at);

-- Closed runs. `line` is the record; the columns beside it are for finding it.
CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    agent TEXT NOT NULL,
    generation INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    repo TEXT,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    is_final INTEGER NOT NULL,
    -- whether an effect was begun: kept longer
    acted INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    edge_identity TEXT,
    line TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX runs_one_final ON runs (event, agent, generation) WHERE is_final = 1;
CREATE INDEX runs_by_event ON runs (event, generation);
CREATE INDEX runs_by_subject ON runs (repo, subject, seq);
CREATE INDEX runs_by_repo ON runs (repo, seq);
CREATE INDEX runs_by_agent ON runs (agent, seq);
CREATE INDEX runs_by_outcome ON runs (outcome, seq);
CREATE INDEX runs_by_age ON runs (acted, closed_at);
CREATE INDEX runs_by_close ON runs (closed_at);
CREATE INDEX runs_by_edge ON runs (edge_identity, agent, repo)
    WHERE is_final = 1 AND edge_identity IS NOT NULL;

CREATE TABLE open_runs (
    id TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    agent TEXT NOT NULL,
    generation INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    line TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_runs_by_age ON open_runs (opened_at, id);
CREATE INDEX open_runs_by_event ON open_runs (event, generation);

-- Large answers by content, and which runs speak of them.
CREATE TABLE blobs (
    sha256 TEXT PRIMARY KEY,
    -- lz4 block with its size in front
    text BLOB NOT NULL
) STRICT;
CREATE TABLE blob_uses (
    run TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uses_by_blob ON blob_uses (sha256);
-- Answers that no run speaks of, and since when retention has seen that.
CREATE TABLE unused_blobs (sha256 TEXT PRIMARY KEY, since INTEGER) STRICT, WITHOUT ROWID;
CREATE TRIGGER blobs_added AFTER INSERT ON blobs
WHEN NOT EXISTS (SELECT 1 FROM blob_uses WHERE sha256 = NEW.sha256) BEGIN
    INSERT INTO unused_blobs (sha256) VALUES (NEW.sha256);
END;
CREATE TRIGGER blobs_removed AFTER DELETE ON blobs BEGIN
    DELETE FROM unused_blobs WHERE sha256 = OLD.sha256;
END;
CREATE TRIGGER blob_uses_added AFTER INSERT ON blob_uses BEGIN
    DELETE FROM unused_blobs WHERE sha256 = NEW.sha256;
END;
CREATE TRIGGER blob_uses_removed AFTER DELETE ON blob_uses
WHEN NOT EXISTS (SELECT 1 FROM blob_uses WHERE sha256 = OLD.sha256) BEGIN
    INSERT INTO unused_blobs (sha256) VALUES (OLD.sha256);
END;

-- Effects begun; `result` is NULL until one knows what came of it.
CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    place INTEGER NOT NULL,
    result TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_run ON claims (run, place);

CREATE TABLE state (
    repo TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (repo, key)
) STRICT, WITHOUT ROWID;

-- Repositories we have heard of. `bears` is the lower-case name, NULL once another one bears it.
CREATE TABLE repos (
    key TEXT PRIMARY KEY,
    forge TEXT NOT NULL,
    number INTEGER NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    bears TEXT UNIQUE,
    installation INTEGER,
    account INTEGER,
    default_branch TEXT,
    archived INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX repos_in_order ON repos (forge, number);
CREATE INDEX repos_by_installation ON repos (installation);
CREATE TABLE suspended (installation INTEGER PRIMARY KEY) STRICT;

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    worker TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- The highest fence ever handed out: one row.
CREATE TABLE fence (one INTEGER PRIMARY KEY CHECK (one = 1), handed INTEGER NOT NULL) STRICT;
INSERT INTO fence (one, handed) VALUES (1, 0);

-- With a run go its claims and what it said of large answers.
CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN
    DELETE FROM blob_uses WHERE run = OLD.id;
    DELETE FROM claims WHERE run = OLD.id;
END;
