# Each recipe works on a bare machine with Python 3.11 or later and make: the tools go into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= 3

.PHONY: demo run test check bench pictures fmt lock

demo: $(VENV)/ready  ## the main job, with no tokens and no services
	@$(BIN)/penumbra demo $(ARGS)

run: $(VENV)/ready  ## the real thing, from .env
	@$(BIN)/penumbra run $(ARGS)

test: $(VENV)/dev-ready  ## all tests, or a part: make test ARGS="tests/walks -q"
ifeq ($(strip $(ARGS)),)
	@$(BIN)/pytest tests/core -n $(WORKERS) --dist worksteal --cov --cov-report=term:skip-covered
	@$(BIN)/pytest tests --ignore=tests/core -n $(WORKERS) --dist worksteal
else
	@$(BIN)/pytest $(ARGS)
endif

check: $(VENV)/dev-ready  ## style, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

bench: $(VENV)/dev-ready  ## speed and memory: make bench ARGS=unfurl
	@$(BIN)/python -m bench $(ARGS)

pictures: $(VENV)/dev-ready  ## the README's pictures, taken of the playground by Chromium
	@$(BIN)/python -m tests.browser.pictures

fmt: $(VENV)/dev-ready
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: $(VENV)/uv  ## renew the pinned versions
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

$(VENV)/uv:
	@test -n "$(PYTHON)" || { echo "Penumbra needs Python 3.11 or later; there is none on the PATH. On Debian and Ubuntu: sudo apt install python3 python3-venv"; exit 1; }
	@echo "1/3 making $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit("Penumbra needs Python 3.11 or later, this is " + sys.version) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python comes without venv. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

# a full environment serves both purposes, so a ready development environment is not cut down again
$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/uv
	@if [ ! -e $(VENV)/dev-ready ]; then \
	  echo "2/3 installing what Penumbra stands on"; \
	  $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock; fi
	@echo "3/3 installing Penumbra"
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/dev-ready: requirements-dev.lock pyproject.toml | $(VENV)/uv
	@echo "2/3 installing what Penumbra stands on, and what tests it"
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements-dev.lock
	@echo "3/3 installing Penumbra"
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@ $(VENV)/ready
