package model_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/server/model"
	"ret/server/model/modeltest"
	"ret/shared/fault"
)

const key = "sk-canary-0815"

// quick are limits that a test waits for.
var quick = model.Limits{Idle: 300 * time.Millisecond, Total: 5 * time.Second, Bytes: 64 << 10}

func client(e *modeltest.Endpoint, limits model.Limits) *model.Client {
	return model.New(model.Config{URL: e.URL, Model: "small", Key: key, Limits: limits})
}

var question = []model.Message{{Role: model.RoleUser, Content: "How many?"}}

// ask asks and returns what was heard.
func ask(ctx context.Context, c *model.Client) (model.Reply, []string, error) {
	var heard []string
	reply, err := c.Chat(ctx, question, []model.Tool{{Name: "sql", Parameters: []byte(`{"type":"object"}`)}}, func(text string) error {
		heard = append(heard, text)
		return nil
	})
	return reply, heard, err
}

func TestTextStreams(t *testing.T) {
	e := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		_, _ = fmt.Fprint(w, ": a comment\r\nevent: x\r\n")
		modeltest.Text(w, "Twelve")
		modeltest.Event(w, `{"choices":[]}`)
		modeltest.Text(w, " books.")
		modeltest.End(w, "stop")
	})
	reply, heard, err := ask(t.Context(), client(e, quick))
	if err != nil || reply.Content != "Twelve books." || reply.Cut || !slices.Equal(heard, []string{"Twelve", " books."}) {
		t.Fatalf("reply %+v, heard %q, %v", reply, heard, err)
	}
	q := e.Asked()[0]
	if q.Path != "/v1/chat/completions" || q.Key != key || q.Model != "small" || !q.Stream || len(q.Tools) != 1 || q.Last() != "How many?" {
		t.Errorf("asked %+v", q)
	}
}

func TestCallsAreGathered(t *testing.T) {
	e := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		modeltest.Call(w, 0, "sql", `{"sql":"SELECT 1"}`)
		modeltest.Call(w, 1, "search", `{"q":"x"}`)
		modeltest.End(w, "tool_calls")
	})
	reply, _, err := ask(t.Context(), client(e, quick))
	if err != nil || len(reply.ToolCalls) != 2 {
		t.Fatalf("reply %+v, %v", reply, err)
	}
	if c := reply.ToolCalls[1]; c.ID != "c1" || c.Function.Name != "search" || c.Function.Arguments != `{"q":"x"}` {
		t.Errorf("second call %+v", c)
	}
}

// Some endpoints answer at once although a stream was asked for.
func TestWholeAnswer(t *testing.T) {
	e := modeltest.New(t, says(http.StatusOK, `{"choices":[{"message":{"role":"assistant","content":"Five."},"finish_reason":"length"}]}`))
	reply, heard, err := ask(t.Context(), client(e, quick))
	if err != nil || reply.Content != "Five." || !reply.Cut || !slices.Equal(heard, []string{"Five."}) {
		t.Fatalf("reply %+v, heard %q, %v", reply, heard, err)
	}
}

func says(status int, body string) modeltest.Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

// streams answers with these events and then ends the connection properly.
func streams(events ...string) modeltest.Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		for _, e := range events {
			modeltest.Event(w, e)
		}
	}
}

