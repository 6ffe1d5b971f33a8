PYTHON ?= $(shell command -v python3.11 || echo python3)
PORT   ?= 8080
VENV   := .venv
BIN    := $(VENV)/bin
PIP     = $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -q
HASHED  = install --require-hashes --only-binary :all: -r
COMPILE = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
# Programs that the tests run, each with Debian's package of it.
PROGRAMS = chromium:chromium curl:curl node:nodejs
# A clone that was moved, or another Python, makes a new environment.
MADE    = $(PYTHON) $(CURDIR)
FOUND  := $(shell test -x $(BIN)/python && cat $(VENV)/.made)
ifneq ($(MADE),$(FOUND))
.PHONY: $(VENV)/.made
endif

.PHONY: help run demo-reset test lint programs benchmark audit lock clean
help: ## show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run ## serve the demo on http://127.0.0.1:8080 (PORT=9000 for another port)
	$(BIN)/address-gateway serve --demo --port $(PORT)

demo-reset: $(VENV)/.run ## delete the demo's database
	$(BIN)/address-gateway demo --reset

test: lint programs ## lint, then run the whole test suite
	$(BIN)/python -m pytest -q -n auto

lint: $(VENV)/.dev ## check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Tests of web pages need a browser, those of examples Node and curl: Debian's, which
# only root can install.
programs:
	@missing=; for one in $(PROGRAMS); do \
	command -v $${one%:*} > /dev/null || missing="$$missing $${one#*:}"; done; \
	test -z "$$missing" || test "$$(id -u)" != 0 || \
	{ echo "Installing$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update && \
	apt-get -qq install -y --no-install-recommends $$missing > /dev/null; }
	@for one in $(PROGRAMS); do command -v $${one%:*} > /dev/null || \
	{ echo "The tests need $${one%:*}: as root, apt-get install $${one#*:}" >&2; \
	exit 1; }; done

benchmark: $(VENV)/.dev ## measure the service
	$(BIN)/python -m benchmarks

audit: $(VENV)/.audit ## look for known vulnerabilities of what is pinned (needs the network)
	$(VENV)/audit/bin/python requirements/audit.py

lock: ## pin the dependencies anew with uv (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) --group build pyproject.toml -o requirements/run.txt
	$(COMPILE) $(UPGRADE) --group build --extra postgresql --extra redis -c requirements/run.txt pyproject.toml -o requirements/serve.txt
	$(COMPILE) $(UPGRADE) --group build --group dev --all-extras -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	$(COMPILE) $(UPGRADE) --group audit -o requirements/audit.txt
	! grep -n '://' requirements/*.txt

# In an environment of its own: no other needs what it brings.
$(VENV)/.audit: requirements/audit.txt $(VENV)/.run
	$(PYTHON) -m venv --without-pip --clear $(VENV)/audit
	$(PYTHON) -m pip --python $(VENV)/audit/bin/python --disable-pip-version-check -q $(HASHED) requirements/audit.txt
	@touch $@

clean: ## delete the environment and the caches
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.made:
	@echo "Setting up $(VENV), which takes about half a minute"
	$(PYTHON) -m venv --without-pip --clear $(VENV)
	@echo "$(MADE)" > $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.made
	$(PIP) $(HASHED) requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# One client library of 2013 is published as source alone.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) $(HASHED) requirements/dev.txt --no-binary restinmagento --no-build-isolation
	@touch $@
