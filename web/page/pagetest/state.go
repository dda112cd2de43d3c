// Package pagetest holds view models for every page in every state, so that
// tests compare what is rendered and people look at a page without a server
// (build/preview). Nothing in a running RET imports it.
//
// The models are functions of nothing: each call gives equal values.
package pagetest

import (
	"time"

	"github.com/a-h/templ"

	"ret/web/page"
)

// State is one page in one state.
type State struct {
	Name string // "workbench-busy"; fit for a file's name
	Page templ.Component

	// Many says that the page holds more than is worth keeping a golden of.
	Many bool
}

// Now is the moment at which all pages are rendered.
var Now = time.Date(2026, 11, 22, 14, 3, 20, 0, time.UTC)

// ago is a moment before Now.
func ago(d time.Duration) time.Time { return Now.Add(-d) }

// States lists all of them; assets are what the pages load.
func States(assets page.Assets) []State {
	frame := func(title string, section page.Section) page.Frame {
		return page.Frame{Title: title, Section: section, Assets: assets, Viewer: viewer(), Live: page.Live{Epoch: "preview", Cursor: 41}}
	}
	var states []State
	states = append(states, gateStates(assets)...)
	states = append(states, workbenchStates(frame)...)
	states = append(states, lookStates(frame)...)
	states = append(states, jobStates(frame)...)
	states = append(states, tableStates(frame)...)
	states = append(states, rowStates(frame)...)
	states = append(states, otherStates(frame)...)
	states = append(states, askStates(frame)...)
	states = append(states, queryStates(frame)...)
	return append(states, adminStates(frame)...)
}

// framer makes the frame of a page.
type framer func(title string, section page.Section) page.Frame

func viewer() *page.Viewer {
	return &page.Viewer{
		Name:      "ana",
		Admin:     true,
		Now:       Now,
		ExpiresAt: Now.Add(3*time.Hour + 12*time.Minute),
		Holdings:  page.Holdings{Files: 214, FileBytes: 1_200_000_000, Tables: 87, Jobs: 12, ActiveJobs: 2, CacheEntries: 31},
	}
}
