"""What the tests of model rewrites measure: `symbolic_pymc.verify`, and values of variables."""

import numpy as np

from symbolic_pymc import verify
from symbolic_pymc.verify import POINTS

__all__ = ["POINTS"]


def log_density(backend, model):
    """Return the log density of a model in the space that samplers walk in, as a function of a dict of values."""
    return verify.log_density(model)


def random_points(backend, model, n=POINTS, seed=0, spread=1.0):
    """Return `n` points around the initial one, as dicts from the name of a value variable to an array."""
    return verify.random_points(model, n, seed, spread)


def evidence_of(backend, result):
    """Return the number that `log_evidence` of a conditioned model is."""
    return verify.log_evidence(result)


def assert_densities_differ_by(backend, model, other, constant, tolerance=1e-8, **points):
    """Assert that log p(model) - log p(other) is `constant` at random points, relative to the size of the terms."""
    verify.ratio_test(model, other, constant, tolerance=tolerance, **points)


def assert_conditioned(backend, model, result, tolerance=1e-8, **points):
    """Assert the ratio test: old joint density = evidence that was dropped * new joint density, everywhere."""
    assert result is not model
    evidence = verify.log_evidence(result)
    assert np.isfinite(evidence)
    verify.ratio_test(model, result, evidence, tolerance=tolerance, **points)
    return evidence


def value_of(backend, variable):
    """Return the value of a variable that depends on nothing random and no input."""
    return np.asarray(backend.compile_plainly([], variable)())
