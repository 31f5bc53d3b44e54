"""Simulation-based calibration of closed-form posteriors: python -m verification.sbc

A parameter is drawn from its prior and data from their law, both with NumPy; the posterior is what `conjugate_graph`
derives from the PyMC model.  Among draws from the posterior the parameter has a rank, and over many simulations the
ranks are uniform exactly when the posterior is right (Talts et al., Validating Bayesian inference algorithms with
simulation-based calibration, 2018).  The script writes a section of docs/verification.md.
"""

import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Callable

import numpy as np
from scipy.stats import chi2, geninvgauss, truncnorm

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import reify_many
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.parts import graph_parts
from verification.page import table, write_section

TITLE = "Calibration of the closed forms"
BINS = 64
SEED = 20261121
N = 5
X = np.array([[1.0, 0.3], [1.0, -1.2], [1.0, 0.8], [1.0, 2.0], [1.0, -0.5]])
B = np.array([0.5, 1.0, -2.0, 0.3, 1.5])
SCALE = np.array([[0.5, -0.2], [-0.2, 0.8]])
F = np.float64


@dataclass(frozen=True)
class Case:
    """One closed form.

    prior : ``prior(rng)`` draws theta.  data : ``data(rng, theta)`` draws y.
    model : ``model(pm, y)`` writes the same as a PyMC model, theta being called so and y observed.
    """

    prior: Callable
    data: Callable
    model: Callable


def lognormal_class(pm):
    return getattr(pm, "LogNormal", None) or pm.Lognormal


def gamma(rng):
    return rng.gamma(3.0, 1 / 2.0)


def inverse_gamma(rng):
    return 1 / rng.gamma(3.0, 1 / 2.0)


def rate_case(data, likelihood):
    return Case(gamma, data, lambda pm, y: likelihood(pm, pm.Gamma("theta", F(3.0), F(2.0)), y))


def scale_case(data, likelihood):
    return Case(inverse_gamma, data, lambda pm, y: likelihood(pm, pm.InverseGamma("theta", F(3.0), F(2.0)), y))


def chance_case(data, likelihood):
    return Case(lambda rng: rng.beta(2.0, 3.0), data, lambda pm, y: likelihood(pm, pm.Beta("theta", F(2.0), F(3.0)), y))


