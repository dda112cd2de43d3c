package api

import (
	"encoding/json"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// recipe gives the options of a query out as a file for `ret convert --recipe`
// and for the pages.
func (s *Server) recipe(c *chain.Call) error {
	options, err := work.OptionsOfFields(c.R.URL.Query())
	if err != nil {
		return err
	}
	if options.MaxRepeat == 0 {
		options.MaxRepeat = xmltable.DefaultMaxRepeat
	}
	if options.Format == "" {
		options.Format = convert.CSV
	}
	chain.Attach(c.W, "application/json", "recipe.json")
	e := json.NewEncoder(c.W)
	e.SetIndent("", "  ")
	return e.Encode(options)
}
