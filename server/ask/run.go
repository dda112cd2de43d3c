package ask

import (
	"context"
	"errors"
	"strings"

	"ret/server/model"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// Bounds of one question.
const (
	maxTurns      = 12       // of the model, the last of which must be the answer
	maxWrongCalls = 6        // that name no tool or whose arguments are none
	maxAnswer     = 32 << 10 // bytes of the answer's text
)

// The ways in which a run fails beside those of the model's endpoint.
var (
	ErrWrongCalls = errors.New("model calls what is not there")
	ErrNoAnswer   = errors.New("model does not come to an answer")
)

// Run is one question that is being answered.
type run struct {
	cfg   Config
	shown shown
	talk  []model.Message
	wrong int
	text  strings.Builder // of the turn at hand
}

// Run answers a question. Its errors are those of Chat and of Told, ctx's, and
// ErrWrongCalls and ErrNoAnswer. What has been told until then stays as it is.
func Run(ctx context.Context, cfg Config, question string) error {
	r := &run{cfg: cfg, shown: newShown(cfg.MaxCells)}
	cfg.Doing("looks at the tables")
	tables, err := cfg.Data.Tables(ctx)
	if err != nil {
		return err
	}
	described := r.describe(tables)
	r.talk = []model.Message{
		{Role: model.RoleSystem, Content: instructions(cfg.MaxCells)},
		{Role: model.RoleUser, Content: "The tables, as JSON:\n" + described + "\n\nThe question:\n" + question},
	}
	for range maxTurns {
		done, err := r.turn(ctx, question)
		if done || err != nil {
			return err
		}
	}
	return fault.Wrap(fault.Unavailable, ErrNoAnswer, "The model asked for more and more and came to no answer. Ask something narrower.")
}

// turn is one turn of the model, with what it asks for; done after its answer.
func (r *run) turn(ctx context.Context, question string) (done bool, err error) {
	r.cfg.Doing("asks the model")
	r.text.Reset()
	reply, err := r.cfg.Chat(ctx, r.talk, tools(), func(text string) error { return r.heard(question, text) })
	if err != nil {
		return false, err
	}
	if len(reply.ToolCalls) == 0 {
		return true, r.answered(question, reply)
	}
	r.talk = append(r.talk, reply.Message)
	for _, call := range reply.ToolCalls {
		answer, err := r.call(ctx, call)
		if err != nil {
			return false, err
		}
		r.talk = append(r.talk, model.Message{Role: model.RoleTool, ToolCallID: call.ID, Content: answer})
		if err := r.cfg.Told(r.answer(question, "")); err != nil {
			return false, err
		}
	}
	if r.wrong > maxWrongCalls {
		return false, fault.Wrap(fault.Unavailable, ErrWrongCalls, "The model asks for things that RET does not have, so it cannot answer. Another model may.")
	}
	return false, nil
}

// heard shows the answer so far.
func (r *run) heard(question, text string) error {
	if r.text.Len()+len(text) > maxAnswer {
		return fault.New(fault.TooLarge, "The model's answer is too long. Ask for less.")
	}
	r.text.WriteString(text)
	return r.cfg.Told(r.answer(question, r.text.String()))
}

// answered shows the answer as it is in the end.
func (r *run) answered(question string, reply model.Reply) error {
	text := reply.Content
	if reply.Cut {
		text += " …\nThe model's answer was cut off here."
	}
	return r.cfg.Told(r.answer(question, text))
}

func (r *run) answer(question, text string) *workspace.AskAnswer {
	a := cite(text, question, &r.shown)
	a.Cells, a.MostCells, a.Shown = r.shown.cells, r.shown.most, r.shown.things
	return a
}
