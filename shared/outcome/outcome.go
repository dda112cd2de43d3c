// Package outcome says in a workspace's words what a conversion has made: the same
// wherever it ran.
package outcome

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"ret/shared/convert"
	"ret/shared/fold"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// Job is a conversion job.
type Job struct {
	ID    string
	Files map[string]string // the id of each file that it reads, by manifest path

	Options convert.Options // that it converts with
	Class   string          // of all its documents, which are merged; "": each says its own
}

// FileOf returns the file that a document's manifest path comes from.
func (j Job) FileOf(path string) string { return j.Files[convert.SourceOf(path)] }

// Document is what became of a document.
func (j Job) Document(f convert.File) (workspace.Document, error) {
	manifest, err := json.Marshal(f)
	if err != nil {
		return workspace.Document{}, fmt.Errorf("encode manifest: %w", err)
	}
	d := workspace.Document{
		Path: f.Path, FileID: j.FileOf(f.Path), Status: workspace.Status(f.Status), Message: f.Reason, Manifest: manifest,
	}
	if f.Values != nil {
		d.ValuesIn, d.ValuesOut = f.Values.In, f.Values.Out
	}
	if f.Error != nil {
		d.Line, d.Column, d.Message = int64(f.Error.Line), int64(f.Error.Column), f.Error.Message
	}
	for _, t := range f.Tables {
		d.Rows += t.Rows
	}
	return d, nil
}

// Tables are the tables of a result, made as specs say. Their sizes and where they
// lie are for whoever stored them to say.
func (j Job) Tables(r convert.Result, specs []xmltable.Table) []*workspace.Table {
	first := r.Files[0]
	group, source, root, fileID := first.Group, first.Path, "", j.FileOf(first.Path)
	owner := &fileID
	if r.Merged != nil {
		group, source, root = r.Merged.Group, r.Merged.Group, r.Merged.Root
		if len(j.Files) > 1 {
			owner = nil // it may hold rows of several files
		}
	}
	class := j.classOf(r)
	list := make([]*workspace.Table, len(specs))
	for i, spec := range specs {
		list[i] = &workspace.Table{
			ID: workspace.TableID(j.ID, first.Path, i), JobID: j.ID, FileID: owner,
			Group: group, Source: source, Root: root, Name: spec.Name, Columns: spec.Columns,
		}
		if r.Merged != nil && i < len(r.Merged.Tables) {
			list[i].Name = r.Merged.Tables[i].Name // a second class of the group has names of its own
		}
		if spec.Parent >= 0 {
			list[i].ParentID = &list[spec.Parent].ID
		}
		if list[i].Class = class; i > 0 {
			list[i].Class.Documents = 0
		}
	}
	return list
}

// classOf is the class of a result's documents. Those that a person has had merged are
// none: there is nothing of them to be shown as one.
func (j Job) classOf(r convert.Result) workspace.Class {
	switch {
	case j.Class != "":
		return workspace.Class{ID: j.Class, Merged: true, Documents: int64(len(r.Files))}
	case r.Merged != nil || r.Root == "":
		return workspace.Class{}
	}
	return workspace.Class{ID: classID(r.Files[0].Group, r.Root, j.Options), Documents: 1}
}

// classBytes is how much of a hash tells classes apart.
const classBytes = 12

// classID tells nothing of what it is made of. What the options say of which files are
// read, and of how tables are written, makes no other tables.
func classID(group, root string, o convert.Options) string {
	o.Include, o.Exclude, o.Format, o.Delimiter, o.BOM, o.CRLF, o.ExcelSafe = nil, nil, "", "", false, false, false
	sum := sha256.New()
	_ = json.NewEncoder(sum).Encode([]any{fold.String(group), root, o}) // nothing in it can fail
	return hex.EncodeToString(sum.Sum(nil)[:classBytes])
}
