# The words people and CI use. Each target sets up what it needs; a second run is quick.
VENV := .venv
PYTHON := $(VENV)/bin/python
LOCK := $(VENV)/bin/uv pip compile -q --no-header --python-version 3.11
READY := $(VENV)/.ready
EMULATOR := .emulator/.ready

.PHONY: setup demo test check fmt bench lock clean

setup: $(READY)

demo: $(READY) $(EMULATOR)
	$(VENV)/bin/thaw demo

test: $(READY) $(EMULATOR)
	$(PYTHON) -m pytest -n 2 --dist worksteal

check: $(READY)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(PYTHON) -m pytest tests/test_imports.py

fmt: $(READY)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(READY) $(EMULATOR)
	$(PYTHON) -m benchmarks

lock: $(READY)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(LOCK) local/requirements-emulator.in -o local/requirements-emulator.txt

clean:
	rm -rf $(VENV) .emulator build demo *.egg-info

$(READY): requirements-dev.txt pyproject.toml
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt
	$(VENV)/bin/pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(EMULATOR): local/requirements-emulator.txt
	python3 -m venv .emulator
	.emulator/bin/pip install -q --disable-pip-version-check -r $<
	touch $@
