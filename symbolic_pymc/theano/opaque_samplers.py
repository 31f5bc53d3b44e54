"""How to draw where PyMC3 3.11 has no ``random``, or one that disagrees with its ``logp``.

A sampler is called as ``sampler(dist, evaluate, point)``: `evaluate` turns tensors into numbers, `point`
names the values of the model's variables. It draws once, from numpy's global generator, with the shape
``dist.shape``. A series whose initial value is improper (flat) starts at zero.
"""

from copy import copy

import numpy as np
from pymc3.distributions import bound, continuous, mixture, multivariate, timeseries

from symbolic_pymc.theano.samplers import categorical

MAX_REJECTIONS = 10_000


def _initial(init, shape, point):
    if isinstance(init, continuous.Flat):
        return np.zeros(shape)
    return np.broadcast_to(init.random(point=point), shape)


def _repeated(dist, shape, point, core=None):
    """Draw an array of `shape` whose last dimensions are those of `dist`, `core` where they are known."""
    core = np.shape(dist.random(point=point)) if core is None else core
    outer = shape[: len(shape) - len(core)]
    if not outer:
        return np.broadcast_to(dist.random(point=point), shape)
    n = int(np.prod(outer))
    # PyMC3 takes a number of draws that is also the length of an axis for that axis
    draws = dist.random(point=point, size=next(m for m in range(n, n + len(core) + 1) if m not in core))[:n]
    return np.broadcast_to(np.reshape(draws, (*outer, *core)), shape)


def _gaussian_walk(dist, evaluate, point):
    mu, sigma = evaluate(dist.mu, dist.sigma)
    # as in the density, a parameter per time has no effect at time 0
    mu, sigma = (p[1:] if np.ndim(p) else p for p in (mu, sigma))
    steps = np.random.normal(mu, sigma, (dist.shape[0] - 1, *dist.shape[1:]))
    start = _initial(dist.init, (1, *dist.shape[1:]), point)
    return np.concatenate([start, start + np.cumsum(steps, axis=0)])


def _mv_walk(dist, evaluate, point):
    innovation = copy(dist.innov)
    innovation.shape = np.array(dist.shape[-1:])
    x = np.broadcast_to(_initial(dist.init, dist.shape[-1:], point), dist.shape).copy()
    if len(dist.shape) == 2 and len(x) > 1:
        x[1:] += np.cumsum(_repeated(innovation, x[1:].shape, point, x.shape[1:]), axis=0)
    return x


def _ar1(dist, evaluate, point):
    k, tau_e = evaluate(dist.k, dist.tau_e)
    x = np.empty(dist.shape)
    x[0] = np.random.normal(0, (tau_e * (1 - k**2)) ** -0.5, x[0].shape)
    for t in range(1, len(x)):
        x[t] = np.random.normal(k * x[t - 1], tau_e**-0.5)
    return x


def _ar(dist, evaluate, point):
    rho, sigma = evaluate(dist.rho, dist.sigma)
    constant, rho = (rho[0], rho[1:]) if dist.constant else (0.0, np.atleast_1d(rho))
    x = np.empty(dist.shape)
    x[: dist.p] = _initial(dist.init, x[: dist.p].shape, point)
    for t in range(dist.p, len(x)):
        x[t] = constant + sum(r * x[t - 1 - i] for i, r in enumerate(rho)) + np.random.normal(0, sigma)
    return x


def _garch(dist, evaluate, point):
    omega, alpha, beta, volatility = evaluate(dist.omega, dist.alpha_1, dist.beta_1, dist.initial_vol)
    x = np.empty(dist.shape)
    for t in range(len(x)):
        x[t] = np.random.normal(0, volatility)
        volatility = np.sqrt(omega + alpha * x[t] ** 2 + beta * volatility**2)
    return x


def _bounded(dist, evaluate, point):
    lower = -np.inf if dist.lower is None else evaluate(dist.lower)[0]
    upper = np.inf if dist.upper is None else evaluate(dist.upper)[0]
    x = np.array(dist._wrapped.random(point=point))
    for _ in range(MAX_REJECTIONS):
        outside = (x < lower) | (x > upper)
        if not np.any(outside):
            return x
        x = np.where(outside, dist._wrapped.random(point=point), x)
    raise ValueError(f"no draw between the bounds in {MAX_REJECTIONS} attempts; they leave almost no mass")


