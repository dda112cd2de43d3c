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
	LinkEnds   time.Time // until when a one-time link of theirs can be used; zero: they have none
	LastAdmin  bool      // must stay as it is
}

// UsersView is the page /admin/users.
type UsersView struct {
	Items   []User
	Problem string // why the last form did nothing
	// ResetName and ResetLink show a new one-time link, once.
	ResetName, ResetLink string
	ResetEnds            time.Time
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

	MemoryBytes             int64 // that the server has taken
	HeldBytes, HeldSessions int64 // files and tables of the sessions that are at hand
	DiskFree, DiskBytes     int64 // DiskBytes 0: the system does not say
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

// AuditEntry is one line of it.
type AuditEntry struct {
	At      time.Time
	User    string // "" if nobody was signed in
	What    string // a stable word: see auditWords
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
