# Everyday work, one word each. `make` alone lists them.

# Where cargo puts things; CARGO_TARGET_DIR moves it.
TARGET := $(or $(CARGO_TARGET_DIR),target)
LOCKED := $(if $(CI),--locked)

# npm writes this file last, so it is as old as what is installed.
WEB_DEPS := web/node_modules/.package-lock.json
WEB_PAGE := web/dist/index.html
WEB_SOURCES := $(shell find web/src web/public web/scripts -type f 2>/dev/null) \
	web/index.html web/vite.config.ts web/tsconfig.json web/package.json

.DEFAULT_GOAL := help
.PHONY: help setup run dev test fuzz-api ci fmt lint web build screenshots bench docs release docker-build clean cc
.DELETE_ON_ERROR:

help: ## list these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build and test
	@scripts/need.sh cc postgresql chromium
	@$(MAKE) --no-print-directory $(WEB_DEPS)
	cargo fetch $(LOCKED)

run: web cc ## build and serve on http://localhost:8080, data in ./data
	cargo build --profile quick -p chatter $(LOCKED)
	@echo "data in $(or $(CHATTER_DATA),./data); Ctrl-C stops"
	@exec $(TARGET)/quick/chatter serve

dev: web cc ## server and web client, both rebuilt as you save
	@node scripts/dev.mjs

test: ## every test, on SQLite and PostgreSQL, in Rust and in a browser
	@scripts/test.sh

fuzz-api: web cc ## ask the interface everything, as three people; ARGS to go deeper
	cargo build -p chatter $(LOCKED)
	@scripts/schemathesis.sh $(ARGS)

ci: ## exactly what the pipeline runs
	@.ci/run

fmt: ## format the Rust code
	cargo fmt --all

lint: web cc ## formatting, clippy, types, licences; warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $(LOCKED) -- -D warnings
	cd web && npm run --silent typecheck && npm run --silent lint
	@if command -v cargo-deny >/dev/null; then cargo deny check; \
	else echo "cargo-deny is not installed: licences and advisories were not checked"; fi

web: $(WEB_PAGE) ## build the browser client into web/dist

build: web cc ## a debug build of the binary
	cargo build -p chatter $(LOCKED)

screenshots: build ## pictures of every screen of the web client, into docs/screenshots
	@scripts/need.sh chromium
	cd web && npm run --silent screenshots

bench: web cc ## measure: raw floors, then every scenario, one table
	@scripts/bench.sh

docs: web cc ## rewrite what is generated, check what is written, document the code
	UPDATE=1 cargo test -p chatter-server --test it $(LOCKED) contract
	cargo test -p chatter-protocol --test it $(LOCKED)
	cargo doc --workspace --no-deps $(LOCKED)
	@echo "$(TARGET)/doc/chatter_server/index.html"

release: web cc ## an optimised binary, packed with its licences
	@scripts/release.sh

docker-build: ## a container image, chatter:latest
	docker build --file deploy/Dockerfile --tag chatter:latest .

clean: ## forget what was built; ./data stays
	cargo clean
	rm -rf web/dist

cc:
	@scripts/need.sh cc

$(WEB_DEPS): web/package.json web/package-lock.json
	@scripts/need.sh node
	cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
	@touch $@

$(WEB_PAGE): $(WEB_DEPS) $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@
