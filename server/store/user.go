package store

import (
	"errors"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Role says what a user may do.
type Role string

// The roles. An admin may do all that a user may.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// User is an account, without its password.
type User struct {
	ID           string
	Name         string
	Role         Role
	Locked       bool // by an admin, until an admin unlocks it
	CreatedAt    time.Time
	LastSignInAt time.Time // zero: never
	LastSeenAt   time.Time // the last use of any session, coarse; zero: never
	Toured       bool      // has ended the tour of the workbench
}

// ErrNoUser is fault.NotFound.
var ErrNoUser = fault.New(fault.NotFound, "There is no such user.")

const userColumns = "id, name, role, locked, created_at, last_sign_in_at, last_seen_at, toured"

// InsertUser adds a user; fault.Conflict if the name is taken.
func InsertUser(c *sqlite.Conn, u User, passwordHash string) error {
	_, err := c.Exec(`INSERT INTO user (id, name, role, password_hash, locked, created_at)
		VALUES (?, ?, ?, ?, ?, ?)`, u.ID, u.Name, string(u.Role), passwordHash, u.Locked, u.CreatedAt)
	if sqlite.IsConstraint(err) {
		return fault.Wrap(fault.Conflict, err, "There is already a user with the name %s.", u.Name)
	}
	return err
}

// UserByID returns a user or ErrNoUser.
func UserByID(c *sqlite.Conn, id string) (User, error) {
	return oneUser(c, "SELECT "+userColumns+" FROM user WHERE id = ?", id)
}

// UserByName returns a user or ErrNoUser.
func UserByName(c *sqlite.Conn, name string) (User, error) {
	return oneUser(c, "SELECT "+userColumns+" FROM user WHERE name = ?", name)
}

// Users returns up to limit users in order of their names, from the one after
// the name after.
func Users(c *sqlite.Conn, after string, limit int) ([]User, error) {
	var users []User
	for row, err := range c.Query("SELECT "+userColumns+" FROM user WHERE name > ? ORDER BY name LIMIT ?", after, limit) {
		if err != nil {
			return nil, err
		}
		users = append(users, scanUser(row))
	}
	return users, nil
}

// CountUsers returns how many users there are.
func CountUsers(c *sqlite.Conn) (int, error) {
	var n int
	err := c.QueryRow("SELECT count(*) FROM user", nil, &n)
	return n, err
}

// CountOtherAdmins returns how many unlocked admins there are besides a user.
func CountOtherAdmins(c *sqlite.Conn, id string) (int, error) {
	var n int
	err := c.QueryRow("SELECT count(*) FROM user WHERE role = 'admin' AND NOT locked AND id <> ?", []any{id}, &n)
	return n, err
}

// PasswordHash returns a user's stored hash, or ErrNoUser.
func PasswordHash(c *sqlite.Conn, id string) (string, error) {
	var hash string
	err := c.QueryRow("SELECT password_hash FROM user WHERE id = ?", []any{id}, &hash)
	if errors.Is(err, sqlite.ErrNoRows) {
		return "", ErrNoUser
	}
	return hash, err
}

// SetPasswordHash replaces a user's hash.
func SetPasswordHash(c *sqlite.Conn, id, hash string) error {
	n, err := c.Exec("UPDATE user SET password_hash = ? WHERE id = ?", hash, id)
	return one(n, err, ErrNoUser)
}

// SetRole changes what a user may do.
func SetRole(c *sqlite.Conn, id string, role Role) error {
	n, err := c.Exec("UPDATE user SET role = ? WHERE id = ?", string(role), id)
	return one(n, err, ErrNoUser)
}

// SetLocked locks or unlocks a user.
func SetLocked(c *sqlite.Conn, id string, locked bool) error {
	n, err := c.Exec("UPDATE user SET locked = ? WHERE id = ?", locked, id)
	return one(n, err, ErrNoUser)
}

// SetLastSignIn notes when a user signed in.
func SetLastSignIn(c *sqlite.Conn, id string, at time.Time) error {
	n, err := c.Exec("UPDATE user SET last_sign_in_at = ? WHERE id = ?", at, id)
	return one(n, err, ErrNoUser)
}

// SetToured notes that a user has ended the tour.
func SetToured(c *sqlite.Conn, id string) error {
	n, err := c.Exec("UPDATE user SET toured = 1 WHERE id = ?", id)
	return one(n, err, ErrNoUser)
}

// DeleteUser removes a user, whose sessions must be ending.
func DeleteUser(c *sqlite.Conn, id string) error {
	n, err := c.Exec("DELETE FROM user WHERE id = ?", id)
	return one(n, err, ErrNoUser)
}

func oneUser(c *sqlite.Conn, sql, key string) (User, error) {
	for row, err := range c.Query(sql, key) {
		if err != nil {
			return User{}, err
		}
		return scanUser(row), nil
	}
	return User{}, ErrNoUser
}

func scanUser(row sqlite.Row) User {
	return User{
		ID:           row.Text(0),
		Name:         row.Text(1),
		Role:         Role(row.Text(2)),
		Locked:       row.Int64(3) == 1,
		CreatedAt:    row.Time(4),
		LastSignInAt: row.Time(5),
		LastSeenAt:   row.Time(6),
		Toured:       row.Int64(7) == 1,
	}
}