CASES = {
    "beta, Bernoulli": chance_case(
        lambda rng, p: rng.binomial(1, p, N), lambda pm, p, y: pm.Bernoulli("y", p, observed=y)
    ),
    "beta, binomial": chance_case(
        lambda rng, p: rng.binomial(9, p, N), lambda pm, p, y: pm.Binomial("y", 9, p, observed=y)
    ),
    "beta, binomial through 1 - p": chance_case(
        lambda rng, p: rng.binomial(9, 1 - p, N), lambda pm, p, y: pm.Binomial("y", 9, 1 - p, observed=y)
    ),
    "beta, geometric": chance_case(
        lambda rng, p: rng.geometric(p, N), lambda pm, p, y: pm.Geometric("y", p, observed=y)
    ),
    "beta, negative binomial": chance_case(
        lambda rng, p: rng.negative_binomial(4, p, N), lambda pm, p, y: pm.NegativeBinomial("y", n=4, p=p, observed=y)
    ),
    "gamma, Poisson": rate_case(lambda rng, q: rng.poisson(q, N), lambda pm, q, y: pm.Poisson("y", q, observed=y)),
    "gamma, Poisson with exposures": rate_case(
        lambda rng, q: rng.poisson(q * X[:, 0] * 3.0, N),
        lambda pm, q, y: pm.Poisson("y", q * (X[:, 0] * 3.0), observed=y),
    ),
    "gamma, exponential": rate_case(
        lambda rng, q: rng.exponential(1 / q, N), lambda pm, q, y: pm.Exponential("y", q, observed=y)
    ),
    "gamma, gamma": rate_case(
        lambda rng, q: rng.gamma(2.0, 1 / q, N), lambda pm, q, y: pm.Gamma("y", F(2.0), q, observed=y)
    ),
    "gamma, normal precision": rate_case(
        lambda rng, q: rng.normal(1.0, q**-0.5, N), lambda pm, q, y: pm.Normal("y", F(1.0), tau=q, observed=y)
    ),
    "gamma, lognormal precision": rate_case(
        lambda rng, q: rng.lognormal(1.0, q**-0.5, N),
        lambda pm, q, y: lognormal_class(pm)("y", F(1.0), tau=q, observed=y),
    ),
    "gamma, half normal precision": rate_case(
        lambda rng, q: np.abs(rng.normal(0.0, q**-0.5, N)), lambda pm, q, y: pm.HalfNormal("y", tau=q, observed=y)
    ),
    "gamma, inverse gamma": rate_case(
        lambda rng, q: q / rng.gamma(2.0, 1.0, N), lambda pm, q, y: pm.InverseGamma("y", F(2.0), q, observed=y)
    ),
    "gamma, Weibull": rate_case(
        lambda rng, q: q**-0.5 * rng.weibull(2.0, N), lambda pm, q, y: pm.Weibull("y", F(2.0), q ** F(-0.5), observed=y)
    ),
    "gamma, Laplace": rate_case(
        lambda rng, q: rng.laplace(1.0, 1 / q, N), lambda pm, q, y: pm.Laplace("y", F(1.0), 1 / q, observed=y)
    ),
    "gamma, Pareto": rate_case(
        lambda rng, q: 0.5 * (1 + rng.pareto(q, N)), lambda pm, q, y: pm.Pareto("y", q, F(0.5), observed=y)
    ),
    "gamma, beta(theta, 1)": rate_case(
        lambda rng, q: rng.random(N) ** (1 / q), lambda pm, q, y: pm.Beta("y", q, F(1.0), observed=y)
    ),
    "gamma, Wald": rate_case(
        lambda rng, q: rng.wald(2.0, q, N), lambda pm, q, y: pm.Wald("y", mu=F(2.0), lam=q, observed=y)
    ),
    "inverse gamma, normal variance": scale_case(
        lambda rng, v: rng.normal(1.0, v**0.5, N), lambda pm, v, y: pm.Normal("y", F(1.0), sigma=v**0.5, observed=y)
    ),
    "inverse gamma, exponential scale": scale_case(
        lambda rng, v: rng.exponential(v, N), lambda pm, v, y: pm.Exponential("y", 1 / v, observed=y)
    ),
    "normal, normal": Case(
        lambda rng: rng.normal(1.0, 2.0),
        lambda rng, m: rng.normal(m, 1.5, N),
        lambda pm, y: pm.Normal("y", pm.Normal("theta", F(1.0), sigma=F(2.0)), sigma=F(1.5), observed=y),
    ),
    "normal, affine in the mean": Case(
        lambda rng: rng.normal(1.0, 2.0),
        lambda rng, m: rng.normal(0.7 + B * m, 1.5),
        lambda pm, y: pm.Normal("y", 0.7 + B * pm.Normal("theta", F(1.0), sigma=F(2.0)), sigma=F(1.5), observed=y),
    ),
    "normal regression": Case(
        lambda rng: rng.normal([1.0, 0.0], 2.0),
        lambda rng, beta: rng.normal(X @ beta, 1.5),
        lambda pm, y: pm.Normal(
            "y",
            pm.math.dot(X, pm.Normal("theta", np.array([1.0, 0.0]), sigma=F(2.0), shape=2)),
            sigma=F(1.5),
            observed=y,
        ),
    ),
    "variance of a normal regression": Case(
        inverse_gamma,
        lambda rng, v: rng.normal(X @ rng.normal(0.0, 2.0 * v**0.5, 2), v**0.5),
        lambda pm, y: regression_with_unknown_variance(pm, y),
    ),
    "Dirichlet, multinomial": Case(
        lambda rng: rng.dirichlet([1.0, 2.0, 3.0]),
        lambda rng, p: rng.multinomial(7, p, N),
        lambda pm, y: pm.Multinomial("y", 7, pm.Dirichlet("theta", np.array([1.0, 2.0, 3.0])), observed=y),
    ),
    "inverse Wishart, normal covariance": Case(
        lambda rng: draw_inverse_wishart(rng, {"nu": 6.0, "Psi": SCALE}, 1)[0],
        lambda rng, S: draw_mvnormal(rng, {"mu": np.ones(2), "cov": S}, N),
        lambda pm, y: pm.MvNormal("y", np.ones(2), cov=inverse_wishart(pm), observed=y),
    ),
    "Wishart, normal precision": Case(
        lambda rng: draw_wishart(rng, {"nu": 6.0, "V": SCALE}, 1)[0],
        lambda rng, L: draw_mvnormal(rng, {"mu": np.ones(2), "cov": np.linalg.inv(2.0 * L)}, N),
        lambda pm, y: pm.MvNormal("y", np.ones(2), tau=F(2.0) * wishart(pm), observed=y),
    ),
    "covariance of a normal mean and of the data": Case(
        lambda rng: draw_inverse_wishart(rng, {"nu": 6.0, "Psi": SCALE}, 1)[0],
        lambda rng, S: rows_about_a_mean(rng, S),
        lambda pm, y: rows_with_unknown_covariance(pm, y),
    ),
    "Dirichlet, categorical": Case(
        lambda rng: rng.dirichlet([1.0, 2.0, 3.0]),
        lambda rng, p: rng.choice(3, N, p=p),
        lambda pm, y: pm.Categorical("y", pm.Dirichlet("theta", np.array([1.0, 2.0, 3.0])), observed=y),
    ),
    "Pareto, bound of a uniform law": Case(
        lambda rng: 2.0 * (1 + rng.pareto(3.0)),
        lambda rng, bound: rng.uniform(0.0, bound, N),
        lambda pm, y: pm.Uniform("y", F(0.0), pm.Pareto("theta", F(3.0), F(2.0)), observed=y),
    ),
    "von Mises, von Mises": Case(
        lambda rng: rng.vonmises(0.5, 2.0),
        lambda rng, m: rng.vonmises(m, 1.5, N),
        lambda pm, y: pm.VonMises("y", pm.VonMises("theta", F(0.5), F(2.0)), F(1.5), observed=y),
    ),
    "half normal, normal mean": Case(
        lambda rng: np.abs(rng.normal()),
        lambda rng, m: rng.normal(m, 2.0, N),
        lambda pm, y: pm.Normal("y", pm.HalfNormal("theta", F(1.0)), sigma=F(2.0), observed=y),
    ),
    "gamma, normal variance": Case(
        gamma,
        lambda rng, v: rng.normal(1.0, v**0.5, N),
        lambda pm, y: pm.Normal("y", F(1.0), sigma=pm.Gamma("theta", F(3.0), F(2.0)) ** 0.5, observed=y),
    ),
    "random walk seen with noise": Case(
        lambda rng: np.cumsum(rng.normal(0.0, [1.0, 0.3, 0.3, 0.3, 0.3])),
        lambda rng, x: rng.normal(x, 0.5),
        lambda pm, y: pm.Normal("y", random_walk(pm), sigma=F(0.5), observed=y),
    ),
}


