package query

import (
	"context"
	"errors"
	"math"
	"strconv"

	"ret/shared/sqlite/sandbox"
)

// Check finds what is wrong with a statement before there are tables: its grammar, and
// what it may not do. Whether the tables and columns that it names are there is not known.
func Check(ctx context.Context, sql string) error {
	conn, err := sandbox.Open(ctx, defaultBytes)
	if err != nil {
		return err
	}
	defer conn.Close()
	stmt, err := conn.Prepare(sql)
	if err == nil {
		conn.End(stmt)
		return nil
	}
	wrong, ok := errors.AsType[*sandbox.Error](err)
	if !ok || wrong.Kind == sandbox.NoTable {
		return ctx.Err()
	}
	return placed(sql, wrong)
}

// Cells writes the values of a row as the cells of a table, nil for NULL. Those that are
// numbers are written over what cells had before.
func Cells(cells [][]byte, row []any) {
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			cells[i] = nil
		case string:
			cells[i] = present([]byte(v))
		case int64:
			cells[i] = strconv.AppendInt(cells[i][:0], v, 10)
		case float64:
			cells[i] = appendReal(cells[i][:0], v)
		}
	}
}

// Text is a value as people see it; false for NULL.
func Text(value any) (string, bool) {
	cell := [][]byte{nil}
	Cells(cell, []any{value})
	return string(cell[0]), cell[0] != nil
}

// appendReal writes a number as JSON has it: without an exponent where that is not long.
func appendReal(b []byte, f float64) []byte {
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// Distinct gives columns that are called the same names of their own, as tables and their
// columns have them: the later ones get ~2, ~3.
func Distinct(names []string) []string {
	given := newNaming()
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = given.name(name)
	}
	return list
}
