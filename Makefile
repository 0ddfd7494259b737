# Needs Python 3.11 to 3.13, git and make. `make help` lists the targets.
# The stamps in .venv are newer than pyproject.toml and constraints.txt when what these ask for is
# installed: a second run installs nothing and does not touch the network.

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-test
REQUIREMENTS := pyproject.toml constraints.txt
EXTRAS :=
ENCODERS_VENV := .venv-encoders
ENCODERS_INSTALLED := $(ENCODERS_VENV)/.installed
WITH_ENCODERS := .[test,encoders]
ENCODERS_VERSIONS := tests/encode/constraints.txt
OTHER_VENV := .venv-other
OTHER_PY := $(OTHER_VENV)/bin/python
LABEL_STUDIO_VENV := .venv-label-studio
LABEL_STUDIO_INSTALLED := $(LABEL_STUDIO_VENV)/.installed
LABEL_STUDIO_PERSON := annotator@example.org
LABEL_STUDIO_VERSIONS := tests/label_studio/constraints.txt

OUTER_PATH := $(subst $(CURDIR)/$(VENV)/bin:,,$(PATH))
# dvc.yaml says `python -m tasks.<stage>`: that must be the python of .venv, activated or not.
export PATH := $(CURDIR)/$(VENV)/bin:$(OUTER_PATH)
export DVC_NO_ANALYTICS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without cached bytecode every process takes about three times as long to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: build install test lint other-python serve label-studio label-studio-server encoders clean help

build: $(INSTALLED)  ## Install what is needed, build the dataset with DVC, say where the report is (the default)
	@$(PY) -m tasks.core.deliverable
	$(PY) -m flows.reproduce
	@echo
	@echo "The report: $(CURDIR)/data/report/index.html"

install: $(INSTALLED)  ## Install without building; with EXTRAS=video,hdf5 also what those extras bring
	@$(if $(EXTRAS),$(call INSTALL,.[$(EXTRAS)]),:)
	@echo "To use it in this terminal: source $(VENV)/bin/activate"

test: lint  ## Install the test tools too, then check style and types and run every test
	$(PY) -m pytest

lint: $(INSTALLED_TEST)  ## Check style (ruff) and types (mypy) only
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

# Only what the build needs is installed, into an environment of its own; the copy is gone afterwards.
other-python: build  ## Build the sample with another supported Python too, where there is one: dvc.lock must be the same
	@ours="$$($(PY) -c '$(PRINT_VERSION)')"; \
	if [ "$$($(OTHER_PY) -c '$(PRINT_VERSION)' 2>/dev/null)" != "$$ours" ] && $(OTHER_PY) -m pip --version >/dev/null 2>&1; \
	then :; else \
		python="$$(unlike="$$ours"; $(FIND_PYTHON))"; \
		if [ -z "$$python" ]; then echo "No supported Python but $$ours was found: nothing was compared"; exit 0; fi; \
		"$$python" -m venv --clear $(OTHER_VENV) || exit 1; \
	fi; \
	theirs="$$($(OTHER_PY) -c '$(PRINT_VERSION)')"; \
	echo "Building the sample with Python $$theirs, to compare it with that of Python $$ours"; \
	$(OTHER_PY) -m pip install --quiet --constraint constraints.txt --editable . || exit 1; \
	copy="$$(mktemp -d)"; trap 'rm -rf "$$copy"' EXIT; \
	git ls-files -z --cached --others --exclude-standard | tar -c --null -T - -f - | tar -x -C "$$copy" -f - || exit 1; \
	(cd "$$copy" && git init -q && PATH="$(CURDIR)/$(OTHER_VENV)/bin:$(OUTER_PATH)" python -m dvc repro --quiet) && \
	diff -u dvc.lock "$$copy/dvc.lock" && echo "Python $$theirs builds what Python $$ours builds: dvc.lock is the same"

serve: $(INSTALLED)  ## Serve the build and the nightly flow to the Prefect UI
	$(PY) -m flows.serve

label-studio: $(LABEL_STUDIO_INSTALLED)  ## Install a Label Studio server (1 GB) into a .venv-label-studio of its own
	@echo "Its tests: $(PY) -m pytest tests/label_studio"
	@echo "The server: make label-studio-server"

# Its person is made at the first start; the variables, unlike arguments, are not shown to the machine's other users.
label-studio-server: $(LABEL_STUDIO_INSTALLED)  ## Start that server on loopback, with LABEL_STUDIO_API_KEY as its token and password
	@test -n "$$LABEL_STUDIO_API_KEY" || { echo 'Choose a token first: export LABEL_STUDIO_API_KEY=$$(openssl rand -hex 20)' >&2; exit 1; }
	@LABEL_STUDIO_USERNAME=$(LABEL_STUDIO_PERSON) LABEL_STUDIO_PASSWORD="$$LABEL_STUDIO_API_KEY" \
		LABEL_STUDIO_USER_TOKEN="$$LABEL_STUDIO_API_KEY" LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN=true \
		COLLECT_ANALYTICS=False FEATURE_FLAGS_OFFLINE=True FRONTEND_SENTRY_DSN= LATEST_VERSION_CHECK=False SENTRY_DSN= \
		$(LABEL_STUDIO_VENV)/bin/label-studio start --no-browser --internal-host 127.0.0.1 --port 8080

