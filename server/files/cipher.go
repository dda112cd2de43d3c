//go:build !ret_unsealed

package files

import (
	"encoding/binary"

	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
	cipher "lukechampine.com/adiantum"

	"ret/shared/sqlite"
	"ret/shared/sqlite/gathervfs"
)

// databaseVFS is the VFS of SQLite that encrypts sessions' databases by their keys:
// each block of 4 KiB by Adiantum, without making it longer. It does not notice that
// a block was changed, which turns to noise: the checksum of its page does. That one was
// set back nobody notices.
const databaseVFS = "ret-sealed"

// blocksInMemory is how many blocks of 4 KiB of all sessions' databases are remembered in
// clear: 16 MiB.
const blocksInMemory = 4096

func init() {
	vfs.Register(databaseVFS, gathervfs.Wrap(adiantum.Wrap(vfs.Find(""), nil), blocksInMemory))
}

// encrypted is how a database with a key is opened.
func encrypted(key []byte) sqlite.Config {
	return sqlite.Config{VFS: databaseVFS, Key: key, Checksums: true}
}

// decrypter decrypts blocks of a database's log, each in its place.
func decrypter(key []byte) func(block []byte, at int64) {
	c := cipher.New(key)
	return func(block []byte, at int64) {
		c.Decrypt(block, binary.LittleEndian.AppendUint64(nil, uint64(at)))
	}
}
