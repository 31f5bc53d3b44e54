"""Every likelihood of a rate, a probability or a simplex, by every prior: against integrals of scipy's densities.

The oracle knows no closed form: posterior and evidence of each parameter come from a sum over a grid on the log or
logit scale, which is exact to rounding for these densities.  The closed forms of the literature are a second one.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Callable

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import betaln, expit, gammaln, logsumexp

import symbolic_pymc as sp
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.relations import kernels, rates
from tests.densities import assert_conditioned, evidence_of, log_density, random_points

TOLERANCE = 1e-8

GROUP = np.array([0, 3, 3, 1, 0, 3, 3])  # none is of group 2 or 4
GRID = np.array([[0, 1, 1], [4, 0, 1]])
NONE = np.array([], dtype="int64")

# name: shape of theta, which element of it each datum has, shape of the data
FORMS = {
    "one number": ((), lambda x: x, ()),
    "one datum": ((), lambda x: x, (1,)),
    "many data": ((), lambda x: x, (5,)),
    "matrix of data": ((), lambda x: x, (2, 3)),
    "no data": ((), lambda x: x, (0,)),
    "one each": ((4,), lambda x: x, (4,)),
    "matrix, one each": ((2, 3), lambda x: x, (2, 3)),
    "transposed": ((3, 2), lambda x: x.T, (2, 3)),
    "reversed": ((4,), lambda x: x[::-1], (4,)),
    "rows of a vector": ((3,), lambda x: x, (2, 3)),
    "columns of a vector": ((2,), lambda x: x[:, None], (2, 3)),
    "row": ((1, 3), lambda x: x, (2, 3)),
    "column": ((2, 1), lambda x: x, (2, 3)),
    "vector of one": ((1,), lambda x: x, (4,)),
    "one of several": ((4,), lambda x: x[2], (3,)),
    "groups": ((5,), lambda x: x[GROUP], (7,)),
    "groups in a matrix": ((5,), lambda x: x[GRID], (2, 3)),
    "one to seven": ((), lambda x: x, (7,)),
    "no groups": ((2,), lambda x: x[NONE], (0,)),
}


# The priors ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prior:
    """A prior: ``build(pm, shape, values)`` makes it, ``law(*values)`` is it in scipy.

    kind : "rate" or "chance", its scale that of the oracle's grid.  exponent : a rate is theta to this power.
    posterior : ``posterior(values, n, t)`` is the law in scipy for the statistics of the data, by the closed form.
    """

    kind: str
    build: Callable
    values: Callable
    law: Callable
    posterior: Callable
    exponent: int = 1


def _gamma(alpha, beta):
    return stats.gamma(alpha, scale=1 / beta)


def _inverse_gamma(alpha, beta):
    return stats.invgamma(alpha, scale=beta)


def _named(name):
    def build(pm, shape, values):
        return getattr(pm, name)("theta", *values, shape=shape)

    return build


def _by_moments(name):
    def build(pm, shape, values):
        return getattr(pm, name)("theta", mu=values[0], sigma=values[1], shape=shape)

    return build


def _between(*bounds):
    def values(rng, shape):
        return tuple(rng.uniform(low, high, size=shape) for low, high in bounds)

    return values


def _moments_of_gamma(mu, sigma):
    return mu**2 / sigma**2, mu / sigma**2


def _moments_of_inverse_gamma(mu, sigma):
    alpha = (2 * sigma**2 + mu**2) / sigma**2
    return alpha, mu * (alpha - 1)


def _updated(law, parameters=lambda *values: values):
    """Return the conjugate update: the data's statistics are added to the parameters."""

    def posterior(values, n, t):
        alpha, beta = parameters(*values)
        return law(alpha + n, beta + t)

    return posterior


PRIORS = {
    "gamma": Prior("rate", _named("Gamma"), _between((1.5, 4), (0.5, 2)), _gamma, _updated(_gamma)),
    "exponential": Prior(
        "rate",
        _named("Exponential"),
        _between([0.5, 2]),
        lambda lam: stats.expon(scale=1 / lam),
        _updated(_gamma, lambda lam: (1.0, lam)),
    ),
    "chisquared": Prior(
        "rate", _named("ChiSquared"), _between([3, 6]), stats.chi2, _updated(_gamma, lambda nu: (nu / 2, 0.5))
    ),
    "inversegamma": Prior(
        "rate", _named("InverseGamma"), _between((2, 4), (0.5, 2)), _inverse_gamma, _updated(_inverse_gamma), -1
    ),
    "gamma by moments": Prior(
        "rate",
        _by_moments("Gamma"),
        _between((1, 2), (0.5, 1)),
        lambda *values: _gamma(*_moments_of_gamma(*values)),
        _updated(_gamma, _moments_of_gamma),
    ),
    "inversegamma by moments": Prior(
        "rate",
        _by_moments("InverseGamma"),
        _between((1, 2), (0.5, 1)),
        lambda *values: _inverse_gamma(*_moments_of_inverse_gamma(*values)),
        _updated(_inverse_gamma, _moments_of_inverse_gamma),
        -1,
    ),
    "beta": Prior("chance", _named("Beta"), _between((1.5, 4), (1, 2)), stats.beta, _updated(stats.beta)),
    "uniform": Prior(
        "chance",
        lambda pm, shape, values: pm.Uniform("theta", 0.0, 1.0, shape=shape),
        lambda rng, shape: (),
        lambda: stats.uniform(),
        _updated(stats.beta, lambda: (1.0, 1.0)),
    ),
}
RATE_PRIORS = [name for name, prior in PRIORS.items() if prior.kind == "rate"]
CHANCE_PRIORS = [name for name, prior in PRIORS.items() if prior.kind == "chance"]


