package sqlite

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"ret/shared/fault"
)

// Migrations are the steps of one schema, in files named 0001_what.sql, 0002_….
// They only go forward; the database remembers how many it has had in
// user_version.
type Migrations struct{ steps []string }

// ReadMigrations reads all *.sql files of dir in fsys, whose numbers must run
// from 1 without gaps.
func ReadMigrations(fsys fs.FS, dir string) (*Migrations, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	m := &Migrations{}
	for i, name := range names { // Glob sorts
		number, _, _ := strings.Cut(path.Base(name), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s: expected number %04d", name, i+1)
		}
		sql, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		m.steps = append(m.steps, string(sql))
	}
	return m, nil
}

// MustMigrations is ReadMigrations for embedded files, whose faults are ours.
func MustMigrations(fsys fs.FS, dir string) *Migrations {
	m, err := ReadMigrations(fsys, dir)
	if err != nil {
		panic(err)
	}
	return m
}

// Version is the schema's version after all steps.
func (m *Migrations) Version() int { return len(m.steps) }

// UpTo returns the schema as it was at an earlier version, for upgrade tests.
func (m *Migrations) UpTo(version int) *Migrations {
	return &Migrations{steps: m.steps[:version]}
}

// apply brings c's schema up to date, one transaction a step. A schema newer
// than this program is refused and left alone.
func (m *Migrations) apply(c *Conn) error {
	var have int
	if err := c.QueryRow("PRAGMA user_version", nil, &have); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > m.Version() {
		return fault.New(fault.Unavailable,
			"This data was written by a newer RET (schema %d, this one knows %d). Start that version, or use another runtime folder.", have, m.Version())
	}
	for i := have; i < m.Version(); i++ {
		step := fmt.Sprintf("BEGIN IMMEDIATE; %s; PRAGMA user_version=%d; COMMIT", m.steps[i], i+1)
		if err := c.raw.Exec(step); err != nil {
			if !c.raw.GetAutocommit() {
				_ = c.raw.Exec("ROLLBACK")
			}
			return fmt.Errorf("migration %d: %w", i+1, translate(err))
		}
	}
	return nil
}
