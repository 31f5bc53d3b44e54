"""The models of the ratio test: every pair of a prior and a likelihood, on every plate, with 0, 1 and many data.

A case is written once for both backends, as ``write(m)`` of a `Writing`, which knows the plate and makes the data.
"""

import numpy as np

from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.relations.kernels import PRIORS
from verification.ratio_writing import PLATES, PSI, ROWS, Case, F, others

# Priors, and the rate that each stands for -----------------------------------------------------------------------

VARIABLES = {
    "gamma": lambda m: m.pm.Gamma("theta", F(2.0), F(3.0) * m.unknown, shape=m.shape),
    "inversegamma": lambda m: m.pm.InverseGamma("theta", F(2.5), F(3.0) * m.unknown, shape=m.shape),
    "exponential": lambda m: m.pm.Exponential("theta", F(1.5) * m.unknown, shape=m.shape),
    "chisquared": lambda m: m.pm.ChiSquared("theta", F(3.0) * m.unknown, shape=m.shape),
    "halfflat": lambda m: m.pm.HalfFlat("theta", shape=m.shape),
    "beta": lambda m: m.pm.Beta("theta", F(2.0) * m.unknown, F(3.0), shape=m.shape),
    "beta of power": lambda m: m.pm.Beta("theta", F(2.0) * m.unknown, F(1.0), shape=m.shape),
    "uniform": lambda m: m.pm.Uniform("theta", F(0.0), F(1.0), shape=m.shape),
    "dirichlet": lambda m: m.pm.Dirichlet("theta", np.array([1.0, 2.0, 3.0]) * m.unknown, shape=(*m.shape, 3)),
    "normal": lambda m: m.pm.Normal("theta", F(0.5), sigma=F(2.0) * m.unknown, shape=m.shape),
    "flat": lambda m: m.pm.Flat("theta", shape=m.shape),
    "truncatednormal": lambda m: m.pm.TruncatedNormal(
        "theta", mu=F(1.0), sigma=F(0.7) * m.unknown, lower=F(0.5), upper=F(2.5), shape=m.shape
    ),
    "halfnormal": lambda m: m.pm.HalfNormal("theta", sigma=F(2.0) * m.unknown, shape=m.shape),
    "generalizedinversegaussian": lambda m: m.gig(F(0.7), F(2.0), F(3.0)),
    "laplace": lambda m: m.pm.Laplace("theta", F(0.5), F(0.8) * m.unknown, shape=m.shape),
    "bounded uniform": lambda m: m.pm.Uniform("theta", F(0.5), F(2.5), shape=m.shape),
    "pareto": lambda m: m.pm.Pareto("theta", F(2.5) * m.unknown, F(0.7), shape=m.shape),
    "truncated gamma": lambda m: m.between("Gamma", F(2.0), F(3.0) * m.unknown, lower=F(0.3), upper=F(2.5)),
    "truncated inversegamma": lambda m: m.between(
        "InverseGamma", F(2.5), F(3.0) * m.unknown, lower=F(0.3), upper=F(2.5)
    ),
    "truncated exponential": lambda m: m.between("Exponential", F(1.5) * m.unknown, lower=F(0.3), upper=F(2.5)),
    "truncated beta": lambda m: m.between("Beta", F(2.0) * m.unknown, F(3.0), lower=F(0.2), upper=F(0.7)),
    "vonmises": lambda m: m.pm.VonMises("theta", mu=F(0.4), kappa=F(0.8) * m.unknown, shape=m.shape),
}


def rate(m, prior):
    x = VARIABLES[prior](m)
    return m.spread({1: lambda: x, -1: lambda: 1 / x, -2: lambda: 1 / x**2}[PRIORS[prior].exponent]())


