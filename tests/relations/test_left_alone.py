"""Priors of no law that the library can name after conditioning: the model stays as it is, and a step says why."""

from importlib import import_module

import numpy as np
import pytest

import symbolic_pymc as sp
from tests.joints import built, reasons

F = np.float64
Y, COUNTS = np.array([0.3, -0.1, 0.4, 1.2]), np.array([2, 0, 5, 3])


def truncated(pm, name, *parameters, lower, upper):
    """Return a variable between bounds, as either version of PyMC writes it."""
    if hasattr(pm, "Truncated"):
        return pm.Truncated("x", getattr(pm, name).dist(*parameters), lower=lower, upper=upper)
    return pm.Bound(getattr(pm, name), lower=lower, upper=upper)("x", *parameters)


PRIORS = {
    "truncated weibull": lambda pm: pm.Poisson(
        "y", truncated(pm, "Weibull", F(2.0), F(1.0), lower=F(0.5), upper=F(3.0)), observed=COUNTS
    ),
    "student": lambda pm: pm.Normal(
        "y", pm.StudentT("x", nu=F(3.0), mu=F(0.0), sigma=F(1.0)), sigma=F(0.7), observed=Y
    ),
}


@pytest.mark.parametrize("name", PRIORS)
def test_what_has_no_name_stays_with_a_reason(backend, name):
    model = built(backend, lambda pm, t: PRIORS[name](pm))
    result = sp.conjugate_graph(model)
    assert result is model
    assert [step.reason for step in sp.steps(result) if "no closed form" in (step.reason or "")]
    result = sp.marginalize_graph(model, ["x"])
    assert result is model and "no closed form" in reasons(result)["x"]


def test_a_student_prior_is_conditionally_normal(backend):
    """Its scale mixture has what the law itself has not."""
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    model = built(backend, lambda pm, t: PRIORS["student"](pm))
    expanded = sp.rewrite_graph(model, module.mixtureo)
    result = sp.conjugate_graph(expanded)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("x", "y")]


def test_a_vector_that_sums_to_zero(backend):
    if backend.name == "theano":
        assert not hasattr(backend.pm, "ZeroSumNormal")  # PyMC3 has no such law
        return

    def build(pm, t):
        pm.Normal("y", pm.ZeroSumNormal("x", sigma=F(2.0), shape=4), sigma=F(0.5), observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model and all(step.reason for step in sp.steps(result))
