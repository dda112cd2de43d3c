-- Questions in words: what was answered to them, and to what the session's person has
-- said yes.

-- The answer to the question of a job of kind ask, as far as it has come.
CREATE TABLE ask_answers (
  job_id TEXT    NOT NULL PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  answer TEXT    NOT NULL            -- JSON: see AskAnswer
) STRICT, WITHOUT ROWID;

-- Endpoints that parts of the session's tables may be sent to. Empty in a replica.
CREATE TABLE consents (
  purpose  TEXT    NOT NULL PRIMARY KEY CHECK (purpose IN ('chat', 'embed')),
  endpoint TEXT    NOT NULL,         -- address and model, as the person saw them
  given_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
