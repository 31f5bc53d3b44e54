"""Nine posteriors of posteriordb: their closed forms against exact values, and against the means of reference draws.

What a model leaves, one scale at most, is integrated over by quadrature of the model's own log density.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.special import gammaln

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.conditioning import condition
from symbolic_pymc.parts import graph_parts, substitute
from tests.densities import log_density

F = np.float64
FILE = json.loads(gzip.decompress((Path(__file__).parent / "data" / "posteriordb.json.gz").read_bytes()))
DATA = {name: {k: np.asarray(v, dtype="float64") for k, v in d.items()} for name, d in FILE["data"].items()}
EXACT = 1e-6
STANDARD_ERRORS = 4.5

EARNINGS, KIDIQ, WORK, SCHOOLS = (DATA[k] for k in ("earnings", "kidiq", "kidiq_with_mom_work", "eight_schools"))


def design(*columns):
    return np.column_stack([np.ones(len(columns[0])), *columns])


def with_product(x, y):
    return x, y, x * y


def centered(x):
    return x - x.mean()


LOG_EARN = np.log(EARNINGS["earn"])
SCORE = KIDIQ["kid_score"]
JOBS = [(WORK["mom_work"] == k) * 1.0 for k in (2, 3, 4)]
# posterior: design, data, whether the deviation is half-Cauchy of scale 2.5, not half-flat
REGRESSIONS = {
    "earnings-earn_height": (design(EARNINGS["height"]), EARNINGS["earn"], False),
    "earnings-logearn_height": (design(EARNINGS["height"]), LOG_EARN, False),
    "earnings-logearn_interaction": (design(*with_product(EARNINGS["height"], EARNINGS["male"])), LOG_EARN, False),
    "kidiq-kidscore_momiq": (design(KIDIQ["mom_iq"]), SCORE, True),
    "kidiq-kidscore_momhsiq": (design(KIDIQ["mom_hs"], KIDIQ["mom_iq"]), SCORE, True),
    "kidiq-kidscore_interaction": (design(*with_product(KIDIQ["mom_hs"], KIDIQ["mom_iq"])), SCORE, True),
    "kidiq_with_mom_work-kidscore_interaction_c": (
        design(*with_product(centered(WORK["mom_hs"]), centered(WORK["mom_iq"]))),
        WORK["kid_score"],
        False,
    ),
    "kidiq_with_mom_work-kidscore_mom_work": (design(*JOBS), WORK["kid_score"], False),
}


def regression(backend, name):
    X, y, is_cauchy = REGRESSIONS[name]
    pm = backend.pm
    with pm.Model() as model:
        beta = pm.Flat("beta", shape=X.shape[1])
        sigma = pm.HalfCauchy("sigma", beta=F(2.5)) if is_cauchy else pm.HalfFlat("sigma")
        pm.Normal("y", backend.tensor.dot(X, beta), sigma=sigma, observed=y)
    return model


def hyperpriors(pm):
    return pm.Normal("mu", F(0.0), sigma=F(5.0)), pm.HalfCauchy("tau", beta=F(5.0))


def centered_schools(backend):
    pm = backend.pm
    with pm.Model() as model:
        mu, tau = hyperpriors(pm)
        theta = pm.Normal("theta", mu, sigma=tau, shape=8)
        pm.Normal("y", theta, sigma=SCHOOLS["sigma"], observed=SCHOOLS["y"])
    return model


def non_centered_schools(backend):
    pm = backend.pm
    with pm.Model() as model:
        mu, tau = hyperpriors(pm)
        theta = pm.Deterministic("theta", mu + tau * pm.Normal("z", F(0.0), sigma=F(1.0), shape=8))
        pm.Normal("y", theta, sigma=SCHOOLS["sigma"], observed=SCHOOLS["y"])
    return model


class Laws:
    """The parameters of the draws of a conditioned model, as functions of the values of the others."""

    def __init__(self, backend, model):
        self.backend, adapter = backend, adapter_of(model)
        with adapter.build_context():
            outputs, _ = adapter.terms(model)
            self.ops, terms = adapter.ops, list(graph_parts(*condition(adapter, outputs).outputs))
            seen = {x.rands[1] for x in terms if self.ops.is_observed(x)}
            self.draws = {x.name: x for x in terms if self.ops.is_random(x) and x not in seen}
            bases = reify_many(tuple(self.draws.values()))
        self.inputs = {name: base.type() for name, base in zip(self.draws, bases)}

    def of(self, name):
        """Return the function of the values of `self.inputs` that gives the parameters of a draw, in order."""
        places = {x: metatize(self.inputs[other]) for other, x in self.draws.items() if other != name}
        terms = parameters_of(self.ops, substitute(self.draws[name], places)).values()
        inputs = [place for other, place in self.inputs.items() if other != name]
        functions = [self.backend.compile_plainly(inputs, base) for base in reify_many(tuple(terms))]
        names = [other for other in self.inputs if other != name]
        return lambda point: [np.asarray(f(*(point[other] for other in names))) for f in functions]


def weights_on(density, grid):
    """Return the weights of the points of a grid, even on the scale that the density is on."""
    logs = np.array([density(x) for x in grid])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def assert_agrees(name, moments, exact=None):
    """Assert means and standard deviations by name: the exact ones, and means near those of the reference draws."""
    reference = FILE["posteriors"][name]
    exact = exact or {quantity: expected["exact"] for quantity, expected in reference.items()}
    assert set(moments) == set(reference) == set(exact)
    for quantity, (mean, sd) in moments.items():
        expected = reference[quantity]
        np.testing.assert_allclose((mean, sd), exact[quantity], rtol=EXACT, err_msg=quantity)
        assert abs(mean - expected["mean"]) < STANDARD_ERRORS * expected["mcse"], quantity


def moments_of(names, means, variances):
    return {name: (m, np.sqrt(v)) for name, m, v in zip(names, np.ravel(means), np.ravel(variances))}


FLAT = [name for name, (_, _, is_cauchy) in REGRESSIONS.items() if not is_cauchy]
CAUCHY = [name for name, (_, _, is_cauchy) in REGRESSIONS.items() if is_cauchy]


@pytest.mark.parametrize("name", FLAT)
def test_flat_regressions_in_closed_form(backend, name):
    model = regression(backend, name)
    laws = Laws(backend, model)
    assert set(laws.draws) == {"beta", "sigma_squared"}
    alpha, rate = (float(x) for x in laws.of("sigma_squared")({"beta": np.zeros(REGRESSIONS[name][0].shape[1])}))
    mean, cov = laws.of("beta")({"sigma_squared": rate / (alpha - 1)})  # at the mean of the square
    sigma = np.sqrt(rate) * np.exp(gammaln(alpha - 0.5) - gammaln(alpha))
    moments = moments_of([f"beta[{j + 1}]" for j in range(len(mean))], mean, np.diag(cov))
    assert_agrees(name, moments | {"sigma": (sigma, np.sqrt(rate / (alpha - 1) - sigma**2))})


@pytest.mark.parametrize("name", CAUCHY)
def test_regressions_by_quadrature_over_the_deviation(backend, name):
    model = regression(backend, name)
    collapsed = sp.collapse_graph(model)
    density = log_density(backend, collapsed)
    [scale] = density.names
    grid = np.linspace(np.log(13), np.log(25), 201)
    weights = weights_on(lambda x: density({scale: x}), grid)
    assert weights[[0, -1]].max() < 1e-6 * weights.max()
    law, sigmas = Laws(backend, model).of("beta"), np.exp(grid)
    means, covs = zip(*(law({"sigma": s}) for s in sigmas))
    means, variances = np.array(means), np.array([np.diag(cov) for cov in covs])
    mean = weights @ means
    moments = moments_of(
        [f"beta[{j + 1}]" for j in range(len(mean))], mean, weights @ (variances + (means - mean) ** 2)
    )
    sigma = weights @ sigmas
    assert_agrees(name, moments | {"sigma": (sigma, np.sqrt(weights @ (sigmas - sigma) ** 2))})


NODES, NODE_WEIGHTS = np.array([-(3**0.5), 0.0, 3**0.5]), np.array([1, 4, 1]) / 6  # exact for what is quadratic


def moments_of_schools(backend, build):
    """Return means and standard deviations of the eight schools: theta given mu and tau, mu given tau, tau."""
    model = build(backend)
    collapsed = sp.collapse_graph(model)
    density = log_density(backend, collapsed)
    [scale] = density.names
    grid = np.linspace(-25.0, 12.0, 371)
    weights = weights_on(lambda x: density({scale: x}), grid)
    laws = Laws(backend, model)
    effect = "theta" if build is centered_schools else "z"
    law_of_mu, law_of_effect = laws.of("mu"), laws.of(effect)
    first, second, zeros = 0.0, 0.0, np.zeros(8)
    for weight, tau in zip(weights, np.exp(grid)):
        m, s = law_of_mu({"tau": tau, effect: zeros})
        for node, share in zip(NODES, NODE_WEIGHTS):
            mu = m + s * node
            mean, sd = law_of_effect({"tau": tau, "mu": mu})
            if effect == "z":
                mean, sd = mu + tau * mean, tau * sd
            quantities = np.array([*mean, mu, tau])
            spread = np.array([*np.broadcast_to(sd, 8), 0.0, 0.0])
            first = first + weight * share * quantities
            second = second + weight * share * (quantities**2 + spread**2)
    return moments_of(SCHOOL_NAMES, first, second - first**2)


def exact_schools():
    """The same by adaptive quadrature of the formulas of Gelman et al., Bayesian Data Analysis, 3rd ed., section 5.4."""
    y, variance = SCHOOLS["y"], SCHOOLS["sigma"] ** 2

    def given(tau):
        """The density of tau, up to a constant, and the first two moments of theta, mu and tau given tau."""
        total = variance + tau**2
        v = 1 / (1 / 25 + np.sum(1 / total))
        m, shrunk = v * np.sum(y / total), tau**2 / total
        theta = shrunk * y + (1 - shrunk) * m
        spread = shrunk * variance + (1 - shrunk) ** 2 * v
        log_density = 0.5 * np.sum(np.log(v / 25)) - 0.5 * np.sum(np.log(total) + y**2 / total) + 0.5 * m**2 / v
        means = np.array([*theta, m, tau])
        return np.exp(log_density + 20) / (1 + (tau / 5) ** 2), means, means**2 + np.array([*spread, v, 0.0])

    def integrand(tau):
        density, first, second = given(tau)
        return density * np.array([1.0, *first, *second])

    pieces = (quad_vec(integrand, *ends, epsabs=0, epsrel=1e-12)[0] for ends in ((0, 10), (10, 100), (100, np.inf)))
    mass, *moments = sum(pieces)
    first, second = np.split(np.array(moments) / mass, 2)
    return moments_of(SCHOOL_NAMES, first, second - first**2)


SCHOOL_NAMES = [*(f"theta[{j + 1}]" for j in range(8)), "mu", "tau"]


@pytest.mark.parametrize("build", (centered_schools, non_centered_schools))
def test_eight_schools_by_quadrature_over_tau(backend, build):
    assert_agrees("eight_schools-eight_schools_noncentered", moments_of_schools(backend, build), exact_schools())


def test_centered_and_non_centered_schools_agree(backend):
    one, other = (moments_of_schools(backend, build) for build in (centered_schools, non_centered_schools))
    np.testing.assert_allclose([*one.values()], [*other.values()], rtol=1e-10)
