-- A job's record says what happened, for good: also when its files or tables are
-- gone. And how far it is within a large document, and whether the server might die
-- of it.

ALTER TABLE jobs ADD COLUMN first_file TEXT NOT NULL DEFAULT '';     -- the name of the first it reads
ALTER TABLE jobs ADD COLUMN file_bytes INTEGER NOT NULL DEFAULT 0;   -- of all it reads
ALTER TABLE jobs ADD COLUMN tables_made INTEGER NOT NULL DEFAULT 0;  -- whether they are still there or not
ALTER TABLE jobs ADD COLUMN bytes_done INTEGER NOT NULL DEFAULT 0;   -- read, in both passes
ALTER TABLE jobs ADD COLUMN bytes_total INTEGER NOT NULL DEFAULT 0;  -- to be read
ALTER TABLE jobs ADD COLUMN at_risk INTEGER NOT NULL DEFAULT 0;      -- 1: at work on one document for a while

UPDATE jobs SET
  first_file = coalesce((SELECT f.name FROM job_files l JOIN files f ON f.id = l.file_id WHERE l.job_id = jobs.id ORDER BY l.position LIMIT 1), ''),
  file_bytes = coalesce((SELECT sum(f.size) FROM job_files l JOIN files f ON f.id = l.file_id WHERE l.job_id = jobs.id), 0),
  tables_made = (SELECT count(*) FROM tables WHERE job_id = jobs.id);