# The likelihoods -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likelihood:
    """A likelihood of a rate or probability q: `family` in PyMC with the parameters ``spellings[...](t, q)``.

    others : other parameters by name, given a generator and the shape of the data
    draw : ``draw(rng, q, **others)`` returns data; ``logpdf(y, q, **others)`` is their log density in scipy
    statistics : ``statistics(y, **others)``: what they add to the two parameters of a conjugate prior, for a rate c q
    with c = 1
    """

    id: str
    family: str
    spellings: dict
    draw: Callable
    logpdf: Callable
    statistics: Callable
    others: Callable = field(default=lambda rng, shape: {})
    kind: str = "rate"


def _parameter(name):
    return {name: lambda t, q: {name: q}}


DEVIATIONS = {
    "tau": lambda t, q: {"tau": q},
    "one over a root": lambda t, q: {"sigma": 1.0 / t.sqrt(q)},
    "a root of one over": lambda t, q: {"sigma": t.sqrt(1.0 / q)},
    "power": lambda t, q: {"sigma": q ** np.float64(-0.5)},
    "powers": lambda t, q: {"sigma": (q ** np.float64(-2.0)) ** np.float64(0.25)},
    "quotient": lambda t, q: {"sigma": t.sqrt(q) / q},
    "deviation of a variance": lambda t, q: {"sigma": t.sqrt(q ** np.float64(-1.0))},
}
WEIBULL = np.float64(3.0)
GUMBEL = np.float64(1.5)
RATES = {
    "poisson": Likelihood(
        "A08",
        "Poisson",
        _parameter("mu"),
        lambda rng, q: rng.poisson(q),
        lambda y, q: stats.poisson(q).logpmf(y),
        lambda y: (y, 1.0),
    ),
    "exponential": Likelihood(
        "A09",
        "Exponential",
        {"rate": lambda t, q: {"lam": q}, "scale": lambda t, q: {"lam": 1.0 / (1.0 / q)}},
        lambda rng, q: rng.exponential(1 / q),
        lambda y, q: stats.expon(scale=1 / q).logpdf(y),
        lambda y: (1.0, y),
    ),
    "gamma": Likelihood(
        "A10",
        "Gamma",
        {"rate": lambda t, q: {"beta": q}, "scale": lambda t, q: {"beta": 1.0 / (1.0 / q)}},
        lambda rng, q, alpha: rng.gamma(alpha, 1 / q),
        lambda y, q, alpha: _gamma(alpha, q).logpdf(y),
        lambda y, alpha: (alpha, y),
        lambda rng, shape: {"alpha": rng.uniform(1, 3, size=shape)},
    ),
    "normal": Likelihood(
        "A11",
        "Normal",
        DEVIATIONS,
        lambda rng, q, mu: rng.normal(mu, q**-0.5),
        lambda y, q, mu: stats.norm(mu, q**-0.5).logpdf(y),
        lambda y, mu: (0.5, (y - mu) ** 2 / 2),
        lambda rng, shape: {"mu": rng.normal(size=shape)},
    ),
    "lognormal": Likelihood(
        "A12",
        "Lognormal",
        DEVIATIONS,
        lambda rng, q, mu: rng.lognormal(mu, q**-0.5),
        lambda y, q, mu: stats.lognorm(q**-0.5, scale=np.exp(mu)).logpdf(y),
        lambda y, mu: (0.5, (np.log(y) - mu) ** 2 / 2),
        lambda rng, shape: {"mu": rng.normal(size=shape)},
    ),
    "halfnormal": Likelihood(
        "A13",
        "HalfNormal",
        DEVIATIONS,
        lambda rng, q: np.abs(rng.normal(0, q**-0.5)),
        lambda y, q: stats.halfnorm(scale=q**-0.5).logpdf(y),
        lambda y: (0.5, y**2 / 2),
    ),
    "inversegamma": Likelihood(
        "A14",
        "InverseGamma",
        _parameter("beta"),
        lambda rng, q, alpha: 1 / rng.gamma(alpha, 1 / q),
        lambda y, q, alpha: _inverse_gamma(alpha, q).logpdf(y),
        lambda y, alpha: (alpha, 1 / y),
        lambda rng, shape: {"alpha": rng.uniform(1, 3, size=shape)},
    ),
    "weibull": Likelihood(
        "A15",
        "Weibull",
        {
            "power": lambda t, q: {"beta": q ** (-1 / WEIBULL)},
            "power of one over": lambda t, q: {"beta": (1.0 / q) ** (1 / WEIBULL)},
        },
        lambda rng, q, alpha: q ** (-1 / alpha) * rng.weibull(alpha, size=np.shape(q)),
        lambda y, q, alpha: stats.weibull_min(alpha, scale=q ** (-1 / alpha)).logpdf(y),
        lambda y, alpha: (1.0, y**alpha),
        lambda rng, shape: {"alpha": WEIBULL},
    ),
    "gumbel": Likelihood(
        "A22",
        "Gumbel",
        {"logarithm": lambda t, q: {"mu": GUMBEL * t.log(q)}, "times": lambda t, q: {"mu": t.log(q) * GUMBEL}},
        lambda rng, q, beta: beta * (np.log(q) + rng.gumbel(size=np.shape(q))),
        lambda y, q, beta: stats.gumbel_r(beta * np.log(q), beta).logpdf(y),
        lambda y, beta: (1.0, np.exp(-y / beta)),
        lambda rng, shape: {"beta": GUMBEL},
    ),
    "gumbel of scale one": Likelihood(
        "A22",
        "Gumbel",
        {"logarithm": lambda t, q: {"mu": t.log(q)}},
        lambda rng, q, beta: np.log(q) + rng.gumbel(size=np.shape(q)),
        lambda y, q, beta: stats.gumbel_r(np.log(q), 1.0).logpdf(y),
        lambda y, beta: (1.0, np.exp(-y)),
        lambda rng, shape: {"beta": np.float64(1.0)},
    ),
    "rayleigh": Likelihood(
        "A15",
        "Weibull",
        {"root": lambda t, q: {"beta": 1.0 / t.sqrt(q)}, "roots": lambda t, q: {"beta": t.sqrt(q) / q}},
        lambda rng, q, alpha: q**-0.5 * rng.weibull(2.0, size=np.shape(q)),
        lambda y, q, alpha: stats.weibull_min(2.0, scale=q**-0.5).logpdf(y),
        lambda y, alpha: (1.0, y**2),
        lambda rng, shape: {"alpha": np.full(shape if np.prod(shape) else (), 2.0)},
    ),
    "laplace": Likelihood(
        "A16",
        "Laplace",
        {"one over": lambda t, q: {"b": 1.0 / q}, "power": lambda t, q: {"b": q ** np.float64(-1.0)}},
        lambda rng, q, mu: rng.laplace(mu, 1 / q),
        lambda y, q, mu: stats.laplace(mu, 1 / q).logpdf(y),
        lambda y, mu: (1.0, np.abs(y - mu)),
        lambda rng, shape: {"mu": rng.normal(size=shape)},
    ),
    "pareto": Likelihood(
        "A17",
        "Pareto",
        _parameter("alpha"),
        lambda rng, q, m: m * (1 + rng.pareto(q)),
        lambda y, q, m: np.log(q) + q * np.log(m) - (q + 1) * np.log(y),
        lambda y, m: (1.0, np.log(y / m)),
        lambda rng, shape: {"m": rng.uniform(1, 3, size=shape)},
    ),
    "kumaraswamy": Likelihood(
        "A18",
        "Kumaraswamy",
        _parameter("b"),
        lambda rng, q, a: (1 - rng.uniform(size=np.shape(q)) ** (1 / q)) ** (1 / a),
        lambda y, q, a: np.log(a) + np.log(q) + (a - 1) * np.log(y) + (q - 1) * np.log1p(-(y**a)),
        lambda y, a: (1.0, -np.log1p(-(y**a))),
        lambda rng, shape: {"a": rng.uniform(1, 3, size=shape)},
    ),
    "beta, second": Likelihood(
        "A18",
        "Beta",
        _parameter("beta"),
        lambda rng, q, alpha: np.minimum(rng.beta(1.0, q), 0.999),
        lambda y, q, alpha: np.log(q) + (q - 1) * np.log1p(-y),
        lambda y, alpha: (1.0, -np.log1p(-y)),
        lambda rng, shape: {"alpha": np.float64(1.0)},
    ),
    "beta, first": Likelihood(
        "A19",
        "Beta",
        _parameter("alpha"),
        lambda rng, q, beta: rng.beta(q, 1.0),
        lambda y, q, beta: np.log(q) + (q - 1) * np.log(y),
        lambda y, beta: (1.0, -np.log(y)),
        lambda rng, shape: {"beta": np.ones(shape)},
    ),
    "wald": Likelihood(
        "A20",
        "Wald",
        _parameter("lam"),
        lambda rng, q, mu: rng.wald(mu, q),
        lambda y, q, mu: 0.5 * np.log(q / (2 * np.pi * y**3)) - q * (y - mu) ** 2 / (2 * mu**2 * y),
        lambda y, mu: (0.5, (y - mu) ** 2 / (2 * mu**2 * y)),
        lambda rng, shape: {"mu": rng.uniform(1, 3, size=shape)},
    ),
}

