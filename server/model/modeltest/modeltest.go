// Package modeltest is an endpoint of the OpenAI-compatible protocol for tests: it says
// what the test tells it to, over a real socket, and counts what it is asked.
package modeltest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"ret/server/model"
)

// Question is what the endpoint was asked.
type Question struct {
	Key      string // of the bearer token
	Path     string
	Model    string          `json:"model"`
	Messages []model.Message `json:"messages"`
	Stream   bool            `json:"stream"`
	Input    []string        `json:"input"` // of embeddings
	Tools    []struct {
		Function model.Tool `json:"function"`
	} `json:"tools"`

	Body string // all of it
}

// Last is the content of the last message.
func (q Question) Last() string {
	if len(q.Messages) == 0 {
		return ""
	}
	return q.Messages[len(q.Messages)-1].Content
}

// Answer writes the endpoint's answer to a question, the n-th from 1 on.
type Answer func(w http.ResponseWriter, r *http.Request, q Question, n int)

// Endpoint is a stand-in that runs until its test ends.
type Endpoint struct {
	URL *url.URL // its base: …/v1

	mu     sync.Mutex
	asked  []Question
	answer Answer
}

// New starts an endpoint that answers in this way.
func New(t testing.TB, answer Answer) *Endpoint {
	t.Helper()
	e := &Endpoint{answer: answer}
	server := httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL + "/v1")
	if err != nil {
		t.Fatal(err)
	}
	e.URL = base
	return e
}

func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	var body json.RawMessage
	q := Question{Path: r.URL.Path}
	if err := json.NewDecoder(r.Body).Decode(&body); err == nil {
		_ = json.Unmarshal(body, &q)
		q.Body = string(body)
	}
	_, _ = fmt.Sscanf(r.Header.Get("Authorization"), "Bearer %s", &q.Key)
	e.mu.Lock()
	e.asked = append(e.asked, q)
	n := len(e.asked)
	answer := e.answer
	e.mu.Unlock()
	answer(w, r, q, n)
}

// Asked are the questions so far.
func (e *Endpoint) Asked() []Question {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Question(nil), e.asked...)
}

// Stream begins an answer in events.
func Stream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	flush(w)
}

// Event sends one event with this data.
func Event(w http.ResponseWriter, data string) {
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
	flush(w)
}

// Text sends a piece of text.
func Text(w http.ResponseWriter, text string) { Event(w, delta(map[string]any{"content": text})) }

// Call sends a call of a tool, the index-th of this turn, in two pieces.
func Call(w http.ResponseWriter, index int, name, arguments string) {
	half := len(arguments) / 2
	begin := map[string]any{"index": index, "id": fmt.Sprintf("c%d", index), "type": "function", "function": map[string]string{"name": name, "arguments": arguments[:half]}}
	rest := map[string]any{"index": index, "function": map[string]string{"arguments": arguments[half:]}}
	Event(w, delta(map[string]any{"tool_calls": []any{begin}}))
	Event(w, delta(map[string]any{"tool_calls": []any{rest}}))
}

// End ends an answer in events.
func End(w http.ResponseWriter, reason string) {
	Event(w, fmt.Sprintf(`{"choices":[{"index":0,"delta":{},"finish_reason":%q}]}`, reason))
	Event(w, "[DONE]")
}

// Says answers with a text.
func Says(w http.ResponseWriter, pieces ...string) {
	Stream(w)
	for _, piece := range pieces {
		Text(w, piece)
	}
	End(w, "stop")
}

// Calls answers with the call of one tool.
func Calls(w http.ResponseWriter, name, arguments string) {
	Stream(w)
	Call(w, 0, name, arguments)
	End(w, "tool_calls")
}

func delta(fields map[string]any) string {
	body, err := json.Marshal(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": fields, "finish_reason": nil}}})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}
