package live_test

import (
	"path/filepath"
	"testing"

	"ret/server/live"
	"ret/shared/workspace"
)

// A workspace may be opened again while the one before is still being closed;
// closing that one's room must not touch the new one's.
func TestClosingAnOldRoomLeavesTheNewOne(t *testing.T) {
	hub := live.NewHub(live.Config{})
	t.Cleanup(func() { hub.Close(t.Context()) })
	open := func(name string) *workspace.Workspace {
		ws := must(workspace.Open(filepath.Join(t.TempDir(), name), workspace.Options{}))(t)
		t.Cleanup(func() { _ = ws.Close() })
		return ws
	}
	before, after := open("before"), open("after")
	old := hub.Room("a", before)
	current := hub.Room("a", after)
	hub.CloseRoom(old)
	if hub.Room("a", after) != current {
		t.Error("the new room is gone")
	}
	hub.CloseRoom(current)
	if rooms := hub.Figures().Rooms; rooms != 0 {
		t.Errorf("%d rooms are left", rooms)
	}
}
