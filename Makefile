# The words people and CI use. Each target sets up what it needs; a second run is quick.
VENV := .venv
PYTHON := $(VENV)/bin/python
LOCK := $(VENV)/bin/uv pip compile -q --no-header --python-version 3.11
LOCK_LAYER := $(VENV)/bin/uv pip compile -q --no-header --no-annotate --python-version 3.13 \
	--python-platform aarch64-manylinux_2_28 $(addprefix --no-emit-package ,boto3 botocore jmespath s3transfer urllib3)
READY := $(VENV)/.ready
EMULATOR := .emulator/.ready
TRINO := build/trino/.ready

.PHONY: setup demo demo-vault test test-browser test-chaos test-trino test-layer check fmt bench layer lock clean

setup: $(READY)

demo: $(READY) $(EMULATOR)
	$(VENV)/bin/thaw demo

demo-vault: $(READY) $(EMULATOR)
	$(VENV)/bin/thaw demo --vault

test: $(READY) $(EMULATOR)
	$(PYTHON) -m pytest -n 2 --dist worksteal

test-browser: $(READY)
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
		{ echo "make test-browser needs Chromium: apt-get install chromium chromium-driver"; exit 1; }
	$(PYTHON) -m pytest -n 0 -m browser tests/browser

test-trino: $(READY) $(TRINO)
	$(PYTHON) -m pytest -n 0 -m trino tests/trino

test-chaos: $(READY) $(EMULATOR)
	$(PYTHON) -m pytest -n 2 -m chaos tests/chaos tests/local -k "$(SHARDS)"

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

layer: $(READY)
	$(PYTHON) -m infra.layers

test-layer: layer
	$(PYTHON) -m pytest -n 0 -m layer tests/infra

lock: $(READY)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(LOCK) local/requirements-emulator.in -o local/requirements-emulator.txt
	$(LOCK_LAYER) lambdas/report/requirements.in -c requirements.txt -o lambdas/report/requirements.txt
	$(LOCK_LAYER) lambdas/prepare_job/requirements.in -c requirements.txt -o lambdas/prepare_job/requirements.txt

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

$(TRINO): tests/trino/pom.xml
	@command -v javac >/dev/null && command -v mvn >/dev/null || \
		{ echo "make test-trino needs Java 17 and Maven: apt-get install openjdk-17-jdk-headless maven"; exit 1; }
	rm -rf $(@D)
	mvn -q -B -f $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(abspath $(@D))
	touch $@
