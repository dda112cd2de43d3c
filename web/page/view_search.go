package page

import "time"

// SearchView is the page /search.
type SearchView struct {
	Query   string
	Problem string // why the question was not answered
	Tables  int64  // of the session

	Items    []Hit
	First    int  // the place of the first of them
	More     bool // there are others behind these
	Cut      bool // not all rows were looked through
	Indexed  bool // an index knew all tables
	Took     time.Duration
	NextLink string // to those behind; "" for none

	FirstLink string // back to the best; "" on that page

	// Kept says that only the tables were searched that the browser keeps, so many.
	Kept     bool
	Searched int64

	Embedding *EmbeddingEndpoint // nil: none is asked
}

// EmbeddingEndpoint is where rows and searches are sent for what they mean, to those who
// said yes.
type EmbeddingEndpoint struct {
	Name    string
	Allowed bool // the person has said yes
}

// found says how many rows there are.
func (v SearchView) found() string {
	n := int64(len(v.Items))
	switch {
	case v.First > 1:
		return "Rows from the " + Count(int64(v.First)) + "th on"
	case v.More:
		return "The best " + Counted(n, "row", "rows") + ", and there are more"
	}
	return Counted(n, "row", "rows")
}

func (v SearchView) noneFound() string {
	if v.Kept {
		return "No row that this browser keeps holds this. The server, which has all tables, cannot be reached."
	}
	return "No row holds this. A word is found whole: write wor* for its beginning, and *part* for what stands within."
}

// Hit is a row that fits the words searched for.
type Hit struct {
	Table    TableLink
	Source   string
	Row      int64
	Column   string // of the cell that is shown
	Link     string // to the row in its table
	CellLink string // to the row's page with the whole value
	XMLLink  string // to the place in the source; "" where there is no server to ask
	Snippet  []SnippetPart
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
