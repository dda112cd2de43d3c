package system

import (
	"net/http"
	"testing"

	"ret/server/meaning/meaningtest"
	"ret/server/model/modeltest"
)

// canaryModels are the settings of a server with a model that answers with canaries, and
// one whose vectors are a canary as they are stored.
func canaryModels(t testing.TB) (env []string) {
	t.Helper()
	endpoint := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, q modeltest.Question, _ int) {
		switch q.Messages[len(q.Messages)-1].Role {
		case "user":
			modeltest.Calls(w, "search", `{"words":"canarycell"}`)
		default:
			modeltest.Says(w, "This is a canaryanswer [1].")
		}
	})
	vector := []float32{127} // the largest, which is stored as it is
	for _, c := range []byte("canaryvector") {
		vector = append(vector, float32(c))
	}
	model := meaningtest.Model(t, meaningtest.Piece{Text: "canarycell", Vector: vector}, meaningtest.Piece{Text: "canaryattribute", Vector: vector})
	return []string{"RET_CHAT_URL=" + endpoint.URL.String(), "RET_CHAT_KEY=canarysecret", "RET_EMBED_FILE=" + model}
}

// askCanaries asks a question, and has its tables' rows embedded, where the server has
// models for that.
func (c *client) askCanaries() {
	c.t.Helper()
	var consent struct{ Chat *struct{ Endpoint string } }
	c.do("GET", "/api/v1/consent", nil).want(c.t, 200).decode(c.t, &consent)
	if consent.Chat == nil {
		return
	}
	c.do("PUT", "/api/v1/consent", map[string]any{"chat": consent.Chat.Endpoint}).want(c.t, 200)
	var asked, indexed job
	c.do("POST", "/api/v1/ask", map[string]any{"question": "Where is a canaryquestion?"}).want(c.t, 202).decode(c.t, &asked)
	var answered struct {
		State  string
		Answer struct{ Text string }
		Errors []any
	}
	c.ended(asked.ID)
	c.do("GET", "/api/v1/jobs/"+asked.ID, nil).want(c.t, 200).decode(c.t, &answered)
	if answered.Answer.Text != "This is a canaryanswer. [1]" {
		c.t.Errorf("the question ended as %+v", answered)
	}
	c.do("POST", "/api/v1/jobs", map[string]any{"kind": "index", "files": []string{}}).want(c.t, 202).decode(c.t, &indexed)
	if end := c.ended(indexed.ID); end.State != "succeeded" {
		c.t.Errorf("the rows were embedded: %s", end.State)
	}
	if found := c.do("GET", "/api/v1/search?q=canaryattribute", nil).want(c.t, 200); len(found.content) < 100 {
		c.t.Errorf("found %s", found.content)
	}
}
