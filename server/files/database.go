package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

const (
	databaseName = "workspace.db"

	// madeName is an empty file that says that the folder has had its database.
	madeName = "made"
)

// ErrLost says that a session's database is gone while its folder is there.
var ErrLost = fault.New(fault.Damaged, "What this session holds is damaged: its database is missing. Nothing was deleted. Tell whoever runs this server, who may have a copy of it; or sign out, which erases the rest.")

// Database says where the session's database lies and how it is opened, and prepares
// that. It is called each time before the database is opened.
func (f *Folder) Database() (path string, cfg sqlite.Config, err error) {
	key, err := f.key.Derive(databaseName)
	if err == nil {
		err = f.mendLog(key)
	}
	if err != nil {
		return "", cfg, err
	}
	return filepath.Join(f.dir, databaseName), encrypted(key), nil
}

// CheckDatabase says whether the session's database may be opened. Where it is
// missing or empty it may be created only in a folder that never had one: anywhere
// else a new one would know nothing of what is there, and Sweep would delete it all.
// That is ErrLost.
func (f *Folder) CheckDatabase() error {
	info, err := f.root.Stat(databaseName)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for database: %w", classify(err))
	}
	had, err := f.hadDatabase()
	if err == nil && had {
		err = ErrLost
	}
	return err
}

// DatabaseMade notes that the folder has its database now.
func (f *Folder) DatabaseMade() error {
	if _, err := f.root.Stat(madeName); err == nil {
		return nil
	}
	file, err := f.root.OpenFile(madeName, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(file.Sync(), file.Close(), syncDirs(f.root, "."))
	}
	if err != nil {
		return fmt.Errorf("note database: %w", classify(err))
	}
	return nil
}

// hadDatabase reports whether the folder was noted or has content, which nothing
// but a database refers to.
func (f *Folder) hadDatabase() (bool, error) {
	if _, err := f.root.Stat(madeName); err == nil {
		return true, nil
	}
	for _, area := range []string{input, output, partial} {
		entries, err := fs.ReadDir(f.root.FS(), area)
		if err != nil {
			return false, fmt.Errorf("look for content: %w", classify(err))
		}
		if len(entries) > 0 {
			return true, nil
		}
	}
	return false, nil
}
