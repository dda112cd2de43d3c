-- Where in their documents the rows of a table stand, for tables that have no parent:
-- on the server alone.
CREATE TABLE origins (
  table_id TEXT NOT NULL PRIMARY KEY REFERENCES tables (id) ON DELETE CASCADE,
  records  BLOB NOT NULL              -- see convert.Origins
) STRICT;
