// Package download says how a stored table is written when a person saves it, so
// that a browser without a server gives out the same bytes under the same name.
//
// It does not write workbooks itself: their library would make the browser's module
// larger by a third.
package download

import (
	"net/url"

	"ret/shared/convert"
	"ret/shared/xmltable"
)

// Format is how a download is written.
type Format struct {
	Kind convert.Format
	CSV  xmltable.CSVOptions
}

// ParseFormat reads the parameters format, delimiter, bom, crlf and excel_safe of a
// query; Invalid for a format or a delimiter that there is not.
func ParseFormat(query url.Values) (Format, error) {
	o := convert.Options{
		Format: convert.Format(query.Get("format")), Delimiter: query.Get("delimiter"),
		BOM: IsSet(query.Get("bom")), CRLF: IsSet(query.Get("crlf")), ExcelSafe: IsSet(query.Get("excel_safe")),
	}
	if err := o.Validate(); err != nil {
		return Format{}, err
	}
	if o.Format == "" {
		o.Format = convert.CSV
	}
	return Format{Kind: o.Format, CSV: o.CSV()}, nil
}

// IsSet reads a switch of a query: bom, bom=1 and bom=true, but not bom=0.
func IsSet(text string) bool { return text == "1" || text == "true" || text == "on" }

// ContentType is that of a single table's download.
func (f Format) ContentType() string {
	if f.Kind == convert.XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// FileName is what a single table's download is called.
func (f Format) FileName(table string) string {
	return convert.NewNames().Merged("t", []string{table}, f.Kind)[0][len("t/"):]
}
