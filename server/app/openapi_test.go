package app

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/config"
	"ret/server/model/modeltest"
)

// describedServer is a whole server in this process, whose answers are held
// against the API's description.
type describedServer struct {
	t       *testing.T
	root    string // its runtime folder
	url     string
	client  *http.Client
	paths   map[string]map[string]operation
	schemas map[string]schema
}

type operation struct {
	Responses map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	OneOf      []schema          `json:"oneOf"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Additional *additional       `json:"additionalProperties"`
	Items      *schema           `json:"items"`
	Enum       []string          `json:"enum"`
}

// additional is what is said of properties that have no description of their own: what
// they are, or that there are none.
type additional struct {
	None bool
	schema
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *additional) UnmarshalJSON(text []byte) error {
	var may bool
	if json.Unmarshal(text, &may) == nil {
		a.None = !may
		return nil
	}
	return json.Unmarshal(text, &a.schema)
}

func startDescribed(t *testing.T, environ ...string) *describedServer {
	t.Helper()
	root := filepath.Join(t.TempDir(), "runtime")
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags := config.Register(set)
	loaded, err := flags.Load(append([]string{"RET_RUNTIME_ROOT=" + root, "RET_WORKERS=0", "RET_ADMIN_PASSWORD=a long password 9"}, environ...))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := loaded.Config()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), loaded, cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.FirstAdmin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(func() {
		server.Close()
		a.Close()
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &describedServer{t: t, root: root, url: server.URL, client: &http.Client{Jar: jar}}
	d.readDescription()
	return d
}

func (d *describedServer) readDescription() {
	d.t.Helper()
	answer, err := d.client.Get(d.url + "/api/openapi.json")
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	var doc struct {
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct{ Schemas map[string]schema }   `json:"components"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil {
		d.t.Fatal(err)
	}
	d.schemas, d.paths = doc.Components.Schemas, map[string]map[string]operation{}
	for path, operations := range doc.Paths {
		d.paths[path] = map[string]operation{}
		for method, text := range operations {
			var o operation
			if method != "parameters" && json.Unmarshal(text, &o) == nil {
				d.paths[path][method] = o
			}
		}
	}
}

// ask makes a request for a described path and holds the answer against its
// description. Headers are pairs. It returns the decoded JSON.
func (d *describedServer) ask(method, path, target string, body io.Reader, contentType string, headers ...string) map[string]any {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), strings.ToUpper(method), d.url+target, body)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	answer, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	what := method + " " + path
	response, ok := d.paths[path][method].Responses[fmt.Sprint(answer.StatusCode)]
	if !ok {
		if answer.StatusCode < 400 {
			d.t.Fatalf("%s answered %d, which is not described: %s", what, answer.StatusCode, text)
		}
		response = d.paths[path][method].Responses["default"]
	}
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	content, ok := response.Content[kind]
	if !ok {
		if len(response.Content) > 0 || len(text) > 0 {
			d.t.Errorf("%s answered %q, which is not described", what, kind)
		}
		return nil
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		d.t.Fatalf("%s: %v", what, err)
	}
	for _, problem := range d.check(content.Schema, value, "answer") {
		d.t.Errorf("%s: %s", what, problem)
	}
	object, _ := value.(map[string]any)
	return object
}

// check returns how a value differs from its schema.
func (d *describedServer) check(s schema, value any, where string) (problems []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.check(d.schemas[name], value, where)
	}
	if len(s.OneOf) > 0 {
		for _, one := range s.OneOf {
			found := d.check(one, value, where)
			if len(found) == 0 {
				return nil
			}
			problems = append(problems, found...)
		}
		return problems
	}
	if s.Type != nil && !hasType(s.Type, value) {
		return []string{fmt.Sprintf("%s is %T, not %v", where, value, s.Type)}
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				problems = append(problems, where+"."+name+" is missing")
			}
		}
		for name, item := range v {
			p, ok := s.Properties[name]
			if !ok && s.Additional != nil {
				p, ok = s.Additional.schema, !s.Additional.None
				if !ok {
					problems = append(problems, where+"."+name+" is not described")
				}
			}
			if ok {
				problems = append(problems, d.check(p, item, where+"."+name)...)
			}
		}
	case []any:
		for _, item := range v {
			if s.Items != nil {
				problems = append(problems, d.check(*s.Items, item, where+"[]")...)
			}
		}
	}
	return problems
}

func hasType(want, value any) bool {
	if list, ok := want.([]any); ok {
		for _, one := range list {
			if hasType(one, value) {
				return true
			}
		}
		return false
	}
	switch v := value.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && v == float64(int64(v))
	case []any:
		return want == "array"
	default:
		return want == "object"
	}
}

func (d *describedServer) json(method, path, target, body string) map[string]any {
	d.t.Helper()
	return d.ask(method, path, target, strings.NewReader(body), "application/json")
}

// id returns the id of an object, or of the first of a list.
func id(object map[string]any) string {
	if items, ok := object["items"].([]any); ok && len(items) > 0 {
		object, _ = items[0].(map[string]any)
	}
	text, _ := object["id"].(string)
	return text
}

func (d *describedServer) uploadTo(target string, files map[string]string) map[string]any {
	d.t.Helper()
	var archive, form bytes.Buffer
	z := zip.NewWriter(&archive)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
	_ = z.Close()
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "a.zip")
	if err == nil {
		_, err = part.Write(archive.Bytes())
	}
	if err != nil {
		d.t.Fatal(err)
	}
	_ = m.Close()
	return d.ask("post", "/api/v1/files", target, &form, m.FormDataContentType())
}

