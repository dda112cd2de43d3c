package index

import (
	"io"

	"ret/server/files"
	"ret/shared/tablefile"
)

// TableShelf is the part of a session's shelf that keeps what was worked out of one
// table, under the blob that it is stored in.
func TableShelf(folder *files.Folder, blob string) tablefile.Shelf {
	return tableShelf{folder.Shelf(), blob}
}

// ViewName is what a stored table is called to tablefile.Views: unlike that of any other
// of any session.
func ViewName(tableID, blob string) string { return tableID + " " + blob }

type tableShelf struct {
	*files.Shelf
	blob string
}

// Keep implements tablefile.Shelf.
func (s tableShelf) Keep(key string, write func(io.Writer) error) error {
	return s.Shelf.Keep(s.blob, key, write)
}

// Kept implements tablefile.Shelf.
func (s tableShelf) Kept(key string) (tablefile.Kept, error) {
	content, err := s.Shelf.Kept(s.blob, key)
	if content == nil || err != nil {
		return nil, err
	}
	return content, nil
}
