# Everything that is done with RET's sources. `make help` lists it.
#
# On a fresh clone with Go, make and git each target works by itself. SQLite
# takes long to compile, so `test` is ordered such that each of its three forms
# (plain, with the race detector, js/wasm) is compiled once.

GO ?= go

# The packages of the core that are tested in the browser's form too. Not those of
# sqlite and workspace themselves: their tests open several connections to real
# files, which js/wasm has not; there the cache's tests drive both.
CORE = ./shared/archive ./shared/cache ./shared/convert ./shared/entries ./shared/replica ./shared/search ./shared/wire ./shared/tablefile/... ./shared/xmltable $(OTHERS)

# Others' code that is changed here, see third_party/README.md. It keeps its own tests.
OTHERS = lukechampine.com/adiantum/...

# RELEASE=1.2.3 names what is built; without it the commit does.
LDFLAGS = -s -w $(if $(RELEASE),-X ret/server/command/version.release=$(RELEASE))

# The engine is compiled by where it spends its time, as `make profile` has measured: it
# makes flat records a seventh faster. It alone, since by -pgo all packages would be compiled
# anew, SQLite among them. Go's cache knows the file's name and not what is in it: a new
# profile comes to effect with the next change of the engine.
ENGINE = -gcflags=ret/shared/xmltable=-pgoprofile=$(CURDIR)/build/engine.pgo

# The race detector leaves out SQLite itself, C turned into Go, in which it would be
# most of the time: SQLite starts no goroutine, and each call of it passes through
# go-sqlite3's connection, which the detector sees.
RACE = -race -gcflags=github.com/ncruces/go-sqlite3-wasm/v6=-race=false

# Packages whose tests drive one goroutine through very many cases. The race detector
# has nothing to see there and costs five times; with it run those of their tests that
# start several. (shared/convert drives all of it from many goroutines, with it.)
SEQUENTIAL = shared/xmltable shared/tablefile shared/profile
CONCURRENT = Pieces|Views|Question|WhoWaits

# Tests of build/system that promise a time in which their own reading of the answer
# counts: the detector would watch that, and not the server.
TIMED = ^TestLogoutWithManyFiles$$$$

.PHONY: help run build test begin module check soak bench profile pictures unit system costs simulation conformance wasm-unit browser

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build what is missing and serve on http://127.0.0.1:8080
	@exec build/ret serve

build: ## build build/ret
	@build/assets
	$(GO) build -ldflags '$(LDFLAGS)' $(ENGINE) -o build/ret ./server

# Tests name in this file what they cannot do here; what it is stands in the last line.
export SKIPPED_LIST = $(CURDIR)/build/skipped.list

test: begin ## all that a change must pass
	@$(MAKE) --no-print-directory -j2 --output-sync=target check module # the second keeps one processor busy
	@$(MAKE) --no-print-directory build unit system
	@$(MAKE) --no-print-directory costs
	@$(MAKE) --no-print-directory -j2 --output-sync=target simulation conformance wasm-unit # none of them promises a time
	@$(MAKE) --no-print-directory browser
	@build/skipped say

begin: # forget what an earlier run has skipped
	@build/skipped begin

module: # the browser's module, which takes a minute and a half to compress unless an earlier build has kept it
	@$(GO) run ./build/wasm

check: ## format, vet, lint, and prove generated files fresh
	@build/check

unit: # every package's tests, with the race detector, the fuzz corpora among them
	$(GO) test $(RACE) -timeout 10m $$($(GO) list ./... | grep -vE '/build/(attack|browser|system)' | grep -vxF $(SEQUENTIAL:%=-e ret/%))
	$(GO) test -timeout 10m $(SEQUENTIAL:%=./%) $(OTHERS)
	$(GO) test $(RACE) -timeout 10m -run '$(CONCURRENT)' $(SEQUENTIAL:%=./%)

system: build # the built server from outside, by itself: some of its tests promise times, and what is built is not known to the tests' cache
	RET_BINARY=$(CURDIR)/build/ret $(GO) test $(RACE) -count=1 -timeout 10m -skip '$(TIMED)' ./build/system
	RET_BINARY=$(CURDIR)/build/ret $(GO) test -count=1 -timeout 5m -run '$(TIMED)' ./build/system
	RET_BINARY=$(CURDIR)/build/ret $(GO) test -count=1 -timeout 5m ./build/attack

costs: # what hostile input costs, without the race detector, which would be most of it
	$(GO) test -count=1 -run 'Linear|Bounded|Bombs|HostileRepairs' ./shared/archive ./shared/convert ./shared/xmltable

simulation: # many seeds of the live channel's simulation, without the race detector
	$(GO) test -count=1 -run '^Test(Outbox)?Simulation$$' ./server/live

conformance: # the scanner against the W3C suite, which npm fetches into a cache
	@build/conformance

wasm-unit: # the core's tests in the form that the browser runs
	@build/test-wasm $(CORE)

browser: build # the pages in a real Chromium
	@build/test-browser

soak: build ## the long tests in full: kills, soaks, 1 GB files, fuzzing
	@build/browser-deps
	RET_SOAK=1 $(GO) test -tags soak -timeout 6h ./...
	@build/fuzz

profile: ## measure anew where the engine spends its time, by which it is compiled
	$(GO) test -trimpath -run '^$$' -bench Convert -cpu 1 -benchtime 3s -cpuprofile build/engine.pgo -o "$$(mktemp -d)/engine.test" ./shared/xmltable

pictures: build ## take the pictures of docs/guide.md anew
	@build/browser-deps
	$(GO) test -count=1 -tags pictures -run '^TestPictures$$' ./build/browser

bench: ## measure, beside floors and rivals; ONLY=name and COMPARE=file choose
	@$(GO) -C build/bench run $(ENGINE) . $(if $(ONLY),-only '$(ONLY)') $(if $(COMPARE),-compare '$(abspath $(COMPARE))')