// Whatever an endpoint does, it is an error of a known kind with a sentence, and the
// key and what was sent stand in none.
func TestFaults(t *testing.T) {
	const piece = `{"choices":[{"delta":{"content":"Twelve"}}]}`
	hangs := func(w http.ResponseWriter, r *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		modeltest.Text(w, "Twel")
		<-r.Context().Done()
	}
	silent := func(_ http.ResponseWriter, r *http.Request, _ modeltest.Question, _ int) { <-r.Context().Done() }
	drips := func(w http.ResponseWriter, r *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		for r.Context().Err() == nil {
			modeltest.Event(w, `{"choices":[]}`)
			time.Sleep(20 * time.Millisecond) // the pace of a slow stream, which is what is tested
		}
	}
	floods := func(w http.ResponseWriter, r *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		for r.Context().Err() == nil {
			modeltest.Text(w, strings.Repeat("x", 4096))
		}
	}
	cutOff := func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		modeltest.Text(w, "Twel")
		panic(http.ErrAbortHandler)
	}
	for name, test := range map[string]struct {
		answer modeltest.Answer
		want   error
	}{
		"key":                 {says(http.StatusUnauthorized, `{"error":{"message":"Incorrect API key `+key+`"}}`), model.ErrKey},
		"forbidden":           {says(http.StatusForbidden, ""), model.ErrKey},
		"unknown model":       {says(http.StatusNotFound, `{"error":"How many?"}`), model.ErrRequest},
		"elsewhere":           {elsewhere, model.ErrRequest},
		"busy":                {says(http.StatusTooManyRequests, ""), model.ErrBusy},
		"broken server":       {says(http.StatusBadGateway, "<html>"), model.ErrUnreachable},
		"html":                {says(http.StatusOK, "<html>"), model.ErrBroken},
		"cut JSON":            {says(http.StatusOK, `{"choices":[{"mess`), model.ErrBroken},
		"broken event":        {streams(piece, `{"choices":[{"delta":{"content":`), model.ErrBroken},
		"another shape":       {streams(`{"choices":"none"}`), model.ErrBroken},
		"no end":              {streams(piece), model.ErrBroken},
		"cut off":             {cutOff, model.ErrBroken},
		"error in the stream": {streams(piece, `{"error":{"message":"overloaded `+key+`"}}`), model.ErrBroken},
		"nothing":             {streams(`[DONE]`), model.ErrBroken},
		"call without name":   {streams(`{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`), model.ErrBroken},
		"call out of order":   {streams(`{"choices":[{"delta":{"tool_calls":[{"index":7,"function":{"name":"sql"}}]}}]}`), model.ErrBroken},
		"call before all":     {streams(`{"choices":[{"delta":{"tool_calls":[{"index":-1,"function":{"name":"sql"}}]}}]}`), model.ErrBroken},
		"endless event":       {streams(strings.Repeat("x", 2<<20)), model.ErrTooLong},
		"endless answer":      {floods, model.ErrTooLong},
		"refusal":             {streams(`{"choices":[{"delta":{"refusal":"I can not."},"finish_reason":"stop"}]}`, `[DONE]`), model.ErrRefused},
		"filtered":            {streams(piece, `{"choices":[{"delta":{},"finish_reason":"content_filter"}]}`, `[DONE]`), model.ErrRefused},
		"silent":              {silent, model.ErrSlow},
		"hangs":               {hangs, model.ErrSlow},
		"drips":               {drips, model.ErrSlow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := quick
			limits.Tries = 1
			if name == "drips" {
				limits.Total = 500 * time.Millisecond
			}
			_, _, err := ask(t.Context(), client(modeltest.New(t, test.answer), limits))
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			if fault.KindOf(err) == fault.Internal || !strings.HasSuffix(fault.Message(err), ".") {
				t.Errorf("kind %v, message %q", fault.KindOf(err), fault.Message(err))
			}
			for _, secret := range []string{key, "How many"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error repeats %q: %v", secret, err)
				}
			}
		})
	}
}

func elsewhere(w http.ResponseWriter, r *http.Request, _ modeltest.Question, n int) {
	if n > 1 {
		modeltest.Says(w, "followed")
		return
	}
	http.Redirect(w, r, "/v1/elsewhere", http.StatusTemporaryRedirect)
}

func TestNobodyThere(t *testing.T) {
	e := modeltest.New(t, says(http.StatusOK, ""))
	gone := *e.URL
	gone.Host, gone.RawQuery = "127.0.0.1:1", "api-key="+key
	c := model.New(model.Config{URL: &gone, Limits: model.Limits{Tries: 1}})
	_, _, err := ask(t.Context(), c)
	if !errors.Is(err, model.ErrUnreachable) || strings.Contains(err.Error(), key) {
		t.Fatal(err)
	}
	if c.Endpoint() != "http://127.0.0.1:1/v1" {
		t.Errorf("named %q", c.Endpoint())
	}
}

