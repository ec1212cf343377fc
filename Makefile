# Everything starts here. On a bare machine only python3 (3.11 or newer), git and make are needed.

PYTHON3 ?= python3
PYTHON := .venv/bin/python
RUNTIME := $(PYTHON3) -I config/processes/bootstrap.py requirements.txt
DEVELOPMENT := $(RUNTIME) requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo serve test crash hosts bench check format messages schema lock manifests clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

setup:
	@$(RUNTIME)

setup-dev:
	@$(DEVELOPMENT)

demo: setup ## a whole incident on this machine: demo data, simulator, handsets in the browser
	@exec $(PYTHON) -m config.demo

serve: setup ## web on $PORT (8000), workers, clock; embedded SQLite and Redis unless DATABASE_URL, REDIS_URL are set
	@exec $(PYTHON) -m config.processes serve

test: check ## check, the suite on SQLite, what touches a database on PostgreSQL; ARGS="-k name" is passed to pytest
	@exec $(PYTHON) -m tests.run suite $(ARGS)

crash: setup-dev ## kill parts of it while it works, and audit; ROUNDS=20 SEED=1 DATABASE=sqlite|postgresql|both
	@exec $(PYTHON) -m tests.run crash --rounds $(or $(ROUNDS),1) $(if $(SEED),--seed $(SEED)) \
		--database $(or $(DATABASE),both) $(ARGS)

hosts: setup-dev ## many hosts, cut off while they send: in network namespaces, else by wires; ARGS="--seed 9 --wires"
	@exec $(PYTHON) -m tests.run hosts $(ARGS)

bench: setup-dev ## measure speed on SQLite and on PostgreSQL; ARGS="dispatch --sqlite" chooses, ARGS=--help lists
	@exec $(PYTHON) -m benchmarks $(ARGS)

check: setup-dev ## format, lint, types, direction of imports, migrations, Django's own checks
	@exec $(PYTHON) -m tests.run check

format: setup-dev ## format the code and mend what the linter can mend
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --quiet --fix .

messages: setup-dev ## bring translations up to date with what is said, and compile them
	@exec $(PYTHON) -m tests.messages

schema: setup-dev ## write docs/api/openapi.yaml anew, and say what in it breaks clients
	@exec $(PYTHON) -m tests.schema

lock: setup-dev ## pin requirements*.in in requirements*.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .venv/lock uv==0.13.8
	@for name in requirements requirements-dev; do \
		UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
			$(ARGS) $$name.in --output-file $$name.txt || exit 1; \
	done

manifests: setup-dev ## build compose/kubernetes with kustomize, validate it with the schemas of Kubernetes
	@exec $(PYTHON) -m tests.compose.validating

clean: ## remove .venv/, caches and collected static files; databases stay
	@rm -rf .venv .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache var/static var/static.stamp
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
