package page

// AskView is the page /ask.
type AskView struct {
	Endpoint string // what is asked, as people say yes to it
	Nearby   bool   // it is on the server's own machine
	MaxCells int64  // that one question may show it
	Consent  bool   // the person has said yes to it
	Question string // what was typed and not taken
	Problem  string // why not
	Items    []Asked
	Away     bool // the server cannot be reached, so only Items are known
}

// askedShown is how many questions the page shows.
const askedShown = 20

// AskedShown is how many questions the page shows.
func (AskView) AskedShown() int { return askedShown }

// Asked is a question with its answer, as far as it has come.
type Asked struct {
	Job        Job
	Question   string
	Statements []AskStatement
	Citations  []AskCitation
	Cells      int64 // that the model was shown
	MostCells  int64 // that it may be shown
	Shown      []AskShown
}

// AskStatement is a piece of an answer.
type AskStatement struct {
	Text      string
	Line      bool // it begins a line
	Claim     bool // it says something about the tables
	Citations []int
	Unproved  []string // its numbers that its sources do not have
}

// AskCitation is where a statement can be looked up: a cell, or a query.
type AskCitation struct {
	Table   string // its name
	TableID string // "": it is a query
	Row     int64
	Column  string
	Shown   int // where in Asked.Shown
}

// AskShown is something that the model was shown.
type AskShown struct {
	Tool    string // "profiles", "search" or "sql"
	Asked   string
	Columns []string
	Rows    [][]Cell
	Cut     bool // there was more
	Problem string
}
