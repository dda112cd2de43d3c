package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"ret/build/browser/headless"
	"ret/web/page/pagetest"
)

// look is how a picture is taken.
type look struct {
	theme         string
	width, height int64
}

var looks = []look{{"light", 1280, 860}, {"dark", 1280, 860}, {"light", 360, 760}, {"dark", 360, 760}}

// photograph takes a picture of each state in each look, into folder, and says
// which pages are wider than their window.
func photograph(ctx context.Context, server, folder string, states []pagetest.State) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	ctx, cancel := chromedp.NewExecAllocator(ctx, append(headless.Flags(), chromedp.Flag("hide-scrollbars", true))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	for _, l := range looks {
		if err := chromedp.Do(ctx, wear(l)); err != nil {
			return err
		}
		for _, s := range states {
			file := filepath.Join(folder, fmt.Sprintf("%s-%s-%d.png", s.Name, l.theme, l.width))
			if err := take(ctx, server+"/"+s.Name, file); err != nil {
				return fmt.Errorf("take %s: %w", file, err)
			}
		}
	}
	return nil
}

// wear sets the window's size and the theme, without motion.
func wear(l look) chromedp.Action[chromedp.Void] {
	media := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: l.theme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return err
	})
	return chromedp.Steps(chromedp.EmulateViewport(l.width, l.height), media)
}

// settled holds once the page's scripts have done what they do at first.
const settled = `!document.querySelector("#connection") || document.querySelector("#connection").textContent === "live"`

func take(ctx context.Context, address, file string) error {
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		return err
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](settled)); err != nil {
		return err
	}
	over, err := chromedp.Run(ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - innerWidth"))
	if err != nil {
		return err
	}
	if over > 0 {
		fmt.Printf("%s: %d px wider than its window\n", filepath.Base(file), over)
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o600)
}
