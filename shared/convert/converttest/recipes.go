// Package converttest reads docs/recipes.md for tests, so that what it says is what
// happens.
package converttest

import (
	"regexp"
	"strings"
)

// A Recipe is a command of docs/recipes.md and the tables that it gives.
type Recipe struct {
	Args   []string // of ret convert, without -o OUT and the file
	File   string   // in shared/convert/testdata/recipes
	Tables []Table
}

// A Table is a file below the output folder, as the page shows it.
type Table struct{ File, CSV string }

var (
	command = regexp.MustCompile("(?m)^ret convert (.*)$")
	table   = regexp.MustCompile("(?s)`([^`\n]+\\.csv)`\n\n?```csv\n(.*?)```")
)

// Recipes are those of the page, in order. It panics where one is not written as the
// others are.
func Recipes(page string) (recipes []Recipe) {
	places := command.FindAllStringSubmatchIndex(page, -1)
	for i, at := range places {
		end := len(page)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		r := Recipe{}
		words := split(page[at[2]:at[3]])
		n := len(words)
		if n < 3 || words[n-3] != "-o" || words[n-2] != "out" {
			panic("a command of recipes.md does not end with -o out FILE: " + page[at[0]:at[1]])
		}
		r.Args, r.File = words[:n-3], words[n-1]
		for _, t := range table.FindAllStringSubmatch(page[at[1]:end], -1) {
			r.Tables = append(r.Tables, Table{t[1], t[2]})
		}
		recipes = append(recipes, r)
	}
	return recipes
}

// split splits words as a shell does, for what stands on that page.
func split(line string) (words []string) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if quoted, ok := strings.CutPrefix(line, "'"); ok {
			word, rest, _ := strings.Cut(quoted, "'")
			words, line = append(words, word), rest
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words
}
