// Package app joins the server's parts to one that runs: it makes them in order, takes
// up what an earlier run left, serves, and closes them in the reverse order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"ret/server/account"
	"ret/server/config"
	"ret/server/connections"
	"ret/server/files"
	"ret/server/httpapi"
	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/server/keys"
	"ret/server/live"
	"ret/server/meaning"
	"ret/server/metrics"
	"ret/server/queries"
	"ret/server/queue"
	"ret/server/ratelimit"
	"ret/server/receipt"
	"ret/server/session"
	"ret/server/store"
	"ret/server/workspaces"
	"ret/shared/cache"
	"ret/shared/query"
	"ret/shared/sqlite"
	"ret/web/asset"
)

// How long a stopping server waits: for requests, then for jobs, before it puts
// them back; and for the ends of sessions.
const (
	requestsEnd = 5 * time.Second
	jobsEnd     = 10 * time.Second
	sessionsEnd = 5 * time.Second
)

// App is a running server: its parts in the order in which they are made, which
// is the reverse of that in which they are closed.
type App struct {
	version    string
	cfg        config.Config
	log        *slog.Logger
	central    *sqlite.DB
	files      *files.Store
	queue      *queue.Queue
	hub        *live.Hub
	workspaces *workspaces.Registry
	sessions   *session.Registry
	accounts   *account.Accounts
	limits     *ratelimit.Buckets
	api        *httpapi.Server
	queries    *queries.Queries
	metrics    *metrics.Metrics
	scrapes    sync.WaitGroup

	memory *jobs.Memory // what jobs may take together
	asking *jobs.Asking // nil: no questions are answered

	embedding meaning.Model // nil: rows are not found by what they mean

	background context.CancelFunc
	loops      sync.WaitGroup // what background stops
}

// New makes the parts, of this version of the program. If it fails, what was made is
// closed again.
func New(ctx context.Context, loaded config.Loaded, cfg config.Config, version string, log *slog.Logger) (a *App, err error) {
	a = &App{version: version, cfg: cfg, log: log, memory: jobs.NewMemory(jobMemory()), asking: newAsking(cfg)}
	limitMemory(cfg)
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.central, err = store.Open(cfg.SessionDB); err != nil {
		return a, err
	}
	if a.files, err = openFiles(cfg, log); err != nil {
		return a, err
	}
	a.metrics = metrics.New()
	a.queue = queue.New(queue.Config{Workers: cfg.Workers, Log: log, Observe: a.metrics})
	a.limits = a.newLimits()
	a.hub = live.NewHub(live.Config{Log: log, Origin: origin(cfg), Hello: a.hello, Used: a.used, Mutate: a.mutate, Admit: a.admitMutation})
	memory := cache.NewMemory(cache.Limits{Entries: cfg.CacheMaxEntries, Bytes: cfg.CacheMaxBytes})
	a.queries = queries.New(query.Limits{Time: cfg.QueryTime, Bytes: cfg.QueryBytes}, runtime.GOMAXPROCS(0))
	if a.embedding, err = newEmbedding(cfg); err != nil {
		return a, err
	}
	a.workspaces = workspaces.New(workspaces.Config{
		Meaning: a.meaning(),
		Files:   a.files, Queue: a.queue, Hub: a.hub, Runner: a.runner, Log: log,
		MaxSessionBytes: a.cfg.MaxSessionBytes,
		Memory:          memory,
		Cache: cache.Options{
			TTL: cfg.SessionIdle, MaxStoredBytes: cfg.MaxSessionCacheBytes,
			Log: func(err error) { log.Error("cache", "err", err) },
		},
	})
	signing, err := keys.Receipt(cfg.MasterKeyFile)
	if err != nil {
		return a, err
	}
	a.sessions, err = session.Open(ctx, a.central, session.Config{
		Idle: cfg.SessionIdle, OfflineIdle: cfg.SessionOfflineIdle, MaxAge: cfg.SessionMaxAge,
		Purger: a.workspaces, Sign: receipt.NewSigner(signing).Add, Prepare: a.prepareSession, InUse: a.workspaces.InUse, Log: log,
	})
	if err != nil {
		return a, err
	}
	a.workspaces.Bind(a.sessions)
	if a.accounts, err = a.newAccounts(); err != nil {
		return a, err
	}
	if a.api, err = a.newAPI(loaded); err != nil {
		return a, err
	}
	a.describe(a.metrics, memory)
	return a, nil
}

