"""Likelihoods in one parameter, with data that are held: models by name, and whether the negative log density is convex.

A row is a function of a backend and of an unknown number without a density of its own, and the verdict.
"""

import numpy as np

from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX

rng = np.random.default_rng(3)
REAL, POSITIVE = rng.normal(size=6), rng.gamma(2.0, 1.0, size=6)
COUNTS, BITS, SHARES = rng.poisson(3.0, size=6), np.array([1, 0, 1, 1, 0, 1]), rng.beta(2.0, 3.0, size=6)
ANGLES = rng.vonmises(0.3, 2.0, size=6)
one, two, half = np.float64(1.0), np.float64(2.0), np.float64(0.5)


def law(name, parameters, observed):
    """Return the row of a distribution whose parameters are functions of a backend and the unknown."""

    def make(b, x):
        given = {key: f(b.tensor, x) if callable(f) else f for key, f in parameters.items()}
        getattr(b.pm, name)("y", **given, observed=observed)

    return make


def same(t, x):
    return x


def exp(t, x):
    return t.exp(x)


def inverse(t, x):
    return 1 / x


def _sigmoid(t, x):
    return getattr(t, "nnet", t).sigmoid(x)


def _softplus(t, x):
    return getattr(t, "nnet", t).softplus(x)


def _probit(t, x):
    return 0.5 * t.erfc(-x / np.sqrt(2.0))


def _cloglog(t, x):
    return 1 - t.exp(-t.exp(x))


def _cauchit(t, x):
    return 0.5 + t.arctan(x) / np.pi


LIKELIHOODS = {
    "normal mean": (law("Normal", dict(mu=same, sigma=one), REAL), CONVEX),
    "normal precision": (law("Normal", dict(mu=half, tau=same), REAL), CONVEX),
    "normal inverse deviation": (law("Normal", dict(mu=half, sigma=inverse), REAL), CONVEX),
    "normal log deviation": (law("Normal", dict(mu=half, sigma=exp), REAL), CONVEX),
    "normal deviation": (law("Normal", dict(mu=half, sigma=same), REAL), NOT_CONVEX),
    "normal variance": (law("Normal", dict(mu=half, sigma=lambda t, x: t.sqrt(x)), REAL), NOT_CONVEX),
    "Laplace location": (law("Laplace", dict(mu=same, b=one), REAL), CONVEX),
    "Laplace inverse scale": (law("Laplace", dict(mu=half, b=inverse), REAL), CONVEX),
    "Laplace log scale": (law("Laplace", dict(mu=half, b=exp), REAL), CONVEX),
    "Laplace scale": (law("Laplace", dict(mu=half, b=same), REAL), NOT_CONVEX),
    "logistic location": (law("Logistic", dict(mu=same, s=one), REAL), CONVEX),
    "Gumbel location": (law("Gumbel", dict(mu=same, beta=one), REAL), CONVEX),
    "Student location": (law("StudentT", dict(nu=two, mu=same, sigma=np.float64(0.1)), REAL), NOT_CONVEX),
    "Bernoulli chance": (law("Bernoulli", dict(p=same), BITS), CONVEX),
    "Bernoulli logit": (law("Bernoulli", dict(logit_p=same), BITS), CONVEX),
    "Bernoulli logistic": (law("Bernoulli", dict(p=_sigmoid), BITS), CONVEX),
    "Bernoulli probit": (law("Bernoulli", dict(p=_probit), BITS), CONVEX),
    "Bernoulli cloglog": (law("Bernoulli", dict(p=_cloglog), BITS), CONVEX),
    "Bernoulli cauchit": (law("Bernoulli", dict(p=_cauchit), BITS), NOT_CONVEX),
    "binomial logit": (law("Binomial", dict(n=np.int64(9), p=_sigmoid), COUNTS), CONVEX),
    "Poisson mean": (law("Poisson", dict(mu=same), COUNTS), CONVEX),
    "Poisson log": (law("Poisson", dict(mu=exp), COUNTS), CONVEX),
    "Poisson softplus": (law("Poisson", dict(mu=_softplus), COUNTS), CONVEX),
    "exponential rate": (law("Exponential", dict(lam=same), POSITIVE), CONVEX),
    "exponential log rate": (law("Exponential", dict(lam=exp), POSITIVE), CONVEX),
    "exponential scale": (law("Exponential", dict(lam=inverse), POSITIVE), NOT_CONVEX),
    "gamma rate": (law("Gamma", dict(alpha=two, beta=same), POSITIVE), CONVEX),
    "gamma shape": (law("Gamma", dict(alpha=same, beta=two), POSITIVE), CONVEX),
    "gamma mean, log link": (law("Gamma", dict(alpha=two, beta=lambda t, x: 2.0 / t.exp(x)), POSITIVE), CONVEX),
    "gamma mean, inverse link": (law("Gamma", dict(alpha=two, beta=lambda t, x: 2.0 * x), POSITIVE), CONVEX),
    "gamma mean": (law("Gamma", dict(alpha=two, beta=lambda t, x: 2.0 / x), POSITIVE), NOT_CONVEX),
    "negative binomial, log link": (law("NegativeBinomial", dict(mu=exp, alpha=two), COUNTS), CONVEX),
    "negative binomial mean": (law("NegativeBinomial", dict(mu=same, alpha=two), COUNTS), NOT_CONVEX),
    "Weibull log scale": (law("Weibull", dict(alpha=two, beta=exp), POSITIVE), CONVEX),
    "Weibull shape": (law("Weibull", dict(alpha=same, beta=two), POSITIVE), CONVEX),
    "Weibull scale": (law("Weibull", dict(alpha=two, beta=same), POSITIVE), NOT_CONVEX),
    "Wald, inverse square link": (law("Wald", dict(mu=lambda t, x: 1 / t.sqrt(x), lam=two), POSITIVE), CONVEX),
    "Wald mean": (law("Wald", dict(mu=same, lam=two), POSITIVE), NOT_CONVEX),
    "von Mises concentration": (law("VonMises", dict(mu=half, kappa=same), ANGLES), CONVEX),
    "von Mises location": (law("VonMises", dict(mu=same, kappa=two), ANGLES), NOT_CONVEX),
    "beta first shape": (law("Beta", dict(alpha=same, beta=two), SHARES), CONVEX),
}
# compositions of functions for which there is no rule, whatever the truth
UNSETTLED = {
    "Bernoulli cloglog",
    "Bernoulli cauchit",
    "Poisson softplus",
    "negative binomial, log link",
    "negative binomial mean",
    "von Mises concentration",
    "beta first shape",
}

# where the densities of PyMC have digits to spare; (0.02, 8) for all others
PLACES = {
    "Bernoulli chance": (0.02, 0.98),
    "Bernoulli probit": (-2.0, 2.0),
    "Bernoulli cloglog": (-2.0, 1.0),
    "von Mises concentration": (0.02, 3.0),
}
