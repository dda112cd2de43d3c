package config

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes a line a setting: its name, value and where that came from.
// Secrets show only whether they are set.
func (l Loaded) Print(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		fmt.Fprintf(tab, "%s\t%s\t%s\n", s.Name, l.shown(s), l.origins[s.Name])
	}
	return tab.Flush()
}

func (l Loaded) shown(s Setting) string {
	text := s.bind(&l.config).text()
	switch {
	case text == "":
		return "(none)"
	case s.Secret:
		return "(hidden)"
	default:
		return text
	}
}

// InForce is a setting as it holds, fit to be shown.
type InForce struct {
	Name, Value, Meaning string
	Origin               Origin
}

// InForce lists all settings in the order of the table; secrets are hidden.
func (l Loaded) InForce() []InForce {
	list := make([]InForce, 0, len(settings))
	for _, s := range settings {
		list = append(list, InForce{Name: s.Name, Value: l.shown(s), Meaning: s.Meaning, Origin: l.origins[s.Name]})
	}
	return list
}
