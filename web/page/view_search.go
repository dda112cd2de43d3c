package page

import "time"

// SearchView is the page /search.
type SearchView struct {
	Query     string
	Available bool // false: this server cannot search yet
	Items     []Hit
	Took      time.Duration
}

// Hit is a row that fits the words searched for.
type Hit struct {
	Table   TableLink
	Source  string
	Row     int64
	Snippet []SnippetPart
}

// SnippetPart is a piece of text, or one of the words found in it.
type SnippetPart struct {
	Text  string
	Found bool
}

// ProblemView is any page that could not be shown.
type ProblemView struct {
	Status    int    // of HTTP
	Detail    string // a sentence that says what happened and what to do; "" for a usual one
	RequestID string // for whoever runs the server; "" for none
}
