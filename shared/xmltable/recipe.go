package xmltable

import (
	"slices"
	"strings"
)

// A Layout is what a recipe keeps for documents of one root element: their shape,
// the record chosen from it, and the tables that followed. A conversion with it
// begins there, so that the tables stay the same from one delivery to the next.
type Layout struct {
	Root     string        `json:"root"` // with its namespace
	Record   string        `json:"record"`
	Nested   int64         `json:"nested_parents,omitempty"` // elements that hold records chosen by name
	Tables   []LayoutTable `json:"tables"`
	Elements *layoutPath   `json:"elements"`
}

// LayoutTable is a table that a Layout knows.
type LayoutTable struct {
	Name    string         `json:"name"`
	As      string         `json:"as"` // by which it is known again
	Columns []LayoutColumn `json:"columns"`
}

// LayoutColumn is a column that a Layout knows.
type LayoutColumn struct {
	Name string `json:"name"`
	As   string `json:"as"`
}

// layoutPath is a path as a Layout keeps it.
type layoutPath struct {
	Space      string             `json:"namespace,omitempty"`
	Local      string             `json:"local"`
	Prefix     string             `json:"prefix,omitempty"`
	Key        *string            `json:"key,omitempty"`
	Name       string             `json:"name,omitempty"`
	Rank       int                `json:"rank"`
	Learnt     learntJSON         `json:"learnt"`
	Columns    int                `json:"columns,omitempty"`
	HasText    bool               `json:"text,omitempty"`
	Prose      bool               `json:"prose,omitempty"`
	Attributes []*layoutAttribute `json:"attributes,omitempty"`
	Keyed      []*layoutPath      `json:"keyed,omitempty"`
	Children   []*layoutPath      `json:"children,omitempty"`
}

// learntJSON is learnt, in its order.
type learntJSON [8]int64

type layoutAttribute struct {
	Space   string `json:"namespace,omitempty"`
	Local   string `json:"local"`
	Written string `json:"written"`
	Name    string `json:"name"`
	Rank    int    `json:"rank"`
	Beside  []int  `json:"beside,omitempty"` // indexes of others
}

// kept is what a recipe keeps of a path, and what then stays.
type kept struct {
	name    string
	columns int  // instances that had columns
	text    bool // it had a column for its text
	seen    bool // child elements were seen
	prose   bool // … and were prose
}

// Layout returns what a recipe keeps of a plan. The plan is of no use afterwards.
func (p *Plan) Layout() *Layout {
	l := &Layout{Root: p.shape.RootName(), Record: p.Record, Nested: p.shape.namedHolders}
	as := p.as
	if as == nil {
		as = p.keysOf(p.listed())
	}
	for i, t := range p.Tables {
		table := LayoutTable{Name: t.Name, As: as[i].table}
		for j, c := range t.Columns {
			table.Columns = append(table.Columns, LayoutColumn{c.Name, as[i].columns[j]})
		}
		l.Tables = append(l.Tables, table)
	}
	l.Elements = keepPath(p.shape.root())
	return l
}

// LocalRoot is the root element's local name.
func (l *Layout) LocalRoot() string { return l.Elements.Local }

func keepPath(p *path) *layoutPath {
	l := &layoutPath{
		Space: p.space, Local: p.local, Prefix: p.prefix, Name: p.laid.name, Rank: p.rank,
		Learnt:  learntJSON{p.count, p.most, p.holders, p.texts, p.values, p.bearing, p.mixed, p.followed},
		Columns: p.laid.columns, HasText: p.laid.text, Prose: p.laid.prose,
	}
	if p.base != nil {
		key := p.key
		l.Key = &key
	}
	index := map[*attribute]int{}
	for i, a := range p.attributes {
		index[a] = i
	}
	for _, a := range p.attributes {
		attribute := &layoutAttribute{Space: a.space, Local: a.local, Written: a.name, Name: a.laid, Rank: a.rank}
		for b := range a.beside {
			attribute.Beside = append(attribute.Beside, index[b])
		}
		slices.Sort(attribute.Beside)
		l.Attributes = append(l.Attributes, attribute)
	}
	for _, c := range p.keyed {
		l.Keyed = append(l.Keyed, keepPath(c))
	}
	for _, c := range p.children {
		l.Children = append(l.Children, keepPath(c))
	}
	return l
}

// Begin returns the shape that documents of the layout's root element are merged
// into: it knows what the recipe knows, and holds no value itself.
func (l *Layout) Begin(opt Options) *Shape {
	sh := newShape()
	sh.prepare(opt)
	sh.layout = l
	sh.namedHolders = l.Nested
	sh.restore(sh.document.path, l.Elements)
	return sh
}

func (sh *Shape) restore(parent *path, l *layoutPath) {
	name := expandedName{l.Space, l.Local}
	if sh.byLocalName {
		name.space = ""
	}
	c := sh.newPath(parent, name, l.Space, l.Prefix)
	sh.restoreInto(c, l)
	for _, k := range l.Keyed {
		if k.Key != nil && c.spread != nil {
			sh.restoreInto(sh.newKeyed(c, *k.Key), k)
		}
	}
}

