package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ret/shared/fault"
)

// The roles of messages.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

// Message is one turn of a conversation.
type Message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`   // of the assistant
	ToolCallID string     `json:"tool_call_id,omitempty"` // of a tool: the call that it answers
}

// ToolCall is what the model wants done. Neither its name nor its arguments are checked:
// a model may write anything there.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"` // "function"
	Function FunctionCall `json:"function"`
}

// FunctionCall names a tool and its arguments, which should be a JSON object.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Tool is something that the model may ask for.
type Tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"` // JSON Schema
}

// Reply is the model's turn.
type Reply struct {
	Message
	Cut bool // it ended because it was too long for the model
}

type chatQuestion struct {
	Model    string     `json:"model,omitempty"`
	Messages []Message  `json:"messages"`
	Tools    []chatTool `json:"tools,omitempty"`
	Stream   bool       `json:"stream"`
}

type chatTool struct {
	Type     string `json:"type"`
	Function Tool   `json:"function"`
}

// chatChunk is what comes of a reply at once: a part of a stream, or all of it.
type chatChunk struct {
	Choices []chatChoice    `json:"choices"`
	Error   json.RawMessage `json:"error"`
}

type chatChoice struct {
	Delta        *chatPart `json:"delta"`   // in a stream
	Message      *chatPart `json:"message"` // where all comes at once
	FinishReason string    `json:"finish_reason"`
}

type chatPart struct {
	Content   string     `json:"content"`
	Refusal   string     `json:"refusal"`
	ToolCalls []callPart `json:"tool_calls"`
}

type callPart struct {
	Index    *int         `json:"index"`
	ID       string       `json:"id"`
	Function FunctionCall `json:"function"`
}

// Chat asks for the next turn of a conversation, in which the model may call tools. The
// text is given to heard piece by piece as it comes, on the calling goroutine; an error
// of heard ends the call. Errors are those of the package, ctx's or heard's.
func (c *Client) Chat(ctx context.Context, messages []Message, tools []Tool, heard func(text string) error) (Reply, error) {
	question := chatQuestion{Model: c.cfg.Model, Messages: messages, Stream: true}
	for _, t := range tools {
		question.Tools = append(question.Tools, chatTool{"function", t})
	}
	got, err := c.post(ctx, "/chat/completions", question)
	if err != nil {
		return Reply{}, err
	}
	defer got.Close()
	r := replying{client: c, heard: heard}
	if got.streams() {
		err = r.stream(newEvents(got))
	} else {
		err = r.whole(got)
	}
	if err != nil {
		return Reply{}, err
	}
	return r.reply()
}

// replying gathers a reply from its parts.
type replying struct {
	client  *Client
	heard   func(string) error
	text    strings.Builder
	refused bool
	calls   []ToolCall
	finish  string
}

// stream reads a reply that comes in events. It must say how it ended.
func (r *replying) stream(from *events) error {
	for {
		data, err := from.next()
		switch {
		case errors.Is(err, errLongEvent):
			return r.client.fail(fault.TooLarge, ErrTooLong, "answers at more length than this server takes. Ask for less.")
		case err == io.EOF && r.finish == "":
			return r.client.fail(fault.Unavailable, ErrBroken, "broke off in the middle of its answer. Try again.")
		case err == io.EOF || bytes.Equal(data, []byte("[DONE]")):
			return nil
		case err != nil:
			return err
		}
		if err := r.take(data); err != nil {
			return err
		}
	}
}

// whole reads a reply that comes at once, from an endpoint that does not stream.
func (r *replying) whole(from io.Reader) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return r.take(data)
}

func (r *replying) take(data []byte) error {
	var chunk chatChunk
	if err := json.Unmarshal(data, &chunk); err != nil {
		return r.malformed(errors.New("no JSON of this shape")) // err repeats a part of it
	}
	if len(chunk.Error) > 0 && string(chunk.Error) != "null" {
		return r.client.fail(fault.Unavailable, ErrBroken, "gave up its answer with an error of its own. Try again.")
	}
	for _, choice := range chunk.Choices[:min(1, len(chunk.Choices))] {
		if choice.FinishReason != "" {
			r.finish = choice.FinishReason
		}
		for _, part := range []*chatPart{choice.Delta, choice.Message} {
			if part == nil {
				continue
			}
			if err := r.add(part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *replying) add(part *chatPart) error {
	r.refused = r.refused || part.Refusal != ""
	for i, call := range part.ToolCalls {
		if err := r.addCall(i, call); err != nil {
			return err
		}
	}
	if part.Content == "" {
		return nil
	}
	text := strings.ToValidUTF8(part.Content, "\uFFFD")
	r.text.WriteString(text)
	return r.heard(text)
}

// maxCalls bounds what one turn may ask for.
const maxCalls = 32

// addCall adds a part of a call. Where an endpoint does not number them, a part with a
// name begins a call and one without continues the last.
func (r *replying) addCall(place int, part callPart) error {
	at := place
	switch {
	case part.Index != nil:
		at = *part.Index
	case part.Function.Name != "":
		at = len(r.calls)
	default:
		at = max(place, len(r.calls)-1)
	}
	if at < 0 || at > len(r.calls) || at >= maxCalls {
		return r.malformed(fmt.Errorf("call %d after %d", at, len(r.calls)))
	}
	if at == len(r.calls) {
		r.calls = append(r.calls, ToolCall{Type: "function"})
	}
	call := &r.calls[at]
	if part.ID != "" {
		call.ID = part.ID
	}
	if call.Function.Name == "" {
		call.Function.Name = part.Function.Name
	}
	call.Function.Arguments += part.Function.Arguments
	return nil
}

// reply is what has been gathered, if it is one.
func (r *replying) reply() (Reply, error) {
	if r.refused || r.finish == "content_filter" {
		return Reply{}, r.client.fail(fault.Denied, ErrRefused, "refuses to answer this question. Ask it in other words.")
	}
	if r.text.Len() == 0 && len(r.calls) == 0 {
		return Reply{}, r.malformed(errors.New("neither text nor calls"))
	}
	for i := range r.calls {
		if r.calls[i].Function.Name == "" {
			return Reply{}, r.malformed(errors.New("a call without a name"))
		}
		if r.calls[i].ID == "" {
			r.calls[i].ID = fmt.Sprintf("call_%d", i)
		}
	}
	reply := Reply{Cut: r.finish == "length"}
	reply.Role, reply.Content, reply.ToolCalls = RoleAssistant, r.text.String(), r.calls
	return reply, nil
}

func (r *replying) malformed(cause error) error { return r.client.malformed(cause) }

func (c *Client) malformed(cause error) error {
	return c.fail(fault.Unavailable, errors.Join(ErrBroken, cause), "answers in a way that this server does not understand. Try again; if it stays, tell whoever runs this server.")
}
