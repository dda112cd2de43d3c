// Command preview shows RET's pages without a server: every page in every state,
// from made-up view models, so that the design can be looked at.
//
//	go run ./build/preview                       serves them, with an index at /
//	go run ./build/preview -shots /tmp/shots     takes pictures of them instead
//
// Pictures are taken of both themes, wide and narrow; -only keeps the states
// whose name begins so.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/gorilla/websocket"

	"ret/web/asset"
	"ret/web/page"
	"ret/web/page/pagetest"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "where to listen")
	shots := flag.String("shots", "", "folder for pictures; serves pages if empty")
	only := flag.String("only", "", "only states whose name begins so")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *only, *shots); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, only, shots string) error {
	assets, err := asset.Load()
	if err != nil {
		return err
	}
	states := chosen(pagetest.States(addresses(assets)), only)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(assets, states)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	if shots == "" {
		fmt.Println("looking at http://" + listener.Addr().String())
		<-ctx.Done()
	} else {
		err = photograph(ctx, "http://"+listener.Addr().String(), shots, states)
	}
	_ = server.Close()
	<-done
	return err
}

func addresses(set *asset.Set) page.Assets {
	return page.Assets{
		Stylesheet: set.URL(asset.Stylesheet),
		Theme:      set.URL(asset.Theme),
		Script:     set.URL(asset.Script),
		Icon:       set.URL(asset.Icon),
	}
}

func chosen(states []pagetest.State, prefix string) []pagetest.State {
	var kept []pagetest.State
	for _, s := range states {
		if strings.HasPrefix(s.Name, prefix) {
			kept = append(kept, s)
		}
	}
	return kept
}

// policy is as strict as the server's: what breaks it shows here first. Workers are
// forbidden, so that pages follow live alone.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; worker-src 'none'; require-trusted-types-for 'script'; trusted-types ret-fragment ret-script"

func routes(assets http.Handler, states []pagetest.State) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(asset.Prefix, assets)
	mux.HandleFunc("GET /api/v1/live", live)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for _, s := range states {
			_, _ = fmt.Fprintf(w, "<p><a href=\"/%s\">%s</a></p>\n", s.Name, s.Name)
		}
	})
	for _, s := range states {
		mux.HandleFunc("GET /"+s.Name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", policy)
			_ = s.Page.Render(r.Context(), w)
		})
	}
	return mux
}

// live greets a page, so that it looks connected, and has nothing more to say.
func live(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"ret.v1"}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	welcome := map[string]any{"type": "welcome", "epoch": "preview", "cursor": 41}
	for err == nil {
		if _, _, err = conn.ReadMessage(); err == nil {
			err = conn.WriteJSON(welcome)
		}
	}
}
