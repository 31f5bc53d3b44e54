"""The ratio test of `make verify`: every case on one plate with some number of data, and it fails what is wrong."""

from dataclasses import replace

import numpy as np
import pytest

from symbolic_pymc.relations.rates import RATES
from verification import ratios
from verification.ratio_cases import CASES, wanted
from verification.ratio_writing import PLATES, Writing

pytestmark = pytest.mark.filterwarnings("ignore:The Wishart distribution", "ignore:.*trace is deprecated")

# one case for every relation, and of each one cell, in turn
BY_RELATION = {relation: name for name, case in reversed(CASES.items()) for relation in case.proves}
QUICK = sorted(set(BY_RELATION.values()))
CELLS = {name: (cells := list(ratios.cells(CASES[name])))[i % len(cells)] for i, name in enumerate(QUICK)}


@pytest.mark.parametrize("name", QUICK)
def test_every_case(backend, name):
    report = ratios.run(backend, name, points=5, only=[CELLS[name]])
    assert not report.failures and bool(report.deviations) != bool(report.refused)


def test_every_relation_of_arcs_has_a_case():
    assert set(wanted()) == set(BY_RELATION)


WRONG = {
    "count": lambda ops, y, p: ops.constant(2.0),  # another law of theta
    "amount": lambda ops, y, p: ops.mul(ops.constant(1.0 + 1e-7), y),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_relation_fails(backend, monkeypatch, field):
    key = "exponential", "lam"
    monkeypatch.setitem(RATES, key, replace(RATES[key], **{field: WRONG[field]}))
    name = "gamma, exponential (lam)"
    with pytest.raises(ratios.Failure, match="off by"):
        ratios.deviation(CASES[name], backend, "vector", "many", False, 5)


def test_what_is_not_conditioned_fails(backend):
    case = replace(CASES["flat, normal (mu)"], fewest=0)
    with pytest.raises(ratios.Failure, match="not conditioned: .*left as it is"):
        ratios.deviation(case, backend, "indexed", "1", False, 5)
    with pytest.raises(ratios.Failure, match="not left as it is"):
        ratios.deviation(replace(case, fewest=99), backend, "indexed", "many", False, 5)


def test_plates_count_the_data_of_their_elements():
    assert {name: plate.fewest(6) for name, plate in PLATES.items()} == {
        "scalar": 6,
        "vector": 6,
        "matrix": 6,
        "broadcast": 18,
        "indexed": 2,
    }
    assert [PLATES["indexed"].fewest(n) for n in (0, 1)] == [0, 0]


def test_data_are_the_same_every_time(backend):
    one, other = (Writing(backend, "matrix", 2).data("real") for _ in range(2))
    assert one.shape == (2, 2, 3) and np.array_equal(one, other)
