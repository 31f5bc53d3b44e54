"""Variables of every family with their laws according to scipy, and what is measured of a model that has them."""

from importlib import import_module

import numpy as np
from scipy import stats
from scipy.integrate import cumulative_trapezoid

from tests.densities import value_of


class Double:
    """PyMC with its numbers in double precision: of Python's floats it makes the smallest type that holds them."""

    def __init__(self, pm):
        self.pm = pm

    def __getattr__(self, name):
        distribution = getattr(self.pm, name)

        def build(*args, **kwargs):
            return distribution(*map(doubled, args), **{k: doubled(v) for k, v in kwargs.items()})

        return build


class between:
    """A law of scipy between two bounds."""

    def __init__(self, law, lower, upper):
        self.law, self.lower, self.upper = law, lower, upper
        self.log_mass = np.log(law.cdf(upper) - law.cdf(lower))

    def logpdf(self, x):
        inside = (x >= self.lower) & (x <= self.upper)
        return np.where(inside, self.law.logpdf(x) - self.log_mass, -np.inf)

    def cdf(self, x):
        x = np.clip(x, self.lower, self.upper)
        return (self.law.cdf(x) - self.law.cdf(self.lower)) / np.exp(self.log_mass)


class LaplaceTimesNormal:
    """The law of a product of densities, by the normal laws on both sides of the kink."""

    def __init__(self, mu, sigma, location, b):
        self.normal, self.laplace, self.at = stats.norm(mu, sigma), stats.laplace(location, b), location
        self.sides = stats.norm(mu + sigma**2 / b, sigma), stats.norm(mu - sigma**2 / b, sigma)
        lower, upper = self.sides
        self.mass = [
            (self.normal.pdf(x) * self.laplace.pdf(x) / law.pdf(x)) * share
            for x, law, share in ((location - b, lower, lower.cdf(location)), (location + b, upper, upper.sf(location)))
        ]

    def logpdf(self, x):
        return self.normal.logpdf(x) + self.laplace.logpdf(x) - np.log(sum(self.mass))

    def cdf(self, x):
        lower, upper = self.sides
        below = self.mass[0] * lower.cdf(np.minimum(x, self.at)) / lower.cdf(self.at)
        above = self.mass[1] * (1 - upper.sf(np.maximum(x, self.at)) / upper.sf(self.at))
        return (below + above) / sum(self.mass)


class TiltedPolyaGamma:
    """The Polya-Gamma law of the shape 1 by one series of its density, summed as it stands, and by quadrature."""

    def __init__(self, tilt):
        self.tilt = tilt

    def pdf(self, x):
        x, n = np.asarray(x, dtype=float)[..., None], np.arange(60)
        terms = (-1.0) ** n * (2 * n + 1) * np.exp(-((2 * n + 1) ** 2) / (8 * x)) / np.sqrt(2 * np.pi * x**3)
        return np.cosh(self.tilt / 2) * np.exp(-(self.tilt**2) * x[..., 0] / 2) * terms.sum(axis=-1)

    def logpdf(self, x):
        return np.log(self.pdf(x))

    def cdf(self, x):
        grid = np.linspace(1e-3, 4.0, 20_000)
        return np.interp(x, grid, cumulative_trapezoid(self.pdf(grid), grid, initial=0.0))


def doubled(x):
    return np.float64(x) if isinstance(x, float) else x


def lognormal(pm, *args, **kwargs):
    return (pm.LogNormal if hasattr(pm.pm, "LogNormal") else pm.Lognormal)(*args, **kwargs)


def kolmogorov(pm, *args, **kwargs):
    backend = {"pymc3": "theano", "pymc": "pytensor"}[pm.pm.__name__]
    return import_module(f"symbolic_pymc.{backend}.kolmogorov").Kolmogorov(*map(doubled, args), **kwargs)


