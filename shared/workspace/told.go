package workspace

import (
	"errors"

	"ret/shared/sqlite"
)

// toldDocuments is how many documents of a job a replica is told of: a page of
// its log, and whether there is another one.
const toldDocuments = 101

// toldJob is a job as clients with a replica are told of it. While it runs its
// documents and the number of its tables are left out: they would be sent again
// with every step.
func toldJob(c *sqlite.Conn, id string) (*Job, error) {
	j, n, err := jobAndPlace(c, id, told)
	if err != nil {
		return nil, err
	}
	j.N = n
	if err := c.QueryRow(`SELECT first_file, file_bytes, tables_made FROM jobs WHERE id = ?`, []any{id}, &j.FirstFile, &j.FileBytes, &j.TablesMade); err != nil {
		return nil, err
	}
	if !j.State.Finished() {
		if j.Answer != nil {
			j.Answer.Shown = nil // would be sent again with every step
		}
		j.TablesMade = 0 // grows without being told
		return j, nil
	}
	j.Documents, err = documentsAfter(c, id, "", "", toldDocuments)
	return j, err
}

// toldTable is a table as clients with a replica are told of it.
func toldTable(c *sqlite.Conn, id string) (*Table, error) {
	t, n, err := tableAndPlace(c, id)
	if err != nil {
		return nil, err
	}
	t.N = n
	if t.FileID == nil {
		return t, nil
	}
	t.Document, err = documentByPath(c, t.JobID, t.Source)
	if errors.Is(err, errNoDocument) {
		return t, nil
	}
	return t, err
}
