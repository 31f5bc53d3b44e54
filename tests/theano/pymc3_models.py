"""One PyMC3 model for every distribution that PyMC3 exports.

Where the distribution allows it, it has a free variable whose parameter is another variable, a vector, and an
observed variable.
"""

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.model import MultiObservedRV

from symbolic_pymc.theano.wishart import Wishart

PLAIN = theano.compile.mode.Mode(linker="py", optimizer="fast_compile")
COVARIANCE = np.array([[2.0, 0.3], [0.3, 1.0]])
DATA = np.array([0.4, 1.7, 0.9])
COUNTS = np.array([1, 0, 2])
# the names in pymc3.distributions.__all__ that are no distributions of their own
NOT_DISTRIBUTIONS = {
    "Continuous": "base class",
    "Discrete": "base class",
    "Distribution": "base class",
    "NoDistribution": "base class; PyMC3 gives it to missing entries",
    "TensorType": "a function",
    "fast_sample_posterior_predictive": "a function",
}


def positive(name="s"):
    return pm.Lognormal(name, 0.1, 0.5)


def unit(name="p"):
    return pm.Beta(name, 2.0, 3.0)


def located(cls, *rest, data=DATA):
    """Models of a family whose first parameter is a location."""

    def build():
        mu = pm.Normal("mu", 0.5, 2.0)
        cls("x", mu, *rest)
        cls("v", np.array([0.1, -0.3]), *rest, shape=2)
        cls("y", mu, *rest, observed=data)

    return build


def scaled(cls, *first, data=DATA, **fixed):
    """Models of a family whose last parameter is positive."""

    def build():
        s = positive()
        cls("x", *first, s, **fixed)
        cls("v", *first, np.array([0.7, 1.3]), shape=2, **fixed)
        cls("y", *first, s, observed=data, **fixed)

    return build


def chance(cls, *first, data=COUNTS):
    """Models of a family whose last parameter is a probability."""

    def build():
        p = unit()
        cls("x", *first, p)
        cls("v", *first, np.array([0.2, 0.6]), shape=2)
        cls("y", *first, p, observed=data)

    return build


def uniform():
    pm.Uniform("x", 0.0, positive())
    pm.Uniform("v", np.array([-1.0, 0.0]), 2, shape=2)
    pm.Uniform("y", -1, 3, observed=DATA)


def triangular():
    pm.Triangular("x", lower=0.0, c=0.5, upper=positive() + 1)
    pm.Triangular("y", lower=-1, c=1.0, upper=3, observed=DATA)


def truncated_normal():
    s = positive()
    pm.TruncatedNormal("x", 0.2, s, lower=-1.0, upper=2.0)
    pm.TruncatedNormal("l", 0.2, s, lower=-0.5)
    pm.TruncatedNormal("u", 0.2, tau=s, upper=1.5, shape=2)
    pm.TruncatedNormal("n", 0.2, s)
    pm.TruncatedNormal("y", 0.2, s, lower=0.0, observed=DATA)


def normal():
    mu, s = pm.Normal("mu"), positive()
    pm.Normal("x", mu, sd=s)
    pm.Normal("t", mu, tau=s, shape=(2, 1))
    pm.Normal("v", np.zeros(3), s, shape=(2, 3), testval=np.ones((2, 3)))
    pm.Normal("y", mu, s, observed=DATA)


def beta():
    s = positive()
    pm.Beta("x", 2, s)
    pm.Beta("m", mu=0.3, sigma=0.1)
    pm.Beta("y", s, 2.0, observed=DATA / 2)


def gamma():
    s = positive()
    pm.Gamma("x", 2, s)
    pm.Gamma("m", mu=s, sigma=0.5, shape=2)
    pm.Gamma("y", s, 2.0, observed=DATA)


def inverse_gamma():
    s = positive()
    pm.InverseGamma("x", 3, s)
    pm.InverseGamma("m", mu=s, sigma=0.5, shape=2)
    pm.InverseGamma("y", s, 2.0, observed=DATA)


