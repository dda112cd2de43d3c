package system

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ret/build/retproc"
	"ret/server/keys"
)

// rawDisk is an ext4 file system of its own in a file, in which every block can be read,
// whether or not a file still has it.
type rawDisk struct {
	image  string // the file with the blocks
	folder string // where it is mounted
}

// mountRawDisk makes and mounts one, which takes the rights of root.
func mountRawDisk(t *testing.T) rawDisk {
	t.Helper()
	d := rawDisk{image: filepath.Join(t.TempDir(), "image"), folder: t.TempDir()}
	for _, step := range [][]string{
		{"truncate", "-s", "96M", d.image},
		{"mkfs.ext4", "-q", d.image},
		{"mount", "-o", "loop", d.image, d.folder},
	} {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			retproc.Skip(t, fmt.Sprintf("the raw blocks of a disk, since none can be mounted here: %s: %v %s(the files are looked through all the same)", step[0], err, out))
		}
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.folder, 0); err != nil {
			t.Error(err)
		}
	})
	return d
}

// blocks is all that the disk holds, once what is on its way has been written.
func (d rawDisk) blocks(t testing.TB) []byte {
	t.Helper()
	folder, err := os.Open(d.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := unix.Syncfs(int(folder.Fd())); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(d.image)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantSilent fails the test if the disk holds a canary in any block.
func (d rawDisk) wantSilent(t testing.TB, when string) {
	t.Helper()
	var heard []string
	for place := range bytes.SplitSeq(d.blocks(t), []byte("canary")) {
		for _, c := range canaries {
			if bytes.HasPrefix(place, []byte(c)[len("canary"):]) && !slices.Contains(heard, c) {
				heard = append(heard, c)
			}
		}
	}
	if len(heard) > 0 {
		t.Errorf("%s: the blocks hold %v", when, heard)
	}
}

// openingKeys counts the places of the disk that hold a session's key, for who has the
// master key.
func (d rawDisk) openingKeys(t testing.TB, masterKey, session string) (n int) {
	t.Helper()
	master, err := keys.Open(masterKey, false)
	if err != nil {
		t.Fatal(err)
	}
	b, mark := d.blocks(t), []byte("RETkey01")
	for {
		at := bytes.Index(b, mark)
		if at < 0 || len(b)-at < keys.WrappedSize {
			return n
		}
		if _, err := master.Unwrap(session, b[at:at+keys.WrappedSize]); err == nil {
			n++
		}
		b = b[at+len(mark):]
	}
}

// On the blocks of the disk itself, those too that no file has any more, nothing stands
// in clear at any time, and after a session's end no key of it: while it lives, after its
// end, and after kills within the end and within the start that takes it up.
func TestRawBlocks(t *testing.T) {
	t.Parallel()
	disk := mountRawDisk(t)
	server := retproc.Start(t, ret, retproc.Options{Runtime: filepath.Join(disk.folder, "runtime"), Env: canaryModels(t)})
	who := admin(t, server)
	fill(who)
	id := who.session()
	disk.wantSilent(t, "while the session lives")
	if n := disk.openingKeys(t, server.MasterKey, id); n != 1 {
		t.Errorf("while the session lives its key lies in %d places", n)
	}
	who.do("POST", "/api/v1/logout", nil).want(t, 200)
	disk.wantSilent(t, "after signing out")
	if n := disk.openingKeys(t, server.MasterKey, id); n != 0 {
		t.Errorf("after signing out its key lies in %d places", n)
	}
	kills := 4
	if soak {
		kills = 100
	}
	for n := range kills {
		killWhileEnding(t, server, disk, fmt.Sprintf("kill %d", n))
	}
}

// killWhileEnding fills a session, kills the server while that ends and again while it
// starts, and looks at the disk each time.
func killWhileEnding(t *testing.T, server *retproc.Server, disk rawDisk, which string) {
	t.Helper()
	who := admin(t, server)
	fill(who)
	id := who.session()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if res, err := who.http.Do(who.request("POST", "/api/v1/logout", nil)); err == nil {
			_ = res.Body.Close()
		}
	}()
	// The moments are random on purpose: no signal marks them.
	<-time.After(time.Duration(rand.IntN(40)) * time.Millisecond)
	server.Stop(t, syscall.SIGKILL)
	<-gone
	disk.wantSilent(t, which+", while the session ends")
	server.KillWhileStarting(t, time.Duration(rand.IntN(150))*time.Millisecond)
	disk.wantSilent(t, which+", while the server starts")
	server.Restart(t)
	if who.do("GET", "/api/v1/session", nil).StatusCode == 200 {
		who.do("POST", "/api/v1/logout", nil).want(t, 200) // the kill was first
	}
	eventually(t, 5*time.Second, "sessions and trash are empty", func() bool { return nothingLeft(t, server) })
	disk.wantSilent(t, which+", when all is erased")
	if n := disk.openingKeys(t, server.MasterKey, id); n != 0 {
		t.Errorf("%s: the session's key lies in %d places when all is erased", which, n)
	}
}
