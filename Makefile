# One command for each thing a developer or a visitor does. Every target works in a local virtual environment that is
# made on first use; `make VENV=somewhere-else test` puts it elsewhere, `make PYTHON=python3.12 test` picks the interpreter.

VENV    ?= .venv
PYTHON  ?=
PYTEST_ARGS ?=

BIN       := $(VENV)/bin
PY        := $(BIN)/python
INSTALLED := $(VENV)/.installed-test
DOCS      := $(VENV)/.installed-docs
RAY       := $(VENV)/.installed-ray
PIP       := $(PY) -m pip --disable-pip-version-check --quiet

# TensorFlow takes about 1 GB a process: two test workers at most, and no worker processes at all on a single core.
CORES   := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
WORKERS ?= $(shell if [ "$(CORES)" -ge 2 ]; then echo 2; else echo 0; fi)

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint type bench docs clean install

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(INSTALLED) ## train a small model on synthetic spikes and write a report
	@$(PY) examples/demo.py

test: $(INSTALLED) ## run the test suite without the slow tests
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

test-slow: $(RAY) ## run the slow tests only
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile -m slow $(PYTEST_ARGS)

lint: $(INSTALLED) ## check style and import order
	@$(BIN)/ruff check .

type: $(INSTALLED) ## check the types of params and builders
	@$(BIN)/mypy

bench: $(INSTALLED) ## measure speed and fit; writes benchmarks/results.json
	@$(PY) benchmarks/run.py

docs: $(DOCS) ## build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "Documentation: site/index.html"

clean: ## remove what the other targets made, the virtual environment included
	@rm -rf $(VENV) site build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(INSTALLED) ## make the virtual environment and install the package with its test tools

# A stamp stands for a finished installation; a change of the metadata makes it stale.
$(INSTALLED): setup.cfg | $(PY)
	@echo "Installing indl_vae and its test tools into $(VENV) (TensorFlow: about 600 MB to download the first time) ..."
	@$(PIP) install --editable '.[test]'
	@touch $@

# Ray, some 430 MB, is needed by slow tests alone.
$(RAY): setup.cfg | $(INSTALLED)
	@echo "Installing Ray Tune into $(VENV) ..."
	@$(PIP) install --editable '.[ray]'
	@touch $@

$(DOCS): setup.cfg | $(INSTALLED)
	@echo "Installing the documentation tools into $(VENV) ..."
	@$(PIP) install --editable '.[docs]'
	@touch $@

# The first interpreter that runs and is new enough; one that is only a launcher for a missing version is passed over.
$(PY):
	@found=; \
	for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3 python); do \
	    if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then \
	        found="$$python"; break; \
	    fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "indl_vae needs Python 3.11, 3.12 or 3.13; none of '$(or $(PYTHON),python3.11 python3.12 python3.13 python3 python)'" \
	         "is one. Install it, or name it: make PYTHON=path-to-python ..." >&2; \
	    exit 1; \
	fi; \
	echo "Making the virtual environment $(VENV) with $$("$$found" --version) ..."; \
	"$$found" -m venv "$(VENV)" || { \
	    echo "$$found cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
	    rm -rf "$(VENV)"; exit 1; }
