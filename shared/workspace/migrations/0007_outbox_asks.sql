-- The changes that pages have asked a replica for, so that one that is asked for
-- again, of whoever leads next, is not made twice. The newest are kept.

CREATE TABLE outbox_asks (
  id  INTEGER PRIMARY KEY AUTOINCREMENT,
  ask TEXT    NOT NULL UNIQUE,      -- made up by the page
  n   INTEGER NOT NULL CHECK (n >= 0) -- the number that the change was given; 0: nothing was left to do
) STRICT;
