"""Data that their law does not give: refused where they are constant, no posterior and no finite evidence elsewhere."""

import numpy as np
import pytest

import symbolic_pymc as sp
from tests.densities import evidence_of

F = np.float64


def gamma(pm):
    return pm.Gamma("t", F(2.5), F(1.5))


def beta(pm):
    return pm.Beta("t", F(0.5), F(1.5))


# by name: the model of data, and data of which some are impossible and others not
CASES = {
    "Poisson": (lambda pm, y: pm.Poisson("y", gamma(pm), observed=y), [-1, 2], [1, 2]),
    "Poisson, far below": (lambda pm, y: pm.Poisson("y", gamma(pm), observed=y), [-7, 2], [0, 2]),
    "exponential": (lambda pm, y: pm.Exponential("y", gamma(pm), observed=y), [-1.0, 2.0], [1.0, 2.0]),
    "binomial": (lambda pm, y: pm.Binomial("y", 3, beta(pm), observed=y), [5, 2], [3, 2]),
    "binomial, below": (lambda pm, y: pm.Binomial("y", 3, beta(pm), observed=y), [-5, 2], [0, 2]),
    "binomials": (lambda pm, y: pm.Binomial("y", np.array([9, 1]), beta(pm), observed=y), [5, 2], [5, 1]),
    "Bernoulli": (lambda pm, y: pm.Bernoulli("y", beta(pm), observed=y), [2, 1], [0, 1]),
    "geometric": (lambda pm, y: pm.Geometric("y", beta(pm), observed=y), [0, 1], [1, 1]),
    "negative binomial": (lambda pm, y: pm.NegativeBinomial("y", n=F(3), p=beta(pm), observed=y), [-2, 1], [0, 1]),
    "Pareto": (lambda pm, y: pm.Pareto("y", gamma(pm), F(1.0), observed=y), [0.5, 2.0], [1.5, 2.0]),
    "Weibull": (lambda pm, y: pm.Weibull("y", F(2.0), gamma(pm) ** F(-0.5), observed=y), [-0.5, 2.0], [0.5, 2.0]),
    "beta": (lambda pm, y: pm.Beta("y", gamma(pm), F(1.0), observed=y), [0.5, 1.5], [0.5, 0.25]),
    "uniform": (lambda pm, y: pm.Uniform("y", F(0), pm.Pareto("t", F(2), F(1)), observed=y), [-1.0, 2.0], [1.0, 2.0]),
    "hypergeometric": (
        lambda pm, y: pm.HyperGeometric("y", N=20, k=pm.Binomial("t", 20, F(0.3)), n=5, observed=y),
        6,
        5,
    ),
    "multinomial": (
        lambda pm, y: pm.Multinomial("y", 4, pm.Dirichlet("t", np.ones(3), shape=3), observed=y, shape=3),
        [5, 0, -1],
        [1, 2, 1],
    ),
    "multinomial, another number": (
        lambda pm, y: pm.Multinomial("y", 4, pm.Dirichlet("t", np.ones(3), shape=3), observed=y, shape=3),
        [2, 2, 1],
        [1, 0, 3],
    ),
}


def conditioned(backend, name, data):
    with backend.pm.Model() as model:
        CASES[name][0](backend.pm, data)
    return model, sp.conjugate_graph(model)


@pytest.mark.parametrize("name", CASES)
def test_constant_data(backend, name):
    _, wrong, right = CASES[name]
    model, result = conditioned(backend, name, np.array(wrong))
    assert result is model
    [step] = sp.steps(result)
    assert "y has data that its law" in step.reason and not step.taken
    model, result = conditioned(backend, name, np.array(right))
    assert result is not model and np.isfinite(evidence_of(backend, result))


def test_labels_beyond_the_last_one(backend):
    """The last label of three is 2."""
    for label, is_given in ((2, True), (3, False), (4, False)):
        with backend.pm.Model() as model:
            p = backend.pm.Dirichlet("p", np.ones(3), shape=3)
            backend.pm.Categorical("y", p, observed=np.array([0, label]))
        result = sp.conjugate_graph(model)
        assert (result is not model) == is_given
        assert is_given or "its law, categorical, does not give" in sp.steps(result)[-1].reason


@pytest.mark.parametrize("name", CASES)
def test_shared_data_that_become_impossible(backend, name):
    _, wrong, right = CASES[name]
    data = backend.shared(np.array(right))
    _, result = conditioned(backend, name, data)
    assert np.isfinite(evidence_of(backend, result))
    data.set_value(np.array(wrong))
    try:
        evidence = evidence_of(backend, result)
    except Exception as error:
        # PyMC names what is wrong with the parameters of the posterior
        assert type(error).__name__ == "ParameterValueError"
    else:
        assert evidence == -np.inf or np.isnan(evidence)


def test_variables_of_finite_support_are_not_summed_out_of_impossible_data(backend):
    with backend.pm.Model() as model:
        z = backend.pm.Bernoulli("z", F(0.3))
        backend.pm.Poisson("y", F(1.0) + z, observed=np.array([2, -1]))
    result = sp.marginalize_graph(model, ["z"])
    assert result is model and "its law, poisson, does not give" in sp.steps(result)[-1].reason
