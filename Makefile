# Every target sets up its own environment in .venv; Python >= 3.11, make and a package index are enough.
# Another interpreter: make PYTHON=python3.12 test

VENV := .venv
BIN := $(VENV)/bin
DECLARED := pyproject.toml tools/setup.sh
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test format bench wheels clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/core.stamp ## assess the studies in examples/ and write what they give to build/demo/
	@for study in examples/*/study.yaml; do \
	  folder=$$(dirname "$$study"); name=$$(basename "$$folder"); \
	  if [ -f "$$folder/generate.py" ]; then $(BIN)/python "$$folder/generate.py" || exit 1; fi; \
	  echo "== $$name"; \
	  $(BIN)/netprint assess "$$study" --out "build/demo/$$name" || exit 1; \
	done

test: $(VENV)/test.stamp ## style, types, layers and every test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile

format: $(VENV)/test.stamp ## put the code into the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/bench.stamp ## measure speed and memory
	$(BIN)/python -m benchmarks

wheels: $(VENV)/core.stamp ## fetch the wheels an offline user needs to dist/wheels/; at most 150 MB
	$(BIN)/python tools/wheels.py dist/wheels

clean: ## remove everything that make and the tools wrote
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/%.stamp: $(DECLARED)
	tools/setup.sh $*
