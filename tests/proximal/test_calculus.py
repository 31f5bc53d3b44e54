"""Operators of changed penalties, against the rules that they follow from those of the penalties."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.conjugates import conjugate_of
from symbolic_pymc.proximal.prox import prox_of
from tests.proximal.calculus import CALCULUS, base, base_prox

Z = np.concatenate([[-22.0, 22.0], np.linspace(-5, 5, 41) + 0.013])


def operator(backend, make, step):
    """Return the operator of a penalty as a function of `z`."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    x, z = (backend.tensor.dvector(name) for name in "xz")
    gamma = metatize(backend.tensor.constant(np.float64(step)))
    prox = prox_of(ops, *map(metatize, (make(backend.tensor, x), x, z)), gamma)
    return backend.compile_plainly([z], prox.reify())


def deviation(backend, rule, step):
    """Return how far an operator is from its rule, relative to what is larger than one."""
    with np.errstate(all="ignore"):
        found = operator(backend, rule.make, step)(Z)
    expected = rule.expected(base_prox, Z, step)
    return float(np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected))))


@pytest.mark.parametrize("name", CALCULUS)
def test_rules(backend, name):
    assert max(deviation(backend, CALCULUS[name], step) for step in (0.4, 1.3)) <= 1e-12


def test_the_operator_that_the_rules_start_from(backend):
    np.testing.assert_allclose(operator(backend, base, 0.4)(Z), base_prox(Z, 0.4), rtol=1e-12, atol=1e-12)


def test_a_wrong_rule_is_found_out(backend):
    rule = CALCULUS["scaled argument"]
    wrong = type(rule)(rule.statement, rule.make, lambda prox, z, step: 1.6 * prox(z / 1.6, step / 1.6))
    assert deviation(backend, wrong, 0.4) > 1e-3


def test_the_decomposition_of_moreau(backend):
    r"""What the operator leaves of `z` is where the conjugate is :math:`u p - \phi(p)`."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    x, u = (backend.tensor.dvector(name) for name in "xu")
    phi = base(backend.tensor, x)
    conjugate = backend.compile_plainly([u], conjugate_of(ops, *map(metatize, (phi, x, u))).reify())
    value = backend.compile_plainly([x], phi)
    p = operator(backend, base, 1.0)(Z)
    np.testing.assert_allclose(value(p) + conjugate(Z - p), p * (Z - p), rtol=1e-9, atol=1e-9)
