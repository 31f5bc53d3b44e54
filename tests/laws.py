"""Laws of random variables according to scipy, by neutral name: an oracle that shares nothing with PyMC."""

import numpy as np
from scipy import stats
from scipy.special import gammaln, xlogy


def _scale(p, rate):
    """Return a scale that one backend has, from the rate that the other has."""
    return p["scale"] if "scale" in p else 1 / p[rate]


def _successes(p):
    """Return the number of successes and their probability."""
    return (p["alpha"], p["alpha"] / (p["mu"] + p["alpha"])) if "mu" in p else (p["n"], p["p"])


# name: from native parameters to scipy's distribution, its shapes, location and scale
SCALARS = {
    "normal": lambda p: (stats.norm, (), p["mu"], p["sigma"]),
    "cauchy": lambda p: (stats.cauchy, (), p["alpha"], p["beta"]),
    "laplace": lambda p: (stats.laplace, (), p["mu"], p["b"]),
    "logistic": lambda p: (stats.logistic, (), p["mu"], p["s"]),
    "gumbel": lambda p: (stats.gumbel_r, (), p["mu"], p["beta"]),
    "studentt": lambda p: (stats.t, (p["nu"],), p["mu"], p["sigma"]),
    "skewnormal": lambda p: (stats.skewnorm, (p["alpha"],), p["mu"], p["sigma"]),
    "uniform": lambda p: (stats.uniform, (), p["lower"], p["upper"] - p["lower"]),
    "truncatednormal": lambda p: (
        stats.truncnorm,
        ((p["lower"] - p["mu"]) / p["sigma"], (p["upper"] - p["mu"]) / p["sigma"]),
        p["mu"],
        p["sigma"],
    ),
    "moyal": lambda p: (stats.moyal, (), p["mu"], p["sigma"]),
    "exgaussian": lambda p: (stats.exponnorm, (p["nu"] / p["sigma"],), p["mu"], p["sigma"]),
    "asymmetriclaplace": lambda p: (stats.laplace_asymmetric, (p["kappa"],), p["mu"], 1 / p["b"]),
    "vonmises": lambda p: (stats.vonmises, (p["kappa"],), p["mu"], 1.0),
    "triangular": lambda p: (
        stats.triang,
        ((p["c"] - p["lower"]) / (p["upper"] - p["lower"]),),
        p["lower"],
        p["upper"] - p["lower"],
    ),
    "rice": lambda p: (stats.rice, (p["b"] if "b" in p else p["nu"] / p["sigma"],), 0.0, p["sigma"]),
    "generalizedinversegaussian": lambda p: (
        stats.geninvgauss,
        (p["p"], np.sqrt(p["a"] * p["b"])),
        0.0,
        np.sqrt(p["b"] / p["a"]),
    ),
    "exponential": lambda p: (stats.expon, (), 0.0, _scale(p, "lam")),
    "halfnormal": lambda p: (stats.halfnorm, (), p["loc"], p["sigma"]),
    "halfcauchy": lambda p: (stats.halfcauchy, (), p["loc"] if "loc" in p else 0.0, p["beta"]),
    "gamma": lambda p: (stats.gamma, (p["alpha"],), 0.0, _scale(p, "beta")),
    "chisquared": lambda p: (stats.chi2, (p["nu"],), 0.0, 1.0),
    "inversegamma": lambda p: (stats.invgamma, (p["alpha"],), 0.0, p["beta"]),
    "weibull": lambda p: (stats.weibull_min, (p["alpha"],), 0.0, p["beta"]),
    "pareto": lambda p: (stats.pareto, (p["alpha"],), 0.0, p["m"]),
    "wald": lambda p: (stats.invgauss, (p["mu"] / p["lam"],), p["alpha"], p["lam"]),
    "lognormal": lambda p: (stats.lognorm, (p["sigma"],), 0.0, np.exp(p["mu"])),
    "beta": lambda p: (stats.beta, (p["alpha"], p["beta"]), 0.0, 1.0),
    "bernoulli": lambda p: (stats.bernoulli, (p["p"],), 0, None),
    "binomial": lambda p: (stats.binom, (p["n"], p["p"]), 0, None),
    "betabinomial": lambda p: (stats.betabinom, (p["n"], p["alpha"], p["beta"]), 0, None),
    "poisson": lambda p: (stats.poisson, (p["mu"],), 0, None),
    "geometric": lambda p: (stats.geom, (p["p"],), 0, None),
    "negativebinomial": lambda p: (stats.nbinom, _successes(p), 0, None),
    "discreteuniform": lambda p: (stats.randint, (p["lower"], p["upper"] + 1), 0, None),
}


def _chain_density(x, offset, gain, scale):
    before = np.concatenate([[0.0], x[:-1]])
    return stats.norm.logpdf(x, offset + np.concatenate([[0.0], gain[-len(x) + 1 :]]) * before, scale).sum()


def _draw_chain(rng, offset, gain, scale):
    x = [offset[0] + scale[0] * rng.normal()]
    for t in range(1, len(offset)):
        x.append(offset[t] + gain[t - len(offset)] * x[-1] + scale[t] * rng.normal())
    return np.array(x)


def _kumaraswamy(x, a, b):
    return np.log(a * b) + (a - 1) * np.log(x) + (b - 1) * np.log1p(-(x**a))


def _low_rank(mu, factor, variance, scales):
    root = factor * np.broadcast_to(scales, factor.shape[1:])
    return stats.multivariate_normal(mu, root @ root.T + np.diag(np.broadcast_to(variance, mu.shape)))


def _multinomial(x, n, p):
    return gammaln(n + 1) + np.sum(xlogy(x, p / p.sum()) - gammaln(x + 1))


