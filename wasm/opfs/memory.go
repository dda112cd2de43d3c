package opfs

// Memory gives as many empty files that last as long as this program, for a
// browser that has no private files.
func Memory(files int) []Handle {
	handles := make([]Handle, files)
	for i := range handles {
		handles[i] = &memory{}
	}
	return handles
}

// memory is a file in memory.
type memory struct{ data []byte }

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(m.data)) {
		return 0, nil
	}
	return copy(p, m.data[off:]), nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.grow(off + int64(len(p)))
	return copy(m.data[off:], p), nil
}

func (m *memory) grow(size int64) {
	if more := size - int64(len(m.data)); more > 0 {
		m.data = append(m.data, make([]byte, more)...)
	}
}

func (m *memory) Truncate(size int64) error {
	m.grow(size)
	clear(m.data[size:])
	m.data = m.data[:size]
	return nil
}

func (m *memory) Flush() error         { return nil }
func (m *memory) Size() (int64, error) { return int64(len(m.data)), nil }
