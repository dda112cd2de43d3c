package account

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// EnsureAdmin makes the user admin if there is no user yet. Without a password
// it makes a random one and returns it, to be shown once.
func (a *Accounts) EnsureAdmin(ctx context.Context, password string) (generated string, err error) {
	if n, err := a.count(ctx); err != nil || n > 0 {
		return "", err
	}
	if password == "" {
		generated = randomPassword()
		password = generated
	}
	if err := checkPasswordSize(password); err != nil {
		return "", err
	}
	_, err = a.insert(ctx, store.Server, store.User{Name: "admin", Role: store.RoleAdmin}, password)
	if fault.Is(err, fault.Conflict) { // made by another process in between
		return "", nil
	}
	return generated, err
}

func (a *Accounts) count(ctx context.Context) (n int, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		n, err = store.CountUsers(c)
		return err
	})
	return n, err
}

// Add makes a user. It fails with fault.Invalid if name, password or role are
// not allowed and with fault.Conflict if the name is taken.
func (a *Accounts) Add(ctx context.Context, by store.Actor, name, password string, role store.Role) (store.User, error) {
	name = fold(name)
	if err := checkName(name); err != nil {
		return store.User{}, err
	}
	if err := checkRole(role); err != nil {
		return store.User{}, err
	}
	if err := checkPassword(password); err != nil {
		return store.User{}, err
	}
	return a.insert(ctx, by, store.User{Name: name, Role: role}, password)
}

// Invite makes a user who sets their own password, once, by a token as NewReset gives it;
// until then nobody can sign in as them. It fails as Add does.
func (a *Accounts) Invite(ctx context.Context, by store.Actor, name string, role store.Role) (user store.User, token string, expires time.Time, err error) {
	if user, err = a.Add(ctx, by, name, randomPassword(), role); err != nil {
		return store.User{}, "", time.Time{}, err
	}
	token, expires, err = a.NewReset(ctx, by, user.ID)
	return user, token, expires, err
}

func (a *Accounts) insert(ctx context.Context, by store.Actor, user store.User, password string) (store.User, error) {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return store.User{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.User{}, fmt.Errorf("make user id: %w", err)
	}
	user.ID, user.CreatedAt = id.String(), a.cfg.Now()
	err = a.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := store.InsertUser(c, user, hash); err != nil {
			return err
		}
		return a.audit(c, store.ActionUserAdded, by, user.Name, string(user.Role))
	})
	return user, err
}

// Change is what an admin changes of a user; nil leaves it.
type Change struct {
	Role     *store.Role
	Locked   *bool
	Password *string
}

// Change makes all changes of a user, or none. A lock and a new password end the
// user's sessions.
//
// It fails with fault.Invalid if a role or password is not allowed, and with
// ErrLastAdmin if no admin would be left who can sign in.
func (a *Accounts) Change(ctx context.Context, by store.Actor, id string, to Change) error {
	var hash string
	if to.Role != nil {
		if err := checkRole(*to.Role); err != nil {
			return err
		}
	}
	if to.Password != nil {
		if err := checkPassword(*to.Password); err != nil {
			return err
		}
		if _, err := a.ByID(ctx, id); err != nil {
			return err
		}
		var err error
		if hash, err = a.hasher.hash(ctx, *to.Password); err != nil {
			return err
		}
	}
	return a.change(ctx, id, func(c *sqlite.Conn, user store.User) error {
		if to.Role != nil && *to.Role != store.RoleAdmin || to.Locked != nil && *to.Locked {
			if err := keepAnAdmin(c, user); err != nil {
				return err
			}
		}
		if to.Role != nil {
			if err := a.storeRole(c, by, user, *to.Role); err != nil {
				return err
			}
		}
		if to.Locked != nil {
			if err := a.storeLock(c, by, user, *to.Locked); err != nil {
				return err
			}
		}
		if to.Password != nil {
			return a.storePassword(c, by, user, hash, "")
		}
		return nil
	})
}

// SetPassword gives a user a new password and ends all the user's sessions.
func (a *Accounts) SetPassword(ctx context.Context, by store.Actor, id, password string) error {
	return a.Change(ctx, by, id, Change{Password: &password})
}

