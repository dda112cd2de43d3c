package page

type shortcut struct {
	keys []string
	does string
}

// shortcuts is what the dialog lists, by where they work. TestShortcutsAreThoseOfTheScripts
// holds them against the scripts that do them.
var shortcuts = []struct {
	where string
	list  []shortcut
}{
	{"Everywhere", []shortcut{
		{[]string{"u"}, "Choose files to upload"},
		{[]string{"/"}, "Go to the find, filter or search field"},
		{[]string{"g", "w"}, "Workbench"},
		{[]string{"g", "j"}, "Jobs"},
		{[]string{"g", "s"}, "Search"},
		{[]string{"g", "a"}, "Account"},
		{[]string{"n"}, "Next page of a table or list"},
		{[]string{"p"}, "Previous page"},
		{[]string{"Ctrl", "z"}, "Undo a deletion while it is said"},
		{[]string{"t"}, "Turn light into dark and back"},
		{[]string{"?"}, "This list"},
		{[]string{"Esc"}, "Close what is open"},
	}},
	{"In a table", []shortcut{
		{[]string{"↑", "↓", "←", "→"}, "From cell to cell; with Ctrl to the first or last"},
		{[]string{"PgUp", "PgDn"}, "A window's height up or down"},
		{[]string{"Home", "End"}, "First or last column; with Ctrl first or last row too"},
		{[]string{"Shift"}, "With any of these: choose the cells between"},
		{[]string{"Ctrl", "a"}, "Choose all cells"},
		{[]string{"Ctrl", "c"}, "Copy what is chosen"},
		{[]string{"Enter"}, "Open the cell; arrows then lead to others"},
		{[]string{"Space"}, "In a list of values: tick one"},
	}},
	{"In SQL", []shortcut{
		{[]string{"Ctrl", "Enter"}, "Run the statement"},
		{[]string{"Tab"}, "Take the name that is offered"},
	}},
}
