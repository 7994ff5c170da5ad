-- Bytes that open deliveries take, for the bounds of the backlog. Whoever keeps new ones adds
-- theirs; what ends takes its own away, and what comes back brings them again.
INSERT INTO tally (what, n) VALUES ('bytes', (
    SELECT coalesce(sum(length(body)), 0) FROM deliveries JOIN arrivals USING (seq)
    WHERE state < 2));
CREATE TRIGGER deliveries_bytes_out AFTER UPDATE OF state ON deliveries
WHEN OLD.state < 2 AND NEW.state >= 2 BEGIN
    UPDATE tally SET n = n - coalesce((SELECT length(body) FROM arrivals WHERE seq = NEW.seq), 0)
    WHERE what = 'bytes';
END;
CREATE TRIGGER deliveries_bytes_in AFTER UPDATE OF state ON deliveries
WHEN OLD.state >= 2 AND NEW.state < 2 BEGIN
    UPDATE tally SET n = n + coalesce((SELECT length(body) FROM arrivals WHERE seq = NEW.seq), 0)
    WHERE what = 'bytes';
END;