RATE_DATA = {
    ("poisson", "mu"): lambda m, q: m.pm.Poisson("y", q, observed=m.data("count")),
    ("exponential", "lam"): lambda m, q: m.pm.Exponential("y", q, observed=m.data("positive")),
    ("gamma", "beta"): lambda m, q: m.pm.Gamma("y", F(1.5), q, observed=m.data("positive")),
    ("normal", "sigma"): lambda m, q: m.pm.Normal("y", F(0.5), sigma=1 / m.t.sqrt(q), observed=m.data("real")),
    ("lognormal", "sigma"): lambda m, q: m.lognormal(F(0.5), sigma=1 / m.t.sqrt(q)),
    ("halfnormal", "sigma"): lambda m, q: m.pm.HalfNormal("y", 1 / m.t.sqrt(q), observed=m.data("positive")),
    ("inversegamma", "beta"): lambda m, q: m.pm.InverseGamma("y", F(1.5), q, observed=m.data("positive")),
    ("weibull", "beta"): lambda m, q: m.pm.Weibull("y", F(2.0), q ** F(-0.5), observed=m.data("positive")),
    ("laplace", "b"): lambda m, q: m.pm.Laplace("y", F(0.5), 1 / q, observed=m.data("real")),
    ("pareto", "alpha"): lambda m, q: m.pm.Pareto("y", q, F(0.2), observed=m.data("positive")),
    ("kumaraswamy", "b"): lambda m, q: m.pm.Kumaraswamy("y", F(1.5), q, observed=m.data("unit")),
    ("beta", "beta"): lambda m, q: m.pm.Beta("y", F(1.0), q, observed=m.data("unit")),
    ("beta", "alpha"): lambda m, q: m.pm.Beta("y", q, F(1.0), observed=m.data("unit")),
    ("gumbel", "mu"): lambda m, q: m.pm.Gumbel("y", F(0.7) * m.t.log(q), F(0.7), observed=m.data("real")),
    ("wald", "lam"): lambda m, q: m.pm.Wald("y", mu=F(2.0), lam=q, observed=m.data("positive")),
}
CHANCE_DATA = {
    ("bernoulli", "p"): lambda m, q: m.pm.Bernoulli("y", q, observed=m.data("bit")),
    ("binomial", "p"): lambda m, q: m.pm.Binomial("y", 9, q, observed=m.data("count")),
    ("negativebinomial", "p"): lambda m, q: m.pm.NegativeBinomial("y", n=4, p=q, observed=m.data("count")),
    ("geometric", "p"): lambda m, q: m.pm.Geometric("y", q, observed=m.data("count")),
}
SIMPLEX_DATA = {
    ("categorical", "p"): lambda m, q: m.pm.Categorical("y", q, observed=m.data("label")),
    ("multinomial", "p"): lambda m, q: m.pm.Multinomial("y", np.int64(5), q, **m.rows("parts")),
}
BATCH = "batch of vectors|not as it is|no closed form is known"
HALF = {"normal", "lognormal", "halfnormal", "wald"}  # each datum has the rate to the power of one half


def _kernel_cases():
    of_family = {
        "gamma": "gamma_rate_reversalo",
        "inversegamma": "inversegamma_scale_reversalo",
        "halfflat": "halfflat_scale_reversalo",
        "beta": "beta_chance_reversalo",
        "dirichlet": "dirichlet_chances_reversalo",
    }
    some = {key: RATE_DATA[key] for key in (("poisson", "mu"), ("normal", "sigma"), ("laplace", "b"))}
    tables = {"gamma": RATE_DATA, "inversegamma": RATE_DATA, "exponential": some, "chisquared": some}
    tables |= {"halfflat": some, "beta": CHANCE_DATA, "uniform": CHANCE_DATA, "dirichlet": SIMPLEX_DATA}
    for prior, table in tables.items():
        for (likelihood, parameter), given in table.items():
            family = PRIORS[prior].family
            more = {"fewest": 1 + (likelihood in HALF)} if prior == "halfflat" else {}
            more |= {"refused": others(BATCH, "scalar")} if prior == "dirichlet" else {}

            def write(m, prior=prior, given=given):
                given(m, rate(m, prior))

            pair = (f"{family}, {likelihood} ({parameter})",) if family != "halfflat" else ()
            yield (
                f"{prior}, {likelihood} ({parameter})",
                Case(write, (of_family[family], *pair), hyper=prior not in ("uniform", "halfflat"), **more),
            )


