# The habits. Each does all the set-up that it needs: Python 3.11+, git and make are enough.
.DEFAULT_GOAL := help
UV := ./scripts/uv

.PHONY: help demo test check fuzz bench package clean

help:  ## What there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'

demo:  ## The main job on embedded parts: a local Slack workspace, the bot, one real session
	@$(UV) run --quiet --no-dev threatbot demo

test:  ## All tests that this machine can run
	@$(UV) run --quiet pytest -q -n auto --dist loadgroup

check:  ## Format, lint, types, import rules, tests with coverage
	$(UV) run --quiet ruff format --check .
	$(UV) run --quiet ruff check .
	$(UV) run --quiet mypy
	$(UV) run --quiet lint-imports
	$(UV) run --quiet pytest -q -n auto --dist loadgroup --cov --cov-report=term

fuzz:  ## The tests that invent their inputs, with new ones each time
	@$(UV) run --quiet pytest -q -n auto --dist loadgroup -m hypothesis --hypothesis-profile=new --randomly-seed=default

bench:  ## Measurements, printed beside the bars of docs/evaluation.md
	@$(UV) run --quiet python -m benchmarks

package:  ## What Lambda runs, out of uv.lock: dist/ingress-*.zip and dist/worker-*.zip
	@$(UV) run --quiet --no-project python scripts/package.py

clean:  ## Forget the environment and every cache
	rm -rf dist node_modules .serverless .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis
