package sqlite

// Waiting is how many writes wait for the writer.
func Waiting(db *DB) int { return len(db.requests) }