func (sh *Shape) restoreInto(c *path, l *layoutPath) {
	n := l.Learnt
	c.learnt = learnt{n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]}
	c.fixed = kept{l.Name, l.Columns, l.HasText, c.bearing > 0, l.Prose}
	c.rank = l.Rank
	sh.ranks = max(sh.ranks, c.rank+1)
	for _, a := range l.Attributes {
		mine := sh.newAttribute(c, a.Written, expandedName{a.Space, a.Local})
		mine.rank, mine.fixed = a.Rank, a.Name
		sh.ranks = max(sh.ranks, mine.rank+1)
	}
	for i, a := range l.Attributes {
		for _, b := range a.Beside {
			if b >= 0 && b < len(c.attributes) {
				c.attributes[i].standBeside(c.attributes[b])
				c.attributes[b].standBeside(c.attributes[i])
			}
		}
	}
	for _, child := range l.Children {
		sh.restore(c, child)
	}
}

// Check fails if a layout is not one that Plan.Layout has made.
func (l *Layout) Check(limits Limits) bool {
	names := namesForEachColumn * limits.withDefaults().Columns
	return l != nil && l.Elements != nil && l.Root == qualified(l.Elements.Space, l.Elements.Local) &&
		l.Elements.check(limits.withDefaults().Depth, &names) && l.namesApart()
}

// namesApart reports whether no two tables, and no two columns of a table, have one name.
func (l *Layout) namesApart() bool {
	tables := map[string]bool{"": true}
	for _, t := range l.Tables {
		if tables[t.Name] {
			return false
		}
		tables[t.Name] = true
		columns := map[string]bool{"": true}
		for _, c := range t.Columns {
			if columns[c.Name] {
				return false
			}
			columns[c.Name] = true
		}
	}
	return true
}

func (l *layoutPath) check(depth int, names *int) bool {
	*names -= 1 + len(l.Attributes)
	if l.Local == "" || depth == 0 || *names < 0 || l.Columns < 0 || l.Columns > defaultColumns {
		return false
	}
	bad := func(c *layoutPath) bool { return c == nil || !c.check(depth-1, names) }
	return !slices.ContainsFunc(l.Children, bad) && !slices.ContainsFunc(l.Keyed, bad) &&
		!slices.ContainsFunc(l.Attributes, func(a *layoutAttribute) bool { return a == nil || a.Local == "" })
}

// tableKeys are those by which tables and columns are known again.
type tableKeys struct {
	table   string
	columns []string
}

// arrange puts tables and columns in the order of the recipe, under its names, and
// what is new behind, with a warning for each.
func (p *Plan) arrange(tables []*table) {
	l := p.shape.layout
	known := map[string]*LayoutTable{}
	rank := map[string]int{}
	names := map[string]bool{}
	for i := range l.Tables {
		known[l.Tables[i].As], rank[l.Tables[i].As] = &l.Tables[i], i-len(l.Tables)
		names[l.Tables[i].Name] = true
	}
	order := make([]int, len(tables))
	for i := range order {
		order[i] = i
		as := p.as[i].table
		if k := known[as]; k != nil {
			delete(known, as) // a recipe that names an element twice has tables that are known alike
			p.Tables[i].Name = k.Name
			p.arrangeColumns(tables[i], i, k)
			continue
		}
		p.Tables[i].Name = unlike(names, p.Tables[i].Name)
		p.warn("The recipe does not know the table %.200s.", p.Tables[i].Name)
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank[p.as[a].table] - rank[p.as[b].table] })
	p.reorder(tables, order)
}

// reorder puts the tables in another order.
func (p *Plan) reorder(tables []*table, order []int) {
	at := make([]int, len(order))
	described, as := make([]Table, len(order)), make([]tableKeys, len(order))
	for to, from := range order {
		at[from] = to
		described[to], as[to] = p.Tables[from], p.as[from]
		tables[from].index = to
	}
	for i := range described {
		if described[i].Parent >= 0 {
			described[i].Parent = at[described[i].Parent]
		}
	}
	p.Tables, p.as = described, as
}

func (p *Plan) arrangeColumns(t *table, i int, k *LayoutTable) {
	columns, as := p.Tables[i].Columns, p.as[i].columns
	rank := map[string]int{}
	names := map[string]bool{}
	for j, c := range k.Columns {
		rank[c.As] = j - len(k.Columns)
		names[c.Name] = true
	}
	given := map[string]bool{} // elements that a recipe names twice have columns that are known alike
	order := make([]int, len(columns))
	for j := range columns {
		order[j] = j
		if r, found := rank[as[j]]; found && !given[as[j]] {
			columns[j].Name, given[as[j]] = k.Columns[r+len(k.Columns)].Name, true
			continue
		}
		columns[j].Name = unlike(names, columns[j].Name)
		p.warn("The recipe does not know the column %.200s of the table %.200s.", columns[j].Name, p.Tables[i].Name)
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank[as[a]] - rank[as[b]] })
	if slices.IsSorted(order) {
		return
	}
	t.order = order
	arranged, arrangedAs := make([]Column, len(order)), make([]string, len(order))
	for to, from := range order {
		arranged[to], arrangedAs[to] = columns[from], as[from]
	}
	t.natural = columns
	p.Tables[i].Columns, p.as[i].columns = arranged, arrangedAs
}

// unlike returns name, or name~2, ~3, … if it is taken, and takes it.
func unlike(taken map[string]bool, name string) string {
	wanted := name
	for n := 2; taken[name]; n++ {
		name = wanted + "~" + itoa(n)
	}
	taken[name] = true
	return name
}

// asColumn is by what a column is known again.
func asColumn(c Column, plain string) string {
	switch c.Kind {
	case ID, Parent, Position, In, File, Record:
		return string(c.Kind)
	}
	return strings.Join([]string{string(c.Kind), c.Path, plain}, " ")
}
