package converter

import (
	"encoding/json"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// Order is what a worker that converts is asked for.
type Order struct {
	ID      string          `json:"id"` // of the job
	Files   []OrderedFile   `json:"files"`
	Convert bool            `json:"convert"` // else the files are only to be kept
	Options json.RawMessage `json:"options"`
	Limits  OrderLimits     `json:"limits"`
}

// OrderedFile is a dropped file as far as the browser knows it.
type OrderedFile struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // hex; "" if the browser has not found it
}

// OrderLimits are the server's, as its page says them; 0 is the default.
type OrderLimits struct {
	Files       int `json:"files"`
	Depth       int `json:"depth"`
	Ratio       int `json:"ratio"`
	Columns     int `json:"columns"`
	OutputRatio int `json:"output_ratio"`
}

// Limits are the same as a conversion takes them.
func (l OrderLimits) Limits() convert.Limits {
	return convert.Limits{
		Archive:  archive.Limits{Files: l.Files, Depth: l.Depth, Ratio: l.Ratio},
		Document: xmltable.Limits{Columns: l.Columns, OutputRatio: l.OutputRatio},
	}
}
