// Package query answers SELECT statements over stored tables, without copying them.
//
// SQLite runs the statement, confined by package sandbox. Each table that it names is a
// virtual table: SQLite asks for its rows, and they are read from the stored table as it
// goes on, only the columns that the statement uses. Only the tables that a statement
// names are opened.
//
// # Values
//
// An absent cell is NULL, an empty one is ”. In a column whose values are all integers
// (profile.Integer, and RET's own _id, _parent and _pos) they are INTEGER, in one of
// numbers (profile.Decimal) REAL, so that they compare and add up as numbers; a number
// that would not keep its value as such (an integer beyond 64 bits, a decimal of more
// digits than a double has) stays TEXT there. All other columns are TEXT.
//
// # Names
//
// A table is called as people see it, and so is a column. Where two are the same, whatever
// their case, the one that came later gets ~2, the next one ~3. What is not a plain word is written in
// quotes: "order.item", "@id". Each table has two hidden columns, which * leaves out:
// _table, its name, and _source, the document that it was made of.
//
// # How rows are found
//
// A table that is read once is read as it stands, in bounded memory; comparisons with
// constants are made before a row is handed to SQLite. A table that is read again and
// again, as the inner one of a join is, is read once: its used columns are kept in memory,
// and each column that rows are looked up by gets a hash. _id is the number of a row and
// needs none. What has no room is read from the stored table each time.
//
// # Limits
//
// Limits bound the time, the memory and the rows of one statement. Half of the memory is
// SQLite's, half is for rows that are kept and for the answer. What goes on when a
// statement has ended is nothing: Run returns when all of it has stopped.
package query