# distributions whose density is that of a whole last axis, so that a mixture of them chooses once for it
_WHOLE = (
    multivariate._QuadFormBase,
    multivariate.Dirichlet,
    multivariate.DirichletMultinomial,
    multivariate.Multinomial,
)


def _choose(draws, w, shape):
    """Choose along the last axis of the draws with probabilities `w`, once per element of `shape`."""
    w = np.reshape(w, (*w.shape[:-1], *(1,) * (len(shape) + 1 - w.ndim if w.ndim > 1 else 0), w.shape[-1]))
    chosen = categorical(np.random, shape, np.broadcast_to(w, (*shape, w.shape[-1])))
    return np.take_along_axis(draws, chosen[..., None], axis=-1)[..., 0]


def _mixture(dist, evaluate, point):
    components, shape = dist.comp_dists, tuple(dist.shape)
    if isinstance(components, _WHOLE):
        return dist.random(point=point)
    (w,) = evaluate(dist.w)
    if dist.comp_is_distribution:
        return _choose(_repeated(components, (*shape, w.shape[-1]), point), w, shape)
    whole = isinstance(components[0], _WHOLE)
    draws = np.stack([_repeated(c, shape, point) for c in components], axis=-1)
    return _choose(draws, w, (*shape[:-1], 1) if whole else shape)


def _mixture_same_family(dist, evaluate, point):
    components, axis = dist.comp_dists, dist.mixture_axis
    (w,) = evaluate(dist.w)
    shape = tuple(dist.shape)
    n_event = len(components.shape) - axis - 1
    batch, event = shape[: len(shape) - n_event], shape[len(shape) - n_event :]
    draws = np.moveaxis(_repeated(components, (*batch, w.shape[-1], *event), point), len(batch), -1)
    return _choose(draws, w, (*batch, *(1,) * n_event) if isinstance(components, _WHOLE) else shape)


def lkj_correlation(n, eta):
    """Draw a correlation matrix by the onion method (Lewandowski, Kurowicka and Joe 2009, section 3.2)."""
    beta = eta + (n - 2) / 2
    r = 2 * np.random.beta(beta, beta) - 1
    matrix = np.array([[1, r], [r, 1]])
    for k in range(2, n):
        beta -= 0.5
        direction = np.random.normal(size=k)
        direction *= np.sqrt(np.random.beta(k / 2, beta)) / np.linalg.norm(direction)
        column = np.linalg.cholesky(matrix) @ direction
        matrix = np.block([[matrix, column[:, None]], [column[None, :], np.ones((1, 1))]])
    return matrix


def _lkj_corr(dist, evaluate, point):
    n, eta = evaluate(dist.n, dist.eta)
    return lkj_correlation(int(n), float(eta))[np.triu_indices(int(n), k=1)]


def _lkj_cholesky(dist, evaluate, point):
    n, eta = (np.asarray(v).item() for v in evaluate(dist.n, dist.eta))
    sd = dist.sd_dist
    sds = [np.ravel(sd.random(point=point)) for _ in range(1 if np.prod(sd.shape) == n else n)]
    chol = np.linalg.cholesky(lkj_correlation(n, eta)) * np.concatenate(sds)[:, None]
    return chol[np.tril_indices(n)]


SAMPLERS = {
    timeseries.AR1: _ar1,
    timeseries.AR: _ar,
    timeseries.GARCH11: _garch,
    timeseries.GaussianRandomWalk: _gaussian_walk,
    timeseries.MvGaussianRandomWalk: _mv_walk,
    bound._Bounded: _bounded,
    mixture.Mixture: _mixture,
    mixture.MixtureSameFamily: _mixture_same_family,
    multivariate.LKJCorr: _lkj_corr,
    multivariate._LKJCholeskyCov: _lkj_cholesky,
}
