package attack

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"ret/build/retproc"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// On a full disk what frees it still works, and what needs room says why it cannot.
func TestFullDisk(t *testing.T) {
	root := smallDisk(t, "64m")
	server := retproc.Start(t, ret, retproc.Options{Runtime: filepath.Join(root, "runtime")})
	who := signIn(t, server, "admin")
	var first struct{ Items []struct{ ID string } }
	who.upload("/api/v1/files", "first", make([]byte, 1<<20)).want(t, 201).decode(t, &first)
	refused := false
	for range 40 {
		a := who.upload("/api/v1/files", "more", make([]byte, 4<<20))
		if a.err == nil && a.status == http.StatusInsufficientStorage {
			refused = true
			if !strings.Contains(string(a.content), "disk") {
				t.Errorf("it says %s", a.content)
			}
			break
		}
		a.want(t, 201)
	}
	if !refused {
		t.Fatal("160 MB went onto a disk of 64")
	}
	for _, value := range [][]byte{make([]byte, 8<<20), make([]byte, 8<<20)} {
		who.do("PUT", "/api/v1/cache/"+uuid.NewString(), value).want(t, http.StatusInsufficientStorage)
	}
	for who.upload("/api/v1/files", "little", make([]byte, 256<<10)).status == http.StatusCreated {
	}
	conn, err := who.live("puts")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	value := base64.StdEncoding.EncodeToString(make([]byte, 512<<10))
	_ = conn.WriteMessage(websocket.TextMessage, change(t, "puts", 1, workspace.MutationEntryPut, `{"key":"k","value":"`+value+`"}`))
	if a, err := hear[*wire.Rejected](conn, attackTime); err != nil || !strings.Contains(a.Detail, "disk") {
		t.Errorf("over the live channel: %+v, %v", a, err)
	}
	other := signIn(t, server, "admin")
	other.upload("/api/v1/files", "more", make([]byte, 4<<20)).want(t, http.StatusInsufficientStorage)
	who.do("DELETE", "/api/v1/files/"+first.Items[0].ID, nil).want(t, http.StatusNoContent)
	other.signOut()
	who.signOut()
	eventually(t, attackTime, "the disk has room again", func() bool {
		return onDisk(t, server, "*") == 0
	})
	signIn(t, server, "admin").upload("/api/v1/files", "again", make([]byte, 4<<20)).want(t, 201)
}

// smallDisk mounts a disk of a few megabytes, which takes the rights of root.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		retproc.Skip(t, "the full disk, which only root can mount (its reserve is tested in server/files)")
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		retproc.Skip(t, fmt.Sprintf("the full disk, since none can be mounted here: %v (its reserve is tested in server/files)", err))
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}
