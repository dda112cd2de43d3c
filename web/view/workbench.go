package view

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"

	"ret/shared/fault"
	"ret/shared/workspace"
	"ret/web/page"
)

// WorkbenchQuery chooses what the page / shows.
type WorkbenchQuery struct {
	Addresses *page.Addresses

	Find  string // only tables whose name or source contains it
	Group string // only this group, from After on
	After string // how many of its tables stand before
	Class string // only the tables that documents of this class have of their own
	Sort  string // see page.Part
	From  string // groups from this one's slug on
	Files string // where the files start, see page.WorkbenchView

	FilesSort, FilesNamed string // how they are sorted, and what their names contain
}

// Workbench reads the page /. The upload limit is the caller's to add.
func Workbench(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery) (page.WorkbenchView, error) {
	v := page.WorkbenchView{Query: q.Find, FilesFrom: q.Files, FilesSort: q.FilesSort, FilesNamed: q.FilesNamed, Addresses: q.Addresses}
	newest, err := ws.NewestJobs(ctx, "", "", workspace.Page{Limit: page.WorkbenchJobs})
	if err != nil {
		return v, err
	}
	v.Jobs = jobs(newest.Items)
	if v.JobTotal, err = countJobs(ctx, ws, ""); err != nil {
		return v, err
	}
	if err := addFiles(ctx, ws, &v); err != nil {
		return v, err
	}
	if page.IsGroupRef(q.Group) {
		if q.Group, err = groupOf(ctx, ws, q.Group); err != nil {
			return v, err
		}
	}
	if q.Group != "" {
		return v, addGroup(ctx, ws, q, &v)
	}
	return v, addGroups(ctx, ws, q, &v)
}

// addFiles adds the newest files, or those from FilesFrom on.
func addFiles(ctx context.Context, ws *workspace.Workspace, v *page.WorkbenchView) (err error) {
	if v.FilesFrom != "" {
		err = listFiles(ctx, ws, v)
	} else {
		var list workspace.List[workspace.FileBrief]
		list, err = ws.NewestFiles(ctx, workspace.Page{Limit: page.WorkbenchFiles})
		for _, f := range list.Items {
			v.Files = append(v.Files, File(f))
		}
	}
	if err != nil {
		return err
	}
	v.FileTotal, err = ws.CountFiles(ctx)
	return err
}

// listFiles adds a part of all files, as they are to be sorted.
func listFiles(ctx context.Context, ws *workspace.Workspace, v *page.WorkbenchView) (err error) {
	l := workspace.FileListing{Text: v.FilesNamed, Order: workspace.FilesByTime, Down: true, Limit: page.ListedFiles}
	if v.FilesSort != "" {
		name, down := strings.CutPrefix(v.FilesSort, "-")
		if l.Order, l.Down = workspace.FileOrder(name), down; !l.Order.Valid() {
			return fault.New(fault.Invalid, "Files can be sorted by time, name or size.")
		}
	}
	if v.FilesFrom != page.FilesNewest {
		if l.Offset, err = offsetOf(v.FilesFrom); err != nil {
			return err
		}
	}
	files, total, err := ws.ListFiles(ctx, l)
	for _, f := range files {
		v.Files = append(v.Files, File(f))
	}
	v.FilesListed, v.FilesOffset = total, l.Offset
	if next := l.Offset + int64(len(files)); next < total {
		v.FilesNext = strconv.FormatInt(next, 10)
	}
	return err
}

// addGroup adds a single group from a place on.
func addGroup(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery, v *page.WorkbenchView) error {
	v.OneGroup = true
	counted, err := countedGroups(ctx, ws, q)
	if err != nil || len(counted) == 0 {
		return err
	}
	groups := []page.Group{Group(counted[0])}
	g := &groups[0]
	g.Part = page.Part{Addresses: q.Addresses, Alone: true, Query: q.Find, Class: q.Class, Sort: q.Sort, After: q.After}
	l := workspace.Listing{Group: q.Group, Text: q.Find, Class: q.Class, Limit: page.GroupTables}
	if l.Order, l.Down, err = orderOf(q.Sort); err != nil {
		return err
	}
	if l.Offset, err = offsetOf(q.After); err != nil {
		return err
	}
	if q.Find == "" && q.Class == "" {
		if l.LeftOut, err = addClasses(ctx, ws, groups); err != nil {
			return err
		}
	}
	list, total, err := ws.ListTables(ctx, l)
	if err != nil {
		return err
	}
	g.Items, g.Part.Total = tableItems(list), total
	if shown := l.Offset + int64(len(list)); shown < total {
		g.Part.Next = strconv.FormatInt(shown, 10)
	}
	if l.Offset > 0 {
		g.Classes = nil // they stand on the first page
	}
	v.Groups, v.GroupTotal = groups, 1
	return nil
}

// orderOf reads how tables are to be sorted: the newest first, or by a column, with "-"
// before it from the greatest on.
func orderOf(sort string) (order workspace.TableOrder, down bool, err error) {
	if sort == "" {
		return workspace.ByTime, true, nil
	}
	name, down := strings.CutPrefix(sort, "-")
	if order = workspace.TableOrder(name); !order.Valid() {
		return "", false, fault.New(fault.Invalid, "Tables can be sorted by time, name, source, rows, columns or size.")
	}
	return order, down, nil
}

