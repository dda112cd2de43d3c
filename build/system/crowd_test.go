package system

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ret/build/retproc"
)

// Fifty people sign in, use the cache, upload, run into limits and sign out at
// once. Nobody sees another's data, and the disk is then as it was before.
func TestFiftyUsersAtOnce(t *testing.T) {
	t.Parallel()
	server := start(t, "RATE_LIMIT_REQUESTS=100000", "RATE_LIMIT_LOGIN_REQUESTS=1000", "RATE_LIMIT_UPLOAD_REQUESTS=2")
	boss := admin(t, server)
	const people = 50
	for i := range people {
		boss.addUser(personName(i))
	}
	boss.do("POST", "/api/v1/logout?everywhere=1", nil).want(t, 200)
	before := names(t, server)

	var all sync.WaitGroup
	for i := range people {
		all.Go(func() { visit(t, server, i) })
	}
	all.Wait()
	eventually(t, 5*time.Second, "sessions and trash are empty", func() bool { return nothingLeft(t, server) })
	if after := names(t, server); after != before {
		t.Errorf("the runtime folder held %s, now %s", before, after)
	}
}

func personName(i int) string { return fmt.Sprintf("person%02d", i) }

func names(t testing.TB, server *retproc.Server) string {
	t.Helper()
	entries, err := os.ReadDir(server.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(entries)
}

// visit is one person's stay. Its failures end no other's.
func visit(t *testing.T, server *retproc.Server, i int) {
	who := newClient(t, server)
	mine := personName(i)
	expect := func(a *answer, status int) bool {
		if a.StatusCode != status {
			t.Errorf("%s: %s: status %d, want %d: %.200s", mine, a.request, a.StatusCode, status, a.content)
		}
		return a.StatusCode == status
	}
	if !expect(who.login(mine, retproc.Password), 200) {
		return
	}
	expect(who.do("PUT", "/api/v1/cache/name", mine), 204)
	doc := fmt.Sprintf("<r><row><who>%s</who></row><row><who>%s</who></row></r>", mine, mine)
	expect(who.upload("/api/v1/files?convert=1", nil, text(mine+".xml", doc)), 201)
	if a := who.do("GET", "/api/v1/cache/name", nil); expect(a, 200) && string(a.content) != mine {
		t.Errorf("%s read %q", mine, a.content)
	}
	for _, path := range []string{"/api/v1/files", "/api/v1/jobs", "/api/v1/tables", "/api/v1/sessions"} {
		a := who.do("GET", path, nil)
		expect(a, 200)
		for j := range 50 {
			if j != i && strings.Contains(string(a.content), personName(j)) {
				t.Errorf("%s sees %s in %s", mine, personName(j), path)
			}
		}
	}
	expect(who.upload("/api/v1/files", nil, text("more.xml", doc)), 201)
	if a := who.upload("/api/v1/files", nil, text("more.xml", doc)); expect(a, http.StatusTooManyRequests) && a.Header.Get("Retry-After") == "" {
		t.Errorf("%s is not told when to come back", mine)
	}
	expect(who.do("POST", "/api/v1/logout", nil), 200)
}
