package xmltable

import (
	"strings"
)

// finish settles the names of tables and columns, and fills Plan.Tables.
func (p *Plan) finish() error {
	tables := p.listed()
	p.nameTables(tables)
	for _, t := range tables {
		columns := append(p.ownColumns(t), t.namedColumns()...)
		columns = append(columns, p.lastColumns(t)...)
		if limit := p.opt.Limits.Columns; len(columns) > limit {
			return errTooWide(t.name, limit)
		}
		parent := -1
		if t.parent != nil {
			parent = t.parent.index
		}
		p.Tables = append(p.Tables, Table{Name: t.name, Parent: parent, Columns: columns})
	}
	if p.shape.layout != nil {
		p.as = p.keysOf(tables)
		p.arrange(tables)
	}
	return nil
}

// keysOf gives tables and their columns, as they are before a recipe names and
// arranges them, the keys by which a recipe knows them.
func (p *Plan) keysOf(tables []*table) []tableKeys {
	all := make([]tableKeys, len(tables))
	taken := map[string]bool{}
	for i, t := range tables {
		all[i] = t.keysOf(p.Tables[i].Columns)
		all[i].table = unlike(taken, all[i].table)
	}
	return all
}

func (t *table) keysOf(columns []Column) tableKeys {
	keys := tableKeys{table: t.plain()}
	own := len(columns) - len(t.columns) - t.lastCells()
	for i, c := range columns {
		plain := c.Name
		if i >= own && i < own+len(t.columns) {
			plain = t.columns[i-own].name(false)
		}
		keys.columns = append(keys.columns, asColumn(c, plain))
	}
	return keys
}

// plain is the table's name with nothing escaped.
func (t *table) plain() string {
	words := strings.Join(t.words, ".")
	if t.parent == nil {
		words = t.kin.name
		if t.name == "_document" {
			words = t.name
		}
	} else {
		words = t.parent.plain() + "." + words
	}
	return words
}

// nameTables gives child tables the parent's name, a dot, and the path inside the
// row; dots inside element names are escaped where two would be called the same.
func (p *Plan) nameTables(tables []*table) {
	plain := make([]string, len(tables))
	times := map[string]int{}
	for i, t := range tables {
		plain[i] = t.name
		if t.parent != nil {
			plain[i] = plain[t.parent.index] + "." + strings.Join(t.words, ".")
		}
		times[plain[i]]++
	}
	for i, t := range tables {
		escape := times[plain[i]] > 1
		switch {
		case t.parent != nil:
			t.name = t.parent.name + "." + joinNames(t.words, escape)
		case escape:
			t.name = escapeDots(t.name)
		}
	}
}

func joinNames(names []string, escape bool) string {
	if !escape {
		return strings.Join(names, ".")
	}
	escaped := make([]string, len(names))
	for i, n := range names {
		escaped[i] = escapeDots(n)
	}
	return strings.Join(escaped, ".")
}

func escapeDots(name string) string { return strings.ReplaceAll(name, ".", `\.`) }

// ownColumns are those that come before what the document brings.
func (p *Plan) ownColumns(t *table) []Column {
	path := t.kin.exactPath()
	var own []Column
	add := func(asked bool, name string, kind Kind) {
		if asked {
			own = append(own, Column{Name: name, Path: path, Kind: kind})
		}
	}
	add(p.opt.Merged, "_file", File)
	add(len(t.children) > 0 || t.nested, "_id", ID)
	add(t.parent != nil || t.nested, "_parent", Parent)
	add(t.parent != nil, "_pos", Position)
	add(t.hasIn, "_in", In)
	return own
}

// lastColumns are those that come after what the record brings.
func (p *Plan) lastColumns(t *table) []Column {
	last := t.flatColumns()
	if t.withXML {
		last = append(last, Column{Name: "_xml", Path: t.kin.exactPath(), Kind: Record})
	}
	return last
}

// namedColumns gives the columns their names; dots inside element names are
// escaped where two columns would be called the same.
func (t *table) namedColumns() []Column {
	times := make(map[string]int, len(t.columns))
	named := make([]Column, len(t.columns))
	row := t.kin.exactPath()
	for i, c := range t.columns {
		named[i] = Column{Name: c.name(false), Path: row + c.exactPath(), Kind: c.kind}
		times[named[i].Name]++
	}
	if len(times) == len(named) {
		return named
	}
	for i, c := range t.columns {
		if times[named[i].Name] > 1 {
			named[i].Name = c.name(true)
		}
	}
	return named
}

// exactPath is c's path from the row down, with namespaces.
func (c *column) exactPath() string {
	if s := c.steps; s != nil && s.outer == nil && s.index == 0 {
		return "/" + s.kin.qualified() + c.path
	}
	var b strings.Builder
	for _, s := range c.steps.all() {
		b.WriteString("/" + s.kin.qualified())
		if s.index > 0 {
			b.WriteString("[" + itoa(s.index) + "]")
		}
	}
	return b.String() + c.path
}

func (c *column) name(escape bool) string {
	if c.steps == nil && c.suffix == "" {
		return "#text"
	}
	if s := c.steps; s != nil && s.outer == nil && s.index == 0 && !escape {
		return s.kin.name + c.suffix
	}
	var b strings.Builder
	for i, s := range c.steps.all() {
		if i > 0 {
			b.WriteByte('.')
		}
		if escape {
			b.WriteString(escapeDots(s.kin.name))
		} else {
			b.WriteString(s.kin.name)
		}
		if s.index > 0 {
			b.WriteString("[" + itoa(s.index) + "]")
		}
	}
	b.WriteString(c.suffix)
	return b.String()
}
