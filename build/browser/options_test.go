package browser

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// places has folders with a name of their own, keys and values, and an & that is none.
const places = `<kml><Folder><name>north</name><Place><tag k="kind" v="pub"/><tag k="beds" v="3"/></Place><Place><tag k="kind" v="inn"/></Place></Folder>` +
	`<Folder><name>south</name><Place><tag k="kind" v="bar & grill"/><tag k="beds" v="7"/></Place></Folder></kml>`

// placesTable is what comes of it with chosen.
const placesTable = "_in,tag[kind],tag[beds],Folder/name,_xml"

// choose fills the upload's fields as a person does.
const choose = `(() => {
	const form = document.querySelector("#upload");
	form.querySelector("details").open = true;
	const set = (name, value) => {
		const field = form.elements[name];
		if (field.type === "checkbox") field.checked = value;
		else field.value = value;
		field.dispatchEvent(new Event("change", { bubbles: true }));
	};
	for (const [name, value] of Object.entries(%s)) set(name, value);
	return true;
})()`

// chosen are options of all kinds.
var chosen = map[string]any{
	"record": "//Place", "max_repeat": 2, "flat": true, "pivot": "tag@k=@v\n", "xml": true, "by_local_name": true, "trim": true,
	"windows_1252": true, "repair": true, "keep_partial": true, "include": "*.xml\nset.zip/**", "exclude": "not*.xml",
	"delimiter": ";", "bom": true, "crlf": true, "excel_safe": true, "format": "xlsx",
}

// asSent are they as a job has them.
var asSent = map[string]any{
	"record": "//Place", "max_repeat": 2.0, "flat": true, "pivot": []any{"tag@k=@v"}, "xml": true, "by_local_name": true, "trim": true,
	"windows_1252": true, "repair": true, "keep_partial": true, "include": []any{"*.xml", "set.zip/**"}, "exclude": []any{"not*.xml"},
	"delimiter": ";", "bom": true, "crlf": true, "excel_safe": true, "format": "xlsx",
}

func (tab *Tab) chooseOptions(options map[string]any) {
	tab.t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		tab.t.Fatal(err)
	}
	Eval[bool](tab, fmt.Sprintf(choose, text))
}

// firstLines are the header lines of tables as the grid's own form has them.
func firstLines(tables map[string]string) (lines []string) {
	for _, text := range tables {
		line, _, _ := strings.Cut(text, "\n")
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// jobOptions are those of the only job.
const jobOptions = `fetch("/api/v1/jobs").then((r) => r.json()).then(({ items }) => items.map((job) => job.options))`

// Whatever is chosen in the form is sent and acts, and stands at the job; without a
// network the browser's own conversion does the same, and the job that goes up later
// has it too.
func TestChosenOptionsActOnlineAndOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	set := map[string][]byte{"set.zip": makeZip(t, text("places.xml", places), text("not-this.xml", "<r/>"))}

	tab.chooseOptions(chosen)
	tab.Drop(set)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	online := Eval[map[string]string](tab, serversTables)
	if lines := firstLines(online); !slices.Contains(lines, placesTable) || len(lines) != 3 {
		t.Errorf("the server's tables begin with %q", lines)
	}
	if sent := Eval[[]map[string]any](tab, jobOptions); len(sent) != 1 || !reflect.DeepEqual(sent[0], asSent) {
		t.Errorf("the job has %v", sent)
	}
	tab.Do(chromedp.Click(`#jobs a.job-name`))
	tab.Until(`document.querySelector(".facts")`)
	facts := Eval[string](tab, `document.querySelector(".facts").innerText`)
	for _, want := range []string{"//Place", "tag@k=@v", "fields above", "repaired", "only set.zip/**", "not not*.xml", "delimiter ;"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the job's page does not say %q: %q", want, facts)
		}
	}
	tab.Do(chromedp.Click(`a.brand`))
	tab.Until(`document.querySelector("#upload")`)

	goOffline(t, server, tab)
	Eval[bool](tab, keepSaved)
	tab.chooseOptions(chosen)
	tab.Drop(set)
	tab.Until(`document.querySelector("#uploads [data-part=state]")?.textContent === "waiting"`)
	tab.Until(fmt.Sprintf(`%s.length === %d`, listed, 2*len(online)))
	offline := Eval[map[string]string](tab, keptTables)
	if !slices.Equal(slices.Sorted(maps.Values(offline)), slices.Sorted(maps.Values(online))) {
		t.Errorf("converted here are %q, by the server %q", offline, online)
	}
	server.Restart(t)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2 && document.querySelectorAll("#uploads > *").length === 0`)
	if sent := Eval[[]map[string]any](tab, jobOptions); len(sent) != 2 || !reflect.DeepEqual(sent[0], asSent) {
		t.Errorf("the job that went up later has %v", sent)
	}
	browser.ForgiveOffline()
}

// lookLink leads to the look at the only upload.
const lookLink = `document.querySelector('#files a[href^="/files/"]').href`

// columns are those of the table to come.
const columns = `[...document.querySelectorAll("#look-result .table-preview:first-of-type th .column-name")].map((e) => e.textContent).join()`

// A proposal is taken by a click, and the preview follows every choice.
func TestProposalsAreTakenByAClick(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	Eval[bool](tab, `(document.querySelector("#upload [name=convert]").click(), true)`)
	tab.Drop(map[string][]byte{"places.xml": []byte(places)})
	tab.Until(`document.querySelector("#files > [data-waiting]")`)
	tab.Do(chromedp.Navigate(Eval[string](tab, lookLink)))
	tab.Until(`document.querySelector(".proposal")`)
	if says := Eval[string](tab, `document.querySelector(".proposal").innerText`); !strings.Contains(says, "--repair") || !strings.Contains(says, "1×") {
		t.Errorf("proposed is %q", says)
	}
	tab.takeProposal("--repair")
	tab.Until(`document.querySelector("#look [name=repair]").checked && ` + columns + ` !== ""`)

	// A choice is followed at once; typing, after a pause; only the newest is answered.
	Eval[bool](tab, `(document.querySelector('#look [name=record_path]').value = "Folder/Place", document.querySelector('#look [name=record_path]').dispatchEvent(new Event("input", { bubbles: true })), true)`)
	tab.Until(columns + ` === "_in,tag@k,tag@v,tag[2]@k,tag[2]@v"`)
	tab.takeProposal("--pivot tag@k=@v")
	tab.Until(columns + ` === "_in,tag[kind],tag[beds]" && document.querySelector("#look [name=pivot]").value === "tag@k=@v"`)
	tab.takeProposal("--flat")
	tab.Until(columns + ` === "_in,tag[kind],tag[beds],Folder/name" && document.querySelector("#look [name=flat]").checked`)
	if query := Eval[string](tab, `location.search`); !strings.Contains(query, "flat=1") || !strings.Contains(query, "repair=1") {
		t.Errorf("the address %q does not say what was chosen", query)
	}
	Eval[bool](tab, `(document.querySelector('#look [name=xml]').click(), document.querySelector('#look [name=flat]').click(), true)`)
	tab.Until(columns + ` === "_in,tag[kind],tag[beds],_xml"`)

	tab.Do(chromedp.Click(`#look [value=convert]`))
	tab.Until(`location.pathname.startsWith("/jobs/") && document.querySelector('#made a[href^="/tables/"]')`)
	lines := firstLines(Eval[map[string]string](tab, serversTables))
	if !slices.Contains(lines, "_in,tag[kind],tag[beds],_xml") {
		t.Errorf("the tables begin with %q", lines)
	}
}

