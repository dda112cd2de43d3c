package system

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
)

// Someone else's id is as if it did not exist, on every route that takes one, and
// what an admin may is for admins alone.
func TestStrangers(t *testing.T) {
	t.Parallel()
	server := start(t)
	owner := admin(t, server)
	adminID := owner.do("GET", "/api/v1/session", nil).want(t, 200).object(t)["user"].(map[string]any)["id"].(string)
	owner.addUser("stranger")
	stranger := signIn(t, server, "stranger")
	j := owner.convert("", text("mine.xml", books(3)))
	owner.do("PUT", "/api/v1/cache/secret", "mine").want(t, 204)
	session := list[struct{ ID string }](owner, "/api/v1/sessions?")[0].ID
	tableID := owner.tables()[0].ID

	for _, request := range []string{
		"GET /api/v1/files/" + j.Files[0], "GET /api/v1/files/" + j.Files[0] + "/content", "DELETE /api/v1/files/" + j.Files[0],
		"GET /api/v1/jobs/" + j.ID, "POST /api/v1/jobs/" + j.ID + "/cancel", "POST /api/v1/jobs/" + j.ID + "/retry",
		"GET /api/v1/tables/" + tableID, "GET /api/v1/tables/" + tableID + "/rows", "GET /api/v1/tables/" + tableID + "/content",
		"DELETE /api/v1/sessions/" + session, "GET /api/v1/cache/secret", "GET /jobs/" + j.ID, "GET /tables/" + tableID,
	} {
		method, path, _ := strings.Cut(request, " ")
		theirs := stranger.do(method, path, nil).want(t, 404)
		none := stranger.do(method, strings.NewReplacer(j.Files[0], uuid.NewString(), j.ID, uuid.NewString(), tableID, uuid.NewString(), session, uuid.NewString(), "secret", "none").Replace(path), nil).want(t, 404)
		if strings.HasPrefix(path, "/api/") && !bytes.Equal(theirs.content, none.content) {
			t.Errorf("%s: %s, but for nothing %s", request, theirs.content, none.content)
		}
	}
	stranger.do("POST", "/api/v1/jobs", map[string]any{"kind": "convert", "files": j.Files}).want(t, 404)
	for _, path := range []string{"files", "jobs", "tables"} {
		if all := list[struct{ ID string }](stranger, "/api/v1/"+path+"?"); len(all) != 0 {
			t.Errorf("%s of a stranger: %v", path, all)
		}
	}
	for _, request := range []string{
		"GET /users", "POST /users", "PATCH /users/" + adminID, "DELETE /users/" + adminID, "POST /users/" + adminID + "/reset",
		"GET /sessions", "DELETE /sessions/" + session, "GET /audit", "GET /stats",
	} {
		method, path, _ := strings.Cut(request, " ")
		stranger.do(method, "/api/v1/admin"+path, nil).want(t, 403)
		newClient(t, server).do(method, "/api/v1/admin"+path, nil).want(t, 401)
	}
	owner.do("GET", "/api/v1/files/"+j.Files[0], nil).want(t, 200)
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	server := start(t)
	boss := admin(t, server)
	me := boss.do("GET", "/api/v1/session", nil).want(t, 200).object(t)["user"].(map[string]any)["id"].(string)
	for _, change := range []map[string]any{{"role": "user"}, {"locked": true}} {
		boss.do("PATCH", "/api/v1/admin/users/"+me, change).want(t, 409)
	}
	boss.do("DELETE", "/api/v1/admin/users/"+me, nil).want(t, 409)

	id := boss.addUser("rosa")
	boss.do("POST", "/api/v1/admin/users", map[string]string{"name": "rosa", "password": "yet another password 1"}).want(t, 409)
	rosa := signIn(t, server, "rosa")
	boss.do("PATCH", "/api/v1/admin/users/"+id, map[string]any{"locked": true}).want(t, 200)
	rosa.do("GET", "/api/v1/session", nil).want(t, 401)
	boss.do("PATCH", "/api/v1/admin/users/"+id, map[string]any{"locked": false}).want(t, 200)
	rosa = signIn(t, server, "rosa")

	reset := boss.do("POST", "/api/v1/admin/users/"+id+"/reset", nil)
	if reset.StatusCode/100 != 2 {
		t.Fatalf("reset: %d %s", reset.StatusCode, reset.content)
	}
	link, err := url.Parse(reset.object(t)["link"].(string))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"new": {"a brand new password 3"}, "again": {"a brand new password 3"}}
	newClient(t, server).do("POST", link.Path, form).want(t, 303)
	if a := newClient(t, server).do("POST", link.Path, form); a.StatusCode == 303 {
		t.Error("the one-time link works twice")
	}
	rosa.do("GET", "/api/v1/session", nil).want(t, 401)
	newClient(t, server).login("rosa", "a brand new password 3").want(t, 200)

	sessions := list[struct {
		ID   string
		User struct{ Name string }
	}](boss, "/api/v1/admin/sessions?")
	for _, s := range sessions {
		if s.User.Name == "rosa" {
			boss.do("DELETE", "/api/v1/admin/sessions/"+s.ID, nil).want(t, 200)
		}
	}
	boss.do("GET", "/api/v1/admin/audit", nil).want(t, 200)
	boss.do("GET", "/api/v1/admin/stats", nil).want(t, 200)
	boss.do("DELETE", "/api/v1/admin/users/"+id, nil).want(t, 204)
	newClient(t, server).login("rosa", "a brand new password 3").want(t, 401)
}

