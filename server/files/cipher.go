//go:build !ret_unsealed

package files

import (
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"

	"ret/shared/sqlite"
	"ret/shared/sqlite/gathervfs"
)

// databaseVFS is the VFS of SQLite that encrypts sessions' databases by their keys:
// each block of 4 KiB by Adiantum, without making it longer. It does not notice that
// a block was changed or set back; SQLite does where that breaks its structure.
const databaseVFS = "ret-sealed"

func init() {
	vfs.Register(databaseVFS, gathervfs.Wrap(adiantum.Wrap(vfs.Find(""), nil)))
}

// encrypted is how a database with a key is opened.
func encrypted(key []byte) sqlite.Config {
	return sqlite.Config{VFS: databaseVFS, Key: key}
}
