package browser

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// cookies returns all cookies of the page, those too that scripts cannot see, as
// a request carries them.
func cookies(tab *Tab) string {
	var list []string
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		all, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
		for _, c := range all.Cookies {
			list = append(list, c.Name+"="+c.Value)
		}
		return err
	}))
	return strings.Join(list, "; ")
}
