package view

import (
	"slices"

	"ret/shared/workspace"
	"ret/web/page"
)

// classes renders what becomes of documents alike in a touched group, and says which of the
// group's classes are shown as one: their tables stand nowhere else.
func (f *fragments) classes(now page.Group, g *touchedGroup, classes []workspace.ClassBrief) (alike map[string]bool, err error) {
	alike = make(map[string]bool)
	touched := touchedClasses(g)
	shown := 0
	for _, b := range classes { // the newest first
		tables := touched[b.ID]
		if b.Documents < page.AlikeFrom {
			if b.Documents+g.gone >= page.AlikeFrom {
				if err := f.classApart(now, g, b); err != nil {
					return nil, err
				}
			}
			continue
		}
		alike[b.ID] = true
		if shown++; shown > page.GroupTables || len(tables) == 0 && g.gone == 0 {
			continue
		}
		if err := f.class(now, g, b, tables); err != nil {
			return nil, err
		}
	}
	return alike, nil
}

func touchedClasses(g *touchedGroup) map[string][]workspace.TableBrief {
	touched := make(map[string][]workspace.TableBrief)
	for _, t := range g.tables {
		if t.Class != "" {
			touched[t.Class] = append(touched[t.Class], t)
		}
	}
	return touched
}

// class renders documents that are shown as one, with the tables of them that came.
func (f *fragments) class(now page.Group, g *touchedGroup, b workspace.ClassBrief, came []workspace.TableBrief) error {
	c := Class(b)
	merged, err := f.ws.MergedOfClasses(f.ctx, []string{b.ID})
	if err != nil {
		return err
	}
	c.Merged = tableItems(merged)
	rendered, err := page.ClassPut(f.ctx, c, now)
	if err := f.add(g.change, rendered, err); err != nil {
		return err
	}
	if int64(len(came)) > b.Documents-page.AlikeFrom { // a page may show some of them one by one
		if err := f.gather(g, b, len(came)); err != nil {
			return err
		}
		if came, err = f.ws.NewestOfClasses(f.ctx, []string{b.ID}, page.WorkbenchTables); err != nil {
			return err
		}
		came = append(came, merged...)
	}
	for _, t := range slices.Backward(listed(came)) {
		rendered, err := page.ClassTablePut(f.ctx, Table(t), b.ID, t.Merged)
		if err := f.add(g.change, rendered, err); err != nil {
			return err
		}
	}
	return nil
}

// listed leaves of a class's tables, the newest first, those that a page shows.
func listed(tables []workspace.TableBrief) (left []workspace.TableBrief) {
	own := 0
	for _, t := range tables {
		if !t.Merged {
			own++
		}
		if t.Merged || own <= page.WorkbenchTables {
			left = append(left, t)
		}
	}
	return left
}

// gather takes the newest tables of a class out of wherever a page shows them: so many have
// come, which it does not show yet.
func (f *fragments) gather(g *touchedGroup, b workspace.ClassBrief, came int) error {
	newest, err := f.ws.NewestOfClasses(f.ctx, []string{b.ID}, page.GroupTables+came)
	for _, t := range newest {
		_ = f.add(g.change, page.TableGone(t.ID), nil)
	}
	return err
}

// classApart shows the tables one by one of documents that have become too few.
func (f *fragments) classApart(now page.Group, g *touchedGroup, b workspace.ClassBrief) error {
	_ = f.add(g.change, page.ClassDel(b.ID), nil)
	own, err := f.ws.NewestOfClasses(f.ctx, []string{b.ID}, page.WorkbenchTables)
	if err != nil {
		return err
	}
	merged, err := f.ws.MergedOfClasses(f.ctx, []string{b.ID})
	if err != nil {
		return err
	}
	for _, t := range append(own, merged...) {
		rendered, err := page.TablePut(f.ctx, Table(t), now)
		if err != nil {
			return err
		}
		_ = f.add(g.change, rendered[1:2], nil)
	}
	return nil
}
