-- Groups are equal without regard to case, of all letters and not of ASCII's alone:
-- the name is stored folded as well, as shared/fold does it for all.

ALTER TABLE tables ADD COLUMN group_folded TEXT NOT NULL DEFAULT '';
UPDATE tables SET group_folded = fold("group");

-- Covers what is counted and summed, by group or in all.
DROP INDEX tables_group;
CREATE INDEX tables_group ON tables (group_folded, n DESC, "group", rows, bytes);

-- A document's tables are asked for in the order of the documents.
CREATE INDEX tables_source ON tables (job_id, source, n);
