package page

type shortcut struct {
	keys []string
	does string
}

// shortcuts is what the dialog lists; asset/js/page/keys.js does it.
var shortcuts = []shortcut{
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
}
