package api

import (
	"encoding/json"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// recipe gives the choices of a form out as a file for `ret convert --recipe` and
// for the pages. They come in the body: a browser writes the addresses of its
// downloads down.
func (s *Server) recipe(c *chain.Call) error {
	if err := chain.ParseFormOf(c.W, c.R, work.MaxRecipeBytes); err != nil {
		return err
	}
	options, err := work.OptionsOfFields(c.R.PostForm)
	if err != nil {
		return err
	}
	return giveRecipe(c, options)
}

// jobRecipe gives a job's options out in the same way.
func (s *Server) jobRecipe(c *chain.Call) error {
	job, err := c.Job(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	options, err := convert.ParseOptions(job.Options)
	if err != nil {
		return err
	}
	return giveRecipe(c, options)
}

func giveRecipe(c *chain.Call, options convert.Options) error {
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
