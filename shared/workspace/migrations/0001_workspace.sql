-- Times are Unix milliseconds UTC, sizes bytes. "n" is the order of arrival and
-- what lists are paged by; "id" is what the outside knows.

CREATE TABLE meta (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT    NOT NULL,            -- another epoch means another history
  seq   INTEGER NOT NULL DEFAULT 0,  -- of the last change
  floor INTEGER NOT NULL DEFAULT 0   -- deletions up to here are forgotten
) STRICT;

-- One row a thing, not one a change: the newest change of a thing is all that
-- a client that lags behind has to hear.
CREATE TABLE changes (
  entity TEXT    NOT NULL CHECK (entity IN ('file', 'job', 'table', 'entry')),
  id     TEXT    NOT NULL,
  seq    INTEGER NOT NULL UNIQUE,
  op     TEXT    NOT NULL CHECK (op IN ('put', 'del')),
  "group" TEXT,                      -- of a deleted table: the group it was in
  PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_deleted ON changes (seq) WHERE op = 'del';

CREATE TABLE uploads (
  id         TEXT PRIMARY KEY,
  digest     TEXT    NOT NULL,       -- of names, sizes and contents
  job_id     TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
  n          INTEGER PRIMARY KEY,
  id         TEXT    NOT NULL UNIQUE,
  upload_id  TEXT    NOT NULL REFERENCES uploads (id),
  name       TEXT    NOT NULL,       -- as the client says; never a path on disk
  size       INTEGER NOT NULL CHECK (size >= 0),
  sha256     TEXT    NOT NULL,
  kind       TEXT    NOT NULL CHECK (kind IN ('zip', 'xml', 'other')),
  blob       TEXT    NOT NULL,       -- generated name of the content
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_upload ON files (upload_id);

CREATE TABLE jobs (
  n            INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  key          TEXT    UNIQUE,
  kind         TEXT    NOT NULL,
  state        TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  options      TEXT    NOT NULL,
  done         INTEGER NOT NULL DEFAULT 0,
  total        INTEGER NOT NULL DEFAULT 0,
  unit         TEXT    NOT NULL DEFAULT 'files',
  message      TEXT    NOT NULL DEFAULT '',
  rate         REAL    NOT NULL DEFAULT 0,
  attempt      INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
  run_after    INTEGER,              -- a retry waits until then
  lease_until  INTEGER,              -- of the running attempt
  created_at   INTEGER NOT NULL,
  started_at   INTEGER,
  finished_at  INTEGER,
  error        TEXT    NOT NULL DEFAULT '', -- why the job as a whole failed
  interrupted  INTEGER NOT NULL DEFAULT 0, -- times the server died under it without progress
  converted    INTEGER NOT NULL DEFAULT 0, -- documents by outcome, and their rows
  failed       INTEGER NOT NULL DEFAULT 0,
  skipped      INTEGER NOT NULL DEFAULT 0,
  rows         INTEGER NOT NULL DEFAULT 0,
  values_in    INTEGER NOT NULL DEFAULT 0, -- of the converted documents
  values_out   INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (state, n) WHERE state IN ('queued', 'running');

CREATE TABLE job_files (
  job_id   TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  file_id  TEXT    NOT NULL,         -- stays when the file is deleted
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_files_file ON job_files (file_id);

-- What became of each document that a job found: the unit of work that is never
-- done twice.
CREATE TABLE documents (
  job_id     TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  path       TEXT    NOT NULL,       -- as in the manifest: a.zip!/sub/x.xml
  file_id    TEXT    NOT NULL,
  status     TEXT    NOT NULL CHECK (status IN ('converted', 'failed', 'skipped')),
  rows       INTEGER NOT NULL DEFAULT 0,
  values_in  INTEGER NOT NULL DEFAULT 0,
  values_out INTEGER NOT NULL DEFAULT 0,
  line       INTEGER NOT NULL DEFAULT 0,
  col        INTEGER NOT NULL DEFAULT 0,
  message    TEXT    NOT NULL DEFAULT '', -- why it failed, was skipped or is partial
  manifest   TEXT    NOT NULL,       -- its object in manifest.json
  PRIMARY KEY (job_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_status ON documents (job_id, status, path);

CREATE TABLE tables (
  n          INTEGER PRIMARY KEY,
  id         TEXT    NOT NULL UNIQUE,
  job_id     TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  file_id    TEXT,                   -- none where several files were merged
  parent_id  TEXT,                   -- of a child table
  "group"    TEXT    NOT NULL,
  source     TEXT    NOT NULL,       -- the document's path, or the group's name
  name       TEXT    NOT NULL,
  root       TEXT    NOT NULL,       -- of a merged class of documents, else empty
  columns    TEXT    NOT NULL,
  rows       INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,
  blob       TEXT    NOT NULL,
  row_index  BLOB    NOT NULL,       -- where rows begin in the blob
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tables_job ON tables (job_id, n, file_id);
CREATE INDEX tables_file ON tables (file_id);
-- Covers what is counted and summed, by group or in all.
CREATE INDEX tables_group ON tables ("group" COLLATE NOCASE, n DESC, rows, bytes);

-- What each client's mutations were answered: asked again, answered the same.
CREATE TABLE answers (
  client TEXT    NOT NULL,
  n      INTEGER NOT NULL CHECK (n >= 1), -- a client's own count, without gaps
  seq    INTEGER NOT NULL,           -- of the last change when it was done
  code   TEXT    NOT NULL,           -- why it was rejected; empty: it was done
  detail TEXT    NOT NULL,           -- the same, for a person
  PRIMARY KEY (client, n)
) STRICT, WITHOUT ROWID;
