package live_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"ret/server/live"
	"ret/shared/fault"
	"ret/shared/wire"
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

// A client that says hello while its session is being erased hears of the purge,
// whichever is first.
func TestHelloOfAnEndingSessionGetsThePurge(t *testing.T) {
	asked := make(chan struct{})
	s := serve(t, live.Config{Hello: func(context.Context, string, bool) (time.Time, error) {
		close(asked)
		return time.Time{}, fault.New(fault.NotFound, "There is no such session.")
	}}, "a")
	c := s.join("a", wire.Hello{View: wire.ViewHTML})
	<-asked
	s.sessions["a"].room.Purge("logout")()
	if purge := expect[*wire.Purge](c); purge.Reason != wire.ReasonLogout {
		t.Errorf("purged for %q", purge.Reason)
	}
	if code := c.closedWith(); code != wire.CodePurged {
		t.Errorf("closed with %d", code)
	}
}
