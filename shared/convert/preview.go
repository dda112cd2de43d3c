package convert

import (
	"context"
	"errors"

	"ret/shared/xmltable"
)

// previewedCandidates is how many candidates are previewed: each may cost a pass
// over the document.
const previewedCandidates = 6

// documentLook is a look at one document whose shape is known.
type documentLook struct {
	ctx     context.Context
	input   xmltable.Input
	shape   *xmltable.Shape
	options xmltable.Options
	rows    int // to show of a table
}

// plan adds what Choose says, and the first rows.
func (l *documentLook) plan(i *Inspection) {
	plan, err := l.choose(l.options.Record)
	if err != nil {
		i.Error = errorOf(err)
		return
	}
	i.Record = plan.Record
	i.Warnings = append(i.Warnings, plan.Warnings...)
	i.Tables = describePreviews(plan.Tables)
	if err := l.preview(plan, &previewSink{tables: i.Tables, rows: l.rows, most: int64(l.rows) + 1}); err != nil {
		i.Error = errorOf(err)
	}
	l.addCandidates(i, plan)
	l.propose(i, plan)
}

func (l *documentLook) choose(record string) (*xmltable.Plan, error) {
	options := l.options
	options.Record = record
	return xmltable.Choose(l.ctx, l.shape, options)
}

func (l *documentLook) addCandidates(i *Inspection, plan *xmltable.Plan) {
	for at, c := range plan.Candidates {
		candidate := Candidate{Candidate: c}
		if at < previewedCandidates && l.rows > 0 {
			l.previewCandidate(&candidate)
		}
		i.Candidates = append(i.Candidates, candidate)
	}
}

// previewCandidate adds how the main table would begin. Where that cannot be
// told, the candidate stands without.
func (l *documentLook) previewCandidate(c *Candidate) {
	plan, err := l.choose(c.Path)
	if err != nil {
		return
	}
	tables := describePreviews(plan.Tables)
	if err := l.preview(plan, &previewSink{tables: tables, rows: l.rows, most: min(int64(l.rows), c.Count)}); err != nil {
		return
	}
	c.Columns, c.Rows = tables[0].Columns, tables[0].Rows
}

func (l *documentLook) preview(plan *xmltable.Plan, sink *previewSink) error {
	if l.rows == 0 {
		return nil
	}
	_, err := plan.Write(l.ctx, l.input, sink)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func describePreviews(tables []xmltable.Table) []TablePreview {
	previews := make([]TablePreview, len(tables))
	for i, t := range tables {
		previews[i] = TablePreview{Name: t.Name, Columns: t.Columns}
		if t.Parent >= 0 {
			previews[i].Parent = &tables[t.Parent].Name
		}
	}
	return previews
}

// errEnough ends a pass whose first rows were all that was asked for.
var errEnough = errors.New("enough rows")

// previewSink keeps the first rows of each table until the main table, which
// comes first, has had as many as it takes.
type previewSink struct {
	tables []TablePreview
	rows   int   // to keep of each table
	most   int64 // of the main table, after which nothing more is of interest
}

func (s *previewSink) Row(table int, cells [][]byte) error {
	t := &s.tables[table]
	if len(t.Rows) < s.rows {
		t.Rows = append(t.Rows, xmltable.CellTexts(cells))
	}
	if table == 0 {
		s.most--
		if s.most <= 0 {
			return errEnough
		}
	}
	return nil
}