def student_t():
    s = positive()
    pm.StudentT("x", 4, 0, sd=s)
    pm.StudentT("l", s, 1, lam=2.0, shape=2)
    pm.StudentT("y", nu=s, mu=0.3, sigma=s, observed=DATA)


def half_student_t():
    s = positive()
    pm.HalfStudentT("x", 4, sd=s)
    pm.HalfStudentT("l", s, lam=2.0, shape=2)
    pm.HalfStudentT("y", nu=s, sigma=s, observed=DATA)


def wald():
    s = positive()
    pm.Wald("x", mu=2.0, lam=s)
    pm.Wald("p", mu=s, phi=0.5, alpha=0.2)
    pm.Wald("m", mu=s, shape=2)
    pm.Wald("y", lam=1.2, phi=s, observed=DATA)


def rice():
    s = positive()
    pm.Rice("x", nu=1.0, sigma=s)
    pm.Rice("b", b=s, sigma=2.0, shape=2)
    pm.Rice("y", nu=s, sigma=s, observed=DATA)


def half_normal():
    s = positive()
    pm.HalfNormal("x", s)
    pm.HalfNormal("t", tau=s, shape=2)
    pm.HalfNormal("none", s, transform=None)
    pm.HalfNormal("y", sd=s, observed=DATA)


def lognormal():
    mu = pm.Normal("mu")
    pm.Lognormal("x", mu, sigma=0.5)
    pm.Lognormal("t", mu, tau=np.array([1.0, 2.0]), shape=2)
    pm.Lognormal("y", mu, sigma=0.5, observed=DATA)


def flat():
    x = pm.Flat("x")
    pm.Flat("v", shape=2)
    pm.Normal("y", x, 1.0, observed=DATA)


def half_flat():
    x = pm.HalfFlat("x")
    pm.HalfFlat("v", shape=2)
    pm.Normal("y", 0, x, observed=DATA)


def bernoulli():
    p = unit()
    pm.Bernoulli("x", p)
    pm.Bernoulli("l", logit_p=pm.Normal("mu"))
    pm.Bernoulli("y", p, observed=np.array([0, 1, 1]))
    pm.Bernoulli("z", logit_p=pm.Normal("eta", shape=3), observed=np.array([0, 1, 1]))


def negative_binomial():
    s = positive()
    pm.NegativeBinomial("x", mu=s, alpha=2.0)
    pm.NegativeBinomial("v", n=3, p=unit(), shape=2)
    pm.NegativeBinomial("y", mu=3.0, alpha=s, observed=COUNTS)


def hypergeometric():
    pm.HyperGeometric("x", N=20, k=5, n=6)
    pm.HyperGeometric("y", N=20, k=5, n=6, observed=COUNTS)


def discrete_uniform():
    pm.DiscreteUniform("x", 1, 7)
    pm.DiscreteUniform("v", np.array([0, 2]), pm.Poisson("k", 3.0) + 4, shape=2)
    pm.DiscreteUniform("y", lower=0, upper=4, observed=COUNTS)


def categorical():
    p = pm.Dirichlet("p", np.ones(3), shape=3)
    pm.Categorical("x", p)
    pm.Categorical("v", np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]), shape=2)
    pm.Categorical("y", p, observed=COUNTS)


def ordered(cls):
    def build():
        eta = pm.Normal("eta")
        cut = pm.Normal("c", shape=2, transform=pm.distributions.transforms.ordered, testval=np.array([-1.0, 1.0]))
        cls("x", eta, cut)
        cls("y", eta, cut, observed=COUNTS)

    return build


def constant():
    c = pm.Constant("x", 3)
    pm.Normal("y", c, 1.0, observed=DATA)


def mv_normal():
    mu = pm.Normal("mu", 0, 2.0, shape=2)
    packed = pm.LKJCholeskyCov("packed", n=2, eta=2.0, sd_dist=pm.HalfNormal.dist(1.0))
    chol = pm.expand_packed_triangular(2, packed)
    pm.MvNormal("x", mu, COVARIANCE, shape=2)
    pm.MvNormal("t", mu, tau=COVARIANCE, shape=(3, 2))
    pm.MvNormal("c", np.zeros(2), chol=chol, shape=2)
    pm.MvNormal("u", np.zeros(2), chol=np.linalg.cholesky(COVARIANCE).T, lower=False, shape=2)
    pm.MvNormal("o", 0.0, COVARIANCE, shape=2)
    pm.MvNormal("y", mu, chol=chol, observed=np.arange(6.0).reshape(3, 2))


