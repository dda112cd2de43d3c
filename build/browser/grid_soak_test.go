package browser

import (
	"archive/zip"
	"bufio"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What people have beside the table: megabytes.
const (
	mostOfTab    = 150
	mostOfServer = 200
)

// Each of ten million rows can be reached, by its number, by the scroll bar and from its
// neighbours, and neither the tab nor the server takes more memory for that.
func TestTenMillionRows(t *testing.T) {
	if os.Getenv("RET_SOAK") == "" {
		t.Log("only under RET_SOAK=1: it converts half a gigabyte")
		return
	}
	const rows = 10_000_000
	server, profile := StartServer(t), t.TempDir()
	browser := StartOptimisingBrowser(t, profile)
	who := signIn(t, server)
	table := who.convert(t, func(w io.Writer) {
		fmt.Fprint(w, "<orders>")
		for i := range rows {
			fmt.Fprintf(w, `<o no="%d" c="%s" lot="lot %d" price="%d.%02d"/>`+"\n", i+1, []string{"at", "ch", "de", "fr", "it"}[i%5], i*7919%100_000, i*31%9000, i%100)
		}
		fmt.Fprint(w, "</orders>")
	})
	tab := browser.NewTab(t)
	tab.enter(who)
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + table))
	tab.Until(gridOf(rows))
	who.untilIndexed(t) // which takes memory of its own
	restPeak(t, server.PID())
	for _, row := range []int{1, 2, rows / 2, 285_715, 7_654_321, rows - 1, rows} {
		tab.reach(row)
	}
	// From one row to its neighbours, where a pixel of the scroll bar stands for many rows.
	tab.reach(5_000_000)
	before := tab.firstRow()
	Eval[bool](tab, `(document.querySelector(".grid-scroll").scrollBy(0, 5 * 28), true)`)
	tab.Until(firstInSight(before + 5))
	for part := range 21 {
		Eval[bool](tab, fmt.Sprintf(`(() => { const grid = document.querySelector(".grid-scroll"); grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * %d / 20; return true; })()`, part))
		tab.Until(fmt.Sprintf(`!document.querySelector(".window .waiting") && Math.abs(parseInt(document.querySelector(".in-sight").textContent.replaceAll(",", "")) / %d - %d / 20) < 0.12`, rows, part))
	}
	looked := peak(t, server.PID())
	asked := Eval[gridTimes](tab, measuredQuestions+`("@lot")`)
	heap := Eval[float64](tab, `performance.memory.usedJSHeapSize / 1e6`)
	busy, worked := rendererMemory(t, profile), peak(t, server.PID())
	of := busy
	for deadline := time.Now().Add(time.Minute); of > mostOfTab && time.Now().Before(deadline); time.Sleep(time.Second) {
		of = rendererMemory(t, profile) // the browser may still be compiling
	}
	t.Logf("the tab takes %.0f MB, %.0f of them scripts' things, and took %.0f while it was asked; the server %.0f MB, with sorting and filtering %.0f; %+v", of, heap, busy, looked, worked, asked)
	if of > mostOfTab {
		t.Errorf("the tab takes %.0f MB", of)
	}
	if worked > mostOfServer {
		t.Errorf("the server takes %.0f MB", worked)
	}
}

// Of as many columns as a spreadsheet has, the first and the last are reached, by keys, by
// the scroll bar and by name.
func TestSpreadsheetsMostColumns(t *testing.T) {
	t.Parallel()
	const columns, rows = 16_384, 30
	server, browser := StartServer(t), StartBrowser(t)
	who := signIn(t, server)
	table := who.convert(t, func(w io.Writer) {
		fmt.Fprint(w, "<wide>")
		for row := range rows {
			fmt.Fprint(w, "<r")
			for column := range columns {
				fmt.Fprintf(w, ` c%05d="%d"`, column+1, row*column)
			}
			fmt.Fprint(w, "/>")
		}
		fmt.Fprint(w, "</wide>")
	})
	tab := browser.NewTab(t)
	tab.enter(who)
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + table))
	tab.Until(gridOf(rows) + fmt.Sprintf(` && document.querySelector(".window").getAttribute("aria-colcount") === "%d"`, columns+1))
	reached := func(column, row int) string {
		return fmt.Sprintf(`(() => {
			const at = document.querySelector(".cell.at"), grid = document.querySelector(".grid-scroll").getBoundingClientRect(), box = at.getBoundingClientRect();
			return at.getAttribute("aria-colindex") === "%d" && at.textContent === "%d" && box.left >= grid.left && box.right <= grid.right + 1
				&& Boolean(document.querySelector('.window-head [data-column="@c%05d"]')) && [...document.querySelectorAll(".window-row")].every(isTrue);
			// Those too that are just out of sight, which a screen reader reads.
			function isTrue(row) {
				return [...row.querySelectorAll(".cell")].every((cell) => cell.textContent === String((cell.getAttribute("aria-colindex") - 2) * (row.getAttribute("aria-rowindex") - 2)));
			}
		})()`, column+1, (column-1)*row, column)
	}
	Eval[bool](tab, `(document.querySelector("[role=grid]").focus(), true)`)
	tab.key(kb.End)
	tab.Until(reached(columns, 0))
	tab.key(kb.End, chromedp.ModifierCtrl)
	tab.Until(reached(columns, rows-1))
	tab.key(kb.ArrowLeft)
	tab.Until(reached(columns-1, rows-1))
	tab.key(kb.Home)
	tab.Until(reached(1, rows-1))
	Eval[bool](tab, `(() => { const grid = document.querySelector(".grid-scroll"); grid.scrollLeft = grid.scrollWidth; return true; })()`)
	tab.Until(fmt.Sprintf(`document.querySelector('.window-head [data-column="@c%05d"]') && !document.querySelector(".window .waiting")`, columns))
	tab.Do(chromedp.SendKeys(`.grid-tools input[name=find]`, "c08192"))
	tab.Until(`document.querySelector('.window-head [data-column="@c08192"]')?.classList.contains("sought")`)
}

