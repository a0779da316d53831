# Everything on a machine with Python 3.11 or newer, and nothing else. `make` lists what there is.
# More arguments for a command: make test ARGS="-k album"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --editable
ifeq ($(shell id -u),0)
export PIP_ROOT_USER_ACTION := ignore
endif
ARGS ?=

.PHONY: help demo test check fix bench soak clean

help:
	@echo 'make demo    a tour of the bot against a sandbox, and a page to try it on: no account, no network'
	@echo 'make test    all tests'
	@echo 'make check   format, lint, types, import rules'
	@echo 'make fix     format, and mend what can be mended'
	@echo 'make bench   measure time and memory'
	@echo 'make soak    the tests that take minutes'
	@echo 'make clean   remove what these have made (never your .env or data)'

demo: $(VENV)/.demo
	@$(PY) -m bot demo --tour --page $(ARGS)

# The floor of the coverage is meant for the whole suite, so not where a part is asked for. Many
# tests wait for a bot to be killed and started again, so there are more workers than cores; and
# some take a minute, so whoever is through takes over from others.
WORKERS ?= $$($(PY) -c 'import os; \
  n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1; \
  print(n + max(1, n // 2))')
test: $(VENV)/.dev
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal $(if $(ARGS),,--cov --cov-report=term) $(ARGS)

# All four have their say before it fails.
check: $(VENV)/.dev
	@failed=; \
	$(VENV)/bin/ruff format --check --quiet --diff . || failed=format; \
	$(VENV)/bin/ruff check --quiet . || failed="$$failed lint"; \
	$(PY) -m mypy --no-error-summary || failed="$$failed types"; \
	$(VENV)/bin/lint-imports --no-logo >$(VENV)/imports.txt 2>&1 \
	  || { cat $(VENV)/imports.txt; failed="$$failed imports"; }; \
	if [ -n "$$failed" ]; then echo "check: failed: $$failed" >&2; exit 1; fi; \
	echo 'check: format, lint, types and import rules are fine'

fix: $(VENV)/.dev
	@$(VENV)/bin/ruff check --quiet --fix . ; $(VENV)/bin/ruff format --quiet .

bench: $(VENV)/.dev
	@$(PY) -m tests.bench $(ARGS)

soak: $(VENV)/.dev
	@$(PY) -m pytest -q -rP -m soak -o faulthandler_timeout=3600 $(ARGS)

clean:
	@rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find bot twitter_core tests -name __pycache__ -prune -exec rm -rf {} +

# Installed once, and again when pyproject.toml changes.
$(VENV)/.demo: pyproject.toml | $(PY)
	@echo 'Installing Telex and its demo into $(VENV) (once) …'
	@$(PIP) '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(PY)
	@echo 'Installing Telex and its tests into $(VENV) (once) …'
	@$(PIP) '.[dev]'
	@touch $@ $(VENV)/.demo

# PYTHON=… chooses another one.
$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  found=$$python; \
	  "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
	  exec "$$python" -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
	else \
	  echo 'Telex needs Python 3.11 or newer, and none was found. If it has another name: make PYTHON=/path/to/python' >&2; \
	fi; exit 1
