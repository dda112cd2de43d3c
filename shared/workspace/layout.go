package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Layout is how a person has laid out the columns of a table. Columns are named by their
// places in the table, from 0: those stay the same for as long as it is there.
type Layout struct {
	Order  []int       `json:"order,omitempty"`  // as they are shown; those that are missing follow, as stored
	Pinned []int       `json:"pinned,omitempty"` // stay in sight, before all others
	Hidden []int       `json:"hidden,omitempty"` // unless a view says which ones are
	Widths map[int]int `json:"widths,omitempty"` // pixels; of columns that were made wider or narrower
}

// The widths that columns can have, in pixels. As many columns as a table may have, of the
// greatest width, are no wider than what browsers can scroll.
const (
	LeastWidth = 48
	MostWidth  = 480
)

// check is Invalid if a layout is none of a table with so many columns, or of any table
// where their number is not known: -1.
func (l Layout) check(columns int) error {
	for _, list := range [][]int{l.Order, l.Pinned, l.Hidden} {
		seen := make(map[int]bool, len(list))
		for _, column := range list {
			if err := checkColumn(column, columns); err != nil {
				return err
			}
			if seen[column] {
				return fault.New(fault.Invalid, "A layout names a column twice.")
			}
			seen[column] = true
		}
	}
	for column, width := range l.Widths {
		if err := checkColumn(column, columns); err != nil {
			return err
		}
		if width < LeastWidth || width > MostWidth {
			return fault.New(fault.Invalid, "A column can be between %d and %d pixels wide.", LeastWidth, MostWidth)
		}
	}
	return nil
}

func checkColumn(column, columns int) error {
	if column < 0 || columns >= 0 && column >= columns {
		return fault.New(fault.Invalid, "This table has no column %d.", column)
	}
	return nil
}

// Shown are the places of so many columns in the order in which they are shown: the pinned
// ones first.
func (l Layout) Shown(columns int) []int {
	shown, there, pinned := make([]int, 0, columns), make([]bool, columns), make([]bool, columns)
	add := func(column int) {
		if column < columns && !there[column] {
			there[column] = true
			shown = append(shown, column)
		}
	}
	for _, column := range l.Order {
		add(column)
	}
	for column := range columns {
		add(column)
	}
	for _, column := range l.Pinned {
		if column < columns {
			pinned[column] = true
		}
	}
	slices.SortStableFunc(shown, func(a, b int) int {
		switch {
		case pinned[a] == pinned[b]:
			return 0
		case pinned[a]:
			return -1
		}
		return 1
	})
	return shown
}

// LayOut keeps how a table's columns are laid out: Invalid if it has no such columns,
// NotFound if there is no such table.
func (w *Workspace) LayOut(ctx context.Context, tableID string, l Layout) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error { return w.layOut(c, tableID, l) })
}

func (w *Workspace) layOut(c *sqlite.Conn, tableID string, l Layout) error {
	t, err := tableByID(c, tableID)
	if err != nil {
		return err
	}
	columns := len(t.Columns)
	if columns == 0 {
		columns = -1 // a replica is not told the columns of a very wide table
	}
	if err := l.check(columns); err != nil {
		return err
	}
	text, err := LayoutText(&l)
	if err != nil {
		return fmt.Errorf("encode layout: %w", err)
	}
	if _, err := c.Exec(`UPDATE tables SET layout = ? WHERE id = ?`, text, tableID); err != nil {
		return fmt.Errorf("keep layout: %w", err)
	}
	return w.record(c, EntityTable, tableID, Put)
}

// LayoutText is a layout as the database has it: empty for none.
func LayoutText(l *Layout) (string, error) {
	if l == nil {
		return "", nil
	}
	text, err := json.Marshal(l)
	return string(text), err
}

func readLayout(text []byte) (*Layout, error) {
	if len(text) == 0 {
		return nil, nil
	}
	l := new(Layout)
	if err := json.Unmarshal(text, l); err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	return l, nil
}

// Layouts are those of these tables that have one, by table, as JSON.
func (w *Workspace) Layouts(ctx context.Context, ids []string) (layouts map[string]string, err error) {
	list, err := jsonList(ids)
	if err != nil {
		return nil, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		layouts = make(map[string]string)
		for row, err := range c.Query(`SELECT id, layout FROM tables WHERE layout <> '' AND id IN (SELECT value FROM json_each(?))`, list) {
			if err != nil {
				return err
			}
			layouts[row.Text(0)] = row.Text(1)
		}
		return nil
	})
	return layouts, err
}