def random_walk(pm):
    start = {"init" if pm.__name__ == "pymc3" else "init_dist": pm.Normal.dist(F(0.0), sigma=F(1.0))}
    return pm.GaussianRandomWalk("theta", mu=F(0.0), sigma=F(0.3), shape=N, **start)


def regression_with_unknown_variance(pm, y):
    v = pm.InverseGamma("theta", F(3.0), F(2.0))
    beta = pm.Normal("beta", F(0.0), sigma=2.0 * v**0.5, shape=2)
    pm.Normal("y", pm.math.dot(X, beta), sigma=v**0.5, observed=y)


def inverse_wishart(pm):
    backend = "theano" if pm.__name__ == "pymc3" else "pytensor"
    return import_module(f"symbolic_pymc.{backend}.wishart").InverseWishart("theta", F(6.0), SCALE, shape=(2, 2))


def wishart(pm):
    return pm.Wishart("theta", 6, SCALE, **({"shape": (2, 2)} if pm.__name__ == "pymc3" else {}))


def rows_about_a_mean(rng, S):
    (mu,) = draw_mvnormal(rng, {"mu": np.ones(2), "cov": 2.0 * S}, 1)
    return draw_mvnormal(rng, {"mu": mu, "cov": S}, N)


def rows_with_unknown_covariance(pm, y):
    S = inverse_wishart(pm)
    mu = pm.MvNormal("mu", np.ones(2), cov=F(2.0) * S, shape=2)
    pm.MvNormal("y", mu, cov=S, observed=y)


def draw_wishart(rng, p, n):
    """Draw by Bartlett's decomposition."""
    d = len(p["V"])
    A = np.tril(rng.standard_normal((n, d, d)), -1)
    A[:, np.arange(d), np.arange(d)] = np.sqrt(rng.chisquare(p["nu"] - np.arange(d), (n, d)))
    root = np.linalg.cholesky(p["V"]) @ A
    return root @ np.swapaxes(root, 1, 2)


def draw_inverse_wishart(rng, p, n):
    return np.linalg.inv(draw_wishart(rng, {"nu": p["nu"], "V": np.linalg.inv(p["Psi"])}, n))


def draw_mvnormal(rng, p, n):
    return p["mu"] + rng.standard_normal((n, len(p["mu"]))) @ np.linalg.cholesky(p["cov"]).T


def draw_truncated_normal(rng, p, n):
    a, b = ((p[end] - p["mu"]) / p["sigma"] for end in ("lower", "upper"))
    return truncnorm.rvs(a, b, p["mu"], p["sigma"], size=n, random_state=rng)


