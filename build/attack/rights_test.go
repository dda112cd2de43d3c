package attack

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ret/server/httpapi"
)

// right says who may use a route.
type right int

const (
	anyone right = iota + 1
	person       // who is signed in, and then only what is theirs
	boss         // admins
)

// rule is a route's right, and what of somebody the "{…}" in its address names:
// someone else's is not found. own is what a client names itself, so the same name
// is another thing in another session.
type rule struct {
	right
	object string
	own    bool
	form   string // a form that would do something; "{}" in it is the object
	ends   bool   // the session of whoever asks
}

// rules are those of all routes. A route that is missing here fails the test.
var rules = map[string]rule{
	"GET /healthz":              {right: anyone},
	"GET /readyz":               {right: anyone},
	"GET /assets/":              {right: anyone},
	"GET /manifest.webmanifest": {right: anyone},
	"GET /shell":                {right: anyone},
	"GET /sw.js":                {right: anyone},
	"GET /api/openapi.json":     {right: anyone},
	"POST /api/v1/login":        {right: anyone},
	"GET /api/v1/live":          {right: anyone}, // which says who is not signed in by the socket's close code
	"GET /login":                {right: anyone},
	"POST /login":               {right: anyone},
	"GET /signed-out":           {right: anyone},
	"GET /reset/{token}":        {right: anyone, object: "upload"},
	"POST /reset/{token}":       {right: anyone, object: "upload"},

	"GET /api/v1/session":          {right: person},
	"GET /api/v1/viewer":           {right: person},
	"POST /api/v1/logout":          {right: person, ends: true},
	"GET /api/v1/sessions":         {right: person},
	"DELETE /api/v1/sessions":      {right: person},
	"DELETE /api/v1/sessions/{id}": {right: person, object: "session"},
	"POST /api/v1/password":        {right: person},

	"POST /api/v1/files":             {right: person},
	"GET /api/v1/files":              {right: person},
	"GET /api/v1/files/{id}":         {right: person, object: "file"},
	"GET /api/v1/files/{id}/content": {right: person, object: "file"},
	"GET /api/v1/files/{id}/inspect": {right: person, object: "file"},
	"DELETE /api/v1/files/{id}":      {right: person, object: "file"},
	"GET /api/v1/uploads/{id}":       {right: person, object: "upload", own: true},
	"PATCH /api/v1/uploads/{id}":     {right: person, object: "upload", own: true},
	"POST /api/v1/uploads/{id}":      {right: person, object: "upload", own: true},
	"DELETE /api/v1/uploads/{id}":    {right: person, object: "upload", own: true},
	"POST /api/v1/recipe":            {right: person},

	"POST /api/v1/ask":                        {right: person},
	"GET /api/v1/consent":                     {right: person},
	"PUT /api/v1/consent":                     {right: person},
	"POST /api/v1/jobs":                       {right: person},
	"GET /api/v1/jobs":                        {right: person},
	"GET /api/v1/jobs/{id}":                   {right: person, object: "job"},
	"GET /api/v1/jobs/{id}/recipe":            {right: person, object: "job"},
	"POST /api/v1/jobs/{id}/cancel":           {right: person, object: "job"},
	"POST /api/v1/jobs/{id}/retry":            {right: person, object: "job"},
	"GET /api/v1/tables":                      {right: person},
	"GET /api/v1/tables/{id}":                 {right: person, object: "table"},
	"GET /api/v1/tables/{id}/rows":            {right: person, object: "table"},
	"GET /api/v1/tables/{id}/profile":         {right: person, object: "table"},
	"GET /api/v1/tables/{id}/values":          {right: person, object: "table"},
	"GET /api/v1/tables/{id}/rows/{n}/source": {right: person, object: "table"},
	"GET /api/v1/search":                      {right: person},
	"POST /api/v1/query":                      {right: person},
	"GET /api/v1/tables/{id}/content":         {right: person, object: "table"},
	"PUT /api/v1/tables/{id}/layout":          {right: person, object: "table"},
	"GET /api/v1/export":                      {right: person},
	"GET /api/v1/cache":                       {right: person},
	"DELETE /api/v1/cache":                    {right: person},
	"PUT /api/v1/cache/{key}":                 {right: person, object: "key", own: true},
	"GET /api/v1/cache/{key}":                 {right: person, object: "key", own: true},
	"DELETE /api/v1/cache/{key}":              {right: person, object: "key", own: true},

	"GET /api/v1/admin/users":             {right: boss},
	"POST /api/v1/admin/users":            {right: boss},
	"PATCH /api/v1/admin/users/{id}":      {right: boss, object: "user"},
	"DELETE /api/v1/admin/users/{id}":     {right: boss, object: "user"},
	"POST /api/v1/admin/users/{id}/reset": {right: boss, object: "user"},
	"GET /api/v1/admin/sessions":          {right: boss},
	"DELETE /api/v1/admin/sessions/{id}":  {right: boss, object: "session"},
	"GET /api/v1/admin/audit":             {right: boss},
	"GET /api/v1/admin/stats":             {right: boss},

	"GET /logout":               {right: person},
	"POST /logout":              {right: person, ends: true},
	"GET /{$}":                  {right: person},
	"POST /{$}":                 {right: person, object: "file", form: "action=delete-file&file={}"},
	"GET /files/{id}":           {right: person, object: "file"},
	"POST /files/{id}":          {right: person, object: "file", form: "action=convert"},
	"GET /ask":                  {right: person},
	"POST /ask":                 {right: person, object: "job", form: "action=retry&job={}"},
	"GET /jobs":                 {right: person},
	"POST /search":              {right: person},
	"POST /tables/{id}":         {right: person, object: "table"},
	"POST /jobs":                {right: person, object: "job", form: "action=retry&job={}"},
	"GET /jobs/{id}":            {right: person, object: "job"},
	"POST /jobs/{id}":           {right: person, object: "job", form: "action=retry&job={}"},
	"GET /tables/{id}":          {right: person, object: "table"},
	"GET /tables/{id}/rows/{n}": {right: person, object: "table"},
	"GET /query":                {right: person},
	"POST /query":               {right: person},
	"GET /search":               {right: person},
	"GET /account":              {right: person},
	"POST /account":             {right: person},
	"GET /admin":                {right: boss},
	"GET /admin/users":          {right: boss},
	"POST /admin/users":         {right: boss},
	"GET /admin/sessions":       {right: boss},
	"POST /admin/sessions":      {right: boss},
	"GET /admin/queue":          {right: boss},
	"GET /admin/audit":          {right: boss},
	"GET /admin/settings":       {right: boss},
}

