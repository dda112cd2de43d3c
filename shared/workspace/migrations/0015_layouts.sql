-- How a person has laid out the columns of a table.

ALTER TABLE tables ADD COLUMN layout TEXT NOT NULL DEFAULT ''; -- JSON: see Layout; empty: as stored
