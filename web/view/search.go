package view

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ret/shared/fault"
	"ret/shared/search"
	"ret/shared/workspace"
	"ret/web/page"
)

// Search answers a question over the tables that can be read where a page is drawn.
type Search func(ctx context.Context, q search.Question) (Found, error)

// Found is an answer, and over how many tables.
type Found struct {
	search.Answer
	Searched int64
}

// searchShown is how many hits one page lists.
const searchShown = 50

func (d drawing) search(f page.Frame) (templ.Component, error) {
	v := page.SearchView{Query: strings.TrimSpace(d.query.Get("q"))}
	if (v.Query != "" || d.around.Embedding != nil) && d.around.Replica && d.around.Online {
		return nil, ErrElsewhere // the server has all tables, and their index
	}
	v.Tables = f.Viewer.Holdings.Tables
	if e := d.around.Embedding; e != nil && !d.around.Replica {
		v.Embedding = &page.EmbeddingEndpoint{Name: e.Name, Allowed: e.Allowed}
	}
	q, err := search.Parse(v.Query, d.query.Get("typing") == "1")
	if err == nil && !q.Empty() && v.Tables > 0 {
		err = d.find(q, &v)
	}
	if kind := fault.KindOf(err); err != nil && kind != fault.Invalid && kind != fault.TooLarge {
		return nil, err
	}
	if err != nil {
		v.Problem = fault.Message(err)
	}
	return page.Search(f, v), nil
}

// find adds the hits of a question to its page.
func (d drawing) find(q search.Query, v *page.SearchView) error {
	v.First = 1
	if first, err := strconv.Atoi(d.query.Get("first")); err == nil && first > 1 {
		v.First = first
	}
	began := time.Now()
	found, err := d.around.Search(d.ctx, search.Question{Query: q, Limit: searchShown, After: d.query.Get("after")})
	if err != nil {
		return err
	}
	v.Took = time.Since(began).Round(time.Millisecond)
	v.Cut, v.Indexed, v.More = found.Cut, found.Indexed, found.Next != ""
	v.Kept, v.Searched = d.around.Replica, found.Searched
	if found.Next != "" {
		v.NextLink = d.searchLink(v, url.Values{"after": {found.Next}, "first": {strconv.Itoa(v.First + len(found.Hits))}})
	}
	if d.query.Get("after") != "" {
		v.FirstLink = d.searchLink(v, url.Values{})
	}
	return d.addHits(found.Hits, v)
}

func (d drawing) searchLink(v *page.SearchView, more url.Values) string {
	more.Set("q", v.Query)
	if d.query.Get("typing") == "1" {
		more.Set("typing", "1")
	}
	return "/search" + d.addresses.Query(more)
}

// addHits adds hits with the names of their tables; those of a table that is gone
// meanwhile are left out.
func (d drawing) addHits(hits []search.Hit, v *page.SearchView) error {
	var ids []string
	briefs := make(map[string]workspace.TableBrief)
	for _, hit := range hits {
		ids = append(ids, hit.TableID)
	}
	list, err := d.ws.TableBriefs(d.ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range list {
		briefs[t.ID] = t
	}
	for _, hit := range hits {
		t, there := briefs[hit.TableID]
		if !there {
			continue
		}
		item := page.Hit{Table: page.TableLink{ID: t.ID, Name: t.Name, Rows: t.Rows}, Source: t.Source, Row: hit.Row, Column: hit.Column}
		item.Link = "/tables/" + t.ID + "?row=" + strconv.FormatInt(hit.Row, 10) + "#row"
		item.CellLink = d.addresses.RowLink(t.ID, hit.Row, hit.Column)
		if !d.around.Replica {
			item.XMLLink = d.addresses.RowXMLLink(t.ID, hit.Row, hit.Column)
		}
		for _, part := range search.Unmarked(hit.Snippet) {
			item.Snippet = append(item.Snippet, page.SnippetPart(part))
		}
		v.Items = append(v.Items, item)
	}
	return nil
}