# Means ------------------------------------------------------------------------------------------------------------


def _mean(likelihood):
    def of(prior):
        return lambda m: likelihood(m, m.spread(VARIABLES[prior](m)))

    return of


normal_data = _mean(lambda m, x: m.pm.Normal("y", F(0.3) + F(0.7) * x, sigma=F(1.5), observed=m.data("real")))
lognormal_data = _mean(lambda m, x: m.lognormal(F(0.3) + F(0.7) * x, sigma=F(1.5)))
wald_data = _mean(lambda m, x: m.pm.Wald("y", mu=1 / (F(0.7) * x), lam=F(1.3), observed=m.data("positive")))
uniform_data = _mean(lambda m, x: m.pm.Uniform("y", F(0.0), F(2.0) * x, observed=m.data("positive")))
pareto_data = _mean(lambda m, x: m.pm.Pareto("y", F(1.5), F(0.2) * x, observed=m.data("positive")))
angles = _mean(lambda m, x: m.pm.VonMises("y", mu=F(0.4) - x, kappa=F(1.3), observed=m.data("real")))
FIXED = ("bounded uniform", "halfflat")  # of no parameter that may be unknown

MEANS = {
    "normal, normal (mu)": Case(normal_data("normal"), ("normal_mean_reversalo",)),
    "flat, normal (mu)": Case(normal_data("flat"), ("flat_mean_reversalo",), fewest=1, hyper=False),
    "normal, lognormal (mu)": Case(lognormal_data("normal"), ("normal_mean_reversalo", "lognormal_observedo")),
    "flat, lognormal (mu)": Case(
        lognormal_data("flat"), ("flat_mean_reversalo", "lognormal_observedo"), fewest=1, hyper=False
    ),
    "laplace, normal (mu)": Case(normal_data("laplace"), ("laplace_mean_reversalo",), fewest=1),
    "halfnormal, lognormal (mu)": Case(lognormal_data("halfnormal"), ("bounded_mean_reversalo", "lognormal_observedo")),
    "pareto, uniform (upper)": Case(uniform_data("pareto"), ("pareto_end_reversalo",)),
    "beta, pareto (m)": Case(pareto_data("beta of power"), ("power_start_reversalo",)),
    "vonmises, vonmises (mu)": Case(angles("vonmises"), ("vonmises_mean_reversalo",)),
}
for prior in ("truncatednormal", "halfnormal", "bounded uniform", "exponential", "halfflat"):
    has_none = prior in ("bounded uniform", "exponential", "halfflat")  # of a precision, without data
    for name, relation, data in (
        ("normal (mu)", ("bounded_mean_reversalo",), normal_data),
        ("wald (mu)", ("wald_mean_reversalo",), wald_data),
    ):
        MEANS[f"{prior}, {name}"] = Case(data(prior), relation, fewest=int(has_none), hyper=prior not in FIXED)

# Between bounds ---------------------------------------------------------------------------------------------------


# how many data every element needs, and the data
UNIFORM = {
    "poisson (mu)": (1, lambda m, x: m.pm.Poisson("y", x, observed=m.data("count"))),
    "exponential (lam)": (2, lambda m, x: m.pm.Exponential("y", 1 / x, observed=m.data("positive"))),
    "normal (sigma)": (2, lambda m, x: m.pm.Normal("y", F(0.5), sigma=F(0.7) * x, observed=m.data("real"))),
}


