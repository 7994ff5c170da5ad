-- What operators have paused. repo: '' everywhere. pause: as JSON.
CREATE TABLE pauses (repo TEXT PRIMARY KEY, pause TEXT NOT NULL) STRICT, WITHOUT ROWID;
