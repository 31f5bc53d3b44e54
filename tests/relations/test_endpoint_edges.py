"""The upper end of uniform data with a Pareto prior, against integrals of scipy's densities."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.relations.test_flat_edges import F, built, reasons, taken

Y = np.array([0.3, 1.9, 0.8, 2.6, 0.1, 1.1])
GROUP = np.array([0, 2, 0, 2, 0, 2])  # none is of group 1
FACTORS = np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])
ALPHA, M = 2.5, np.array([0.7, 1.3, 0.2])

# name: the upper ends of the data from theta, shape of theta, m, which datum has which element, factors, data
FORMS = {
    "one number": (lambda x: x, (), F(0.7), np.zeros(6, int), 1.0, Y),
    "a large floor": (lambda x: x, (), F(7.0), np.zeros(6, int), 1.0, Y),
    "one datum": (lambda x: x, (), F(0.7), np.zeros(1, int), 1.0, Y[1:2]),
    "no data": (lambda x: x, (), F(0.7), np.zeros(0, int), 1.0, Y[:0]),
    "a single number": (lambda x: F(2.0) * x, (), F(0.7), np.zeros((), int), 2.0, Y[1]),
    "multiples": (lambda x: FACTORS * x, (), F(0.7), np.zeros(6, int), FACTORS, Y),
    "one each": (lambda x: x / F(2.0), (3,), M, np.arange(3), 0.5, Y[:3]),
    "groups": (lambda x: x[GROUP], (3,), M, GROUP, 1.0, Y),
    "groups with factors": (lambda x: FACTORS * x[GROUP], (3,), F(0.7), GROUP, FACTORS, Y),
    "rows": (lambda x: x, (3,), M, np.tile(np.arange(3), (2, 1)), 1.0, Y.reshape(2, 3)),
    "row": (lambda x: x, (1, 3), M[None], np.tile(np.arange(3), (2, 1)), 1.0, Y.reshape(2, 3)),
}


@pytest.mark.parametrize("name", FORMS)
def test_posterior_and_evidence(backend, name):
    upper, shape, m, group, factors, y = FORMS[name]
    model = built(
        backend, lambda pm, t: pm.Uniform("y", F(0.0), upper(pm.Pareto("theta", F(ALPHA), m, shape=shape)), observed=y)
    )
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["pareto_end_reversalo"]
    floors, ratios = np.broadcast_to(m, shape).ravel(), np.ravel(y / factors)
    own = [ratios[np.ravel(group) == k] for k in range(len(floors))]
    density, evidence = log_density(backend, result), evidence_of(backend, result)
    [place] = density.names
    ends = np.array([max([floor, *part]) for floor, part in zip(floors, own)])
    numbers = np.array([len(part) for part in own])
    scale = np.log(np.broadcast_to(factors, np.shape(y))).sum()
    for x in (-0.7, 0.4):
        theta = ends + np.exp(x)
        joint = stats.pareto(ALPHA, scale=floors).logpdf(theta).sum() - np.sum(numbers * np.log(theta)) - scale
        got = density({place: np.full(shape, x)}) - len(ends) * x
        np.testing.assert_allclose(got, stats.pareto(ALPHA + numbers, scale=ends).logpdf(theta).sum(), rtol=1e-9)
        np.testing.assert_allclose(got + evidence, joint, rtol=1e-9)
    masses = [
        quad(lambda x, k=k: stats.pareto(ALPHA, scale=floors[k]).pdf(x) / x ** numbers[k], ends[k], np.inf)[0]
        for k in range(len(ends))
    ]
    np.testing.assert_allclose(evidence, np.sum(np.log(masses)) - scale, rtol=1e-7, atol=1e-9)


def test_an_unknown_shape_keeps_the_evidence(backend):
    def build(pm, t):
        theta = pm.Pareto("theta", pm.Exponential("a", F(1.0)), F(0.7))
        pm.Uniform("y", F(0.0), theta, observed=Y)

    density = log_density(backend, sp.collapse_graph(built(backend, build)))
    [place] = density.names
    for a in (0.5, 2.0):
        expected = np.log(a / (a + 6)) + a * np.log(0.7) - (a + 6) * np.log(2.6) - a + np.log(a)
        np.testing.assert_allclose(density({place: np.log(a)}), expected, rtol=1e-9)


def pareto(pm, **k):
    return pm.Pareto("theta", F(2.0), F(0.7), **k)


REFUSED = {
    "lower end not 0": (lambda pm, t: pm.Uniform("y", F(0.1), pareto(pm), observed=Y), "not uniform between 0"),
    "lower end": (lambda pm, t: pm.Uniform("y", -pareto(pm), F(9.0), observed=Y), "not uniform between 0"),
    "shifted": (lambda pm, t: pm.Uniform("y", F(0.0), F(1.0) + pareto(pm), observed=Y), "no multiple"),
    "negative": (lambda pm, t: pm.Uniform("y", F(0.0), F(-1.0) * pareto(pm), observed=Y), "not known to be"),
    "square": (lambda pm, t: pm.Uniform("y", F(0.0), pareto(pm) ** 2, observed=Y), "no multiple"),
    "sum": (lambda pm, t: pm.Uniform("y", F(0.0), t.sum(pareto(pm, shape=2)), observed=Y), "no multiple"),
    "unknown factor": (
        lambda pm, t: pm.Uniform("y", F(0.0), pareto(pm) * pm.Normal("c", F(0.0), sigma=F(1.0)), observed=Y),
        "not known to be",
    ),
    "both ends": (lambda pm, t: (lambda x: pm.Uniform("y", -x, x, observed=Y))(pareto(pm)), "also appears"),
    "another Pareto variable": (
        lambda pm, t: pm.Pareto("y", F(2.0), pareto(pm), observed=Y),
        "no closed form is known",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(backend, name):
    build, reason = REFUSED[name]
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model and not taken(result)
    assert reason in reasons(result)["theta", "y"]
