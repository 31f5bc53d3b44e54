"""The pairs of prior and likelihood that NIMBLE conditions in closed form, each as a model and by the ratio test."""

from importlib import import_module

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.verify import log_density, log_evidence, random_points, ratio_test

pytestmark = pytest.mark.filterwarnings("ignore:The Wishart distribution", "ignore:.*trace is deprecated")

F = np.float64
BITS = np.array([0, 1, 1, 0, 1])
COUNTS = np.array([3, 0, 2, 5, 1])
LABELS = np.array([2, 0, 2, 1, 2])
REALS = np.array([0.3, -1.2, 2.5, 0.8, -0.1])
POSITIVE = np.array([0.4, 1.3, 2.2, 0.1, 0.9])
ROWS = np.array([[0.3, -1.0], [1.2, 0.4], [0.1, -0.6]])
PSI = np.array([[2.0, 0.3], [0.3, 1.0]])


def beta(pm):
    return pm.Beta("theta", F(2.0), F(3.0))


def gamma(pm):
    return pm.Gamma("theta", F(2.0), F(3.0))


def inverse_gamma(pm):
    return pm.InverseGamma("theta", F(2.5), F(3.0))


def dirichlet(pm):
    return pm.Dirichlet("theta", np.array([1.0, 2.0, 3.0]))


def flat(pm):
    return pm.Flat("theta")


def halfflat(pm):
    return pm.HalfFlat("theta")


def normal(pm):
    return pm.Normal("theta", F(0.5), sigma=F(2.0))


def mvnormal(pm):
    return pm.MvNormal("theta", np.array([0.5, -1.0]), cov=PSI, shape=2)


def wishart(pm):
    return pm.Wishart("theta", 6, PSI, **({"shape": (2, 2)} if pm.__name__ == "pymc3" else {}))


def inverse_wishart(pm):
    backend = "theano" if pm.__name__ == "pymc3" else "pytensor"
    return import_module(f"symbolic_pymc.{backend}.wishart").InverseWishart("theta", F(6.0), PSI, shape=(2, 2))


def lognormal(pm, *args, **kwargs):
    return (getattr(pm, "LogNormal", None) or pm.Lognormal)("y", *args, observed=POSITIVE, **kwargs)


def stick_breaking(pm, t):
    v = pm.Beta("theta", F(2.0), F(3.0), shape=2)
    left = t.concatenate([np.ones(1), t.extra_ops.cumprod(1 - v)])
    pm.Categorical("y", t.concatenate([v, np.ones(1)]) * left, observed=LABELS)


