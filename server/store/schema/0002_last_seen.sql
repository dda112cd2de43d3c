-- When a user was last seen: the last use of any session, which outlives them.
ALTER TABLE user ADD COLUMN last_seen_at INTEGER;
UPDATE user SET last_seen_at = last_sign_in_at;

CREATE TRIGGER session_begun AFTER INSERT ON session BEGIN
  UPDATE user SET last_seen_at = max(coalesce(last_seen_at, 0), NEW.last_used_at) WHERE id = NEW.user_id;
END;
CREATE TRIGGER session_used AFTER UPDATE OF last_used_at ON session BEGIN
  UPDATE user SET last_seen_at = max(coalesce(last_seen_at, 0), NEW.last_used_at) WHERE id = NEW.user_id;
END;
