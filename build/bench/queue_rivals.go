package main

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/mikestefanello/backlite"
	_ "github.com/ncruces/go-sqlite3/driver"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// openSQL opens a database as the rivals' documents advise, on the same driver
// and as durable as RET's.
func openSQL(folder string) (*sql.DB, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return sql.Open("sqlite3", "file:"+filepath.Join(folder, "queue.db")+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
}

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// riverQueue is River over its SQLite driver.
type riverQueue struct {
	db     *sql.DB
	client *river.Client[*sql.Tx]
}

type riverArgs struct {
	At time.Time `json:"at"`
}

func (riverArgs) Kind() string { return "empty" }

type riverWorker struct {
	river.WorkerDefaults[riverArgs]
	began func(at time.Time)
}

func (w *riverWorker) Work(_ context.Context, job *river.Job[riverArgs]) error {
	w.began(job.Args.At)
	return nil
}

func openRiver(folder string, began func(at time.Time)) (jobQueue, error) {
	db, err := openSQL(folder)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // as the driver's documentation asks
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, nil)
	if err == nil {
		_, err = migrator.Migrate(context.Background(), rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{began: began})
	client, err := river.NewClient(driver, &river.Config{
		Logger: silent, Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
		// It polls; these are as short as it allows to be useful.
		FetchCooldown: time.Millisecond, FetchPollInterval: 10 * time.Millisecond,
	})
	return &riverQueue{db: db, client: client}, err
}

func (q *riverQueue) enqueue(ctx context.Context, at time.Time) error {
	_, err := q.client.Insert(ctx, riverArgs{At: at}, nil)
	return err
}

func (q *riverQueue) start(ctx context.Context) error { return q.client.Start(ctx) }

func (q *riverQueue) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = q.client.Stop(ctx)
	_ = q.db.Close()
}

// backliteQueue is backlite.
type backliteQueue struct {
	db     *sql.DB
	client *backlite.Client
	stop   context.CancelFunc
}

type backliteTask struct{ At time.Time }

func (backliteTask) Config() backlite.QueueConfig {
	return backlite.QueueConfig{
		Name: "empty", MaxAttempts: 3, Timeout: time.Minute,
		Retention: &backlite.Retention{Duration: time.Hour},
	}
}

func openBacklite(folder string, began func(at time.Time)) (jobQueue, error) {
	db, err := openSQL(folder)
	if err != nil {
		return nil, err
	}
	client, err := backlite.NewClient(backlite.ClientConfig{
		DB: db, ReleaseAfter: 10 * time.Minute, NumWorkers: 10, CleanupInterval: time.Hour,
	})
	if err == nil {
		err = client.Install()
	}
	if err != nil {
		return nil, err
	}
	client.Register(backlite.NewQueue(func(_ context.Context, t backliteTask) error {
		began(t.At)
		return nil
	}))
	return &backliteQueue{db: db, client: client, stop: func() {}}, nil
}

func (q *backliteQueue) enqueue(ctx context.Context, at time.Time) error {
	_, err := q.client.Add(backliteTask{At: at}).Ctx(ctx).Save()
	return err
}

func (q *backliteQueue) start(ctx context.Context) error {
	ctx, q.stop = context.WithCancel(ctx)
	q.client.Start(ctx)
	return nil
}

func (q *backliteQueue) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	q.client.Stop(ctx)
	q.stop()
	_ = q.db.Close()
}
