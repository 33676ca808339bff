# Two commands for a stranger: `make demo` and `make test`. Everything lives in .venv.
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
SRC := src tests bench tools

.PHONY: help install demo test check bench format golden docs clean lock

help:
	@echo "make demo    a fictitious leak, the whole response, and where the report lies"
	@echo "make test    everything the tests need, then all tests"
	@echo "make check   format, lint, types, imports, docs in step"
	@echo "make bench   every published figure, beside its peer, on this machine"
	@echo "make docs    writes again what the documents quote from the program"
	@echo "make golden  writes the expected files again; review the difference"

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.run

demo: $(VENV)/.run
	$(BIN)/hemostat demo --out demo

test: $(VENV)/.dev
	@tools/system.sh
	$(BIN)/pytest -n 2 --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff format --check $(SRC)
	$(BIN)/ruff check $(SRC)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/docs.py --check

bench: $(VENV)/.dev
	$(BIN)/python bench/run.py

format: $(VENV)/.dev
	$(BIN)/ruff format $(SRC)
	$(BIN)/ruff check --fix $(SRC)

golden: $(VENV)/.dev
	HEMOSTAT_GOLDEN=write $(BIN)/pytest -n 0 tests/golden

docs: $(VENV)/.dev
	$(BIN)/python tools/docs.py

# Hashes and no hosts; releases younger than seven days wait. Needs uv.
lock:
	uv pip compile -q pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --exclude-newer "$$(date -u -d '7 days ago' +%F)" -o requirements.lock
	uv pip compile -q pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --exclude-newer "$$(date -u -d '7 days ago' +%F)" -o requirements-dev.lock

clean:
	rm -rf $(VENV) demo dist build