func TestUploads(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	id := uuid.Must(uuid.NewV7()).String()
	mine := map[string]string{"id": id}
	first := who.upload("/api/v1/files?convert=1", mine, text("a.xml", books(2))).want(t, 201)
	again := who.upload("/api/v1/files?convert=1", mine, text("a.xml", books(2))).want(t, 201)
	type accepted struct {
		Items []struct {
			ID, Name, SHA256, Kind string
			Size                   int
		}
		Job job
	}
	var a, b accepted
	first.decode(t, &a)
	again.decode(t, &b)
	if a.Items[0] != b.Items[0] || a.Job.ID != b.Job.ID || a.Items[0].ID != id || a.Items[0].Size != len(books(2)) || len(a.Items[0].SHA256) != 64 || a.Items[0].Kind != "xml" {
		t.Errorf("the same upload twice: %+v, %+v", a, b)
	}
	who.upload("/api/v1/files?convert=1", mine, text("a.xml", books(3))).want(t, 409)
	who.ended(a.Job.ID)
	if all := list[job](who, "/api/v1/jobs?"); len(all) != 1 {
		t.Errorf("%d jobs", len(all))
	}

	html := "<script>alert(1)</script>"
	evil := who.upload("/api/v1/files", nil, text("evil.html", html), text("evil.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")).want(t, 201)
	var up accepted
	evil.decode(t, &up)
	for _, item := range up.Items {
		got := who.do("GET", "/api/v1/files/"+item.ID+"/content", nil).want(t, 200)
		wantInert(t, got, "application/octet-stream")
	}
	part := who.do("GET", "/api/v1/files/"+up.Items[0].ID+"/content", nil, "Range", "bytes=1-6").want(t, 206)
	if string(part.content) != html[1:7] || part.Header.Get("Content-Range") != fmt.Sprintf("bytes 1-6/%d", len(html)) {
		t.Errorf("a range: %q %v", part.content, part.Header)
	}
	for i := range 5 {
		who.upload("/api/v1/files", nil, text(fmt.Sprintf("%d.xml", i), books(1))).want(t, 201)
	}
	if all := list[struct{ ID string }](who, "/api/v1/files?limit=2"); len(all) != 8 {
		t.Errorf("%d files, page by page", len(all))
	}
	for _, bad := range []string{"limit=0", "limit=x", "limit=-1"} {
		who.do("GET", "/api/v1/files?"+bad, nil).want(t, 400)
	}
	who.do("GET", "/api/v1/jobs?state=odd", nil).want(t, 400)
	who.do("POST", "/api/v1/jobs", map[string]any{"kind": "odd", "files": []string{id}}).want(t, 400)
	who.do("POST", "/api/v1/jobs", map[string]any{"kind": "convert"}).want(t, 400)
	who.do("POST", "/api/v1/jobs", "not JSON").want(t, 400)
}

