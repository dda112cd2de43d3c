package cache_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/cache"
)

// model is the plain thing that the cache must behave like.
type model struct {
	clock   *testClock
	entries map[string]modelEntry
}

type modelEntry struct {
	value   string
	expires time.Time // zero if never
}

func (m *model) alive(e modelEntry) bool {
	return e.expires.IsZero() || m.clock.Now().Before(e.expires)
}

func (m *model) get(key string) (string, bool) {
	e, ok := m.entries[key]
	return e.value, ok && m.alive(e)
}

func (m *model) set(key, value string, ttl time.Duration) {
	e := modelEntry{value: value}
	if ttl > 0 {
		e.expires = m.clock.Now().Add(ttl).Truncate(time.Millisecond)
	}
	m.entries[key] = e
}

func (m *model) remove(match func(string) bool) (n int) {
	for key, e := range m.entries {
		if match(key) {
			if m.alive(e) {
				n++
			}
			delete(m.entries, key)
		}
	}
	return n
}

func (m *model) live() (entries, bytes int64) {
	for key, e := range m.entries {
		if m.alive(e) {
			entries++
			bytes += int64(len(key) + len(e.value))
		}
	}
	return entries, bytes
}

// run drives a cache and the model with the same random operations.
type run struct {
	*testing.T
	random *rand.Rand
	model  *model
	cache  *cache.Cache
	memory *cache.Memory
	reopen func() *cache.Cache // ends the process, as it were, and starts it again
	fail   func(bool)          // breaks or heals the disk; nil if it cannot
	broken bool
	bound  bool // the stored tier is bounded, so entries may go
	serial int
}

// steps is how many operations a property test makes.
func steps() int {
	if os.Getenv("RET_SOAK") == "1" {
		return 200_000
	}
	return 1000
}

func (r *run) drive() {
	ops := []struct {
		weight int
		do     func()
	}{
		{30, r.get},
		{20, r.set},
		{15, r.setBehind},
		{8, r.delete},
		{8, r.load},
		{3, r.deletePrefix},
		{2, r.deletePattern},
		{8, func() { r.model.clock.advance(time.Duration(r.random.IntN(5000)) * time.Millisecond) }},
		{2, r.stats},
		{1, r.sweep},
		{1, r.restart},
		{2, r.toggle},
	}
	var deck []func()
	for _, op := range ops {
		for range op.weight {
			deck = append(deck, op.do)
		}
	}
	for range steps() {
		r.model.clock.advance(time.Millisecond)
		deck[r.random.IntN(len(deck))]()
	}
	r.heal()
	for key := range maps.Clone(r.model.entries) {
		r.check(key)
	}
}

func (r *run) key() string {
	parts := []string{"a", "b", "%", "_", "*", "?", "é", "\xff"}
	return fmt.Sprintf("%s:%s%d", parts[r.random.IntN(len(parts))], parts[r.random.IntN(len(parts))], r.random.IntN(6))
}

func (r *run) value() string {
	r.serial++
	return fmt.Sprintf("%d:%s", r.serial, strings.Repeat("v", r.random.IntN(300)))
}

func (r *run) ttl() time.Duration {
	return []time.Duration{cache.Forever, time.Second, 30 * time.Second, 1500 * time.Millisecond}[r.random.IntN(4)]
}

func (r *run) get() { r.check(r.key()) }

// check compares one key. A miss is wrong, unless the disk is broken or the
// stored tier may have dropped the entry, which must then stay away.
func (r *run) check(key string) {
	r.Helper()
	expect, there := r.model.get(key)
	e, ok := r.cache.Get(r.Context(), key)
	switch {
	case ok && (!there || string(e.Value) != expect):
		r.Fatalf("%q is %.20q; want %.20q, %v", key, e.Value, expect, there)
	case !ok && there && r.bound && !r.broken:
		delete(r.model.entries, key)
	case !ok && there && !r.broken:
		r.Fatalf("%q is missing; want %.20q", key, expect)
	}
}

func (r *run) set() {
	key, value, ttl := r.key(), r.value(), r.ttl()
	if err := r.cache.Set(r.Context(), key, []byte(value), ttl); r.worked(err) {
		r.model.set(key, value, ttl)
	}
}

// setBehind is not done on a broken disk, where its outcome is left to luck.
func (r *run) setBehind() {
	if r.broken {
		return
	}
	key, value, ttl := r.key(), r.value(), r.ttl()
	if err := r.cache.SetBehind(key, []byte(value), ttl); err != nil {
		r.Fatal(err)
	}
	r.model.set(key, value, ttl)
}