CHANCES = {
    "bernoulli": Likelihood(
        "A01",
        "Bernoulli",
        _parameter("p"),
        lambda rng, q: rng.binomial(1, q),
        lambda y, q: stats.bernoulli(q).logpmf(y),
        lambda y: (y, 1 - y),
        kind="chance",
    ),
    "binomial": Likelihood(
        "A02",
        "Binomial",
        _parameter("p"),
        lambda rng, q, n: rng.binomial(n, q),
        lambda y, q, n: stats.binom(n, q).logpmf(y),
        lambda y, n: (y, n - y),
        lambda rng, shape: {"n": rng.integers(1, 9, size=shape)},
        kind="chance",
    ),
    "negativebinomial": Likelihood(
        "A03",
        "NegativeBinomial",
        _parameter("p"),
        lambda rng, q, n: rng.negative_binomial(n, q),
        lambda y, q, n: gammaln(y + n) - gammaln(n) - gammaln(y + 1) + n * np.log(q) + y * np.log1p(-q),
        lambda y, n: (n, y),
        lambda rng, shape: {"n": rng.uniform(1, 4, size=shape)},
        kind="chance",
    ),
    "geometric": Likelihood(
        "A04",
        "Geometric",
        _parameter("p"),
        lambda rng, q: rng.geometric(q),
        lambda y, q: stats.geom(q).logpmf(y),
        lambda y: (1, y - 1),
        kind="chance",
    ),
}
LIKELIHOODS = RATES | CHANCES


