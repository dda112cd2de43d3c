package page

import "time"

// User is an account as admins see it.
type User struct {
	ID         string
	Name       string
	Role       string // "user", "admin"
	Locked     bool
	CreatedAt  time.Time
	LastSeenAt time.Time // zero: never signed in
	Sessions   int
	LastAdmin  bool // must stay as it is
}

// UsersView is the page /admin/users.
type UsersView struct {
	Items   []User
	Problem string // why the last form did nothing
	// ResetName and ResetLink show a new one-time link, once.
	ResetName, ResetLink string
	Form                 UserForm
}

// UserForm is what was typed into the form for a new user.
type UserForm struct{ Name, Role string }

// SessionsView is the page /admin/sessions.
type SessionsView struct{ Items []Session }

// QueueView is the page /admin/queue: figures, never a file's name.
type QueueView struct {
	Workers, Busy          int
	Queued, Running        int64
	FinishedHour           int64
	FailedHour             int64
	WaitP50, WaitP95       time.Duration
	RunP50, RunP95         time.Duration
	Active                 []ActiveJob
	SessionsWithUnfinished int64
}

// ActiveJob is a job that is queued or at work, for admins.
type ActiveJob struct {
	ID, User, Kind string
	State          JobState
	Attempt        int
	Bytes          int64
	Waited, Ran    time.Duration
}

// AuditView is the page /admin/audit, newest first.
type AuditView struct {
	Who   string // only this user's entries
	Items []AuditEntry
	After string
	Next  string
}

// AuditEntry is one line of the trail.
type AuditEntry struct {
	At      time.Time
	User    string // "" if nobody was signed in
	What    string // a stable word: "login", "logout", "user.lock"
	Subject string
	Address string
	Wrong   bool // it was refused
}

// SettingsView is the page /admin/settings.
type SettingsView struct {
	Version string
	Items   []Setting
}

// Setting is one setting in force; a secret's Value is already hidden.
type Setting struct{ Name, Value, Source, Meaning string }
