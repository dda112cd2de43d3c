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
	if p.Query != "" {
		v.Set("q", p.Query)
	}
	if after != "" {
		v.Set("after", after)
	}
	return "/" + p.Addresses.Query(v) + "#tables"
}

func (g Group) firstLink() string {
	if g.Part.After == "" {
		return ""
	}
	return groupLink(g.Name, g.Part, "")
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

// groupsID is the id of the list of groups. Only the first ones take new groups.
func (v WorkbenchView) groupsID() string {
	if v.narrowed() {
		return idGroups + "-part"
	}
	return idGroups
}

// filesID is the id of the list of files. Only the newest take new ones.
func (v WorkbenchView) filesID() string {
	if v.FilesFrom != "" {
		return idFiles + "-part"
	}
	return idFiles
}

func (v WorkbenchView) firstFilesLink() string {
	if v.FilesFrom == FilesNewest {
		return ""
	}
	return filesLink(FilesNewest)
}

func (v WorkbenchView) nextFilesLink() string {
	if v.FilesNext == "" {
		return ""
	}
	return filesLink(v.FilesNext)
}

// filesLink leads to the files from a place on.
func filesLink(from string) string {
	return "/" + query(url.Values{"files": {from}}) + "#file-section"
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
