package pagetest

import (
	"time"

	"ret/web/page"
)

func adminStates(frame framer) []State {
	f := func(title string) page.Frame { return frame(title, page.SectionAdmin) }
	return []State{
		{Name: "admin-users", Page: page.AdminUsers(f("Users"), page.UsersView{Items: users, ResetName: "ben", ResetLink: "https://ret.example.org/reset/6f1e0c", ResetEnds: Now.Add(24 * time.Hour)})},
		{Name: "admin-sessions", Page: page.AdminSessions(f("Sessions"), page.SessionsView{Items: sessions})},
		{Name: "admin-queue", Page: page.AdminQueue(f("Queue"), queue())},
		{Name: "admin-queue-idle", Page: page.AdminQueue(f("Queue"), page.QueueView{Workers: 2})},
		{Name: "admin-audit", Page: page.AdminAudit(f("Activity"), page.AuditView{Items: trail, Next: "n"})},
		{Name: "admin-settings", Page: page.AdminSettings(f("Settings"), settings)},
	}
}

var users = []page.User{
	{ID: "u1", Name: "ana", Role: "admin", CreatedAt: ago(400 * time.Hour), LastSeenAt: ago(time.Minute), Sessions: 2, LastAdmin: true},
	{ID: "u2", Name: "ben", Role: "user", CreatedAt: ago(300 * time.Hour), LastSeenAt: ago(time.Hour), Sessions: 1, LinkEnds: Now.Add(24 * time.Hour)},
	{ID: "u3", Name: "чарли", Role: "user", Locked: true, CreatedAt: ago(200 * time.Hour)},
}

func queue() page.QueueView {
	return page.QueueView{
		Workers: 2, Busy: 2, Queued: 14, Running: 2, FinishedHour: 120, FailedHour: 3,
		WaitP50: 300 * time.Microsecond, WaitP95: 2 * time.Second, RunP50: 800 * time.Millisecond, RunP95: 34 * time.Second,
		SessionsWithUnfinished: 3,
		MemoryBytes:            214_000_000, HeldBytes: 1_840_000_000, HeldSessions: 4, DiskFree: 84_000_000_000, DiskBytes: 240_000_000_000,
		Active: []page.ActiveJob{
			{ID: "j5", User: "ana", Kind: "convert", State: page.JobRunning, Attempt: 1, Bytes: 1_840_000, Waited: 300 * time.Microsecond, Ran: 3 * time.Second},
			{ID: "j9", User: "ben", Kind: "convert", State: page.JobQueued, Attempt: 2, Bytes: 310_000_000, Waited: 42 * time.Second},
		},
	}
}

var trail = []page.AuditEntry{
	{At: ago(time.Minute), User: "ana", What: "user_locked", Subject: "чарли", Address: "192.0.2.17"},
	{At: ago(2 * time.Minute), What: "sign_in_failed", Subject: "root", Address: "203.0.113.9", Wrong: true},
	{At: ago(3 * time.Minute), User: "ben", What: "session_ended", Address: "198.51.100.3"},
}

var settings = page.SettingsView{Version: "0.1.0", Items: []page.Setting{
	{Name: "RET_ADDR", Value: "127.0.0.1:8080", Source: "default", Meaning: "where to listen"},
	{Name: "RET_MAX_UPLOAD_BYTES", Value: "4GiB", Source: "environment", Meaning: "one upload"},
	{Name: "RET_ADMIN_PASSWORD", Value: "hidden", Source: "file", Meaning: "for the first admin"},
}}
