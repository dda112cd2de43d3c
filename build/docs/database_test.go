package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ret/server/store"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// TestDatabasePage compares docs/database.md with the schemas that the program
// makes: every table has its heading, and every column its row.
func TestDatabasePage(t *testing.T) {
	page := read(t, "../../docs/database.md")
	central, session, ok := strings.Cut(page, "\n## Session\n")
	if !ok {
		t.Fatal("no part about the session database")
	}
	compare(t, "central", describedTables(central), tables(t, store.Schema))
	compare(t, "session", describedTables(session), tables(t, workspace.Migrations))
}

func compare(t *testing.T, database string, described, real map[string][]string) {
	t.Helper()
	for table, columns := range real {
		if !slices.Equal(described[table], columns) {
			t.Errorf("%s database, table %s has the columns\n%v, the page says\n%v", database, table, columns, described[table])
		}
	}
	for table := range described {
		if real[table] == nil {
			t.Errorf("%s database: the page describes %s, which there is not", database, table)
		}
	}
}

var quoted = regexp.MustCompile("`([^`]+)`")

// describedTables reads headings and the first cells below them.
func describedTables(page string) map[string][]string {
	found := map[string][]string{}
	for _, section := range strings.Split(page, "\n### ")[1:] {
		table, body, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(body) {
			cells := strings.Split(line, "|")
			if len(cells) < 3 {
				continue
			}
			for _, name := range quoted.FindAllStringSubmatch(cells[1], -1) {
				found[table] = append(found[table], name[1])
			}
		}
		slices.Sort(found[table])
	}
	return found
}

// tables makes a database and asks it what it has.
func tables(t *testing.T, schema *sqlite.Migrations) map[string][]string {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "x.db"), sqlite.Config{Migrations: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found := map[string][]string{}
	err = db.Read(t.Context(), func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, 2`) {
			if err != nil {
				return err
			}
			found[row.Text(0)] = append(found[row.Text(0)], row.Text(1))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
