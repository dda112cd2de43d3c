package api

import (
	"net/http"
	"slices"
	"strconv"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
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
func (s *Server) inspectFile(c *chain.Call) error {
	page, err := chain.PageOf(c.R)
	if err != nil {
		return err
	}
	options, err := work.OptionsOfFields(c.R.URL.Query())
	if err != nil {
		return err
	}
	rows, err := previewRowsOf(c.R)
	if err != nil {
		return err
	}
	defer c.UntilEnded()()
	list := workspace.List[convert.Inspection]{Items: []convert.Inspection{}}
	err = s.Look(c, options, rows, func(in *convert.Inspector) error {
		paths, next, err := pathsOfPage(in.Paths(), page)
		if err != nil {
			return err
		}
		list.Next = next
		for _, path := range paths {
			i, err := in.Inspect(c.R.Context(), path)
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
	return chain.WriteJSON(c.W, http.StatusOK, list)
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
