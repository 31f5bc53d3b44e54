# make demo      run both examples and say where their pictures are
# make test      run every test; the PyTensor part again with PyMC 6 where there is a Python for it
# make docs      build the documentation
# make bench     run the benchmarks and write their tables into docs/benchmarks.md
# make verify    calibrate closed forms, put them to the ratio test, rewrite and estimate random models, measure the proofs
# make mutation  try small errors in the relations and write how many the tests catch into docs/verification.md
# make env       create or update .envs/theano (Theano, PyMC3 and PyMC 5; Python 3.11)
# make env312    create or update .envs/pymc6 (PyMC 6; Python 3.12 or later), if there is a Python for it
#
# PYTHON311=/path/to/python names the Python for .envs/theano; PYTEST_FLAGS=... takes the place of pytest's options.

SHELL := bash
PYTHON311 ?= $(shell tools/find_python.sh 3.11 3.10)
# as many processes as there are cores, but no more than memory bears
PYTEST_FLAGS ?= -n auto --maxprocesses 8
BACKEND_FOLDERS = symbolic_pymc/theano symbolic_pymc/relations/theano tests/theano
METADATA = setup.cfg setup.py pyproject.toml requirements.txt $(wildcard symbolic_pymc/theano/startup/*) \
	tools/make_env.sh

.PHONY: help demo test docs bench verify mutation env env312

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: env
	@. tools/activate.sh .envs/theano && for example in posterior radon; do \
		echo "examples/$$example.py" && python examples/$$example.py || exit; done
	@echo "The pictures are in $(CURDIR)/examples/output:" && ls examples/output

test: env env312
	@. tools/activate.sh .envs/theano && python -m pytest $(PYTEST_FLAGS)
	@test ! -e .envs/pymc6/.installed || { . tools/activate.sh .envs/pymc6 && \
		python -m pytest $(addprefix --ignore=,$(BACKEND_FOLDERS)) $(PYTEST_FLAGS); }

docs: env
	@. tools/activate.sh .envs/theano && sphinx-build -W -b html docs docs/_build/html

bench: env
	@. tools/activate.sh .envs/theano && python benchmarks/_report.py

verify: env
	@. tools/activate.sh .envs/theano && python -m verification.sbc
	@. tools/activate.sh .envs/theano && python -m verification.ratios
	@. tools/activate.sh .envs/theano && python -m verification.random_models
	@. tools/activate.sh .envs/theano && python -m verification.estimates
	@. tools/activate.sh .envs/theano && python -m verification.proofs
	@. tools/activate.sh .envs/theano && python -m verification.proximal && python tools/proximal.py

mutation: env
	@. tools/activate.sh .envs/theano && python -m verification.mutation

env: .envs/theano/.installed
env312: .envs/pymc6/.installed

.envs/theano/.installed: $(METADATA)
	@python="$(PYTHON311)" && test -n "$$python" && tools/make_env.sh .envs/theano "$$python" -r requirements.txt
	@touch $@

# No stamp is left where there is no Python for it: the next run looks again.
.envs/pymc6/.installed: $(METADATA)
	@if python=$$(tools/find_python.sh 3.13 3.12 3.14 2>/dev/null); then \
		tools/make_env.sh .envs/pymc6 "$$python" -e ".[pytensor,sympy,examples,test]" && touch $@; \
	else echo "No Python 3.12 or later with venv: the PyTensor part is not tested again with PyMC 6"; fi
