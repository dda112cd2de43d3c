package profile

// Profile is what is in a table.
type Profile struct {
	Rows    int64    `json:"rows"`
	Columns []Column `json:"columns"`
}

// Kind is what all values of a column are.
type Kind string

// The kinds. A column with no values but empty ones is text.
const (
	Integer  Kind = "integer" // -?(0|[1-9][0-9]*)
	Decimal  Kind = "decimal" // numbers, some with a point or an exponent
	Date     Kind = "date"    // 2026-11-28, perhaps with a zone
	Time     Kind = "time"    // 14:30:00
	DateTime Kind = "datetime"
	Boolean  Kind = "boolean" // true, false, yes, no, in any case
	Text     Kind = "text"
)

// Column is what is in a column. Empty values count as values, but for their kind,
// their lengths, the least and the greatest, and the histogram.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`

	Present int64 `json:"present"` // cells that are there; with Absent all rows
	Empty   int64 `json:"empty"`   // of these
	Absent  int64 `json:"absent"`

	Distinct int64 `json:"distinct"` // different values among those present
	Exact    bool  `json:"exact"`    // else Distinct is an estimate, and Top of the values that came first

	Min *string `json:"min"` // numbers by what they are worth, else by their bytes
	Max *string `json:"max"`

	Shortest int64 `json:"shortest"` // characters
	Longest  int64 `json:"longest"`

	Top       []Frequent `json:"top"`       // at most TopValues
	Histogram []Bin      `json:"histogram"` // of numbers, dates and times
}

// Frequent is a value and how often it is there.
type Frequent struct {
	Value string `json:"value"`
	Cut   bool   `json:"cut,omitempty"` // there is more of it than is given
	Count int64  `json:"count"`
}

// Bin is a part of a histogram: what is at least From and less than To. They are numbers
// for numbers, else text as in the column.
type Bin struct {
	From  any   `json:"from"`
	To    any   `json:"to"`
	Count int64 `json:"count"`
}

const (
	// ExactValues is up to how many different values of a column are counted exactly.
	ExactValues = 10_000

	// TopValues is how many of the most frequent values are given.
	TopValues = 20

	// Bins is how many a histogram has at most.
	Bins = 32

	// givenBytes is how much of a long value is given.
	givenBytes = 256
)
