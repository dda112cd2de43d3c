package sandbox

import (
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// functions are those that a statement may call: none of them reads or changes anything
// but its arguments.
var functions = set(`
	abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely lower ltrim
	max min nullif octet_length printf quote random regexp replace round rtrim sign soundex substr substring trim typeof
	unhex unicode unistr unlikely upper
	acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
	radians sin sinh sqrt tan tanh trunc
	date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
	avg count group_concat string_agg sum total
	row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
	json json_array json_array_length json_extract json_group_array json_group_object json_object json_quote json_type
	json_valid -> ->>`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// authorize is asked about everything that a statement would do.
func (c *Conn) authorize(action sqlite3.AuthorizerActionCode, first, second, _, _ string) sqlite3.AuthorizerReturnCode {
	switch action {
	case sqlite3.AUTH_SELECT, sqlite3.AUTH_RECURSIVE:
		return sqlite3.AUTH_OK
	case sqlite3.AUTH_READ:
		// Of a table that is only counted no column is read. Then the name may also be that of
		// a WITH; SQLite's own are no such names.
		if c.reads[first] || second == "" && !Reserved(first) {
			return sqlite3.AUTH_OK
		}
	case sqlite3.AUTH_FUNCTION:
		if functions[strings.ToLower(second)] {
			return sqlite3.AUTH_OK
		}
	}
	return sqlite3.AUTH_DENY
}

// modules are SQLite's own virtual tables.
var modules = set("json_each json_tree generate_series")

// Reserved reports whether SQLite has, or may have, a table of this name itself.
func Reserved(name string) bool {
	name = strings.ToLower(name)
	return modules[name] || strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "pragma_")
}