func (tab *Tab) takeProposal(flags string) {
	tab.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll(".proposal")].find((e) => e.querySelector("code").textContent === %q)`, flags)
	tab.Until(found)
	Eval[bool](tab, `(`+found+`.querySelector("button").click(), true)`)
}

// A recipe that is chosen with the upload brings its layout, and what the form says
// goes before it.
func TestARecipeGoesUpWithItsLayout(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	const recipe = `{"record":"i","max_repeat":2,"flat":true,"layouts":[{"root":"r","record":"i","tables":[{"name":"i","as":"i","columns":[{"name":"b","as":"b"}]}],"elements":{"local":"r","rank":0,"learnt":[1,1,1,0,0,1,0,0]}}]}`
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		data.items.add(new File([%q], "mine.json"));
		const field = document.querySelector("#upload [name=recipe]");
		field.files = data.files;
		field.dispatchEvent(new Event("change", { bubbles: true }));
		return true;
	})()`, recipe))
	tab.Until(`document.querySelector("[data-recipe-hint]").textContent.startsWith("mine.json is used, with the layout")`)
	if n := Eval[int](tab, `document.querySelectorAll("#uploads > *").length`); n != 0 {
		t.Errorf("the recipe is uploaded as a file")
	}
	tab.chooseOptions(map[string]any{"max_repeat": 3})
	tab.Drop(map[string][]byte{"x.xml": []byte("<r><i><b>1</b></i></r>")})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded], #jobs [data-state=failed]").length === 1`)
	sent := Eval[[]map[string]any](tab, jobOptions)[0]
	if layouts, _ := sent["layouts"].([]any); sent["record"] != "i" || sent["max_repeat"] != 3.0 || sent["flat"] != true || len(layouts) != 1 {
		t.Errorf("the job has %v", sent)
	}
}

// What only the server can open waits for it, and the page says so.
func TestArchivesThatABrowserCannotOpenWait(t *testing.T) {
	t.Parallel()
	packed, err := os.ReadFile("../../shared/archive/testdata/LZMA2.7z")
	if err != nil {
		t.Fatal(err)
	}
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	goOffline(t, server, tab)
	tab.Drop(map[string][]byte{"packed.7z": packed})
	tab.Until(`document.querySelector("#uploads [data-part=state]")?.textContent === "waiting"`)
	if says := Eval[string](tab, `document.querySelector("#uploads > *").innerText`); !strings.Contains(says, "A browser cannot open a 7z archive; the server does.") {
		t.Errorf("of the archive it says %q", says)
	}
	server.Restart(t)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	if tables := Eval[map[string]string](tab, serversTables); len(tables) == 0 {
		t.Error("the server made no table of it")
	}
	browser.ForgiveOffline()
}
