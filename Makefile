# Perilune. `make run` builds what is missing and starts the server; `make test` builds and runs all tests.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

# Options of the server: make run ARGS="--port 7000"
ARGS ?=
# Test files: make test TESTS="test/unit/config/config.test.ts"
TESTS ?= $(sort $(shell find test -name '*.test.ts'))
# Test files that run at the same time.
JOBS ?= 2
# Options of the conformance harness, and its files: make conformance SUITES=unit/scripting
SUITES ?=
# Options of the benchmark: make bench BENCH="--quick"
BENCH ?=

# A real Valkey, to which tests compare answers. Without one they are skipped.
export PERILUNE_VALKEY ?= $(patsubst %/,%,$(dir $(shell command -v valkey-server)))

MODULES := node_modules/.package-lock.json
WASM := wasm/perilune.wasm
DIST := build/dist.stamp
TOOLS := build/tools

SOURCES := $(shell find src -type f)
# The page: what is served as it is, and what is made into one file each; the chart library becomes a file of its own.
PAGE_FILES := $(wildcard src/page/*.html src/page/*.svg)
PAGE_ENTRIES := src/page/page.ts src/page/page.css
PAGE_OPTIONS := --bundle --minify --format=esm --splitting --chunk-names=[name] --target=es2023 --log-level=warning
NATIVE := $(shell find native -type f)

.PHONY: run build test check bench conformance clean

run: build
	@exec bin/perilune $(ARGS)

build: $(WASM) $(DIST)

# npm ci makes node_modules anew from the lock file alone.
$(MODULES): package-lock.json package.json
	npm ci --no-audit --no-fund
	@touch $@

# The reference Lua interpreter as WebAssembly; installs the compiler where it is missing.
$(WASM): $(NATIVE)
	node native/build.mjs
	@touch $@

$(DIST): $(SOURCES) tsconfig.json tsconfig.build.json $(MODULES)
	rm -rf dist
	node_modules/.bin/tsc -p tsconfig.build.json
	node_modules/.bin/esbuild $(PAGE_ENTRIES) $(PAGE_OPTIONS) --outdir=dist/page
	cp $(PAGE_FILES) dist/page/
	@mkdir -p $(@D) && touch $@

# Links to the tools of Redis.
$(TOOLS)/redis-server: test/redis-tools.sh
	test/redis-tools.sh $(TOOLS)

test bench: export PATH := $(CURDIR)/$(TOOLS):$(PATH)

# The same random inputs in every run; `make test PERILUNE_SEED=` draws new ones.
test: export PERILUNE_SEED ?= 8675309

test: build $(TOOLS)/redis-server
	node --import tsx --import ./test/support/seed.mjs --test --test-timeout=300000 --test-concurrency=$(JOBS) --test-reporter=spec $(TESTS)

check: $(MODULES)
	node_modules/.bin/biome check .
	node_modules/.bin/tsc -p tsconfig.json
	node_modules/.bin/tsc -p src/page/tsconfig.json

bench: build $(TOOLS)/redis-server
	node --import tsx bench/run.ts $(BENCH)

# The Redis test suite, of the source package the interpreter is built from.
conformance: build
	test/conformance/run.sh $(SUITES)

clean:
	rm -rf build dist wasm