// Real answers are what the description says, the errors too.
func TestAnswersAreAsDescribed(t *testing.T) {
	endpoint := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, n int) {
		switch n {
		case 1:
			modeltest.Calls(w, "search", `{"words":"1"}`)
		case 2:
			modeltest.Calls(w, "sql", `{"sql":"SELECT count(*) AS n FROM i"}`)
		default:
			modeltest.Says(w, "One [1].\nThere are 2 [2], or 7 [2].")
		}
	})
	d := startDescribed(t, "RET_CHAT_URL="+endpoint.URL.String())
	d.json("post", "/api/v1/login", "/api/v1/login", `{"username":"admin","password":"wrong"}`)
	d.json("post", "/api/v1/login", "/api/v1/login", `{"username":"admin","password":"a long password 9"}`)
	d.json("get", "/api/v1/session", "/api/v1/session", "")
	d.json("get", "/api/v1/viewer", "/api/v1/viewer", "")
	d.json("get", "/api/v1/sessions", "/api/v1/sessions", "")

	uploaded := d.uploadTo("/api/v1/files?convert=1", map[string]string{"good.xml": "<r><i a='1'/><i><b/></i></r>", "bad.xml": "<r>"})
	file := id(uploaded)
	job := id(uploaded["job"].(map[string]any))
	table := id(d.json("get", "/api/v1/tables", "/api/v1/tables", ""))
	for path, target := range map[string]string{
		"/api/v1/files": "/api/v1/files?limit=1", "/api/v1/files/{id}": "/api/v1/files/" + file,
		"/api/v1/files/{id}/content": "/api/v1/files/" + file + "/content",
		"/api/v1/files/{id}/inspect": "/api/v1/files/" + file + "/inspect?rows=2&max_repeat=1",
		"/api/v1/jobs/{id}/recipe":   "/api/v1/jobs/" + job + "/recipe",
		"/api/v1/jobs":               "/api/v1/jobs", "/api/v1/jobs/{id}": "/api/v1/jobs/" + job,
		"/api/v1/tables/{id}": "/api/v1/tables/" + table, "/api/v1/tables/{id}/rows": "/api/v1/tables/" + table + "/rows",
		"/api/v1/tables/{id}/content": "/api/v1/tables/" + table + "/content?format=xlsx",
		"/api/v1/export":              "/api/v1/export", "/api/v1/cache": "/api/v1/cache",
		"/api/v1/admin/users": "/api/v1/admin/users", "/api/v1/admin/sessions": "/api/v1/admin/sessions",
		"/api/v1/admin/audit": "/api/v1/admin/audit", "/api/v1/admin/stats": "/api/v1/admin/stats",
	} {
		d.json("get", path, target, "")
	}
	d.ask("post", "/api/v1/recipe", "/api/v1/recipe", strings.NewReader("record=rows/row&bom=1"), "application/x-www-form-urlencoded")
	d.json("get", "/api/v1/files/{id}", "/api/v1/files/none", "")
	d.json("post", "/api/v1/ask", "/api/v1/ask", `{"question":"how many?"}`)
	consents := d.json("get", "/api/v1/consent", "/api/v1/consent", "")
	d.json("put", "/api/v1/consent", "/api/v1/consent", `{"chat":"`+consents["chat"].(map[string]any)["endpoint"].(string)+`"}`)
	if asked := d.json("post", "/api/v1/ask", "/api/v1/ask", `{"question":"how many?"}`); asked["answer"] == nil {
		t.Errorf("no answer in %v", asked)
	}
	again := d.json("post", "/api/v1/jobs", "/api/v1/jobs", `{"kind":"convert","files":["`+file+`"]}`)
	d.json("post", "/api/v1/jobs/{id}/cancel", "/api/v1/jobs/"+id(again)+"/cancel", "")
	d.json("post", "/api/v1/jobs/{id}/retry", "/api/v1/jobs/"+id(again)+"/retry", "")
	d.ask("put", "/api/v1/cache/{key}", "/api/v1/cache/k?ttl=60", strings.NewReader("v"), "application/octet-stream")
	d.json("get", "/api/v1/cache/{key}", "/api/v1/cache/k", "")
	d.json("delete", "/api/v1/cache", "/api/v1/cache?prefix=k", "")

	const pieces = "/api/v1/uploads/{id}"
	inPieces := strings.Replace(pieces, "{id}", "01988d3c-0000-7000-8000-000000000000", 1)
	d.json("get", pieces, inPieces, "")
	for _, at := range []string{"0", "7"} { // the second is refused
		d.ask("patch", pieces, inPieces, strings.NewReader("<r><i>1</i></r>"), "application/octet-stream", "Upload-Offset", at)
	}
	d.json("get", pieces, inPieces, "")
	sum := sha256.Sum256([]byte("<r><i>1</i></r>"))
	d.json("post", pieces, inPieces, `{"name":"p.xml","size":15,"sha256":"`+hex.EncodeToString(sum[:])+`"}`)
	d.json("delete", pieces, inPieces, "")

	user := id(d.json("post", "/api/v1/admin/users", "/api/v1/admin/users", `{"name":"ana","password":"another long one 7"}`))
	d.json("patch", "/api/v1/admin/users/{id}", "/api/v1/admin/users/"+user, `{"locked":true}`)
	d.json("post", "/api/v1/admin/users/{id}/reset", "/api/v1/admin/users/"+user+"/reset", "")
	d.json("delete", "/api/v1/admin/users/{id}", "/api/v1/admin/users/"+user, "")
	d.json("delete", "/api/v1/files/{id}", "/api/v1/files/"+file, "")
	d.json("post", "/api/v1/logout", "/api/v1/logout", "")
}
