package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ret/shared/sqlite"
)

// KindAsk is the kind of the jobs that answer a question.
const KindAsk = "ask"

// Question is the options of a job of kind ask.
type Question struct {
	Question string `json:"question"`
}

// AskAnswer is what was said to a question, as far as it has come.
type AskAnswer struct {
	Text       string      `json:"text"`       // "[2]" names the second of Citations
	Statements []Statement `json:"statements"` // the same text, in its statements
	Citations  []Citation  `json:"citations"`
	Cells      int64       `json:"cells"`      // of tables, that the model was shown
	MostCells  int64       `json:"most_cells"` // that it may be shown
	Shown      []Shown     `json:"shown"`      // what it was shown; left out while it still answers
}

// Statement is a piece of an answer with what it rests on.
type Statement struct {
	Text      string   `json:"text"`
	Line      bool     `json:"line,omitempty"`     // it begins a line
	Claim     bool     `json:"claim"`              // it says something about the tables
	Citations []int    `json:"citations"`          // from 1 on, into AskAnswer.Citations
	Unproved  []string `json:"unproved,omitempty"` // its numbers that no citation of it has
}

// Citation is where a statement can be looked up: a cell, or a query with its result.
type Citation struct {
	TableID string `json:"table_id,omitempty"`
	Table   string `json:"table,omitempty"` // its name in SQL
	Row     int64  `json:"row,omitempty"`   // from 1 on
	Column  string `json:"column,omitempty"`
	SQL     string `json:"sql,omitempty"`

	Shown int `json:"shown"` // where it stands in AskAnswer.Shown
}

// Shown is something that the model was shown.
type Shown struct {
	Tool    string      `json:"tool"` // "profiles", "search" or "sql"
	Asked   string      `json:"asked"`
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"` // absent cells are nil
	Cut     bool        `json:"cut"`  // there was more than it was shown
	Problem string      `json:"problem,omitempty"`
}

// Uncited counts the statements about the tables that have no citation.
func (a *AskAnswer) Uncited() (n int) {
	for _, s := range a.Statements {
		if s.Claim && len(s.Citations) == 0 {
			n++
		}
	}
	return n
}

// WriteAnswer stores how far a run's answer has come, which is its job's progress as
// well, and has clients told. ErrLost if the run has lost its job.
func (w *Workspace) WriteAnswer(ctx context.Context, run Run, a *AskAnswer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := run.owns(c); err != nil {
			return err
		}
		if err := putAnswer(c, run.JobID, text); err != nil {
			return err
		}
		if _, err := c.Exec(`UPDATE jobs SET done = max(done, ?), total = ?, unit = 'cells' WHERE id = ?`, a.Cells, a.MostCells, run.JobID); err != nil {
			return err
		}
		return w.record(c, EntityJob, run.JobID, Put)
	})
}

func putAnswer(c *sqlite.Conn, jobID string, text []byte) error {
	_, err := c.Exec(`INSERT INTO ask_answers (job_id, answer) VALUES (?, ?) ON CONFLICT (job_id) DO UPDATE SET answer = excluded.answer`,
		jobID, string(text))
	return err
}

// AdoptAnswer takes over what a job's answer is elsewhere; nil is none.
func AdoptAnswer(c *sqlite.Conn, jobID string, a *AskAnswer) error {
	if a == nil {
		_, err := c.Exec(`DELETE FROM ask_answers WHERE job_id = ?`, jobID)
		return err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return putAnswer(c, jobID, text)
}

// answerOf reads a job's answer, nil if there is none yet.
func answerOf(c *sqlite.Conn, jobID string) (*AskAnswer, error) {
	var text string
	err := c.QueryRow(`SELECT answer FROM ask_answers WHERE job_id = ?`, []any{jobID}, &text)
	if errors.Is(err, sqlite.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a := new(AskAnswer)
	return a, json.Unmarshal([]byte(text), a)
}

// Asked is a question with its answer.
type Asked struct {
	Job      JobBrief
	Question string
	Answer   *AskAnswer // nil: nothing has come yet
}

// Questions returns the newest questions, the newest first.
func (w *Workspace) Questions(ctx context.Context, limit int) ([]Asked, error) {
	list, err := w.jobBriefs(ctx, limit, `SELECT `+jobBriefColumns+` WHERE kind = ?1 ORDER BY j.n DESC LIMIT ?2`, KindAsk, limit+1)
	if err != nil {
		return nil, err
	}
	return w.askedOf(ctx, list.Items)
}

// AskedOf returns those of the jobs that are questions, with their answers.
func (w *Workspace) AskedOf(ctx context.Context, briefs []JobBrief) ([]Asked, error) {
	var questions []JobBrief
	for _, b := range briefs {
		if b.Kind == KindAsk {
			questions = append(questions, b)
		}
	}
	if len(questions) == 0 {
		return nil, nil
	}
	return w.askedOf(ctx, questions)
}

func (w *Workspace) askedOf(ctx context.Context, briefs []JobBrief) (asked []Asked, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		asked = make([]Asked, 0, len(briefs))
		for _, b := range briefs {
			answer, err := answerOf(c, b.ID)
			if err != nil {
				return err
			}
			var q Question
			if err := json.Unmarshal(b.Options, &q); err != nil {
				return fmt.Errorf("read question: %w", err)
			}
			asked = append(asked, Asked{Job: b, Question: q.Question, Answer: answer})
		}
		return nil
	})
	return asked, err
}

// CountAsking counts the questions that wait or are being answered.
func (w *Workspace) CountAsking(ctx context.Context) (n int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT count(*) FROM jobs WHERE kind = ? AND state IN ('queued', 'running')`, []any{KindAsk}, &n)
	})
	return n, err
}