def mv_student_t():
    mu = pm.Normal("mu", shape=2)
    pm.MvStudentT("x", 4.0, mu=mu, cov=COVARIANCE, shape=2)
    pm.MvStudentT("t", 4.0, mu=np.zeros(2), tau=COVARIANCE, shape=2)
    pm.MvStudentT("c", positive() + 2, mu=np.zeros(2), chol=np.linalg.cholesky(COVARIANCE), shape=2)
    pm.MvStudentT("y", 4, COVARIANCE, mu, observed=np.arange(6.0).reshape(3, 2))


def dirichlet():
    s = positive()
    pm.Dirichlet("x", s * np.ones(3), shape=3)
    pm.Dirichlet("v", np.ones((2, 3)), shape=(2, 3))
    pm.Dirichlet("y", s * np.ones(2), observed=np.array([0.3, 0.7]), shape=2)


def multinomial():
    p = pm.Dirichlet("p", np.ones(3), shape=3)
    pm.Multinomial("x", 6, np.array([0.25, 0.25, 0.5]), shape=3)
    pm.Multinomial("v", np.array([4, 5]), np.array([0.25, 0.25, 0.5]), shape=(2, 3))
    pm.Multinomial("y", 3, p, observed=COUNTS)


def dirichlet_multinomial():
    a = pm.Gamma("a", 2.0, 1.0, shape=3)
    pm.DirichletMultinomial("x", 6, a, shape=3)
    pm.DirichletMultinomial("v", np.array([4, 5]), np.ones(3), shape=(2, 3))
    pm.DirichletMultinomial("y", 3, a, shape=3, observed=COUNTS)


def wishart():
    pm.Wishart("x", 5, COVARIANCE, shape=(2, 2), testval=COVARIANCE)
    pm.Wishart("y", positive() + 4, COVARIANCE, observed=np.eye(2))


def wishart_bartlett():
    pm.WishartBartlett("x", COVARIANCE, 5)


def lkj_cholesky():
    pm.LKJCholeskyCov("x", n=3, eta=2.0, sd_dist=pm.Exponential.dist(1.0))
    pm.LKJCholeskyCov("r", n=2, eta=positive("eta"), sd_dist=pm.HalfNormal.dist(positive()), compute_corr=True)


def lkj_corr():
    pm.LKJCorr("x", n=3, eta=2.0)


def matrix_normal():
    mu = pm.Normal("mu", shape=(3, 2))
    pm.MatrixNormal("x", mu, colcov=COVARIANCE, rowchol=np.diag([1.0, 2.0, 3.0]), shape=(3, 2))
    scale = tt.diag(tt.stack([1.0, positive()]))
    pm.MatrixNormal("y", mu, colchol=scale, rowcov=np.eye(3), shape=(3, 2), observed=np.ones((3, 2)))


def kronecker_normal():
    covs = [COVARIANCE, np.diag([1.0, 2.0, 3.0])]
    mu = pm.Normal("mu")
    pm.KroneckerNormal("x", mu * np.ones(6), covs=covs, shape=6)
    pm.KroneckerNormal("n", np.zeros(6), covs=covs, sigma=positive(), shape=6)
    pm.KroneckerNormal("y", np.zeros(6), chols=[np.linalg.cholesky(c) for c in covs], observed=np.arange(6.0), shape=6)


def ar1():
    pm.AR1("x", k=unit(), tau_e=positive(), shape=4)
    pm.AR1("y", k=0.5, tau_e=1.0, observed=DATA)


def ar():
    rho, s = pm.Normal("rho", 0, 0.3, shape=2), positive()
    pm.AR("x", rho, sigma=s, shape=5)
    pm.AR("c", rho, tau=s, constant=True, init=pm.Normal.dist(0.0, s), shape=5)
    pm.AR("y", np.array([0.4]), sigma=s, observed=DATA)


