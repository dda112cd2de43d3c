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

// groupLink shows one group from where it was left.
func groupLink(name, after string) string {
	return "/?" + url.Values{"group": {name}, "after": {after}}.Encode() + "#tables"
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
