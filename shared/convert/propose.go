package convert

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"ret/shared/archive"
	"ret/shared/fold"
	"ret/shared/xmltable"
)

// A Proposal is an option that would serve a document, or a class of documents,
// better than those chosen.
type Proposal struct {
	Options Choice   `json:"options"` // what it sets
	Reason  string   `json:"reason"`  // a sentence for a person
	Notes   []string `json:"notes,omitempty"`
}

// A Choice is some of the Options. Its zero fields choose nothing.
type Choice struct {
	Record      string   `json:"record,omitempty"`
	Merge       bool     `json:"merge,omitempty"`
	ByLocalName bool     `json:"by_local_name,omitempty"`
	Flat        bool     `json:"flat,omitempty"`
	Pivot       []string `json:"pivot,omitempty"` // beside those chosen
	Windows1252 bool     `json:"windows_1252,omitempty"`
	Repair      bool     `json:"repair,omitempty"`
}

// Apply returns the options with the choice taken.
func (c Choice) Apply(o Options) Options {
	if c.Record != "" {
		o.Record = c.Record
	}
	for _, pivot := range c.Pivot {
		if !slices.Contains(o.Pivot, pivot) {
			o.Pivot = append(slices.Clone(o.Pivot), pivot)
		}
	}
	o.Merge = o.Merge || c.Merge
	o.ByLocalName = o.ByLocalName || c.ByLocalName
	o.Flat = o.Flat || c.Flat
	o.Windows1252 = o.Windows1252 || c.Windows1252
	o.Repair = o.Repair || c.Repair
	return o
}

// Flags are the choice as the command line takes it.
func (c Choice) Flags() string {
	var flags []string
	if c.Record != "" {
		flags = append(flags, "--record "+shellWord(c.Record))
	}
	for _, f := range []struct {
		on   bool
		flag string
	}{
		{c.Merge, "--merge"},
		{c.ByLocalName, "--by-local-name"},
		{c.Flat, "--flat"},
		{c.Windows1252, "--windows-1252"},
		{c.Repair, "--repair"},
	} {
		if f.on {
			flags = append(flags, f.flag)
		}
	}
	for _, pivot := range c.Pivot {
		flags = append(flags, "--pivot "+shellWord(pivot))
	}
	return strings.Join(flags, " ")
}

// shellWord quotes what a shell would take for more than a word.
func shellWord(s string) string {
	if !strings.ContainsAny(s, " \t\n'\"\\$`*?[](){}<>|&;#~!") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// What is looked at to propose something, so that a look stays quick.
const (
	triedBytes    = 16 << 20 // of a document, to try a pivot
	triedPivots   = 3
	mostKeys      = 100 // of a pivot that is proposed
	lookedAtRoots = 200 // documents of a group whose roots are compared
)

// propose adds what would serve a document that is well-formed.
func (l *documentLook) propose(i *Inspection, plan *xmltable.Plan) {
	hints := plan.Hints()
	pivoted := false
	for _, pivot := range hints.Pivots[:min(triedPivots, len(hints.Pivots))] {
		if p, ok := l.tryPivot(pivot); ok {
			i.Proposals, pivoted = append(i.Proposals, p), true
		}
	}
	i.Proposals = append(i.Proposals, structural(hints, plan.Record, pivoted)...)
	if l.shape.RatherWindows1252() {
		i.Proposals = append(i.Proposals, Proposal{
			Options: Choice{Windows1252: true},
			Reason:  "The document says that its encoding is ISO-8859-1, but some of its characters are only in windows-1252, such as € or curly quotes: read it as that.",
		})
	}
}

// structural are the proposals that the shape alone gives.
func structural(hints xmltable.Hints, record string, pivoted bool) (list []Proposal) {
	if hints.Above {
		list = append(list, Proposal{
			Options: Choice{Flat: true},
			Reason:  fmt.Sprintf("The elements around each %s have fields of their own: repeat them in its row.", record),
		})
	}
	if hints.Deeper != "" && !pivoted {
		list = append(list, Proposal{
			Options: Choice{Record: hints.Deeper, Flat: true},
			Reason:  fmt.Sprintf("Most of what is in a record is in %s, which repeats: give each of those a row, with the fields above it.", hints.Deeper),
		})
	}
	return list
}

// tryPivot does a pivot on the beginning of the document. It is worth proposing
// where it is done, its keys come again, and most give one column each.
func (l *documentLook) tryPivot(pivot string) (Proposal, bool) {
	options := l.options
	options.Pivots = append(slices.Clone(options.Pivots), pivot)
	options.KeepPartial = true
	shape, err := xmltable.Scan(l.ctx, beginning(l.input), options)
	if err != nil {
		return Proposal{}, false
	}
	plan, err := xmltable.Choose(l.ctx, shape, options)
	if err != nil {
		return Proposal{}, false
	}
	keys, elements, single := plan.Keys(pivot)
	if keys < 2 || keys > mostKeys || elements < 2*int64(keys) || 2*single < keys {
		return Proposal{}, false
	}
	at, _, _ := strings.Cut(strings.NewReplacer("@", "\n", "/", "\n").Replace(pivot), "\n")
	return Proposal{
		Options: Choice{Pivot: []string{pivot}},
		Reason:  fmt.Sprintf("Each %s is a key and a value: make a column of each of the %d keys.", at, keys),
	}, true
}

// beginning is the first part of a document. Where that cuts it off, it is not
// well-formed.
func beginning(in xmltable.Input) xmltable.Input {
	open := in.Open
	in.Open = func(ctx context.Context) (io.ReadCloser, error) {
		r, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.LimitReader(r, triedBytes), r}, nil
	}
	return in
}

