package pagetest

import (
	"time"

	"ret/web/page"
)

func askStates(frame framer) []State {
	asks := frame("Ask", page.SectionAsk)
	asks.Viewer.Asks = true
	const endpoint = "https://models.example/v1 (mistral-small)"
	near := page.AskView{Endpoint: "http://127.0.0.1:11434/v1 (qwen3)", Nearby: true, MaxCells: 2000}
	empty := page.AskView{Endpoint: endpoint, MaxCells: 2000, Consent: true}
	refused := empty
	refused.Question, refused.Problem = "And of each year?", "Several questions of this session are being answered already. Wait for one of them, or stop it."
	full := empty
	full.Items = []page.Asked{answering(), answered(), unsourced(), failed()}
	return []State{
		{Name: "ask-none", Page: page.Ask(asks, page.AskView{})},
		{Name: "ask-consent", Page: page.Ask(asks, page.AskView{Endpoint: endpoint, MaxCells: 2000})},
		{Name: "ask-consent-near", Page: page.Ask(asks, near)},
		{Name: "ask-empty", Page: page.Ask(asks, empty)},
		{Name: "ask-refused", Page: page.Ask(asks, refused)},
		{Name: "ask", Page: page.Ask(asks, full)},
		{Name: "ask-away", Page: page.Ask(asks, page.AskView{Away: true, Items: []page.Asked{answered()}})},
	}
}

func question(id string, state page.JobState, began time.Duration) page.Job {
	return page.Job{ID: id, Kind: "ask", Name: "A question", State: state, Attempt: 1, MaxAttempts: 1, CreatedAt: ago(began)}
}

func answering() page.Asked {
	job := question("q4", page.JobRunning, 4*time.Second)
	job.Progress.Message = "asks the model"
	return page.Asked{
		Job: job, Question: "Which journals have the most corrections?", Cells: 64, MostCells: 2000,
		Statements: []page.AskStatement{{Text: "Most corrections are in", Line: true, Claim: true}},
	}
}

func cells(texts ...string) (row []page.Cell) {
	for _, text := range texts {
		row = append(row, page.Cell{Text: text, Absent: text == "-"})
	}
	return row
}

func answered() page.Asked {
	return page.Asked{
		Job: question("q3", page.JobSucceeded, 3*time.Minute), Question: "How many books are there of each year, and which one is about credit notes?",
		Statements: []page.AskStatement{
			{Text: "There are 3 years:", Line: true, Claim: true, Citations: []int{1}},
			{Text: "- 2023: 12 books", Line: true, Claim: true, Citations: []int{1}},
			{Text: "- 2024: 9 books, 40 % more", Line: true, Claim: true, Citations: []int{1}, Unproved: []string{"40"}},
			{Text: "“Credit notes in practice” is about them.", Line: true, Claim: true, Citations: []int{2}},
			{Text: "It is the best one.", Claim: true},
		},
		Citations: []page.AskCitation{{Shown: 1}, {Table: "book", TableID: "t1", Row: 7, Column: "title", Shown: 2}},
		Cells:     13, MostCells: 2000,
		Shown: []page.AskShown{
			{Tool: "profiles", Asked: "names, kinds and profiles of the tables", Columns: []string{"table", "column", "least", "greatest", "often"}, Rows: [][]page.Cell{cells("book", "year", "2022", "2024", "-"), cells("book", "title", "A history", "Zoology", "Reader · Atlas")}},
			{Tool: "sql", Asked: "SELECT year, count(*) AS n\nFROM book GROUP BY year", Columns: []string{"year", "n"}, Rows: [][]page.Cell{cells("2022", "4"), cells("2023", "12"), cells("2024", "9"), cells("-", "1")}},
			{Tool: "search", Asked: "credit notes", Columns: []string{"found"}, Rows: [][]page.Cell{cells("Credit notes in practice")}, Cut: true},
			{Tool: "sql", Asked: "SELECT best FROM book", Problem: "There is no column best."},
		},
	}
}

func unsourced() page.Asked {
	return page.Asked{
		Job: question("q2", page.JobSucceeded, 6*time.Minute), Question: "What is XML?", Cells: 0, MostCells: 2000,
		Statements: []page.AskStatement{{Text: "XML is a language for documents.", Line: true, Claim: true}},
	}
}

func failed() page.Asked {
	job := question("q1", page.JobFailed, 9*time.Minute)
	job.Errors, job.ErrorCount = []page.FileError{{Message: "The model at models.example takes too long to answer. Try again, or ask for less."}}, 1
	return page.Asked{Job: job, Question: "ما هو العدد؟", Cells: 12, MostCells: 2000}
}
