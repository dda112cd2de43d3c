// Package search finds rows in tables by what their cells say. Server and browser share
// it, so that a question means the same to both.
//
// A question is read once (Parse). A Matcher says of each row of a table whether it fits,
// in which cell best, and how well; a Snippet shows the place. Find asks all tables, one
// after the other, and ranks.
//
// What is looked through is the caller's: a Table gives all of its rows, or only those
// among which all that fit must be, as an index knows them. The matcher decides, so with
// and without an index the same is found.
//
// # Other rankings
//
// Find gives a Hit as (TableID, Row, Column, Score), the best first. Whoever ranks the same
// rows otherwise, by meaning say, makes a list of Hits too and joins the two by Fuse: by
// their ranks (reciprocal rank fusion), since the scores of different rankings cannot be
// compared. A Hit without a snippet gets one by Matcher.Snippet of its row.
package search
