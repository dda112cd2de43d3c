package page

import (
	"net/url"
	"slices"
	"strconv"
)

func anyWaiting(files []File) bool { return slices.ContainsFunc(files, File.Waiting) }

func repeatText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// groupLink shows one group from where it was left.
func groupLink(name, after string) string {
	return "/?" + url.Values{"group": {name}, "after": {after}}.Encode() + "#tables"
}

func groupExport(name string) string {
	return "/api/v1/export?" + url.Values{"format": {"csv"}, "group": {name}}.Encode()
}