// convert uploads a document that is written as it goes, and waits for its table.
func (s *session) convert(t *testing.T, write func(io.Writer)) (table string) {
	t.Helper()
	body, to := io.Pipe()
	form := multipart.NewWriter(to)
	go func() {
		part, err := form.CreateFormFile("file", "orders.zip")
		if err != nil {
			to.CloseWithError(err)
			return
		}
		archive := zip.NewWriter(part)
		entry, err := archive.Create("orders.xml")
		if err != nil {
			to.CloseWithError(err)
			return
		}
		buffered := bufio.NewWriterSize(entry, 1<<20)
		write(buffered)
		for _, end := range []func() error{buffered.Flush, archive.Close, form.Close} {
			if err := end(); err != nil {
				to.CloseWithError(err)
				return
			}
		}
		to.Close()
	}()
	s.do(t, http.MethodPost, "/api/v1/files?convert=1", form.FormDataContentType(), body)
	type list struct {
		Items []struct{ ID, State string }
	}
	for {
		switch job := get[list](t, s, "/api/v1/jobs?state=succeeded"); {
		case len(job.Items) > 0:
			return get[list](t, s, "/api/v1/tables").Items[0].ID
		case len(get[list](t, s, "/api/v1/jobs?state=failed").Items) > 0:
			t.Fatal("the conversion failed")
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// untilIndexed waits until what was converted can be searched.
func (s *session) untilIndexed(t *testing.T) {
	t.Helper()
	type list struct {
		Items []struct{ Kind, State string }
	}
	for {
		for _, job := range get[list](t, s, "/api/v1/jobs?state=succeeded").Items {
			if job.Kind == "index" {
				return
			}
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// enter has a tab be signed in as a program is.
func (tab *Tab) enter(s *session) {
	tab.t.Helper()
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, c := range s.cookies {
			set := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: s.server.URL, HTTPOnly: &c.HttpOnly}
			if _, err := cdp.Call(ctx, target, network.SetCookie, set); err != nil {
				return err
			}
		}
		return nil
	}))
}

// reach goes to a row by its number, and sees its value in the first column.
func (tab *Tab) reach(row int) {
	tab.t.Helper()
	tab.Do(chromedp.SetValue("input[name=row]", ""), chromedp.SendKeys("input[name=row]", strconv.Itoa(row)+"\r"))
	tab.Until(fmt.Sprintf(`[...document.querySelectorAll(".cell.gone-to")].some((cell) => cell.textContent === "%d")`, row))
}

func (tab *Tab) firstRow() int {
	tab.t.Helper()
	return Eval[int](tab, `parseInt(document.querySelector(".in-sight").textContent.replaceAll(",", ""))`)
}

// restPeak has the most memory that a process has taken be what it takes now.
func restPeak(t *testing.T, pid int) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0o200); err != nil {
		t.Fatal(err)
	}
}

// peak is the most memory that a process has taken, in megabytes.
func peak(t *testing.T, pid int) float64 {
	t.Helper()
	return kilobytes(t, fmt.Sprintf("/proc/%d/status", pid), "VmHWM:") / 1000
}

// rendererMemory is what the largest of a browser's tabs takes with its worker, in
// megabytes, as the browser's own task manager counts it: what no other process has too.
func rendererMemory(t *testing.T, profile string) (most float64) {
	t.Helper()
	for pid := range browserProcesses(t, profile) {
		folder := filepath.Join("/proc", strconv.Itoa(pid))
		command, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err == nil && strings.Contains(string(command), "--type=renderer") {
			most = max(most, (kilobytes(t, filepath.Join(folder, "status"), "RssAnon:")+kilobytes(t, filepath.Join(folder, "status"), "VmSwap:"))/1000)
		}
	}
	return most
}

// kilobytes reads a line of what the system says of a process.
func kilobytes(t *testing.T, path, name string) float64 {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n * 1.024
		}
	}
	t.Fatalf("%s says nothing of %s", path, name)
	return 0
}
