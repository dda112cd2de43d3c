package page

import "net/url"

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

// chosen reports whether there is more than the record to be seen among the options.
func (o JobOptions) chosen() bool {
	fields := o.fields()
	fields.Del("record")
	return len(fields) > 0
}

// LookLink is the page of an upload with some options chosen, at one of its
// documents, "" for the first.
func (a *Addresses) LookLink(fileID, document string, o JobOptions) string {
	fields := o.fields()
	setText(fields, "document", document)
	return "/files/" + url.PathEscape(fileID) + a.Query(fields)
}