encoders: $(ENCODERS_INSTALLED)  ## Install the trained encoders (2.5 GB and more) into a .venv-encoders, run their tests
	$(ENCODERS_VENV)/bin/python -m pytest tests/encode

clean:  ## Remove .venv, caches and unfinished partitions; data and the DVC cache stay
	rm -rf $(VENV) build modalweave.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis data/.partial
	find . \( -name .git -o -path ./.dvc -o -path ./data \) -prune -o -name __pycache__ -exec rm -rf {} +

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r target what; do \
		printf '%-18s %s\n' "$$target" "$$what"; done

$(INSTALLED): $(REQUIREMENTS)
	@$(CREATE_VENV)
	@$(call INSTALL,.)
	@touch $@

$(INSTALLED_TEST): $(REQUIREMENTS)
	@$(CREATE_VENV)
	@$(call INSTALL,.[test])
	@touch $(INSTALLED) $@

# Not among our dependencies, and with versions of its own: only its tests and whoever wants a server need it.
$(LABEL_STUDIO_INSTALLED): VENV := $(LABEL_STUDIO_VENV)
$(LABEL_STUDIO_INSTALLED): PY := $(LABEL_STUDIO_VENV)/bin/python
$(LABEL_STUDIO_INSTALLED): $(LABEL_STUDIO_VERSIONS)
	@$(CREATE_VENV)
	@echo "Installing Label Studio (some minutes)"
	@$(PY) -m pip install --quiet --constraint $(LABEL_STUDIO_VERSIONS) label-studio
	@touch $@

# torch and what runs on it, beside all that .venv has: only whoever encodes with trained weights needs it.
# On Linux the torch of PyPI brings CUDA, some GB more. pip takes the smaller one (2.13.0+cpu) by itself where it
# is offered: name PyTorch's index for CPUs in PIP_EXTRA_INDEX_URL, or a folder with its wheel in PIP_FIND_LINKS.
$(ENCODERS_INSTALLED): VENV := $(ENCODERS_VENV)
$(ENCODERS_INSTALLED): PY := $(ENCODERS_VENV)/bin/python
$(ENCODERS_INSTALLED): VERSIONS := --constraint $(ENCODERS_VERSIONS)
$(ENCODERS_INSTALLED): $(REQUIREMENTS) $(ENCODERS_VERSIONS)
	@$(CREATE_VENV)
	@$(call INSTALL,$(WITH_ENCODERS))
	@touch $@

PRINT_VERSION := import sys; print("%d.%d" % sys.version_info[:2])

# Prints the first Python that will do. A candidate counts only when it runs: pyenv leaves a `python3.13` in the
# PATH that may be no Python at all. The version $$unlike will not do, and neither will the python of $(VENV).
define FIND_PYTHON
PATH="$(OUTER_PATH)"; \
for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python \
	$$(ls -d "$$HOME"/.pyenv/versions/*/bin/python3 2>/dev/null | sort -rV); do \
	if "$$python" -c 'import os, sys, ensurepip, sqlite3, ssl, venv; \
sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14) or "%d.%d" % sys.version_info[:2] == sys.argv[1] or \
os.path.realpath(os.path.dirname(sys.executable)) == os.path.realpath("$(VENV)/bin"))' "$$unlike" >/dev/null 2>&1; then \
		echo "$$python"; \
		break; \
	fi; \
done
endef

# A .venv that cannot run pip (its Python was removed, or its making was interrupted) is made anew, and never
# by its own python.
define CREATE_VENV
if $(PY) -m pip --version >/dev/null 2>&1; then exit 0; fi; \
python="$$(unlike=; $(FIND_PYTHON))"; \
if [ -n "$$python" ]; then \
	echo "Making $(VENV) with $$python ($$("$$python" --version))"; \
	exec env PATH="$(OUTER_PATH)" "$$python" -m venv --clear $(VENV); \
fi; \
echo "No Python 3.11, 3.12 or 3.13 with venv, ssl and sqlite3 was found." >&2; \
echo "Install one (on Debian and Ubuntu with its python3-venv package), or name it: make PYTHON=/path/to/python3.12" >&2; \
exit 1
endef

# pip byte-compiles what it installs unless it was configured not to; compileall then makes up for it.
# Some packages carry templates that are not valid Python, so compileall may complain and is not heeded.
define INSTALL
echo "Installing $(1) with the versions of constraints.txt (some minutes the first time)"; \
$(PY) -m pip install --quiet --constraint constraints.txt $(VERSIONS) --editable '$(1)' && \
{ $(PY) -m compileall -qq $(VENV)/lib || true; }
endef