func (r *run) delete() {
	key := r.key()
	if err := r.cache.Delete(r.Context(), key); r.worked(err) {
		delete(r.model.entries, key)
	}
}

func (r *run) load() {
	if r.broken {
		return
	}
	key, value, ttl := r.key(), r.value(), r.ttl()
	// A load gives way to an earlier write of the key that is still being brought to
	// disk, of an entry that has expired meanwhile too: then nothing is kept of it.
	r.stats()
	e, err := r.cache.GetOrLoad(r.Context(), key, ttl, func(context.Context) ([]byte, error) { return []byte(value), nil })
	if err != nil {
		r.Fatal(err)
	}
	expect, there := r.model.get(key)
	switch {
	case string(e.Value) == value && (!there || r.bound):
		r.model.set(key, value, ttl)
	case !there || string(e.Value) != expect:
		r.Fatalf("loading %q gave %.20q; want %.20q, %v", key, e.Value, expect, there)
	}
}

func (r *run) deletePrefix() {
	prefix := r.key()[:1+r.random.IntN(3)]
	n, err := r.cache.DeletePrefix(r.Context(), prefix)
	r.removed(n, err, func(key string) bool { return strings.HasPrefix(key, prefix) })
}

func (r *run) deletePattern() {
	pattern := r.key()[:1] + "*" + fmt.Sprint(r.random.IntN(6))
	n, err := r.cache.DeletePattern(r.Context(), pattern)
	r.removed(n, err, func(key string) bool { return cache.Matches(pattern, key) })
}

func (r *run) removed(n int, err error, match func(string) bool) {
	r.Helper()
	if !r.worked(err) {
		return
	}
	if expect := r.model.remove(match); n != expect && (!r.bound || n > expect) {
		r.Fatalf("%d were removed, want %d", n, expect)
	}
}

func (r *run) stats() {
	s, err := r.cache.Stats(r.Context())
	if !r.worked(err) || r.bound {
		return
	}
	if entries, bytes := r.model.live(); s.Entries != entries || s.Bytes != bytes {
		r.Fatalf("stats are %+v, want %d entries with %d bytes", s, entries, bytes)
	}
}

func (r *run) sweep() { r.worked(r.cache.Sweep()) }

func (r *run) restart() {
	r.heal()
	r.cache = r.reopen()
}

// toggle breaks the disk for a while. What is behind is brought to it before,
// since it would be lost.
func (r *run) toggle() {
	if r.fail == nil {
		return
	}
	if r.broken {
		r.heal()
		return
	}
	r.stats()
	r.broken = true
	r.fail(true)
}

func (r *run) heal() {
	if r.broken {
		r.broken = false
		r.fail(false)
	}
}

// worked says whether an operation took place, which it must on a sound disk.
func (r *run) worked(err error) bool {
	r.Helper()
	if err != nil && !r.broken {
		r.Fatal(err)
	}
	return err == nil
}

// start returns a run over a workspace at path that reopen opens again.
func start(t *testing.T, seed uint64, limits cache.Limits, maxStored int64, open func() cache.Store, closed func()) *run {
	clock := newTestClock()
	r := &run{
		T: t, random: rand.New(rand.NewPCG(seed, 1)), bound: maxStored > 0,
		model: &model{clock: clock, entries: make(map[string]modelEntry)},
	}
	opts := cache.Options{MaxStoredBytes: maxStored, Now: clock.Now}
	r.memory = cache.NewMemory(limits)
	r.cache = cache.New(r.memory, open(), opts)
	r.reopen = func() *cache.Cache {
		if err := r.cache.Close(); err != nil {
			t.Fatal(err)
		}
		if held := r.memory.Held(); held.Entries != 0 || held.Bytes != 0 {
			t.Fatalf("a closed cache left %+v in memory", held)
		}
		closed()
		return cache.New(r.memory, open(), opts)
	}
	t.Cleanup(func() { _ = r.cache.Close() })
	return r
}

var modelLimits = map[string]cache.Limits{
	"all in memory": roomy,
	"some":          {Entries: 20, Bytes: 16 << 10},
	"none":          none,
}

func TestLikeTheModel(t *testing.T) {
	for i, name := range slices.Sorted(maps.Keys(modelLimits)) {
		for _, maxStored := range []int64{0, 20 << 10} {
			t.Run(fmt.Sprintf("%s in memory, %d stored", name, maxStored), func(t *testing.T) {
				t.Parallel()
				path := newPath(t)
				var last interface{ Close() error }
				open := func() cache.Store {
					w := openWorkspace(t, path)
					last = w
					return w.Entries()
				}
				start(t, uint64(i), modelLimits[name], maxStored, open, func() { _ = last.Close() }).drive()
			})
		}
	}
}
