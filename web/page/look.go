package page

import (
	"net/url"
	"strconv"
)

// shown cuts a preview to the columns that a page shows.
func (p Preview) shown() []GridColumn { return p.Columns[:min(len(p.Columns), LookColumns)] }

// more says what of a preview is not shown.
func (p Preview) more() string {
	if n := len(p.Columns) - LookColumns; n > 0 {
		return "and " + Counted(int64(n), "more column", "more columns")
	}
	return ""
}

// previewText is a value on one short line.
func previewText(value string) string {
	text, less := cellText(value)
	if less {
		text += "…"
	}
	return text
}

// chosen reports whether the form has c as its record.
func (v LookView) chosen(c RecordCandidate) bool { return v.Options.Record == c.Path }

// otherRecord is the record that was asked for, if it is none of the candidates.
func (v LookView) otherRecord() string {
	if v.Looked != nil {
		for _, c := range v.Looked.Candidates {
			if v.chosen(c) {
				return ""
			}
		}
	}
	return v.Options.Record
}

// recordText says what a row will be, and who says so.
func (v LookView) recordText() string {
	switch {
	case v.Looked.Record == "(document)":
		return "The document itself is the record: one row."
	case v.Options.Record == "":
		return "RET chose it: of what repeats it holds the most values."
	}
	return "You chose it."
}

// exportLink downloads the file's tables as the options have it.
func (v LookView) exportLink() string {
	fields := v.Options.formatFields()
	fields.Set("file", v.File.ID)
	return "/api/v1/export?" + fields.Encode()
}

// recipeLink downloads the options as a recipe.
func (o JobOptions) recipeLink() string { return "/api/v1/recipe" + query(o.fields()) }

// fields are the options as a form sends them, without the defaults.
func (o JobOptions) fields() url.Values {
	fields := o.formatFields()
	if o.Record != "" {
		fields.Set("record", o.Record)
	}
	if o.MaxRepeat > 0 {
		fields.Set("max_repeat", strconv.Itoa(o.MaxRepeat))
	}
	setIf(fields, "merge", o.Merge)
	setIf(fields, "keep_partial", o.KeepPartial)
	return fields
}

// formatFields are those that decide how tables are written.
func (o JobOptions) formatFields() url.Values {
	fields := url.Values{}
	if o.Format == "xlsx" {
		fields.Set("format", o.Format)
	}
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

// LookLink is the page of an upload with some options chosen.
func LookLink(fileID string, o JobOptions) string {
	return "/files/" + url.PathEscape(fileID) + query(o.fields())
}
