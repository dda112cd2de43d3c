// Package headless says how a Chromium is started where it has neither a screen nor a
// network.
package headless

import (
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

// withoutAddressBar are Chromium's features by which the list below the address bar is two
// pages of the browser's own in each window. Nobody sees them here, and they take a second
// of a processor to start and most of another with each tab. The others chromedp leaves out;
// it has them in the same option.
var withoutAddressBar = []string{
	"Translate", "BlinkGenPropertyTrees", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
}

// Flags are the options of such a browser, which a caller may add to. Nothing switches the
// back-forward cache off: people have it on.
func Flags() []chromedp.ExecAllocatorOption {
	options := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	for _, flag := range []string{"no-sandbox", "disable-gpu", "disable-quic", "disable-component-update"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	return append(options, chromedp.Flag("disable-features", strings.Join(withoutAddressBar, ",")))
}
