# Two commands to know: `make demo` and `make test`. Each makes .venv by itself and may be run again at any time.
PYTHON ?= python3
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults lint docs bench dist clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

setup: ## make .venv with PyTorch and the development tools
	@PYTHON="$(PYTHON)" sh tools/venv.sh

demo: setup ## watch a small language model being improved, with a memory (about 4 minutes on 2 cores)
	@$(RUN) examples/demo.py

test: setup ## run all tests
	@$(RUN) -m pytest

faults: setup ## kill, fail, fill and fuzz everything (about 25 minutes on 2 cores); docs/reliability.md
	@$(RUN) -m tests.faults

lint: setup ## check style and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -m mypy --follow-imports=skip memorylab.py
	@$(RUN) -m mypy train.py prepare.py examples/demo.py benchmarks/contradictions.py benchmarks/dashboard.py benchmarks/diffs.py benchmarks/guard.py benchmarks/night_sim.py benchmarks/scale.py tools/cli_reference.py tools/dist.py tools/field_prior.py tools/fit_odds.py tools/pictures.py
	@$(RUN) -m mypy tests

docs: setup ## write docs/cli.md anew from --help
	@$(RUN) tools/cli_reference.py

bench: setup ## measure check and log as the ledger grows
	@$(RUN) benchmarks/scale.py

dist: setup ## build the wheel and the source archive into dist/
	@$(RUN) tools/dist.py

clean: ## remove .venv, the demo and caches
	@rm -rf .venv demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
