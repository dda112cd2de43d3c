package page

import "net/url"

// adminPages are the entries of the admin navigation: path, label.
var adminPages = [][2]string{
	{"/admin/users", "Users"},
	{"/admin/sessions", "Sessions"},
	{"/admin/queue", "Queue"},
	{"/admin/audit", "Trail"},
	{"/admin/settings", "Settings"},
}

func otherRole(role string) string {
	if role == "admin" {
		return "user"
	}
	return "admin"
}

// auditLink leads to a page of the trail, if there is one to go to.
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
