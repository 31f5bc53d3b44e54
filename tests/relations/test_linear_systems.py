"""The solution of linear equations is affine in their right-hand side."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.affine import NotAffine, affine, dense

rng = np.random.default_rng(0)
LOWER = np.tril(rng.normal(size=(3, 3))) + 3 * np.eye(3)
FULL = rng.normal(size=(3, 3)) + 3 * np.eye(3)


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def solution(backend, matrix, right, lower):
    """Return the solution by a solver that reads the whole matrix, or its lower triangle."""
    if backend.name == "pytensor":
        solve = backend.tensor.linalg.solve_triangular if lower else backend.tensor.linalg.solve
        return solve(matrix, right, lower=True) if lower else solve(matrix, right)
    solver = import_module("theano.tensor.slinalg").Solve
    return solver("lower_triangular" if lower else "general")(matrix, right)


@pytest.mark.parametrize("matrix, lower", [(LOWER, True), (LOWER, False), (FULL, False)])
def test_a_solution(backend, ops, matrix, lower):
    x = backend.tensor.dvector("x")
    expr = metatize(solution(backend, backend.tensor.constant(matrix), 2.0 * x - 1.0, lower))
    form = affine(ops, expr, metatize(x))
    found = [dense(ops, form.link, expr, metatize(x)).reify(), form.offset.reify()]
    link, offset = (backend.compile_plainly([x], part)(np.zeros(3)) for part in found)
    np.testing.assert_allclose(link, 2.0 * np.linalg.inv(matrix), atol=1e-12)
    np.testing.assert_allclose(offset, -np.linalg.solve(matrix, np.ones(3)), atol=1e-12)


def test_a_triangle_that_is_not_all_is_refused(backend, ops):
    x = backend.tensor.dvector("x")
    expr = metatize(solution(backend, backend.tensor.constant(FULL), x, True))
    with pytest.raises(NotAffine, match="triangular"):
        affine(ops, expr, metatize(x))


def test_the_matrix_of_a_system_is_refused(backend, ops):
    x = backend.tensor.dvector("x")
    matrix = backend.tensor.constant(FULL) * x
    expr = metatize(solution(backend, matrix, np.ones(3), False))
    with pytest.raises(NotAffine):
        affine(ops, expr, metatize(x))
