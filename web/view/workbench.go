package view

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ret/shared/fold"
	"ret/shared/workspace"
	"ret/web/page"
)

// WorkbenchQuery chooses what the page / shows of the tables.
type WorkbenchQuery struct {
	Find  string // only tables whose name or source contains it
	Group string // only this group, from After on
	After string
}

// Workbench reads the page /. The upload limit is the caller's to add.
func Workbench(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery) (page.WorkbenchView, error) {
	v := page.WorkbenchView{Query: q.Find}
	newest, err := ws.NewestJobs(ctx, "", workspace.Page{Limit: page.WorkbenchJobs})
	if err != nil {
		return v, err
	}
	v.Jobs = jobs(newest.Items)
	if v.JobTotal, err = countJobs(ctx, ws, ""); err != nil {
		return v, err
	}
	files, err := ws.NewestFiles(ctx, page.WorkbenchFiles)
	if err != nil {
		return v, err
	}
	for _, f := range files {
		v.Files = append(v.Files, File(f))
	}
	if v.FileTotal, err = ws.CountFiles(ctx); err != nil {
		return v, err
	}
	v.Groups, err = groups(ctx, ws, q)
	return v, err
}

func groups(ctx context.Context, ws *workspace.Workspace, q WorkbenchQuery) ([]page.Group, error) {
	switch {
	case q.Group != "":
		return oneGroup(ctx, ws, q.Group, q.After)
	case q.Find != "":
		return foundGroups(ctx, ws, q.Find)
	}
	counted, err := ws.Groups(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := ws.NewestByGroup(ctx, perGroup(len(counted)))
	return fill(counted, tables), err
}

func foundGroups(ctx context.Context, ws *workspace.Workspace, find string) ([]page.Group, error) {
	counted, err := ws.GroupsWith(ctx, find)
	if err != nil {
		return nil, err
	}
	tables, err := ws.NewestByGroupWith(ctx, find, perGroup(len(counted)))
	return fill(counted, tables), err
}

// oneGroup is a single group from a place on.
func oneGroup(ctx context.Context, ws *workspace.Workspace, name, after string) ([]page.Group, error) {
	counted, err := ws.GroupsNamed(ctx, []string{name})
	if err != nil || len(counted) == 0 {
		return nil, err
	}
	list, err := ws.NewestInGroup(ctx, name, workspace.Page{Limit: page.WorkbenchTables, After: after})
	g := Group(counted[0])
	g.Items, g.Next = tableItems(list.Items), orEmpty(list.Next)
	return []page.Group{g}, err
}

// With many groups each shows fewer tables, so that the page stays readable.
const (
	workbenchTablesInAll = 2000
	leastPerGroup        = 5
)

func perGroup(groups int) int {
	return min(page.WorkbenchTables, max(leastPerGroup, workbenchTablesInAll/max(1, groups)))
}

// Group is a group without its tables.
func Group(g workspace.Group) page.Group {
	return page.Group{Name: g.Name, Tables: g.Tables, Rows: g.Rows, Bytes: g.Bytes}
}

// fill gives the groups their tables, and orders them as the page does.
func fill(counted []workspace.Group, tables []workspace.TableBrief) []page.Group {
	byGroup := make(map[string][]workspace.TableBrief)
	for _, t := range tables {
		byGroup[fold.String(t.Group)] = append(byGroup[fold.String(t.Group)], t)
	}
	groups := make([]page.Group, 0, len(counted))
	for _, c := range counted {
		g, newest := Group(c), byGroup[fold.String(c.Name)]
		g.Items = tableItems(newest)
		if last := len(newest) - 1; last >= 0 && g.Tables > int64(len(newest)) {
			g.Next = strconv.FormatInt(newest[last].N, 10)
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b page.Group) int { return strings.Compare(page.Slug(a.Name), page.Slug(b.Name)) })
	return groups
}
