package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/netip"
	"time"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// ResetLife is how long a one-time link can be used.
const ResetLife = 24 * time.Hour

// ChangePassword is a person's own change: it needs the old password, counts
// wrong ones as failed sign-ins, and ends the person's sessions but by's.
//
// It fails with fault.Denied if old is wrong, with fault.TooMany after too many
// tries, and with fault.Invalid if new is not allowed.
func (a *Accounts) ChangePassword(ctx context.Context, by store.Actor, old, password string, from netip.Addr) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	user, err := a.ByID(ctx, by.UserID)
	if err != nil {
		return err
	}
	t := a.newTry(user.Name, from)
	if _, err := a.admit(ctx, t); err != nil {
		return err
	}
	err = a.attempt(ctx, t, func() error {
		_, err := a.verify(ctx, user.Name, old)
		return err
	})
	if errors.Is(err, errWrong) {
		return fault.New(fault.Denied, "The old password is wrong.")
	}
	if err != nil {
		return err
	}
	return a.replacePassword(ctx, by, user.ID, password, by.SessionID)
}

// NewReset returns a token that lets whoever has it set a user's password once,
// until it expires. An earlier one of the same user is void from now on.
func (a *Accounts) NewReset(ctx context.Context, by store.Actor, userID string) (token string, expires time.Time, err error) {
	token = rand.Text() + rand.Text()
	expires = a.cfg.Now().Add(ResetLife)
	err = a.change(ctx, userID, func(c *sqlite.Conn, user store.User) error {
		if err := store.InsertReset(c, tokenHash(token), userID, expires); err != nil {
			return err
		}
		return a.audit(c, store.ActionResetLinkMade, by, user.Name, "")
	})
	return token, expires, err
}

// ResetEnds says until when each user's one-time link can be used, of those who have one.
func (a *Accounts) ResetEnds(ctx context.Context) (ends map[string]time.Time, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		ends, err = store.ResetEnds(c, a.cfg.Now())
		return err
	})
	return ends, err
}

// Reset uses a token of NewReset: it sets the password and ends all of the
// user's sessions. It fails with fault.NotFound if the token is not valid any
// more, and counts as a sign-in from its address.
func (a *Accounts) Reset(ctx context.Context, token, password string, from netip.Addr) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	t := a.newTry("", from)
	if _, err := a.admit(ctx, t); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.db.Write(ctx, func(c *sqlite.Conn) error {
		id, err := store.TakeReset(c, tokenHash(token), a.cfg.Now())
		if err != nil {
			return err
		}
		return a.takeReset(c, id, hash, t)
	})
	if err != nil {
		return err
	}
	return a.refresh(ctx)
}

func (a *Accounts) takeReset(c *sqlite.Conn, id, hash string, t try) error {
	user, err := store.UserByID(c, id)
	if err != nil {
		return err
	}
	by := store.Actor{UserID: id, Name: user.Name, Address: t.shown}
	if err := a.audit(c, store.ActionResetLinkTaken, by, user.Name, ""); err != nil {
		return err
	}
	return a.storePassword(c, by, user, hash, "")
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