// wantInert fails if a browser could run what a person uploaded or stored.
func wantInert(t testing.TB, a *answer, kind string) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type": kind, "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q", a.request, name, got)
		}
	}
	if got := a.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("%s: disposition %q", a.request, got)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	who.convert("", text("n.xml", `<r><i><n>10</n><s>Zeta</s></i><i><n>9</n><s></s></i><i><n>x</n></i><i><s>alpha</s></i></r>`))
	table := who.tables()[0]
	base := "/api/v1/tables/" + table.ID
	rows := func(query string) string {
		t.Helper()
		var page struct {
			Rows  [][]*string
			Total int
		}
		who.do("GET", base+"/rows?"+query, nil).want(t, 200).decode(t, &page)
		var all []string
		for _, row := range page.Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = "-"
				if cell != nil {
					cells[i] = *cell
				}
			}
			all = append(all, strings.Join(cells, "/"))
		}
		return fmt.Sprint(page.Total, all)
	}
	for query, want := range map[string]string{
		"":                         "4[10/Zeta 9/ x/- -/alpha]",
		"limit=2&offset=1":         "4[9/ x/-]",
		"sort=n":                   "4[9/ 10/Zeta x/- -/alpha]",
		"sort=-n":                  "4[x/- 10/Zeta 9/ -/alpha]",
		"filter=n%3C10":            "1[9/]",
		"filter=s~A":               "2[10/Zeta -/alpha]",
		"filter=s%3D":              "1[9/]",
		"filter=s!":                "1[x/-]",
		"filter=n%3E=9&filter=s~z": "1[10/Zeta]",
	} {
		if got := strings.ReplaceAll(rows(query), " [", "["); got != want {
			t.Errorf("rows?%s: %s, want %s", query, got, want)
		}
	}
	for _, bad := range []string{"limit=0", "limit=5000", "offset=-1", "sort=nothing", "filter=nothing%3D1"} {
		who.do("GET", base+"/rows?"+bad, nil).want(t, 400)
	}
	csv := who.do("GET", base+"/content?format=csv", nil).want(t, 200)
	wantInert(t, csv, "text/csv; charset=utf-8")
	if want := "n,s\n10,Zeta\n9,\"\"\nx,\n,alpha\n"; string(csv.content) != want {
		t.Errorf("csv %q", csv.content)
	}
	switched := who.do("GET", base+"/content?bom=1&crlf=1", nil).want(t, 200)
	if !strings.HasPrefix(string(switched.content), "\ufeffn,s\r\n10,Zeta\r\n") {
		t.Errorf("switched csv %q", switched.content)
	}
	sheet := who.do("GET", base+"/content?format=xlsx", nil).want(t, 200)
	wantInert(t, sheet, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	book, err := excelize.OpenReader(bytes.NewReader(sheet.content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if got, err := book.GetRows("i"); err != nil || len(got) != 5 || got[1][1] != "Zeta" {
		t.Errorf("workbook %v, %v", got, err)
	}
	who.do("GET", base+"/content?format=pdf", nil).want(t, 400)

	// What is downloaded from a page is what it shows, or all by choice; and its address
	// tells neither column nor value.
	page := string(who.do("GET", "/tables/"+table.ID+"?filter=s~A&sort=-s&hide=n", nil).want(t, 200).content)
	menu, _, _ := strings.Cut(page[strings.Index(page, base+"/content"):], "</form>")
	_, hidden, _ := strings.Cut(menu, `name="view" value="`)
	hidden, _, _ = strings.Cut(hidden, `"`)
	if !strings.Contains(menu, "What is shown: 2 rows, 1 of 2 columns, sorted") || strings.Contains(menu, "s~A") {
		t.Errorf("the page offers %s", menu)
	}
	for rows, want := range map[string]string{"shown": "s\nalpha\nZeta\n", "all": "n,s\n10,Zeta\n9,\"\"\nx,\n,alpha\n"} {
		if got := who.do("GET", base+"/content?format=csv&view="+hidden+"&rows="+rows, nil).want(t, 200); string(got.content) != want {
			t.Errorf("rows=%s: %q, want %q", rows, got.content, want)
		}
	}
	export := who.do("GET", "/api/v1/export?group=FILES", nil).want(t, 200)
	wantInert(t, export, "application/zip")
	if names := slices.Sorted(maps.Keys(unzip(t, export.content))); !slices.Equal(names, []string{"manifest.json", "n.csv"}) {
		t.Errorf("export %q", names)
	}
	if names := slices.Sorted(maps.Keys(unzip(t, who.do("GET", "/api/v1/export?group=other", nil).want(t, 200).content))); !slices.Equal(names, []string{"manifest.json"}) {
		t.Errorf("export of another group %q", names)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	keys := []string{"user:1:x", "user:2:x", "user:1:y", "100%_*", "ключ", "a/b"}
	for _, key := range keys {
		who.do("PUT", "/api/v1/cache/"+url.PathEscape(key)+"?ttl=60", "v "+key).want(t, 204)
		got := who.do("GET", "/api/v1/cache/"+url.PathEscape(key), nil).want(t, 200)
		wantInert(t, got, "application/octet-stream")
		if string(got.content) != "v "+key || got.Header.Get("Age") == "" || got.Header.Get("Expires") == "" {
			t.Errorf("%s: %q %v", key, got.content, got.Header)
		}
	}
	if n := who.do("GET", "/api/v1/cache", nil).want(t, 200).object(t)["entries"]; n != 6.0 {
		t.Errorf("%v entries", n)
	}
	for _, way := range []struct {
		query string
		want  float64
	}{{"pattern=" + url.QueryEscape("user:*:x"), 2}, {"prefix=" + url.QueryEscape("100%_"), 1}, {"prefix=user%3A", 1}, {"prefix=_", 0}} {
		if n := who.do("DELETE", "/api/v1/cache?"+way.query, nil).want(t, 200).object(t)["removed"]; n != way.want {
			t.Errorf("%s removed %v", way.query, n)
		}
	}
	who.do("DELETE", "/api/v1/cache", nil).want(t, 400)
	who.do("DELETE", "/api/v1/cache/a%2Fb", nil).want(t, 204)
	who.do("GET", "/api/v1/cache/a%2Fb", nil).want(t, 404)
	who.do("PUT", "/api/v1/cache/"+strings.Repeat("k", 513), "v").want(t, 400)
	who.do("PUT", "/api/v1/cache/%FF", "v").want(t, 400)
	who.do("PUT", "/api/v1/cache/k?ttl=0", "v").want(t, 400)
	who.do("PUT", "/api/v1/cache/big", bytes.Repeat([]byte("x"), 8<<20)).want(t, 204)
	tooBig := who.request("PUT", "/api/v1/cache/big", bytes.Repeat([]byte("x"), 8<<20+1))
	res, err := who.http.Do(tooBig)
	if err == nil {
		defer res.Body.Close()
	}
	if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a value over 8 MiB: %v %v", res, err)
	}
}
