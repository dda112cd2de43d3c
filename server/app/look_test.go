package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdhtml "html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ret/server/command"
	"ret/server/command/converter"
)

const twoCandidates = `<r><meta><k>1</k></meta><meta><k>2</k></meta>` +
	`<row><v>a</v><v>b</v></row><row><v>c</v></row><row><v>=d</v></row></r>`

// signedInWith is a server with one upload, of which nothing was converted.
func signedInWith(t *testing.T, files map[string]string) (d *describedServer, file string) {
	t.Helper()
	d = startDescribed(t)
	d.json("post", "/api/v1/login", "/api/v1/login", `{"username":"admin","password":"a long password 9"}`)
	return d, id(d.uploadTo("/api/v1/files", files))
}

// page asks for a page as a browser without JavaScript does, and follows where it
// leads.
func (d *describedServer) page(method, target, contentType string, body io.Reader) (at *url.URL, status int, html string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+target, body)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "text/html")
	answer, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer.Request.URL, answer.StatusCode, string(text)
}

func (d *describedServer) get(target string) (status int, html string) {
	d.t.Helper()
	_, status, html = d.page("GET", target, "", nil)
	return status, html
}

func (d *describedServer) send(target string, fields url.Values) (at *url.URL, status int, html string) {
	d.t.Helper()
	return d.page("POST", target, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

func wantParts(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

func TestLookFirstShowsTheRecordItsRivalsAndTheirRows(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates, "b.xml": "<r><x></r>"})
	status, html := d.get("/files/" + file)
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	wantParts(t, html, "2 documents", "3 elements", "4 values", "2 elements", "RET chose it",
		`<span class="column-name" dir="auto">v[2]</span>`, `<td dir="auto">=d</td>`, `<span class="column-name" dir="auto">k</span>`)

	_, html = d.get("/files/" + file + "?record=meta&max_repeat=1")
	wantParts(t, html, "You chose it", `value="meta" checked`, `<h3 dir="auto">meta</h3>`, `<h3 dir="auto">_document</h3>`)
	_, html = d.get("/files/" + file + "?record=row&max_repeat=1")
	wantParts(t, html, `<h3 dir="auto">row.v</h3>`, "_parent")
	_, html = d.get("/files/" + file + "?record=meta&record_path=nothing/here")
	wantParts(t, html, `role="alert"`, `value="nothing/here"`)
	_, html = d.get("/files/" + file + "?document=a.zip!/b.xml")
	wantParts(t, html, "line 1, column 7", "expected the end tag &lt;/x&gt;")
	if status, _ = d.get("/files/" + file + "?document=none"); status != http.StatusNotFound {
		t.Errorf("a document that is not there: %d", status)
	}
}

func TestLookFirstConvertsAsChosen(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	at, status, html := d.send("/files/"+file, url.Values{"action": {"convert"}, "record": {""}, "record_path": {"meta"}, "bom": {"1"}})
	if status != http.StatusOK || !strings.HasPrefix(at.Path, "/jobs/") {
		t.Fatalf("%d at %s", status, at)
	}
	wantParts(t, html, "record meta", "/recipe\" download")
	tables := d.json("get", "/api/v1/tables", "/api/v1/tables", "")
	first := tables["items"].([]any)[0].(map[string]any)
	if first["name"] != "meta" || first["rows"] != 2.0 {
		t.Errorf("table %v", first)
	}
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A recipe goes from the page to the command line and back.
func TestRecipesAreTheSameForPageAndCommand(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	_, status, recipe := d.send("/api/v1/recipe", url.Values{"record": {"row"}, "max_repeat": {"1"}, "excel_safe": {"1"}})
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "recipe.json"), recipe)
	writeFile(t, filepath.Join(dir, "a.xml"), twoCandidates)
	saved := filepath.Join(dir, "saved.json")
	var errOut bytes.Buffer
	code := converter.Convert.Run(t.Context(), []string{"-o", filepath.Join(dir, "out"), "--recipe", filepath.Join(dir, "recipe.json"), "--save-recipe", saved, filepath.Join(dir, "a.xml")}, command.Stdio{In: strings.NewReader(""), Out: io.Discard, Err: &errOut})
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut.String())
	}
	if child := readText(t, filepath.Join(dir, "out", "a.row.v.csv")); !strings.Contains(child, "'=d") {
		t.Errorf("converted by the page's recipe: %q", child)
	}
	back := readText(t, saved)
	var one, other map[string]any
	if json.Unmarshal([]byte(recipe), &one) != nil || json.Unmarshal([]byte(back), &other) != nil || len(one)+1 != len(other) || other["layouts"] == nil {
		t.Fatalf("%s and %s", recipe, back)
	}
	for name := range one {
		if one[name] != other[name] {
			t.Errorf("%s is %v and %v", name, one[name], other[name])
		}
	}
	at, _, html := d.sendRecipe("/files/"+file, back)
	if at.Path != "/files/"+file {
		t.Errorf("the command's recipe leads to %s", at)
	}
	wantParts(t, html, `value="row" checked`, `name="max_repeat" min="1" max="16384" value="1"`, `name="excel_safe" value="1" checked`,
		`<h3 dir="auto">row.v</h3>`, `a recipe&#39;s layout of 4 tables`, `method="post" class="look-form"`)
	at, _, html = d.sendRecipe("/files/"+file, recipe) // which has no layouts
	if q := at.Query(); q.Has("record") || q.Get("max_repeat") != "1" || q.Get("excel_safe") != "1" {
		t.Errorf("the page's recipe leads to %s", at) // addresses tell no names of the document's
	}
	wantParts(t, html, `value="row" checked`)
	_, _, html = d.sendRecipe("/files/"+file, `{"rekord":"x"}`)
	wantParts(t, html, "The options cannot be read")
}

