// Package receipt is what people are given when their session was erased: a signed
// statement of what was destroyed, when. Each holds the hash of the one before it, so
// that in a whole list none can be left out.
//
// A receipt's canonical form is its JSON without white space, keys in the order of
// the struct. What is signed, by Ed25519 (RFC 8032), is that form with an empty
// signature; what the next receipt holds is the SHA-256 of the form with it.
package receipt

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"ret/shared/fault"
)

// Receipt says what was erased with a session.
type Receipt struct {
	SessionID    string    `json:"session_id"`
	Files        int64     `json:"files"` // uploads
	Bytes        int64     `json:"bytes"` // of uploads
	Tables       int64     `json:"tables"`
	Jobs         int64     `json:"jobs"`
	CacheEntries int64     `json:"cache_entries"`
	Unknown      bool      `json:"unknown,omitempty"` // what it held could not be counted
	KeyDestroyed bool      `json:"key_destroyed"`
	At           time.Time `json:"at"`
	Uploads      []string  `json:"uploads"`   // see Upload
	Previous     string    `json:"previous"`  // hash of the receipt before it; "" in the first
	KeyID        string    `json:"key_id"`    // of the key that signed it
	Signature    string    `json:"signature"` // in hex
}

// Upload is how a receipt names an upload: in hex, the SHA-256 of the session's id
// and the content's SHA-256 in hex, with a line feed between. Who has the file can
// tell that it was among them, and nobody else can.
func Upload(sessionID, contentSHA256 string) string {
	sum := sha256.Sum256([]byte(sessionID + "\n" + contentSHA256))
	return hex.EncodeToString(sum[:])
}

// canonical is the receipt as it is signed and hashed.
func (r Receipt) canonical() []byte {
	if r.Uploads == nil {
		r.Uploads = []string{}
	}
	b, _ := json.Marshal(r) // of strings, numbers and a time of this century
	return b
}

// Encode is the receipt's canonical form.
func (r Receipt) Encode() []byte { return r.canonical() }

// Hash is what the next receipt holds of this one.
func (r Receipt) Hash() string { return hashOf(r.canonical()) }

// hashOf is the hash of a canonical form.
func hashOf(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// unsigned is how a canonical form ends whose signature is empty: it is the last field.
const unsigned = `""}`

// sign fills in the signature, and returns the canonical form with it. It is put where
// the empty one was: a receipt of a large session is long to write out a second time,
// and someone waits.
func (r *Receipt) sign(key ed25519.PrivateKey) (canonical []byte) {
	r.KeyID, r.Signature = keyID(key.Public().(ed25519.PublicKey)), ""
	canonical = r.canonical()
	r.Signature = hex.EncodeToString(ed25519.Sign(key, canonical))
	canonical = canonical[:len(canonical)-len(unsigned)]
	return append(canonical, `"`+r.Signature+`"}`...)
}

// Errors of Verify and Check.
var (
	ErrNotReceipt = fault.New(fault.Invalid, "This is not a receipt as RET gives them out: it was changed, or is something else.")
	ErrSignature  = fault.New(fault.Invalid, "The signature is not right: the receipt was changed, or was not given out by this RET.")
	ErrOtherKey   = fault.New(fault.Invalid, "The receipt was signed with another key than the one it is checked with.")
	ErrChain      = fault.New(fault.Invalid, "The receipts do not follow each other: one is left out, added or in another place.")
)

// Parse reads one receipt. It must be in the canonical form but for white space: what
// reads as the same but is written in another way was changed by somebody.
func Parse(text []byte) (r Receipt, err error) {
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil || json.Unmarshal(text, &r) != nil {
		return Receipt{}, ErrNotReceipt
	}
	if !bytes.Equal(compact.Bytes(), r.canonical()) {
		return Receipt{}, ErrNotReceipt
	}
	return r, nil
}

// Verify checks a receipt's signature.
func Verify(r Receipt, key ed25519.PublicKey) error {
	if r.KeyID != keyID(key) {
		return ErrOtherKey
	}
	signature, err := hex.DecodeString(r.Signature)
	if err != nil || hex.EncodeToString(signature) != r.Signature { // capitals are a change too
		return ErrSignature
	}
	r.Signature = ""
	if !ed25519.Verify(key, r.canonical(), signature) {
		return ErrSignature
	}
	return nil
}

// VerifyChain checks the signatures of a whole list from its first receipt on, and
// that none is missing between its first and its last.
func VerifyChain(list []Receipt, key ed25519.PublicKey) error {
	previous := ""
	for _, r := range list {
		if err := Verify(r, key); err != nil {
			return err
		}
		if r.Previous != previous {
			return ErrChain
		}
		previous = r.Hash()
	}
	return nil
}

func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}
