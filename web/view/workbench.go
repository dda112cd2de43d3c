package view

import (
	"context"
	"slices"
	"sort"
	"strings"

	"ret/shared/workspace"
	"ret/web/page"
)

// WorkbenchQuery chooses what the page / shows.
type WorkbenchQuery struct {
	Addresses *page.Addresses

	Find  string // only tables whose name or source contains it
	Group string // only this group, from After on
	After string
	From  string // groups from this one's slug on
	Files string // where the files start, see page.WorkbenchView
}

// Workbench reads the page /. The upload limit is the caller's to add.
func Workbench(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery) (page.WorkbenchView, error) {
	v := page.WorkbenchView{Query: q.Find, FilesFrom: q.Files, Addresses: q.Addresses}
	newest, err := ws.NewestJobs(ctx, "", workspace.Page{Limit: page.WorkbenchJobs})
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
func addFiles(ctx context.Context, ws *workspace.Workspace, v *page.WorkbenchView) error {
	p := workspace.Page{Limit: page.WorkbenchFiles}
	if v.FilesFrom != "" {
		p.Limit = page.ListedFiles
	}
	if v.FilesFrom != page.FilesNewest {
		p.After = v.FilesFrom
	}
	list, err := ws.NewestFiles(ctx, p)
	if err != nil {
		return err
	}
	for _, f := range list.Items {
		v.Files = append(v.Files, File(f))
	}
	v.FilesNext = orEmpty(list.Next)
	v.FileTotal, err = ws.CountFiles(ctx)
	return err
}

// addGroup adds a single group from a place on.
func addGroup(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery, v *page.WorkbenchView) error {
	v.OneGroup = true
	counted, err := countedGroups(ctx, ws, q)
	if err != nil || len(counted) == 0 {
		return err
	}
	list, err := ws.NewestInGroup(ctx, q.Group, q.Find, workspace.Page{Limit: page.GroupTables, After: q.After})
	g := Group(counted[0])
	g.Items = tableItems(list.Items)
	g.Part = page.Part{Addresses: q.Addresses, Alone: true, Query: q.Find, After: q.After, Next: orEmpty(list.Next)}
	v.Groups, v.GroupTotal = []page.Group{g}, 1
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
	tables, err := ws.NewestOfGroups(ctx, names, find, page.WorkbenchTables)
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
