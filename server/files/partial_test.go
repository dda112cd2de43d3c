package files_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"ret/server/files"
	"ret/shared/fault"
)

func take(t *testing.T, f *files.Folder, id string) *files.Partial {
	t.Helper()
	p, err := f.TakePartial(t.Context(), id, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPartialKeepsWhatCameBeforeItBrokeOff(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	id := uuid.NewString()
	p := take(t, f, id)
	broken := errors.New("broken off")
	if err := p.Append(io.MultiReader(strings.NewReader("first "), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Fatalf("append: %v", err)
	}
	p.Release()

	// Another run finds it.
	f = openFolder(t, s, "one")
	if err := f.Sweep(func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if size, err := f.PartialSize(id); size != 6 || err != nil || f.PartialBytes() != 6 {
		t.Fatalf("after a restart: %d, %v", size, err)
	}
	p = take(t, f, id)
	defer p.Release()
	if err := p.Append(strings.NewReader("second")); err != nil {
		t.Fatal(err)
	}
	blob, err := p.Blob()
	if err != nil {
		t.Fatal(err)
	}
	if err := blob.Commit(); err != nil {
		t.Fatal(err)
	}
	blob.Discard() // goes back to where it waits
	if blob, err = p.Blob(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(blob.Commit(), p.Drop()); err != nil {
		t.Fatal(err)
	}
	file, err := f.Open(blob.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, _ := io.ReadAll(file); string(got) != "first second" {
		t.Errorf("content %q", got)
	}
	if _, err := f.PartialSize(id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a complete upload is still partial: %v", err)
	}
}

func TestAbandonedPartialsAreDropped(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	idle, busy := uuid.NewString(), uuid.NewString()
	p := take(t, f, idle)
	if err := p.Append(strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	p.Release()
	held := take(t, f, busy)
	defer held.Release()
	if n, err := f.DropAbandoned(time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Fatalf("%d dropped too early, %v", n, err)
	}
	if n, err := f.DropAbandoned(time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Fatalf("%d dropped, %v", n, err)
	}
	if left := regular(t, root); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestPartialNamesAreUUIDs(t *testing.T) {
	s := openStore(t, t.TempDir())
	defer s.Close()
	f := openFolder(t, s, "one")
	for _, id := range []string{"", "..", "../input/a", strings.ToUpper(uuid.NewString()), "{" + uuid.NewString() + "}"} {
		if _, err := f.TakePartial(t.Context(), id, true, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestPartialsAreBounded(t *testing.T) {
	s := openStore(t, t.TempDir())
	defer s.Close()
	f := openFolder(t, s, "one")
	for range files.MaxPartials {
		take(t, f, uuid.NewString()).Release()
	}
	if _, err := f.TakePartial(t.Context(), uuid.NewString(), true, nil); !fault.Is(err, fault.TooMany) {
		t.Errorf("one more: %v", err)
	}
}
