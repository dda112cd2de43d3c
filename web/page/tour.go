package page

type tourStep struct {
	title  string
	text   string
	points string // a selector of what it speaks of
}

// tourSteps are three at most: more is not read.
var tourSteps = []tourStep{
	{"Bring files", "Drop ZIPs, XML files or whole folders anywhere on this page. Everything stays in your session.", "#upload"},
	{"Open a table", "A job turns them into tables, which come below. Open one to scroll, sort and filter it, and press on a value to see the XML it came from.", "#tables"},
	{"Take it and go", "Download what you need, then sign out by the menu: that erases everything, here and on the server. The key ? lists all keys.", "#viewer-menu"},
}
