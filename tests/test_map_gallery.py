"""Estimates of models as they stand in galleries: no change of any unknown makes the density larger.

The densities are those of SciPy, written out beside each model; bounded unknowns are moved on a line without bounds.
"""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp

import symbolic_pymc as sp
from symbolic_pymc.errors import NoProximalOperator, NotFiniteError

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(42)
N, F = 40, np.float64
x = np.sort(rng.uniform(0.0, 1.0, N))
Y = 1.0 + 2.0 * x + 0.3 * rng.standard_t(4, size=N)
X = rng.normal(size=(N, 3))
COUNTS = rng.negative_binomial(2.0, 0.4, size=N)
UNITS, GROUP = np.minimum(rng.poisson(3.0, N) + 2, 9), rng.integers(0, 5, N)
HITS = rng.binomial(UNITS, rng.beta(4.0, 6.0, N))
TWO = np.r_[rng.normal(-2.0, 0.5, 25), rng.normal(1.0, 1.0, 35)]
LOG, LOGIT, INTERVAL = (
    (np.exp, np.log),
    (expit, logit),
    (lambda t: 0.1 + 4.9 * expit(t), lambda s: logit((s - 0.1) / 4.9)),
)


def nb(y, mu, alpha):
    return stats.nbinom(alpha, alpha / (alpha + mu)).logpmf(y)


def robust(pm, t):
    """Student's t of unknown degrees of freedom."""
    a, b = (pm.Normal(name, F(0), sigma=F(20)) for name in "ab")
    s, nu = pm.HalfCauchy("s", beta=F(10)), pm.Exponential("nu", F(0.1))
    pm.StudentT("y", nu=nu + F(1), mu=a + b * x, sigma=s, observed=Y)

    def density(a, b, s, nu):
        prior = stats.norm(0, 20).logpdf([a, b]).sum() + stats.halfcauchy(scale=10).logpdf(s)
        return prior + stats.expon(scale=10).logpdf(nu) + stats.t(nu + 1, a + b * x, s).logpdf(Y).sum()

    return density, {"s": LOG, "nu": LOG}


def two_groups(pm, t):
    """Deviations between two bounds."""
    m, s = pm.Normal("m", F(0), sigma=F(2), shape=2), pm.Uniform("s", F(0.1), F(5), shape=2)
    nu = pm.Exponential("nu", F(0.1))
    for i, y in enumerate((Y[:20], Y[20:])):
        pm.StudentT(f"y{i}", nu=nu + F(1), mu=m[i], lam=s[i] ** -2, observed=y)

    def density(m, s, nu):
        both = sum(stats.t(nu + 1, m[i], s[i]).logpdf(y).sum() for i, y in enumerate((Y[:20], Y[20:])))
        return both + stats.norm(0, 2).logpdf(m).sum() + stats.expon(scale=10).logpdf(nu)

    return density, {"s": INTERVAL, "nu": LOG}


def chances_of_groups(pm, t):
    """Chances of a beta law, both of whose shapes are unknown."""
    a, b = (pm.Gamma(name, F(3), F(0.5)) for name in "ab")
    theta = pm.Beta("theta", alpha=a, beta=b, shape=N)
    pm.Binomial("y", n=UNITS, p=theta, observed=HITS)

    def density(a, b, theta):
        prior = stats.gamma(3, scale=2).logpdf([a, b]).sum() + stats.beta(a, b).logpdf(theta).sum()
        return prior + stats.binom(UNITS, theta).logpmf(HITS).sum()

    return density, {"a": LOG, "b": LOG, "theta": LOGIT}


def overdispersed(pm, t):
    beta, alpha = pm.Normal("beta", F(0), sigma=F(1), shape=3), pm.Exponential("alpha", F(0.5))
    pm.NegativeBinomial("y", mu=t.exp(t.dot(X, beta)), alpha=alpha, observed=COUNTS)

    def density(beta, alpha):
        prior = stats.norm(0, 1).logpdf(beta).sum() + stats.expon(scale=2).logpdf(alpha)
        return prior + nb(COUNTS, np.exp(X @ beta), alpha).sum()

    return density, {"alpha": LOG}


