package attack

import (
	"net/http"
	"testing"
)

// A login that announces a hundred megabytes is refused before they are sent.
func TestLargeLoginIsRefusedAtOnce(t *testing.T) {
	server := start(t)
	besiege(t, server, func() {
		s := dial(t, server)
		s.send(head("POST", "/api/v1/login", "Content-Type: application/json\r\n", "Content-Length: 100000000\r\n"))
		if got := s.status(attackTime); got != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d, want 413", got)
		}
		if !s.closed(attackTime) {
			t.Error("the connection stays open for what was refused")
		}
	})
}
