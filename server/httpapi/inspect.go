package httpapi

import (
	"net/http"
	"slices"
	"strconv"

	"ret/server/jobs"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/workspace"
)

const (
	maxPreviewRows     = 100 // of a table that an inspection shows
	inspectedDocuments = 100 // in one answer, by default
)

// inspectFile looks at the documents of an upload, a page of them at a time, as
// `ret inspect --json` does.
func (s *Server) inspectFile(c *call) error {
	page, err := pageOf(c.r)
	if err != nil {
		return err
	}
	options, err := optionsOfFields(c.r.URL.Query())
	if err != nil {
		return err
	}
	rows, err := previewRowsOf(c.r)
	if err != nil {
		return err
	}
	defer c.untilEnded()()
	list := workspace.List[convert.Inspection]{Items: []convert.Inspection{}}
	err = s.look(c, options, rows, func(in *convert.Inspector) error {
		paths, next, err := pathsOfPage(in.Paths(), page)
		if err != nil {
			return err
		}
		list.Next = next
		for _, path := range paths {
			i, err := in.Inspect(c.r.Context(), path)
			if err != nil {
				return err
			}
			list.Items = append(list.Items, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, list)
}

// look calls do with the documents of the upload that the address names.
func (s *Server) look(c *call, options convert.Options, previewRows int, do func(*convert.Inspector) error) error {
	file, err := c.File(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.Inspector.Look(c.r.Context(), jobs.Upload{SessionID: c.session.ID, File: file, Folder: c.Folder}, options, previewRows, do)
}

func previewRowsOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("rows")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxPreviewRows {
		return 0, fault.New(fault.Invalid, "rows must be a number between 0 and %d.", maxPreviewRows)
	}
	return n, nil
}

// pathsOfPage cuts a page out of all paths; next is where the one after it starts,
// nil if there is none.
func pathsOfPage(paths []string, p workspace.Page) (page []string, next *string, err error) {
	if p.After != "" {
		at := slices.Index(paths, p.After)
		if at < 0 {
			return nil, nil, fault.New(fault.Invalid, "after must be the \"next\" of an earlier answer.")
		}
		paths = paths[at+1:]
	}
	limit := p.Limit
	if limit == 0 {
		limit = inspectedDocuments
	}
	if len(paths) <= limit {
		return paths, nil, nil
	}
	return paths[:limit], &paths[limit-1], nil
}
