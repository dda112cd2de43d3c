package pagetest

import (
	"time"

	"ret/web/page"
)

func gateStates(assets page.Assets) []State {
	f := page.Frame{Title: "Sign in", Assets: assets}
	receipt := page.Receipt{
		SessionID: "01939b7e-4c1e-7a52-9d0e-2f6a1c7b8e90", Files: 214, Bytes: 1_200_000_000,
		Tables: 87, Jobs: 12, CacheEntries: 31, KeyDestroyed: true, Document: []byte(`{"session_id":"1"}`), At: Now,
	}
	return []State{
		{Name: "login", Page: page.SignIn(f, page.SignInView{Next: "/jobs"})},
		{Name: "login-wrong", Page: page.SignIn(f, page.SignInView{Username: "ana", Problem: "Name or password is wrong."})},
		{Name: "login-locked", Page: page.SignIn(f, page.SignInView{Username: "ana", RetryAfter: 14*time.Minute + 20*time.Second})},
		{Name: "login-ended", Page: page.SignIn(f, page.SignInView{Ended: "Your session's time ran out, and everything in it was erased."})},
		{Name: "logout", Page: page.SignOut(f, viewer().Holdings)},
		{Name: "logout-empty", Page: page.SignOut(f, page.Holdings{})},
		{Name: "signed-out", Page: page.SignedOut(f, page.SignedOutView{Erased: true, Receipts: []page.Receipt{receipt}})},
		{Name: "signed-out-nobody", Page: page.SignedOut(f, page.SignedOutView{})},
		{Name: "signed-out-not", Page: page.SignedOut(f, page.SignedOutView{SignedIn: true})},
		{Name: "opening", Page: page.Opening(f)},
	}
}