// marker is in what belongs to the one whom all others must not reach.
const marker = "owned-by-one"

// owned is what somebody has, by the words of rules.
func owned(t *testing.T, who *client) map[string]string {
	t.Helper()
	of := map[string]string{"key": marker, "upload": uuid.Must(uuid.NewV7()).String()}
	of["file"], of["table"] = who.convert(marker+".xml", []byte("<list><row><a>"+marker+"</a></row><row><a>2</a></row></list>"))
	who.do("PUT", "/api/v1/cache/"+marker, marker).want(t, 204)
	who.do("PATCH", "/api/v1/uploads/"+of["upload"], marker, "Upload-Offset", "0").want(t, 204)
	var list struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	who.do("GET", "/api/v1/jobs", nil).want(t, 200).decode(t, &list)
	of["job"] = list.Items[0].ID
	who.do("GET", "/api/v1/sessions", nil).want(t, 200).decode(t, &list)
	of["session"] = list.Items[0].ID
	return of
}

// address fills what a pattern leaves open.
func address(pattern, object string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.ReplaceAll(strings.TrimSuffix(path, "{$}"), "{n}", "1")
	if before, after, ok := strings.Cut(path, "{"); ok {
		_, rest, _ := strings.Cut(after, "}")
		path = before + object + rest
	}
	return method, path
}

// ask sends a request to a route, as a form or as what the API takes.
func (r rule) ask(c *client, method, path string, of map[string]string) *answer {
	switch {
	case method == "GET":
		return c.do(method, path, nil)
	case strings.HasPrefix(path, "/api/"):
		return c.do(method, path, "{}", "Content-Type", "application/json", "Upload-Offset", "0")
	}
	return c.do(method, path, strings.ReplaceAll(r.form, "{}", of[r.object]), "Content-Type", "application/x-www-form-urlencoded")
}

