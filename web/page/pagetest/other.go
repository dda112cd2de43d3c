package pagetest

import (
	"time"

	"ret/web/page"
)

var sessions = []page.Session{
	{ID: "s1", Current: true, User: "ana", Device: "Firefox on Linux", Address: "192.0.2.17", CreatedAt: ago(2 * time.Hour), LastUsedAt: ago(time.Minute), ExpiresAt: Now.Add(3 * time.Hour), Bytes: 1_200_000_000},
	{ID: "s2", User: "ana", Device: "Safari on iPhone", Address: "2001:db8::17", CreatedAt: ago(26 * time.Hour), LastUsedAt: ago(5 * time.Hour), ExpiresAt: Now.Add(time.Hour), Bytes: 88_000},
	{ID: "s3", User: "ben", Device: "Chrome on Windows", Address: "198.51.100.3", CreatedAt: ago(40 * time.Minute), LastUsedAt: ago(20 * time.Second), ExpiresAt: Now.Add(7 * time.Hour), Bytes: 310_000_000},
}

func otherStates(frame framer) []State {
	search := frame("Search", page.SectionSearch)
	account := frame("Account", page.SectionAccount)
	problem := frame("Problem", page.SectionNone)
	nobody := problem
	nobody.Viewer = nil
	view := page.AccountView{Role: "admin", Sessions: sessions[:2]}
	refused := view
	refused.Problem = "The present password is wrong. Nothing was changed."
	states := []State{
		{Name: "search", Page: page.Search(search, page.SearchView{Tables: 3})},
		{Name: "search-no-tables", Page: page.Search(search, page.SearchView{})},
		{Name: "search-none", Page: page.Search(search, page.SearchView{Tables: 3, Query: "zebra", Indexed: true})},
		{Name: "search-problem", Page: page.Search(search, page.SearchView{Tables: 3, Query: "zebra", Problem: "A question to search for may have 1000 characters."})},
		{Name: "search-hits", Page: page.Search(search, searchHits())},
		{Name: "search-offline", Page: page.Search(search, searchOffline())},
		{Name: "search-meaning", Page: page.Search(search, page.SearchView{Tables: 3, Embedding: &page.EmbeddingEndpoint{Name: "https://models.example/v1 (embed-small)"}})},
		{Name: "search-meaning-allowed", Page: page.Search(search, page.SearchView{Tables: 3, Embedding: &page.EmbeddingEndpoint{Name: "https://models.example/v1 (embed-small)", Allowed: true}})},
		{Name: "account", Page: page.AccountPage(account, view)},
		{Name: "account-refused", Page: page.AccountPage(account, refused)},
		{Name: "problem-401", Page: page.Problem(nobody, page.ProblemView{Status: 401})},
	}
	for _, p := range []struct {
		name string
		view page.ProblemView
	}{
		{"problem-403", page.ProblemView{Status: 403}},
		{"problem-404", page.ProblemView{Status: 404}},
		{"problem-413", page.ProblemView{Status: 413, Detail: "One upload may hold 4.3 GB at most. Nothing of it was kept."}},
		{"problem-500", page.ProblemView{Status: 500, RequestID: "9f1c2a7be0"}},
	} {
		states = append(states, State{Name: p.name, Page: page.Problem(problem, p.view)})
	}
	return states
}

func searchHits() page.SearchView {
	hit := func(table string, row int64) page.Hit {
		return page.Hit{
			Table: page.TableLink{ID: "t1", Name: table}, Source: "ar-batch.zip!/GL/GL_01.xml", Row: row, Column: "text",
			Link: "/tables/t1?row=3#row", CellLink: "/tables/t1/rows/3?view=x", XMLLink: "/tables/t1/rows/3?xml=1&view=x#row-xml",
			Snippet: []page.SnippetPart{{Text: "the second after the "}, {Text: "credit", Found: true}, {Text: " "}, {Text: "note", Found: true}, {Text: " of 2 March was booked"}},
		}
	}
	return page.SearchView{
		Tables: 3, Query: "credit note", First: 1, More: true, NextLink: "/search?after=b.3&view=x", Took: 8 * time.Millisecond,
		Items: []page.Hit{hit("entry", 3), hit("entry", 7), hit("entry.line", 1204)},
	}
}

func searchOffline() page.SearchView {
	v := searchHits()
	v.Kept, v.Searched, v.More, v.NextLink = true, 2, false, ""
	return v
}
