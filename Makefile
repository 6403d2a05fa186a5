# Every task of the project; `make help` lists them, and continuous integration calls nothing else.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
TRAIN := build/train-venv
C_FILES = $(shell find runtime_c targets/support tests/harness tools/cycle_check -name '*.[ch]')

.PHONY: help setup debian demo test test-all test-train lint format bench pages demo-model clean distclean

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: debian $(INSTALLED) ## install compilers, emulators and the Python environment

debian:
	@PYTHON=$(PYTHON) tools/install_debian.sh

$(INSTALLED): pyproject.toml setup.py | debian
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "setup: Python 3.11 or newer is needed; name one: make setup PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "setup: making .venv"; $(PYTHON) -m venv .venv; }
	@echo "setup: installing the Python packages"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup ## compile the demo for a Cortex-M4 and run it on an emulated board
	@$(BIN)/edgewright demo

test: setup ## run the tests that CI runs
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not slow'

test-all: setup ## run all tests, the slow ones and those of training too: installs PyTorch (1 GB on disk)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[train]'
	$(BIN)/python -m pytest -n auto --dist worksteal

test-train: setup ## run the tests of training, which need PyTorch: it is installed (1 GB on disk)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[train]'
	$(BIN)/python -m pytest -n auto --dist worksteal tests/train tests/verbs/test_distill.py tests/verbs/test_prune.py tests/tools/test_training.py

lint: setup ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@command -v clang-format >/dev/null || { echo "lint: clang-format is missing; run make setup" >&2; exit 1; }
	@clang-format --dry-run -Werror $(C_FILES)

format: setup ## format Python and C, and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	clang-format -i $(C_FILES)

bench: setup ## measure every model and write docs/benchmarks.md
	$(BIN)/python tools/benchmark.py
	-$(BIN)/python -m tools.bench.host

pages: setup ## write the generated pages of docs again
	@mkdir -p build
	@for page in boards operators targets; do \
	  $(BIN)/python -m edgewright.report.$$page > build/$$page.md && mv build/$$page.md docs/ || exit 1; \
	done
	@$(BIN)/python tools/benchmark.py --pages

demo-model: ## train the model of the demo again (needs PyTorch: 1 GB on disk, a minute)
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip install -qq --disable-pip-version-check -e '.[train]' 'scikit-learn>=1.4'
	$(TRAIN)/bin/python tools/train_demo.py

clean: ## remove what was built; keeps .venv
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf .venv sdk/*.egg-info
