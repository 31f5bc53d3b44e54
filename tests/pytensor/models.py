"""PyMC models, one per distribution or feature that must survive the way to a graph and back."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

MODELS = {}
Y = np.array([0.3, -1.2, 0.7, 2.1])
COUNTS = np.array([1, 0, 3, 2])


def model(build):
    """Enter a function that fills a model into the table, under its own name."""
    MODELS[build.__name__] = build
    return build


def make(name):
    """Return the model of an entry."""
    build = MODELS[name]
    with pm.Model(coords=getattr(build, "coords", None)) as result:
        build()
    return result


def with_coords(**coords):
    """Give the model of an entry coords."""

    def decorate(build):
        build.coords = coords
        return build

    return decorate


def _free(name, distribution, **params):
    def build():
        distribution("x", **params)

    build.__name__ = name
    model(build)


_free("beta", pm.Beta, alpha=2.0, beta=3)
_free("cauchy", pm.Cauchy, alpha=0, beta=2)
_free("exgaussian", pm.ExGaussian, mu=[1.0, 2.0], sigma=2, nu=3)
_free("asymmetriclaplace", pm.AsymmetricLaplace, mu=1, b=2, kappa=0.3, shape=3)
_free("exponential", pm.Exponential, lam=3)
_free("gamma", pm.Gamma, mu=3, sigma=2)
_free("gumbel", pm.Gumbel, mu=1, beta=2)
_free("halfcauchy", pm.HalfCauchy, beta=5)
_free("halfstudentt", pm.HalfStudentT, nu=3, sigma=2, shape=(2, 3))
_free("inversegamma", pm.InverseGamma, alpha=3, beta=2.5)
_free("kumaraswamy", pm.Kumaraswamy, a=2, b=3)
_free("laplace", pm.Laplace, mu=1, b=2)
_free("logistic", pm.Logistic, mu=1, s=2)
_free("lognormal", pm.LogNormal, mu=1, sigma=2)
_free("logitnormal", pm.LogitNormal, mu=1, sigma=2)
_free("moyal", pm.Moyal, mu=1, sigma=2)
_free("pareto", pm.Pareto, alpha=3, m=2)
_free("rice", pm.Rice, nu=2, sigma=3)
_free("skewnormal", pm.SkewNormal, mu=1, sigma=2, alpha=3)
_free("studentt", pm.StudentT, nu=4, mu=1, sigma=12)
_free("triangular", pm.Triangular, lower=-1, c=0.5, upper=3)
_free("truncatednormal", pm.TruncatedNormal, mu=1, sigma=2, lower=-1, upper=4)
_free("uniform", pm.Uniform, lower=-2, upper=100)
_free("vonmises", pm.VonMises, mu=0.3, kappa=2)
_free("wald", pm.Wald, mu=2, lam=3, alpha=0)
_free("weibull", pm.Weibull, alpha=2, beta=3, shape=2)
_free("flat", pm.Flat)
_free("halfflat", pm.HalfFlat)
_free("dirichlet", pm.Dirichlet, a=np.ones(3))
_free("mvnormal_cov", pm.MvNormal, mu=[1.0, 2.0], cov=np.array([[2.0, 0.3], [0.3, 1.0]]))
_free("mvnormal_tau", pm.MvNormal, mu=[1.0, 2.0], tau=np.array([[2.0, 0.3], [0.3, 1.0]]))
_free("mvnormal_chol", pm.MvNormal, mu=[1.0, 2.0], chol=np.array([[2.0, 0.0], [0.3, 1.0]]))
_free("mvstudentt", pm.MvStudentT, nu=4, mu=[1.0, 2.0], scale=np.eye(2))
_free("zerosumnormal", pm.ZeroSumNormal, sigma=2, shape=4)
_free("lkjcorr", pm.LKJCorr, n=3, eta=2)
_free("bernoulli", pm.Bernoulli, p=0.3)
_free("binomial", pm.Binomial, n=5, p=0.3)
_free("betabinomial", pm.BetaBinomial, n=5, alpha=2, beta=3)
_free("categorical", pm.Categorical, p=[0.2, 0.3, 0.5])
_free("discreteuniform", pm.DiscreteUniform, lower=1, upper=6)
_free("geometric", pm.Geometric, p=0.3)
_free("hypergeometric", pm.HyperGeometric, N=10, k=4, n=3)
_free("multinomial", pm.Multinomial, n=5, p=[0.2, 0.3, 0.5])
_free("negativebinomial", pm.NegativeBinomial, mu=2, alpha=3)
_free("poisson", pm.Poisson, mu=3)
_free("zeroinflatedpoisson", pm.ZeroInflatedPoisson, psi=0.4, mu=3)


@model
def eight_schools():
    mu, tau = pm.Normal("mu", 0, 5), pm.HalfCauchy("tau", 5)
    theta = pm.Normal("theta", mu, tau, shape=4)
    pm.Normal("y", theta, np.array([15.0, 10, 16, 11]), observed=Y)


@model
@with_coords(group=["a", "b"], obs=range(4))
def dims_data_and_deterministics():
    x = pm.Data("x", np.arange(4.0), dims="obs")
    pm.Data("unused", np.ones(2), dims="group")
    b = pm.Normal("b", 0, 12, dims="group")
    line = pm.Deterministic("line", b[np.array([0, 1, 0, 1])] * x, dims="obs")
    pm.Deterministic("twice", 2 * line)
    sd = pm.Exponential("sd", 1)
    pm.Normal("y", line, sd, observed=pm.Data("y_data", Y, dims="obs"), dims="obs")


@model
def implicit_dims():
    x = pm.Normal("x", 0, 1, shape=3, dims="from_x")
    pm.Normal("z", x, 1, dims="from_x")


@model
def potentials():
    a, b = pm.Normal("a"), pm.HalfNormal("b", 2)
    pm.Potential("pull", -(a**2) * b)
    pm.Potential("again", -(a**2) * b)
    pm.Normal("y", a, b, observed=Y)


@model
def total_size():
    a = pm.Normal("a")
    pm.Normal("y", a, 1, observed=Y, total_size=100)
    pm.Normal("m", a, 1, observed=np.ones((2, 2)), total_size=[10, None])


@model
def transforms():
    from pymc.distributions import transforms as tr

    pm.Normal("ordered", 0, [1.0, 2, 3], transform=tr.ordered, initval=[-1.0, 0, 1])
    pm.Gamma("untransformed", 2, 3, default_transform=None)
    pm.Uniform("other", 0, 1, transform=tr.Interval(0, 1), default_transform=None)
    pm.HalfNormal("chained", transform=tr.Interval(-1, 8), shape=2)
    pm.Beta("default", 2, 2)


@model
def initial_values():
    a = pm.Normal("a", initval=0.3)
    pm.Normal("b", a, 1, initval="prior")
    pm.HalfNormal("d", initval=np.array([1.0, 2.0]), shape=2)


@model
def loose_variables():
    pm.Normal("y", pm.Normal("a"), 1, observed=Y)
    pm.Normal("loose"), pm.Poisson("count", 3)


@model
def observed_feeds_another():
    y = pm.Normal("y", pm.Normal("a"), 1, observed=Y)
    pm.Normal("z", y * 2, 1, observed=-Y)


@model
def missing_values():
    pm.Normal("y", pm.Normal("a", shape=4), 1, observed=np.ma.masked_invalid([1.0, np.nan, 2.0, np.nan]))


@model
def missing_values_of_vectors():
    data = np.ma.masked_invalid([[1.0, np.nan], [2.0, 3.0]])
    pm.MvNormal("y", pm.Normal("a", shape=2), np.eye(2), observed=data)


@model
def counts():
    pm.Poisson("y", pm.Gamma("rate", 2, 1), observed=COUNTS)
    pm.Binomial("k", 5, pm.Beta("p", 1, 1), observed=COUNTS)
    pm.Categorical("c", pm.Dirichlet("w", np.ones(4)), observed=COUNTS)


@model
def censored_and_truncated():
    a = pm.Normal("a")
    pm.Censored("c", pm.Normal.dist(a, 2), lower=-1, upper=1, observed=np.clip(Y, -1, 1))
    pm.Truncated("t", pm.StudentT.dist(nu=4, mu=a, sigma=2), lower=-5, upper=5, observed=Y)
    pm.Truncated("free", pm.Gamma.dist(2, 1), upper=4)


@model
def mixtures():
    w, m = pm.Dirichlet("w", np.ones(2)), pm.Normal("m", [0.0, 3.0], 1, shape=2)
    pm.NormalMixture("y", w, m, 1, observed=Y)
    pm.Mixture("z", w, [pm.Normal.dist(m[0], 1), pm.StudentT.dist(nu=4, mu=m[1], sigma=1)], observed=Y)


@model
def time_series():
    pm.GaussianRandomWalk("walk", 0, 1, init_dist=pm.Normal.dist(0, 2), steps=4)
    pm.AR("ar", [0.3, 0.2], sigma=1, init_dist=pm.Normal.dist(0, 1, shape=2), steps=4)
    pm.GARCH11("garch", omega=1, alpha_1=0.2, beta_1=0.3, initial_vol=1, shape=4)


@model
def lkj():
    chol, corr, sd = pm.LKJCholeskyCov("chol", n=2, eta=2, sd_dist=pm.Exponential.dist(1))
    pm.MvNormal("y", np.zeros(2), chol=chol, observed=np.array([[0.1, 0.2], [0.3, -1.0]]))


@model
def gaussian_process():
    cov = pm.gp.cov.ExpQuad(1, pm.Gamma("ls", 2, 1))
    process = pm.gp.Marginal(cov_func=cov)
    process.marginal_likelihood("y", X=np.arange(4.0)[:, None], y=Y, sigma=pm.HalfNormal("sd"))


@model
def custom_distributions():
    a = pm.Normal("a")
    pm.CustomDist("by_logp", a, logp=lambda value, mu: -((value - mu) ** 2), observed=Y)
    pm.CustomDist("by_dist", a, dist=lambda mu, size: pt.exp(pm.Normal.dist(mu, 1, size=size)), observed=Y**2)


@model
def random_indices():
    z = pm.Categorical("z", [0.4, 0.6], shape=4)
    m = pm.Normal("m", 0, 1, shape=2)
    pm.Normal("y", m[z], 1, observed=Y)


@model
def matrices():
    pm.MatrixNormal("x", mu=np.zeros((2, 3)), rowcov=np.eye(2), colcov=2 * np.eye(3))
    pm.KroneckerNormal("k", mu=np.zeros(4), covs=[np.eye(2), 2 * np.eye(2)])
    pm.CAR("car", mu=np.zeros(2), W=np.array([[0, 1], [1, 0]]), alpha=0.5, tau=1.0)
