//go:build ret_unsealed

package files

import "ret/shared/sqlite"

// encrypted encrypts nothing: see shared/seal/cipher_unsealed.go.
func encrypted([]byte) sqlite.Config { return sqlite.Config{} }

func decrypter([]byte) func(block []byte, at int64) { return func([]byte, int64) {} }