# what is a rate: one over a variance, or over the square of a deviation
INVERTED = {
    "gamma": lambda x: 1 / x,
    "exponential": lambda x: 1 / x,
    "inversegamma": lambda x: x,
    "halfnormal": lambda x: 1 / x**2,
    "generalizedinversegaussian": lambda x: 1 / x,
}


def _inverted_cases():
    for prior, rate_of_it in INVERTED.items():
        for key in (("normal", "sigma"), ("laplace", "b")):

            def write(m, prior=prior, rate_of_it=rate_of_it, given=RATE_DATA[key]):
                given(m, rate_of_it(m.spread(VARIABLES[prior](m))))

            yield (
                "{} as a scale, {} ({})".format(prior, *key),
                Case(write, ("gig_scale_reversalo",), fewest=1, hyper=False),
            )


def _truncated_cases():
    for name, (fewest, data) in UNIFORM.items():

        def write(m, data=data):
            data(m, m.spread(VARIABLES["bounded uniform"](m)))

        yield f"uniform, {name}", Case(write, ("uniform_rate_reversalo",), fewest=fewest, hyper=False)
    kernels = {"gamma": RATE_DATA, "inversegamma": RATE_DATA, "exponential": RATE_DATA, "beta": CHANCE_DATA}
    for prior, table in kernels.items():
        for key in list(table)[:3]:

            def write(m, prior=prior, given=table[key]):
                x = VARIABLES[f"truncated {prior}"](m)
                given(m, m.spread(x if PRIORS[prior].exponent == 1 else 1 / x))

            name = "truncated {}, {} ({})".format(prior, *key)
            yield name, Case(write, ("truncated_prior_reversalo",))


# Vectors ----------------------------------------------------------------------------------------------------------


def coefficients(m, k=2):
    return m.pm.MvNormal("theta", np.linspace(0.5, -1.0, k), cov=m.unknown * (np.eye(k) + 0.3), shape=k)


def design(m, k=2):
    return np.random.default_rng(5).normal(size=(m.n, k))


def walk(m):
    init = {"init" if m.backend == "theano" else "init_dist": m.pm.Normal.dist(F(0.2), sigma=F(1.5))}
    return m.pm.GaussianRandomWalk("theta", mu=F(0.3), sigma=F(0.8) * m.unknown, **init, shape=3)


def on_plate(m, x):
    """Return a vector on the plate: one element of it, as it is, stretched, or indexed."""
    return {(): lambda: x[2], (2, 1): lambda: x[:2, None]}.get(m.shape, lambda: m.spread(x))()


def regression(noise, k=2, theta=coefficients):
    def write(m):
        x = theta(m) if theta is not coefficients else coefficients(m, k)
        noise(m, F(0.3) + m.t.dot(design(m, k), x))

    return write


def one_deviation(m, mean):
    m.pm.Normal("y", mean, sigma=F(1.5), observed=m.data("real"))


def own_deviations(m, mean):
    m.pm.Normal("y", mean, sigma=np.linspace(0.5, 2.0, m.n), observed=m.data("real"))


def correlated(m, mean):
    m.pm.MvNormal("y", mean, cov=np.eye(m.n) + 0.5, observed=m.data("real"))


def flats(m):
    return m.pm.Flat("theta", shape=2)


def stick_breaking(m):
    v = m.pm.Beta("theta", F(2.0) * m.unknown, F(3.0), shape=2)
    left = m.t.concatenate([np.ones(1), m.t.extra_ops.cumprod(1 - v)])
    m.pm.Categorical("y", m.t.concatenate([v, np.ones(1)]) * left, observed=m.data("label"))


def rows(m):
    theta = m.pm.MvNormal("theta", np.array([0.5, -1.0]), cov=m.unknown * PSI, shape=2)
    m.pm.MvNormal("y", theta, cov=ROWS, **m.rows("real", 2))


