package httpapi

import (
	"net/http"
	"time"

	"ret/server/account"
	"ret/server/session"
	"ret/server/store"
)

type adminUserJSON struct {
	userJSON
	Locked       bool       `json:"locked"`
	CreatedAt    time.Time  `json:"created_at"`
	LastSignInAt *time.Time `json:"last_sign_in_at"`
}

func adminUser(u store.User) adminUserJSON {
	out := adminUserJSON{userJSON: userJSON{u.ID, u.Name, u.Role}, Locked: u.Locked, CreatedAt: u.CreatedAt.UTC()}
	if !u.LastSignInAt.IsZero() {
		out.LastSignInAt = &u.LastSignInAt
	}
	return out
}

func (s *Server) listUsers(c *call) error {
	p, err := pageOf(c.r)
	if err != nil {
		return err
	}
	if p.Limit == 0 {
		p.Limit = 100
	}
	users, err := s.Accounts.List(c.r.Context(), p.After, p.Limit+1)
	if err != nil {
		return err
	}
	list := listJSON[adminUserJSON]{Items: []adminUserJSON{}}
	for i, u := range users {
		if i == p.Limit {
			list.Next = &list.Items[i-1].Name
			break
		}
		list.Items = append(list.Items, adminUser(u))
	}
	return writeJSON(c.w, http.StatusOK, list)
}

func (s *Server) addUser(c *call) error {
	var body struct {
		Name     string     `json:"name"`
		Password string     `json:"password"`
		Role     store.Role `json:"role"`
	}
	if err := readJSON(c.w, c.r, &body); err != nil {
		return err
	}
	if body.Role == "" {
		body.Role = store.RoleUser
	}
	u, err := s.Accounts.Add(c.r.Context(), c.session.Actor(), body.Name, body.Password, body.Role)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusCreated, adminUser(u))
}

func (s *Server) changeUser(c *call) error {
	var body struct {
		Role     *store.Role `json:"role"`
		Locked   *bool       `json:"locked"`
		Password *string     `json:"password"`
	}
	if err := readJSON(c.w, c.r, &body); err != nil {
		return err
	}
	ctx, by, id := c.r.Context(), c.session.Actor(), c.r.PathValue("id")
	err := s.Accounts.Change(ctx, by, id, account.Change{Role: body.Role, Locked: body.Locked, Password: body.Password})
	if err != nil {
		return err
	}
	u, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, adminUser(u))
}

func (s *Server) removeUser(c *call) error {
	if err := s.Accounts.Remove(c.r.Context(), c.session.Actor(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

type resetJSON struct {
	Link      string    `json:"link"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) resetUser(c *call) error {
	token, expires, err := s.Accounts.NewReset(c.r.Context(), c.session.Actor(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusCreated, resetJSON{s.resetLink(c.r, token), expires.UTC()})
}

// resetLink is where someone sets a new password.
func (s *Server) resetLink(r *http.Request, token string) string {
	path := "/reset/" + token
	if s.Config.PublicURL != nil {
		return s.Config.PublicURL.JoinPath(path).String()
	}
	scheme := "http://"
	if s.Config.TLS() {
		scheme = "https://"
	}
	return scheme + r.Host + path
}

type adminSessionJSON struct {
	ownSessionJSON
	User  userJSON `json:"user"`
	Bytes int64    `json:"bytes"`
}

func (s *Server) listAllSessions(c *call) error {
	list := listJSON[adminSessionJSON]{Items: []adminSessionJSON{}}
	for _, any := range s.Sessions.List("") {
		list.Items = append(list.Items, adminSessionJSON{
			ownSessionJSON: ownSessionJSON{
				ID: any.ID, Current: any.ID == c.session.ID, CreatedAt: any.CreatedAt.UTC(), LastUsedAt: any.LastUsedAt.UTC(),
				ExpiresAt: any.ExpiresAt.UTC(), Address: any.Address, Device: any.Device,
			},
			User: userJSON{any.User.ID, any.User.Name, any.User.Role}, Bytes: s.Workspaces.Bytes(any.ID),
		})
	}
	return writeJSON(c.w, http.StatusOK, list)
}

func (s *Server) endAnySession(c *call) error {
	receipt, err := s.Sessions.End(c.r.Context(), c.r.PathValue("id"), store.ReasonRevoked, c.session.Actor())
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, receiptsJSON{[]session.Receipt{receipt}})
}