def random_walk():
    mu, s = pm.Normal("mu"), positive()
    pm.GaussianRandomWalk("x", mu=mu, sigma=s, shape=5)
    pm.GaussianRandomWalk("i", mu=mu, tau=s, init=pm.Normal.dist(mu, 2.0), shape=4)
    pm.GaussianRandomWalk("y", sigma=s, observed=DATA, shape=3)


def mv_random_walk():
    mu = pm.Normal("mu", shape=2)
    pm.MvGaussianRandomWalk("x", mu=mu, cov=COVARIANCE, shape=(4, 2))
    pm.MvGaussianRandomWalk("c", chol=np.linalg.cholesky(COVARIANCE), mu=np.zeros(2), shape=(3, 2))
    pm.MvGaussianRandomWalk("y", mu=mu, cov=COVARIANCE, observed=np.ones((3, 2)), shape=(3, 2))


def mv_student_walk():
    mu = pm.Normal("mu", shape=2)
    pm.MvStudentTRandomWalk("x", positive() + 3, mu=mu, cov=COVARIANCE, shape=(4, 2))


def garch():
    s = positive()
    pm.GARCH11("x", omega=s, alpha_1=0.2, beta_1=unit() / 2, initial_vol=np.float64(1.5), shape=4)
    pm.GARCH11("y", omega=s, alpha_1=0.2, beta_1=0.3, initial_vol=s, observed=DATA, shape=3)


def mixture():
    w = pm.Dirichlet("w", np.ones(2), shape=2)
    mu = pm.Normal("mu", 0, 3.0, shape=2)
    pm.Mixture("x", w, pm.Normal.dist(mu, 1.0, shape=2))
    pm.Mixture("l", np.array([0.3, 0.7]), [pm.Normal.dist(mu[0], 1.0), pm.StudentT.dist(4, mu[1], sigma=2.0)])
    pm.Mixture("k", w, [pm.Poisson.dist(2.0), pm.Poisson.dist(positive())])
    pm.Mixture("y", w, pm.Normal.dist(mu, 1.0, shape=2), observed=DATA)


def normal_mixture():
    w = pm.Dirichlet("w", np.ones(2), shape=2)
    mu = pm.Normal("mu", 0, 3.0, shape=2)
    pm.NormalMixture("x", w, mu, sigma=positive())
    pm.NormalMixture("y", w, mu, tau=np.array([1.0, 2.0]), observed=DATA)


def mixture_same_family():
    w = pm.Dirichlet("w", np.ones(2), shape=2)
    mu = pm.Normal("mu", shape=(3, 2))
    pm.MixtureSameFamily("x", w, pm.Normal.dist(mu=mu, sigma=positive(), shape=(3, 2)), shape=3)
    counts = pm.Multinomial.dist(n=5, p=np.array([[0.2, 0.8], [0.5, 0.5]]), shape=(2, 2))
    pm.MixtureSameFamily("m", w, counts, mixture_axis=0, shape=2)


def interpolated():
    x = np.linspace(-1.0, 3.0, 50)
    pm.Interpolated("x", x, np.exp(-0.5 * x**2))
    pm.Interpolated("y", x, np.exp(-0.5 * x**2), observed=DATA)


def bound():
    mu = pm.Normal("mu")
    pm.Bound(pm.Normal, lower=0.0)("x", mu, 1.0)
    pm.Bound(pm.Normal, lower=positive() * -1, upper=5.0)("b", mu, 1.0, shape=2)
    pm.Bound(pm.Poisson, lower=1)("k", 3.0)
    pm.Bound(pm.StudentT, upper=2.0)("u", 3.0, mu=mu, sigma=1.0)


