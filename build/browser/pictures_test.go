//go:build pictures

package browser

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ret/build/pictures"
)

// TestPictures takes the pictures in docs/pictures anew.
func TestPictures(t *testing.T) {
	const folder = "../../docs/pictures"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	walk(t, func(tab *Tab, station string) {
		for _, look := range pictures.Looks {
			tab.Do(chromedp.EmulateViewport(look.Width, look.Height), wears(look.Theme))
			tab.Until(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`)
			tab.Do(photograph(filepath.Join(folder, pictures.File(station, look))))
		}
	})
}

// quality is what text needs to stay sharp, of 100.
const quality = 55

func photograph(file string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		most := int64(quality)
		taken, err := cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &most})
		if err != nil {
			return err
		}
		return os.WriteFile(file, taken.Data, 0o644)
	})
}
