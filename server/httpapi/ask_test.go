package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ret/server/model/modeltest"
)

// askStand is a stand with a model, and ana's books.
func askStand(t *testing.T, answer modeltest.Answer) (*stand, *modeltest.Endpoint) {
	t.Helper()
	e := modeltest.New(t, answer)
	s := newStand(t, "RET_CHAT_URL="+e.URL.String(), "RET_CHAT_MODEL=small", "RET_CHAT_KEY=sk-canary", "RET_CHAT_MAX_CELLS=50")
	s.upload("ana")
	s.places = strings.NewReplacer("{endpoint}", e.URL.String()+" (small)")
	return s, e
}

// A program says yes to the endpoint that it was named, and asks. Nothing is sent before,
// and nothing after the yes was taken back; another session's yes is its own.
func TestAskOverTheAPI(t *testing.T) {
	s, e := askStand(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, n int) {
		if n == 1 {
			modeltest.Calls(w, "sql", `{"sql":"SELECT count(*) AS n FROM b"}`)
			return
		}
		modeltest.Says(w, "There are 2 [1].")
	})
	question := ask{"ana", "POST", "/api/v1/ask", `{"question":"How many?"}`}
	s.want(ask{"ana", "GET", "/api/v1/consent", ""}, 200, `{"chat":{"endpoint":"{endpoint}","given_at":null},"embed":null}`)
	s.want(question, 403, `"code":"denied"`, "say yes")
	s.want(ask{"ana", "POST", "/api/v1/jobs", `{"kind":"ask","files":[],"options":{"question":"How many?"}}`}, 403, `"code":"denied"`)
	s.want(ask{"ana", "PUT", "/api/v1/consent", `{"chat":"https://another.example/v1"}`}, 409, `"code":"conflict"`)
	s.want(question, 403, `"code":"denied"`)
	s.want(ask{"admin", "PUT", "/api/v1/consent", `{"chat":"{endpoint}"}`}, 200)
	s.want(question, 403, `"code":"denied"`)
	if n := len(e.Asked()); n > 0 {
		t.Fatalf("%d questions were sent before the yes", n)
	}
	s.want(ask{"ana", "PUT", "/api/v1/consent", `{"chat":"{endpoint}"}`}, 200, `"given_at":"20`)
	answer := s.want(question, 202, `"kind":"ask"`, `"state":"succeeded"`, `"text":"There are 2. [1]"`, `"sql":"SELECT count(*) AS n FROM b"`)
	s.want(ask{"ana", "GET", "/ask", ""}, 200, `name="sql" value="SELECT count(*) AS n FROM b"`)
	if to := s.ledTo(ask{"ana", "POST", "/query", "action=show&sql=SELECT+count(*)+AS+n+FROM+b"}); !strings.HasPrefix(to, "/query?view=") {
		t.Errorf("its query opens at %s", to)
	}
	if n := len(e.Asked()); n != 2 || e.Asked()[0].Key != "sk-canary" || strings.Contains(answer, "sk-canary") {
		t.Errorf("%d questions, answer %s", n, answer)
	}
	s.want(ask{"ana", "PUT", "/api/v1/consent", `{"chat":null}`}, 200, `"given_at":null`)
	s.want(question, 403, `"code":"denied"`)
	if n := len(e.Asked()); n != 2 {
		t.Errorf("%d questions after the yes was taken back", n-2)
	}
}

// A person does the same by forms, without JavaScript. The page names the endpoint and
// what would be sent, and no address has the question.
func TestAskPage(t *testing.T) {
	s, e := askStand(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Says(w, "Nothing of <b>that</b>.")
	})
	form := func(fields ...string) string {
		v := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], s.places.Replace(fields[i+1]))
		}
		return v.Encode()
	}
	s.want(ask{"ana", "GET", "/", ""}, 200, `<a href="/ask">Ask</a>`)
	s.want(ask{"ana", "GET", "/ask", ""}, 200, "{endpoint}", "at most 50 cells", "same machine", "Yes, send this")
	s.want(ask{"ana", "POST", "/ask", form("action", "ask", "question", "How many?")}, 403, "say yes")
	s.want(ask{"ana", "POST", "/ask", form("action", "consent", "endpoint", "https://another.example")}, 303, "wrong=conflict")
	if n := len(e.Asked()); n > 0 {
		t.Fatalf("%d questions were sent before the yes", n)
	}
	s.want(ask{"ana", "POST", "/ask", form("action", "consent", "endpoint", "{endpoint}")}, 303, "/ask")
	if to := s.ledTo(ask{"ana", "POST", "/ask", form("action", "ask", "question", "How many canaries?")}); to != "/ask" {
		t.Errorf("the question leads to %s", to)
	}
	page := s.want(ask{"ana", "GET", "/ask", ""}, 200, "How many canaries?", "Nothing of &lt;b&gt;that&lt;/b&gt;.", "no source", "cells shown to the model")
	if title, _, _ := strings.Cut(page, "</title>"); strings.Contains(title, "canaries") {
		t.Error("the title has the question")
	}
	s.want(ask{"ana", "POST", "/ask", form("action", "ask", "question", " ")}, 400, "There is no question.")
	s.want(ask{"admin", "GET", "/ask", ""}, 200, "Yes, send this")
	s.want(ask{"ana", "POST", "/ask", form("action", "withdraw")}, 303, "/ask")
	s.want(ask{"ana", "GET", "/ask", ""}, 200, "Yes, send this", "How many canaries?")
}

// Without a model there is no way to the page, and it says so.
func TestAskPageWithoutModel(t *testing.T) {
	s := newStand(t)
	if page := s.want(ask{"ana", "GET", "/ask", ""}, 200, "no language model"); strings.Contains(page, `href="/ask"`) {
		t.Error("the navigation has the page")
	}
}
