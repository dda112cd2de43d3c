//go:build measure

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// roundsOfStores is how often the stores take turns.
const roundsOfStores = 3

// took is what one store needed in a round, in milliseconds.
type took struct{ First, Commit, Read, Import, Apply float64 }

// The replica's database beside what browsers have, in one page.
func TestMeasureBrowserStores(t *testing.T) {
	pouch := os.Getenv("RET_POUCHDB") // the library's file, if it could be had
	pages := storesServer(t, pouch)
	tab := StartOptimisingBrowser(t, t.TempDir()).NewTab(t)
	tab.Do(chromedp.Navigate(pages.URL))
	var disk, sqlite, indexed, pouched []took
	for range roundsOfStores {
		r := storeRound(t, tab, pouch != "")
		disk, sqlite, indexed = append(disk, r.Disk), append(sqlite, r.SQLite), append(indexed, r.IndexedDB)
		if r.PouchDB != nil {
			pouched = append(pouched, *r.PouchDB)
		}
	}
	milliseconds(t, "browser_disk_flush_8k", times(disk, func(t took) float64 { return t.Commit }))
	for _, what := range []struct {
		name string
		of   func(took) float64
	}{
		{"browser_commit_1_of_first_100", func(t took) float64 { return t.First }},
		{"browser_commit_1", func(t took) float64 { return t.Commit }},
		{"browser_read_1", func(t took) float64 { return t.Read }},
		{"browser_import_20000", func(t took) float64 { return t.Import }},
	} {
		value := medianOf(sqlite, what.of)
		report(t, measurement{Name: what.name, Value: value, Unit: "ms", Rival: "indexeddb", RivalValue: medianOf(indexed, what.of)})
		beside := measurement{Name: what.name + "_beside_pouchdb", Value: value, Unit: "ms", Rival: "none"}
		if len(pouched) > 0 {
			beside.Rival, beside.RivalValue = "pouchdb", medianOf(pouched, what.of)
		}
		report(t, beside)
	}
	milliseconds(t, "browser_apply_1000", times(sqlite, func(t took) float64 { return t.Apply }))
}

func medianOf(rounds []took, of func(took) float64) float64 { return quantile(times(rounds, of), 0.5) }

func times(rounds []took, of func(took) float64) (values []float64) {
	for _, r := range rounds {
		values = append(values, of(r))
	}
	return values
}

// storesServer serves a page with what rounds.js needs.
func storesServer(t *testing.T, pouch string) *httptest.Server {
	t.Helper()
	program := filepath.Join(t.TempDir(), "store.wasm")
	build := exec.CommandContext(t.Context(), "sh", "-c", "exec go build -ldflags '-s -w' $(grep '^-' build/wasm/flags) -o \"$0\" ./build/browser/storewasm", program)
	build.Dir = "../.."
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build storewasm: %v: %s", err, out)
	}
	mux := http.NewServeMux()
	for path, file := range map[string]string{
		"/rounds.js": "storewasm/rounds.js", "/store.wasm": program, "/pouchdb.js": pouch,
		"/wasm_exec.js": "../../web/asset/module/wasm_exec.js",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
	mux.Handle("/js/", http.StripPrefix("/js/", http.FileServer(http.Dir("../../web/asset/js"))))
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		// An isolated page has a finer clock.
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Stores</title>"))
	})
	server := httptest.NewServer(withCOEP(mux))
	t.Cleanup(server.Close)
	return server
}

// withCOEP lets a worker's script be loaded by a page that is isolated.
func withCOEP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		next.ServeHTTP(w, r)
	})
}

// storeTimes is what a round answers.
type storeTimes struct {
	Disk      took
	SQLite    took
	IndexedDB took
	PouchDB   *took
	Problem   string
}

func storeRound(t *testing.T, tab *Tab, pouch bool) storeTimes {
	t.Helper()
	r := round[storeTimes](t, tab, fmt.Sprintf("{ pouch: %v }", pouch))
	if r.Problem != "" || r.Disk.Commit == 0 || r.SQLite.Commit == 0 || r.IndexedDB.Commit == 0 {
		t.Fatalf("a store was not measured: %+v", r)
	}
	return r
}

// round has a worker do what it is asked.
func round[T any](t *testing.T, tab *Tab, asked string) T {
	t.Helper()
	script := `new Promise((resolve) => {
		const worker = new Worker("/rounds.js", { type: "module" });
		worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
		worker.onerror = (event) => resolve({ problem: event.message ?? "its script cannot be loaded" });
		worker.postMessage(` + asked + `);
	})`
	r, err := within[T](tab, 2*time.Minute, script)
	if err != nil {
		t.Fatalf("round of stores: %v", err)
	}
	return r
}

// cryptTimes is what a round in turn answers, in milliseconds a turn.
type cryptTimes struct {
	Sealed, Plain cryptSide
	Problem       string
}

// cryptSide has of commits one value each.
type cryptSide struct{ First, Commit, Own, Import, Read, Apply []float64 }

// What the encryption of the replica costs: both sides take turns in one worker.
func TestMeasureBrowserCrypt(t *testing.T) {
	pages := storesServer(t, "")
	tab := StartOptimisingBrowser(t, t.TempDir()).NewTab(t)
	tab.Do(chromedp.Navigate(pages.URL))
	r := round[cryptTimes](t, tab, "{ crypt: true }")
	if r.Problem != "" || len(r.Sealed.Commit) == 0 || len(r.Plain.Commit) == 0 {
		t.Fatalf("the encryption was not measured: %+v", r)
	}
	for _, what := range []struct {
		name string
		of   func(cryptSide) []float64
	}{
		{"browser_crypt_commit_1_of_first_100", func(s cryptSide) []float64 { return s.First }},
		{"browser_crypt_commit_1", func(s cryptSide) []float64 { return meansOf(s.Commit, 200) }},
		{"browser_crypt_commit_1_processor", func(s cryptSide) []float64 { return meansOf(s.Own, 200) }},
		{"browser_crypt_read_1", func(s cryptSide) []float64 { return s.Read }},
		{"browser_crypt_import_20000", func(s cryptSide) []float64 { return s.Import }},
		{"browser_crypt_apply_1000", func(s cryptSide) []float64 { return s.Apply }},
	} {
		report(t, measurement{
			Name: what.name, Unit: "ms", Value: quantile(what.of(r.Sealed), 0.5),
			Rival: "without", RivalValue: quantile(what.of(r.Plain), 0.5),
		})
	}
}

// meansOf are those of so many values each: of commits some also move the log's pages
// into the database.
func meansOf(values []float64, of int) (means []float64) {
	for part := range slices.Chunk(values, of) {
		var sum float64
		for _, v := range part {
			sum += v
		}
		means = append(means, sum/float64(len(part)))
	}
	return means
}
