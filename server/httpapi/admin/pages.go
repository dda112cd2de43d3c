package admin

import (
	"net/http"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/store"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// usersShown is how many users the page lists.
const usersShown = 1000

func (s *Server) adminHome(c *chain.Call) error {
	http.Redirect(c.W, c.R, "/admin/users", http.StatusSeeOther)
	return nil
}

func (s *Server) adminFrame(c *chain.Call, title string) page.Frame {
	return s.Frame(c.R, page.Frame{Title: title, Section: page.SectionAdmin})
}

func (s *Server) usersPage(c *chain.Call) error {
	return s.showUsers(c, http.StatusOK, page.UsersView{})
}

func (s *Server) showUsers(c *chain.Call, status int, v page.UsersView) error {
	users, err := s.Accounts.List(c.R.Context(), "", usersShown)
	if err != nil {
		return err
	}
	links, err := s.Accounts.ResetEnds(c.R.Context())
	if err != nil {
		return err
	}
	sessions, admins := map[string]int{}, 0
	seen := map[string]time.Time{} // by those that live, which the database hears of later
	for _, any := range s.Sessions.List("") {
		sessions[any.User.ID]++
		seen[any.User.ID] = later(seen[any.User.ID], any.LastUsedAt)
	}
	for _, u := range users {
		if u.Role == store.RoleAdmin && !u.Locked {
			admins++
		}
	}
	for _, u := range users {
		v.Items = append(v.Items, page.User{
			ID: u.ID, Name: u.Name, Role: string(u.Role), Locked: u.Locked, CreatedAt: u.CreatedAt, LastSeenAt: later(u.LastSeenAt, seen[u.ID]),
			LinkEnds: links[u.ID], Sessions: sessions[u.ID], LastAdmin: admins == 1 && u.Role == store.RoleAdmin && !u.Locked,
		})
	}
	s.Render(c.W, c.R, status, page.AdminUsers(s.adminFrame(c, "Users"), v))
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (s *Server) usersForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	r, by := c.R, c.Session.Actor()
	ctx, id := r.Context(), r.PostFormValue("user")
	var err error
	switch r.PostFormValue("action") {
	case page.ActionAddUser:
		return s.addUserForm(c)
	case page.ActionReset:
		return s.resetUserForm(c, id)
	case page.ActionSetRole:
		err = s.Accounts.SetRole(ctx, by, id, store.Role(r.PostFormValue("role")))
	case page.ActionLock:
		err = s.Accounts.SetLocked(ctx, by, id, true)
	case page.ActionUnlock:
		err = s.Accounts.SetLocked(ctx, by, id, false)
	case page.ActionRemove:
		err = s.Accounts.Remove(ctx, by, id)
	default:
		err = fault.New(fault.Invalid, "This page has no such form.")
	}
	return s.Told(c, "/admin/users", err)
}

func (s *Server) addUserForm(c *chain.Call) error {
	form := page.UserForm{Name: c.R.PostFormValue("name"), Role: c.R.PostFormValue("role")}
	password := c.R.PostFormValue("password")
	if password == "" {
		return s.inviteForm(c, form)
	}
	_, err := s.Accounts.Add(c.R.Context(), c.Session.Actor(), form.Name, password, store.Role(form.Role))
	if err == nil {
		return chain.Back(c.W, c.R, "/admin/users", view.QueryDone, view.DoneUser)
	}
	return s.userRefused(c, form, err)
}

// inviteForm adds a user who sets their own password, and shows the link for it.
func (s *Server) inviteForm(c *chain.Call, form page.UserForm) error {
	u, token, ends, err := s.Accounts.Invite(c.R.Context(), c.Session.Actor(), form.Name, store.Role(form.Role))
	if err != nil {
		return s.userRefused(c, form, err)
	}
	return s.showLink(c, u, token, ends)
}

// userRefused says on the page why a user was not added.
func (s *Server) userRefused(c *chain.Call, form page.UserForm, err error) error {
	if fault.Is(err, fault.Internal) {
		return err
	}
	return s.showUsers(c, chain.Statuses[fault.KindOf(err)], page.UsersView{Problem: fault.Message(err), Form: form})
}

func (s *Server) resetUserForm(c *chain.Call, id string) error {
	u, err := s.Accounts.ByID(c.R.Context(), id)
	if err != nil {
		return err
	}
	token, ends, err := s.Accounts.NewReset(c.R.Context(), c.Session.Actor(), id)
	if err != nil {
		return err
	}
	return s.showLink(c, u, token, ends)
}

// showLink shows a one-time link, which nobody can ask for again.
func (s *Server) showLink(c *chain.Call, u store.User, token string, ends time.Time) error {
	return s.showUsers(c, http.StatusOK, page.UsersView{ResetName: u.Name, ResetLink: s.resetLink(c.R, token), ResetEnds: ends})
}

func (s *Server) sessionsPage(c *chain.Call) error {
	var v page.SessionsView
	for _, any := range s.Sessions.List("") {
		item := work.SessionItem(any)
		item.Current, item.Bytes = any.ID == c.Session.ID, s.Workspaces.Bytes(any.ID)
		v.Items = append(v.Items, item)
	}
	s.Render(c.W, c.R, http.StatusOK, page.AdminSessions(s.adminFrame(c, "Sessions"), v))
	return nil
}

func (s *Server) sessionsForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	if c.R.PostFormValue("action") != page.ActionEndSession {
		return fault.New(fault.Invalid, "This page has no such form.")
	}
	_, err := s.Sessions.End(c.R.Context(), c.R.PostFormValue("session"), store.ReasonRevoked, c.Session.Actor())
	return s.Told(c, "/admin/sessions", err)
}

