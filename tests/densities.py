"""What the tests of model rewrites measure: log densities of models as PyMC itself computes them, at points."""

import numpy as np

POINTS = 20


def log_density(backend, model):
    """Return the log density of a model in the space that samplers walk in, as a function of a dict of values."""
    if backend.name == "theano":
        values, total = model.free_RVs, model.logpt
    else:
        values, total = model.value_vars, model.logp()
    function = backend.compile_plainly(values, total)
    names = [v.name for v in values]

    def density(point):
        return float(function(*(point[name] for name in names)))

    density.names = names
    return density


def random_points(backend, model, n=POINTS, seed=0, spread=1.0):
    """Return `n` points around the initial one, as dicts from the name of a value variable to an array."""
    start = model.test_point if backend.name == "theano" else model.initial_point(0)
    names = [v.name for v in (model.free_RVs if backend.name == "theano" else model.value_vars)]
    rng = np.random.default_rng(seed)

    def moved(x):
        x = np.asarray(x)
        return (x + spread * rng.normal(size=x.shape)).astype(x.dtype) if x.dtype.kind == "f" else x

    return [{name: moved(start[name]) for name in names} for _ in range(n)]


def evidence_of(backend, result):
    """Return the number that `log_evidence` of a conditioned model is."""
    return float(backend.compile_plainly([], result.log_evidence)())


def assert_densities_differ_by(backend, model, other, constant, tolerance=1e-8, **points):
    """Assert that log p(model) - log p(other) is `constant` at random points, relative to the size of the terms."""
    old, new = log_density(backend, model), log_density(backend, other)
    assert sorted(old.names) == sorted(new.names)
    for point in random_points(backend, model, **points):
        before, after = old(point), new(point)
        assert np.isfinite(before) and np.isfinite(after), point
        assert abs(before - after - constant) <= tolerance * max(1.0, abs(before), abs(constant)), point


def assert_conditioned(backend, model, result, tolerance=1e-8, **points):
    """Assert the ratio test: old joint density = evidence that was dropped * new joint density, everywhere."""
    assert result is not model
    evidence = evidence_of(backend, result)
    assert np.isfinite(evidence)
    assert_densities_differ_by(backend, model, result, evidence, tolerance, **points)
    return evidence


def value_of(backend, variable):
    """Return the value of a variable that depends on nothing random and no input."""
    return np.asarray(backend.compile_plainly([], variable)())