def draw_generalized_inverse_gaussian(rng, p, n):
    r"""Draw of the law of density :math:`x^{p - 1} \exp(-(a x + b / x) / 2)`."""
    return geninvgauss.rvs(p["p"], np.sqrt(p["a"] * p["b"]), scale=np.sqrt(p["b"] / p["a"]), size=n, random_state=rng)


def draw_gaussian_chain(rng, p, n):
    x, path = np.zeros(n), []
    for offset, gain, scale in zip(p["offset"], p["gain"], p["scale"]):
        x = offset + gain * x + scale * rng.standard_normal(n)
        path.append(x)
    return np.transpose(path)


DRAW = {
    "normal": lambda rng, p, n: rng.normal(p["mu"], p["sigma"], n),
    "gamma": lambda rng, p, n: rng.gamma(p["alpha"], 1 / p["beta"], n),
    "inversegamma": lambda rng, p, n: p["beta"] / rng.gamma(p["alpha"], 1.0, n),
    "beta": lambda rng, p, n: rng.beta(p["alpha"], p["beta"], n),
    "dirichlet": lambda rng, p, n: rng.dirichlet(p["a"], n),
    "mvnormal": draw_mvnormal,
    "wishart": draw_wishart,
    "inversewishart": draw_inverse_wishart,
    "pareto": lambda rng, p, n: p["m"] * (1 + rng.pareto(p["alpha"], n)),
    "vonmises": lambda rng, p, n: rng.vonmises(p["mu"], p["kappa"], n),
    "truncatednormal": draw_truncated_normal,
    "generalizedinversegaussian": draw_generalized_inverse_gaussian,
    "gaussianchain": draw_gaussian_chain,
}


def posterior_of(case, pm, model_graph, function, example):
    """Return the data container of the posterior, its family, and a function that computes its parameters."""
    with pm.Model() as model:
        data = pm.Data("data", example)
        case.model(pm, data)
    graph = sp.conjugate_graph(model_graph(model))
    ops = adapter_of(graph).ops
    (theta,) = (x for x in graph_parts(*adapter_of(graph).terms(graph)[0]) if ops.is_random(x) and x.name == "theta")
    parameters = parameters_of(ops, theta)
    compute = function([], list(reify_many(tuple(parameters.values()))), on_unused_input="ignore")
    return data, ops.distribution_of(theta), lambda: dict(zip(parameters, map(np.asarray, compute())))


def p_value(case, backend, simulations, draws):
    """Return the p-value of the chi-squared test that the ranks of the first component of theta are uniform."""
    pm, model_graph, function = backend
    rng = np.random.default_rng(SEED)
    data, family, parameters = posterior_of(case, pm, model_graph, function, case.data(rng, case.prior(rng)))
    ranks = np.empty(simulations, dtype=int)
    for i in range(simulations):
        theta = case.prior(rng)
        data.set_value(np.asarray(case.data(rng, theta)).astype(data.get_value(borrow=True).dtype))
        posterior = DRAW[family](rng, parameters(), draws)
        first = posterior.reshape(draws, -1)[:, 0]
        ranks[i] = np.sum(first < np.ravel(theta)[0])
    counts = np.bincount(ranks * BINS // (draws + 1), minlength=BINS)
    expected = simulations / BINS
    return chi2.sf(np.sum((counts - expected) ** 2) / expected, BINS - 1)


def backends():
    """Return PyMC's module, `model_graph` and the compiler of every backend that is installed, by name."""
    known = {"PyMC3": ("pymc3", "theano", "pymc3"), "PyMC": ("pymc", "pytensor", "pymc")}
    return {
        name: (
            import_module(package),
            import_module(f"symbolic_pymc.{backend}.{module}").model_graph,
            import_module(backend).function,
        )
        for name, (package, backend, module) in known.items()
        if find_spec(package)
    }


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--draws", type=int, default=1_023)
    options = parser.parse_args()
    level, rows, failed = 1e-6, [], []
    found = backends()
    for name, case in CASES.items():
        values = [p_value(case, backend, options.simulations, options.draws) for backend in found.values()]
        failed += [name] * any(p < level for p in values)
        rows.append((name, *(f"{p:.3g}" for p in values)))
        print(*rows[-1], sep=" | ", flush=True)
    write_section(
        TITLE,
        f"On {date.today()}, seed {SEED}: {options.simulations} simulations of {options.draws} posterior draws each, "
        f"ranks in {BINS} bins, p-values of the chi-squared test that they are uniform; one below {level:g} fails. "
        f"`make verify` simulates anew and writes this section.\n\n{table(['closed form', *found], rows)}",
    )
    sys.exit(f"not calibrated: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
