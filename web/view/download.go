package view

import (
	"net/url"

	"ret/shared/tablefile"
	"ret/web/page"
)

// DownloadQuery is which rows and columns a download of a table is to have, by the
// parameters of its address: those of a view, which a page hides in one (page.Addresses);
// with rows=all all of them, whatever the view is.
func DownloadQuery(addresses *page.Addresses, v url.Values) tablefile.Query {
	if v.Get("rows") == "all" {
		return tablefile.Query{}
	}
	return tablefile.ParseView(addresses.Open(v))
}
