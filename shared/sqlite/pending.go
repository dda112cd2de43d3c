package sqlite

// Pending is what the writes that share a commit have left to be written
// together: a write that only adds to it costs no statement. It is used on the
// writer's goroutine only.
type Pending interface {
	// Begin says that a transaction begins; what an undone one has left is to be
	// forgotten.
	Begin()
	// Len is how much was left in this transaction, flushed or not; Truncate forgets
	// what came after the first n, since the write that left it was undone.
	Len() int
	Truncate(n int)
	// Flush writes what was left since the last Flush, inside the transaction. It is called before the
	// commit, and by writes that need it to be in the database.
	Flush(c *Conn) error
	// Committed says that what was flushed is on disk. It is called before the
	// functions of AfterCommit and must not wait for anything.
	Committed()
}

// nothingPending is for databases whose writes leave nothing.
type nothingPending struct{}

func (nothingPending) Begin()            {}
func (nothingPending) Len() int          { return 0 }
func (nothingPending) Truncate(int)      {}
func (nothingPending) Flush(*Conn) error { return nil }
func (nothingPending) Committed()        {}