def inflated(logs):
    def rule(y, psi, *parameters):
        zero = np.log(1 - psi + psi * np.exp(logs(0, *parameters)))
        return np.where(y == 0, zero, np.log(psi) + logs(y, *parameters)).sum()

    return rule


def zeros_beside_a_poisson_law(pm, t):
    psi, mean = pm.Beta("psi", F(2), F(2)), pm.Gamma("mean", F(2), F(1))
    named = {"theta": mean} if pm.__name__ == "pymc3" else {"mu": mean}
    pm.ZeroInflatedPoisson("y", psi=psi, observed=COUNTS, **named)

    def density(psi, mean):
        prior = stats.beta(2, 2).logpdf(psi) + stats.gamma(2).logpdf(mean)
        return prior + inflated(lambda y, m: stats.poisson(m).logpmf(y))(COUNTS, psi, mean)

    return density, {"psi": LOGIT, "mean": LOG}


def zeros_beside_a_binomial_law(pm, t):
    psi, p = pm.Beta("psi", F(2), F(2)), pm.Beta("p", F(2), F(2))
    pm.ZeroInflatedBinomial("y", psi=psi, n=UNITS, p=p, observed=HITS)

    def density(psi, p):
        logs = inflated(lambda y, q: stats.binom(UNITS, q).logpmf(y))
        return stats.beta(2, 2).logpdf([psi, p]).sum() + logs(HITS, psi, p)

    return density, {"psi": LOGIT, "p": LOGIT}


def zeros_beside_a_negative_binomial_law(pm, t):
    psi, mu, alpha = pm.Beta("psi", F(9), F(2)), pm.Gamma("mu", F(2), F(1)), pm.Gamma("alpha", F(2), F(1))
    pm.ZeroInflatedNegativeBinomial("y", psi=psi, mu=mu, alpha=alpha, observed=COUNTS)

    def density(psi, mu, alpha):
        prior = stats.beta(9, 2).logpdf(psi) + stats.gamma(2).logpdf([mu, alpha]).sum()
        return prior + inflated(nb)(COUNTS, psi, mu, alpha)

    return density, {"psi": LOGIT, "mu": LOG, "alpha": LOG}


def rates_of_groups(pm, t):
    """Rates of a gamma law, both of whose parameters are unknown."""
    a, b = (pm.Gamma(name, F(3), F(1)) for name in "ab")
    rate = pm.Gamma("rate", a, b, shape=5)
    pm.Poisson("y", rate[GROUP], observed=COUNTS)

    def density(a, b, rate):
        prior = stats.gamma(3).logpdf([a, b]).sum() + stats.gamma(a, scale=1 / b).logpdf(rate).sum()
        return prior + stats.poisson(rate[GROUP]).logpmf(COUNTS).sum()

    return density, {"a": LOG, "b": LOG, "rate": LOG}


CUT = {"both": (0.0, 5.0), "below": (0.0, np.inf), "above": (-np.inf, 5.0), "a tail": (3.0, 5.0)}
BETWEEN = {name: Y[(Y > low) & (Y < high)] if name != "a tail" else 3.0 + 0.1 * x for name, (low, high) in CUT.items()}


def cut(which):
    """A normal law between bounds, of unknown mean and deviation."""
    low, high = CUT[which]

    def build(pm, t):
        mu, s = pm.Normal("mu", F(0), sigma=F(5)), pm.HalfNormal("s", sigma=F(3))
        ends = {name: F(end) for name, end in (("lower", low), ("upper", high)) if np.isfinite(end)}
        pm.TruncatedNormal("y", mu=mu, sigma=s, observed=BETWEEN[which], **ends)

        def density(mu, s):
            law = stats.truncnorm((low - mu) / s, (high - mu) / s, mu, s)
            return stats.norm(0, 5).logpdf(mu) + stats.halfnorm(scale=3).logpdf(s) + law.logpdf(BETWEEN[which]).sum()

        return density, {"s": LOG}

    build.__name__ = f"cut {which}"
    return build


