# The verbs of this project. Each is a script of the same name in script/, which also takes arguments.
.NOTPARALLEL:
.PHONY: help setup demo test check audit format lock clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

setup: ## make .venv from the hash-pinned lock (the others do it when needed)
	@script/setup

demo: ## the main job, end to end, on local servers, without any account
	@script/demo

test: ## run all tests
	@script/test

check: ## style, types, who imports whom
	@script/check

audit: ## look all locked packages up among known vulnerabilities, where that data can be had
	@script/audit

format: ## put the code in its standard form
	@script/format

lock: ## write requirements/*.txt anew from pyproject.toml
	@script/lock

clean: ## remove the environments and everything that tools made
	@script/clean
