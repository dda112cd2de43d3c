package pages

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"ret/server/httpapi/chain"
	"ret/shared/fault"
	"ret/shared/query"
	"ret/web/page"
)

// queryForm leads to the answer of a statement, or gives all of it out.
func (s *Server) queryForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	sql := c.R.PostFormValue("sql")
	switch c.R.PostFormValue("action") {
	case page.ActionDownload:
		return s.downloadQuery(c, sql)
	case page.ActionSaveTable:
		return s.saveQuery(c, sql)
	default:
		return s.showForm(c)
	}
}

// downloadQuery gives an answer out as CSV. Where the statement is wrong, its page says so.
func (s *Server) downloadQuery(c *chain.Call, sql string) error {
	defer c.UntilEnded()()
	begun := false
	err := s.WriteQuery(c, sql, c.W, func() {
		begun = true
		chain.Attach(c.W, page.QueryFileType, page.QueryFile)
	})
	if isWrong(err) && !begun {
		return s.toQuery(c, sql)
	}
	return err
}

func isWrong(err error) bool {
	_, placed := errors.AsType[*query.Error](err)
	return placed && fault.Is(err, fault.Malformed)
}

// mostNameLetters is how long the name of a saved table may be.
const mostNameLetters = 100

// saveQuery keeps an answer as a table and leads to it.
func (s *Server) saveQuery(c *chain.Call, sql string) error {
	name := cmp.Or(strings.Join(strings.Fields(c.R.PostFormValue("name")), " "), "answer")
	if len([]rune(name)) > mostNameLetters {
		return fault.New(fault.Invalid, "The name of a table may have %d characters.", mostNameLetters)
	}
	table, err := s.SaveQuery(c, sql, name)
	if isWrong(err) {
		return s.toQuery(c, sql)
	}
	if err != nil {
		return err
	}
	return chain.Back(c.W, c.R, "/tables/"+table.ID, "", "")
}

// toQuery leads to the page of a statement.
func (s *Server) toQuery(c *chain.Call, sql string) error {
	addresses, err := s.Addresses(c)
	if err != nil {
		return err
	}
	return chain.Back(c.W, c.R, "/query"+addresses.Query(url.Values{"sql": {sql}}), "", "")
}
