package xmltable

// A TableWriter takes the rows of one table. Fork and Join are those of Forker.
type TableWriter[W any] interface {
	Row(cells [][]byte) error
	Fork() W
	Join(fork W) error
}

// Writers are a Forker that has a writer for each table.
type Writers[W TableWriter[W]] []W

// Row implements Sink.
func (w Writers[W]) Row(table int, cells [][]byte) error { return w[table].Row(cells) }

// Fork implements Forker.
func (w Writers[W]) Fork() Sink {
	forks := make(Writers[W], len(w))
	for i := range w {
		forks[i] = w[i].Fork()
	}
	return forks
}

// Join implements Forker.
func (w Writers[W]) Join(fork Sink) error {
	for i, f := range fork.(Writers[W]) {
		if err := w[i].Join(f); err != nil {
			return err
		}
	}
	return nil
}