# (prior, likelihood, its parameter): model
LINKS = {
    ("dbeta", "dbern", "prob"): lambda pm, t: pm.Bernoulli("y", beta(pm), observed=BITS),
    ("dbeta", "dbin", "prob"): lambda pm, t: pm.Binomial("y", 9, beta(pm), observed=COUNTS),
    ("dbeta", "dnegbin", "prob"): lambda pm, t: pm.NegativeBinomial("y", n=4, p=beta(pm), observed=COUNTS),
    ("dbeta", "dcat", "stick_breaking"): stick_breaking,
    ("ddirch", "dmulti", "prob"): lambda pm, t: pm.Multinomial(
        "y", 5, dirichlet(pm), observed=np.array([1, 0, 4]), shape=3
    ),
    ("ddirch", "dcat", "prob"): lambda pm, t: pm.Categorical("y", dirichlet(pm), observed=LABELS),
    ("dflat", "dnorm", "mean"): lambda pm, t: pm.Normal("y", flat(pm), sigma=F(1.5), observed=REALS),
    ("dflat", "dlnorm", "meanlog"): lambda pm, t: lognormal(pm, flat(pm), sigma=F(1.5)),
    ("dhalfflat", "dnorm", "sd"): lambda pm, t: pm.Normal("y", F(0.5), sigma=halfflat(pm), observed=REALS),
    ("dhalfflat", "dlnorm", "sdlog"): lambda pm, t: lognormal(pm, F(0.5), sigma=halfflat(pm)),
    ("dgamma", "dpois", "lambda"): lambda pm, t: pm.Poisson("y", gamma(pm), observed=COUNTS),
    ("dgamma", "dnorm", "tau"): lambda pm, t: pm.Normal("y", F(0.5), tau=gamma(pm), observed=REALS),
    ("dgamma", "dlnorm", "taulog"): lambda pm, t: lognormal(pm, F(0.5), tau=gamma(pm)),
    ("dgamma", "dgamma", "rate"): lambda pm, t: pm.Gamma("y", F(1.5), gamma(pm), observed=POSITIVE),
    ("dgamma", "dinvgamma", "scale"): lambda pm, t: pm.InverseGamma("y", F(1.5), gamma(pm), observed=POSITIVE),
    ("dgamma", "dexp", "rate"): lambda pm, t: pm.Exponential("y", gamma(pm), observed=POSITIVE),
    ("dgamma", "dweib", "lambda"): lambda pm, t: pm.Weibull("y", F(2.0), gamma(pm) ** F(-0.5), observed=POSITIVE),
    ("dgamma", "ddexp", "rate"): lambda pm, t: pm.Laplace("y", F(0.5), 1 / gamma(pm), observed=REALS),
    ("dinvgamma", "dnorm", "var"): lambda pm, t: pm.Normal("y", F(0.5), t.sqrt(inverse_gamma(pm)), observed=REALS),
    ("dinvgamma", "dlnorm", "varlog"): lambda pm, t: lognormal(pm, F(0.5), t.sqrt(inverse_gamma(pm))),
    ("dinvgamma", "dgamma", "scale"): lambda pm, t: pm.Gamma("y", F(1.5), 1 / inverse_gamma(pm), observed=POSITIVE),
    ("dinvgamma", "dinvgamma", "rate"): lambda pm, t: pm.InverseGamma(
        "y", F(1.5), 1 / inverse_gamma(pm), observed=POSITIVE
    ),
    ("dinvgamma", "dexp", "scale"): lambda pm, t: pm.Exponential("y", 1 / inverse_gamma(pm), observed=POSITIVE),
    ("dinvgamma", "ddexp", "scale"): lambda pm, t: pm.Laplace("y", F(0.5), inverse_gamma(pm), observed=REALS),
    ("dnorm", "dnorm", "mean"): lambda pm, t: pm.Normal("y", normal(pm), sigma=F(1.5), observed=REALS),
    ("dnorm", "dlnorm", "meanlog"): lambda pm, t: lognormal(pm, normal(pm), sigma=F(1.5)),
    ("dmnorm", "dmnorm", "mean"): lambda pm, t: pm.MvNormal("y", mvnormal(pm), cov=PSI, observed=ROWS[0]),
    ("dwish", "dmnorm", "prec"): lambda pm, t: pm.MvNormal("y", np.ones(2), tau=wishart(pm), observed=ROWS),
    ("dinvwish", "dmnorm", "cov"): lambda pm, t: pm.MvNormal("y", np.ones(2), cov=inverse_wishart(pm), observed=ROWS),
}


def test_there_are_twenty_nine():
    assert len(LINKS) == 29


def matrices():
    """Return points at which a matrix is symmetric and positive definite."""
    roots = np.random.default_rng(0).normal(size=(10, 2, 4))
    return [{"theta": root @ root.T} for root in roots]


def possible(model):
    """Return points at which PyMC3 does not take probabilities for a sum other than one, for its last digit."""
    density = log_density(model)
    points = [point for point in random_points(model, 60) if np.isfinite(density(point))]
    assert len(points) >= 10
    return points


@pytest.mark.parametrize("link", LINKS, ids=" ".join)
def test_link(backend, link):
    with backend.pm.Model() as model:
        LINKS[link](backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs and not result.potentials, [str(step) for step in sp.steps(result)]
    assert np.isfinite(log_evidence(result)) and log_evidence(result) != 0.0
    if link[0] == "dhalfflat":
        assert_square_is_conditioned(model, result)
    else:
        entries = "wish" in link[0] and log_density(model).names == ["theta"]  # without a transform, as before PyMC 6
        points = matrices() if entries else possible(model)
        assert ratio_test(model, result, points=points) <= 1e-8


def assert_square_is_conditioned(model, result):
    """Assert the ratio test where the posterior is that of the square: on the log scale it has twice the length."""
    old, new = log_density(model), log_density(result)
    ([name], [square]), evidence = (old.names, new.names), log_evidence(result)
    for u in np.random.default_rng(0).normal(size=10):
        before, after = old({name: u}), new({square: 2 * u}) + np.log(2)
        assert abs(before - after - evidence) <= 1e-8 * max(1.0, abs(before))
