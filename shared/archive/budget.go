package archive

import (
	"io"

	"ret/shared/fault"
)

// budget is what one outermost archive may still give out. Where an archive
// announces sizes they are judged in the order of its directory, before anything
// is unpacked, and reading is cut at the announced size, so that announcing less
// than there is gains nothing. Elsewhere what comes out is counted.
type budget struct {
	limits     Limits
	files      int
	nameBytes  int64
	floorBytes int64 // what may come out beyond the ratio
}

func newBudget(l Limits) *budget {
	return &budget{limits: l, files: l.Files, nameBytes: l.NameBytes, floorBytes: l.RatioFloorBytes}
}

// layer is where the bytes of an entry come from.
type layer struct {
	budget *budget
	depth  int // archives and packings around

	// share is how many bytes of the outermost archive each byte stands for:
	// what comes out is measured against the outermost. Fifield's "A better zip
	// bomb" (2019) shows why entries must be judged together too.
	share float64
}

// within is the layer inside an archive or packing whose size bytes were packed
// in so many.
func (l layer) within(packed, size int64) layer {
	l.share *= float64(packed) / float64(max(size, 1))
	return l
}

// fair is how many bytes may come out of so many.
func (l layer) fair(packed int64) float64 {
	return float64(packed) * l.share * float64(l.budget.limits.Ratio)
}

// deeper fails where what lies in this layer may not be opened any more.
func (l layer) deeper() (layer, error) {
	if l.depth >= l.budget.limits.Depth {
		return l, fault.New(fault.TooLarge, "Archives are nested more than %d deep here. Unpack the inner ones.", l.budget.limits.Depth)
	}
	l.depth++
	return l, nil
}

func (l layer) spendUnless(spent bool, packed, size int64) error {
	if spent {
		return nil
	}
	return l.spend(packed, size)
}

// spend takes the size that an entry announces from the budget.
func (l layer) spend(packed, size int64) error {
	beyond := float64(size) - l.fair(packed)
	if beyond <= 0 {
		return nil
	}
	if beyond > float64(l.budget.floorBytes) {
		return tooMuch(l.budget.limits)
	}
	l.budget.floorBytes -= int64(beyond)
	return nil
}

func tooMuch(limits Limits) error {
	return fault.New(fault.TooLarge, "This file would grow to more than %d times its size in the archive, as harmful archives do. If it is what you expect, unpack it yourself and hand it over.", limits.Ratio)
}

// metered gives what r unpacks from so many bytes, up to what the budget allows;
// settle has to be called at the end.
func (l layer) metered(r io.Reader, packed int64) *meter {
	fair := l.fair(packed)
	return &meter{r: r, layer: l, fair: fair, left: int64(min(fair, 1<<62)) + l.budget.floorBytes}
}

type meter struct {
	r    io.Reader
	fair float64
	left int64
	n    int64
	layer
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		var one [1]byte
		if n, err := io.ReadFull(m.r, one[:]); n == 0 {
			return 0, err
		}
		return 0, tooMuch(m.budget.limits)
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	m.n += int64(n)
	return n, err
}

// settle takes what came out from the budget.
func (m *meter) settle() {
	if beyond := float64(m.n) - m.fair; beyond > 0 {
		m.budget.floorBytes -= int64(beyond)
	}
}

// admitFile counts one more file of this path.
func (b *budget) admitFile(path string) error {
	if b.files--; b.files < 0 {
		return fault.New(fault.TooLarge, "The archive holds more than %d files; this one is over the limit. Split the archive.", b.limits.Files)
	}
	b.nameBytes -= int64(len(path))
	return nil
}

// namesSpent fails once the names in an archive are too long together. What comes
// then is not even listed.
func (b *budget) namesSpent() error {
	if b.nameBytes >= 0 {
		return nil
	}
	return fault.New(fault.TooLarge, "The names of the files in this archive are together over %d bytes. What lies behind them was not looked at.", b.limits.NameBytes)
}
