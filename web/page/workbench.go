package page

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

func anyWaiting(files []File) bool { return slices.ContainsFunc(files, File.Waiting) }

func repeatText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// groupLink shows one group alone, from a place on.
func groupLink(name string, p Part, after string) string {
	v := url.Values{"group": {GroupRef(name)}}
	for name, value := range map[string]string{"q": p.Query, "class": p.Class, "sort": p.Sort, "after": after} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "/" + p.Addresses.Query(v) + "#tables"
}

func (g Group) firstLink() string {
	if g.Part.After == "" {
		return ""
	}
	return groupLink(g.Name, g.Part, "")
}

// previousLink leads to the part before this one.
func (g Group) previousLink() string {
	from, err := strconv.Atoi(g.Part.After)
	if err != nil || from <= 0 {
		return ""
	}
	if from <= GroupTables {
		return groupLink(g.Name, g.Part, "")
	}
	return groupLink(g.Name, g.Part, strconv.Itoa(from-GroupTables))
}

// partText says which of how many tables are shown.
func (g Group) partText() string {
	from, _ := strconv.ParseInt(g.Part.After, 10, 64)
	if len(g.Items) == 0 {
		return Counted(g.Part.Total, "table", "tables")
	}
	return Count(from+1) + " to " + Count(from+int64(len(g.Items))) + " of " + Counted(g.Part.Total, "table", "tables")
}

// sortLink shows the tables of a group sorted by a column, and turned round if they are
// already. Numbers and times are sought from the greatest on.
func (g Group) sortLink(column string) string {
	p := g.Part
	down := column != "name" && column != "source"
	if g.Part.Sort == column || g.Part.Sort == "-"+column {
		down = g.Part.Sort == column
	}
	if p.Sort = column; down {
		p.Sort = "-" + column
	}
	return groupLink(g.Name, p, "")
}

// sorted is how a column is sorted, as aria-sort says it.
func (g Group) sorted(column string) string {
	switch g.Part.Sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return ""
}

func (g Group) nextLink() string {
	if g.Part.Next == "" {
		return ""
	}
	return groupLink(g.Name, g.Part, g.Part.Next)
}

// everyLabel names the choice of all tables of a group, shown or not.
func everyLabel(g Group) string {
	n := Count(g.Tables) + " tables"
	if g.Tables == 1 {
		n = "the table"
	}
	if g.Tables > 1 {
		n = "all " + n
	}
	if g.Part.Query != "" {
		return "Select " + n + " of " + g.Name + " found"
	}
	return "Select " + n + " of " + g.Name
}

// everyLink leads to all tables that documents of the class have of their own.
func (c Class) everyLink() string {
	return groupLink(c.Group, Part{Class: c.ID, Addresses: c.Addresses}, "")
}

// whole reports whether the shared tables are of all documents that there are.
func (c Class) whole() bool { return c.MergedDocuments == c.Documents }

// classTitle says what the documents have come to.
func classTitle(c Class) string {
	alike := Count(c.Documents) + " documents alike: "
	switch {
	case len(c.Merged) == 1:
		return alike + "one table of " + Counted(c.Merged[0].Rows, "row", "rows")
	case len(c.Merged) > 1:
		return alike + Counted(int64(len(c.Merged)), "table", "tables") + ", the first of " + Counted(c.Merged[0].Rows, "row", "rows")
	}
	return alike + Counted(c.Rows, "row", "rows") + " in " + Counted(c.Tables, "table", "tables")
}

// groupsID is the id of the list of groups. Only the first ones take new groups.
func (v WorkbenchView) groupsID() string {
	if v.narrowed() {
		return idGroups + "-part"
	}
	return idGroups
}

// ofClass reports whether the page lists the tables of one class.
func (v WorkbenchView) ofClass() bool {
	return v.OneGroup && len(v.Groups) == 1 && v.Groups[0].Part.Class != ""
}

// filesID is the id of the list of files. Only the newest take new ones.
func (v WorkbenchView) filesID() string {
	if v.FilesFrom != "" {
		return idFiles + "-part"
	}
	return idFiles
}

func (v WorkbenchView) firstFilesLink() string {
	if v.FilesOffset == 0 {
		return ""
	}
	return v.filesLink(v.FilesSort, 0)
}

func (v WorkbenchView) previousFilesLink() string {
	if v.FilesOffset == 0 {
		return ""
	}
	return v.filesLink(v.FilesSort, max(0, v.FilesOffset-ListedFiles))
}

func (v WorkbenchView) nextFilesLink() string {
	next, err := strconv.ParseInt(v.FilesNext, 10, 64)
	if err != nil {
		return ""
	}
	return v.filesLink(v.FilesSort, next)
}

// filesLink leads to the files in an order, from a place on.
func (v WorkbenchView) filesLink(sort string, from int64) string {
	values := url.Values{"files": {FilesNewest}}
	if from > 0 {
		values.Set("files", strconv.FormatInt(from, 10))
	}
	if sort != "" {
		values.Set("files_sort", sort)
	}
	if v.FilesNamed != "" {
		values.Set("files_named", v.FilesNamed)
	}
	return "/" + v.Addresses.Query(values) + "#file-section"
}

// fileOrders are the orders of files: what sorts, and how it is called.
var fileOrders = [][2]string{{"", "Newest"}, {"time", "Oldest"}, {"name", "Name"}, {"-size", "Largest"}, {"size", "Smallest"}}

// filesText says which of how many files are shown.
func (v WorkbenchView) filesText() string {
	if len(v.Files) == 0 {
		return Counted(v.FilesListed, "file", "files")
	}
	return Count(v.FilesOffset+1) + " to " + Count(v.FilesOffset+int64(len(v.Files))) + " of " + Counted(v.FilesListed, "file", "files")
}

func (v WorkbenchView) groupsLink(from string) string {
	values := url.Values{}
	if v.Query != "" {
		values.Set("q", v.Query)
	}
	if from != "" {
		values.Set("from", from)
	}
	return "/" + v.Addresses.Query(values) + "#tables"
}

func (v WorkbenchView) firstGroupsLink() string {
	if v.GroupsFrom == "" {
		return ""
	}
	return v.groupsLink("")
}

func (v WorkbenchView) nextGroupsLink() string {
	if v.GroupsNext == "" {
		return ""
	}
	return v.groupsLink(v.GroupsNext)
}

func groupExport(name string) string {
	return "/api/v1/export?" + url.Values{"format": {"csv"}, "group": {name}}.Encode()
}

// conversionLimits tells the script within what limits to convert by itself.
func conversionLimits(l UploadLimits) templ.Attributes {
	if l.Convert == "" {
		return nil
	}
	return templ.Attributes{"data-limits": l.Convert}
}
