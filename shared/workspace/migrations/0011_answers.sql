-- Answers are kept for as long as the session lives, so they are small, and what
-- they take counts against the session. A client's name is stored once.

CREATE TABLE clients (
  id   INTEGER PRIMARY KEY,
  name TEXT    NOT NULL UNIQUE       -- as it calls itself
) STRICT;
INSERT INTO clients (name) SELECT DISTINCT client FROM answers;

CREATE TABLE client_answers (
  client INTEGER NOT NULL REFERENCES clients (id),
  n      INTEGER NOT NULL CHECK (n >= 1), -- a client's own count, without gaps
  seq    INTEGER NOT NULL,           -- of the last change when it was done
  code   TEXT    NOT NULL,           -- why it was rejected; empty: it was done
  detail TEXT    NOT NULL,           -- the same, for a person
  PRIMARY KEY (client, n)
) STRICT, WITHOUT ROWID;
INSERT INTO client_answers (client, n, seq, code, detail)
  SELECT c.id, a.n, a.seq, a.code, a.detail FROM answers a JOIN clients c ON c.name = a.client;
DROP TABLE answers;
ALTER TABLE client_answers RENAME TO answers;

-- What answers and their clients take on disk, nearly: 24 bytes an answer and 32 a
-- client, whose name is in an index too, beside their texts.
ALTER TABLE meta ADD COLUMN answer_bytes INTEGER NOT NULL DEFAULT 0;

UPDATE meta SET answer_bytes =
  (SELECT coalesce(sum(24 + octet_length(code) + octet_length(detail)), 0) FROM answers) +
  (SELECT coalesce(sum(32 + 2 * octet_length(name)), 0) FROM clients);

CREATE TRIGGER answers_come AFTER INSERT ON answers BEGIN
  UPDATE meta SET answer_bytes = answer_bytes + 24 + octet_length(new.code) + octet_length(new.detail);
END;
CREATE TRIGGER answers_go AFTER DELETE ON answers BEGIN
  UPDATE meta SET answer_bytes = answer_bytes - 24 - octet_length(old.code) - octet_length(old.detail);
END;
CREATE TRIGGER clients_come AFTER INSERT ON clients BEGIN
  UPDATE meta SET answer_bytes = answer_bytes + 32 + 2 * octet_length(new.name);
END;
CREATE TRIGGER clients_go AFTER DELETE ON clients BEGIN
  UPDATE meta SET answer_bytes = answer_bytes - 32 - 2 * octet_length(old.name);
END;