// What is refused for now is asked again, when the endpoint says.
func TestAsksAgain(t *testing.T) {
	e := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, n int) {
		switch n {
		case 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			modeltest.Says(w, "Twelve.")
		}
	})
	c := client(e, quick)
	var waits []time.Duration
	model.SetWait(c, func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	})
	reply, _, err := ask(t.Context(), c)
	if err != nil || reply.Content != "Twelve." || len(waits) != 2 || waits[0] != 7*time.Second || waits[1] <= 0 || waits[1] > time.Second {
		t.Fatalf("reply %+v, waited %v, %v", reply, waits, err)
	}
}

// A wait that is too long is the person's, who is told how long it is.
func TestDoesNotWaitForEver(t *testing.T) {
	e := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, _, err := ask(t.Context(), client(e, quick))
	if !errors.Is(err, model.ErrBusy) || fault.RetryAfter(err) != time.Hour || len(e.Asked()) != 1 {
		t.Fatalf("%v, again after %v, asked %d times", err, fault.RetryAfter(err), len(e.Asked()))
	}
}

// Who calls off ends the stream at the endpoint too.
func TestCallingOffEndsTheStream(t *testing.T) {
	ended := make(chan struct{})
	e := modeltest.New(t, func(w http.ResponseWriter, r *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		modeltest.Text(w, "Twel")
		<-r.Context().Done()
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client(e, model.Limits{}).Chat(ctx, question, nil, func(string) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the endpoint still streams")
	}
}

func TestAddresses(t *testing.T) {
	for set, want := range map[string]string{
		"http://a.example":                           "http://a.example/v1/chat/completions",
		"http://a.example/":                          "http://a.example/v1/chat/completions",
		"http://a.example/v1/":                       "http://a.example/v1/chat/completions",
		"http://a.example/openai/v1":                 "http://a.example/openai/v1/chat/completions",
		"http://a.example/v1/chat/completions":       "http://a.example/v1/chat/completions",
		"http://a.example/d/chat/completions?api=24": "http://a.example/d/chat/completions?api=24",
	} {
		u, err := url.Parse(set)
		if err != nil {
			t.Fatal(err)
		}
		if got := model.Address(model.New(model.Config{URL: u}), "/chat/completions"); got != want {
			t.Errorf("%s asks %s, want %s", set, got, want)
		}
	}
}

func TestEmbed(t *testing.T) {
	e := modeltest.New(t, says(http.StatusOK, `{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0.5]}]}`))
	vectors, err := client(e, quick).Embed(t.Context(), []string{"a", "b"})
	if err != nil || len(vectors) != 2 || !slices.Equal(vectors[0], []float32{1, 0.5}) || !slices.Equal(vectors[1], []float32{0, 1}) {
		t.Fatalf("%v, %v", vectors, err)
	}
	if q := e.Asked()[0]; q.Path != "/v1/embeddings" || !slices.Equal(q.Input, []string{"a", "b"}) || q.Model != "small" {
		t.Errorf("asked %+v", q)
	}
}

func TestEmbedFaults(t *testing.T) {
	for name, body := range map[string]string{
		"too few":     `{"data":[{"index":0,"embedding":[1]}]}`,
		"twice":       `{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`,
		"lengths":     `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}`,
		"empty":       `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`,
		"beyond":      `{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}`,
		"no numbers":  `{"data":[{"index":0,"embedding":["a"]},{"index":1,"embedding":[1]}]}`,
		"not finite":  `{"data":[{"index":0,"embedding":[1e999]},{"index":1,"embedding":[1]}]}`,
		"broken JSON": `{"data":[`,
	} {
		e := modeltest.New(t, says(http.StatusOK, body))
		if _, err := client(e, quick).Embed(t.Context(), []string{"a", "b"}); !errors.Is(err, model.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
