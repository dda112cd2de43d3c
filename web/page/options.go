package page

import (
	"net/url"
	"strconv"
	"strings"
)

// fields are the options as a form sends them, without the defaults. Layouts are not
// among them: they are too long for an address.
func (o JobOptions) fields() url.Values {
	fields := o.formatFields()
	setText(fields, "record", o.Record)
	if o.MaxRepeat > 0 {
		fields.Set("max_repeat", strconv.Itoa(o.MaxRepeat))
	}
	setIf(fields, "merge", o.Merge)
	setIf(fields, "by_local_name", o.ByLocalName)
	setIf(fields, "flat", o.Flat)
	setText(fields, "pivot", lines(o.Pivot))
	setIf(fields, "xml", o.XML)
	setIf(fields, "trim", o.Trim)
	setIf(fields, "windows_1252", o.Windows1252)
	setIf(fields, "repair", o.Repair)
	setIf(fields, "keep_partial", o.KeepPartial)
	setText(fields, "include", lines(o.Include))
	setText(fields, "exclude", lines(o.Exclude))
	return fields
}

// LookFields are the options as the page of an upload sends them, with the layouts.
func (o JobOptions) LookFields() url.Values {
	fields := o.fields()
	setText(fields, "layouts", o.Layouts.JSON)
	return fields
}

// formatFields are those that decide how tables are written.
func (o JobOptions) formatFields() url.Values {
	fields := url.Values{}
	if o.Format == "xlsx" {
		fields.Set("format", o.Format)
	}
	setText(fields, "delimiter", o.Delimiter)
	setIf(fields, "bom", o.BOM)
	setIf(fields, "crlf", o.CRLF)
	setIf(fields, "excel_safe", o.ExcelSafe)
	return fields
}

func setIf(fields url.Values, name string, on bool) {
	if on {
		fields.Set(name, "1")
	}
}

func setText(fields url.Values, name, text string) {
	if text != "" {
		fields.Set(name, text)
	}
}

// lines are the items of a list as a text field has them.
func lines(items []string) string { return strings.Join(items, "\n") }

// optionTexts lists the options that differ from the usual ones.
func optionTexts(o JobOptions) []string {
	texts := []string{"one set of tables per file"}
	if o.Merge {
		texts[0] = "merged by group"
	}
	add := func(on bool, text string) {
		if on {
			texts = append(texts, text)
		}
	}
	add(o.Record != "", "record "+o.Record)
	add(o.MaxRepeat > 0, "at most "+Count(int64(o.MaxRepeat))+" repeats as columns")
	add(o.Flat, "with the fields above each record")
	for _, pivot := range o.Pivot {
		add(true, "spread by key "+pivot)
	}
	add(o.XML, "with each record's XML")
	add(o.ByLocalName, "whatever the namespace")
	add(o.Trim, "all white space trimmed")
	add(o.Windows1252, "ISO-8859-1 read as windows-1252")
	add(o.Repair, "broken XML is repaired")
	add(o.KeepPartial, "rows before an error are kept")
	for _, glob := range o.Include {
		add(true, "only "+glob)
	}
	for _, glob := range o.Exclude {
		add(true, "not "+glob)
	}
	add(o.Layouts.JSON != "", o.Layouts.text())
	return append(texts, formatTexts(o)...)
}

// formatTexts list how downloads are written, where that is not as usual.
func formatTexts(o JobOptions) []string {
	var texts []string
	add := func(on bool, text string) {
		if on {
			texts = append(texts, text)
		}
	}
	add(o.Format == "xlsx", "Excel")
	add(o.Delimiter != "", "delimiter "+o.Delimiter)
	add(o.BOM, "byte order mark")
	add(o.CRLF, "Windows line ends")
	add(o.ExcelSafe, "safe from formulas")
	return texts
}

// text says what a recipe knows.
func (l Layouts) text() string {
	return "a recipe's layout of " + Counted(int64(l.Tables), "table", "tables") + " and " + Counted(int64(l.Columns), "column", "columns")
}

// exportLink downloads all tables of a job as its options have it.
func (v JobDetailView) exportLink() string {
	fields := v.Options.formatFields()
	fields.Set("job", v.Job.ID)
	return "/api/v1/export?" + fields.Encode()
}
