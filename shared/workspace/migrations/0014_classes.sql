-- Documents of one group with one root element, converted with the same options, are a
-- class: lists show them as one, and they can share tables without being converted so.

ALTER TABLE tables ADD COLUMN class TEXT NOT NULL DEFAULT '';       -- of its documents; '' where they have none
ALTER TABLE tables ADD COLUMN merged INTEGER NOT NULL DEFAULT 0 CHECK (merged IN (0, 1)); -- 1: it has the rows of the whole class
ALTER TABLE tables ADD COLUMN documents INTEGER NOT NULL DEFAULT 0; -- on the first of the tables that were made together: of how many

-- Covers what is counted and summed, by group, by class or in all.
DROP INDEX tables_group;
CREATE INDEX tables_group ON tables (group_folded, n DESC, "group", rows, bytes, class, merged, documents);
CREATE INDEX tables_class ON tables (class, merged, n DESC) WHERE class <> '';
