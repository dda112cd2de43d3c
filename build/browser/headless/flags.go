// Package headless says how a Chromium is started where it has neither a screen nor a
// network.
package headless

import (
	"slices"

	"github.com/chromedp/chromedp"
)

const (
	// chromedps are the features that chromedp leaves out, in the option that has ours too.
	chromedps = "Translate,BlinkGenPropertyTrees"

	// addressList are Chromium's features by which the list below the address bar is two
	// pages of the browser's own in each window. Nobody sees them here, and they take a second
	// of a processor to start and most of another with each tab.
	addressList = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
)

// Flags are the options of such a browser, which a caller may add to. Nothing switches the
// back-forward cache off: people have it on.
func Flags() []chromedp.ExecAllocatorOption {
	options := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	for _, flag := range []string{"no-sandbox", "disable-gpu", "disable-quic", "disable-component-update"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	return append(options, chromedp.Flag("disable-features", chromedps+","+addressList))
}

// WithAddressList has a browser start the list below the address bar all the same, where what
// a whole browser costs is compared.
func WithAddressList() chromedp.ExecAllocatorOption {
	return chromedp.Flag("disable-features", chromedps)
}
