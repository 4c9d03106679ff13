# Each target sets up what it needs; Python 3.11+ with venv, make and git are all it asks for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
export OPENBLAS_NUM_THREADS := 1

.PHONY: chat run test lint check bench fuzz pictures lock clean

chat: $(VENV)/.run
	@$(BIN)/napebot chat

run: $(VENV)/.run
	@$(BIN)/napebot run

test: $(VENV)/.dev
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/napebot check --quiet knowledge

check: lint
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report
	$(BIN)/coverage report --include='bot/core/*' --fail-under=100

# BENCH names a folder of public sets, EVAL one of labelled sentences; without them only our own figures are printed. docs/compare.md is written anew.
BENCH ?= ../shared/bench
EVAL ?= ../shared/eval
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks.match_one
	$(BIN)/python -m benchmarks.cold_ask
	$(BIN)/python -m benchmarks.triage_cost
	$(BIN)/python -m benchmarks.own_phrasings
	if [ -d "$(BENCH)" ]; then $(BIN)/python -m benchmarks.compare "$(BENCH)" --typos; fi
	$(BIN)/python -m benchmarks.why $(if $(wildcard $(EVAL)),--eval "$(EVAL)")

# Random updates of every kind in the Bot API data, which oracle.py of the tests looks for beside this checkout. UPDATES and SEED may be set.
UPDATES ?= 100000
SEED ?= 1
fuzz: $(VENV)/.dev
	$(BIN)/python -m benchmarks.fuzz --updates $(UPDATES) --seed $(SEED)
	$(BIN)/python -m benchmarks.fuzz --updates $$(($(UPDATES) / 5)) --seed $(SEED) --knowledge knowledge

# Of the real conversation, into docs/pictures, and of what it counts; all but the latter needs the Debian packages chromium, pngquant, fonts-inter, fonts-noto-core and fonts-noto-color-emoji.
pictures: $(VENV)/.run
	$(BIN)/python -m pictures.stats
	$(BIN)/python -m pictures

# What a user needs: the locked packages, then this project without asking any index again.
$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes --only-binary :all: -r requirements/build.txt
	$(PIP) --require-hashes --only-binary :all: -r requirements/run.txt
	$(PIP) --no-build-isolation --no-index --editable .
	@$(BIN)/python -m compileall -q bot
	@$(BIN)/napebot ask hello >/dev/null  # learns from the knowledge once, so that the first real question need not wait for it
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(PIP) --require-hashes --only-binary :all: -r requirements/bench.txt
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Needs uv; writes files that name no index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra postgres -o requirements/postgres.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --group build -o requirements/build.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --group dev -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --group bench -o requirements/bench.txt

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
