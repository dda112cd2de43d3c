package cache_test

import (
	"encoding/json"
	"testing"

	"ret/shared/cache"
	"ret/shared/workspace"
)

// A mutation of the live channel writes past the cache, which must not go on
// answering with what it has in memory.
func TestThroughForgetsWhatMemoryKnew(t *testing.T) {
	ws := openWorkspace(t, newPath(t))
	c := cache.New(cache.NewMemory(cache.Limits{Entries: 10, Bytes: 1 << 20}), ws.Entries(), cache.Options{})
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Set(t.Context(), "k", []byte("old"), 0); err != nil {
		t.Fatal(err)
	}
	m := workspace.Mutation{Client: "c", N: 1, Name: "entry.put", Args: json.RawMessage(`{"key":"k","value":"bmV3","ttl":60}`)}
	answer, err := ws.Mutate(t.Context(), m, workspace.Around{Entry: c.Through})
	if err != nil || answer.Rejected() {
		t.Fatal(answer, err)
	}
	if e, ok := c.Get(t.Context(), "k"); !ok || string(e.Value) != "new" {
		t.Fatalf("got %q, %v", e.Value, ok)
	}
}
