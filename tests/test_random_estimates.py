"""Estimates of random models: where one is found, no point beside it has a larger density, as PyMC has it."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc import errors
from tests.random_estimates import Outcome, estimated
from verification.estimates import TITLE
from verification.page import section

STATUSES = "converged", "iteration limit", "unbounded", "no finite value"

pytestmark = pytest.mark.filterwarnings("ignore")  # of logarithms of zeros, and of PyMC about its own names


@pytest.mark.parametrize("seed", range(12))
def test_an_estimate_is_one_or_says_that_it_is_none(backend, seed):
    """Whatever else goes wrong than what `find_map` refuses in words fails here."""
    outcome = estimated(backend, seed)
    assert outcome is None or outcome.status in STATUSES or hasattr(errors, outcome.status)
    assert outcome is None or not outcome.is_wrong, outcome


def test_a_wrong_estimate_is_seen(backend, monkeypatch):
    right = sp.find_map

    def wrong(model, **options):
        result = right(model, **options)
        moved = {name: np.asarray(x) + 0.05 for name, x in result.items() if np.asarray(x).dtype.kind == "f"}
        result.values.update(moved)
        return result

    found = [seed for seed in range(5) if (estimated(backend, seed) or Outcome("")).status == "converged"]
    monkeypatch.setattr(sp, "find_map", wrong)
    assert found and all(estimated(backend, seed).is_wrong for seed in found)


def test_the_page_has_no_failures():
    assert " 0 failures" in section(TITLE)
