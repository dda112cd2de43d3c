package view

import (
	"context"

	"github.com/a-h/templ"

	"ret/shared/workspace"
	"ret/web/page"
)

// Ask reads the questions that the page /ask shows.
func Ask(ctx context.Context, ws *workspace.Workspace) ([]page.Asked, error) {
	list, err := ws.Questions(ctx, page.AskView{}.AskedShown())
	if err != nil {
		return nil, err
	}
	items := make([]page.Asked, len(list))
	for i, a := range list {
		items[i] = Asked(a)
	}
	return items, nil
}

// askAway draws the page /ask without the server: nothing can be asked.
func (d drawing) askAway(f page.Frame) (templ.Component, error) {
	items, err := Ask(d.ctx, d.ws)
	return page.Ask(f, page.AskView{Away: true, Items: items}), err
}

// Asked is a question with its answer as the page shows it.
func Asked(a workspace.Asked) page.Asked {
	v := page.Asked{Job: Job(a.Job), Question: a.Question}
	if a.Answer == nil {
		return v
	}
	v.Cells, v.MostCells = a.Answer.Cells, a.Answer.MostCells
	for _, s := range a.Answer.Statements {
		v.Statements = append(v.Statements, page.AskStatement(s))
	}
	for _, c := range a.Answer.Citations {
		v.Citations = append(v.Citations, page.AskCitation{Table: c.Table, TableID: c.TableID, Row: c.Row, Column: c.Column, Shown: c.Shown})
	}
	for _, s := range a.Answer.Shown {
		v.Shown = append(v.Shown, askShown(s))
	}
	return v
}

func askShown(s workspace.Shown) page.AskShown {
	v := page.AskShown{Tool: s.Tool, Asked: s.Asked, Columns: s.Columns, Cut: s.Cut, Problem: s.Problem}
	for _, row := range s.Rows {
		cells := make([]page.Cell, len(row))
		for i, cell := range row {
			if cell == nil {
				cells[i].Absent = true
			} else {
				cells[i].Text = *cell
			}
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}
