package account

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"

	"ret/shared/fault"
)

const secretBytes = 32

// LoadSecret returns the secret in a file, which it makes, for this user alone, if
// there is none. Whoever calls it holds the folder's lock.
func LoadSecret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecret(path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The server's secret cannot be read. Check the rights of RET_RUNTIME_ROOT.")
	}
	if len(secret) != secretBytes {
		return nil, fault.New(fault.Invalid, "The file server.key in RET_RUNTIME_ROOT is damaged. Delete it: a new one is made, and lockouts end.")
	}
	return secret, nil
}

// makeSecret writes a whole file or none.
func makeSecret(path string) ([]byte, error) {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails
	err := os.WriteFile(path+".new", secret, 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The server's secret cannot be written. Check the rights and the free space of RET_RUNTIME_ROOT.")
	}
	return secret, nil
}
