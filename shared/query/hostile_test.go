package query

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
)

// What a hostile statement gets.
const (
	refused = "refused" // it is not run: *Error with a place
	stopped = "stopped" // it ends at a limit, of time or memory
	safe    = "safe"    // it is answered, with nothing that it should not have
)

// hostile are statements that no person means well, and what each gets.
var hostile = []struct{ gets, sql string }{
	// Other databases and files.
	{refused, "ATTACH 'x.db' AS x"},
	{refused, "ATTACH ':memory:' AS x"},
	{refused, "ATTACH 'file:/etc/passwd?mode=ro' AS x"},
	{refused, "DETACH main"},
	{refused, "VACUUM"},
	{refused, "VACUUM INTO 'x.db'"},
	{refused, "VACUUM main INTO 'file:x.db?vfs=os'"},
	{refused, "SELECT readfile('/etc/passwd')"},
	{refused, "SELECT writefile('x', 'y')"},
	{refused, "SELECT load_extension('x')"},
	{refused, "SELECT load_extension('x', 'y')"},
	{refused, "SELECT edit('x')"},
	{refused, "SELECT fts3_tokenizer('simple')"},
	{refused, "SELECT * FROM fsdir('/')"},
	{refused, "SELECT * FROM zipfile('x.zip')"},
	{refused, "SELECT * FROM lines_read('/etc/passwd')"},
	{refused, "SELECT * FROM csv"},
	{refused, "SELECT * FROM sqlite_dbpage"},
	{refused, "SELECT * FROM dbstat"},
	{refused, "SELECT * FROM generate_series(1, 1000000000)"},
	{refused, "SELECT sqlite_version()"},
	{refused, "SELECT sqlite_compileoption_get(0)"},
	{refused, "SELECT sqlite_offset(t) FROM book"},
	{refused, "SELECT sqlite_log(1, 'x')"},
	// What SQLite knows of itself.
	{refused, "PRAGMA user_version"},
	{refused, "PRAGMA database_list"},
	{refused, "PRAGMA hard_heap_limit=0"},
	{refused, "PRAGMA temp_store_directory='/tmp'"},
	{refused, "PRAGMA writable_schema=on"},
	{refused, "PRAGMA trusted_schema=on"},
	{refused, "PRAGMA hexkey='00'"},
	{refused, "PRAGMA journal_mode=wal"},
	{refused, "PRAGMA locking_mode=exclusive"},
	{refused, "PRAGMA main.cache_size=1000000000"},
	{refused, "PRAGMA function_list"},
	{refused, "SELECT * FROM pragma_database_list"},
	{refused, "SELECT * FROM pragma_function_list"},
	{refused, "SELECT * FROM pragma_table_info('book')"},
	{refused, "SELECT * FROM pragma_module_list"},
	{refused, "SELECT * FROM sqlite_master"},
	{refused, "SELECT * FROM sqlite_schema"},
	{refused, "SELECT * FROM sqlite_temp_schema"},
	{refused, "SELECT * FROM main.sqlite_master"},
	{refused, "SELECT * FROM temp.sqlite_master"},
	{refused, "SELECT (SELECT sql FROM sqlite_schema)"},
	{refused, "SELECT * FROM book WHERE t IN (SELECT name FROM sqlite_schema)"},
	{refused, "SELECT * FROM sqlite_sequence"},
	{refused, "SELECT count(*) FROM sqlite_schema"},
	{refused, "SELECT count(*) FROM pragma_hard_heap_limit(0)"},
	{refused, "SELECT count(*) FROM json_each('[1]')"},
	{refused, "SELECT * FROM sqlite_stat1"},
	{refused, "SELECT * FROM json_each('[1]')"},
	{refused, "SELECT * FROM bytecode('SELECT 1')"},
	{refused, "SELECT * FROM tables_used('SELECT 1')"},
	{refused, "SELECT * FROM sqlite_stmt"},
	// Writing.
	{refused, "INSERT INTO book VALUES (1)"},
	{refused, "INSERT INTO book DEFAULT VALUES RETURNING *"},
	{refused, "REPLACE INTO book VALUES (1)"},
	{refused, "UPDATE book SET t = 1"},
	{refused, "UPDATE book SET t = 1 RETURNING t"},
	{refused, "DELETE FROM book"},
	{refused, "DELETE FROM book RETURNING *"},
	{refused, "WITH x AS (SELECT 1) DELETE FROM book"},
	{refused, "DROP TABLE book"},
	{refused, "ALTER TABLE book RENAME TO x"},
	{refused, "CREATE TABLE x(a)"},
	{refused, "CREATE TABLE x AS SELECT * FROM book"},
	{refused, "CREATE TEMP TABLE x(a)"},
	{refused, "CREATE TEMP TABLE x AS SELECT * FROM book"},
	{refused, "CREATE VIEW x AS SELECT 1"},
	{refused, "CREATE TEMP VIEW x AS SELECT 1"},
	{refused, "CREATE TEMP TRIGGER x AFTER INSERT ON book BEGIN SELECT 1; END"},
	{refused, "CREATE INDEX x ON book(t)"},
	{refused, "CREATE VIRTUAL TABLE x USING fts5(a)"},
	{refused, "CREATE VIRTUAL TABLE x USING book"},
	{refused, "CREATE VIRTUAL TABLE temp.x USING csv(filename='/etc/passwd')"},
	{refused, "INSERT INTO sqlite_master VALUES ('table','x','x',1,'CREATE TABLE x(a)')"},
	{refused, "REINDEX"},
	{refused, "ANALYZE"},
	{refused, "BEGIN"},
	{refused, "COMMIT"},
	{refused, "SAVEPOINT x"},
	{refused, "EXPLAIN DELETE FROM book"},
	{refused, "SELECT 1; DROP TABLE book"},
	{refused, "SELECT 1; ATTACH 'x' AS y"},
	{refused, "SELECT 1;;SELECT"},
	{refused, "SELECT ?1"},
	{refused, "SELECT $x, :y, @z"},
	{refused, "/* */ -- nothing"},
	{refused, "SELECT \x00 1"},
	// Tables of others are called as ours may be.
	{refused, "SELECT * FROM secret"},
	{refused, "SELECT * FROM main.secret"},
	{refused, "SELECT * FROM temp.book"},
	{refused, "SELECT * FROM other.book"},
	{safe, "SELECT * FROM main.book"},
	// Memory.
	{refused, "SELECT randomblob(1000000000)"},
	{refused, "SELECT zeroblob(2000000000)"},
	{refused, "SELECT hex(zeroblob(1000000))"},
	{refused, "SELECT printf('%.*c', 2000000000, 'x')"},
	{refused, "SELECT printf('%1000000000d', 1)"},
	{refused, "SELECT format('%0*d', 1500000000, 1)"},
	{refused, "SELECT replace(printf('%.1000000c', 'a'), 'a', 'aaaaaaaaaaaaaaaa')"},
	{refused, "SELECT group_concat(printf('%.1000000c', 'a')) FROM book, book"},
	{refused, "WITH RECURSIVE r(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM r) SELECT max(length(x)) FROM r"},
	{refused, "WITH RECURSIVE r(x) AS (SELECT '[' UNION ALL SELECT x || '[' FROM r LIMIT 5000) SELECT json_valid(x), json(x) FROM r ORDER BY length(x) DESC"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION SELECT x + 1 FROM r) SELECT count(*) FROM r"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x, printf('%.500000c', 'a') AS y FROM r ORDER BY x DESC"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT json_group_array(x) FROM r"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT DISTINCT x FROM r ORDER BY -x"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM r"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x, count(*) FROM r GROUP BY x"},
	// Time.
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"},
	{stopped, "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT x FROM r WHERE x = 2"},
	{stopped, "SELECT count(*) FROM big a, big b, big c, big d"},
	{stopped, "SELECT count(*) FROM big a, big b, big c WHERE a.t || b.t = c.t"},
	{stopped, "SELECT count(*) FROM big a WHERE (SELECT count(*) FROM big b, big c WHERE b.t > a.t)"},
	{stopped, "SELECT max(length(replace(printf('%.1000000c', a.t), 'a', b.t))) FROM big a, big b, big c"},
	{stopped, "SELECT count(*) FROM big a, big b WHERE printf('%.300000c', 'a') LIKE '%' || printf('%.500c', 'a') || 'b%' || a.t || b.t"},
	{stopped, "SELECT count(*) FROM big a, big b WHERE printf('%.300000c', 'a') GLOB '*' || printf('%.500c', 'a') || 'b*' || a.t || b.t"},
	{stopped, "SELECT count(*) FROM big a, big b WHERE instr(printf('%.1000000c', 'a'), printf('%.500000c', 'a') || b.t)"},
	{stopped, "SELECT count(*) FROM big a, big b WHERE length(trim(printf('%.500000c', 'a'), printf('%.500000c', 'b') || 'a' || b.t)) = -1"},
	{stopped, "SELECT count(*) FROM big a, big b WHERE printf('%.500000c', 'a') REGEXP '(a*)*b' || a.t || b.t"},
	{safe, "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' LIKE '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b'"},
	{safe, "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' GLOB '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'"},
	{refused, "SELECT 'a' LIKE printf('%.20000c', '%')"},
	{refused, "SELECT 'a' REGEXP '('"},
	// Size of the statement.
	{safe, "SELECT " + strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000)},
	{refused, "SELECT " + strings.Repeat("- ", 20_000) + "1"},
	{refused, "SELECT " + strings.Repeat("~ ", 5000) + "1"},
	{refused, "SELECT 1" + strings.Repeat("+1", 5000)},
	{refused, "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 1000)},
	{refused, "SELECT " + strings.Repeat("'x',", 40_000) + "1"},
	{refused, "SELECT " + strings.Repeat("abs(", 600) + "1" + strings.Repeat(")", 600)},
	{refused, "SELECT coalesce(" + strings.Repeat("1,", 2000) + "1)"},
	{refused, "SELECT * FROM book" + strings.Repeat(", book", 100)},
	{refused, nested(12)},
}

