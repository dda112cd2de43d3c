// Package outcome says in a workspace's words what a conversion has made: the same
// wherever it ran.
package outcome

import (
	"encoding/json"
	"fmt"

	"ret/shared/convert"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// Job is a conversion job.
type Job struct {
	ID    string
	Files map[string]string // the id of each file that it reads, by manifest path
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
	}
	return list
}
