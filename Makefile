# Each of demo, test, check, gate, bench, mutants, coverage and soak does all its own set-up on a machine with Python 3.11+, pip, make and git.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest
WORKERS ?= 2
# Campaigns wait for a third of their time: for a kill, a clock, a process that leaves.
GATE_WORKERS ?= 3
# Of the tests that take turns a third, as the commit says; all of them with TURN= or where there is no commit.
TURN ?= $(shell echo $$((0x$$(git rev-parse --short=7 HEAD) % 3)) 2>/dev/null)

.PHONY: demo test check gate bench mutants coverage soak docs format clean

demo: .venv/run.stamp
	$(BIN)/mamigrate run --source hubspot --target marketo --sandbox --people 5000 --project demo

test: .venv/dev.stamp
	$(PYTEST) -q -n $(WORKERS) --dist worksteal -m "not gate and not soak"

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

gate: .venv/dev.stamp
	MAMIGRATE_TURN=$(TURN) $(PYTEST) -q -n $(GATE_WORKERS) --dist worksteal -m gate

soak: .venv/dev.stamp
	$(PYTEST) -q -m soak

bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks

mutants: .venv/dev.stamp
	PYTHONPATH=tests/support $(BIN)/python -m mutants

# The consent room by the tests of the core alone; the rest of the core by everything that `make test` runs, and by the tests of
# commands that only the gate runs.
COMMANDS := $(patsubst %,tests/end_to_end/test_%.py,consent crm_match programs purge purge_knows rollback stops sync sync_reach sync_unplaced twice who)
coverage: .venv/dev.stamp
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist worksteal -m "not gate and not soak" tests/core
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --include="core/mamigrate/consent/*" --fail-under=100
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist worksteal -m "not gate and not soak" --ignore=tests/core
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist worksteal -m gate $(COMMANDS)
	$(BIN)/coverage combine -q --append
	$(BIN)/coverage report --omit="core/mamigrate/consent/*" --fail-under=90

docs: .venv/dev.stamp
	$(BIN)/python docs/generate.py

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv demo dist build

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements.txt pyproject.toml
	test -e .venv/dev.stamp || $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: .venv/bin/python requirements-dev.txt pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