// nested is a statement that doubles with each level when SQLite writes it out.
func nested(levels int) string {
	sql := "WITH x0 AS (SELECT 1 AS c)"
	for i := range levels {
		sql += fmt.Sprintf(", x%d AS (SELECT a.c FROM x%d a, x%d b)", i+1, i, i)
	}
	return sql + fmt.Sprintf(" SELECT count(*) FROM x%d", levels)
}

func TestHostileStatementsReachNothing(t *testing.T) {
	if len(hostile) < 100 {
		t.Errorf("only %d statements", len(hostile))
	}
	var rows [][]string
	for i := range 2000 {
		rows = append(rows, []string{fmt.Sprint("v", i)})
	}
	s := shelf{store(t, "book", named("t"), rows[:2]), store(t, "big", named("t"), rows)}
	limits := Limits{Time: 150 * time.Millisecond, Bytes: 32 << 20, Rows: 10}
	routines := runtime.NumGoroutine()
	for _, h := range hostile {
		begin := time.Now()
		r, err := Run(t.Context(), s, h.sql, limits)
		took := time.Since(begin)
		wrong, placed := errors.AsType[*Error](err)
		gets := safe
		switch {
		case fault.Is(err, fault.TimedOut) || fault.Is(err, fault.TooLarge) && h.gets == stopped:
			gets = stopped
		case placed && wrong.Line >= 1 && wrong.Column >= 1:
			gets = refused
		case err != nil:
			gets = err.Error()
		}
		if gets != h.gets {
			t.Errorf("%.100q: %s, want %s: %v %.100v", h.sql, gets, h.gets, err, r)
		}
		if took > 400*time.Millisecond {
			t.Logf("%.100q took %s", h.sql, took)
		}
		if took > 5*time.Second {
			t.Errorf("%.100q took %s", h.sql, took)
		}
		for _, kept := range s {
			if kept.opened != 0 {
				t.Fatalf("%.100q leaves a table open", h.sql)
			}
		}
	}
	if now := runtime.NumGoroutine(); now > routines {
		t.Errorf("%d goroutines go on", now-routines)
	}
}
