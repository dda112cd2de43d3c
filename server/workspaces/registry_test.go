package workspaces_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ret/server/files"
	"ret/server/keys"
	"ret/server/live"
	"ret/server/queue"
	"ret/server/session"
	"ret/server/store"
	"ret/server/workspaces"
	"ret/shared/cache"
	"ret/shared/fault"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// alive says which sessions live.
type alive struct {
	mu      sync.Mutex
	ended   map[string]bool
	working map[string]bool
	marks   chan bool     // each mark that is set or taken back
	answer  chan struct{} // if set, keeps who asks waiting until it is closed
}

func (a *alive) Get(id string) (session.Session, error) {
	if a.answer != nil {
		<-a.answer
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended[id] {
		return session.Session{}, session.ErrNoSession
	}
	return session.Session{ID: id}, nil
}

func (a *alive) SetWorking(_ context.Context, id string, working bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.working[id] = working
	a.marks <- working
	return nil
}

func (a *alive) end(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended[id] = true
}

// idle does no jobs.
type idle struct {
	*workspaces.Open
	stand *stand
}

func (i idle) Run(ctx context.Context, _ *queue.Task) error {
	if i.stand.hang != nil {
		i.stand.hang()
	}
	<-ctx.Done()
	return ctx.Err()
}

func (i idle) Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
	_, err := i.Workspace.Finish(ctx, run, out)
	return err
}
func (idle) Progress(string, workspace.Progress) {}

type stand struct {
	*workspaces.Registry

	mu   sync.Mutex
	last map[string]*workspaces.Open // of each session
	hang func()                      // what a job does before it heeds its context

	root     string // of files
	files    *files.Store
	hub      *live.Hub
	sessions *alive
}

