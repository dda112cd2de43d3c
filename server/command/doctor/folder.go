package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ret/server/keys"
	"ret/server/rundir"
	"ret/shared/fault"
)

func runtimeFolder(_ context.Context, p *patient) (string, error) {
	root := p.cfg.RuntimeRoot
	info, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("%s will be made at the first start", root), nil
	}
	if err != nil || !info.IsDir() {
		return "", wrong(err, "%s is no folder that can be used", root)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", wrong(nil, "others can look into %s; run: chmod 700 %s", root, root)
	}
	if err := rundir.CheckOrphans(root, p.cfg.SessionDB); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is writable, and ours alone", root), nil
}

func keyFile(_ context.Context, p *patient) (string, error) {
	path := p.cfg.MasterKeyFile
	if path == "" {
		return "", wrong(nil, "there is no place for it, as this user has no configuration folder; set RET_MASTER_KEY_FILE")
	}
	inside, err := isInside(path, p.cfg.RuntimeRoot)
	if err != nil {
		return "", wrong(err, "the folder of %s cannot be read", path)
	}
	if inside {
		return "", wrong(nil, "%s lies in the runtime folder, so whoever copies that folder has the key too; move it, and set RET_MASTER_KEY_FILE", path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "none yet; its place is " + path, nil
	case err != nil:
		return "", wrong(err, "%s cannot be read", path)
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0:
		return "", wrong(nil, "others can read %s; run: chmod 600 %s", path, path)
	}
	if _, err := keys.Open(path, false); err != nil {
		return "", wrong(nil, "%s", fault.Message(err))
	}
	return path + " is ours alone; keep a copy of it apart from those of the runtime folder, as both together open it", nil
}

// isInside reports whether path lies below folder, links followed.
func isInside(path, folder string) (bool, error) {
	path, err := resolve(path)
	if err != nil {
		return false, err
	}
	folder, err = resolve(folder)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// resolve follows the links of as much of path as exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	base, err := existing(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(base)
	if err != nil {
		return "", err
	}
	return filepath.Join(real, strings.TrimPrefix(path, base)), nil
}

// maxSkew is how far the disk's clock may be from ours before times of files and
// of sessions contradict each other.
const maxSkew = 10 * time.Second

// clock compares the machine's clock with that of the disk, and with the newest
// time that RET has written.
func clock(ctx context.Context, p *patient) (string, error) {
	now := p.now()
	name := filepath.Join(p.scratch, "clock")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		return "", wrong(err, "nothing can be written into the runtime folder")
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", wrong(err, "nothing can be read from the runtime folder")
	}
	if skew := now.Sub(info.ModTime()).Abs(); skew > maxSkew {
		return "", wrong(nil, "the disk's clock is %s away from this machine's", skew.Round(time.Second))
	}
	last, err := lastWritten(ctx, p.cfg.SessionDB)
	if err == nil && last.After(now.Add(maxSkew)) {
		return "", wrong(nil, "the clock has gone back: the database knows of %s, and it is %s now", last.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return now.UTC().Format(time.RFC3339), nil
}