def a_line_beyond_a_bound(pm, t):
    """A mean for each of the data, and bounds for each."""
    low, b, s = x - 1.0, pm.Normal("b", F(0), sigma=F(5), shape=2), pm.Exponential("s", F(1))
    y = np.maximum(Y, low + 0.01)
    pm.TruncatedNormal("y", mu=b[0] + b[1] * x, sigma=s, lower=low, upper=low + 9.0, observed=y)

    def density(b, s):
        mean = b[0] + b[1] * x
        law = stats.truncnorm((low - mean) / s, (low + 9.0 - mean) / s, mean, s)
        return stats.norm(0, 5).logpdf(b).sum() + stats.expon().logpdf(s) + law.logpdf(y).sum()

    return density, {"s": LOG}


def an_unknown_beyond_a_bound(pm, t):
    mu = pm.Normal("mu", F(0), sigma=F(5))
    pm.Normal("y", pm.TruncatedNormal("z", mu=mu, sigma=F(1), lower=F(0.5)), F(1), observed=Y)

    def density(mu, z):
        law = stats.truncnorm(0.5 - mu, np.inf, mu, 1.0)
        return stats.norm(0, 5).logpdf(mu) + law.logpdf(z) + stats.norm(z, 1).logpdf(Y).sum()

    return density, {"z": (lambda t: 0.5 + np.exp(t), lambda z: np.log(z - 0.5))}


PLACES = np.linspace(0.0, 4.0, 20)
APART = np.abs(PLACES[:, None] - PLACES)
WAVE = np.sin(PLACES) + 0.1 * rng.normal(size=20)
EVENTS = rng.poisson(np.exp(1.0 + WAVE))


def covariances_of_unknown_scales(pm, t):
    """Two of them, added."""
    known, s, e = np.exp(-APART), pm.HalfNormal("s", sigma=F(2)), pm.HalfNormal("e", sigma=F(1))
    pm.MvNormal("y", mu=np.zeros(20), cov=s**2 * known + e**2 * np.eye(20), observed=WAVE)

    def density(s, e):
        prior = stats.halfnorm(0, 2).logpdf(s) + stats.halfnorm(0, 1).logpdf(e)
        return prior + stats.multivariate_normal(np.zeros(20), s**2 * known + e**2 * np.eye(20)).logpdf(WAVE)

    return density, {"s": LOG, "e": LOG}


def a_gaussian_process(pm, t):
    """Its length, its size, and the noise."""
    ls, eta, s = pm.Gamma("ls", F(2), F(1)), pm.HalfNormal("eta", sigma=F(2)), pm.HalfNormal("s", sigma=F(1))
    noise = {"noise" if pm.__name__ == "pymc3" else "sigma": s}
    process = pm.gp.Marginal(cov_func=eta**2 * pm.gp.cov.ExpQuad(1, ls))
    process.marginal_likelihood("y", X=PLACES[:, None], y=WAVE, **noise)

    def density(ls, eta, s):
        cov = eta**2 * np.exp(-0.5 * (APART / ls) ** 2) + s**2 * np.eye(20)
        prior = stats.gamma(2).logpdf(ls) + stats.halfnorm(0, 2).logpdf(eta) + stats.halfnorm(0, 1).logpdf(s)
        return prior + stats.multivariate_normal(np.zeros(20), cov).logpdf(WAVE)

    return density, {"ls": LOG, "eta": LOG, "s": LOG}


