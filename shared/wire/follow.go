package wire

// Step is what a client does with a delta.
type Step string

// The steps.
const (
	Apply Step = "apply" // the cursor moves to the delta's To
	Known Step = "known" // all of it was there already
	Gap   Step = "gap"   // something was missed: say hello again
)

// Follow says what a client whose cursor stands at a seq does with a delta from
// one seq to another.
func Follow(cursor, from, to int64) Step {
	switch {
	case to <= cursor && from < to:
		return Known
	case from != cursor:
		return Gap
	}
	return Apply
}