// proposeRepair adds --repair where only that stands in the way of a document, with
// what it would change.
func (l *documentLook) proposeRepair(i *Inspection) {
	if l.options.Repair {
		return
	}
	options := l.options
	options.Repair = true
	shape, err := xmltable.Scan(l.ctx, l.input, options)
	if err != nil {
		return
	}
	var notes []string
	for _, w := range shape.Warnings() {
		if strings.HasPrefix(w, xmltable.RepairedPrefix) {
			notes = append(notes, w)
		}
	}
	if len(notes) > 0 {
		i.Proposals = append(i.Proposals, Proposal{
			Options: Choice{Repair: true},
			Reason:  "The document is not well-formed in a way that RET can repair.",
			Notes:   notes,
		})
	}
}

// alike proposes what documents of one group that look alike ask for.
func (o Options) alike(roots map[root]int) (list []Proposal) {
	locals := map[string]int{}
	var best root
	for r, n := range roots {
		locals[r.local]++
		if n > roots[best] || n == roots[best] && r.name < best.name {
			best = r
		}
	}
	for _, local := range sortedKeys(locals) {
		if locals[local] > 1 && !o.ByLocalName {
			list = append(list, Proposal{
				Options: Choice{Merge: true, ByLocalName: true},
				Reason:  fmt.Sprintf("Documents of this group have the root element %s in %d namespaces: take them for one, so that they share one set of tables.", local, locals[local]),
			})
		}
	}
	if len(list) == 0 && !o.Merge && roots[best] > 1 {
		list = append(list, Proposal{
			Options: Choice{Merge: true},
			Reason:  fmt.Sprintf("%d documents of this group have the root element %s: merged they share one set of tables.", roots[best], best.local),
		})
	}
	return list
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// root is a root element's name, with its namespace, and its local name.
type root struct{ name, local string }

// rootsOf counts the root elements of the groups' first documents, each group once.
type rootsOf struct {
	mu      sync.Mutex
	groups  map[string][]*archive.Entry // by folded name; nil until someone asks
	counted map[string]map[root]int
}

// roots counts the root elements of the first documents of a group. Documents whose
// root cannot be read count for none.
func (in *Inspector) roots(ctx context.Context, group string) map[root]int {
	r, group := &in.rootsOf, fold.String(group)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.groups == nil {
		r.groups, r.counted = firstOfGroups(in.entries), map[string]map[root]int{}
	}
	if counted, ok := r.counted[group]; ok {
		return counted
	}
	counted, options := map[root]int{}, in.job.Options.document(in.job.Limits.Document)
	for _, e := range r.groups[group] {
		input := xmltable.Input{Path: e.Path(), Size: e.Size(), Open: e.Open}
		if name, local, err := xmltable.Root(ctx, input, options); err == nil {
			counted[root{name, local}]++
		}
	}
	if ctx.Err() == nil {
		r.counted[group] = counted
	}
	return counted
}

func firstOfGroups(entries []*archive.Entry) map[string][]*archive.Entry {
	groups := map[string][]*archive.Entry{}
	for _, e := range entries {
		key := fold.String(e.Group)
		if e.State != archive.Failed && len(groups[key]) < lookedAtRoots {
			groups[key] = append(groups[key], e)
		}
	}
	return groups
}
