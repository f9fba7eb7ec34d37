# What people type. Everything lives in .venv and .numberdesk; nothing needs root.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
BEAUTIFY := css-beautify --indent-size 2 --end-with-newline --space-around-combinator --preserve-newlines
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# uv takes seconds where pip takes a minute. An index that only pip's settings name is asked by pip.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || $(PIP) -r $(1)
AUDIT := $(BIN)/uv tool run --quiet pip-audit==2.10.1 --strict --disable-pip --require-hashes

# Tests on SQLite wait for sockets a third of their time: where processors are few, there is one worker more.
WORKERS ?= $(shell few=$$(getconf _NPROCESSORS_ONLN); [ $$few -gt 3 ] && echo $$few || echo $$((few + 1)))

# Many containers forbid Python to keep what it compiled. Then each process of the tests, and of the portal, compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test early typed browsers waiting working test-browser test-processes test-postgresql test-sqlite drills fuzz coverage bench check audit format lock catalogues screenshots clean
.DEFAULT_GOAL := help

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: .venv/.runtime ## Start the whole portal on http://127.0.0.1:8000 (PORT=… changes it)
	@$(BIN)/python manage.py serve --port $(PORT)

# Three rows at once: what waits for browsers, what waits for processes, and what keeps the processors busy meanwhile.
test: .venv/.tests ## Install what tests need and run every check
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target browsers waiting working

# Python keeps what it compiled. Of a fresh clone ten processes would each compile all the tests, and what they load.
.venv/.collected: .venv/.tests $(shell git ls-files '*.py')
	@$(BIN)/python -m pytest --collect-only -qq tests >.venv/collected.log || { cat .venv/collected.log; exit 1; }
	@touch $@

early: .venv/.collected typed # what CI does while Debian's packages come

typed: .venv/.tests
	@$(BIN)/mypy

browsers: .venv/.collected
	@$(MAKE) --no-print-directory test-browser

waiting:
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory test-processes

working: .venv/.collected
	@$(MAKE) --no-print-directory test-postgresql
	@$(MAKE) --no-print-directory test-sqlite

test-browser: .venv/.tests # in a process of its own: Playwright keeps an event loop running in it
	@$(BIN)/python -m pytest tests/browser

test-processes: .venv/.tests
	@$(BIN)/python -m pytest tests/processes

test-sqlite: .venv/.tests
	@$(BIN)/python -m pytest -n $(WORKERS) --ignore tests/browser --ignore tests/processes $(ARGS)

# What PostgreSQL can change: locks, bulk writes, counting, searching, sorting and paging, and every page once. Rules,
# words, forms and processes with an SQLite of their own are tried on SQLite alone.
test-postgresql: .venv/.tests
	@$(BIN)/python -m tests.servers $(BIN)/python -m pytest -n auto @tests/on_postgresql.txt

drills: .venv/.tests ## Break clocks, rows, processes and databases for minutes, and see that nothing is lost
	@$(BIN)/python -m pytest -m drills -p no:randomly $(ARGS)

fuzz: .venv/.tests ## Send the API 2,000 requests that a machine thinks up, and see that none fails
	@FUZZ_REQUESTS=2000 $(BIN)/python -m pytest -q -s tests/phones/api/test_fuzz.py $(ARGS)

coverage: .venv/.tests ## Run the tests on SQLite and report which lines they leave out (half as slow again)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --ignore tests/browser --ignore tests/processes --cov --cov-report=term:skip-covered $(ARGS)

bench: .venv/.tests ## Time lists and sync; prints a table, writes bench.json
	@$(BIN)/python -m tests.bench

check: .venv/.tests ## Lint, types, import contracts, migrations, secrets, locks, deployment checks (no tests)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/djangofmt --check --quiet templates portal/sandbox/signup/pages
	@$(BIN)/djangofmt check --quiet templates
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	@for sheet in static/css/*.css portal/sandbox/signup/pages/*.css; do $(BIN)/$(BEAUTIFY) $$sheet | diff -u $$sheet - || exit 1; done
	@! LC_ALL=C.UTF-8 git grep -nE '^.{121}' -- templates portal/sandbox/signup/pages 'static/css/*.css' 'static/*.js' || { echo "These lines are longer than 120 characters."; exit 1; }
	@$(BIN)/codespell
	@$(MAKE) --no-print-directory typed
	@$(BIN)/python -m pytest -q --setup-plan -m drills tests/drills >.venv/drills.log || { cat .venv/drills.log; exit 1; }
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.catalogues
	@$(BIN)/python -m tests.secret_scan
	@$(BIN)/python -m tests.locks
	@$(BIN)/uv pip check --quiet --python $(BIN)/python
	@PUBLIC_URL=https://numberdesk.example SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		TOKEN_ENCRYPTION_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		EMAIL_URL=smtp+tls://mail.numberdesk.example:587 TRUSTED_PROXIES=10.0.0.0/8 MFA_REQUIRED_ROLES=Administrators DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py check --deploy --fail-level WARNING

audit: .venv/.tests ## Ask PyPI whether a locked package has a known fault (needs the network)
	@$(AUDIT) $(ARGS) --requirement requirements.txt
	@$(AUDIT) $(ARGS) --requirement requirements-tracing.txt
	@$(AUDIT) $(ARGS) --requirement requirements-dev.txt
	@$(AUDIT) $(ARGS) --requirement requirements-uv.txt

format: .venv/.tests ## Put code, templates and style sheets into house style
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format
	@$(BIN)/djangofmt --quiet templates portal/sandbox/signup/pages
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2
	@$(BIN)/$(BEAUTIFY) --replace static/css/*.css portal/sandbox/signup/pages/*.css

lock: .venv/.tests ## Resolve requirements*.in anew into hashed requirements*.txt
	@for name in requirements requirements-tracing requirements-dev requirements-uv; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
			--no-emit-find-links --no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.txt; done

catalogues: .venv/.tests ## Take new words of the client pages into locale/, and compile
	@$(BIN)/python -m tests.catalogues --write

screenshots: .venv/.tests ## Take the README's screenshots anew
	@$(BIN)/python -m tests.browser.screenshots

clean: ## Remove the virtual environment and all local state
	@rm -rf .venv .numberdesk

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit("Numberdesk needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	@echo "Installing (once) …"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installer: requirements-uv.txt | .venv/.python
	@$(PIP) -r requirements-uv.txt
	@touch $@

.venv/.runtime: requirements.txt | .venv/.installer
	@$(call INSTALL,requirements.txt)
	@touch $@

.venv/.tests: requirements-dev.txt .venv/.runtime
	@$(call INSTALL,requirements-dev.txt)
	@touch $@
