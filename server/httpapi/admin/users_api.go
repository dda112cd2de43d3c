package admin

import (
	"net/http"
	"time"

	"ret/server/account"
	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/session"
	"ret/server/store"
)

type adminUserJSON struct {
	work.UserJSON
	Locked       bool       `json:"locked"`
	CreatedAt    time.Time  `json:"created_at"`
	LastSignInAt *time.Time `json:"last_sign_in_at"`
}

func adminUser(u store.User) adminUserJSON {
	out := adminUserJSON{UserJSON: work.UserJSON{ID: u.ID, Name: u.Name, Role: u.Role}, Locked: u.Locked, CreatedAt: u.CreatedAt.UTC()}
	if !u.LastSignInAt.IsZero() {
		out.LastSignInAt = &u.LastSignInAt
	}
	return out
}

func (s *Server) listUsers(c *chain.Call) error {
	p, err := chain.PageOf(c.R)
	if err != nil {
		return err
	}
	if p.Limit == 0 {
		p.Limit = 100
	}
	users, err := s.Accounts.List(c.R.Context(), p.After, p.Limit+1)
	if err != nil {
		return err
	}
	list := work.ListJSON[adminUserJSON]{Items: []adminUserJSON{}}
	for i, u := range users {
		if i == p.Limit {
			list.Next = &list.Items[i-1].Name
			break
		}
		list.Items = append(list.Items, adminUser(u))
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

func (s *Server) addUser(c *chain.Call) error {
	var body struct {
		Name     string     `json:"name"`
		Password string     `json:"password"`
		Role     store.Role `json:"role"`
	}
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	if body.Role == "" {
		body.Role = store.RoleUser
	}
	u, err := s.Accounts.Add(c.R.Context(), c.Session.Actor(), body.Name, body.Password, body.Role)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusCreated, adminUser(u))
}

func (s *Server) changeUser(c *chain.Call) error {
	var body struct {
		Role     *store.Role `json:"role"`
		Locked   *bool       `json:"locked"`
		Password *string     `json:"password"`
	}
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	ctx, by, id := c.R.Context(), c.Session.Actor(), c.R.PathValue("id")
	err := s.Accounts.Change(ctx, by, id, account.Change{Role: body.Role, Locked: body.Locked, Password: body.Password})
	if err != nil {
		return err
	}
	u, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, adminUser(u))
}

func (s *Server) removeUser(c *chain.Call) error {
	if err := s.Accounts.Remove(c.R.Context(), c.Session.Actor(), c.R.PathValue("id")); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

type resetJSON struct {
	Link      string    `json:"link"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) resetUser(c *chain.Call) error {
	token, expires, err := s.Accounts.NewReset(c.R.Context(), c.Session.Actor(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusCreated, resetJSON{s.resetLink(c.R, token), expires.UTC()})
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
	work.OwnSessionJSON
	User  work.UserJSON `json:"user"`
	Bytes int64         `json:"bytes"`
}

func (s *Server) listAllSessions(c *chain.Call) error {
	list := work.ListJSON[adminSessionJSON]{Items: []adminSessionJSON{}}
	for _, any := range s.Sessions.List("") {
		list.Items = append(list.Items, adminSessionJSON{
			OwnSessionJSON: work.OwnSessionJSON{
				ID: any.ID, Current: any.ID == c.Session.ID, CreatedAt: any.CreatedAt.UTC(), LastUsedAt: any.LastUsedAt.UTC(),
				ExpiresAt: any.ExpiresAt.UTC(), Address: any.Address, Device: any.Device,
			},
			User: work.UserJSON{ID: any.User.ID, Name: any.User.Name, Role: any.User.Role}, Bytes: s.Workspaces.Bytes(any.ID),
		})
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

func (s *Server) endAnySession(c *chain.Call) error {
	receipt, err := s.Sessions.End(c.R.Context(), c.R.PathValue("id"), store.ReasonRevoked, c.Session.Actor())
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, work.ReceiptsJSON{Receipts: []session.Receipt{receipt}})
}
