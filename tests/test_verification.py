"""The calibration of `make verify`: it passes what is right and fails what is wrong."""

from runpy import run_path

import numpy as np
import pytest

from tests.markdown import ROOT

SBC = run_path(str(ROOT / "verification/sbc.py"))
NAMES = {"theano": "PyMC3", "pytensor": "PyMC"}


def p_value(backend, name):
    return SBC["p_value"](SBC["CASES"][name], SBC["backends"]()[NAMES[backend.name]], simulations=1000, draws=127)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gamma, Poisson", "normal regression", "variance of a normal regression"])
def test_what_is_right_is_calibrated(backend, name):
    assert p_value(backend, name) > 1e-4


@pytest.mark.slow
def test_what_is_wrong_is_not(backend, monkeypatch):
    """One pseudo-observation too many, as of an element that is counted twice."""
    monkeypatch.setitem(SBC["DRAW"], "gamma", lambda rng, p, n: rng.gamma(p["alpha"] + 1.0, 1 / p["beta"], n))
    assert p_value(backend, "gamma, Poisson") < 1e-6


def test_there_are_enough_cases():
    assert len(SBC["CASES"]) >= 20 and len({id(case) for case in SBC["CASES"].values()}) == len(SBC["CASES"])


def test_the_page_has_every_case():
    text = (ROOT / "docs/verification.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [row[0].strip() for row in rows] == list(SBC["CASES"])
    assert all(np.all(np.array(row[1:], dtype=float) > 1e-6) for row in rows)