# One parameter and one set of data -------------------------------------------------------------------------------


class Problem:
    """Numbers of a prior and a likelihood, and what the answer must be.

    `factors`: whether each datum has a factor of its own beside theta.  `mirrored`: the probability is one minus theta.
    """

    def __init__(self, prior, likelihood, form, factors=True, mirrored=False, seed=0):
        rng = np.random.default_rng(seed)
        self.prior, self.likelihood, self.mirrored = PRIORS[prior], LIKELIHOODS[likelihood], mirrored
        self.shape, self.form, n = (FORMS | MORE_FORMS)[form]
        self.c = rng.uniform(0.5, 2.0, size=n) if factors and self.prior.kind == "rate" else np.ones(n)
        self.factors = factors
        self.values = self.prior.values(rng, self.shape)
        self.others = self.likelihood.others(rng, n)
        k = int(np.prod(self.shape, dtype=int))
        of_each = self.form(np.arange(k).reshape(self.shape))
        self.positions, self.k = np.broadcast_to(of_each, n).ravel(), k
        theta = self.prior.law(*self.values).rvs(size=self.shape, random_state=rng) if k else np.zeros(self.shape)
        q = self.q(np.broadcast_to(self.form(np.asarray(theta)), n), self.c)
        self.y = np.asarray(self.likelihood.draw(rng, q, **self.others))

    def q(self, theta, c):
        if self.prior.kind == "chance":
            return 1 - theta if self.mirrored else theta
        return c * theta**self.prior.exponent

    def build(self, backend, spelling=None, spread=None):
        """Return the model; `spelling` says how q stands in the parameter, `spread` how theta stands in q."""
        likelihood, t = self.likelihood, backend.tensor
        with backend.pm.Model() as model:
            x = self.form(self.prior.build(backend.pm, self.shape, self.values))
            if self.prior.kind == "chance":
                q = 1.0 - x if self.mirrored else x
            elif spread:
                q = spread(t, x, self.c)
            elif self.factors:
                q = self.c * x if self.prior.exponent > 0 else self.c / x
            else:
                q = x if self.prior.exponent > 0 else 1.0 / x
            parameter = likelihood.spellings[spelling or next(iter(likelihood.spellings))](t, q)
            getattr(backend.pm, likelihood.family)("y", **self.others, **parameter, observed=self.y)
        return model

    def unnormalized(self, theta):
        """Return the log of prior times likelihood for every element of theta alone: (..., k) of a (..., k) array."""
        flat = {name: np.broadcast_to(v, self.y.shape).ravel() for name, v in self.others.items()}
        values = [np.broadcast_to(v, self.shape).ravel() for v in self.values]
        with np.errstate(all="ignore"):
            q = self.q(theta[..., self.positions], self.c.ravel())
            terms = self.likelihood.logpdf(self.y.ravel(), q, **flat)
            total = np.array(np.broadcast_to(self.prior.law(*values).logpdf(theta), theta.shape))
        for j, position in enumerate(self.positions):
            total[..., position] += terms[..., j]
        return total

    def log_evidence(self):
        """Return the log of the integral of prior times likelihood over every element of theta."""
        if self.prior.kind == "rate":
            u = np.linspace(-40.0, 40.0, 4001)
            theta, log_jacobian = np.exp(u), u
        else:
            u = np.linspace(-36.0, 36.0, 4001)
            theta, log_jacobian = expit(u), -np.logaddexp(0, u) - np.logaddexp(0, -u)
        logs = self.unnormalized(np.repeat(theta[:, None], self.k, axis=1)) + log_jacobian[:, None]
        assert not np.isnan(logs[1000:3000]).any()
        return logsumexp(np.where(np.isnan(logs), -np.inf, logs), axis=0) + np.log(u[1] - u[0])

    def closed_form(self):
        """Return the posterior of the literature, a frozen law of scipy over the elements of theta."""
        first, second = (
            np.broadcast_to(s, self.y.shape).ravel() for s in self.likelihood.statistics(self.y, **self.others)
        )
        if self.prior.kind == "rate":
            second = second * self.c.ravel()
        elif self.mirrored:
            first, second = second, first
        n, t = (np.bincount(self.positions, weights=s, minlength=self.k)[: self.k] for s in (first, second))
        values = [np.broadcast_to(v, self.shape).ravel() for v in self.values]
        return self.prior.posterior(values, n, t)

    def points(self, n=3):
        law = self.prior.law(*self.values)
        rng = np.random.default_rng(9)
        return [np.asarray(law.rvs(size=self.shape or None, random_state=rng), dtype=float) for _ in range(n)]


def log_posterior(backend, model, shape):
    """Return the log density of `theta` in a conditioned model, summed, as a function of its value of a `shape`."""
    theta = model["theta"]
    value = backend.shared(np.full(shape, 0.5))
    density = theta.distribution.logp(value) if backend.name == "theano" else backend.pm.logp(theta, value)
    function = backend.compile_plainly([], density.sum())

    def at(x):
        value.set_value(x)
        return float(function())

    return at


