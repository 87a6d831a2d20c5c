# Every target works on a fresh machine with Python 3.11 or newer and make; the second call starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help run test check lint bench lock clean

help:
	@echo "make run     the bot: Telegram if TELEGRAM_BOT_TOKEN is set, else a chat in this terminal"
	@echo "make test    every test"
	@echo "make check   every fault of the knowledge base and the configuration"
	@echo "make lint    ruff and mypy"
	@echo "make bench   speed and the comparison with other matching engines and bots"
	@echo "make lock    renew the hash-pinned requirement lists"
	@echo "make clean   remove what the other targets made"

# A stamp a list: the lists are installed again only when they change.
$(VENV)/.run: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@# Fits the matcher once, so that the first start of the bot needs no half a minute for it.
	-@$(BIN)/python -m bot ask hello > /dev/null
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run
	@$(BIN)/python -m bot

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n auto

check: $(VENV)/.run
	@$(BIN)/python -m bot check

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m pytest -q -p no:xdist -o python_files='bench_*.py' -s tests

lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build --group dev -o requirements-dev.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group rival -o requirements-rival.txt

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .hypothesis build dist
