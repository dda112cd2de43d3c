package archive

// member is what an archive says of one of its files.
type member struct {
	name     string // as written
	isFolder bool
	skip     string // why it is no file, such as "not a file but a link or device"
	err      error  // why it cannot be opened
	packed   int64  // bytes that it takes in the archive
	spent    bool   // it was unpacked, and counted as it came out
	data     data   // nil if there is an error
}

// addMembers lists the files of an archive, in the archive's order.
func (l *lister) addMembers(c *container, members []member, f found, inside layer) error {
	names := memberNames(members)
	for i := range members {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		m := &members[i]
		name := names[i]
		if name == "" || isJunk(name) {
			continue
		}
		if err := inside.budget.namesSpent(); err != nil {
			l.addArchive(f.Entry, err)
			return nil
		}
		if err := l.addMember(c, m, cleanPath(name), inside); err != nil {
			return err
		}
	}
	c.names = nil
	return nil
}

func (l *lister) addMember(c *container, m *member, name string, inside layer) error {
	e := Entry{Group: c.group, in: c, data: m.data, name: c.names.Unique(name)}
	err := inside.budget.admitFile(c.prefix + name)
	if err == nil {
		err = m.err
	}
	if err != nil {
		l.add(failed(e, err))
		return nil
	}
	if m.skip != "" {
		l.add(skipped(e, m.skip))
		return nil
	}
	f := found{Entry: e, layer: inside, packed: m.packed}
	if size := m.data.size(); size != m.packed {
		if err := inside.spendUnless(m.spent, m.packed, size); err != nil {
			l.add(failed(e, err))
			return nil
		}
		f.layer = inside.within(m.packed, size)
	}
	if !l.filter.keeps(e.Path()) && !mayBeArchive(f) || !l.filter.reaches(e.Path()) {
		l.leftOut++
		return nil
	}
	_, err = l.examine(f)
	return err
}

// mayBeArchive is cheap to ask of what the filter leaves out anyway.
func mayBeArchive(f found) bool {
	return suffixes[lower(suffixOf(f.name))] != plain || !hasSuffix(f.name, ".xml")
}
