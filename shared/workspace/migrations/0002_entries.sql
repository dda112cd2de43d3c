-- What the session cache keeps. A set is first appended to entry_log, which costs
-- one page however many keys there are; many of them are then settled into
-- entries together. The newest row of a key in entry_log goes before entries.

CREATE TABLE entries (
  n          INTEGER PRIMARY KEY,
  key        TEXT    NOT NULL UNIQUE,
  size       INTEGER NOT NULL CHECK (size >= 0), -- of the value
  stored_at  INTEGER NOT NULL,
  expires_at INTEGER,                -- none: it stays until it is evicted
  used       INTEGER NOT NULL,       -- when last used, in Unix nanoseconds
  value      BLOB                    -- none in a replica, which holds metadata only
) STRICT;
CREATE INDEX entries_used ON entries (used);
CREATE INDEX entries_expires ON entries (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE entry_log (
  n          INTEGER PRIMARY KEY,
  key        TEXT    NOT NULL,
  size       INTEGER NOT NULL CHECK (size >= 0),
  stored_at  INTEGER NOT NULL,
  expires_at INTEGER,
  used       INTEGER NOT NULL,
  value      BLOB                    -- none: the entry is deleted
) STRICT;

ALTER TABLE meta ADD COLUMN entry_count INTEGER NOT NULL DEFAULT 0;     -- rows of entries
ALTER TABLE meta ADD COLUMN entry_bytes INTEGER NOT NULL DEFAULT 0;     -- their keys and values
ALTER TABLE meta ADD COLUMN entry_evictions INTEGER NOT NULL DEFAULT 0; -- dropped for room, ever