// openFiles opens the sessions' folders with the master key, which is made only where
// it has wrapped nothing yet.
func openFiles(cfg config.Config, log *slog.Logger) (*files.Store, error) {
	wrapped, err := files.HasSessions(cfg.RuntimeRoot)
	if err != nil {
		return nil, fmt.Errorf("look for sessions: %w", err)
	}
	master, err := keys.Open(cfg.MasterKeyFile, !wrapped)
	if err != nil {
		return nil, err
	}
	store, err := files.OpenStore(cfg.RuntimeRoot, master, log)
	if err != nil {
		return nil, err
	}
	if err := store.CheckKeys(); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// prepareSession makes a session's folder and key.
func (a *App) prepareSession(id string) (undo func(), err error) {
	folder, err := a.files.Open(id)
	if err != nil {
		return nil, err
	}
	undo = func() {
		_, err := a.files.Remove(id)
		a.complain("remove the folder of a session that did not begin", err)
	}
	return undo, folder.Close()
}

func (a *App) newAccounts() (*account.Accounts, error) {
	secret, err := account.LoadSecret(filepath.Join(a.cfg.RuntimeRoot, "server.key"))
	if err != nil {
		return nil, err
	}
	signIns := a.cfg.RateLimitLoginRequests
	if !a.cfg.RateLimited() {
		signIns = 0
	}
	return account.New(a.central, account.Config{
		MaxAttempts: a.cfg.MaxLoginAttempts, Lockout: a.cfg.LoginLockout,
		SignIns: signIns, Window: a.cfg.RateLimitWindow, Sessions: a.sessions, Secret: secret,
	}), nil
}

func (a *App) newAPI(loaded config.Loaded) (*httpapi.Server, error) {
	assets, err := asset.Load()
	if err != nil {
		return nil, err
	}
	if !assets.HasModule() {
		a.log.Warn("built without the browser's module: pages follow the server and keep no copy")
	}
	return httpapi.New(httpapi.Parts{
		Config: a.cfg, Settings: loaded.InForce(), Version: a.version, Log: a.log, Accounts: a.accounts, Sessions: a.sessions,
		Workspaces: a.workspaces, Queue: a.queue, Hub: a.hub, Assets: assets, Limits: a.limits,
		Inspector: jobs.NewInspector(a.cfg.ConvertLimits(), a.cfg.Workers), Queries: a.queries, Asking: a.asking, Embedding: a.embeddingEndpoint(),
	}), nil
}

func (a *App) newLimits() *ratelimit.Buckets {
	return ratelimit.NewBuckets(ratelimit.Rates{
		Window: a.cfg.RateLimitWindow, Addresses: a.cfg.RateLimitRequests,
		Sessions: a.cfg.RateLimitSessionRequests, Uploads: a.cfg.RateLimitUploadRequests,
	}, func(err error) { a.log.Error("rate limiter", "err", err) })
}

// runner does the jobs of an open workspace.
func (a *App) runner(o *workspaces.Open) queue.Runner {
	return &jobs.Runner{
		Workspace: o.Workspace, Folder: o.Folder, Index: o.Index, Show: o.Room.Progress, Memory: a.memory,
		Limits: a.cfg.ConvertLimits(), Workers: max(1, a.cfg.Workers), MaxSessionBytes: a.cfg.MaxSessionBytes, Log: a.log,
		Asking: a.asking, Meaning: o.Meaning,
		Query: func(ctx context.Context, sql string, rows int) (*query.Result, error) {
			return a.queries.Run(ctx, queries.Session{ID: o.SessionID, Workspace: o.Workspace, Folder: o.Folder}, sql, rows)
		},
	}
}

// Start takes up what an earlier run left: half-ended sessions and unfinished
// jobs.
func (a *App) Start() error {
	ctx, cancel := context.WithCancel(context.Background())
	if err := a.serveMetrics(ctx, a.metrics); err != nil {
		cancel()
		return err
	}
	a.background = cancel
	if err := a.sweepUnknown(ctx); err != nil {
		return err
	}
	if err := a.endUnkeyed(ctx); err != nil {
		return err
	}
	a.sessions.Start()
	a.loops.Go(func() { a.accounts.Run(ctx, a.log) })
	a.loops.Go(func() {
		for _, s := range a.sessions.Working() {
			_, release, err := a.workspaces.Use(ctx, s.ID)
			if err != nil {
				a.log.Error("unfinished jobs of a session not taken up", "session", s.ID, "err", err)
				continue
			}
			release()
		}
		a.workspaces.Watch(ctx)
	})
	return nil
}

// FirstAdmin makes the first account where there is none, and returns the password
// that was made up for it, or "" if it was chosen.
func (a *App) FirstAdmin(ctx context.Context) (password string, err error) {
	return a.accounts.EnsureAdmin(ctx, a.cfg.AdminPassword)
}

// Handler answers requests, for those who serve them in their own way.
func (a *App) Handler() http.Handler { return a.api.Handler() }

// Serve answers requests on the listener until ctx is done, then stops in order:
// no more requests, sockets told to come back, jobs ended or put back.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	limited := connections.Limit(listener, a.connectionLimits())
	a.metrics.Counter("connections_refused", "Connections over a limit, closed as they came.", func() float64 { return float64(limited.Refused()) })
	server := &http.Server{
		Handler:           a.Handler(),
		ConnContext:       chain.ConnContext,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() {
		if a.cfg.TLS() {
			failed <- server.ServeTLS(limited, a.cfg.TLSCert, a.cfg.TLSKey)
		} else {
			failed <- server.Serve(limited)
		}
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	a.hub.Close(context.Background())
	wait, cancel := context.WithTimeout(context.Background(), requestsEnd)
	defer cancel()
	if err := server.Shutdown(wait); err != nil {
		_ = server.Close() // what is still at it is cut off
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (a *App) connectionLimits() connections.Limits {
	perAddress := a.cfg.RateLimitConnections
	if !a.cfg.RateLimited() {
		perAddress = 0
	}
	limits := connections.Within(connections.Descriptors(), perAddress)
	limits.Exempt = ratelimit.Proxies(a.cfg.TrustedProxies).Trusts
	return limits
}

// closesWithin is how long closing may take in all: longer than its parts are given.
// A job that is called off is cut off after a second and a half, so nothing should
// need it; but a process that was told to stop stops, whatever runs in it.
const closesWithin = jobsEnd + sessionsEnd + 5*time.Second

// Close closes what was made, in reverse order. What does not end in time is left
// to the end of the process; the next start takes it up.
func (a *App) Close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		a.closeParts()
	}()
	select {
	case <-closed:
	case <-time.After(closesWithin):
		a.log.Error("not all could be closed in time", "waited", closesWithin)
	}
}

func (a *App) closeParts() {
	if a.background != nil {
		a.background()
		a.loops.Wait()
		a.scrapes.Wait()
	}
	if a.queue != nil {
		ctx, cancel := context.WithTimeout(context.Background(), jobsEnd)
		a.queue.Stop(ctx)
		cancel()
	}
	if a.sessions != nil {
		ctx, cancel := context.WithTimeout(context.Background(), sessionsEnd)
		a.complain("close sessions", a.sessions.Close(ctx))
		cancel()
	}
	if a.workspaces != nil {
		a.complain("close workspaces", a.workspaces.Close())
	}
	if a.files != nil {
		a.complain("close files", a.files.Close())
	}
	if a.central != nil {
		a.complain("close central database", a.central.Close())
	}
}

func (a *App) complain(what string, err error) {
	if err != nil {
		a.log.Error(what, "err", err)
	}
}