func (d *describedServer) sendRecipe(target string, recipe string) (at *url.URL, status int, html string) {
	d.t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	_ = m.WriteField("action", "recipe")
	part, err := m.CreateFormFile("recipe", "recipe.json")
	if err == nil {
		_, err = io.WriteString(part, recipe)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	_ = m.Close()
	return d.page("POST", target, m.FormDataContentType(), &form)
}

func TestInspectionOfAnUploadIsPaged(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates, "b.xml": "<r>", "c.txt": "no XML"})
	ask := func(query string) map[string]any {
		return d.json("get", "/api/v1/files/{id}/inspect", "/api/v1/files/"+file+"/inspect?"+query, "")
	}
	first := ask("limit=1&rows=1")
	items := first["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["record"] != "row" || first["next"] != "a.zip!/a.xml" {
		t.Fatalf("first page %v", first)
	}
	last := ask("after=" + url.QueryEscape("a.zip!/a.xml"))
	items = last["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["well_formed"] != false || last["next"] != nil {
		t.Errorf("last page %v", last)
	}
	for _, wrong := range []string{"limit=1001", "rows=101", "after=x", "max_repeat=no", "record=//a/b"} {
		if answer := ask(wrong); answer["status"] != 400.0 {
			t.Errorf("%s: %v", wrong, answer)
		}
	}
}

// Who is not of the session sees and converts nothing.
func TestLookFirstIsForTheSessionAlone(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	d.json("post", "/api/v1/logout", "/api/v1/logout", "")
	if at, _, _ := d.page("GET", "/files/"+file, "", nil); at.Path != "/login" {
		t.Errorf("signed out, it leads to %s", at)
	}
	d.json("post", "/api/v1/login", "/api/v1/login", `{"username":"admin","password":"a long password 9"}`)
	if status, _ := d.get("/files/" + file); status != http.StatusNotFound {
		t.Errorf("another session sees it: %d", status)
	}
	if answer := d.json("get", "/api/v1/files/{id}/inspect", "/api/v1/files/"+file+"/inspect", ""); answer["status"] != 404.0 {
		t.Errorf("another session inspects it: %v", answer)
	}
	if _, _, html := d.send("/files/"+file, url.Values{"action": {"convert"}}); !strings.Contains(html, "404") && !strings.Contains(html, "no such file") {
		t.Errorf("another session converts it: %.300s", html)
	}
}

