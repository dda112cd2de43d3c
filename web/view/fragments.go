package view

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"ret/shared/fold"
	"ret/shared/workspace"
	"ret/web/page"
)

// Fragment is one step by which an open page follows a change.
type Fragment struct {
	Change workspace.Change
	page.Fragment
}

// Fragments renders how pages follow these changes, in the order of their seq.
// What no page can show any more, such as all but the newest tables of a group,
// is left out; figures that many changes move are rendered once, with the last
// of them.
func Fragments(ctx context.Context, ws *workspace.Workspace, changes []workspace.Change) ([]Fragment, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	f := fragments{ctx: ctx, ws: ws, changes: changes, last: changes[len(changes)-1]}
	for _, render := range []func() error{f.files, f.jobs, f.tables, f.holdings} {
		if err := render(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(f.done, func(a, b Fragment) int { return cmp.Compare(a.Change.Seq, b.Change.Seq) })
	return f.done, nil
}

// fragments collects what one call of Fragments renders.
type fragments struct {
	ctx     context.Context
	ws      *workspace.Workspace
	changes []workspace.Change
	last    workspace.Change
	done    []Fragment
}

func (f *fragments) add(cause workspace.Change, rendered []page.Fragment, err error) error {
	for _, r := range rendered {
		f.done = append(f.done, Fragment{cause, r})
	}
	return err
}

// of returns the changes of one entity: those that put by id, and deletions.
func (f *fragments) of(entity workspace.Entity) (puts map[string]workspace.Change, ids []string, dels []workspace.Change) {
	puts = make(map[string]workspace.Change)
	for _, ch := range f.changes {
		switch {
		case ch.Entity != entity:
		case ch.Op == workspace.Put:
			puts[ch.ID] = ch
			ids = append(ids, ch.ID)
		default:
			dels = append(dels, ch)
		}
	}
	return puts, ids, dels
}

func (f *fragments) files() error {
	puts, ids, dels := f.of(workspace.EntityFile)
	for _, ch := range dels {
		_ = f.add(ch, page.FileDel(ch.ID), nil)
	}
	if len(ids) == 0 {
		return nil
	}
	files, err := f.ws.FileBriefs(f.ctx, newest(ids, page.WorkbenchFiles))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := f.putFile(puts[file.ID], file); err != nil {
			return err
		}
	}
	return nil
}

func (f *fragments) putFile(cause workspace.Change, file workspace.FileBrief) error {
	rendered, err := page.FilePut(f.ctx, File(file))
	return f.add(cause, rendered, err)
}

// jobs renders jobs, and the files that they read: those show how the job stands.
func (f *fragments) jobs() error {
	puts, ids, dels := f.of(workspace.EntityJob)
	for _, ch := range dels {
		_ = f.add(ch, page.JobDel(ch.ID), nil)
	}
	if len(ids) == 0 {
		return nil
	}
	briefs, err := f.ws.JobBriefs(f.ctx, ids)
	if err != nil {
		return err
	}
	if err := f.questions(puts, briefs); err != nil {
		return err
	}
	var last workspace.Change
	for _, j := range briefs {
		rendered, err := page.JobPut(f.ctx, Job(j))
		if err := f.add(puts[j.ID], rendered, err); err != nil {
			return err
		}
		if puts[j.ID].Seq > last.Seq {
			last = puts[j.ID]
		}
	}
	files, err := f.ws.FilesOfJobs(f.ctx, ids, page.WorkbenchFiles)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := f.putFile(last, file); err != nil {
			return err
		}
	}
	return nil
}

// questions renders the answers of the jobs that are questions.
func (f *fragments) questions(puts map[string]workspace.Change, briefs []workspace.JobBrief) error {
	asked, err := f.ws.AskedOf(f.ctx, briefs)
	if err != nil {
		return err
	}
	for _, a := range asked {
		rendered, err := page.AskedPut(f.ctx, Asked(a))
		if err := f.add(puts[a.Job.ID], rendered, err); err != nil {
			return err
		}
	}
	return nil
}

