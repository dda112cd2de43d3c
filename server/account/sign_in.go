package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Rate is how much of an address's sign-ins is left. The zero Rate is no limit.
type Rate struct {
	Limit     int
	Remaining int
	Reset     time.Duration // until the oldest one that counts no longer does
}

// SignIn returns the user with this name and password.
//
// It fails with fault.SignedOut if either is wrong or the account is locked,
// with fault.TooMany and a RetryAfter if there were too many tries, and with
// fault.Unavailable if tries cannot be counted. The Rate is known in all cases
// but the last.
func (a *Accounts) SignIn(ctx context.Context, name, password string, from netip.Addr) (user store.User, rate Rate, err error) {
	t := a.newTry(fold(name), from)
	if rate, err = a.admit(ctx, t); err != nil {
		return store.User{}, rate, err
	}
	err = a.attempt(ctx, t, func() error {
		if user, err = a.verify(ctx, t.name, password); err != nil {
			return err
		}
		return a.signedIn(ctx, t, user)
	})
	if err != nil {
		return store.User{}, rate, err
	}
	return user, rate, nil
}

var errWrong = fault.New(fault.SignedOut, "The name or the password is wrong, or the account is locked.")

// try is one attempt to sign in.
type try struct {
	name    string
	address string // what counts as one address
	shown   string // the address itself, for the trail
	key     []byte // of the lockout
}

// newTry keys the lockout by a hash that only who has the secret can make: people
// type passwords into the wrong field, and names can be guessed.
func (a *Accounts) newTry(name string, from netip.Addr) try {
	address := Network(from)
	key := hmac.New(sha256.New, a.cfg.Secret)
	key.Write([]byte(name + "\x00" + address))
	return try{name: name, address: address, shown: from.Unmap().String(), key: key.Sum(nil)}
}

// Network is what counts as one address: an IPv6 /64, which one person has to
// themselves, or an IPv4 address.
func Network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return a.String()
}

// admit counts a try against the rate of its address.
func (a *Accounts) admit(ctx context.Context, t try) (rate Rate, err error) {
	var refused error
	err = a.db.Write(ctx, func(c *sqlite.Conn) error {
		rate, refused, err = a.countSignIn(c, t, a.cfg.Now())
		return err
	})
	if err != nil {
		return rate, uncounted(err)
	}
	return rate, refused
}

// settleWithin bounds what is written about a try whose request may be gone.
const settleWithin = 10 * time.Second

// attempt runs check, which looks at a password, as one try against the lockout.
// The try is reserved as failed before check runs, so that neither a crash nor
// another process gives anyone one more, and settled when check has said what it
// was: a failure stays, a success forgets all, and what came to no check of a
// password, as when the request is given up, is given back.
func (a *Accounts) attempt(ctx context.Context, t try, check func() error) error {
	release, err := a.turns.take(ctx, string(t.key))
	if err != nil {
		return err
	}
	defer release()
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := a.reserve(ctx, t)
	if err != nil {
		return err
	}
	checked := check()
	// From here on, since a check may have waited long for its turn.
	lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	switch {
	case checked == nil:
		return a.db.Write(lasting, func(c *sqlite.Conn) error { return store.DeleteLockout(c, t.key) })
	case errors.Is(checked, errWrong):
		return a.failed(lasting, t, checked)
	default:
		return errors.Join(checked, a.giveBack(lasting, t, r))
	}
}

// uncounted closes the door if tries cannot be counted.
func uncounted(err error) error {
	return fault.Wrap(fault.Unavailable, err, "Signing in does not work right now. Please try again in a moment.")
}

// countSignIn keeps an exact log of the window, so that no window, wherever it
// starts, holds more than the limit. What lies ahead of a clock that was set back
// counts as of now.
func (a *Accounts) countSignIn(c *sqlite.Conn, t try, now time.Time) (rate Rate, refused, err error) {
	if a.cfg.SignIns == 0 {
		return Rate{}, nil, nil
	}
	if err := store.PullSignIns(c, t.address, now); err != nil {
		return Rate{}, nil, err
	}
	n, first, err := store.SignIns(c, t.address, now.Add(-a.cfg.Window))
	if err != nil {
		return Rate{}, nil, err
	}
	rate = Rate{Limit: a.cfg.SignIns, Reset: a.cfg.Window}
	if n > 0 {
		rate.Reset = first.Add(a.cfg.Window).Sub(now) + time.Millisecond // times are stored in whole ones
	}
	if n >= a.cfg.SignIns {
		return rate, tooMany(rate.Reset, "There were too many sign-ins from your address."), nil
	}
	rate.Remaining = a.cfg.SignIns - n - 1
	return rate, nil, store.InsertSignIn(c, t.address, now)
}

// reservation is a try that counts as a failure until it is settled.
type reservation struct {
	before, counted store.Lockout
}

// reserve assumes that the try will fail, whether its request lasts or not.
// fault.TooMany says that there were too many before it.
func (a *Accounts) reserve(ctx context.Context, t try) (r reservation, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	var refused error
	err = a.db.Write(ctx, func(c *sqlite.Conn) error {
		r, refused, err = a.countFailure(c, t, a.cfg.Now())
		return err
	})
	if err != nil {
		return r, uncounted(err)
	}
	return r, refused
}

