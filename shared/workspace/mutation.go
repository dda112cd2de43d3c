package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Mutation is a change that a client asks for over the live channel. A client
// numbers its mutations from 1 without gaps, and sends one again until it has
// the answer.
type Mutation struct {
	Client string
	N      int64
	Name   string // see mutations
	Args   json.RawMessage
	Base   int64 // seq at which the client last saw the thing; 0 asks nothing
}

// Answer is what became of a mutation.
type Answer struct {
	N      int64
	Seq    int64  // of the last change when it was done
	Code   string // fault kind for which it was rejected, or empty
	Detail string // why, for a person
}

// Rejected reports whether the mutation did nothing.
func (a Answer) Rejected() bool { return a.Code != "" }

// ErrGap means that a client left out a number: it and the server have lost each
// other, and it must start again from what the server knows.
var ErrGap = fault.New(fault.Conflict, "This client's changes came out of step. Load the page again.")

// ErrAnswersFull means that a session has no room for one more answer. Nothing was
// done; the client may send the change again when there is room.
var ErrAnswersFull = fault.New(fault.TooLarge, "This session is full, and so is the room for its changes. Delete what is not needed, or sign out and in again.")

// spareAnswerBytes is what answers may take of a full session, so that it can be
// emptied: some tens of thousands.
const spareAnswerBytes = 1 << 20

// Around is what whoever runs mutations adds to them; nil fields add nothing.
type Around struct {
	// Job checks a submitted job and fills in what is not the client's to say.
	Job func(*NewJob) error

	// Unlink takes the blobs of what was deleted, after the commit.
	Unlink func(blobs []string)

	// Entry runs write, which changes key in the stored entries and returns once
	// that is on disk: for a cache in front of them, which must see it.
	Entry func(ctx context.Context, key string, write func() error) error

	// EntryTTL is the time to live of entries that are put without one; 0 is for
	// ever.
	EntryTTL time.Duration

	// Room reports whether n more bytes may be stored for an entry.
	Room func(n int64) error

	// MaxBytes is what the workspace may hold before there are no new answers; 0 is
	// no limit.
	MaxBytes int64
}

// Mutate does a mutation and stores its answer in the same transaction, or
// returns the stored answer if it was done before. So however often and however
// late it is sent again, it is done once and answered the same.
//
// What the person or the state of things is to blame for is an Answer that says
// so. An error means that nothing was done or stored: ErrGap, ErrAnswersFull, or a failure after
// which the client may send it again.
func (w *Workspace) Mutate(ctx context.Context, m Mutation, around Around) (answer Answer, err error) {
	if m.Client == "" || len(m.Client) > maxClientBytes || m.N < 1 {
		return answer, fault.New(fault.Invalid, "A change must name its client and have a number from 1 on.")
	}
	do, refused := w.mutation(m, around)
	if refused != nil {
		do = mutation{apply: func(*sqlite.Conn) error { return refused }}
	}
	write := func() error {
		return w.db.Write(ctx, func(c *sqlite.Conn) error {
			answer, err = w.answer(c, m, around.MaxBytes, do)
			return err
		})
	}
	if do.entryKey != "" && around.Entry != nil {
		err = around.Entry(ctx, do.entryKey, write)
	} else {
		err = write()
	}
	if err == nil && !answer.Rejected() && do.committed != nil {
		do.committed()
	}
	return answer, err
}

// maxClientBytes bounds a client's name.
const maxClientBytes = 128

// LastMutation returns the number of a client's last mutation that was answered.
func (w *Workspace) LastMutation(ctx context.Context, client string) (n int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		n, err = lastMutation(c, client)
		return err
	})
	return n, err
}

func lastMutation(c *sqlite.Conn, client string) (n int64, err error) {
	err = c.QueryRow(`SELECT coalesce(max(n), 0) FROM answers WHERE client = (SELECT id FROM clients WHERE name = ?)`, []any{client}, &n)
	return n, err
}

// answer returns the stored answer, or applies the mutation and stores its.
func (w *Workspace) answer(c *sqlite.Conn, m Mutation, maxBytes int64, do mutation) (Answer, error) {
	a, stored, err := storedAnswer(c, m)
	if stored || err != nil {
		return a, err
	}
	if err := checkNewAnswer(c, m, maxBytes); err != nil {
		return a, err
	}
	err = c.Try(func() error { return do.apply(c) })
	if fault.Is(err, fault.NotFound) && do.deletes != nil {
		err = do.deletes.unlessGone(c, err)
	}
	switch {
	case err == nil:
	case Refuses(err):
		a.Code, a.Detail = fault.KindOf(err).String(), shortened(fault.Message(err))
	default:
		return a, fmt.Errorf("mutate: %w", err)
	}
	if err := c.QueryRow(`SELECT seq FROM meta`, nil, &a.Seq); err != nil {
		return a, err
	}
	return a, storeAnswer(c, m.Client, a)
}

func storedAnswer(c *sqlite.Conn, m Mutation) (a Answer, stored bool, err error) {
	a.N = m.N
	err = c.QueryRow(`SELECT seq, code, detail FROM answers WHERE client = (SELECT id FROM clients WHERE name = ?) AND n = ?`,
		[]any{m.Client, m.N}, &a.Seq, &a.Code, &a.Detail)
	if errors.Is(err, sqlite.ErrNoRows) {
		return a, false, nil
	}
	return a, err == nil, err
}

// checkNewAnswer checks that a mutation is the client's next and that there is
// room for its answer.
func checkNewAnswer(c *sqlite.Conn, m Mutation, maxBytes int64) error {
	last, err := lastMutation(c, m.Client)
	if err != nil {
		return err
	}
	if m.N != last+1 {
		return ErrGap
	}
	held, answers, err := heldAndAnswers(c)
	if err != nil {
		return err
	}
	if maxBytes > 0 && held >= maxBytes && answers >= spareAnswerBytes {
		return ErrAnswersFull
	}
	return nil
}

func storeAnswer(c *sqlite.Conn, client string, a Answer) error {
	if a.N == 1 {
		if _, err := c.Exec(`INSERT INTO clients (name) VALUES (?)`, client); err != nil {
			return err
		}
	}
	_, err := c.Exec(`INSERT INTO answers (client, n, seq, code, detail) SELECT id, ?, ?, ?, ? FROM clients WHERE name = ?`,
		a.N, a.Seq, a.Code, a.Detail, client)
	return err
}

// shortened bounds a sentence that is stored, since it may repeat what the client
// has sent.
func shortened(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Refuses tells an answer from a failure that may pass.
func Refuses(err error) bool {
	if errors.As(err, new(noRoom)) {
		return true
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Denied, fault.NotFound, fault.Conflict, fault.TooLarge, fault.TooMany:
		return true
	}
	return false
}

// noRoom wraps what Around.Room says, which is an answer whatever its kind: what
// has no room is not tried again by itself.
type noRoom struct{ error }

func (e noRoom) Unwrap() error { return e.error }

// Effect is what a mutation does, for a replica to do it at a time: its changes are
// noted and get no seq, and nobody hears of them. Jobs are not counted, so how many may
// wait is for the server to say.
func (w *Workspace) Effect(m Mutation, at time.Time, note func(Change)) (func(*sqlite.Conn) error, error) {
	shadow := &Workspace{db: w.db, epoch: w.epoch, now: func() time.Time { return at }, listener: deaf{}, note: note}
	do, err := shadow.mutation(m, Around{})
	return do.apply, err
}