def density():
    mu, s = pm.Normal("mu"), positive()
    pm.DensityDist("x", lambda value: -0.5 * tt.sqr((value - mu) / s), shape=2)
    drawn = pm.DensityDist("d", pm.Normal.dist(mu, s).logp, random=pm.Normal.dist(mu, s).random)
    pm.DensityDist("y", lambda value: -abs(value - mu * drawn), observed=DATA)
    pm.DensityDist("z", lambda a, b: -tt.sqr(a - mu * b), observed={"a": DATA, "b": 2 * DATA})


def simulate(location, scale):
    return np.random.normal(location, scale, 3)


def simulator():
    pm.Simulator("y", simulate, params=(pm.Normal("mu"), positive()), observed=DATA)


def bart():
    mu = pm.BART("mu", np.arange(6.0).reshape(3, 2), DATA, m=4)
    pm.Normal("y", mu, positive(), observed=DATA)


MODELS = {
    "AR": ar,
    "AR1": ar1,
    "AsymmetricLaplace": scaled(pm.AsymmetricLaplace, 1.5, mu=0.2),
    "BART": bart,
    "Bernoulli": bernoulli,
    "Beta": beta,
    "BetaBinomial": lambda: (
        pm.BetaBinomial("x", positive(), 2.0, 5),
        pm.BetaBinomial("y", 1.0, 2.0, n=np.array([4, 5, 6]), observed=COUNTS),
    ),
    "Binomial": chance(pm.Binomial, 5),
    "Bound": bound,
    "Categorical": categorical,
    "Cauchy": located(pm.Cauchy, 2.0),
    "ChiSquared": scaled(pm.ChiSquared),
    "Constant": constant,
    "ConstantDist": constant,
    "DensityDist": density,
    "Dirichlet": dirichlet,
    "DirichletMultinomial": dirichlet_multinomial,
    "DiscreteUniform": discrete_uniform,
    "DiscreteWeibull": lambda: (
        pm.DiscreteWeibull("x", unit(), 1.5),
        pm.DiscreteWeibull("y", 0.4, positive(), observed=COUNTS),
    ),
    "ExGaussian": scaled(pm.ExGaussian, 0.2, 1.0),
    "Exponential": scaled(pm.Exponential),
    "Flat": flat,
    "GARCH11": garch,
    "Gamma": gamma,
    "GaussianRandomWalk": random_walk,
    "Geometric": chance(pm.Geometric, data=COUNTS + 1),
    "Gumbel": located(pm.Gumbel, 2.0),
    "HalfCauchy": scaled(pm.HalfCauchy),
    "HalfFlat": half_flat,
    "HalfNormal": half_normal,
    "HalfStudentT": half_student_t,
    "HyperGeometric": hypergeometric,
    "Interpolated": interpolated,
    "InverseGamma": inverse_gamma,
    "KroneckerNormal": kronecker_normal,
    "Kumaraswamy": scaled(pm.Kumaraswamy, 2.0, data=DATA / 2),
    "LKJCholeskyCov": lkj_cholesky,
    "LKJCorr": lkj_corr,
    "Laplace": located(pm.Laplace, 2.0),
    "Logistic": located(pm.Logistic, 2.0),
    "LogitNormal": located(pm.LogitNormal, 2.0, data=DATA / 2),
    "Lognormal": lognormal,
    "MatrixNormal": matrix_normal,
    "Mixture": mixture,
    "MixtureSameFamily": mixture_same_family,
    "Moyal": located(pm.Moyal, 2.0),
    "Multinomial": multinomial,
    "MvGaussianRandomWalk": mv_random_walk,
    "MvNormal": mv_normal,
    "MvStudentT": mv_student_t,
    "MvStudentTRandomWalk": mv_student_walk,
    "NegativeBinomial": negative_binomial,
    "Normal": normal,
    "NormalMixture": normal_mixture,
    "OrderedLogistic": ordered(pm.OrderedLogistic),
    "OrderedProbit": ordered(pm.OrderedProbit),
    "Pareto": scaled(pm.Pareto, 2.0, data=DATA + 5),
    "Poisson": scaled(pm.Poisson, data=COUNTS),
    "Rice": rice,
    "Simulator": simulator,
    "SkewNormal": lambda: (
        pm.SkewNormal("x", 0.2, positive(), alpha=2.0),
        pm.SkewNormal("t", 0.2, tau=2.0, alpha=-1, shape=2),
        pm.SkewNormal("y", 0.2, 1.0, alpha=pm.Normal("mu"), observed=DATA),
    ),
    "StudentT": student_t,
    "Triangular": triangular,
    "TruncatedNormal": truncated_normal,
    "Uniform": uniform,
    "VonMises": located(pm.VonMises, 2.0),
    "Wald": wald,
    "Weibull": scaled(pm.Weibull, 2.0),
    "Wishart": wishart,
    "WishartBartlett": wishart_bartlett,
    "ZeroInflatedBinomial": chance(pm.ZeroInflatedBinomial, 0.7, 5),
    "ZeroInflatedNegativeBinomial": lambda: (
        pm.ZeroInflatedNegativeBinomial("x", unit(), 2.0, positive()),
        pm.ZeroInflatedNegativeBinomial("y", 0.6, 2.0, 1.5, observed=COUNTS),
    ),
    "ZeroInflatedPoisson": lambda: (
        pm.ZeroInflatedPoisson("x", unit(), 2.0),
        pm.ZeroInflatedPoisson("y", unit("q"), positive(), observed=COUNTS),
    ),
}


