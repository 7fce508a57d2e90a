# make demo     fit the embedded runs and write what comes out to demo/
# make test     the fast tests
# make docs     the documentation, in docs/_build/html
# make bench    what fits cost in gradients and programs, beside the stored counts
# make test-slow, make lint, make clean
#
# The first of these that is Python 3.12 or newer makes .venv; make PYTHON=... names another.
PYTHON ?= python3.12 python3.13 python3 python

BIN := .venv/bin
PIP := PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip -qq --disable-pip-version-check

.PHONY: bench demo docs test test-slow lint clean
.DELETE_ON_ERROR:

demo: .venv/.runtime
	@$(BIN)/lawbook demo

test: .venv/.development
	@$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-slow: .venv/.development .venv/.documentation
	@$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --slow

bench: .venv/.runtime
	@JAX_PLATFORMS=cpu $(BIN)/python benchmarks/counts.py

docs: .venv/.documentation
	@test -d docs/_cache || echo "Fitting every law, once; this takes about twenty minutes."
	@$(BIN)/python -m sphinx -q -b html -W --keep-going docs docs/_build/html
	@echo "The documentation is in docs/_build/html/index.html"

lint: .venv/.development
	@$(BIN)/pre-commit run --all-files

clean:
	rm -rf .venv demo build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	rm -rf docs/_build docs/_cache docs/_rooms docs/_headlines docs/laws docs/api docs/comparisons.md
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/.runtime: pyproject.toml constraints.txt
	@for python in $(PYTHON); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	        echo "Setting up .venv with $$($$python --version), once; this takes a few minutes."; \
	        exec $$python -m venv .venv; \
	    fi; \
	done; \
	echo "None of '$(PYTHON)' is Python 3.12 or newer; install it, or name one by make PYTHON=..." >&2; \
	exit 1
	@$(PIP) install -c constraints.txt -e .
	@touch $@

.venv/.development: .venv/.runtime
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

.venv/.documentation: .venv/.development
	@$(PIP) install -c constraints.txt -e '.[docs]'
	@touch $@