def _both(law):
    """Return density and sampler of a law that scipy freezes."""
    return lambda x, *p: law(*p).logpdf(x), lambda rng, *p: np.asarray(law(*p).rvs(random_state=rng))


def _laplace_normal(x, mu, sigma, location, b):
    """The sum of both sides: below the kink the mean is further up by sigma^2 / b, above it further down."""
    sides = [
        np.log(sigma * np.sqrt(2 * np.pi)) + r**2 / 2 + side * r * z + stats.norm.logcdf(-side * z - r)
        for side, z, r in ((side, (mu - location) / sigma, sigma / b) for side in (1.0, -1.0))
    ]
    return -abs(x - location) / b - (x - mu) ** 2 / (2 * sigma**2) - np.logaddexp(*sides)


def _draw_laplace_normal(rng, mu, sigma, location, b):
    while True:  # by rejection of what is normal
        x = rng.normal(mu, sigma)
        if rng.exponential() > abs(x - location) / b:
            return x


def _cut(law):
    """Return density and sampler of a law between bounds."""

    def density(x, alpha, beta, lower, upper):
        whole = law(alpha, beta)
        return whole.logpdf(x) - np.log(whole.cdf(upper) - whole.cdf(lower))

    def draw_one(rng, alpha, beta, lower, upper):
        whole = law(alpha, beta)
        return whole.ppf(rng.uniform(whole.cdf(lower), whole.cdf(upper)))

    return density, draw_one


# name: axes of each parameter, axes of a draw, log density and sampler of one draw
OTHERS = {
    "flat": ((), 0, lambda x: 0.0, lambda rng: rng.normal()),
    "halfflat": ((), 0, lambda x: 0.0, lambda rng: rng.gamma(2.0)),
    "laplacenormal": ((0, 0, 0, 0), 0, _laplace_normal, _draw_laplace_normal),
    "truncatedgamma": ((0, 0, 0, 0), 0, *_cut(lambda a, b: stats.gamma(a, scale=1 / b))),
    "truncatedinversegamma": ((0, 0, 0, 0), 0, *_cut(lambda a, b: stats.invgamma(a, scale=b))),
    "truncatedbeta": ((0, 0, 0, 0), 0, *_cut(stats.beta)),
    "halfstudentt": (
        (0, 0),
        0,
        lambda x, nu, sigma: np.log(2) + stats.t.logpdf(x, nu, 0.0, sigma),
        lambda rng, nu, sigma: abs(sigma * rng.standard_t(nu)),
    ),
    "kumaraswamy": (
        (0, 0),
        0,
        _kumaraswamy,
        lambda rng, a, b: (1 - rng.uniform() ** (1 / b)) ** (1 / a),
    ),
    "categorical": (
        (1,),
        0,
        lambda x, p: np.log(p[int(x)] / p.sum()),
        lambda rng, p: rng.choice(len(p), p=p / p.sum()),
    ),
    "mvnormal": ((1, 2), 1, *_both(stats.multivariate_normal)),
    "mvstudentt": ((0, 1, 2), 1, *_both(lambda nu, mu, cov: stats.multivariate_t(mu, cov, nu))),
    "lowrankmvnormal": ((1, 2, 1, 1), 1, *_both(_low_rank)),
    "gaussianchain": ((1, 1, 1), 1, _chain_density, _draw_chain),
    "dirichlet": (
        (1,),
        1,
        lambda x, a: stats.dirichlet(a).logpdf(x / x.sum()),
        lambda rng, a: rng.dirichlet(a),
    ),
    "multinomial": ((0, 1), 1, _multinomial, lambda rng, n, p: rng.multinomial(n, p / p.sum())),
    "wishart": ((0, 2), 2, *_both(stats.wishart)),
    "inversewishart": ((0, 2), 2, *_both(stats.invwishart)),
    "matrixnormal": ((2, 2, 2), 2, *_both(lambda mu, a, b: stats.matrix_normal(mu, a @ a.T, b @ b.T))),
}


def log_density(name, parameters, value):
    """Return the log density of all draws of a variable together; `parameters` are native ones by name."""
    if value.size == 0:
        return 0.0
    if name in SCALARS:
        dist, shapes, loc, scale = SCALARS[name](parameters)
        densities = dist.logpmf(value, *shapes, loc) if scale is None else dist.logpdf(value, *shapes, loc, scale)
        return float(np.sum(densities))
    ndims, event, density, _ = OTHERS[name]
    batch = value.shape[: value.ndim - event]
    return float(sum(density(value[i], *p) for i, p in _each(batch, ndims, parameters)))


def draw(name, parameters, size, rng):
    """Return draws of a variable; `size` is None for what the parameters give."""
    if name in SCALARS:
        size = np.broadcast_shapes(*map(np.shape, parameters.values())) if size is None else size
        dist, shapes, loc, scale = SCALARS[name](parameters)
        scale = () if scale is None else (scale,)
        return dist.rvs(*shapes, loc, *scale, size=size, random_state=rng)
    ndims, _, _, draw_one = OTHERS[name]
    if size is None:
        size = np.broadcast_shapes(*(np.shape(p)[: np.ndim(p) - n] for n, p in zip(ndims, parameters.values())))
    draws = [draw_one(rng, *p) for _, p in _each(size, ndims, parameters)]
    return np.stack(draws).reshape((*size, *np.shape(draws[0])))


def _each(batch, ndims, parameters):
    """Yield every index into a batch with the parameters of the draw there."""
    spread = [np.broadcast_to(p, (*batch, *np.shape(p)[np.ndim(p) - n :])) for n, p in zip(ndims, parameters.values())]
    for i in np.ndindex(*batch):
        yield i, [p[i] for p in spread]
