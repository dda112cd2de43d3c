package browser

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// shared is the Chromium in which stories have a part of their own.
var shared sharedChromium

type sharedChromium struct {
	mu   sync.Mutex
	ctx  context.Context // nil before the first story
	stop func()
}

// start returns the Chromium, started if there is none or if it has ended. It outlives
// the test; TestMain ends it.
func (s *sharedChromium) start(t *testing.T) context.Context {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx != nil && s.ctx.Err() == nil {
		return s.ctx
	}
	s.end()
	profile, err := os.MkdirTemp("", "ret-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(flags(profile), baseline)...)
	ctx, cancel := chromedp.NewContext(allocator)
	s.ctx, s.stop = ctx, func() {
		cancel()
		stop()
		_ = os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		s.end()
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// end ends the Chromium, if there is one.
func (s *sharedChromium) end() {
	if s.stop != nil {
		s.stop()
	}
	s.ctx, s.stop = nil, nil
}
