# make demo    install, fill and serve the demonstration on http://127.0.0.1:8000 (PORT= changes it)
# make test    install what tests need and run them (DATABASE_URL= runs them on another database)
# make check   lint, format, types, layers, templates, migrations, deployment, catalogue
# make browser the tour of the demo in chromium
# make messages / make picture / make lock   compile the catalogue / draw the packages / pin the versions of pyproject.toml anew

PYTHON ?= python3
PORT ?= 8000
VAR ?= var
VENV := .venv
BIN := $(VENV)/bin
DEMO_ENV := $(VAR)/demo.env
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev

# Recipes say what they need, since the environment comes before a .env that may lie here.
TEST_ENV := DATABASE_URL="$${DATABASE_URL:-sqlite://:memory:}" FEDERATION_NAME=平塘县总工会
CHECK_ENV := DEBUG=false HTTPS=true BEHIND_PROXY=true SERVE_UNCOLLECTED_STATIC=false ALLOWED_HOSTS=gh.example.gov.cn \
	DATABASE_URL=postgres://nobody@127.0.0.1/none DJANGO_SETTINGS_MODULE=pingtang_union.settings \
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") \
	DATA_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_hex(32))")

.PHONY: help install install-dev demo test check lint layout types layers templates migrations deploy catalogue browser messages picture format audit lock clean
help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# --- Install --------------------------------------------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '需要 Python 3.11 或更新的版本；可用 PYTHON=python3.12 指定。'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo '不能建立虚拟环境，请先安装 venv，例如 apt-get install python3-venv。'; exit 1; }

$(RUN_STAMP): requirements.lock | $(BIN)/python
	@echo '正在安装运行所需的软件包……'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	@echo '正在安装测试和检查所需的软件包……'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.lock
	@touch $@

install: $(RUN_STAMP)
install-dev: $(DEV_STAMP)

# --- Demo -----------------------------------------------------------------------------------
# DEMO=1 is what lets known passwords in; it exists in this file only, beside the demo's own database.
$(DEMO_ENV): | $(RUN_STAMP)
	@mkdir -p $(VAR)
	@umask 077; { \
		echo "DEMO=1"; \
		echo "SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"; \
		echo "DATA_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))')"; \
		echo "DEBUG=false"; \
		echo "HTTPS=false"; \
		echo "BEHIND_PROXY=false"; \
		echo "SERVE_UNCOLLECTED_STATIC=true"; \
		echo "STYLEGUIDE=true"; \
		echo "ALLOWED_HOSTS=127.0.0.1,localhost"; \
		echo "FEDERATION_NAME=平塘县总工会"; \
		echo "DJANGO_SETTINGS_MODULE=pingtang_union.settings"; \
	} > $@.new && mv $@.new $@

# The address of the database is not kept in the file, so that the folder can be moved.
# The server and the worker of large ledgers run side by side; stopping one stops the other.
demo: $(RUN_STAMP) $(DEMO_ENV)
	@folder=$$(cd "$(VAR)" && pwd); umask 077; set -a; . "$$folder/demo.env"; set +a; \
	export DATABASE_URL="sqlite:///$$folder/demo.sqlite3" PROGRESS_DIR="$$folder/progress"; \
	export PYTHONWARNINGS='ignore:No directory at:UserWarning'; \
	$(BIN)/python manage.py demo --port $(PORT) || exit 1; \
	$(BIN)/python manage.py worker & worker=$$!; \
	$(BIN)/gunicorn pingtang_union.wsgi --bind 127.0.0.1:$(PORT) --threads 4 --graceful-timeout 3 --no-control-socket --log-level warning & server=$$!; \
	trap 'kill -TERM $$server $$worker 2>/dev/null' INT TERM HUP; \
	wait $$server; code=$$?; \
	kill -TERM $$server $$worker 2>/dev/null; wait; \
	[ $$code -gt 128 ] || exit $$code

# --- Tests ----------------------------------------------------------------------------------
test: $(DEV_STAMP)
	$(TEST_ENV) $(BIN)/python -m pytest -n auto

browser: $(DEV_STAMP)
	$(TEST_ENV) $(BIN)/python -m pytest -p no:randomly -p no:cacheprovider -o addopts="--strict-markers -q" tests/browser

# --- Checks ---------------------------------------------------------------------------------
# All of them, also after one has failed.
check: $(DEV_STAMP)
	@$(MAKE) --no-print-directory --keep-going lint layout types layers templates migrations deploy catalogue

lint: $(DEV_STAMP)
	$(BIN)/ruff check .

layout: $(DEV_STAMP)
	$(BIN)/ruff format --check .

types: $(DEV_STAMP)
	$(TEST_ENV) $(BIN)/mypy

layers: $(DEV_STAMP)
	$(BIN)/lint-imports

templates: $(DEV_STAMP)
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --check --target-version 5.2

# With the tests' settings django-linear-migrations checks that each app has one line of migrations.
migrations: $(DEV_STAMP)
	$(TEST_ENV) $(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings
	$(TEST_ENV) $(BIN)/python manage.py check --fail-level WARNING --settings tests.settings

deploy: $(DEV_STAMP)
	@$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

catalogue: $(DEV_STAMP)
	$(BIN)/python -m tests.catalogue --check

# --- Housekeeping ---------------------------------------------------------------------------
format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2

audit: $(DEV_STAMP)
	$(BIN)/pip-audit --no-deps --disable-pip -r requirements.lock

messages: $(DEV_STAMP)
	$(BIN)/python -m tests.catalogue

picture: $(DEV_STAMP)
	$(BIN)/python -m tests.packages

# A clean environment, first with what the portal needs, then with the rest: what the second adds is for development.
# Use the oldest Python supported (PYTHON=python3.11), so that its backports are in.
lock:
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv $$folder/venv; \
	$(PYTHON) -c 'import sys, tomllib; project = tomllib.load(open("pyproject.toml", "rb")); open(sys.argv[1] + "/run.in", "w").write("\n".join(project["project"]["dependencies"])); open(sys.argv[1] + "/dev.in", "w").write("\n".join(project["dependency-groups"]["dev"]))' $$folder; \
	$$folder/venv/bin/pip install --quiet -r $$folder/run.in; \
	$$folder/venv/bin/pip freeze | LC_ALL=C sort -f > $$folder/run; \
	$$folder/venv/bin/pip install --quiet -r $$folder/run -r $$folder/dev.in; \
	$$folder/venv/bin/pip check; \
	$$folder/venv/bin/pip freeze | LC_ALL=C sort -f > $$folder/all; \
	{ echo '# Exact versions of everything the portal runs on. Made by "make lock"; not edited by hand.'; cat $$folder/run; } > requirements.lock; \
	{ echo '# What tests and checks need beside requirements.lock. Made by "make lock"; not edited by hand.'; echo '-r requirements.lock'; grep -vxF -f $$folder/run $$folder/all; } > requirements-dev.lock

clean:
	rm -rf $(VENV) staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
