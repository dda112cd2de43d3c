-- Times are Unix milliseconds. Secrets are stored as hashes only.

CREATE TABLE user (
  id              TEXT PRIMARY KEY,
  name            TEXT NOT NULL UNIQUE
                  CHECK (length(name) BETWEEN 3 AND 64 AND name NOT GLOB '*[^a-z0-9._-]*'),
  role            TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  password_hash   TEXT NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  locked          INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
  created_at      INTEGER NOT NULL,
  last_sign_in_at INTEGER
) STRICT;

-- One-time links with which a person sets a new password.
CREATE TABLE password_reset (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  user_id    TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_user ON password_reset (user_id);

-- A session lives while end_reason is NULL. With a reason it is ending: out of
-- reach, and its row stays until everything of it has been erased.
CREATE TABLE session (
  id           TEXT PRIMARY KEY,
  token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  here_hash    BLOB NOT NULL CHECK (length(here_hash) = 32),
  user_id      TEXT REFERENCES user (id) ON DELETE SET NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  offline      INTEGER NOT NULL DEFAULT 0 CHECK (offline IN (0, 1)),
  working      INTEGER NOT NULL DEFAULT 0 CHECK (working IN (0, 1)),
  address      TEXT NOT NULL,
  device       TEXT NOT NULL,
  end_reason   TEXT CHECK (end_reason IN ('logout', 'expired', 'revoked')),
  CHECK (user_id IS NOT NULL OR end_reason IS NOT NULL)
) STRICT;
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_ending ON session (id) WHERE end_reason IS NOT NULL;

-- One row for each sign-in that an address was allowed within the window.
CREATE TABLE sign_in (
  address TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_address ON sign_in (address, at);
CREATE INDEX sign_in_at ON sign_in (at);

-- Failed sign-ins of a name from an address. The key is a hash of both, since
-- people type passwords into the wrong field.
CREATE TABLE lockout (
  key       BLOB PRIMARY KEY CHECK (length(key) = 32),
  failures  INTEGER NOT NULL CHECK (failures > 0),
  failed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lockout_failed_at ON lockout (failed_at);

CREATE TABLE audit (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  action     TEXT NOT NULL,
  actor_id   TEXT,
  actor      TEXT NOT NULL,
  address    TEXT NOT NULL,
  session_id TEXT,
  subject    TEXT NOT NULL,
  detail     TEXT NOT NULL
) STRICT;

-- Counts what a running server must hear of when another process did it.
CREATE TABLE revision (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  n   INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES (1, 0);

CREATE TRIGGER user_role_changed AFTER UPDATE OF role ON user BEGIN
  UPDATE revision SET n = n + 1;
END;
CREATE TRIGGER session_ended AFTER UPDATE OF end_reason ON session BEGIN
  UPDATE revision SET n = n + 1;
END;
