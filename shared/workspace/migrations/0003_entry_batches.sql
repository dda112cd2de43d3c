-- Sets that share a commit lie in one row of entry_log. What the log holds is
-- settled first: the newest row of each key goes into entries.

UPDATE meta SET (seq, entry_count, entry_bytes) = (SELECT
  seq + coalesce(max(l.n) - (SELECT min(n) FROM entry_log) + 1, 0),
  entry_count + coalesce(sum(l.value IS NOT NULL), 0) - count(e.n),
  entry_bytes + coalesce(sum(iif(l.value IS NULL, 0, l.size + octet_length(l.key))), 0) - coalesce(sum(e.size + octet_length(e.key)), 0)
  FROM (SELECT *, max(n) FROM entry_log GROUP BY key) AS l LEFT JOIN entries AS e ON e.key = l.key);

DELETE FROM entries WHERE key IN (SELECT key FROM (SELECT key, value, max(n) FROM entry_log GROUP BY key) WHERE value IS NULL);

INSERT INTO entries (key, size, stored_at, expires_at, used, value)
  SELECT key, size, stored_at, expires_at, used, value FROM (SELECT *, max(n) FROM entry_log GROUP BY key) WHERE value IS NOT NULL
  ON CONFLICT (key) DO UPDATE SET size = excluded.size, stored_at = excluded.stored_at,
    expires_at = excluded.expires_at, used = excluded.used, value = excluded.value;

INSERT INTO changes (entity, id, seq, op)
  SELECT 'entry', key, n + (SELECT seq FROM meta) - (SELECT max(n) FROM entry_log), iif(value IS NULL, 'del', 'put')
  FROM (SELECT *, max(n) FROM entry_log GROUP BY key) WHERE true
  ON CONFLICT (entity, id) DO UPDATE SET seq = excluded.seq, op = excluded.op;

DROP TABLE entry_log;

CREATE TABLE entry_log (
  n       INTEGER PRIMARY KEY, -- of the first set; the others count on
  entries BLOB NOT NULL        -- sets and deletions, see shared/entries
) STRICT;