# name: (variable of a model, law according to scipy); c3 and c4 give each of the parameters its own number
FAMILIES = {
    "normal": (lambda pm, n: pm.Normal("x", 2.0, sigma=3.0, shape=n), stats.norm(2, 3)),
    "normal, tau": (lambda pm, n: pm.Normal("x", 2.0, tau=4.0, shape=n), stats.norm(2, 0.5)),
    "normal, no location": (lambda pm, n: pm.Normal("x", 0.0, sigma=3.0, shape=n), stats.norm(0, 3)),
    "normal, no scale": (lambda pm, n: pm.Normal("x", 2.0, sigma=1.0, shape=n), stats.norm(2, 1)),
    "cauchy": (lambda pm, n: pm.Cauchy("x", 2.0, 3.0, shape=n), stats.cauchy(2, 3)),
    "laplace": (lambda pm, n: pm.Laplace("x", 2.0, 3.0, shape=n), stats.laplace(2, 3)),
    "logistic": (lambda pm, n: pm.Logistic("x", 2.0, 3.0, shape=n), stats.logistic(2, 3)),
    "gumbel": (lambda pm, n: pm.Gumbel("x", 2.0, 3.0, shape=n), stats.gumbel_r(2, 3)),
    "student t": (lambda pm, n: pm.StudentT("x", 5.0, mu=2.0, sigma=3.0, shape=n), stats.t(5, 2, 3)),
    "student t, lam": (lambda pm, n: pm.StudentT("x", 5.0, mu=2.0, lam=0.25, shape=n), stats.t(5, 2, 2)),
    "skew normal": (lambda pm, n: pm.SkewNormal("x", mu=2.0, sigma=3.0, alpha=-4.0, shape=n), stats.skewnorm(-4, 2, 3)),
    "moyal": (lambda pm, n: pm.Moyal("x", 2.0, 3.0, shape=n), stats.moyal(2, 3)),
    "exgaussian": (
        lambda pm, n: pm.ExGaussian("x", mu=2.0, sigma=3.0, nu=1.5, shape=n),
        stats.exponnorm(0.5, 2, 3),
    ),
    "asymmetric laplace": (
        lambda pm, n: pm.AsymmetricLaplace("x", b=0.4, kappa=1.5, mu=2.0, shape=n),
        stats.laplace_asymmetric(1.5, 2, 2.5),
    ),
    "uniform": (lambda pm, n: pm.Uniform("x", -1.0, 4.0, shape=n), stats.uniform(-1, 5)),
    "uniform, from zero": (lambda pm, n: pm.Uniform("x", 0.0, 4.0, shape=n), stats.uniform(0, 4)),
    "triangular": (lambda pm, n: pm.Triangular("x", lower=-1.0, c=0.5, upper=4.0, shape=n), stats.triang(0.3, -1, 5)),
    "truncated normal": (
        lambda pm, n: pm.TruncatedNormal("x", mu=2.0, sigma=3.0, lower=-1.0, upper=4.0, shape=n),
        stats.truncnorm(-1, 2 / 3, 2, 3),
    ),
    "truncated normal, below": (
        lambda pm, n: pm.TruncatedNormal("x", mu=2.0, sigma=3.0, lower=-1.0, shape=n),
        stats.truncnorm(-1, np.inf, 2, 3),
    ),
    "truncated normal, above": (
        lambda pm, n: pm.TruncatedNormal("x", mu=2.0, sigma=3.0, upper=5.0, shape=n),
        stats.truncnorm(-np.inf, 1, 2, 3),
    ),
    "exponential": (lambda pm, n: pm.Exponential("x", 0.25, shape=n), stats.expon(0, 4)),
    "half normal": (lambda pm, n: pm.HalfNormal("x", sigma=3.0, shape=n), stats.halfnorm(0, 3)),
    "half normal, tau": (lambda pm, n: pm.HalfNormal("x", tau=0.25, shape=n), stats.halfnorm(0, 2)),
    "half cauchy": (lambda pm, n: pm.HalfCauchy("x", 3.0, shape=n), stats.halfcauchy(0, 3)),
    "half student t": (lambda pm, n: pm.HalfStudentT("x", nu=5.0, sigma=3.0, shape=n), stats.t(5, 0, 3)),
    "gamma": (lambda pm, n: pm.Gamma("x", 2.5, 4.0, shape=n), stats.gamma(2.5, 0, 0.25)),
    "gamma, mean": (lambda pm, n: pm.Gamma("x", mu=2.0, sigma=0.5, shape=n), stats.gamma(16, 0, 0.125)),
    "inverse gamma": (lambda pm, n: pm.InverseGamma("x", 2.5, 4.0, shape=n), stats.invgamma(2.5, 0, 4)),
    "weibull": (lambda pm, n: pm.Weibull("x", 1.5, 4.0, shape=n), stats.weibull_min(1.5, 0, 4)),
    "pareto": (lambda pm, n: pm.Pareto("x", 2.5, 4.0, shape=n), stats.pareto(2.5, 0, 4)),
    "rice": (lambda pm, n: pm.Rice("x", nu=2.0, sigma=3.0, shape=n), stats.rice(2 / 3, 0, 3)),
    "wald": (lambda pm, n: pm.Wald("x", mu=2.0, lam=3.0, shape=n), stats.invgauss(2 / 3, 0, 3)),
    "wald, shifted": (lambda pm, n: pm.Wald("x", mu=2.0, lam=3.0, alpha=1.5, shape=n), stats.invgauss(2 / 3, 1.5, 3)),
    "lognormal": (lambda pm, n: lognormal(pm, "x", 0.5, sigma=1.5, shape=n), stats.lognorm(1.5, 0, np.exp(0.5))),
    "kolmogorov": (lambda pm, n: kolmogorov(pm, "x", 2.5, shape=n), stats.kstwobign(0, 2.5)),
    "von mises": (lambda pm, n: pm.VonMises("x", mu=2.0, kappa=3.0, shape=n), stats.vonmises(3, 2)),
}


