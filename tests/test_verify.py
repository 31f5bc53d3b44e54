"""The ratio test: it passes what is right, fails what is wrong, and says where."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError, DisprovedError
from symbolic_pymc.verify import log_density, log_evidence, random_points, ratio_test

F = np.float64


def normal(backend, mean=0.0, name="theta", observed=True):
    with backend.pm.Model() as model:
        theta = backend.pm.Normal(name, F(mean), sigma=F(2.0))
        if observed:
            backend.pm.Normal("y", theta, sigma=F(1.0), observed=np.array([0.3, 1.1]))
    return model


def test_what_is_conditioned_differs_by_its_evidence(backend):
    model = normal(backend)
    result = sp.conjugate_graph(model)
    assert 0.0 <= ratio_test(model, result) < 1e-12
    assert log_evidence(result) < -2 and log_evidence(model) == 0.0
    with pytest.raises(DisprovedError, match="off by"):
        ratio_test(model, result, log_evidence(result) + 1e-6)


def test_a_wrong_model_is_told_with_the_point(backend):
    with pytest.raises(DisprovedError, match="at {'theta': .*off by"):
        ratio_test(normal(backend, observed=False), normal(backend, 1.0, observed=False))


def test_a_density_that_is_no_number_is_no_proof(backend):
    model = normal(backend)
    with pytest.raises(DisprovedError, match="off by nan"):
        ratio_test(model, model, np.nan)


def test_other_variables_are_refused(backend):
    with pytest.raises(ArgumentError, match="theta and other"):
        ratio_test(normal(backend), normal(backend, name="other"))


def test_points_and_densities_are_those_of_the_model(backend):
    model = normal(backend, observed=False)
    points, density = random_points(model, 5), log_density(model)
    assert len(points) == 5 and density.names == ["theta"] == [*points[0]]
    for point in points:
        exact = -((float(point["theta"]) / 2) ** 2) / 2 - np.log(2 * np.sqrt(2 * np.pi))
        assert density(point) == pytest.approx(exact, rel=1e-12)
