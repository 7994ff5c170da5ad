# Everything a contributor needs. CI runs these targets (.ci/run), but not what needs nightly.
# Nothing here waits for time to pass: what has to be waited for is an event.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
TOOLS := $(HOME)/.cache/caretaker
export PATH := $(TOOLS)/bin:$(TOOLS)/venv/bin:$(PATH)

.PHONY: help demo test races check test-live test-contract soak test-fuzz mutants bench docs fmt tools
.PHONY: check-fmt check-typos check-deny check-clippy check-rustdoc check-docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole story against a simulated GitHub (KEEP=1 leaves it running)
	$(CARGO) build --locked -p caretaker-server -p caretaker-testkit --bins
	KEEP="$(KEEP)" CARETAKER_BIN="$(abspath $(TARGET))/debug/caretaker" \
	  GITHUB_SIM_BIN="$(abspath $(TARGET))/debug/github-sim" demo/run

test: ## all tests that need nothing from outside
	$(CARGO) test --locked --workspace --no-fail-fast

races: ## a hundred thousand histories in which everything races with a merge (RACES=1000 plays fewer)
	RACES="$(or $(RACES),100000)" $(CARGO) test --locked --profile races -p caretaker-core --test races

# The cheap ones first: a misplaced blank is told before anything is compiled.
check: check-fmt check-typos check-deny check-clippy check-rustdoc check-docs ## formatting, spelling, dependencies, lints, docs

test-live: ## tests over real payloads (needs npm once; kept in ~/.cache/caretaker)
	@code=0; examples="$$(testdata/install)" || code=$$?; \
	if [ "$$code" = 77 ] && [ "$${CI:-}" != true ]; then echo "test-live: skipped, see above"; exit 0; fi; \
	[ "$$code" = 0 ] || exit "$$code"; \
	set -x; CARETAKER_WEBHOOK_EXAMPLES="$$examples" \
	  $(CARGO) test --locked --workspace --test live -- --include-ignored

soak: ## the server killed again and again under load (SOAK=20000 deliveries, KILLS=50, SEED=17)
	@examples="$$(testdata/install)" || examples=""; set -x; \
	SOAK="$(SOAK)" KILLS="$(KILLS)" SEED="$(SEED)" CARETAKER_WEBHOOK_EXAMPLES="$$examples" \
	  $(CARGO) test --locked -p caretaker-server --test soak -- --ignored --nocapture

test-contract: ## hold what we say to GitHub against its own description (needs npm once)
	$(CARGO) build --locked -p caretaker-server -p caretaker-testkit --bins
	@code=0; CARETAKER_BIN="$(abspath $(TARGET))/debug/caretaker" \
	  GITHUB_SIM_BIN="$(abspath $(TARGET))/debug/github-sim" testdata/contract/run || code=$$?; \
	if [ "$$code" = 77 ] && [ "$${CI:-}" != true ]; then echo "test-contract: skipped, see above"; exit 0; fi; \
	exit "$$code"

# Incremental builds cut each crate into hundreds of pieces: slow to link, and other figures.
bench: ## how fast it is, beside the limit (ONLY="decide replay" or the long "endurance", JSON=1, UPDATE=1 stores the ratios)
	@examples="$$(testdata/install)" || examples=""; set -x; \
	CARGO_INCREMENTAL=0 UPDATE="$(UPDATE)" MINUTES="$(MINUTES)" CARETAKER_WEBHOOK_EXAMPLES="$$examples" \
	  $(CARGO) bench --locked -p caretaker-bench --bench bench -- $(if $(filter 1,$(JSON)),--json) $(ONLY)

test-fuzz: ## search for inputs that break a law (SECONDS_EACH=20; nightly only)
	@.ci/fuzz

mutants: ## break the merge gate on purpose, one place after another (ONLY="fork hold": these)
	ONLY="$(ONLY)" $(CARGO) test --locked -p caretaker-core --test mutants -- --ignored

docs: ## check the generated pages (UPDATE=1 writes them)
	UPDATE="$(UPDATE)" $(CARGO) test --locked --workspace --test docs

fmt: ## format the code
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml

tools: ## install the pinned tools of `make check` into ~/.cache/caretaker
	@.ci/tools

check-fmt:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check

check-typos: tools
	typos

# Advisories are not asked: their database is not reachable from everywhere this is built.
check-deny: tools
	$(CARGO) deny --locked check bans licenses sources
	$(CARGO) deny --locked --manifest-path caretaker-core/Cargo.toml --config caretaker-core/deny.toml check bans

check-clippy:
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

check-rustdoc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

check-docs:
	$(CARGO) test --locked --workspace --test docs
