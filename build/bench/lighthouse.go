package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// What Lighthouse says of three pages, as it looks by default: a middling telephone on a
// slow line. The median of some looks counts.
const (
	lighthouseVersion = "12.8.2"
	lighthouseTables  = 50
	lighthouseRows    = 400
	lighthouseLooks   = 3
)

// lighthouseAsked is the least that each figure may be; of the layout's shift the most.
var lighthouseAsked = map[string]float64{"performance": 95, "accessibility": 100, "best-practices": 100, "layout-shift": 0}

// lighthouseScript looks at the first page without a session, and at the others in the one
// whose cookies it is given.
const lighthouseScript = `
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";
const { chromium, url, cookies, pages, looks } = JSON.parse(process.argv[1]);
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-component-update"] });
const said = [];
try {
  const page = await browser.newPage();
  for (const [i, [name, path]] of pages.entries()) {
    if (i === 1) await page.setCookie(...cookies);
    for (let look = 0; look < looks; look++) {
      const { lhr } = await lighthouse(url + path, { disableStorageReset: true, logLevel: "error", onlyCategories: ["performance", "accessibility", "best-practices"] }, undefined, page);
      if (lhr.runtimeError) throw new Error(name + ": " + lhr.runtimeError.message);
      const figures = { "layout-shift": lhr.audits["cumulative-layout-shift"].numericValue };
      const short = [];
      for (const { id, score, auditRefs } of Object.values(lhr.categories)) {
        figures[id] = Math.round(100 * score);
        if (id === "performance" && score >= 0.95) continue;
        for (const ref of auditRefs) {
          const { score, title, displayValue, scoreDisplayMode } = lhr.audits[ref.id];
          if (ref.weight > 0 && score !== null && score < 1 && scoreDisplayMode !== "notApplicable") short.push([id, title, displayValue ?? ""].join(": "));
        }
      }
      said.push({ name, path: new URL(lhr.finalDisplayedUrl).pathname, figures, short });
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(said));
`

// lighthouseLook is one look at a page.
type lighthouseLook struct {
	Name, Path string
	Figures    map[string]float64
	Short      []string // what cost points
}

func benchLighthouse(ctx context.Context, b *bench) error {
	modules, err := lighthouseModules(ctx)
	if err != nil {
		b.note("Lighthouse is not fetched, so it says nothing: %v", err)
		return nil
	}
	if err := inRepository(ctx, "build/assets"); err != nil {
		return err
	}
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	s, stop, err := serveRet(ctx, folder)
	if err != nil {
		return err
	}
	defer stop()
	documents, err := lighthouseDocuments()
	if err != nil {
		return err
	}
	table, err := s.convert(documents)
	if err != nil {
		return err
	}
	pages := [][2]string{{"sign_in", "/login"}, {"workbench", "/"}, {"table", "/tables/" + table}}
	looks, err := s.lookBy(ctx, b, modules, pages)
	if err != nil {
		return err
	}
	return b.reportLighthouse(pages, looks)
}

// lookBy has Lighthouse look at pages, the first without a session.
func (s *signedIn) lookBy(ctx context.Context, b *bench, modules string, pages [][2]string) ([]lighthouseLook, error) {
	chromium := slices.IndexFunc(chromiums, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
	if chromium < 0 {
		return nil, errors.New("there is no Chromium; install it by your system's packages (apt-get install chromium)")
	}
	path, err := exec.LookPath(chromiums[chromium])
	if err != nil {
		return nil, err
	}
	home, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	var cookies []map[string]string
	for _, c := range s.client.Jar.Cookies(home) {
		cookies = append(cookies, map[string]string{"name": c.Name, "value": c.Value, "url": s.url})
	}
	asked, err := json.Marshal(map[string]any{"chromium": path, "url": s.url, "cookies": cookies, "pages": pages, "looks": lighthouseLooks})
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", "--input-type=module", "-e", lighthouseScript, string(asked))
	cmd.Dir, cmd.Stderr = modules, b.info
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run Lighthouse: %w", err)
	}
	var looks []lighthouseLook
	if err := json.Unmarshal(out, &looks); err != nil {
		return nil, fmt.Errorf("read what Lighthouse says: %w", err)
	}
	return looks, nil
}

// reportLighthouse fails, after all has been reported, if a page falls short.
func (b *bench) reportLighthouse(pages [][2]string, looks []lighthouseLook) error {
	var short []error
	for _, page := range pages {
		figures := map[string][]float64{}
		for _, look := range looks {
			if look.Name != page[0] {
				continue
			}
			if look.Path != page[1] {
				return fmt.Errorf("asked for %s, Lighthouse has looked at %s", page[1], look.Path)
			}
			for name, figure := range look.Figures {
				figures[name] = append(figures[name], figure)
			}
			for _, why := range look.Short {
				b.note("lighthouse, %s: %s", page[0], why)
			}
		}
		for name, asked := range lighthouseAsked {
			if len(figures[name]) == 0 {
				return fmt.Errorf("Lighthouse has not looked at %s", page[1])
			}
			slices.Sort(figures[name])
			r := result{Name: "lighthouse_" + page[0] + "_" + strings.ReplaceAll(name, "-", "_"), Unit: "points", Floor: "asked", FloorValue: asked, Allocs: -1}
			if name == "layout-shift" {
				r.Unit = "shift"
			}
			r.Value = figures[name][len(figures[name])/2]
			b.report(r)
			if lessIsBetter(r.Unit) && r.Value > asked || !lessIsBetter(r.Unit) && r.Value < asked {
				short = append(short, fmt.Errorf("%s is %s, asked are %s", r.Name, number(r.Value), number(asked)))
			}
		}
	}
	return errors.Join(short...)
}

// lighthouseDocuments make a table each.
func lighthouseDocuments() ([]byte, error) {
	documents := make([][]byte, lighthouseTables)
	for i := range documents {
		var b bytes.Buffer
		fmt.Fprintf(&b, "<orders%d>", i)
		for k := range lighthouseRows {
			fmt.Fprintf(&b, `<order no="%d"><placed>2026-%02d-%02d</placed><customer>customer %d</customer><total>%d.%02d</total><note>row %d, as it came</note></order>`, k+1, 1+k%12, 1+k%28, k*7919%1000, k*31%900, k%100, k+1)
		}
		fmt.Fprintf(&b, "</orders%d>", i)
		documents[i] = b.Bytes()
	}
	return zipOf(documents)
}

// lighthouseModules returns a folder in which Node finds Lighthouse, which npm installs
// into a cache folder if it is not there.
func lighthouseModules(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "ret-bench", "lighthouse-"+lighthouseVersion)
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "lighthouse")); err == nil {
		return folder, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", errors.New("there is no npm")
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-save", "--prefix", folder, "lighthouse@"+lighthouseVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install: %w: %.300s", err, out)
	}
	return folder, nil
}