// Every route, asked for by everybody: nobody reaches what is another's, admins
// neither, and what only admins may do nobody else may.
func TestRoutesByRoles(t *testing.T) {
	server := start(t)
	admin := signIn(t, server, "admin")
	admin.addUser("one")
	admin.addUser("another")
	var users struct{ Items []struct{ ID, Name string } }
	one, another, nobody := signIn(t, server, "one"), signIn(t, server, "another"), newClient(t, server)
	of := owned(t, one)
	job := one.do("GET", "/api/v1/jobs", nil).want(t, 200)
	admin.do("GET", "/api/v1/admin/users", nil).want(t, 200).decode(t, &users)
	for _, u := range users.Items {
		if u.Name == "one" {
			of["user"] = u.ID
		}
	}
	for _, pattern := range httpapi.Patterns() {
		r, known := rules[pattern]
		if !known {
			t.Errorf("%s: nobody has said who may use it", pattern)
			continue
		}
		method, path := address(pattern, of[r.object])
		checkNobody(t, r, r.ask(nobody, method, path, of), path)
		if r.ends {
			continue
		}
		checkOther(t, r, r.ask(another, method, path, of), path)
		if r.right == person {
			checkOther(t, r, r.ask(admin, method, path, of), path)
		} else if method == "GET" {
			if a := r.ask(admin, method, path, of); a.status >= 500 || r.right == boss && a.status >= 400 {
				t.Errorf("an admin: %s: %d", a.request, a.status)
			}
		}
	}
	wantUntouched(t, one, of)
	if now := one.do("GET", "/api/v1/jobs", nil).want(t, 200); string(now.content) != string(job.content) {
		t.Errorf("the jobs are %s now, were %s", now.content, job.content)
	}
	wrongMethods(t, another, of)
}

func checkNobody(t *testing.T, r rule, a *answer, path string) {
	t.Helper()
	refused := a.status == http.StatusUnauthorized
	if !strings.HasPrefix(path, "/api/") {
		refused = a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/login") || refused
	}
	if want := r.right != anyone; refused != want && !(r.right == anyone && strings.HasSuffix(path, "/login")) {
		t.Errorf("nobody: %s: %d %.100s, refused must be %v", a.request, a.status, a.content, want)
	}
	checkSecret(t, "nobody", a)
}

func checkOther(t *testing.T, r rule, a *answer, path string) {
	t.Helper()
	switch {
	case r.right == boss:
		if a.status != http.StatusForbidden {
			t.Errorf("a user: %s: %d, want 403", a.request, a.status)
		}
	case r.form != "":
		// The page that the person is sent back to says what was not found.
		if problem := a.header.Get("Location"); a.status != http.StatusNotFound && (a.status != http.StatusSeeOther || !strings.Contains(problem, "wrong=")) {
			t.Errorf("another: %s: %d %q, want 404 or a problem", a.request, a.status, problem)
		}
	case r.right == person && r.object != "" && !r.own:
		if a.status != http.StatusNotFound {
			t.Errorf("another: %s: %d %.100s, want 404", a.request, a.status, a.content)
		}
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status >= 500:
		if !strings.HasSuffix(path, "/login") && !strings.HasSuffix(path, "/password") && path != "/readyz" {
			t.Errorf("another: %s: %d %.100s", a.request, a.status, a.content)
		}
	}
	checkSecret(t, "another", a)
}

func checkSecret(t *testing.T, who string, a *answer) {
	t.Helper()
	if _, path, _ := strings.Cut(a.request, " "); !strings.Contains(path, marker) && strings.Contains(string(a.content), marker) {
		t.Errorf("%s: %s tells what is another's", who, a.request)
	}
}

// wantUntouched fails the test unless all that somebody has is still theirs.
func wantUntouched(t *testing.T, one *client, of map[string]string) {
	t.Helper()
	for _, path := range []string{"/session", "/files/" + of["file"] + "/content", "/jobs/" + of["job"], "/tables/" + of["table"]} {
		one.do("GET", "/api/v1"+path, nil).want(t, 200)
	}
	if a := one.do("GET", "/api/v1/cache/"+marker, nil).want(t, 200); string(a.content) != marker {
		t.Errorf("the entry is %q now", a.content)
	}
	if a := one.do("GET", "/api/v1/uploads/"+of["upload"], nil); a.header.Get("Upload-Offset") != "12" {
		t.Errorf("the upload is %d %v", a.status, a.header)
	}
}

// wrongMethods asks every address for what it does not do: it says what it does.
func wrongMethods(t *testing.T, who *client, of map[string]string) {
	t.Helper()
	methods := map[string][]string{} // by path
	for _, pattern := range httpapi.Patterns() {
		method, path := address(pattern, of[rules[pattern].object])
		methods[path] = append(methods[path], method)
	}
	for path, has := range methods {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if slices.Contains(has, method) {
				continue
			}
			a := who.do(method, path, nil)
			allowed := strings.Split(a.header.Get("Allow"), ", ")
			if a.status != http.StatusMethodNotAllowed || !slices.Contains(allowed, has[0]) {
				t.Errorf("%s: %d, Allow %q, want 405 and %v", a.request, a.status, allowed, has)
			}
		}
	}
}
