"""How to draw from the distributions that Theano has no RandomVariable for.

A scalar sampler is called as ``sampler(rng, n, *parameters)`` and returns an array of shape `n`, which the
parameters broadcast to (a parameter with dimensions of its own, such as the probabilities of a Categorical,
keeps them last). A core sampler is called as ``sampler(rng, *parameters)`` and returns one draw. The
parameters are those of PyMC3, in the order of the table in `symbolic_pymc.theano.random_variables`.
"""

import numpy as np
from scipy import special, stats

from symbolic_pymc import gig, kolmogorov, laplacenormal, polyagamma, truncations, wishart


def improper(rng, n):
    raise ValueError("an improper (flat) distribution cannot be drawn from; give the variable a proper prior")


def asymmetric_laplace(rng, n, b, kappa, mu):
    return mu + rng.exponential(1 / (b * kappa), n) - rng.exponential(kappa / b, n)


def skew_normal(rng, n, mu, sigma, alpha):
    delta = alpha / np.sqrt(1 + alpha**2)
    return mu + sigma * (delta * np.abs(rng.normal(size=n)) + np.sqrt(1 - delta**2) * rng.normal(size=n))


def truncated_normal(rng, n, mu, sigma, lower, upper):
    a, b = (lower - mu) / sigma, (upper - mu) / sigma
    return stats.truncnorm.rvs(a, b, loc=mu, scale=sigma, size=n, random_state=rng)


def truncated(name):
    """Return the sampler of a law of `symbolic_pymc.truncations`."""
    return lambda rng, n, alpha, beta, lower, upper: truncations.draw(rng, name, alpha, beta, lower, upper, n)


def triangular(rng, n, lower, c, upper):
    return stats.triang.rvs((c - lower) / (upper - lower), lower, upper - lower, size=n, random_state=rng)


def discrete_weibull(rng, n, q, beta):
    return np.ceil((np.log(rng.uniform(size=n)) / np.log(q)) ** (1 / beta)) - 1


def negative_binomial(rng, n, mu, alpha):
    return rng.poisson(rng.gamma(alpha, mu / alpha, n))


def zero_inflated(rng, n, psi, draws):
    return np.where(rng.uniform(size=n) < psi, draws, 0)


def categorical(rng, n, p):
    cdf = np.cumsum(p, axis=-1)
    return np.sum(rng.uniform(size=n)[..., None] * cdf[..., -1:] >= cdf, axis=-1)


def ordered(latent, cutpoints):
    return np.sum(latent[..., None] > cutpoints, axis=-1)


SCALAR_SAMPLERS = {
    "asymmetriclaplace": asymmetric_laplace,
    "categorical": categorical,
    "chisquared": lambda rng, n, nu: rng.chisquare(nu, n),
    "constant": lambda rng, n, c: np.broadcast_to(c, n),
    "discreteuniform": lambda rng, n, lower, upper: rng.randint(np.floor(lower), np.floor(upper) + 1, n),
    "discreteweibull": discrete_weibull,
    "exgaussian": lambda rng, n, mu, sigma, nu: rng.normal(mu, sigma, n) + rng.exponential(nu, n),
    "exponential": lambda rng, n, lam: rng.exponential(1 / lam, n),
    "flat": improper,
    "gamma": lambda rng, n, alpha, beta: rng.gamma(alpha, 1 / beta, n),
    "geometric": lambda rng, n, p: rng.geometric(p, n),
    "generalizedinversegaussian": lambda rng, n, p, a, b: gig.draw(rng, p, a, b, n),
    "gumbel": lambda rng, n, mu, beta: rng.gumbel(mu, beta, n),
    "halfflat": improper,
    "halfstudentt": lambda rng, n, nu, sigma: np.abs(sigma * rng.standard_t(nu, n)),
    "hypergeometric": lambda rng, n, N, k, m: rng.hypergeometric(k, N - k, m, n),
    "kolmogorov": lambda rng, n, scale: kolmogorov.draw(rng, scale, n),
    "kumaraswamy": lambda rng, n, a, b: (1 - rng.uniform(size=n) ** (1 / b)) ** (1 / a),
    "laplace": lambda rng, n, mu, b: rng.laplace(mu, b, n),
    "laplacenormal": lambda rng, n, mu, sigma, location, b: laplacenormal.draw(rng, mu, sigma, location, b, n),
    "logistic": lambda rng, n, mu, s: rng.logistic(mu, s, n),
    "logitnormal": lambda rng, n, mu, sigma: special.expit(rng.normal(mu, sigma, n)),
    "lognormal": lambda rng, n, mu, sigma: rng.lognormal(mu, sigma, n),
    "moyal": lambda rng, n, mu, sigma: mu - sigma * np.log(rng.chisquare(1, n)),
    "negativebinomial": negative_binomial,
    "orderedlogistic": lambda rng, n, eta, cutpoints: ordered(rng.logistic(eta, size=n), cutpoints),
    "orderedprobit": lambda rng, n, eta, cutpoints: ordered(rng.normal(eta, size=n), cutpoints),
    "pareto": lambda rng, n, alpha, m: m * (1 + rng.pareto(alpha, n)),
    "polyagamma": lambda rng, n, tilt: polyagamma.draw(rng, tilt, n),
    "rice": lambda rng, n, nu, sigma: np.hypot(rng.normal(nu, sigma, n), rng.normal(0, sigma, n)),
    "skewnormal": skew_normal,
    "studentt": lambda rng, n, nu, mu, sigma: mu + sigma * rng.standard_t(nu, n),
    "triangular": triangular,
    "truncatedbeta": truncated("beta"),
    "truncatedgamma": truncated("gamma"),
    "truncatedinversegamma": truncated("inversegamma"),
    "truncatednormal": truncated_normal,
    "vonmises": lambda rng, n, mu, kappa: rng.vonmises(mu, kappa, n),
    "wald": lambda rng, n, mu, lam, alpha: alpha + rng.wald(mu, lam, n),
    "weibull": lambda rng, n, alpha, beta: beta * rng.weibull(alpha, n),
    "zeroinflatedbinomial": lambda rng, n, psi, m, p: zero_inflated(rng, n, psi, rng.binomial(m, p, n)),
    "zeroinflatednegativebinomial": lambda rng, n, psi, mu, alpha: zero_inflated(
        rng, n, psi, negative_binomial(rng, n, mu, alpha)
    ),
    "zeroinflatedpoisson": lambda rng, n, psi, theta: zero_inflated(rng, n, psi, rng.poisson(theta, n)),
}


def mv_student_t(rng, nu, mu, cov):
    return mu + rng.multivariate_normal(np.zeros(len(mu)), cov) / np.sqrt(rng.chisquare(nu) / nu)


def matrix_normal(rng, mu, rowchol, colchol):
    return mu + rowchol @ rng.normal(size=mu.shape) @ colchol.T


CORE_SAMPLERS = {
    "dirichletmultinomial": lambda rng, n, a: rng.multinomial(n, rng.dirichlet(a)),
    "inversewishart": lambda rng, nu, Psi: wishart.draw(rng, nu, Psi, ()),
    "matrixnormal": matrix_normal,
    "multinomial": lambda rng, n, p: rng.multinomial(n, p / np.sum(p)),
    "mvstudentt": mv_student_t,
    "wishart": lambda rng, nu, V: np.atleast_2d(stats.wishart.rvs(nu, V, random_state=rng)),
}