def events_along_a_gaussian_process(pm, t):
    """What is drawn of it are standard normal numbers, that a Cholesky factor makes the curve of."""
    ls = pm.Gamma("ls", F(4), F(2))
    f = pm.gp.Latent(cov_func=pm.gp.cov.Matern52(1, ls)).prior("f", X=PLACES[:, None])
    pm.Poisson("y", t.exp(F(1) + f), observed=EVENTS)

    def density(ls, f_rotated_):
        c = np.sqrt(5) * APART / ls
        jitter = 1e-6 * np.eye(20)  # of PyMC
        f = np.linalg.cholesky((1 + c + c**2 / 3) * np.exp(-c) + jitter) @ f_rotated_
        prior = stats.gamma(4, scale=0.5).logpdf(ls) + stats.norm.logpdf(f_rotated_).sum()
        return prior + stats.poisson(np.exp(1.0 + f)).logpmf(EVENTS).sum()

    return density, {"ls": LOG}


def rows_of_a_matrix(pm, t):
    """One in a link, the other added up."""
    b = pm.Normal("b", F(0), sigma=F(1), shape=(2, 3))
    pm.Normal("y", t.exp(t.dot(X, b[0])) + t.sum(b[1]), F(1), observed=Y)

    def density(b):
        return stats.norm.logpdf(b).sum() + stats.norm(np.exp(X @ b[0]) + b[1].sum(), 1).logpdf(Y).sum()

    return density, {}


MODELS = [
    rows_of_a_matrix,
    covariances_of_unknown_scales, a_gaussian_process, events_along_a_gaussian_process,
    *map(cut, CUT), a_line_beyond_a_bound, an_unknown_beyond_a_bound, robust, two_groups, chances_of_groups,
    overdispersed, zeros_beside_a_poisson_law, zeros_beside_a_binomial_law,
    zeros_beside_a_negative_binomial_law, rates_of_groups,
]  # fmt: skip


def assert_no_better(density, scales, result, atol=1e-6):
    """Look for a larger density from an estimate on, with the derivatives of differences."""
    names = [name for name in density.__code__.co_varnames[: density.__code__.co_argcount]]
    begin = {name: scales.get(name, (None, lambda v: v))[1](np.asarray(result[name])) for name in names}
    ends = np.cumsum([np.size(v) for v in begin.values()])[:-1]

    def lost(vector):
        parts = zip(names, np.split(vector, ends))
        values = {n: np.reshape(v, np.shape(begin[n])) for n, v in parts}
        return -density(**{n: scales[n][0](v) if n in scales else v for n, v in values.items()})

    start = np.concatenate([np.ravel(v) for v in begin.values()])
    assert np.isfinite(lost(start))
    assert minimize(lost, start, method="BFGS").fun >= lost(start) - atol


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_no_change_makes_the_density_larger(backend, build):
    with backend.pm.Model() as model:
        density, scales = build(backend.pm, backend.tensor)
    result = sp.find_map(model, tol=1e-9, progressbar=False)
    assert result.status == "converged" and result.solver == "fista"
    assert_no_better(density, scales, result)


COUNTED = {
    "NegativeBinomial": dict(alpha=1.5),
    "ZeroInflatedPoisson": dict(psi=0.5),
    "ZeroInflatedBinomial": dict(psi=0.5, n=9),
    "ZeroInflatedNegativeBinomial": dict(psi=0.5, alpha=1.5),
}


@pytest.mark.parametrize("name", COUNTED)
def test_counts_below_zero_are_impossible(backend, name):
    pm = backend.pm
    mean = {"ZeroInflatedPoisson": "theta" if pm.__name__ == "pymc3" else "mu", "ZeroInflatedBinomial": "p"}
    with pm.Model() as model:
        given = {mean.get(name, "mu"): pm.Beta("m", F(2), F(2))} | COUNTED[name]
        if name == "NegativeBinomial":
            given["alpha"] = pm.Gamma("alpha", F(2), F(1))
        getattr(pm, name)("y", observed=np.array([2, 0, -1, 3]), **given)
    with pytest.raises(NotFiniteError, match="density of y is not finite"):
        sp.find_map(model, progressbar=False)