def close(actual, expected, tolerance=TOLERANCE):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def check(backend, problem, spelling=None, spread=None):
    """Assert that a model of a problem is conditioned: the ratio test, the posterior and the evidence."""
    model = problem.build(backend, spelling, spread)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("theta", "y")], sp.steps(result)
    assert not result.observed_RVs and not result.potentials
    if problem.values:  # a uniform variable becomes a beta one, with another transform
        assert_conditioned(backend, model, result, TOLERANCE, n=3, spread=0.3)
    evidence = evidence_of(backend, result)
    expected = problem.log_evidence()
    # PyMC itself has the logarithm of 1 / 2 in the density of ChiSquared in single precision
    tolerance = 1e-7 if problem.prior is PRIORS["chisquared"] else TOLERANCE
    close(evidence, expected.sum(), tolerance)
    density, law = log_posterior(backend, result, problem.shape), problem.closed_form()
    for point in problem.points():
        integrated = problem.unnormalized(point.reshape(-1)) - expected
        close(law.logpdf(point.reshape(-1)), integrated)
        close(density(point), integrated.sum(), tolerance)
    return result


def _rotated(likelihoods, priors):
    """Return every likelihood with every third form and one prior each, so that it meets every prior."""
    return [
        (likelihood, priors[(i + j // 3) % len(priors)], form, j)
        for i, likelihood in enumerate(likelihoods)
        for j, form in enumerate(FORMS)
        if i % 3 == j % 3
    ]


@pytest.mark.parametrize("likelihood, prior, form, seed", _rotated(RATES, RATE_PRIORS))
def test_rates(backend, likelihood, prior, form, seed):
    check(backend, Problem(prior, likelihood, form, factors=seed % 5 != 2, seed=seed))


@pytest.mark.parametrize("likelihood, prior, form, seed", _rotated(CHANCES, CHANCE_PRIORS))
def test_chances(backend, likelihood, prior, form, seed):
    check(backend, Problem(prior, likelihood, form, mirrored=seed % 4 > 1, seed=seed))


# forms beside those that every likelihood meets
MORE_FORMS = {
    "middle axis": ((2, 3), lambda x: x[:, None, :], (2, 4, 3)),
    "axes of length one": ((2, 1, 3), lambda x: x, (2, 4, 3)),
    "elements of a matrix": ((2, 3), lambda x: x[np.array([0, 1, 1]), np.array([2, 0, 2])], (3,)),
    "rows of a matrix": ((3, 2), lambda x: x[np.array([0, 2, 2, 0])], (4, 2)),
    "from the end": ((3,), lambda x: x[np.array([-1, 1, -1])], (3,)),
    "mask": ((4,), lambda x: x[np.array([True, False, True, True])], (3,)),
    "first two": ((4,), lambda x: x[:2], (2,)),
    "every other": ((5,), lambda x: x[::2], (3,)),
    "groups of groups": ((5,), lambda x: x[GROUP][1:][GRID], (2, 3)),
    "flat": ((2, 3), lambda x: x.reshape((6,)), (6,)),
    "flat from a transpose": ((2, 3), lambda x: x.T.reshape((6,)), (6,)),
}


PAIRS = [("poisson", "gamma"), ("laplace", "inversegamma"), ("geometric", "beta")]


@pytest.mark.parametrize("likelihood, prior", PAIRS)
@pytest.mark.parametrize("form", MORE_FORMS)
def test_more_forms(backend, likelihood, prior, form):
    check(backend, Problem(prior, likelihood, form, mirrored=len(form) % 2 == 0, seed=len(form)))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["many data", "one each", "column", "groups"])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_every_likelihood_and_prior(backend, likelihood, form):
    row = LIKELIHOODS[likelihood]
    for prior in RATE_PRIORS if row.kind == "rate" else CHANCE_PRIORS:
        check(backend, Problem(prior, likelihood, form, mirrored=form != "many data", seed=7))


# The rows themselves ---------------------------------------------------------------------------------------------

# other parameters and data of each row, in the parametrisation of `laws`
ROWS = {
    ("poisson", "mu"): ({}, [0, 4, 7]),
    ("exponential", "lam"): ({}, [0.3, 2.5]),
    ("gamma", "beta"): ({"alpha": 2.5}, [0.3, 2.5]),
    ("normal", "sigma"): ({"mu": 0.5}, [-0.3, 2.5]),
    ("lognormal", "sigma"): ({"mu": 0.5}, [0.3, 2.5]),
    ("halfnormal", "sigma"): ({"loc": 0.0}, [0.3, 2.5]),
    ("inversegamma", "beta"): ({"alpha": 2.5}, [0.3, 2.5]),
    ("weibull", "beta"): ({"alpha": 1.7}, [0.3, 2.5]),
    ("laplace", "b"): ({"mu": 0.5}, [-0.3, 2.5]),
    ("pareto", "alpha"): ({"m": 0.2}, [0.3, 2.5]),
    ("kumaraswamy", "b"): ({"a": 1.7}, [0.3, 0.8]),
    ("beta", "beta"): ({"alpha": 1.0}, [0.3, 0.8]),
    ("beta", "alpha"): ({"beta": 1.0}, [0.3, 0.8]),
    ("gumbel", "mu"): ({"beta": 1.5}, [-0.3, 2.5]),
    ("wald", "lam"): ({"mu": 1.5, "alpha": 0.0}, [0.3, 2.5]),
    ("bernoulli", "p"): ({}, [0, 1]),
    ("binomial", "p"): ({"n": np.int64(9)}, [0, 4, 9]),
    ("negativebinomial", "p"): ({"n": 2.5}, [0, 4, 7]),
    ("geometric", "p"): ({}, [1, 4, 7]),
}


def test_every_row_is_here():
    assert set(ROWS) == {*rates.RATES, *kernels.CHANCES}


def _gamma_integral(alpha, beta, n, t):
    """Return the log of the expectation of q^n exp(-q t)."""
    return gammaln(alpha + n) - gammaln(alpha) + alpha * np.log(beta) - (alpha + n) * np.log(beta + t)


def _beta_integral(alpha, beta, n, t):
    """Return the log of the expectation of q^n (1 - q)^t."""
    return betaln(alpha + n, beta + t) - betaln(alpha, beta)


@pytest.mark.parametrize("family, parameter", ROWS)
def test_the_law_of_a_row_is_its_kernel(backend, family, parameter):
    """The density of the row's law over its kernel does not depend on q; the marginal law is its integral."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    density_of = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    others, data = ROWS[family, parameter]
    p, data = {name: ops.constant(x) for name, x in others.items()}, np.array(data)
    row = (rates.RATES | kernels.CHANCES)[family, parameter]
    y = ops.constant(data)
    if isinstance(row, rates.Rate):
        first, second = row.count(ops, y, p), row.amount(ops, y, p)
    else:
        first, second = row.successes(ops, y, p), row.failures(ops, y, p)
    left = []
    for q in (0.2, 0.5, 0.9):
        draw = row.law(ops, ops.like(ops.constant(q), y), p)
        density = density_of(settle_graph(draw).reify(), y.reify())
        density, n, t = backend.compile_plainly([], [density, first.reify(), second.reify()])()
        kernel = n * np.log(q) - q * t if isinstance(row, rates.Rate) else n * np.log(q) + t * np.log1p(-q)
        left.append(density - kernel)
    close(left, [left[0]] * 3)
    if row.marginal:
        marginal = row.marginal(ops, *(ops.like(ops.constant(x), y) for x in (1.7, 0.6)), p)
        found = backend.compile_plainly([], density_of(settle_graph(marginal).reify(), y.reify()))()
        close(found, left[0] + (_gamma_integral if isinstance(row, rates.Rate) else _beta_integral)(1.7, 0.6, n, t))


# Spellings -------------------------------------------------------------------------------------------------------

CASES_OF_SPELLING = [
    (likelihood, spelling, ("gamma", "inversegamma")[(i + j) % 2])
    for i, (likelihood, row) in enumerate(RATES.items())
    for j, spelling in enumerate(list(row.spellings)[1:])
]


@pytest.mark.parametrize("likelihood, spelling, prior", CASES_OF_SPELLING)
def test_spellings_of_a_parameter(backend, likelihood, spelling, prior):
    check(backend, Problem(prior, likelihood, "groups", seed=1), spelling)


# ways to write c x and c / x
MULTIPLES = {
    "from the right": lambda t, x, c: x * c,
    "divided": lambda t, x, c: x / (1 / c),
    "one over": lambda t, x, c: 1.0 / ((1 / c) / x),
    "root of a square": lambda t, x, c: t.sqrt(t.sqr(c * x)),
    "root of a square of the negative": lambda t, x, c: t.sqrt((-c * x) ** np.float64(2.0)),
    "absolute": lambda t, x, c: abs(-c * x),
    "with its sign": lambda t, x, c: t.sgn(x) * x * c,
    "product of roots": lambda t, x, c: (c * x) ** np.float64(0.5) * t.sqrt(c * x),
    "quotient of powers": lambda t, x, c: c * x ** np.float64(3.0) / x ** np.float64(2.0),
    "thrice over twice": lambda t, x, c: x * x * x / (x * x) * c,
    "reciprocal of a reciprocal": lambda t, x, c: ((c * x) ** np.float64(-1.0)) ** np.float64(-1.0),
    "of an array of exponents": lambda t, x, c: c * x ** np.full(7, 1.0),
    "in two steps": lambda t, x, c: np.sqrt(c) * (x * np.sqrt(c)),
}
QUOTIENTS = {
    "power": lambda t, x, c: c * x ** np.float64(-1.0),
    "one over": lambda t, x, c: 1.0 / (x / c),
    "root": lambda t, x, c: t.sqrt(c * c / x ** np.float64(2.0)),
    "product over a square": lambda t, x, c: c * x / t.sqr(x),
    "one over twice": lambda t, x, c: c / t.sqrt(x) / t.sqrt(x),
}
SPREADS = [("gamma", name) for name in MULTIPLES] + [("inversegamma", name) for name in QUOTIENTS]
ENDS = [("poisson", "groups"), ("normal", "one to seven")]


@pytest.mark.parametrize("prior, name, likelihood, form", [(*spread, *ENDS[i % 2]) for i, spread in enumerate(SPREADS)])
def test_spellings_of_a_multiple(backend, prior, name, likelihood, form):
    spread = (MULTIPLES if prior == "gamma" else QUOTIENTS)[name]
    check(backend, Problem(prior, likelihood, form, seed=2), spread=spread)


# Probability vectors ---------------------------------------------------------------------------------------------

A = np.array([0.5, 2.0, 1.0, 3.5])
LABELS = np.array([3, 0, 3, 1, 3, 0, 1])
COUNTS = np.array([[4, 0, 2, 5], [1, 1, 0, 3]])


def _polya(counts, a):
    """Return the log probability of labels with these counts when their law is Dirichlet(a) (Polya's urn)."""
    n = counts.sum()
    return gammaln(a.sum()) - gammaln(a.sum() + n) + np.sum(gammaln(a + counts) - gammaln(a))


def _multinomial_constant(counts):
    return np.sum(gammaln(counts.sum(axis=-1) + 1)) - np.sum(gammaln(counts + 1))


def categorical(data, of=lambda p: p):
    def build(pm, p):
        pm.Categorical("y", p=of(p), observed=data)

    counts = np.bincount(np.ravel(data).astype(int), minlength=4)
    return build, counts, _polya(counts, A)


def multinomial(data, n, of=lambda p: p):
    def build(pm, p):
        pm.Multinomial("y", n=n, p=of(p), observed=data, shape=data.shape)

    counts = data.reshape(-1, 4).sum(axis=0)
    return build, counts, _polya(counts, A) + _multinomial_constant(data)


SIMPLEXES = {
    "one label": categorical(np.array(2)),
    "a vector of one label": categorical(np.array([2])),
    "labels": categorical(LABELS),
    "labels in a matrix": categorical(LABELS[:6].reshape(2, 3)),
    "labels of a row": categorical(LABELS, lambda p: p[None, :]),
    "small integers": categorical(np.full(300, 3, dtype="int8")),
    "no labels": categorical(np.array([], dtype="int64")),
    "counts": multinomial(COUNTS[0], 11),
    "counts in rows": multinomial(COUNTS, np.array([11, 5])),
    "no count": multinomial(np.zeros(4, dtype="int64"), 0),
    "counts of a row": multinomial(COUNTS, np.array([11, 5]), lambda p: p[None, :]),
}


def _finite(density, points):
    """Return the points where a density is finite: PyMC3's multinomial has none where rounding moves the sum of p."""
    found = [point for point in points if np.isfinite(density(point))]
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("name", SIMPLEXES)
def test_simplexes(backend, name):
    build, counts, expected = SIMPLEXES[name]
    with backend.pm.Model() as model:
        build(backend.pm, backend.pm.Dirichlet("theta", A))
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("theta", "y")], sp.steps(result)
    close(evidence_of(backend, result), expected)
    old, new = log_density(backend, model), log_density(backend, result)
    for point in _finite(old, random_points(backend, model, n=20)):
        close(old(point) - new(point), expected)
    density, law = log_posterior(backend, result, 4), stats.dirichlet(A + counts)
    for point in law.rvs(5, random_state=1):
        close(density(point), law.logpdf(point))


def test_polya_against_the_sum_over_a_simplex():
    """The oracle's own oracle: two categories, where Dirichlet is beta."""
    a, counts = np.array([0.5, 2.0]), np.array([4, 3])
    integral, _ = quad(lambda p: stats.beta(*a).pdf(p) * p**4 * (1 - p) ** 3, 0, 1, epsabs=1e-13)
    close(_polya(counts, a), np.log(integral))


# Closed forms of the evidence ------------------------------------------------------------------------------------


def one_each(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("theta", "y")]
    return evidence_of(backend, result)


Y3 = np.array([0, 4, 7])
X3 = np.array([0.3, -1.2, 2.5])
ALPHA, BETA = np.array([1.5, 2.0, 3.0]), np.array([0.7, 1.1, 2.0])
EVIDENCE = {
    "negative binomial": (
        lambda pm: pm.Poisson("y", 2.0 * pm.Gamma("theta", ALPHA, BETA, shape=3), observed=Y3),
        lambda: stats.nbinom(ALPHA, (BETA / 2) / (BETA / 2 + 1)).logpmf(Y3),
    ),
    "lomax": (
        lambda pm: pm.Exponential("y", pm.Gamma("theta", ALPHA, BETA, shape=3), observed=X3**2),
        lambda: stats.lomax(ALPHA, scale=BETA).logpdf(X3**2),
    ),
    "student": (
        lambda pm: pm.Normal("y", 0.5, tau=pm.Gamma("theta", ALPHA, BETA, shape=3), observed=X3),
        lambda: stats.t(2 * ALPHA, 0.5, np.sqrt(BETA / ALPHA)).logpdf(X3),
    ),
    "student of a variance": (
        lambda pm: pm.Normal("y", 0.5, sigma=pm.InverseGamma("theta", ALPHA, BETA, shape=3) ** 0.5, observed=X3),
        lambda: stats.t(2 * ALPHA, 0.5, np.sqrt(BETA / ALPHA)).logpdf(X3),
    ),
    "beta prime": (
        lambda pm: pm.Gamma("y", 2.5, pm.Gamma("theta", ALPHA, BETA, shape=3), observed=X3**2),
        lambda: stats.betaprime(2.5, ALPHA, scale=BETA).logpdf(X3**2),
    ),
    "multivariate student": (
        lambda pm: pm.Normal("y", 0.5, tau=pm.Gamma("theta", 1.5, 0.75), observed=X3),
        lambda: stats.multivariate_t(np.full(3, 0.5), 0.5 * np.eye(3), df=3).logpdf(X3),
    ),
    "beta binomial": (
        lambda pm: pm.Binomial("y", np.int64(9), pm.Beta("theta", ALPHA, BETA, shape=3), observed=Y3),
        lambda: stats.betabinom(9, ALPHA, BETA).logpmf(Y3),
    ),
    "beta negative binomial": (
        lambda pm: pm.NegativeBinomial("y", n=2.5, p=pm.Beta("theta", ALPHA, BETA, shape=3), observed=Y3),
        lambda: (
            betaln(ALPHA + 2.5, BETA + Y3) - betaln(ALPHA, BETA) + gammaln(Y3 + 2.5) - gammaln(2.5) - gammaln(Y3 + 1)
        ),
    ),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_of_known_name(backend, name):
    build, expected = EVIDENCE[name]
    close(one_each(backend, build), np.sum(expected()))


LATENT = {
    "precision": (lambda pm, c: {"tau": c * pm.Gamma("theta", ALPHA, BETA, shape=3)}, lambda c: BETA / c),
    "variance": (
        lambda pm, c: {"sigma": (c * pm.InverseGamma("theta", ALPHA, BETA, shape=3)) ** 0.5},
        lambda c: BETA * c,
    ),
}


@pytest.mark.parametrize("name", LATENT)
def test_the_law_of_an_unknown_with_a_multiple_of_a_rate(backend, name):
    build, scale = LATENT[name]
    c = np.array([2.0, 0.3, 5.0])
    with backend.pm.Model() as model:
        backend.pm.Normal("y", np.float64(0.5), **build(backend.pm, c), shape=3)
    result = sp.marginalize_graph(model, ["theta"])
    assert [v.name for v in result.free_RVs] == ["y"]
    law = stats.t(2 * ALPHA, 0.5, np.sqrt(scale(c) / ALPHA))
    close(log_density(backend, result)({"y": X3}), law.logpdf(X3).sum())


def test_evidence_against_adaptive_quadrature(backend):
    """Three counts of one rate: the integral by scipy's own routine."""

    def joint(x):
        return stats.gamma(2.0, scale=1 / 1.5).pdf(x) * np.prod(stats.poisson(x).pmf(Y3))

    integral, _ = quad(joint, 0, 60, epsabs=0, epsrel=1e-11)
    got = one_each(backend, lambda pm: pm.Poisson("y", pm.Gamma("theta", 2.0, 1.5), observed=Y3))
    close(got, np.log(integral))


def test_negative_binomial_by_its_mean(backend):
    """The spelling mu = n (1 - p) / p is that of the probability p."""
    one, two, three, size = map(np.float64, (1.0, 2.0, 3.0, 2.5))  # Python's numbers PyMC takes in single precision
    with backend.pm.Model() as model:
        theta = backend.pm.Beta("theta", two, three)
        backend.pm.NegativeBinomial("y", mu=size * (one - theta) / theta, alpha=size, observed=Y3)
    assert_conditioned(backend, model, sp.conjugate_graph(model))


@pytest.mark.parametrize("alpha", [2.0, 3.0, 7.0, 49.0, 1.7, 0.3])
def test_a_power_whose_exponent_is_rounded(backend, alpha):
    """1 / 49 * 49 is not 1."""
    alpha = np.float64(alpha)
    got = one_each(
        backend, lambda pm: pm.Weibull("y", alpha, pm.Gamma("theta", 2.0, 3.0) ** (-1 / alpha), observed=Y3 + 0.5)
    )
    t = np.sum((Y3 + 0.5) ** alpha)
    jacobian = 3 * np.log(alpha) + (alpha - 1) * np.sum(np.log(Y3 + 0.5))
    close(got, jacobian + 2 * np.log(3.0) - 5 * np.log(3.0 + t) + gammaln(5.0) - gammaln(2.0))


def test_a_rate_stretched_by_an_array_of_exponents(backend):
    with backend.pm.Model() as model:
        theta = backend.pm.Gamma("theta", 2.0, 1.5, shape=(1, 3))
        sigma = (theta ** np.full((4, 3), -0.5))[np.array([0, 3, 1, 0, 2])]
        backend.pm.Normal("y", np.float64(0.0), sigma=sigma, observed=np.linspace(-1.0, 2.0, 15).reshape(5, 3))
    assert_conditioned(backend, model, sp.conjugate_graph(model))


def test_uniform_prior_of_a_sampler(backend):
    """The density of a uniform variable and its posterior, both where samplers walk, with their own transforms."""
    with backend.pm.Model() as model:
        theta = backend.pm.Uniform("theta", 0.0, 1.0)
        backend.pm.Binomial("y", np.int64(9), theta, observed=Y3)
    result = sp.conjugate_graph(model)
    close(evidence_of(backend, result), betaln(1 + Y3.sum(), 1 + 27 - Y3.sum()) + _binomials(9, Y3))
    old, new = log_density(backend, model), log_density(backend, result)
    for u in (-2.0, 0.3, 1.7):  # both transforms are the logit, whose log Jacobian is the same
        close(old({old.names[0]: u}) - new({new.names[0]: u}), evidence_of(backend, result))


def _binomials(n, y):
    return np.sum(gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1))