def model_of(name):
    """Return the model for one exported name."""
    with pm.Model() as model:
        MODELS[name]()
    return model


def density_of(model):
    """Compile the log density of a model and its gradient, as functions of a point."""
    free = sorted(model.free_RVs, key=lambda v: v.name)
    continuous = [v for v in free if v.dtype.startswith("float")]
    with model:
        logp = model.logpt
    gradients = theano.grad(logp, continuous, disconnected_inputs="ignore") if continuous else []
    function = theano.function(free, [logp, *gradients], on_unused_input="ignore", mode=PLAIN)
    return lambda point: function(*(point[v.name] for v in free))


def _step(rng, value):
    """Return a small change of a continuous value, and none of a discrete one."""
    return (0.3 * rng.normal(size=value.shape) * (value.dtype.kind == "f")).astype(value.dtype)


def points_of(model, n, seed=0):
    """Yield the test point of a model and n - 1 points around it, in the unconstrained space."""
    rng = np.random.RandomState(seed)
    start = model.test_point
    yield start
    for _ in range(n - 1):
        yield {k: v + _step(rng, v) for k, v in start.items()}


def assert_same_model(model, other, n_points=20):
    """Same variables, order, shapes, transforms, test values; same density and gradient to 1e-10."""
    assert list(other.named_vars) == list(model.named_vars)
    for ours, theirs in [
        (other.free_RVs, model.free_RVs),
        (other.observed_RVs, model.observed_RVs),
        (other.deterministics, model.deterministics),
        (other.potentials, model.potentials),
        (other.missing_values, model.missing_values),
    ]:
        assert {v.name for v in ours} == {v.name for v in theirs}
    for v in model.basic_RVs + model.deterministics:
        w = other[v.name]
        if isinstance(v, MultiObservedRV):
            continue
        assert w.type == v.type, v.name
        assert getattr(w, "dshape", None) == getattr(v, "dshape", None), v.name
        assert type(getattr(w, "transformation", None)) is type(getattr(v, "transformation", None)), v.name
        # PyMC3's Wishart has no draws, and comes back as one that has
        law = type(getattr(v, "distribution", None))
        assert type(getattr(w, "distribution", None)) is (Wishart if law is pm.Wishart else law), v.name
        assert getattr(w, "total_size", None) == getattr(v, "total_size", None), v.name
    assert {k: d for m in [other] for k, d in m.RV_dims.items()} == model.RV_dims
    for name, value in model.test_point.items():
        np.testing.assert_array_equal(other.test_point[name], value, err_msg=name)
    expected, got = density_of(model), density_of(other)
    finite = 0
    for point in points_of(model, n_points):
        for a, b in zip(expected(point), got(point)):
            np.testing.assert_allclose(b, a, rtol=1e-10, atol=1e-10)
        finite += bool(np.isfinite(expected(point)[0]))
    assert finite > 0