# What PyMC has, and PyMC3 has not --------------------------------------------------------------------------------


@pytest.fixture
def pymc(backend):
    if backend.name == "theano":
        pytest.skip("PyMC3 has no such variable")
    return backend.pm


def test_data_that_are_censored(pymc):
    y = np.minimum(Y, 2.5)
    with pymc.Model() as model:
        mu = pymc.Normal("mu", F(0), sigma=F(5))
        pymc.Censored("y", pymc.Logistic.dist(mu, F(1)), lower=None, upper=F(2.5), observed=y)

    def density(mu):
        law = stats.logistic(mu, 1)
        return stats.norm(0, 5).logpdf(mu) + np.where(y < 2.5, law.logpdf(y), law.logsf(2.5)).sum()

    assert_no_better(density, {}, sp.find_map(model, progressbar=False))


def test_a_mixture_of_unknown_weights(backend):
    pm = backend.pm
    with pm.Model() as model:
        w, mu = pm.Dirichlet("w", a=np.full(2, 3.0)), pm.Normal("mu", np.r_[-1.0, 1.0], sigma=F(3), shape=2)
        pm.NormalMixture("y", w=w, mu=mu, sigma=np.r_[0.5, 1.0], observed=TWO)
    if backend.name == "theano":  # a choice by the largest term of a sum, and by whether the weights are some
        with pytest.raises(NoProximalOperator, match=r"(?s)^y: .* is not smooth"):
            sp.find_map(model, progressbar=False)
        return
    result = sp.find_map(model, tol=1e-9, progressbar=False)
    assert result.status == "converged" and np.sum(result["w"]) == pytest.approx(1.0, abs=1e-12)

    def density(first, mu):
        w = np.r_[first, 1.0 - first]
        logs = np.log(w) + stats.norm(mu, [0.5, 1.0]).logpdf(TWO[:, None])
        prior = 2.0 * np.log(w).sum() + stats.norm([-1.0, 1.0], 3).logpdf(mu).sum()
        return float(prior + logsumexp(logs, axis=1).sum())

    assert_no_better(density, {"first": LOGIT}, {"first": result["w"][0], "mu": result["mu"]})


def test_hidden_classes_that_are_summed_over(backend):
    """What `marginalize_graph` leaves of classes is a sum of exponentials, computed from the largest term."""
    pm, centres = backend.pm, np.r_[-1.0, 0.0, 1.0]
    with pm.Model() as model:
        share, mu = pm.Beta("share", F(3), F(2)), pm.Normal("mu", centres, sigma=F(3), shape=3)
        chances = backend.tensor.stack([share * 0.8, (1 - share) * 0.8, F(0.2) + 0 * share])
        label = pm.Categorical("label", chances, shape=len(TWO))
        pm.Normal("y", mu[label], F(0.8), observed=TWO)
    summed = sp.marginalize_graph(model, ["label"])
    if backend.name == "theano":  # whether chances are none that add up to one
        with pytest.raises(NoProximalOperator, match=r"(?s)^y_evidence: .* is not smooth"):
            sp.find_map(summed, progressbar=False)
        return
    result = sp.find_map(summed, tol=1e-9, progressbar=False)
    assert result.status == "converged"

    def density(share, mu):
        w = np.array([share * 0.8, (1 - share) * 0.8, 0.2], dtype=float).ravel()
        logs = np.log(w) + stats.norm(mu, 0.8).logpdf(TWO[:, None])
        prior = stats.beta(3, 2).logpdf(share).sum() + stats.norm(centres, 3).logpdf(mu).sum()
        return float(prior + logsumexp(logs, axis=1).sum())

    assert_no_better(density, {"share": LOGIT}, result)


