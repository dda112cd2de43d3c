package jobs

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"ret/server/ask"
	"ret/server/model"
	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// askKind answers a question in words over the session's tables.
//
// It is tried once: what can pass by itself its client waits for, and a second answer
// would be another one.
var askKind = Kind{Check: checkQuestion, Run: runAsk, WithoutFiles: true, Once: true}

// MaxQuestion is how long a question may be, in characters.
const MaxQuestion = 4000

func checkQuestion(options json.RawMessage) error {
	var q workspace.Question
	if err := json.Unmarshal(options, &q); err != nil {
		return fault.Wrap(fault.Invalid, err, "A question is asked by {\"question\": \"…\"}.")
	}
	if strings.TrimSpace(q.Question) == "" {
		return fault.New(fault.Invalid, "There is no question.")
	}
	if n := len([]rune(q.Question)); n > MaxQuestion {
		return fault.New(fault.Invalid, "A question may have %d characters, and this has %d.", MaxQuestion, n)
	}
	return nil
}

// NewQuestion is a job that answers a question, or an error of kind Invalid.
func NewQuestion(question string) (workspace.NewJob, error) {
	options, err := json.Marshal(workspace.Question{Question: question})
	if err != nil {
		return workspace.NewJob{}, err
	}
	return New(workspace.KindAsk, options, 1)
}

// Asking is what answers questions. One is shared by all sessions.
type Asking struct {
	Client   *model.Client
	MaxCells int64 // that one question may show it

	places chan struct{}    // at the endpoint
	views  *tablefile.Views // of tables' profiles
}

// questionsAtOnce is how many questions are at the endpoint at the same time. They hold
// no place of a worker meanwhile.
const questionsAtOnce = 16

// NewAsking asks this client.
func NewAsking(client *model.Client, maxCells int) *Asking {
	return &Asking{Client: client, MaxCells: int64(maxCells), places: make(chan struct{}, questionsAtOnce), views: tablefile.NewViews(0)}
}

// Name is what people say yes to: the endpoint and its model.
func (a *Asking) Name() string { return EndpointName(a.Client) }

// EndpointName names an endpoint and its model as people see it when they say yes.
func EndpointName(c *model.Client) string {
	if c.Model() == "" {
		return c.Endpoint()
	}
	return c.Endpoint() + " (" + c.Model() + ")"
}

// Errors of asking that are no fault of the question.
var (
	ErrNoModel   = fault.New(fault.NotFound, "This server answers no questions: no model is set up for it.")
	ErrNoConsent = fault.New(fault.Denied, "Nothing is sent to the model before you say yes to it, on the page Ask. Say yes there and ask again.")
)

// MayAsk returns an error if questions of this session are not to be sent: ErrNoModel or
// ErrNoConsent.
func (a *Asking) MayAsk(ctx context.Context, ws *workspace.Workspace) error {
	if a == nil {
		return ErrNoModel
	}
	given, err := ws.Consents(ctx, workspace.PurposeChat, a.Name())
	if err != nil {
		return err
	}
	if given.IsZero() {
		return ErrNoConsent
	}
	return nil
}

func runAsk(ctx context.Context, r *Runner, t *queue.Task) error {
	job, err := t.Job(ctx)
	if err != nil {
		return err
	}
	var q workspace.Question
	if err := json.Unmarshal(job.Options, &q); err != nil {
		return fault.Wrap(fault.Invalid, err, "The question cannot be read.")
	}
	if err := r.Asking.MayAsk(ctx, r.Workspace); err != nil {
		return err
	}
	hold := newHold(r.Folder, t.Turn)
	t.OnSever(hold.revoke)
	fence, err := t.Fence(ctx)
	if err != nil {
		return err
	}
	out := tell(func(a *workspace.AskAnswer) error {
		return r.Workspace.WriteAnswer(context.WithoutCancel(ctx), fence, a)
	})
	err = ask.Run(ctx, ask.Config{
		Chat: r.Asking.chat(t), Data: &askData{run: r, task: t, hold: hold}, MaxCells: r.Asking.MaxCells,
		Told: func(a *workspace.AskAnswer) error {
			t.Report(workspace.Progress{Done: a.Cells, Total: r.Asking.MaxCells, Unit: "cells"})
			return out.told(a)
		},
		Doing: func(what string) {
			t.Report(workspace.Progress{Total: r.Asking.MaxCells, Unit: "cells", Message: what})
		},
	}, q.Question)
	if lost := out.close(); err == nil {
		err = lost
	}
	return err
}

// chat asks the endpoint without a worker's place, and with one of its own.
func (a *Asking) chat(t *queue.Task) ask.Chat {
	return func(ctx context.Context, messages []model.Message, tools []model.Tool, heard func(string) error) (reply model.Reply, err error) {
		err = t.Outside(ctx, func() error {
			select {
			case a.places <- struct{}{}:
				defer func() { <-a.places }()
			case <-ctx.Done():
				return ctx.Err()
			}
			reply, err = a.Client.Chat(ctx, messages, tools, heard)
			return err
		})
		return reply, err
	}
}

// tellEvery is how often an answer that grows is stored and told.
const tellEvery = 150 * time.Millisecond

// telling stores an answer while it grows: always the newest, on a goroutine of its own,
// so that a disk that is slow does not hold up the stream.
type telling struct {
	write func(*workspace.AskAnswer) error

	mu     sync.Mutex
	newest *workspace.AskAnswer // that is not stored yet
	err    error                // of storing one

	fresh, quit chan struct{}
	done        sync.WaitGroup
}

func tell(write func(*workspace.AskAnswer) error) *telling {
	t := &telling{write: write, fresh: make(chan struct{}, 1), quit: make(chan struct{})}
	t.done.Go(t.run)
	return t
}

// told takes an answer that will be stored, unless a newer one comes before. Its error is
// that of an earlier one.
func (t *telling) told(a *workspace.AskAnswer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.newest = a
	select {
	case t.fresh <- struct{}{}:
	default:
	}
	return t.err
}

func (t *telling) run() {
	for {
		select {
		case <-t.fresh:
		case <-t.quit:
			return
		}
		t.store()
		rest := time.NewTimer(tellEvery)
		select {
		case <-rest.C:
		case <-t.quit:
			rest.Stop()
			return
		}
	}
}

func (t *telling) store() {
	t.mu.Lock()
	a, failed := t.newest, t.err
	t.newest = nil
	t.mu.Unlock()
	if a == nil || failed != nil {
		return
	}
	if err := t.write(a); err != nil {
		t.mu.Lock()
		t.err = err
		t.mu.Unlock()
	}
}

// close stores what is left and returns the error of storing.
func (t *telling) close() error {
	close(t.quit)
	t.done.Wait()
	t.store()
	return t.err
}