def rows_of_one_covariance(m):
    cov = m.inverse_wishart("S")
    theta = m.pm.MvNormal("theta", np.array([0.5, -1.0]), cov=F(2.0) * cov, shape=2)
    m.pm.MvNormal("y", theta, cov=cov, **m.rows("real", 2))


PRECISION = ("mvnormal_mean_precision_reversalo", "mvnormal_mean_reversalo")
DESIGN = others("a design takes one vector of coefficients", "scalar")
SOME = ("1", "many")
VECTORS = {
    "mvnormal, normal (mu)": Case(
        lambda m: one_deviation(m, on_plate(m, coefficients(m, 3))),
        PRECISION,
        {"matrix": "a multivariate normal variable is one vector"},
    ),
    "mvnormal, normal (mu) by a design": Case(regression(one_deviation), PRECISION, DESIGN),
    "mvnormal, normal (mu), of own deviations": Case(regression(own_deviations), PRECISION, DESIGN),
    "mvnormal, mvnormal (mu) by a design": Case(regression(correlated), PRECISION, DESIGN, counts=SOME),
    "mvnormal, normal (mu), fewer data": Case(regression(one_deviation, 9), PRECISION[1:], DESIGN, counts=SOME),
    "gaussianchain, normal (mu)": Case(
        lambda m: one_deviation(m, on_plate(m, walk(m))),
        ("gaussianchain_mean_reversalo",),
        {"matrix": "a walk is one vector"},
    ),
    "flat, normal (mu) by a design": Case(
        regression(one_deviation, theta=flats), ("flat_regression_reversalo",), DESIGN, fewest=2, hyper=False
    ),
    "flat, normal (mu), of own deviations": Case(
        regression(own_deviations, theta=flats), ("flat_vector_reversalo",), DESIGN, fewest=2, hyper=False
    ),
    "beta, categorical (p) by a stick": Case(
        stick_breaking, ("beta_products_reversalo",), others("a stick is one vector", "scalar")
    ),
    "mvnormal, mvnormal (mu) by rows": Case(
        rows, ("mvnormal_rows_reversalo",), others("rows of data have one mean", "scalar"), counts=SOME
    ),
    "mvnormal, mvnormal (mu) of one covariance": Case(
        rows_of_one_covariance,
        ("mvnormal_shared_covariance_reversalo",),
        others("rows of data have one covariance", "scalar"),
        points=lambda rng: {"S": definite(rng), "theta": rng.normal(size=2)},
        counts=SOME,  # neither backend has the Cholesky factor of an empty matrix
        hyper=False,
    ),
}


# Numbers of things ------------------------------------------------------------------------------------------------

SIZE = np.int64(20)
NUMBERS = {
    "poisson": lambda m, **k: m.pm.Poisson("N", F(9.0) * m.unknown, **k),
    "binomial": lambda m, **k: m.pm.Binomial("N", n=SIZE, p=F(0.7) ** m.unknown, **k),
    "negativebinomial": lambda m, **k: m.pm.NegativeBinomial("N", n=F(2.5) * m.unknown, p=F(0.3), **k),
    "betabinomial": lambda m, **k: m.pm.BetaBinomial("N", alpha=F(2.0) * m.unknown, beta=F(3.0), n=SIZE, **k),
}
SEEN = {
    "binomial (n)": lambda m, n: m.pm.Binomial("y", n=n, p=F(0.4), observed=m.data("count")),
    "hypergeometric (k)": lambda m, n: m.pm.HyperGeometric("y", N=SIZE, k=n, n=np.int64(7), observed=m.data("count")),
}


def one_each(m):
    """Return a shape with an element for each datum, on the plates where elements are not shared."""
    shared = m.plate in (PLATES["broadcast"], PLATES["indexed"])
    return m.shape if shared else m.plate.data(m.n)


def numbers(prior, seen):
    return lambda m: SEEN[seen](m, m.spread(NUMBERS[prior](m, shape=one_each(m))))


