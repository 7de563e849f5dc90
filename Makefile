# Needs make, Python 3.11 or later, and access to PyPI. Everything is installed into .venv.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PYTEST := nice $(BIN)/python -m pytest
PURE := tests/engine tests/stores tests/charts tests/coach
LOCK := uv pip compile pyproject.toml --no-config --universal --generate-hashes --upgrade \
	--python-version 3.11 --no-emit-index-url \
	--no-annotate --no-header --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo serve setup setup-dev test lint docs test-pure test-fast \
	test-browser test-slow screenshots test-duckdb15 chromium postgres prometheus java node sdks bench lock \
	migrations

help:
	@echo "make demo   two example workspaces, served, with sign-in details"
	@echo "make serve  your own workspaces (make the first with .venv/bin/headway init)"
	@echo "make test   everything that must hold before a change goes in"
	@echo "make bench  how fast it is on this machine"
	@echo "make docs   the documentation, into build/docs"
	@echo "make lint   format, lint, types and imports only"
	@echo "make lock   newer versions of what Headway stands on (needs uv)"

demo: setup
	$(BIN)/headway demo --serve

serve: setup
	$(BIN)/headway serve

setup: .venv/runtime.stamp

setup-dev: .venv/dev.stamp

.venv/runtime.stamp: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Headway needs Python 3.11 or later." \
		"Install one, or name it: make demo PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

test: setup-dev chromium postgres java sdks lint docs test-pure test-fast test-duckdb15 test-browser \
	test-slow

lint: setup-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup-dev
	$(BIN)/sphinx-build -W --keep-going -q docs build/docs

# The pure rooms, in a process in which Django cannot be imported.
test-pure: setup-dev postgres
	$(PYTEST) -p no:django -p tests.no_django -W ignore::pytest.PytestConfigWarning \
		-n auto --dist loadfile -m "not slow" $(PURE)

test-fast: setup-dev postgres prometheus
	$(PYTEST) -n auto --dist loadfile -m "not browser and not slow" $(PURE:%=--ignore=%) tests

# Spark, its cluster, the SDKs of others, and what else takes its time.
test-slow: setup-dev java sdks
	$(PYTEST) -n auto --dist loadfile -m slow

test-browser: setup-dev chromium sdks
	$(PYTEST) -n auto --dist loadfile -m browser

# The pictures of the documentation, from the demo at its full size.
screenshots: setup-dev chromium
	HEADWAY_SCREENSHOTS=1 $(PYTEST) tests/browser/test_screens.py

# DuckDB 2 is what is installed; 1.5 must give the same answers.
test-duckdb15: setup-dev build/duckdb15/.stamp
	PYTHONPATH=build/duckdb15 $(BIN)/python -c \
		"import duckdb; assert duckdb.__version__.startswith('1.5.'), duckdb.__version__"
	PYTHONPATH=build/duckdb15 $(PYTEST) -n auto --dist loadfile \
		tests/engine/test_golden.py tests/engine/test_reference.py \
		tests/stores/test_local.py tests/stores/test_parts.py

build/duckdb15/.stamp: .venv/dev.stamp
	rm -rf build/duckdb15
	$(BIN)/python -m pip install --quiet --no-deps --target build/duckdb15 "duckdb==1.5.*"
	@touch $@

chromium:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq chromium; } \
		|| { echo "The browser tests need Chromium on the PATH: apt install chromium"; exit 1; }

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
		|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq postgresql; } \
		|| { echo "The tests of PostgreSQL need its server: apt install postgresql"; exit 1; }

prometheus:
	@command -v prometheus >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus; } \
		|| { echo "The tests of Prometheus need its server: apt install prometheus"; exit 1; }

# Shows in which order the disk and a client hear of a delivery; without it, two tests are skipped.
strace:
	@command -v strace >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq strace; } || true

java:
	@command -v java >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless; } \
		|| { echo "The tests of Spark need Java 17: apt install openjdk-17-jre-headless"; exit 1; }

node:
	@command -v npm >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq nodejs npm; } \
		|| { echo "The tests of JavaScript SDKs need Node 20: apt install nodejs npm"; exit 1; }

# The SDKs for Node and browsers, which tests send events with; nothing of them is shipped.
sdks: build/sdks/.stamp

build/sdks/.stamp: tests/sdks/package.json tests/sdks/package-lock.json | node
	rm -rf build/sdks && mkdir -p build/sdks
	cp tests/sdks/package.json tests/sdks/package-lock.json build/sdks
	npm install --prefix build/sdks --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# Such as: make bench ARGS="--events 50000000 --patience 900"
bench: setup-dev
	$(BIN)/python -m bench $(ARGS)

# How fast events come in; beside Redis and InfluxDB where these are installed.
bench-ingest: setup-dev
	$(BIN)/python -m bench.ingest $(ARGS)

lock:
	$(LOCK) --group dev --all-extras -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock

migrations: setup
	DJANGO_SETTINGS_MODULE=headway.config.settings $(BIN)/python -m django makemigrations
