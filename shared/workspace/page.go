package workspace

import (
	"strconv"

	"ret/shared/fault"
)

// Page asks for a part of a list. Next continues where Limit cut it off.
type Page struct {
	Limit int    // 1 to 1000; 0 means 100
	After string // a List's Next
}

// List is one page of things.
type List[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"` // nil on the last page
}

// MaxPage is the most that one page holds.
const MaxPage = 1000

// bounds returns the limit and the order number to go on from; first is the
// number that stands before the first item.
func (p Page) bounds(first int64) (limit int, after int64, err error) {
	limit, after = p.Limit, first
	if limit == 0 {
		limit = 100
	}
	if limit < 1 || limit > MaxPage {
		return 0, 0, fault.New(fault.Invalid, "limit must be between 1 and %d.", MaxPage)
	}
	if p.After != "" {
		if after, err = strconv.ParseInt(p.After, 10, 64); err != nil {
			return 0, 0, fault.New(fault.Invalid, "after must be the \"next\" of an earlier answer.")
		}
	}
	return limit, after, nil
}

// listed collects limit items and the place to go on, from a query that was
// asked for one more than limit.
type listed[T any] struct {
	limit int
	last  int64
	list  List[T]
}

func newListed[T any](limit int) *listed[T] {
	return &listed[T]{limit: limit, list: List[T]{Items: []T{}}}
}

// add takes an item and its order number, and says whether there is room.
func (l *listed[T]) add(item T, n int64) bool {
	if len(l.list.Items) == l.limit {
		next := strconv.FormatInt(l.last, 10)
		l.list.Next = &next
		return false
	}
	l.list.Items = append(l.list.Items, item)
	l.last = n
	return true
}
