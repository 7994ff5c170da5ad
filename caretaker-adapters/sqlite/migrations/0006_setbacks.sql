-- What stood in an item's way each time it was put off; equal ones in a row are one row.
CREATE TABLE setbacks (
    item TEXT NOT NULL,
    -- grows with each row of an item
    place INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    own INTEGER NOT NULL,
    error TEXT NOT NULL,
    times INTEGER NOT NULL,
    -- to when it was put off the last of these times
    until INTEGER NOT NULL,
    PRIMARY KEY (item, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER setbacks_forgotten AFTER DELETE ON items BEGIN
    DELETE FROM setbacks WHERE item = OLD.id;
END;
