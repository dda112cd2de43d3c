-- What a replica's browser has converted itself, for the time until the server has
-- done the same; empty on the server. Its things stand in lists as if they had come
-- from the server, which later says them by the same ids.

CREATE TABLE local_jobs (
  job_id    TEXT    PRIMARY KEY,
  on_server INTEGER NOT NULL CHECK (on_server IN (0, 1)) -- 1: its row in jobs is the server's
) STRICT, WITHOUT ROWID;

-- Files that the server has not said yet.
CREATE TABLE local_files (
  file_id TEXT NOT NULL PRIMARY KEY,
  job_id  TEXT NOT NULL REFERENCES local_jobs (job_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE local_tables (
  table_id  TEXT    NOT NULL PRIMARY KEY,
  job_id    TEXT    NOT NULL REFERENCES local_jobs (job_id) ON DELETE CASCADE,
  on_server INTEGER NOT NULL CHECK (on_server IN (0, 1)), -- 1: its row in tables is the server's
  extents   TEXT    NOT NULL, -- JSON: where it lies in the job's content
  row_index BLOB    NOT NULL  -- where rows begin, see tablefile
) STRICT, WITHOUT ROWID;
CREATE INDEX local_tables_job ON local_tables (job_id);