func (a *Accounts) countFailure(c *sqlite.Conn, t try, now time.Time) (r reservation, refused, err error) {
	l, err := store.LockoutOf(c, t.key)
	if err != nil {
		return r, nil, err
	}
	ahead := l.FailedAt.After(now) // the clock was set back: the lockout begins anew
	if ahead {
		l.FailedAt = now
	}
	if wait := l.FailedAt.Add(a.cfg.Lockout).Sub(now); wait <= 0 {
		l = store.Lockout{}
	} else if l.Failures >= a.cfg.MaxAttempts {
		if ahead {
			err = store.SetLockout(c, t.key, l)
		}
		return r, tooMany(wait, "There were too many wrong tries with this name."), err
	}
	// Whole milliseconds are what comes back from the database.
	r = reservation{before: l, counted: store.Lockout{Failures: l.Failures + 1, FailedAt: now.Truncate(time.Millisecond)}}
	return r, nil, store.SetLockout(c, t.key, r.counted)
}

// giveBack takes a reserved try out again. Another process may have counted
// meanwhile; then only the one goes.
func (a *Accounts) giveBack(ctx context.Context, t try, r reservation) error {
	return a.db.Write(ctx, func(c *sqlite.Conn) error {
		l, err := store.LockoutOf(c, t.key)
		if err != nil || l.Failures == 0 {
			return err
		}
		left := store.Lockout{Failures: l.Failures - 1, FailedAt: l.FailedAt}
		if l.Failures == r.counted.Failures && l.FailedAt.Equal(r.counted.FailedAt) {
			left = r.before
		}
		if left.Failures == 0 {
			return store.DeleteLockout(c, t.key)
		}
		return store.SetLockout(c, t.key, left)
	})
}

func tooMany(wait time.Duration, what string) error {
	return &fault.Error{Kind: fault.TooMany, RetryAfter: wait, Message: fmt.Sprintf("%s Please try again %s.", what, in(wait))}
}

// in says when, rounded up, as one would.
func in(wait time.Duration) string {
	if minutes := int((wait + time.Minute - 1) / time.Minute); minutes > 1 {
		return fmt.Sprintf("in %d minutes", minutes)
	}
	return "in a minute"
}

// verify does the same work whether or not there is such a user.
func (a *Accounts) verify(ctx context.Context, name, password string) (store.User, error) {
	user, hash, err := a.lookUp(ctx, name)
	if err != nil {
		return store.User{}, err
	}
	known := hash != ""
	if !known {
		hash = a.hasher.decoy
	}
	if len(password) > maxPasswordBytes {
		password = "" // nobody's: an empty one is never set
	}
	same, err := a.hasher.matches(ctx, hash, password)
	if err != nil {
		return store.User{}, err
	}
	if !known || !same || user.Locked {
		return user, errWrong
	}
	return user, nil
}

// lookUp returns a user with the hash; neither if there is none.
func (a *Accounts) lookUp(ctx context.Context, name string) (user store.User, hash string, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		if user, err = store.UserByName(c, name); err == nil {
			hash, err = store.PasswordHash(c, user.ID)
		}
		return err
	})
	if errors.Is(err, store.ErrNoUser) {
		return store.User{}, "", nil
	}
	return user, hash, err
}

// signedIn notes the sign-in. The account may have been locked or removed while
// its password was being checked.
func (a *Accounts) signedIn(ctx context.Context, t try, user store.User) error {
	return a.db.Write(ctx, func(c *sqlite.Conn) error {
		now, err := store.UserByID(c, user.ID)
		if errors.Is(err, store.ErrNoUser) || err == nil && now.Locked {
			return errWrong
		}
		if err != nil {
			return err
		}
		if err := store.SetLastSignIn(c, user.ID, a.cfg.Now()); err != nil {
			return err
		}
		by := store.Actor{UserID: user.ID, Name: user.Name, Address: t.shown}
		return a.audit(c, store.ActionSignIn, by, user.Name, "")
	})
}

// failed writes a wrong try into the trail and returns what made it fail. The
// name goes into the trail only if someone has it: people type passwords into
// the wrong field.
func (a *Accounts) failed(ctx context.Context, t try, cause error) error {
	err := a.db.Write(ctx, func(c *sqlite.Conn) error {
		by := store.Actor{Name: "(unknown name)", Address: t.shown}
		if user, err := store.UserByName(c, t.name); err == nil {
			by.UserID, by.Name = user.ID, user.Name
		}
		if err := a.audit(c, store.ActionSignInFailed, by, by.Name, ""); err != nil {
			return err
		}
		l, err := store.LockoutOf(c, t.key)
		if err != nil || l.Failures < a.cfg.MaxAttempts {
			return err
		}
		return a.audit(c, store.ActionLockout, by, by.Name, fmt.Sprintf("for %s", a.cfg.Lockout))
	})
	if err != nil {
		return fmt.Errorf("note failed sign-in: %w", err)
	}
	return cause
}