def density_of(backend, model, name, values):
    """Return the log densities of values of a free variable, one for each independent draw, as PyMC computes them."""
    rv, value = model[name], backend.tensor.as_tensor_variable(np.asarray(values))
    return value_of(backend, rv.distribution.logp(value) if backend.name == "theano" else backend.pm.logp(rv, value))


def draws(backend, model, names, seed=7):
    """Return one draw of some variables, together, from the graph of a model."""
    if backend.name == "pytensor":
        return backend.pm.draw([model[name] for name in names], random_seed=seed)
    graph = import_module("symbolic_pymc.theano.pymc3").model_graph(model, [model[name] for name in names])
    for i, v in enumerate(v for v in graph.inputs if v.type == backend.generator(0).type):
        v.set_value(np.random.RandomState(seed + i))
    return backend.compile_plainly([], list(graph.outputs))()


def unconstrained(backend, model, name, value):
    """Return the name of the value variable of a free variable, and the coordinate of a value in its space."""
    if backend.name == "theano":
        transformed = getattr(model[name], "transformed", None)
        if transformed is None:
            return name, value
        return transformed.name, model[name].transformation.forward_val(value)
    rv = model[name]
    transform = model.rvs_to_transforms[rv]
    forward = (
        value if transform is None else transform.forward(backend.tensor.as_tensor_variable(value), *rv.owner.inputs)
    )
    return model.rvs_to_values[rv].name, forward if transform is None else forward.eval()


def values_at(backend, model, names, point):
    """Return the values of variables and deterministics of a model at an unconstrained point."""
    if backend.name == "theano":
        free = model.free_RVs
        out = [model[name] for name in names]
    else:
        free = model.value_vars
        out = model.replace_rvs_by_values([model[name] for name in names])
    return dict(zip(names, backend.compile_plainly(free, out)(*(point[v.name] for v in free))))