def test_hidden_switches_that_are_summed_over(backend):
    """With data that no class is near: what they weigh is computed all the same."""
    pm, data = backend.pm, np.r_[TWO, 60.0]
    with pm.Model() as model:
        w, gap = pm.Beta("w", F(2), F(2)), pm.HalfNormal("gap", sigma=F(5))
        label = pm.Bernoulli("label", w, shape=len(data))
        pm.Normal("y", -2.0 + gap * label, F(1), observed=data)
    result = sp.find_map(sp.marginalize_graph(model, ["label"]), tol=1e-9, progressbar=False)
    assert result.status == "converged"

    def density(w, gap):
        logs = [np.log(chance) + stats.norm(-2.0 + gap * k, 1).logpdf(data) for k, chance in ((0, 1 - w), (1, w))]
        prior = stats.beta(2, 2).logpdf(w).sum() + stats.halfnorm(0, 5).logpdf(gap).sum()
        return float(prior + logsumexp(logs, axis=0).sum())

    assert_no_better(density, {"w": LOGIT, "gap": LOG}, result)


def test_effects_that_sum_to_zero(pymc):
    with pymc.Model() as model:
        effect = pymc.ZeroSumNormal("effect", sigma=F(1), shape=5)
        pymc.Normal("y", effect[GROUP], F(0.7), observed=Y)
    result = sp.find_map(model, tol=1e-9, progressbar=False)
    design = np.eye(5)[GROUP]
    basis = np.linalg.svd(np.ones((1, 5)))[2][1:]
    inner = design @ basis.T
    exact = basis.T @ np.linalg.solve(inner.T @ inner / 0.49 + np.eye(4), inner.T @ Y / 0.49)
    np.testing.assert_allclose(result["effect"], exact, atol=1e-7)


def test_effects_that_sum_to_zero_along_two_axes_are_refused(pymc):
    with pymc.Model() as model:
        effect = pymc.ZeroSumNormal("effect", sigma=F(1), shape=(5, 3), n_zerosum_axes=2)
        pymc.Normal("y", effect[GROUP, 0], F(0.7), observed=Y)
    with pytest.raises(NoProximalOperator, match="several axes"):
        sp.find_map(model, progressbar=False)


def test_a_random_walk_is_an_unknown(backend):
    pm, n = backend.pm, len(Y)
    with pm.Model() as model:
        first = pm.Normal.dist(F(0), sigma=F(2))
        given = dict(init=first, shape=n) if backend.name == "theano" else dict(init_dist=first, steps=n - 1)
        level = pm.GaussianRandomWalk("level", sigma=F(0.3), **given)
        pm.Normal("y", level, sigma=F(0.5), observed=Y)
    steps = np.diff(np.eye(n), axis=0)
    precision = steps.T @ steps / 0.09 + np.diag(np.r_[0.25, np.zeros(n - 1)]) + np.eye(n) / 0.25
    result = sp.find_map(model, tol=1e-10, progressbar=False)
    np.testing.assert_allclose(result["level"], np.linalg.solve(precision, Y / 0.25), atol=1e-7)


def test_ordered_answers(backend):
    pm = backend.pm
    answers = np.digitize(X @ np.r_[1.0, -1.0, 0.0] + rng.logistic(size=N), [-1.0, 1.0])
    with pm.Model() as model:
        beta = pm.Normal("beta", F(0), sigma=F(1), shape=3)
        pm.OrderedLogistic("y", eta=pm.math.dot(X, beta), cutpoints=np.r_[-1.0, 1.0], observed=answers)

    def density(beta):
        below = expit(np.r_[-1.0, 1.0] - (X @ beta)[:, None])
        chances = np.diff(np.c_[np.zeros(N), below, np.ones(N)], axis=1)
        return stats.norm(0, 1).logpdf(beta).sum() + np.log(chances[np.arange(N), answers]).sum()

    assert_no_better(density, {}, sp.find_map(model, progressbar=False))
