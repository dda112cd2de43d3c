-- What a replica keeps so that it can draw whole pages; empty on the server.

-- Rows of tables, by pages of 100.
CREATE TABLE row_pages (
  n        INTEGER PRIMARY KEY,
  table_id TEXT    NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
  page     INTEGER NOT NULL CHECK (page >= 0), -- begins with row page * 100
  rows     TEXT    NOT NULL,         -- JSON: a list of cells a row, null is absent
  bytes    INTEGER NOT NULL,         -- of rows
  used     INTEGER NOT NULL,         -- grows with each use; 0: nobody looked at it yet
  UNIQUE (table_id, page)
) STRICT;
CREATE INDEX row_pages_used ON row_pages (used, n);

-- How many bytes row_pages has: it is asked for with every page that comes.
CREATE TABLE row_total (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO row_total (one, bytes) VALUES (1, 0);

CREATE TRIGGER row_pages_come AFTER INSERT ON row_pages BEGIN
  UPDATE row_total SET bytes = bytes + new.bytes;
END;
CREATE TRIGGER row_pages_go AFTER DELETE ON row_pages BEGIN
  UPDATE row_total SET bytes = bytes - old.bytes;
END;

-- Who looks, and what only the server could say of its pages: JSON.
CREATE TABLE viewer (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  facts TEXT    NOT NULL
) STRICT;
