package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// searchRivals are programs that find rows in the same CSV.
type searchRivals struct {
	ctx     context.Context
	csv     string
	sqlite  string // SQLite's shell, if it is installed and has FTS5
	ripgrep string

	database string
	made     time.Duration // how long FTS5 took to take the rows, with their text
	size     int64         // of the index without the text
}

// rivalAsked is how many questions a rival is asked that is a process each.
const rivalAsked = 20

func (s *searchBench) startRivals() (*searchRivals, error) {
	r := &searchRivals{ctx: s.ctx, csv: s.csv, database: filepath.Join(s.folder, "fts5.db")}
	r.ripgrep, _ = exec.LookPath("rg")
	if path, err := exec.LookPath("sqlite3"); err == nil && exec.CommandContext(s.ctx, path, ":memory:", "CREATE VIRTUAL TABLE t USING fts5(a)").Run() == nil {
		r.sqlite = path
	}
	if r.sqlite == "" {
		return r, nil
	}
	return r, r.fill()
}

// fill makes FTS5's index of the words of the rows, without keeping these.
func (r *searchRivals) fill() error {
	if _, err := r.shell(fmt.Sprintf("PRAGMA journal_mode=off; PRAGMA synchronous=off;\n.mode csv\n.import '%s' rows\n", r.csv)); err != nil {
		return err
	}
	before, err := os.Stat(r.database)
	if err != nil {
		return err
	}
	columns := strings.Join(searchColumns, ", ")
	began := time.Now()
	_, err = r.shell("PRAGMA journal_mode=off; PRAGMA synchronous=off;\nCREATE VIRTUAL TABLE found USING fts5(" + columns +
		", content='', tokenize='unicode61 remove_diacritics 2');\nINSERT INTO found (rowid, " + columns + ") SELECT rowid, " + columns + " FROM rows;\n")
	r.made = time.Since(began)
	if err != nil {
		return err
	}
	after, err := os.Stat(r.database)
	if err == nil {
		r.size = after.Size() - before.Size()
	}
	return err
}

// shell runs statements in SQLite's shell.
func (r *searchRivals) shell(script string) (string, error) {
	cmd := exec.CommandContext(r.ctx, r.sqlite, r.database)
	cmd.Stdin = strings.NewReader(script)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("sqlite3: %w: %s", err, complaint.String())
	}
	return out.String(), nil
}

// ask asks the rival that understands a kind of question.
func (r *searchRivals) ask(kind searchKind, questions []string) (rival string, took []time.Duration, err error) {
	switch {
	case kind.fts5 != nil && r.sqlite != "":
		took, err = r.askShell(kind, questions)
		return "sqlite_fts5", took, err
	case kind.ripgrep != nil && r.ripgrep != "":
		took, err = r.askRipgrep(kind, questions[:rivalAsked])
		return "ripgrep", took, err
	}
	return "", nil, nil
}

// askShell has one shell answer all questions, by its own clock.
func (r *searchRivals) askShell(kind searchKind, questions []string) (took []time.Duration, err error) {
	var script strings.Builder
	script.WriteString(".timer on\n")
	for _, q := range questions {
		fmt.Fprintf(&script, "SELECT rows.* FROM (SELECT rowid FROM found WHERE found MATCH '%s' ORDER BY rank LIMIT 100) f JOIN rows ON rows.rowid = f.rowid;\n", strings.ReplaceAll(kind.fts5(q), "'", "''"))
	}
	out, err := r.shell(script.String())
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		var seconds float64
		if _, err := fmt.Sscanf(line, "Run Time: real %f", &seconds); err == nil {
			// Its clock counts milliseconds: what it calls 0 took half of one, on average.
			took = append(took, max(time.Duration(seconds*float64(time.Second)), 500*time.Microsecond))
		}
	}
	if len(took) != len(questions) {
		return nil, fmt.Errorf("sqlite3 answered %d of %d questions", len(took), len(questions))
	}
	return took, nil
}

// askRipgrep has it find the first 100 lines.
func (r *searchRivals) askRipgrep(kind searchKind, questions []string) (took []time.Duration, err error) {
	for _, q := range questions {
		began := time.Now()
		err := exec.CommandContext(r.ctx, r.ripgrep, "--ignore-case", "--max-count=100", kind.ripgrep(q), r.csv).Run()
		if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended { // 1: nothing was found
			return nil, fmt.Errorf("ripgrep: %w", err)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
