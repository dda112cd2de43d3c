package page

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// Fragment is one step by which an open page follows a committed change. It
// travels in a change of the live channel, and several may belong to one change.
type Fragment struct {
	Target string `json:"target"` // an element's id
	Swap   Swap   `json:"swap"`
	HTML   string `json:"html"` // one element; "" for Remove
}

// Swap is what happens to the target.
type Swap string

// The swaps. A page that lacks the target ignores the fragment, so the hub sends
// all of them to every page. Applying a fragment twice changes nothing more.
const (
	Replace Swap = "replace" // the element takes the target's place
	Remove  Swap = "remove"  // the target goes

	// Append puts the element into the list Target, where the list's data-order
	// and the element's data-place say. If the page has the element already,
	// anywhere, it is replaced instead; one with data-keep is left alone.
	Append Swap = "append"
)

// JobPut gives the fragments for a new or changed job. One that makes the index has been
// asked for by nobody, and stands in no list.
func JobPut(ctx context.Context, j Job) ([]Fragment, error) {
	head := draft{idJobHead(j.ID), Replace, JobHead(j)}
	if j.Indexes() {
		return render(ctx, head)
	}
	return render(ctx, draft{idJobs, Append, JobRow(j)}, head)
}

// JobDel gives the fragments for a job that is gone.
func JobDel(id string) []Fragment { return []Fragment{{Target: idJob(id), Swap: Remove}} }

// FilePut gives the fragments for a new or changed upload.
func FilePut(ctx context.Context, f File) ([]Fragment, error) {
	return render(ctx, draft{idFiles, Append, FileRow(f)})
}

// FileDel gives the fragments for an upload that is gone. Its tables are changes
// of their own.
func FileDel(id string) []Fragment { return []Fragment{{Target: idFile(id), Swap: Remove}} }

// TablePut gives the fragments for a new or changed table: its group, if the page
// does not show it yet, then the table, then the group's figures. Of g only the
// name and the figures matter; where many tables of one group change together,
// the figures of the last one are enough (see GroupPut).
func TablePut(ctx context.Context, t Table, g Group) ([]Fragment, error) {
	drafts := []draft{
		{idGroups, Append, GroupSection(g.without())},
		{idTables(g), Append, TableRow(t)},
	}
	return render(ctx, append(drafts, groupDrafts(g)...)...)
}

// LayoutPut gives the fragments for a table whose columns are laid out in another way.
func LayoutPut(ctx context.Context, id, layout string) ([]Fragment, error) {
	return render(ctx, draft{idLayout(id), Replace, LayoutMark(id, layout)})
}

// GroupPut gives the fragments for a group whose figures changed. A group
// without tables goes.
func GroupPut(ctx context.Context, g Group) ([]Fragment, error) {
	if g.Tables == 0 {
		return []Fragment{{Target: idGroup(g.Name), Swap: Remove}}, nil
	}
	return render(ctx, groupDrafts(g)...)
}

func groupDrafts(g Group) []draft {
	return []draft{
		{idGroupHead(g), Replace, GroupHead(g)},
		{idGroupMore(g), Replace, GroupMore(g)},
	}
}

// TableDel gives the fragments for a table that is gone; g is what is left of
// its group.
func TableDel(ctx context.Context, id string, g Group) ([]Fragment, error) {
	rest, err := GroupPut(ctx, g)
	return append(TableGone(id), rest...), err
}

// TableGone gives the fragment that takes a table out of wherever a page lists it.
func TableGone(id string) []Fragment { return []Fragment{{Target: idTable(id), Swap: Remove}} }

// ClassPut gives the fragments for documents alike whose figures changed: the class, if the
// page does not show it yet, and what is said of it. Tables come by ClassTablePut.
func ClassPut(ctx context.Context, c Class, g Group) ([]Fragment, error) {
	bare := c
	bare.Merged, bare.Items = nil, nil
	return render(ctx,
		draft{idGroups, Append, GroupSection(g.without())},
		draft{idClasses(g), Append, ClassSection(bare)},
		draft{idClassHead(c.ID), Replace, ClassHead(c)},
		draft{idClassEvery(c.ID), Replace, ClassEvery(c)},
	)
}

// ClassTablePut gives the fragment for a table of a class, which is shown there alone.
func ClassTablePut(ctx context.Context, t Table, class string, merged bool) ([]Fragment, error) {
	list := idClassTables(class)
	if merged {
		list = idClassMerged(class)
	}
	return render(ctx, draft{list, Append, TableRow(t)})
}

// ClassDel gives the fragment for a class whose documents are too few to be shown as one.
func ClassDel(id string) []Fragment { return []Fragment{{Target: idClass(id), Swap: Remove}} }

// HoldingsPut gives the fragments for what the sign-out dialog says, and for the
// way to all files.
func HoldingsPut(ctx context.Context, h Holdings) ([]Fragment, error) {
	return render(ctx,
		draft{idHoldings, Replace, HoldingsText(h)},
		draft{idFilesMore, Replace, FilesMore(h.Files)},
	)
}

// without is the group with its figures but none of its tables.
func (g Group) without() Group {
	g.Items, g.Classes = nil, nil
	return g
}

// draft is a fragment whose HTML is still a component.
type draft struct {
	target    string
	swap      Swap
	component templ.Component
}

func render(ctx context.Context, drafts ...draft) ([]Fragment, error) {
	fragments := make([]Fragment, 0, len(drafts))
	for _, d := range drafts {
		var html strings.Builder
		if err := d.component.Render(ctx, &html); err != nil {
			return nil, err
		}
		fragments = append(fragments, Fragment{d.target, d.swap, html.String()})
	}
	return fragments, nil
}
