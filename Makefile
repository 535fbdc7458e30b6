# Each target is one script in dev/; `make help` lists them.
PYTHON ?= python3
T ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test lint fidelity play bench shell reset screenshots docs translations

help: ## this list
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 14

setup: ## get Python packages, Odoo 19, PostgreSQL and Chromium (outside the repository)
	@$(PYTHON) dev/setup

demo: ## a synced company to play with: Odoo on 8069, QuickBooks (simulator) on 8090
	@$(PYTHON) dev/demo

smoke: ## prove the whole chain on free ports; prints one JSON line
	@$(PYTHON) dev/smoke

test: ## run all tests, or a selection: make test T=core | simulator | odoo | TestClass.test_name | path
	@$(PYTHON) dev/test $(T)

lint: ## ruff, pylint-odoo, mypy, Odoo's own test_lint
	@$(PYTHON) dev/lint

fidelity: ## recorded traffic and real clients judge the simulator: make fidelity [T=recordings]
	@$(PYTHON) dev/fidelity $(T)

play: ## both sides do at random what they may, then the books are compared: make play [SEED=1] [STEPS=200]
	@$(PYTHON) dev/play

bench: ## measure requests, speed and memory: make bench [SIZE=2000]
	@$(PYTHON) dev/bench $(SIZE)

shell: ## Odoo's shell on the demo database
	@$(PYTHON) dev/shell

reset: ## remove the demo's databases and company
	@$(PYTHON) dev/reset

screenshots: ## make the pictures of the documentation again
	@$(PYTHON) dev/screenshots

docs: ## write docs/mapping.md again from the code that maps fields
	@$(PYTHON) dev/docs

translations: ## write the template of translations again: i18n/qbo_sync.pot
	@$(PYTHON) dev/translations