func open(t *testing.T, maxOpen int) *stand {
	t.Helper()
	s := &stand{sessions: &alive{ended: map[string]bool{}, working: map[string]bool{}, marks: make(chan bool, 100)}}
	master, err := keys.Open(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	s.root = t.TempDir()
	if s.files, err = files.OpenStore(s.root, master, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	q, hub := queue.New(queue.Config{Workers: 1}), live.NewHub(live.Config{})
	s.hub = hub
	s.Registry = workspaces.New(workspaces.Config{
		Files: s.files, Queue: q, Hub: hub, MaxOpen: maxOpen, SettleEvery: time.Millisecond,
		Runner: func(o *workspaces.Open) queue.Runner { s.opening(t, o); return idle{o, s} },
		Memory: cache.NewMemory(cache.Limits{Entries: 100, Bytes: 1 << 20}),
	})
	s.Bind(s.sessions)
	t.Cleanup(func() {
		hub.Close(context.Background())
		now, cancel := context.WithCancel(context.Background())
		cancel()
		q.Stop(now)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.files.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// opening fails the test if a session is opened that somebody has open already.
func (s *stand) opening(t *testing.T, o *workspaces.Open) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.last[o.SessionID]; before != nil {
		if _, err := before.Usage(context.Background()); err == nil {
			t.Errorf("%s is opened while it is open", o.SessionID)
		}
	}
	if s.last == nil {
		s.last = map[string]*workspaces.Open{}
	}
	s.last[o.SessionID] = o
}

func (s *stand) purge(t *testing.T, id string) session.Receipt {
	t.Helper()
	s.sessions.end(id)
	receipt, err := s.Purge(context.Background(), session.Session{ID: id}, store.ReasonLogout)
	if err != nil {
		t.Error(err)
	}
	return receipt
}

func submit(t *testing.T, o *workspaces.Open) {
	t.Helper()
	if _, _, err := o.Submit(t.Context(), workspace.NewJob{Kind: "test"}); err != nil {
		t.Error(err)
	}
}

func TestPurgeCountsAndLeavesNothing(t *testing.T) {
	for _, wasOpen := range []bool{true, false} {
		t.Run(fmt.Sprintf("open=%v", wasOpen), func(t *testing.T) {
			s := open(t, 1)
			o, release, err := s.Use(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			if wasOpen {
				submit(t, o) // it runs until it is called off
			}
			if err := o.Cache.Set(t.Context(), "k", []byte("v"), 0); err != nil {
				t.Fatal(err)
			}
			release()
			if !wasOpen { // another one takes its place
				_, release, err := s.Use(t.Context(), "b")
				if err != nil {
					t.Fatal(err)
				}
				release()
			}
			receipt := s.purge(t, "a")
			if receipt.CacheEntries != 1 || (receipt.Jobs == 1) != wasOpen {
				t.Errorf("receipt %+v", receipt)
			}
			if has, err := s.files.Has("a"); has || err != nil {
				t.Errorf("the folder is there: %v, %v", has, err)
			}
			if _, _, err := s.Use(t.Context(), "a"); !fault.Is(err, fault.SignedOut) {
				t.Errorf("used after its end: %v", err)
			}
			if _, ok := o.Cache.Get(t.Context(), "k"); ok {
				t.Error("who held it still reads")
			}
		})
	}
}

// However requests and the end of a session meet, the folder is gone afterwards
// and stays so.
func TestNoRequestBringsASessionBack(t *testing.T) {
	s := open(t, 100)
	for round := range 20 {
		id := fmt.Sprint("session-", round)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for {
					o, release, err := s.Use(context.Background(), id)
					if err != nil {
						if !fault.Is(err, fault.SignedOut) {
							t.Error(err)
						}
						return
					}
					_ = o.Cache.Set(context.Background(), "k", []byte("v"), 0) // fails once it is erased
					release()
				}
			})
		}
		all.Go(func() { s.purge(t, id) })
		all.Wait()
		if has, err := s.files.Has(id); has || err != nil {
			t.Fatalf("round %d: the folder is there: %v, %v", round, has, err)
		}
	}
}

func TestOnlyTheIdleAreClosed(t *testing.T) {
	s := open(t, 2)
	busy, release, err := s.Use(t.Context(), "busy")
	if err != nil {
		t.Fatal(err)
	}
	submit(t, busy)
	release()
	held, release, err := s.Use(t.Context(), "held")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for i := range 5 {
		_, release, err := s.Use(t.Context(), fmt.Sprint("idle-", i))
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
	for _, o := range []*workspaces.Open{busy, held} {
		if _, err := o.Usage(t.Context()); err != nil {
			t.Errorf("%s was closed: %v", o.SessionID, err)
		}
	}
	if n := s.Open(); n > 3 {
		t.Errorf("%d workspaces are open", n)
	}
}

// However requests come while workspaces are closed to make room, each session's
// database has one owner at a time, and no request fails.
func TestOneOwnerAtATime(t *testing.T) {
	s := open(t, 1)
	var all sync.WaitGroup
	for hand := range 6 {
		all.Go(func() {
			for i := range 12 {
				o, release, err := s.Use(t.Context(), fmt.Sprint("session-", (hand+i)%3))
				if err != nil {
					t.Error(err)
					return
				}
				for k := range 10 { // closing then takes a while
					if err := o.Cache.Set(t.Context(), fmt.Sprint(k), make([]byte, 200<<10), 0); err != nil {
						t.Error(err)
					}
				}
				release()
			}
		})
	}
	all.Wait()
}

// spoil damages a file of session a.
func (s *stand) spoil(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, "sessions", "a", name), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// dropJobs leaves session a a database that opens and whose jobs cannot be taken up.
func (s *stand) dropJobs(t *testing.T) {
	t.Helper()
	folder, err := s.files.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	name, cfg, err := folder.Database()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(name, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(t.Context(), func(c *sqlite.Conn) error { _, err := c.Exec("DROP TABLE jobs"); return err }); err != nil {
		t.Fatal(err)
	}
}

// Who signs out just as a request opens what is damaged waits for that, and nothing of what
// was opened in part is left for anybody.
func TestPurgeWhileOpeningFails(t *testing.T) {
	for what, damage := range map[string]func(*testing.T, *stand){
		"key":      func(t *testing.T, s *stand) { s.spoil(t, "key") },
		"database": func(t *testing.T, s *stand) { s.spoil(t, "workspace.db") },
		"jobs":     func(t *testing.T, s *stand) { s.dropJobs(t) },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 1)
				for _, id := range []string{"a", "b"} { // for b a is closed again
					_, release, err := s.Use(t.Context(), id)
					if err != nil {
						t.Fatal(err)
					}
					release()
				}
				damage(t, s)
				s.sessions.answer = make(chan struct{})
				var both sync.WaitGroup
				both.Go(func() {
					if _, _, err := s.Use(t.Context(), "a"); err == nil {
						t.Error("what is damaged was opened")
					}
				})
				synctest.Wait()
				both.Go(func() {
					receipt, err := s.Purge(t.Context(), session.Session{ID: "a"}, store.ReasonLogout)
					if err != nil || !receipt.Unknown && what != "jobs" { // which are counted by a counter
						t.Errorf("%+v, %v", receipt, err)
					}
				})
				synctest.Wait()
				close(s.sessions.answer)
				both.Wait()
				if has, err := s.files.Has("a"); has || err != nil {
					t.Errorf("a folder is left: %v, %v", has, err)
				}
				if rooms := s.hub.Figures().Rooms; rooms != 1 {
					t.Errorf("%d rooms are left, want b's", rooms)
				}
			})
		})
	}
}

// A purge does not wait for a job that heeds nothing, and nothing is left.
func TestPurgeOfAHangingJob(t *testing.T) {
	s := open(t, 1)
	o, release, err := s.Use(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	began, hang := make(chan struct{}), make(chan struct{})
	defer close(hang)
	s.hang = func() { close(began); <-hang }
	submit(t, o)
	release()
	<-began
	at := time.Now()
	s.purge(t, "a")
	if took := time.Since(at); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if has, err := s.files.Has("a"); has || err != nil {
		t.Errorf("the folder is there: %v, %v", has, err)
	}
}

// The mark that a session has work comes before the work.
func TestExpectMarksBeforeTheJob(t *testing.T) {
	s := open(t, 2)
	o, release, err := s.Use(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	done, err := o.Expect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	if !s.sessions.working["a"] {
		t.Error("the session is not marked")
	}
}

// An earlier run may have died between a job's end and the note of it. The mark
// would keep the session alive for ever.
func TestMarkOfAnEarlierRunIsTakenBack(t *testing.T) {
	s := open(t, 2)
	ctx, stop := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() { s.Watch(ctx) })
	t.Cleanup(func() {
		stop()
		watch.Wait()
	})
	_, release, err := s.Use(t.Context(), "a") // as a start does for marked sessions
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	select {
	case working := <-s.sessions.marks:
		if working {
			t.Error("it was marked instead")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the mark stays")
	}
}
