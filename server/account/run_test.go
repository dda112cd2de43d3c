package account_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunSweepsUntilItIsStopped(t *testing.T) {
	cfg := limits()
	cfg.MaxAttempts = 1
	inWorld(t, cfg, func(t *testing.T, w *world) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Run(ctx, slog.Default())
		}()
		w.signIn("nobody", "x", home)
		if n := w.stored(); n != 2 {
			t.Fatalf("%d rows of a try", n)
		}
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if n := w.stored(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		stop()
		<-ended
	})
}
