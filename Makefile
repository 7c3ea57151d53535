# make demo: install, train on the starter project, tag its sentences.   make test: install, run the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml core/_build.py $(shell find core patterns -name "*.py[x]" -o -name "*.pxd" -o -name "simd*")

# Install what an extra of pyproject.toml lists, without building the package once more.
tools = $(BIN)/python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
  print(*project['optional-dependencies']['$(1)'], sep='\n')" > $(VENV)/$(1).txt && \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/$(1).txt

.PHONY: demo test lint docs build clean

demo: $(VENV)/installed
	rm -rf build/demo
	$(BIN)/nerture init build/demo
	$(BIN)/nerture train build/demo/pipeline.yaml -o build/demo/model
	$(BIN)/nerture apply build/demo/model build/demo/sentences.txt

test: $(VENV)/installed
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# The compiled modules again, after a change to a .pyx or .pxd.
build: $(VENV)/installed
	$(BIN)/python -m pip install --quiet "setuptools>=77" "cython>=3.1,<4"
	$(BIN)/python -c "from setuptools import setup; setup()" --quiet build_ext --inplace

lint: $(VENV)/installed
	$(call tools,lint)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PATH=$(abspath $(BIN)):$$PATH cython-lint core patterns
	PYTHONPATH=build/tree $(BIN)/lint-imports

docs: $(VENV)/installed
	$(call tools,docs)
	$(BIN)/mkdocs build --strict --quiet

$(VENV)/installed: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	touch $@

clean:
	rm -rf build dist site $(VENV) .venv-debug
	find core patterns -name "*.so" -delete
