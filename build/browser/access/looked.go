package access

// looked is what axe-core cannot decide, and why it is well. html is a part of the
// element's own.
var looked = []struct{ rule, key, html, why string }{
	{"color-contrast", "nonBmp", "<kbd>", "arrows are drawn in the same ink on the same ground as the letters of other keys, which are measured"},
	{"color-contrast", "nonBmp", `class="tick"`, "a box in the ink of the value beside it, which is measured"},
	{"color-contrast", "nonBmp", `aria-label="Narrower"`, "a minus in the ink of the plus beside it, which is measured"},
	{"label-content-name-mismatch", "label-content-name-mismatch", "blank", "what is seen are two quotes, which nobody says; the name says that the cell is empty"},
	{"color-contrast", "bgGradient", "absent", "the hatching of an absent cell lies under nothing: its word is for who listens"},
	{"color-contrast", "bgOverlap", `role="gridcell"`, "rows are drawn beyond what is in sight, under the grid's head and under a panel that is open; those in sight are measured"},
	{"color-contrast", "bgOverlap", `role="rowheader"`, "as their cells"},
	{"label-content-name-mismatch", "label-content-name-mismatch", `class="help-mark"`, "what is seen is a question mark; the name says what it explains"},
	{"label-content-name-mismatch", "label-content-name-mismatch", `aria-label="Move `, "what is seen is an arrow, and the name says where to"},
	{"label-content-name-mismatch", "label-content-name-mismatch", `aria-label="Narrower"`, "what is seen is a minus"},
	{"label-content-name-mismatch", "label-content-name-mismatch", `aria-label="Wider"`, "what is seen is a plus"},
	{"label-content-name-mismatch", "label-content-name-mismatch", `class="rest"`, "what is seen are three dots, which nobody says; the name says what they do"},
	{"th-has-data-cells", "th-has-data-cells", `class="grid"`, "a table of which a filter leaves no row keeps its columns, to be sorted and filtered"},
}