def sign_of_a_normal(m):
    w = m.pm.Normal("theta", F(0.5), sigma=F(1.3) * m.unknown, shape=one_each(m))
    sign = m.t.sgn if m.backend == "theano" else m.t.sign
    m.pm.Bernoulli("y", F(0.5) * (F(1.0) + sign(m.spread(w))), observed=m.data("bit"))


SHARED = ("broadcast", "indexed")


THINNED = {
    f"{prior}, {seen}": Case(
        numbers(prior, seen),
        ("thinned_count_reversalo", f"{prior}, {seen}"),
        counts=SOME,  # PyMC3 has no variables without elements
        refused=dict.fromkeys(SHARED, "not as it is, one for each datum|also appears in"),
    )
    for prior, seen in (
        *((prior, "binomial (n)") for prior in ("poisson", "binomial", "negativebinomial")),
        *((prior, "hypergeometric (k)") for prior in ("binomial", "betabinomial")),
    )
}

THRESHOLDS = {
    "normal, bernoulli (p) by a sign": Case(
        sign_of_a_normal,
        ("normal_threshold_reversalo",),
        counts=SOME,
        refused=dict.fromkeys(SHARED, "several elements|is normal"),
    )
}


def split(m):
    X = m.pm.Multinomial("N", n=SIZE, p=np.array([0.2, 0.5, 0.3]), shape=3)
    m.pm.Binomial("y", n=X, p=np.array([0.4, 0.2, 0.6]), observed=np.array([2, 1, 3]))


def divide(m):
    N = m.pm.Poisson("N", F(9.0))
    m.pm.Multinomial("y", n=N, p=np.array([0.2, 0.5, 0.3]), observed=np.array([2, 1, 3]), shape=3)


SPLIT = {
    "poisson, multinomial (n)": Case(
        divide,
        ("divided_count_reversalo",),
        others("the numbers of all kinds are one vector", "scalar"),
        points=lambda rng: {"N": np.int64(6)},  # the only one that is possible
        counts=("1",),
        hyper=False,
    ),
    "multinomial, binomial (n)": Case(
        split,
        ("split_count_reversalo",),
        others("the numbers of all kinds are one vector", "scalar"),
        points=lambda rng: {"N_unseen": rng.multinomial(SIZE - 6, np.ones(3) / 3)},
        counts=("1",),
        hyper=False,
    ),
}

# Matrices -----------------------------------------------------------------------------------------------------------


def definite(rng):
    root = rng.normal(size=(2, 4))
    return root @ root.T


def mvnormal_rows(m, cov):
    m.pm.MvNormal("y", np.ones(2), cov=cov, **m.rows("real", 2))


def matrix_rows(m, cov):
    y = m.data("real", 2)
    U = np.linalg.cholesky(np.eye(m.n) + 0.5)
    m.pm.MatrixNormal("y", mu=np.ones((m.n, 2)), rowchol=U, colchol=m.cholesky(cov), observed=y, shape=y.shape)


def wisharts(m, cov):
    for i in range(m.n):
        m.wishart(f"y{i}", cov, observed=definite(m.rng))


def inverse_wisharts(m, cov):
    for i in range(m.n):
        m.inverse_wishart(f"y{i}", m.inverse(cov), observed=definite(m.rng))


def regressions(m):
    shape = {"shape": (2, 2)} if m.backend == "theano" else {}
    theta = m.pm.MatrixNormal("theta", mu=np.ones((2, 2)), rowcov=ROWS * m.unknown, colcov=PSI, **shape)
    y, U = m.data("real", 2), np.eye(m.n) + 0.5
    shape = {"shape": y.shape} if m.backend == "theano" else {}
    m.pm.MatrixNormal("y", mu=m.t.dot(design(m), theta), rowcov=U, colcov=PSI, observed=y, **shape)


REGRESSIONS = {
    "matrixnormal, matrixnormal (mu) by a design": Case(
        regressions, ("matrixnormal_mean_reversalo",), DESIGN, counts=SOME
    )
}


