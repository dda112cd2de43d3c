package page

// FieldMerge is the field that says which class of documents gets shared tables: its button
// stands in a form that is about something else.
const FieldMerge = "merge"

// The words a form sends in its field "action"; doc.go lists their fields.
const (
	ActionUpload       = "upload"
	ActionSample       = "sample"
	ActionEndTour      = "end-tour"
	ActionConvert      = "convert"
	ActionDeleteFile   = "delete-file"
	ActionDownload     = "download"
	ActionDeleteTables = "delete-tables"
	ActionRecipe       = "recipe"
	ActionLook         = "look"
	ActionShow         = "show"
	ActionSaveTable    = "save-table"
	ActionCancel       = "cancel"
	ActionRetry        = "retry"
	ActionPassword     = "password"
	ActionEndSession   = "end-session"
	ActionEndOthers    = "end-others"
	ActionAddUser      = "add-user"
	ActionSetRole      = "set-role"
	ActionLock         = "lock"
	ActionUnlock       = "unlock"
	ActionReset        = "reset"
	ActionRemove       = "remove"
	ActionAsk          = "ask"
	ActionConsent      = "consent"
	ActionWithdraw     = "withdraw"
)
