package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ret/build/workload"
	"ret/server/files"
	"ret/server/keys"
	"ret/shared/cache"
	"ret/shared/workspace"
)

// unsealed is the build tag of a ret that encrypts nothing.
const unsealed = "ret_unsealed"

// conversionRounds is how often both sides convert: what one takes differs by a third with
// the disk, which is more than encryption costs.
const conversionRounds = 3 * rounds

// cryptBench measures what encryption costs: turn by turn the product and the same
// without it.
type cryptBench struct {
	*bench
	ctx           context.Context
	folder        string
	sealed, plain *signedIn
}

func benchCrypt(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	c := &cryptBench{bench: b, ctx: ctx, folder: folder}
	for _, s := range []struct {
		to   **signedIn
		tags []string
	}{{&c.sealed, nil}, {&c.plain, []string{unsealed}}} {
		own, err := os.MkdirTemp(folder, "")
		if err != nil {
			return err
		}
		var stop func()
		if *s.to, stop, err = serveRet(ctx, own, s.tags...); err != nil {
			return err
		}
		defer stop()
	}
	for _, measure := range []func() error{c.conversions, c.pages, c.sets} {
		if err := measure(); err != nil {
			return err
		}
	}
	if err := inRepository(ctx, "build/assets"); err != nil {
		return err
	}
	return b.inChromium(ctx, "^TestMeasureBrowserCrypt$")
}

// conversions measures from the upload to the tables: of many small documents, where
// files are made, and of a large one, where they are long.
func (b *cryptBench) conversions() error {
	kind := workload.Kinds[0]
	for name, documents := range map[string][][]byte{
		"crypt_convert_small": kind.SmallDocuments(1000),
		"crypt_convert_large": {kind.Document(16 << 20)},
	} {
		packed, err := zipOf(documents)
		if err != nil {
			return err
		}
		var sealed, plain []time.Duration
		for range conversionRounds {
			for s, times := range map[*signedIn]*[]time.Duration{b.sealed: &sealed, b.plain: &plain} {
				start := time.Now()
				if _, err := s.convert(packed); err != nil {
					return err
				}
				*times = append(*times, time.Since(start))
				if err := s.settle(); err != nil {
					return err
				}
			}
		}
		b.report(result{Name: name, Value: median(sealed).Seconds(), Unit: "s", Rival: unsealed, RivalValue: median(plain).Seconds(), Allocs: -1})
	}
	return nil
}

// pages measures pages of 100 rows anywhere in a table of some 80,000.
func (b *cryptBench) pages() error {
	packed, err := zipOf([][]byte{workload.Kinds[0].Document(16 << 20)})
	if err != nil {
		return err
	}
	page := func(s *signedIn) (func(caller, i int) error, error) {
		table, err := s.convert(packed)
		random := rand.New(rand.NewPCG(1, 2))
		return func(int, int) error {
			return s.do(http.MethodGet, fmt.Sprintf("/api/v1/tables/%s/rows?limit=100&offset=%d", table, random.IntN(75_000)), nil)
		}, err
	}
	sealed, err := page(b.sealed)
	if err != nil {
		return err
	}
	plain, err := page(b.plain)
	if err != nil {
		return err
	}
	r := result{Name: "crypt_page", Unit: "ops/s", Rival: unsealed, Allocs: -1}
	if r.Value, r.RivalValue, err = sideBySide(1, 2*measured, sealed, plain); err != nil {
		return err
	}
	b.report(r)
	return nil
}

// sets measures durable sets of 50 callers in process, where nothing else takes time.
func (b *cryptBench) sets() error {
	sealed, stop, err := b.openCache(true)
	if err != nil {
		return err
	}
	defer stop()
	plain, stopPlain, err := b.openCache(false)
	if err != nil {
		return err
	}
	defer stopPlain()
	value := make([]byte, valueBytes)
	set := func(c *cache.Cache) func(caller, i int) error {
		return func(caller, i int) error {
			return c.Set(b.ctx, fmt.Sprintf("user:%d:profile", (caller*31+i*7)%keyCount), value, 0)
		}
	}
	r := result{Name: "crypt_set_50", Unit: "ops/s", Rival: unsealed, Allocs: -1}
	if r.Value, r.RivalValue, err = sideBySide(50, 4*measured, set(sealed), set(plain)); err != nil {
		return err
	}
	b.report(r)
	return nil
}

// openCache opens a session's cache as the server does, or without its encryption.
func (b *cryptBench) openCache(encrypt bool) (c *cache.Cache, stop func(), err error) {
	home, err := os.MkdirTemp(b.folder, "")
	if err != nil {
		return nil, nil, err
	}
	master, err := keys.Open(filepath.Join(home, "master.key"), true)
	if err != nil {
		return nil, nil, err
	}
	store, err := files.OpenStore(home, master, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	folder, err := store.Open("one")
	if err != nil {
		return nil, nil, err
	}
	var options workspace.Options
	path, cfg, err := folder.Database()
	if encrypt {
		options.SQLite = cfg
	}
	if err != nil {
		return nil, nil, err
	}
	w, err := workspace.Open(path, options)
	if err != nil {
		return nil, nil, err
	}
	c = cache.New(cache.NewMemory(defaultLimits), w.Entries(), cache.Options{Log: func(err error) { b.note("cache: %v", err) }})
	return c, func() { _, _, _, _ = c.Close(), w.Close(), folder.Close(), store.Close() }, nil
}

// zipOf packs documents without making them smaller, so that they are on the disk as
// long as they are.
func zipOf(documents [][]byte) ([]byte, error) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i, document := range documents {
		w, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d.xml", i), Method: zip.Store})
		if err == nil {
			_, err = w.Write(document)
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return packed.Bytes(), err
}

// convert uploads a ZIP, waits for its tables and returns the first.
func (s *signedIn) convert(packed []byte) (table string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "documents.zip")
	if err == nil {
		_, err = part.Write(packed)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return "", err
	}
	var up struct{ Job jobState }
	if err := s.ask(http.MethodPost, "/api/v1/files?convert=1", form.FormDataContentType(), &body, &up); err != nil {
		return "", err
	}
	job := up.Job
	for job.State == "queued" || job.State == "running" {
		time.Sleep(time.Millisecond)
		if err := s.ask(http.MethodGet, "/api/v1/jobs/"+job.ID, "", nil, &job); err != nil {
			return "", err
		}
	}
	if job.State != "succeeded" {
		return "", fmt.Errorf("the job has %s", job.State)
	}
	return job.Result.Tables[0], nil
}

// settle waits until the jobs that followed by themselves have ended: what is measured
// next shall have the machine to itself.
func (s *signedIn) settle() error {
	for {
		var list struct{ Items []jobState }
		if err := s.ask(http.MethodGet, "/api/v1/jobs", "", nil, &list); err != nil {
			return err
		}
		if !slices.ContainsFunc(list.Items, func(j jobState) bool { return j.State == "queued" || j.State == "running" }) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// jobState is what a measurement looks at of a job.
type jobState struct {
	ID, State string
	Result    struct{ Tables []string }
}

// ask sends a request and decodes its answer.
func (s *signedIn) ask(method, path, contentType string, body io.Reader, answer any) error {
	req, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(answer)
}
