package pagetest

import (
	"time"

	"ret/web/page"
)

func gateStates(assets page.Assets) []State {
	f := page.Frame{Title: "Sign in", Assets: assets}
	receipt := page.Receipt{
		SessionID: "01939b7e-4c1e-7a52-9d0e-2f6a1c7b8e90", Files: 214, Bytes: 1_200_000_000,
		Tables: 87, Jobs: 12, CacheEntries: 31, At: Now,
	}
	return []State{
		{"login", page.SignIn(f, page.SignInView{Next: "/jobs"})},
		{"login-wrong", page.SignIn(f, page.SignInView{Username: "ana", Problem: "Name or password is wrong."})},
		{"login-locked", page.SignIn(f, page.SignInView{Username: "ana", RetryAfter: 14*time.Minute + 20*time.Second})},
		{"login-ended", page.SignIn(f, page.SignInView{Purged: true})},
		{"logout", page.SignOut(f, viewer().Holdings)},
		{"logout-empty", page.SignOut(f, page.Holdings{})},
		{"signed-out", page.SignedOut(f, page.SignedOutView{Receipts: []page.Receipt{receipt}})},
		{"signed-out-nobody", page.SignedOut(f, page.SignedOutView{})},
	}
}
