package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"ret/shared/fault"
)

// cost is Argon2id's work for new passwords: OWASP's recommendation, which
// takes some 30 ms of one core.
type cost struct {
	memoryKiB uint32
	passes    uint32
	threads   uint8
}

var newCost = cost{memoryKiB: 19 * 1024, passes: 2, threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32

	// maxWaiting bounds the queue for a slot; beyond it people are asked to
	// come back.
	maxWaiting = 256
)

var errBusy = &fault.Error{
	Kind: fault.Unavailable, RetryAfter: 5 * time.Second,
	Message: "Too many people are signing in right now. Please try again in a few seconds.",
}

// hasher makes and checks password hashes, on half of the cores at most, so
// that a rush of sign-ins leaves the rest of RET its share.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	decoy   string // stands in for the hash of a user that does not exist
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	h.decoy = encode(newCost, make([]byte, saltBytes), make([]byte, keyBytes))
	return h
}

// hash returns a new salted hash in the PHC string format. It fails only if
// ctx ends or too many are waiting.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	var encoded string
	err := h.inSlot(ctx, func() {
		salt := make([]byte, saltBytes)
		_, _ = rand.Read(salt) // never fails
		encoded = encode(newCost, salt, newCost.key(password, salt, keyBytes))
	})
	return encoded, err
}

// matches reports whether password made the hash encoded. A hash that cannot be
// read is an error.
func (h *hasher) matches(ctx context.Context, encoded, password string) (bool, error) {
	with, salt, key, err := decode(encoded)
	if err != nil {
		return false, err
	}
	var same bool
	err = h.inSlot(ctx, func() {
		same = subtle.ConstantTimeCompare(with.key(password, salt, len(key)), key) == 1
	})
	return same, err
}

func (h *hasher) inSlot(ctx context.Context, work func()) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxWaiting {
		return errBusy
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	work()
	return nil
}

func (c cost) key(password string, salt []byte, length int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memoryKiB, c.threads, uint32(length))
}

var b64 = base64.RawStdEncoding

func encode(c cost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.memoryKiB, c.passes, c.threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decode(encoded string) (c cost, salt, key []byte, err error) {
	var version int
	var tail string
	_, err = fmt.Sscanf(encoded, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &c.memoryKiB, &c.passes, &c.threads, &tail)
	if err != nil || version != argon2.Version || c.passes == 0 || c.threads == 0 {
		return cost{}, nil, nil, fmt.Errorf("stored password hash cannot be read")
	}
	saltText, keyText, _ := strings.Cut(tail, "$")
	if salt, err = b64.DecodeString(saltText); err == nil {
		key, err = b64.DecodeString(keyText)
	}
	if err != nil || len(key) == 0 {
		return cost{}, nil, nil, fmt.Errorf("stored password hash cannot be read")
	}
	return c, salt, key, nil
}