func (f *fragments) tables() error {
	puts, ids, dels := f.of(workspace.EntityTable)
	if len(ids)+len(dels) == 0 {
		return nil
	}
	touched := make(map[string]*touchedGroup)
	for _, ch := range dels {
		g := touch(touched, ch.Group)
		g.change = ch
		g.gone++
	}
	briefs, err := f.ws.TableBriefs(f.ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range briefs { // the newest first
		g := touch(touched, t.Group)
		if len(g.tables) < page.GroupTables {
			g.tables = append(g.tables, t)
		}
		if puts[t.ID].Seq > g.change.Seq {
			g.change = puts[t.ID]
		}
	}
	for _, ch := range dels {
		rendered, err := page.TableDel(f.ctx, ch.ID, page.Group{Name: ch.Group})
		if err != nil {
			return err
		}
		_ = f.add(ch, rendered[:1], nil) // what is left of its group follows once
	}
	if err := f.layouts(puts, ids); err != nil {
		return err
	}
	return f.groups(touched, puts)
}

// layouts renders how the columns of tables are laid out, where they are.
func (f *fragments) layouts(puts map[string]workspace.Change, ids []string) error {
	layouts, err := f.ws.Layouts(f.ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if layout, ok := layouts[id]; ok {
			rendered, err := page.LayoutPut(f.ctx, id, layout)
			if err := f.add(puts[id], rendered, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// touchedGroup is a group some of whose tables changed.
type touchedGroup struct {
	name   string
	change workspace.Change // the last one
	tables []workspace.TableBrief
	gone   int64 // how many of its tables
}

func touch(groups map[string]*touchedGroup, name string) *touchedGroup {
	key := fold.String(name)
	g := groups[key]
	if g == nil {
		g = &touchedGroup{name: name}
		groups[key] = g
	}
	return g
}

// groups renders the touched groups: each once, with its new tables.
func (f *fragments) groups(touched map[string]*touchedGroup, puts map[string]workspace.Change) error {
	var names []string
	for _, g := range touched {
		names = append(names, g.name)
	}
	counted, err := f.ws.GroupsNamed(f.ctx, names)
	if err != nil {
		return err
	}
	classes, err := f.ws.Classes(f.ctx, names, 0)
	if err != nil {
		return err
	}
	figures := make(map[string]page.Group)
	for _, g := range counted {
		figures[fold.String(g.Name)] = Group(g)
	}
	for _, key := range slices.Sorted(maps.Keys(touched)) {
		g := touched[key]
		now, there := figures[key]
		if !there {
			now.Name = g.name
		}
		of := slices.DeleteFunc(slices.Clone(classes), func(c workspace.ClassBrief) bool { return fold.String(c.Group) != key })
		if err := f.group(now, g, puts, of); err != nil {
			return err
		}
	}
	return nil
}

// group renders one group: itself with its first new table, so that a page that
// lacks it has it, the other new tables, and its figures with its last change.
func (f *fragments) group(now page.Group, g *touchedGroup, puts map[string]workspace.Change, classes []workspace.ClassBrief) error {
	alike, err := f.classes(now, g, classes)
	if err != nil {
		return err
	}
	begun := false
	for i := len(g.tables) - 1; i >= 0; i-- {
		if alike[g.tables[i].Class] {
			continue
		}
		rendered, err := page.TablePut(f.ctx, Table(g.tables[i]), now)
		if err != nil {
			return err
		}
		own := rendered[1:2]
		if !begun {
			own, begun = rendered[:2], true
		}
		_ = f.add(puts[g.tables[i].ID], own, nil)
	}
	rendered, err := page.GroupPut(f.ctx, now)
	return f.add(g.change, rendered, err)
}

// holdings renders what signing out would erase.
func (f *fragments) holdings() error {
	h, err := Holdings(f.ctx, f.ws)
	if err != nil {
		return err
	}
	rendered, err := page.HoldingsPut(f.ctx, h)
	return f.add(f.last, rendered, err)
}

// newest are the last n of ids that stand in the order of their change.
func newest(ids []string, n int) []string { return ids[max(0, len(ids)-n):] }
