# Yizhan. Needs Python 3.11 and make, nothing else.
#
#   make run [PORT=8000] [HOME_DIR=.yizhan]   start everything; Ctrl-C stops it
#            [LOAD_DEMO=0] [WEB_WORKERS=2]    without the demo market; web processes
#   make test [ARGS="-k contracts"]           the whole suite, or a part of it
#   make lint                                 style, types, layers, migrations, messages
#   make bench                                figures of speed and size, one JSON object a line
#   make manage ARGS="..."                    a management command against the instance
#   make shell                                a Python shell in it
#   make messages [ROOM=listings]             renew the translation catalogues
#   make schema                               renew docs/reference/openapi.json
#   make requirements                         pin the packages anew
#   make clean                                remove what building left (never an instance's data)

PORT ?= 8000
HOME_DIR ?= .yizhan
VENV ?= .venv
ARGS ?=
ROOM ?=

PYTHON ?= $(shell for name in python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 \
	&& echo $$name && break; done)

PREPARE = $(PYTHON) marketplace/runner/bootstrap.py --venv "$(VENV)"
RUNNER = -m marketplace.runner

.PHONY: help packages run test lint bench manage shell messages schema requirements clean python

help: ; @sed -n 's/^# \{0,1\}//p' Makefile | sed -n '1,14p'

run: python
	@exec $(PREPARE) -- $(RUNNER) run --port "$(PORT)" --home "$(HOME_DIR)"

packages: python
	@$(PREPARE) --dev

test: python
	@exec $(PREPARE) --dev -- -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

lint: python
	@exec $(PREPARE) --dev -- -m marketplace.runner.lint

bench: python
	@exec $(PREPARE) --dev -- $(RUNNER) manage --home "$(HOME_DIR)-bench" bench $(ARGS)

manage: python
	@exec $(PREPARE) -- $(RUNNER) manage --home "$(HOME_DIR)" $(ARGS)

shell: python
	@exec $(PREPARE) -- $(RUNNER) manage --home "$(HOME_DIR)" shell

messages: python
	@exec $(PREPARE) -- -m marketplace.messages update $(ROOM)

schema: python
	@YIZHAN_TESTING=true exec $(PREPARE) -- manage.py spectacular --validate --fail-on-warn \
		--format openapi-json --file docs/reference/openapi.json

requirements: python
	@$(PREPARE) --dev -- -m marketplace.runner.requirements

clean:
	@rm -rf "$(VENV)" build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete 2>/dev/null || true

python:
	@test -n "$(PYTHON)" || { echo "Yizhan needs Python 3.11 and found none in the path; install it (on Debian and Ubuntu: python3.11 and python3.11-venv) or name it with PYTHON=..." >&2; exit 1; }