def matrices():
    priors = {
        "wishart": (lambda m: m.wishart(), lambda m, x: m.inverse(x), "wishart_precision_reversalo"),
        "inversewishart": (lambda m: m.inverse_wishart(), lambda m, x: x, "inversewishart_covariance_reversalo"),
    }
    data = {
        "mvnormal (cov)": (mvnormal_rows, SOME),
        "matrixnormal (colchol)": (matrix_rows, SOME),
        "wishart (V)": (wisharts, SOME),
        "inversewishart (Psi)": (inverse_wisharts, SOME),
    }
    for prior, (variable, cov, relation) in priors.items():
        for name, (write, counts) in data.items():
            yield (
                f"{prior}, {name}",
                Case(
                    lambda m, variable=variable, cov=cov, write=write: write(m, cov(m, variable(m))),
                    (relation, f"{prior}, {name}"),
                    others("a batch of matrices is refused", "scalar"),
                    points=lambda rng: {"theta": definite(rng)},
                    counts=counts,
                    hyper=False,
                ),
            )


# Finite support -----------------------------------------------------------------------------------------------------


def switch(m):
    z = m.pm.Bernoulli("z", F(0.3), shape=m.shape)
    m.pm.Normal("y", m.pm.Normal("mu", F(0.0), sigma=F(1.0)) + F(2.0) * z, sigma=F(1.5), observed=m.data("real"))


def one_switch_each(m):
    z = m.pm.Bernoulli("z", F(0.3), shape=m.shape)
    data = m.rng.normal(size=m.shape)
    m.pm.Normal("y", m.pm.Normal("mu", F(0.0), sigma=F(1.0)) + F(2.0) * z, sigma=F(1.5), observed=data)


def hidden_chain(m):
    mu, moves = m.pm.Normal("mu", F(0.0), sigma=F(1.0)), m.t.as_tensor_variable(np.array([0.3, 0.8]))
    z = m.pm.Bernoulli("z0", F(0.4))
    for i, y in enumerate(m.data("real")):
        m.pm.Normal(f"y{i}", mu + F(2.0) * z, sigma=F(1.5), observed=y)
        z = m.pm.Bernoulli(f"z{i + 1}", moves[z])
    m.pm.Normal("y", mu + F(2.0) * z, sigma=F(1.5), observed=F(0.4))


AXES = others("an unknown of the axes of its data is in a case of its own", "scalar")
FINITE = {
    "bernoulli, normal (mu)": Case(switch, ("enumerate_values",), AXES, summed=True, hyper=False),
    "bernoulli, normal (mu), one each": Case(
        one_switch_each,
        ("enumerate_values",),
        {plate: "each element has a datum of its own" for plate in ("broadcast", "indexed")},
        summed=True,
        counts=("1",),
        hyper=False,
    ),
    "bernoulli, bernoulli (p), in a chain": Case(
        hidden_chain, ("reverse_values", "enumerate_values"), others("a chain is one vector", "scalar"),
        summed=True, counts=SOME, hyper=False,
    ),
}  # fmt: skip

CASES = (
    dict(_kernel_cases())
    | MEANS
    | dict(_truncated_cases())
    | dict(_inverted_cases())
    | VECTORS
    | THINNED
    | THRESHOLDS
    | SPLIT
    | REGRESSIONS
    | dict(matrices())
    | FINITE
)


# What the plates of these models do not have: the tests of these relations compare densities themselves
ELSEWHERE = {
    "hurdle_observedo": "tests/relations/test_hurdle_edges.py",
    "missing_giveno": "tests/test_missing.py",
}


def wanted():
    """Return the names of the relations of the catalogue that the ratio test is for."""
    groups = "Arc reversals", "Conjugate pairs"
    return [entry.name for entry in catalogue() if entry.group in groups and entry.name not in ELSEWHERE]
