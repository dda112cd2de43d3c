package opfs

// sized is a handle that knows how long its file is, since nobody else has it: to
// ask costs as much as to write, and each commit needs to know.
type sized struct {
	Handle
	size  int64
	known bool // false at first, and after what may have been done in part
}

// Size implements Handle.
func (s *sized) Size() (int64, error) {
	if s.known {
		return s.size, nil
	}
	size, err := s.Handle.Size()
	s.size, s.known = size, err == nil
	return size, err
}

// WriteAt implements Handle.
func (s *sized) WriteAt(p []byte, off int64) (int, error) {
	n, err := s.Handle.WriteAt(p, off)
	s.known = s.known && err == nil && n == len(p)
	s.size = max(s.size, off+int64(n))
	return n, err
}

// Truncate implements Handle.
func (s *sized) Truncate(size int64) error {
	err := s.Handle.Truncate(size)
	s.size, s.known = size, err == nil
	return err
}
