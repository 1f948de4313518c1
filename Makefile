# Everything a person types: make demo, make test. The rest serves them.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .venv/bin/uv
SERVE ?= 1
PORT ?= 8420
DEMO ?= demo-workspace

.PHONY: install web demo test bench soak lock clean screenshots

install: .venv/.installed .venv/.warmed maps/site/index.html

.venv/.installed: requirements.lock pyproject.toml
	test -x $(PY) || python3 -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check uv
	$(UV) pip sync -q --compile-bytecode --require-hashes requirements.lock
	$(UV) pip install -q --no-deps --no-build-isolation -e .
	$(PY) -m compileall -q gis hydraulics design maps api
	touch $@

# compiled ahead, so that nobody waits for it at the first question
.venv/.warmed: .venv/.installed $(wildcard hydraulics/gga/*.py)
	$(PY) -m hydraulics.gga.warm
	touch $@

web maps/site/index.html: .venv/.installed $(shell find maps/web -path '*/node_modules' -prune -o -type f -print 2>/dev/null)
	$(PY) maps/web/build.py

demo: install
	$(PY) -m api.demo --workspace $(DEMO) $(if $(filter 0,$(SERVE)),,--serve --port $(PORT))

test: install
	$(PY) -m tests.prepare
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

bench: install
	$(PY) -m tests.benchmarks.run $(if $(FULL),--full)

soak: install
	$(PY) -m tests.benchmarks.soak $(if $(ONLY),--only $(ONLY)) $(if $(SECONDS),--seconds $(SECONDS))

screenshots: install
	$(PY) -m tests.prepare
	$(PY) -m tests.e2e.screenshots

lock:
	$(UV) pip compile pyproject.toml --extra test --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements.lock

clean:
	rm -rf .venv maps/site maps/web/node_modules $(DEMO)