// offsetOf reads how many tables are passed over.
func offsetOf(after string) (int64, error) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(after, 10, 32)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "This place of a list is a number from 0 on.")
	}
	return n, nil
}

// addClasses gives groups their classes of documents alike, and returns which they are: the
// tables of those are not listed one by one.
func addClasses(ctx context.Context, ws *workspace.Workspace, groups []page.Group) (ids []string, err error) {
	names := make([]string, len(groups))
	bySlug := make(map[string]*page.Group)
	for i := range groups {
		names[i] = groups[i].Name
		bySlug[page.Slug(groups[i].Name)] = &groups[i]
	}
	briefs, err := ws.Classes(ctx, names, page.AlikeFrom)
	if err != nil {
		return nil, err
	}
	for _, b := range briefs {
		ids = append(ids, b.ID)
		if g := bySlug[page.Slug(b.Group)]; g != nil && len(g.Classes) < g.Part.MostClasses() {
			c := Class(b)
			c.Addresses = g.Part.Addresses
			g.Classes = append(g.Classes, c)
		}
	}
	return ids, fillClasses(ctx, ws, groups)
}

// Class is a class without its tables.
func Class(b workspace.ClassBrief) page.Class {
	return page.Class{
		ID: b.ID, Group: b.Group, Documents: b.Documents, Tables: b.Tables, Rows: b.Rows, MergedDocuments: b.Merged, CreatedAt: b.CreatedAt,
	}
}

// fillClasses gives the classes of groups their tables.
func fillClasses(ctx context.Context, ws *workspace.Workspace, groups []page.Group) error {
	var ids []string
	byID := make(map[string]*page.Class)
	for i := range groups {
		for j := range groups[i].Classes {
			c := &groups[i].Classes[j]
			ids = append(ids, c.ID)
			byID[c.ID] = c
		}
	}
	merged, err := ws.MergedOfClasses(ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range merged {
		byID[t.Class].Merged = append(byID[t.Class].Merged, Table(t))
	}
	own, err := ws.NewestOfClasses(ctx, ids, page.WorkbenchTables)
	for _, t := range own {
		byID[t.Class].Items = append(byID[t.Class].Items, Table(t))
	}
	return err
}

// addGroups adds as many groups as the page shows at once, each with its newest
// tables.
func addGroups(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery, v *page.WorkbenchView) error {
	counted, err := countedGroups(ctx, ws, q)
	if err != nil {
		return err
	}
	v.GroupTotal, v.GroupsFrom = len(counted), q.From
	all := make([]page.Group, len(counted))
	for i, c := range counted {
		all[i] = Group(c)
		all[i].Part.Query, all[i].Part.Addresses = q.Find, q.Addresses
	}
	slices.SortFunc(all, bySlug)
	first := sort.Search(len(all), func(i int) bool { return page.Slug(all[i].Name) >= q.From })
	v.Groups = all[first:]
	if len(v.Groups) > page.WorkbenchGroups {
		v.GroupsNext = page.Slug(v.Groups[page.WorkbenchGroups].Name)
		v.Groups = v.Groups[:page.WorkbenchGroups]
	}
	return fill(ctx, ws, v.Groups, q.Find)
}

func bySlug(a, b page.Group) int { return strings.Compare(page.Slug(a.Name), page.Slug(b.Name)) }

// countedGroups counts the tables of the groups that are asked for.
func countedGroups(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery) ([]workspace.Group, error) {
	if q.Find == "" {
		if q.Group != "" {
			return ws.GroupsNamed(ctx, []string{q.Group})
		}
		return ws.Groups(ctx)
	}
	counted, err := ws.GroupsWith(ctx, q.Find)
	if q.Group == "" {
		return counted, err
	}
	other := func(g workspace.Group) bool { return page.Slug(g.Name) != page.Slug(q.Group) }
	return slices.DeleteFunc(counted, other), err
}

// groupOf is the name that a page.GroupRef stands for, or itself if there is none: then
// no group is shown.
func groupOf(ctx context.Context, ws *workspace.Workspace, ref string) (string, error) {
	all, err := ws.Groups(ctx)
	for _, g := range all {
		if page.GroupRef(g.Name) == ref {
			return g.Name, err
		}
	}
	return ref, err
}

// Group is a group without its tables.
func Group(g workspace.Group) page.Group {
	return page.Group{Name: g.Name, Tables: g.Tables, Rows: g.Rows, Bytes: g.Bytes}
}

// fill gives the groups their newest tables.
func fill(ctx context.Context, ws *workspace.Workspace, groups []page.Group, find string) error {
	names := make([]string, len(groups))
	bySlug := make(map[string]*page.Group)
	for i := range groups {
		names[i] = groups[i].Name
		bySlug[page.Slug(groups[i].Name)] = &groups[i]
	}
	var shownAsOne []string
	if find == "" {
		var err error
		if shownAsOne, err = addClasses(ctx, ws, groups); err != nil {
			return err
		}
	}
	tables, err := ws.NewestOfGroups(ctx, names, find, shownAsOne, page.WorkbenchTables)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if g := bySlug[page.Slug(t.Group)]; g != nil {
			g.Items = append(g.Items, Table(t))
		}
	}
	return nil
}
