# make demo: install, train on the starter project, tag its sentences.   make test: install, run the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUBS := $(subst /,.,$(patsubst %.pyi,nerture.%,$(shell find core patterns -name "*.pyi")))
SOURCES := pyproject.toml core/_build.py $(shell find core patterns -name "*.py[x]" -o -name "*.pxd" -o -name "simd*")

# Install what an extra of pyproject.toml lists, without building the package once more.
tools = $(BIN)/python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
  print(*project['optional-dependencies']['$(1)'], sep='\n')" > $(VENV)/$(1).txt && \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/$(1).txt

.PHONY: demo test coverage lint docs build sdist wheel check-wheel clean

demo: $(VENV)/installed
	rm -rf build/demo
	$(BIN)/nerture init build/demo
	$(BIN)/nerture train build/demo/pipeline.yaml -o build/demo/model
	$(BIN)/nerture apply build/demo/model build/demo/sentences.txt

test: $(VENV)/installed
	$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

# The tests once more, and which lines they never reach: slower, and no test fails of it.
coverage: $(VENV)/installed
	$(call tools,coverage)
	$(BIN)/python -m pytest -n auto --dist loadfile --cov=nerture --cov-report=term:skip-covered $(PYTEST_ARGS)

# The compiled modules again, after a change to a .pyx or .pxd.
build: $(VENV)/installed
	$(BIN)/python -m pip install --quiet "setuptools>=77" "cython>=3.1,<4"
	$(BIN)/python -c "from setuptools import setup; setup()" --quiet build_ext --inplace

lint: $(VENV)/installed
	$(call tools,lint)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=build/tree $(BIN)/python -m mypy.stubtest --concise --mypy-config-file pyproject.toml \
	  --ignore-disjoint-bases --allowlist tests/stubs_allowed.txt $(STUBS)
	PATH=$(abspath $(BIN)):$$PATH cython-lint core patterns
	PYTHONPATH=build/tree $(BIN)/lint-imports

docs: $(VENV)/installed
	$(call tools,docs)
	$(BIN)/python docs/architecture/draw.py --check
	$(BIN)/mkdocs build --strict --quiet

sdist: $(VENV)/installed
	$(call tools,wheel)
	rm -rf dist/*.tar.gz
	$(BIN)/python -m build --sdist --outdir dist

# From the sdist, so that what lies about in this folder gets into no wheel, and the sdist is known to build.
wheel: sdist
	rm -rf build/wheel dist/*.whl
	mkdir -p build/wheel
	tar -xzf dist/nerture-*.tar.gz -C build/wheel
	$(BIN)/python -m build --wheel --outdir build/wheel build/wheel/nerture-*/
	PATH=$(abspath $(BIN)):$$PATH auditwheel repair --strip --wheel-dir dist build/wheel/nerture-*.whl

check-wheel: wheel
	$(BIN)/python .ci/check_wheel.py dist/nerture-*.whl

$(VENV)/installed: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	touch $@

clean:
	rm -rf build dist site $(VENV) .venv-debug
	find core patterns -name "*.so" -delete
