// Package meaning finds rows of a session's tables by what they mean, where there is an
// embedding model: a local one (package static), or an endpoint, to which cells are sent
// only for a session whose person said yes.
//
// Of each row the words are embedded as one vector, which is kept as one byte a number,
// a table's together, on the session's shelf: behind its key, and gone with it. A
// question is embedded likewise and compared with all of them. Whoever ranks by words as
// well joins the two rankings (search.Fuse).
package meaning

import "context"

// Model embeds texts. Its methods may be called concurrently.
type Model interface {
	// Name names the model: vectors of another one cannot be compared with its.
	Name() string

	// Local says that it needs no network, and nothing leaves the machine.
	Local() bool

	// Batch is how many texts it takes at once.
	Batch() int

	// Embed returns a vector for each text, all of one length; a zero one means nothing.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Bounds of a session.
const (
	// MaxRows is how many rows have vectors, those of the newest tables first.
	MaxRows = 200_000

	// rowBytes is how much of a row's text counts.
	rowBytes = 2 << 10

	// leastLikeness is how near a row must be to the question to be found: 1 is the same,
	// 0 has nothing to do with it.
	leastLikeness = 0.3
)
