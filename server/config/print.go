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
