package account

import (
	"crypto/rand"
	"strings"
	"unicode/utf8"

	"ret/shared/fault"
)

const (
	minPasswordLetters = 6
	maxPasswordBytes   = 1024
)

// fold is the form in which names are stored and compared: lower case, without
// spaces around.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// checkName returns a fault.Invalid unless name, folded, may name a user.
func checkName(name string) error {
	odd := strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-", r)
	})
	if odd || len(name) < 3 || len(name) > 64 {
		return fault.New(fault.Invalid, "A name has 3 to 64 letters a–z, digits, dots, dashes or underscores; capitals become small ones.")
	}
	return nil
}

// checkPassword returns a fault.Invalid unless password may be someone's.
// Length is the only rule: guessing is bounded elsewhere, and rules about kinds
// of letters make passwords worse.
func checkPassword(password string) error {
	if utf8.RuneCountInString(password) < minPasswordLetters {
		return fault.New(fault.Invalid, "A password has at least %d letters. A few words in a row are easy to remember and hard to guess.", minPasswordLetters)
	}
	return checkPasswordSize(password)
}

// checkPasswordSize is all that the operator's own RET_ADMIN_PASSWORD must meet.
func checkPasswordSize(password string) error {
	if password == "" || len(password) > maxPasswordBytes {
		return fault.New(fault.Invalid, "A password has 1 to %d bytes.", maxPasswordBytes)
	}
	return nil
}

// randomPassword has 130 bits and no letters that are easily mistaken.
func randomPassword() string { return strings.ToLower(rand.Text()) }
