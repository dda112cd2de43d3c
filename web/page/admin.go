package page

import "net/url"

// adminPages are the entries of the admin navigation: path, label.
var adminPages = [][2]string{
	{"/admin/users", "Users"},
	{"/admin/sessions", "Sessions"},
	{"/admin/queue", "Queue"},
	{"/admin/audit", "Activity"},
	{"/admin/settings", "Settings"},
}

func otherRole(role string) string {
	if role == "admin" {
		return "user"
	}
	return "admin"
}

// auditWords say what was done.
var auditWords = map[string]string{
	"sign_in":         "signed in",
	"sign_in_failed":  "did not get in",
	"lockout":         "was locked out after too many tries",
	"session_ended":   "a session ended, with all it held",
	"user_added":      "user added",
	"user_removed":    "user removed",
	"user_locked":     "user locked",
	"user_unlocked":   "user unlocked",
	"role_changed":    "role changed",
	"password_set":    "password set",
	"reset_link_made": "one-time link made",
	"reset_link_used": "one-time link used",
	"unknown_erased":  "a leftover was erased",
}

// auditWord is what was done as people say it.
func auditWord(action string) string {
	if word := auditWords[action]; word != "" {
		return word
	}
	return action
}

// diskNote says how much of the disk is in use.
func diskNote(v QueueView) string {
	if v.DiskBytes == 0 {
		return "the system does not say how much is free"
	}
	return Bytes(v.DiskFree) + " of " + Bytes(v.DiskBytes) + " free"
}

// auditLink leads to a page of the activity, if there is one to go to.
func auditLink(v AuditView, after string, there bool) string {
	if !there {
		return ""
	}
	p := url.Values{}
	if v.Who != "" {
		p.Set("who", v.Who)
	}
	if after != "" {
		p.Set("after", after)
	}
	return "/admin/audit" + query(p)
}