// SetLocked locks a user out and ends the user's sessions, or lets the user in
// again. The last admin cannot be locked: ErrLastAdmin.
func (a *Accounts) SetLocked(ctx context.Context, by store.Actor, id string, locked bool) error {
	return a.Change(ctx, by, id, Change{Locked: &locked})
}

// SetRole changes what a user may do. The last admin stays one: ErrLastAdmin.
func (a *Accounts) SetRole(ctx context.Context, by store.Actor, id string, role store.Role) error {
	return a.Change(ctx, by, id, Change{Role: &role})
}

// EndTour notes that a user wants to see no more of the tour, in this session and later
// ones. It is no change that anybody else is told of.
func (a *Accounts) EndTour(ctx context.Context, id string) error {
	return a.change(ctx, id, func(c *sqlite.Conn, user store.User) error { return store.SetToured(c, user.ID) })
}

// replacePassword ends all sessions of the user but the one named except.
func (a *Accounts) replacePassword(ctx context.Context, by store.Actor, id, password, except string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.change(ctx, id, func(c *sqlite.Conn, user store.User) error {
		return a.storePassword(c, by, user, hash, except)
	})
}

func (a *Accounts) storePassword(c *sqlite.Conn, by store.Actor, user store.User, hash, except string) error {
	if err := store.SetPasswordHash(c, user.ID, hash); err != nil {
		return err
	}
	if err := store.EndSessionsOf(c, user.ID, except, store.ReasonRevoked); err != nil {
		return err
	}
	return a.audit(c, store.ActionPasswordSet, by, user.Name, "")
}

func (a *Accounts) storeLock(c *sqlite.Conn, by store.Actor, user store.User, locked bool) error {
	if err := store.SetLocked(c, user.ID, locked); err != nil {
		return err
	}
	if !locked {
		return a.audit(c, store.ActionUserUnlocked, by, user.Name, "")
	}
	if err := store.EndSessionsOf(c, user.ID, "", store.ReasonRevoked); err != nil {
		return err
	}
	return a.audit(c, store.ActionUserLocked, by, user.Name, "")
}

func (a *Accounts) storeRole(c *sqlite.Conn, by store.Actor, user store.User, role store.Role) error {
	if err := store.SetRole(c, user.ID, role); err != nil {
		return err
	}
	return a.audit(c, store.ActionRoleChanged, by, user.Name, string(role))
}

// Remove deletes a user and ends the user's sessions. The last admin stays:
// fault.Conflict.
func (a *Accounts) Remove(ctx context.Context, by store.Actor, id string) error {
	return a.change(ctx, id, func(c *sqlite.Conn, user store.User) error {
		if err := keepAnAdmin(c, user); err != nil {
			return err
		}
		if err := store.EndSessionsOf(c, id, "", store.ReasonRevoked); err != nil {
			return err
		}
		if err := store.DeleteUser(c, id); err != nil {
			return err
		}
		return a.audit(c, store.ActionUserRemoved, by, user.Name, "")
	})
}

// change runs fn on a user in one transaction, then has this process's registry
// act on what it did to sessions and roles. fault.NotFound if there is no such
// user.
func (a *Accounts) change(ctx context.Context, id string, fn func(*sqlite.Conn, store.User) error) error {
	err := a.db.Write(ctx, func(c *sqlite.Conn) error {
		user, err := store.UserByID(c, id)
		if err != nil {
			return err
		}
		return fn(c, user)
	})
	if err != nil {
		return err
	}
	return a.refresh(ctx)
}

// ErrLastAdmin is fault.Conflict.
var ErrLastAdmin = fault.New(fault.Conflict, "This is the last admin. Make someone else an admin first.")

// keepAnAdmin fails if user is the only admin who can sign in.
func keepAnAdmin(c *sqlite.Conn, user store.User) error {
	if user.Role != store.RoleAdmin || user.Locked {
		return nil
	}
	if others, err := store.CountOtherAdmins(c, user.ID); err != nil || others > 0 {
		return err
	}
	return ErrLastAdmin
}

func checkRole(role store.Role) error {
	if role != store.RoleUser && role != store.RoleAdmin {
		return fault.New(fault.Invalid, "A role is user or admin.")
	}
	return nil
}