func (s *Server) queuePage(c *chain.Call) error {
	q, now := s.Queue.Figures(), time.Now()
	v := page.QueueView{
		Workers: s.Queue.Workers(), Busy: q.Running, Queued: int64(q.Waiting), Running: int64(q.Running),
		FinishedHour: q.FinishedHour, FailedHour: q.FailedHour,
		WaitP50: q.Waited.P50, WaitP95: q.Waited.P95, RunP50: q.Ran.P50, RunP95: q.Ran.P95,
		SessionsWithUnfinished: int64(q.Lines),
		MemoryBytes:            memoryInUse(), HeldBytes: s.Workspaces.HeldBytes(), HeldSessions: int64(s.Workspaces.Open()),
	}
	v.DiskFree, v.DiskBytes = s.Workspaces.Disk()
	for _, a := range q.Active {
		job := page.ActiveJob{ID: a.JobID, Kind: a.Kind, State: page.JobRunning, Attempt: a.Attempt, Bytes: a.Bytes, Waited: a.Began.Sub(a.Since), Ran: now.Sub(a.Began)}
		if own, err := s.Sessions.Get(a.Owner); err == nil {
			job.User = own.User.Name
		}
		v.Active = append(v.Active, job)
	}
	f := s.adminFrame(c, "Queue")
	f.Refresh = true
	s.Render(c.W, c.R, http.StatusOK, page.AdminQueue(f, v))
	return nil
}

func (s *Server) auditPage(c *chain.Call) error {
	entries, next, err := s.auditPageOf(c)
	if err != nil {
		return err
	}
	q := c.R.URL.Query()
	v := page.AuditView{Who: q.Get("who"), After: q.Get("after"), Next: next}
	for _, e := range entries {
		v.Items = append(v.Items, page.AuditEntry{
			At: e.At, User: e.Actor.Name, What: string(e.Action), Subject: e.Subject, Address: e.Actor.Address,
			Wrong: e.Action == store.ActionSignInFailed || e.Action == store.ActionLockout,
		})
	}
	s.Render(c.W, c.R, http.StatusOK, page.AdminAudit(s.adminFrame(c, "Activity"), v))
	return nil
}

func (s *Server) settingsPage(c *chain.Call) error {
	v := page.SettingsView{Version: s.Version}
	for _, item := range s.Settings {
		v.Items = append(v.Items, page.Setting{Name: item.Name, Value: item.Value, Source: string(item.Origin), Meaning: item.Meaning})
	}
	s.Render(c.W, c.R, http.StatusOK, page.AdminSettings(s.adminFrame(c, "Settings"), v))
	return nil
}
