-- The receipts of all sessions that were erased, each with the hash of the one before
-- it: they hold no name and no content, and stay.
CREATE TABLE receipt (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL -- its canonical JSON
) STRICT;
