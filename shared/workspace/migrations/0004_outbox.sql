-- What a replica's person asked for and the server has not made true there yet.
-- On the server all of this is empty.

CREATE TABLE outbox_client (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  client TEXT    NOT NULL,           -- what the server knows this replica as
  n      INTEGER NOT NULL CHECK (n >= 0) -- the last number given to a mutation
) STRICT;

CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were made
  n       INTEGER UNIQUE CHECK (n >= 1), -- towards the server, until it has answered
  name    TEXT    NOT NULL,
  args    TEXT    NOT NULL,
  base    INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  state   TEXT    NOT NULL CHECK (state IN ('waiting', 'acked', 'rejected')),
  seq     INTEGER NOT NULL DEFAULT 0,  -- acked: where the history has it
  code    TEXT    NOT NULL DEFAULT '', -- rejected: why
  detail  TEXT    NOT NULL DEFAULT '', -- the same, for a person
  touches INTEGER NOT NULL DEFAULT 0,  -- things that its effect changes now
  CHECK ((state = 'waiting') = (n IS NOT NULL)),
  CHECK ((state = 'rejected') = (code <> ''))
) STRICT;

-- The things that effects have changed, as the server has them.
CREATE TABLE outbox_before (
  entity  TEXT    NOT NULL CHECK (entity IN ('file', 'job', 'table', 'entry')),
  id      TEXT    NOT NULL,
  op      TEXT    NOT NULL CHECK (op IN ('put', 'del')), -- what the effects did
  "group" TEXT,                      -- of a table that they deleted
  n       INTEGER NOT NULL,          -- its place in lists that are ordered by arrival
  value   TEXT,                      -- JSON; none: the server has no such thing
  PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;
