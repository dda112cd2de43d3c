package sqlite

// OrNil is what a pointer points to, as an argument of a statement; nil is NULL.
func OrNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
