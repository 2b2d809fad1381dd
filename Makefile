# The commands of the project; `make help` lists them. Only .venv and .local are written to, and after the first
# installation nothing here needs the network.

PORT ?= 8000
SANDBOX_PORT ?= 8100
JOBS ?= auto
T ?= tests
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python
APPS := $(patsubst %/__init__.py,%,$(filter-out tests/%,$(wildcard */__init__.py)))
LOCK := $(PY) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links --python-version 3.11 $(if $(UPGRADE),--upgrade)

# Installs a lock file once; its content is the key, so a changed lock is installed and an unchanged one costs nothing.
define install
	@sum="$$(cksum < requirements/$(1).txt)"; stamp="$(VENV)/.installed-$(1)"; \
	if [ "$$(cat "$$stamp" 2>/dev/null)" != "$$sum" ]; then \
		echo "Installing requirements/$(1).txt into $(VENV)."; \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).txt && echo "$$sum" > "$$stamp"; \
	fi
endef

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo demo-reset walkthrough test check bench chaos holes lock clean local dev chromium

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: local ## the whole platform on this machine; PORT= and SANDBOX_PORT= choose ports
	@exec $(PY) -m agency.local demo --port $(PORT) --sandbox-port $(SANDBOX_PORT)

demo-reset: local ## remove the demo's data
	@$(PY) -m agency.local reset

walkthrough: local ## start everything afresh and go the whole way once
	@exec $(PY) -m agency.local walkthrough

test: dev chromium ## every test; T= chooses, for example T=tests/reports
	@$(PY) -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile $(T)

check: dev ## lint, import contract, system checks, migrations, security lint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m compileall -q $(APPS) tests
	@$(PY) -c "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
	@ENVIRONMENT=test $(PY) manage.py check
	@ENVIRONMENT=test $(PY) manage.py makemigrations --check --dry-run
	@if [ -x $(VENV)/bin/hadolint ]; then $(VENV)/bin/hadolint Dockerfile; fi
	@$(PY) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(PY) -m bandit -q -r $(APPS) -c pyproject.toml --severity-level medium

bench: dev ## benchmarks, with a table and .local/bench/*.json
	@$(PY) -m tests.bench

chaos: dev ## the long fault runs and the long forms of tests
	@CHAOS=long $(PY) -m pytest tests/chaos $$(grep -rl --include='test_*.py' --exclude-dir=chaos CHAOS tests)

holes: dev ## plant mistakes in a copy, one at a time, and see the tests find them; H= chooses by words
	@$(PY) -m tests.holes $(H)

lock: dev ## lock the dependencies again; UPGRADE=1 takes newer versions
	@$(LOCK) pyproject.toml -o requirements/base.txt
	@$(LOCK) pyproject.toml --extra local --extra sandbox -o requirements/local.txt
	@$(LOCK) pyproject.toml --extra local --extra sandbox --extra dev -o requirements/dev.txt
	@! grep -nE '[a-z]+://' requirements/*.txt || { echo "A lock file must not contain an address."; exit 1; }

clean: ## remove everything that these commands made, the demo's data included
	@if [ -x $(PY) ] && [ -e $(VENV)/.installed-local -o -e $(VENV)/.installed-dev ]; then $(PY) -m agency.local reset; fi
	@rm -rf $(VENV) .local build .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

local: $(PY)
	$(call install,local)

dev: $(PY)
	$(call install,dev)

chromium:
	@for name in chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do \
		command -v "$$name" >/dev/null 2>&1 && exit 0; \
	done; \
	echo "No Chromium here, so the browser tests are left out; to have them: apt-get install chromium, or brew install --cask chromium."

# A name on PATH may be a stand-in for a version that is not installed, so each candidate is run before it is taken.
$(PY):
	@for name in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
		if "$$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; then \
			echo "Making $(VENV) with $$name."; exec "$$name" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 with its venv module is needed; PYTHON= names one that is not on PATH."; exit 1