// A recipe may have the layout of more than a thousand columns, which the job then
// has; one that no job can take is refused with a sentence.
func TestRecipesWithLongLayouts(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	long := func(columns int) string {
		var fields strings.Builder
		for n := range columns {
			fmt.Fprintf(&fields, "<a_field_with_a_name_%d>x</a_field_with_a_name_%d>", n, n)
		}
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "a.xml"), "<r><row>"+fields.String()+"</row><row/></r>")
		saved := filepath.Join(dir, "saved.json")
		var errOut bytes.Buffer
		if code := converter.Convert.Run(t.Context(), []string{"-o", filepath.Join(dir, "out"), "--save-recipe", saved, filepath.Join(dir, "a.xml")}, command.Stdio{In: strings.NewReader(""), Out: io.Discard, Err: &errOut}); code != 0 {
			t.Fatal(errOut.String())
		}
		return readText(t, saved)
	}
	_, status, html := d.sendRecipe("/files/"+file, long(1500))
	if status != http.StatusOK {
		t.Fatalf("a long recipe: status %d", status)
	}
	wantParts(t, html, "layout of 1 table and 1,500 columns", "and 1,462 more columns")
	layouts := regexp.MustCompile(`name="layouts" value="([^"]*)"`).FindStringSubmatch(html)
	if layouts == nil {
		t.Fatal("the page does not pass the layouts on")
	}
	fields := url.Values{"layouts": {stdhtml.UnescapeString(layouts[1])}, "record": {"row"}, "action": {"look"}}
	_, _, html = d.send("/files/"+file, fields)
	wantParts(t, html, "layout of 1 table and 1,500 columns")
	fields.Set("action", "convert")
	at, _, html := d.send("/files/"+file, fields)
	if !strings.HasPrefix(at.Path, "/jobs/") {
		t.Fatalf("converting leads to %s", at)
	}
	wantParts(t, html, "layout of 1 table and 1,500 columns")
	tables := d.json("get", "/api/v1/tables", "/api/v1/tables", "")
	if columns := tables["items"].([]any)[0].(map[string]any)["columns"].([]any); len(columns) != 1502 {
		t.Errorf("the table has %d columns", len(columns))
	}
	if answer := d.json("post", "/api/v1/jobs", "/api/v1/jobs", `{"kind":"convert","files":["`+file+`"],"options":`+long(4000)+`}`); answer["status"] == nil {
		t.Errorf("a recipe that is too long gives %v", answer)
	}
	_, _, html = d.sendRecipe("/files/"+file, `{"record":"`+strings.Repeat("x", 5<<20)+`"}`)
	wantParts(t, html, "A recipe may have 4 MiB here")
}

// A document that would give more tables than the server has room for at once fails
// with a sentence, and the others go on.
func TestTooManyTablesOfOneDocument(t *testing.T) {
	var many strings.Builder
	many.WriteString("<r><i>")
	for n := range 1001 {
		many.WriteString(strings.Repeat(fmt.Sprintf("<e%d/>", n), 9))
	}
	many.WriteString("</i><i/></r>")
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates, "many.xml": many.String()})
	job := d.json("post", "/api/v1/jobs", "/api/v1/jobs", `{"kind":"convert","files":["`+file+`"]}`)
	errors := job["errors"].([]any)
	if job["state"] != "succeeded" || len(errors) != 1 || !strings.Contains(errors[0].(map[string]any)["message"].(string), "1002 tables, and one document may give 1000") {
		t.Errorf("the job is %v", job)
	}
}

// What look first proposes is taken through the address, with all that is chosen.
func TestAProposalIsTakenThroughTheAddress(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": "<r><i><tag k='a' v='1'/><tag k='b' v='2'/></i><i><tag k='a' v='3'/><tag k='b' v='4'/></i></r>"})
	_, html := d.get("/files/" + file)
	wantParts(t, html, `name="take" value="{&#34;pivot&#34;:[&#34;tag@k=@v&#34;]}"`, "make a column of each of the 2 keys")
	at, _, html := d.page("GET", "/files/"+file+"?xml=1&take="+url.QueryEscape(`{"pivot":["tag@k=@v"]}`), "", nil)
	if q := at.Query(); q.Has("pivot") || q.Get("xml") != "1" || q.Has("take") || q.Get("view") == "" {
		t.Errorf("it leads to %s", at) // addresses tell no names of the document's
	}
	wantParts(t, html, `<span class="column-name" dir="auto">tag[b]</span>`, `<span class="column-name" dir="auto">_xml</span>`)
	if strings.Contains(html, `name="take"`) {
		t.Error("it is proposed again")
	}
	asked := d.json("get", "/api/v1/files/{id}/inspect", "/api/v1/files/"+file+"/inspect?flat=1&pivot=tag%40k%3D%40v", "")
	if one := asked["items"].([]any)[0].(map[string]any); len(one["proposals"].([]any)) != 0 {
		t.Errorf("with it, the API proposes %v", one["proposals"])
	}
	asked = d.json("get", "/api/v1/files/{id}/inspect", "/api/v1/files/"+file+"/inspect", "")
	if one := asked["items"].([]any)[0].(map[string]any); len(one["proposals"].([]any)) != 1 {
		t.Errorf("without it, the API proposes %v", one["proposals"])
	}
	if _, status, _ := d.page("GET", "/files/"+file+"?take=x", "", nil); status != http.StatusBadRequest {
		t.Errorf("a proposal that is none: %d", status)
	}
}
