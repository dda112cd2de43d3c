package archive

import (
	"archive/zip"

	"ret/shared/fault"
)

// budget is what one outermost archive may still give out. It is judged in the
// order of the directories, before anything is unpacked: reading is cut at the
// announced size, so an archive that announces less than it holds gains nothing.
type budget struct {
	limits     Limits
	files      int
	floorBytes int64 // what may come out beyond the ratio
}

func newBudget(l Limits) *budget {
	return &budget{limits: l, files: l.Files, floorBytes: l.RatioFloorBytes}
}

// admit says why f may not be opened, or nil.
func admit(c *container, f *zip.File) error {
	b := c.budget
	if b.files--; b.files < 0 {
		return fault.New(fault.TooLarge, "The archive holds more than %d files; this one is over the limit. Split the archive.", b.limits.Files)
	}
	if f.Flags&flagEncrypted != 0 {
		return fault.New(fault.Invalid, "This file is encrypted. RET knows no passwords: unpack the archive yourself and hand over what is in it.")
	}
	if c.spent += int64(f.CompressedSize64); c.spent > c.size || c.spent < 0 {
		return fault.New(fault.TooLarge, "The archive announces more data than it has room for: its files overlap. It is damaged, or made to do harm.")
	}
	return b.spend(c, f)
}

// spend takes f's size from the budget. Fifield's "A better zip bomb" (2019)
// shows why entries must be judged together and archives against the outermost.
func (b *budget) spend(c *container, f *zip.File) error {
	fair := float64(f.CompressedSize64) * c.share * float64(b.limits.Ratio)
	beyond := float64(f.UncompressedSize64) - fair
	if beyond <= 0 {
		return nil
	}
	if beyond > float64(b.floorBytes) {
		return fault.New(fault.TooLarge, "This file would grow to more than %d times its size in the archive, as harmful archives do. If it is what you expect, unpack it yourself and hand it over.", b.limits.Ratio)
	}
	b.floorBytes -= int64(beyond)
	return nil
}
