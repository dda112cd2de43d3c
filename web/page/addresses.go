package page

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"ret/shared/fold"
)

// QueryView is the parameter that stands for those that would tell something.
const QueryView = "view"

// telling are the parameters that name something of the session or repeat what a
// person typed: browsers write addresses down.
var telling = []string{"q", "sql", "group", "files_named", "class", "sort", "filter", "filter_column", "filter_op", "filter_value", "find", "column", "regex", "in", "hide", "document", "record", "pivot", "include", "exclude"}

// Addresses writes addresses that tell nothing: what would is encrypted with a key of
// the session, always in the same way, so that a page has one address. The nil
// Addresses writes them as they are. It may be used concurrently.
type Addresses struct {
	cipher cipher.AEAD
	nonces []byte // the key that they are made with
}

// NewAddresses writes addresses with a key; without one, plain.
func NewAddresses(key []byte) (*Addresses, error) {
	if len(key) == 0 {
		return nil, nil
	}
	sealing, err := hkdf.Key(sha256.New, key, nil, "ret address", chacha20poly1305.KeySize)
	nonces, err2 := hkdf.Key(sha256.New, key, nil, "ret address nonce", sha256.Size)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(sealing)
	return &Addresses{aead, nonces}, err
}

// Query is the part of an address that asks for these parameters, with its "?"; ""
// for none.
func (a *Addresses) Query(v url.Values) string { return query(a.Hide(v)) }

// Hide puts QueryView in the place of parameters that would tell something.
func (a *Addresses) Hide(v url.Values) url.Values {
	if a == nil {
		return v
	}
	hidden, shown := url.Values{}, url.Values{}
	for name, values := range v {
		if slices.Contains(telling, name) {
			if said(values) {
				hidden[name] = values
			}
		} else if name != QueryView {
			shown[name] = values
		}
	}
	if len(hidden) > 0 {
		shown.Set(QueryView, a.seal(hidden.Encode()))
	}
	return shown
}

// Open undoes Hide. A view of another session is left out.
func (a *Addresses) Open(v url.Values) url.Values {
	text := v.Get(QueryView)
	if a == nil || text == "" {
		return v
	}
	opened, err := url.ParseQuery(a.open(text))
	if err != nil {
		opened = url.Values{}
	}
	for name, values := range v {
		if name == "filter" || name == "in" || name == "regex" || name == "hide" {
			values = append(opened[name], values...)
		}
		if name != QueryView {
			opened[name] = values
		}
	}
	return opened
}

// Telling reports whether parameters would tell something.
func Telling(v url.Values) bool {
	return slices.ContainsFunc(telling, func(name string) bool { return said(v[name]) })
}

func said(values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool { return value != "" })
}

// addressStep hides how long a text exactly is.
const addressStep = 32

// seal encrypts a text. Its nonce is made of it and a key, so that none is used for two
// texts.
func (a *Addresses) seal(text string) string {
	padded := text + strings.Repeat("&", addressStep-len(text)%addressStep)
	mac := hmac.New(sha256.New, a.nonces)
	mac.Write([]byte(padded))
	nonce := mac.Sum(nil)[:a.cipher.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(a.cipher.Seal(nonce, nonce, []byte(padded), nil))
}

// open is the text that seal has taken; "" if it was another one's.
func (a *Addresses) open(sealed string) string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if n := a.cipher.NonceSize(); err == nil && len(raw) > n {
		plain, err := a.cipher.Open(nil, raw[:n], raw[n:], nil)
		if err == nil {
			return string(plain)
		}
	}
	return ""
}

// TableTitle is a title that does not name the table: browsers write titles down. A table
// that only this browser has made has no number yet.
func TableTitle(number int64) string {
	if number < 1 || number > maxNumber {
		return "Table"
	}
	return "Table " + strconv.FormatInt(number, 10)
}

// maxNumber is the largest that the server has given.
const maxNumber = 1 << 51

// groupMark begins a GroupRef.
const groupMark = "~"

// GroupRef stands for a group in an address, in the place of its name.
func GroupRef(name string) string {
	sum := sha256.Sum256([]byte(fold.String(name)))
	return groupMark + hex.EncodeToString(sum[:8])
}

// IsGroupRef reports whether a text may be a GroupRef.
func IsGroupRef(text string) bool { return strings.HasPrefix(text, groupMark) }
