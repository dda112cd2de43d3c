package httpapi

import (
	"net/http"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// usersShown is how many users the page lists.
const usersShown = 1000

func (s *Server) adminHome(c *call) error {
	http.Redirect(c.w, c.r, "/admin/users", http.StatusSeeOther)
	return nil
}

func (s *Server) adminFrame(c *call, title string) page.Frame {
	return s.frame(c.r, page.Frame{Title: title, Section: page.SectionAdmin})
}

func (s *Server) usersPage(c *call) error { return s.showUsers(c, http.StatusOK, page.UsersView{}) }

func (s *Server) showUsers(c *call, status int, v page.UsersView) error {
	users, err := s.Accounts.List(c.r.Context(), "", usersShown)
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
			Sessions: sessions[u.ID], LastAdmin: admins == 1 && u.Role == store.RoleAdmin && !u.Locked,
		})
	}
	s.render(c.w, c.r, status, page.AdminUsers(s.adminFrame(c, "Users"), v))
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (s *Server) usersForm(c *call) error {
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	r, by := c.r, c.session.Actor()
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
	return s.told(c, "/admin/users", err)
}

func (s *Server) addUserForm(c *call) error {
	form := page.UserForm{Name: c.r.PostFormValue("name"), Role: c.r.PostFormValue("role")}
	_, err := s.Accounts.Add(c.r.Context(), c.session.Actor(), form.Name, c.r.PostFormValue("password"), store.Role(form.Role))
	if err == nil {
		return back(c.w, c.r, "/admin/users", view.QueryDone, view.DoneUser)
	}
	if fault.Is(err, fault.Internal) {
		return err
	}
	return s.showUsers(c, statuses[fault.KindOf(err)], page.UsersView{Problem: fault.Message(err), Form: form})
}

func (s *Server) resetUserForm(c *call, id string) error {
	u, err := s.Accounts.ByID(c.r.Context(), id)
	if err != nil {
		return err
	}
	token, _, err := s.Accounts.NewReset(c.r.Context(), c.session.Actor(), id)
	if err != nil {
		return err
	}
	return s.showUsers(c, http.StatusOK, page.UsersView{ResetName: u.Name, ResetLink: s.resetLink(c.r, token)})
}

func sessionItem(own session.Session) page.Session {
	return page.Session{
		ID: own.ID, User: own.User.Name, Device: own.Device, Address: own.Address,
		CreatedAt: own.CreatedAt, LastUsedAt: own.LastUsedAt, ExpiresAt: own.ExpiresAt,
	}
}

func (s *Server) sessionsPage(c *call) error {
	var v page.SessionsView
	for _, any := range s.Sessions.List("") {
		item := sessionItem(any)
		item.Current, item.Bytes = any.ID == c.session.ID, s.Workspaces.Bytes(any.ID)
		v.Items = append(v.Items, item)
	}
	s.render(c.w, c.r, http.StatusOK, page.AdminSessions(s.adminFrame(c, "Sessions"), v))
	return nil
}

func (s *Server) sessionsForm(c *call) error {
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	if c.r.PostFormValue("action") != page.ActionEndSession {
		return fault.New(fault.Invalid, "This page has no such form.")
	}
	_, err := s.Sessions.End(c.r.Context(), c.r.PostFormValue("session"), store.ReasonRevoked, c.session.Actor())
	return s.told(c, "/admin/sessions", err)
}

func (s *Server) queuePage(c *call) error {
	q, now := s.Queue.Figures(), time.Now()
	v := page.QueueView{
		Workers: s.Queue.Workers(), Busy: q.Running, Queued: int64(q.Waiting), Running: int64(q.Running),
		FinishedHour: q.FinishedHour, FailedHour: q.FailedHour,
		WaitP50: q.Waited.P50, WaitP95: q.Waited.P95, RunP50: q.Ran.P50, RunP95: q.Ran.P95,
		SessionsWithUnfinished: int64(q.Lines),
	}
	for _, a := range q.Active {
		job := page.ActiveJob{ID: a.JobID, Kind: a.Kind, State: page.JobRunning, Attempt: a.Attempt, Bytes: a.Bytes, Waited: a.Began.Sub(a.Since), Ran: now.Sub(a.Began)}
		if own, err := s.Sessions.Get(a.Owner); err == nil {
			job.User = own.User.Name
		}
		v.Active = append(v.Active, job)
	}
	s.render(c.w, c.r, http.StatusOK, page.AdminQueue(s.adminFrame(c, "Queue"), v))
	return nil
}

func (s *Server) auditPage(c *call) error {
	entries, next, err := s.auditPageOf(c)
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	v := page.AuditView{Who: q.Get("who"), After: q.Get("after"), Next: next}
	for _, e := range entries {
		v.Items = append(v.Items, page.AuditEntry{
			At: e.At, User: e.Actor.Name, What: string(e.Action), Subject: e.Subject, Address: e.Actor.Address,
			Wrong: e.Action == store.ActionSignInFailed || e.Action == store.ActionLockout,
		})
	}
	s.render(c.w, c.r, http.StatusOK, page.AdminAudit(s.adminFrame(c, "Trail"), v))
	return nil
}

func (s *Server) settingsPage(c *call) error {
	v := page.SettingsView{Version: s.Version}
	for _, item := range s.Settings {
		v.Items = append(v.Items, page.Setting{Name: item.Name, Value: item.Value, Source: string(item.Origin), Meaning: item.Meaning})
	}
	s.render(c.w, c.r, http.StatusOK, page.AdminSettings(s.adminFrame(c, "Settings"), v))
	return nil
}
