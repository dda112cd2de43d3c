-- What the workspace holds is asked for with every page, change and piece of an
-- upload, so it is counted as it comes and goes and not each time anew.

ALTER TABLE meta ADD COLUMN file_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN file_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN table_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN table_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN job_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN unfinished_count INTEGER NOT NULL DEFAULT 0; -- jobs that are queued or running

UPDATE meta SET
  (file_count, file_bytes) = (SELECT count(*), coalesce(sum(size), 0) FROM files),
  (table_count, table_bytes) = (SELECT count(*), coalesce(sum(bytes), 0) FROM tables),
  (job_count, unfinished_count) = (SELECT count(*), coalesce(sum(state IN ('queued', 'running')), 0) FROM jobs);

CREATE TRIGGER files_come AFTER INSERT ON files BEGIN
  UPDATE meta SET file_count = file_count + 1, file_bytes = file_bytes + new.size;
END;
CREATE TRIGGER files_change AFTER UPDATE OF size ON files WHEN new.size <> old.size BEGIN
  UPDATE meta SET file_bytes = file_bytes + new.size - old.size;
END;
CREATE TRIGGER files_go AFTER DELETE ON files BEGIN
  UPDATE meta SET file_count = file_count - 1, file_bytes = file_bytes - old.size;
END;

CREATE TRIGGER tables_come AFTER INSERT ON tables BEGIN
  UPDATE meta SET table_count = table_count + 1, table_bytes = table_bytes + new.bytes;
END;
CREATE TRIGGER tables_change AFTER UPDATE OF bytes ON tables WHEN new.bytes <> old.bytes BEGIN
  UPDATE meta SET table_bytes = table_bytes + new.bytes - old.bytes;
END;
CREATE TRIGGER tables_go AFTER DELETE ON tables BEGIN
  UPDATE meta SET table_count = table_count - 1, table_bytes = table_bytes - old.bytes;
END;

CREATE TRIGGER jobs_come AFTER INSERT ON jobs BEGIN
  UPDATE meta SET job_count = job_count + 1, unfinished_count = unfinished_count + (new.state IN ('queued', 'running'));
END;
CREATE TRIGGER jobs_turn AFTER UPDATE OF state ON jobs
WHEN (new.state IN ('queued', 'running')) <> (old.state IN ('queued', 'running')) BEGIN
  UPDATE meta SET unfinished_count = unfinished_count + iif(new.state IN ('queued', 'running'), 1, -1);
END;
CREATE TRIGGER jobs_go AFTER DELETE ON jobs BEGIN
  UPDATE meta SET job_count = job_count - 1, unfinished_count = unfinished_count - (old.state IN ('queued', 'running'));
END;
