package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// besideRows is how many rows are indexed while others are at work, and besideJobs how
// many small jobs they have at most, of so few rows that all of them are not worth an
// index of their own.
const (
	besideRows = 500_000
	besideJobs = 120
	smallRows  = 3
)

// disturbance measures what others notice while an index is being made: whoever pages
// through the same table, and whoever has a small file converted in another session.
func (s *searchBench) disturbance() error {
	folder := filepath.Join(s.folder, "server")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	own, stop, err := serveRet(s.ctx, folder)
	if err != nil {
		return err
	}
	defer stop()
	other := &signedIn{url: own.url}
	if err := other.signIn(); err != nil {
		return err
	}
	large, err := packed(s.document(besideRows))
	if err != nil {
		return err
	}
	small, err := packed(s.document(smallRows))
	if err != nil {
		return err
	}
	table, err := own.convert(large)
	if err != nil {
		return err
	}
	var pages, jobs [2][]time.Duration // while indexing, and at rest
	for len(pages[0]) == 0 || len(pages[1]) < besideJobs/2 {
		busy, err := own.indexing()
		if err != nil {
			return err
		}
		if enough := len(pages[0]) >= besideJobs/2; busy && enough || !busy && len(pages[1]) >= besideJobs/2 {
			time.Sleep(10 * time.Millisecond) // for the index, whose end or beginning is waited for
			continue
		}
		at := 1
		if busy {
			at = 0
		}
		began := time.Now()
		if err := own.do(http.MethodGet, fmt.Sprintf("/api/v1/tables/%s/rows?offset=%d", table, rand.IntN(besideRows-100)), nil); err != nil {
			return err
		}
		pages[at] = append(pages[at], time.Since(began))
		began = time.Now()
		if _, err := other.convert(small); err != nil {
			return err
		}
		jobs[at] = append(jobs[at], time.Since(began))
	}
	s.note("%d pages and jobs while the index was made, %d at rest", len(pages[0]), len(pages[1]))
	for name, took := range map[string][2][]time.Duration{"search_page_while_indexing": pages, "search_small_job_while_indexing": jobs} {
		busy, _ := percentiles(took[0])
		rest, _ := percentiles(took[1])
		s.report(result{Name: name, Value: busy, Unit: "ms", Rival: "at_rest", RivalValue: rest, Allocs: -1})
	}
	return nil
}

// packed is a ZIP with one document.
func packed(document []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("orders.xml")
	if err == nil {
		_, err = w.Write(document)
	}
	err = errors.Join(err, z.Close())
	return b.Bytes(), err
}

// document is XML of so many rows.
func (s *searchBench) document(rows int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(7, 8))
	b.WriteString("<orders>")
	for n := range rows {
		b.WriteString("<order>")
		for i, cell := range s.row(r, n) {
			fmt.Fprintf(&b, "<%s>%s</%s>", searchColumns[i], cell, searchColumns[i])
		}
		b.WriteString("</order>")
	}
	b.WriteString("</orders>")
	return b.Bytes()
}

// indexing reports whether the session's index is being made.
func (s *signedIn) indexing() (bool, error) {
	var list struct {
		Items []struct{ Kind, State string }
	}
	err := s.ask(http.MethodGet, "/api/v1/jobs?state=running", "", nil, &list)
	for _, job := range list.Items {
		if job.Kind == "index" {
			return true, err
		}
	}
	return false, err
}
