-- Whether a person has ended the tour of the workbench, which then shows itself no more.
ALTER TABLE user ADD COLUMN toured INTEGER NOT NULL DEFAULT 0 CHECK (toured IN (0, 1));

CREATE TRIGGER user_toured AFTER UPDATE OF toured ON user BEGIN
  UPDATE revision SET n = n + 1;
END;
