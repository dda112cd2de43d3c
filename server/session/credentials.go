package session

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Credentials are what a browser holds of a session.
type Credentials struct {
	Token string // 256 bits, secret
	Here  string // the readable word bound to it

	// Forgotten says that the browser holds no word at all. An empty one is a wrong
	// one: no browser of ours writes it.
	Forgotten bool
}

// Abandoned reports whether the token comes without its word, as it does from a
// browser in which the person has signed out without a network.
func (c Credentials) Abandoned() bool { return c.Token != "" && c.Forgotten }

// hash is what we hold of a secret.
type hash [sha256.Size]byte

func hashOf(secret string) hash { return sha256.Sum256([]byte(secret)) }

func (h hash) matches(secret string) bool {
	other := hashOf(secret)
	return subtle.ConstantTimeCompare(h[:], other[:]) == 1
}

func newCredentials() Credentials {
	return Credentials{Token: randomText(32), Here: randomText(16)}
}

func randomText(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
