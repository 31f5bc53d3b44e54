"""Random models over the whole catalogue: any family may be the parent of any other, most of them in conjugate ways."""

import numpy as np

from symbolic_pymc.relations.rates import RATES

SHAPES = [(), (), (3,), (3,), (2, 3), (1,), (4,)]
DEPTH = 12
N_VARIABLES = [*range(2, 7)] * 12 + [*range(7, 13)] * 3 + [*range(13, 31)]
N_CATEGORIES = 3
MOST = 5  # the values of any variable of finite support


# What stands in the place of a parameter: ``slot(model, shape, given, linked)``, with unknowns where `linked` says so --


def real(m, shape, given, linked):
    return m.expression(shape, m.rng.integers(1, 4)) if linked else m.constant(m.own(shape))


def vector(m, shape, given, linked):
    """Return the mean of a vector, of rows that may share theirs, or of a matrix."""
    if not linked:
        return m.constant(shape)
    found = [v for v in m.found("real") if v.shape == shape[1:]]
    found = [v for v in found if v.family == "mvnormal"] or found
    if len(shape) == 2 and found and m.chance(0.8):
        v = m.taken(m.pick(found))
        return v.rv + m.constant(shape)
    return m.expression(shape, m.rng.integers(1, 4))


def deviation(m, shape, given, linked):
    if not linked:
        return m.positive(m.own(shape))
    return m.t.sqrt(1 / m.rate(shape)) if m.chance(0.7) else m.link("positive", shape)


def rate_to(power):
    """Return the slot of a parameter that is a power of a rate."""

    def slot(m, shape, given, linked):
        if not linked:
            return m.positive(m.own(shape))
        exponent = 1 / np.float64(power(given) if callable(power) else power)
        q = m.rate(shape)
        return {1.0: lambda: q, -1.0: lambda: 1 / q, -0.5: lambda: 1 / m.t.sqrt(q)}.get(exponent, lambda: q**exponent)()

    return slot


def shape_parameter(m, shape, given, linked):
    return 1 + m.link("positive", shape) if linked else m.positive(m.own(shape)) + 1


def chance(m, shape, given, linked):
    if not linked:
        return m.rng.uniform(0.2, 0.8, size=m.own(shape))
    if m.found("finite") and m.chance(0.5):
        return m.t.as_tensor_variable(m.rng.uniform(0.2, 0.8, size=MOST))[m.link("finite", shape)]
    p = m.link("unit", shape)
    return 1 - p if m.chance(0.3) else p


def chances(m, shape, given, linked):
    states = [v for v in m.found("finite") if v.shape == ()]
    if linked and states and m.chance(0.5):
        rows = m.rng.dirichlet(np.ones(N_CATEGORIES) * 2, size=MOST)
        return m.t.as_tensor_variable(rows)[m.taken(m.pick(states)).rv]
    sticks = [v for v in m.found("unit") if v.shape == (N_CATEGORIES - 1,)]
    if linked and sticks and m.chance(0.6):
        return broken(m.t, m.taken(m.pick(sticks)).rv)
    if linked and m.found("simplex"):
        return m.pick_from("simplex")
    return m.rng.dirichlet(np.ones(N_CATEGORIES) * 2)


def broken(t, v):
    """Return the pieces of a stick of which the fractions `v` are broken off, one after the other."""
    return t.concatenate([v, np.ones(1)]) * t.concatenate([np.ones(1), t.extra_ops.cumprod(1 - v)])


def upper_end(m, shape, given, linked):
    found = [v for v in m.found("positive") if v.family == "pareto"]
    if not linked or not found:
        return np.float64(3.0)
    return m.positive(m.own(shape)) * m.elements(m.taken(m.pick(found)), shape)


def weights(m, shape, given, linked):
    return m.rng.uniform(0.5, 3.0, size=N_CATEGORIES).round(2)


def covariance(power):
    """Return the slot of a matrix that a random covariance (1) or precision (-1) may stand in."""

    def slot(m, shape, given, linked):
        d = shape[-1]
        options = [v for kind in ("covariance", "precision") for v in m.found(kind) if v.shape == (d, d)]
        of_the_mean = [v for mean in m.parents.get("mu", ()) for v in mean.parents.get("cov", ()) if v in options]
        if of_the_mean and m.chance(0.7):
            linked, options = True, of_the_mean
        if linked and options and m.chance(0.9):
            v = m.taken(m.pick(options))
            matrix = v.rv if (v.kind == "covariance") == (power > 0) else m.language.inverse(v.rv)
            return m.positive() * matrix if m.chance(0.3) else matrix
        if linked and m.found("positive"):
            return m.rate(()) ** np.float64(-power) * m.definite(d)
        return m.definite(d)

    return slot


def degrees(m, shape, given, linked):
    return np.float64(shape[-1] + m.rng.integers(1, 5))


def factor(m, shape, given, linked):
    return np.linalg.cholesky(m.definite(shape[0]))


def factor_of_columns(m, shape, given, linked):
    found = [v for kind in ("covariance", "precision") for v in m.found(kind) if v.shape == (shape[1], shape[1])]
    if not linked or not found:
        return np.linalg.cholesky(m.definite(shape[1]))
    v = m.taken(m.pick(found))
    return m.language.cholesky(v.rv if v.kind == "covariance" else m.language.inverse(v.rv))


def fixed(value):
    return lambda m, shape, given, linked: value


def _steps(n, first, rest):
    return np.r_[first, np.repeat(rest, n - 1)]


def walk(low, high):
    def slot(m, shape, given, linked):
        first, rest = m.rng.uniform(low, high, size=2).round(2)
        return _steps(shape[0], first, rest)

    return slot


RATE = rate_to(1.0)
SELDOM = (shape_parameter, factor, degrees)  # no variable there has a closed form
BOUNDS = {"lower": fixed(np.float64(-2.0)), "upper": fixed(np.float64(3.0))}
UNIT = {"lower": fixed(np.float64(0.0)), "upper": fixed(np.float64(1.0))}
ONE = fixed(np.float64(1.0))

# name: kind of the values, slots of the parameters, and the family where that is not the name
FAMILIES = {
    "normal": ("real", {"mu": real, "sigma": deviation}),
    "mvnormal": ("real", {"mu": vector, "cov": covariance(1)}),
    "gaussianchain": (
        "real",
        {"offset": walk(-0.5, 0.5), "gain": lambda m, shape, given, linked: np.ones(shape), "scale": walk(0.5, 1.5)},
    ),
    "flat": ("real", {}),
    "cauchy": ("real", {"alpha": real, "beta": deviation}),
    "laplace": ("real", {"mu": real, "b": rate_to(-1.0)}),
    "logistic": ("real", {"mu": real, "s": deviation}),
    "gumbel": ("real", {"mu": real, "beta": deviation}),
    "studentt": ("real", {"nu": fixed(np.float64(4.0)), "mu": real, "sigma": deviation}),
    "skewnormal": ("real", {"mu": real, "sigma": deviation, "alpha": fixed(np.float64(2.0))}),
    "moyal": ("real", {"mu": real, "sigma": deviation}),
    "exgaussian": ("real", {"mu": real, "sigma": deviation, "nu": fixed(np.float64(1.5))}),
    "asymmetriclaplace": ("real", {"b": RATE, "kappa": fixed(np.float64(1.5)), "mu": real}),
    "vonmises": ("real", {"mu": fixed(np.float64(0.5)), "kappa": shape_parameter}),
    "mvstudentt": ("real", {"nu": fixed(np.float64(5.0)), "mu": vector, "cov": covariance(1)}),
    "triangular": ("bounded", {**BOUNDS, "c": fixed(np.float64(0.5))}),
    "rice": ("positive", {"nu": shape_parameter, "sigma": deviation}),
    "halfstudentt": ("positive", {"nu": fixed(np.float64(4.0)), "sigma": deviation}),
    "uniform": ("bounded", BOUNDS),
    "truncatednormal": ("bounded", {"mu": real, "sigma": deviation, **BOUNDS}),
    "exponential": ("positive", {"lam": RATE}),
    "gamma": ("positive", {"alpha": shape_parameter, "beta": RATE}),
    "chisquared": ("positive", {"nu": shape_parameter}),
    "inversegamma": ("positive", {"alpha": shape_parameter, "beta": RATE}),
    "halfnormal": ("positive", {"sigma": deviation}),
    "halfcauchy": ("positive", {"beta": deviation}),
    "halfflat": ("positive", {}),
    "lognormal": ("positive", {"mu": real, "sigma": deviation}),
    "weibull": ("positive", {"alpha": fixed(np.float64(1.5)), "beta": rate_to(lambda given: -given["alpha"])}),
    "pareto": ("positive", {"alpha": RATE, "m": fixed(np.float64(0.05))}),
    "wald": ("positive", {"mu": shape_parameter, "lam": RATE}),
    "beta": ("unit", {"alpha": shape_parameter, "beta": shape_parameter}),
    "beta of power": ("unit", {"alpha": RATE, "beta": ONE}, "beta"),
    "beta of complement": ("unit", {"alpha": ONE, "beta": RATE}, "beta"),
    "kumaraswamy": ("unit", {"a": fixed(np.float64(1.5)), "b": RATE}),
    "uniform of unit": ("unit", UNIT, "uniform"),
    "uniform below": ("below", {"lower": fixed(np.float64(0.0)), "upper": upper_end}, "uniform"),
    "bernoulli": ("finite", {"p": chance}),
    "binomial": ("finite", {"n": fixed(np.int64(4)), "p": chance}),
    "categorical": ("finite", {"p": chances}),
    "discreteuniform": ("finite", {"lower": fixed(np.int64(0)), "upper": fixed(np.int64(2))}),
    "discreteuniform from one": (
        "count",
        {"lower": fixed(np.int64(1)), "upper": fixed(np.int64(3))},
        "discreteuniform",
    ),
    "poisson": ("count", {"mu": RATE}),
    "geometric": ("count", {"p": chance}),
    "negativebinomial": ("count", {"n": fixed(np.float64(2.5)), "p": chance}),
    "multinomial": ("parts", {"n": fixed(np.int64(5)), "p": chances}),
    "dirichlet": ("simplex", {"a": weights}),
    "wishart": ("precision", {"nu": degrees, "V": covariance(1)}),
    "inversewishart": ("covariance", {"nu": degrees, "Psi": covariance(-1)}),
    "matrixnormal": ("matrix", {"mu": vector, "rowchol": factor, "colchol": factor_of_columns}),
}

LIKELIHOODS = ["beta of power", "beta of complement", *(name for name, _ in RATES if name not in ("beta", "normal"))]

# how often a family is drawn, where it is not once; a theme makes some families more frequent still
OFTEN = {"normal": 12, "gamma": 4, "mvnormal": 3, "inversegamma": 4, "beta": 3, "poisson": 2, "exponential": 2}
MATRICES = {"wishart": 25, "inversewishart": 25, "mvnormal": 30, "matrixnormal": 20}
FINITE = {
    "bernoulli": 15, "categorical": 15, "binomial": 5, "discreteuniform": 5, "dirichlet": 8, "beta": 12, "normal": 10,
    "negativebinomial": 6, "multinomial": 6,
}  # fmt: skip
THEMES = [
    {},
    {},
    MATRICES,
    MATRICES,
    {"flat": 20, "halfflat": 6, "normal": 20, "mvnormal": 5},
    FINITE,
    FINITE,
    {"gaussianchain": 15, "normal": 25},
    {name: 12 for name in ("gamma", "exponential", "chisquared", "halfflat")} | {name: 4 for name in LIKELIHOODS},
    {name: 4 for name in LIKELIHOODS} | {"inversegamma": 40, "beta of power": 12},
    {name: 15 for name in FAMILIES if FAMILIES[name][0] in ("real", "positive", "bounded")},
    {"pareto": 25, "uniform below": 25, "exponential": 5},
    {"uniform": 8, "truncatednormal": 8, "halfnormal": 8, "exponential": 8, "halfflat": 4, "normal": 30},
]

SHAPES_OF = {
    "beta": SHAPES + [(N_CATEGORIES - 1,)] * 5,
    "mvnormal": [(3,), (2,), (2,), (4, 2), (4, 2)],
    "mvstudentt": [(3,)],
    "gaussianchain": [(3,), (4,)],
    "dirichlet": [(N_CATEGORIES,)],
    "multinomial": [(N_CATEGORIES,), (2, N_CATEGORIES)],
    "wishart": [(2, 2), (3, 3)],
    "inversewishart": [(2, 2), (3, 3)],
    "matrixnormal": [(2, 3), (3, 2)],
}
# what is never seen: its density at data is not what a likelihood is
PRIORS_ONLY = {"flat", "halfflat", "discreteuniform", "discreteuniform from one", "gaussianchain"}


class Variable:
    """A variable of a random model: `parents` names the unknowns in each of its parameters."""

    def __init__(self, name, family, kind, shape, rv, parents, depth):
        self.name, self.family, self.kind, self.shape = name, family, kind, shape
        self.rv, self.parents, self.depth = rv, parents, depth


class RandomModel:
    """A model drawn from a seed, written in a language of `tests.languages`."""

    def __init__(self, language, seed):
        self.language, self.t = language, language.t
        self.rng = np.random.default_rng(seed)
        self.variables, self.observed, self.using, self.n_shared = [], [], set(), 0

    def build(self):
        """Return the model, written."""
        n = int(self.pick(N_VARIABLES))
        self.eager = self.chance(0.2)  # to build on the latest
        self.theme = self.pick(THEMES)
        with self.language.model():
            for i in range(n):
                self.add(f"x{i}", last=i == n - 1)
            if self.chance(0.15):
                v = self.taken(self.pick(self.variables))
                self.language.potential("potential", -self.t.sum(self.t.sqr(v.rv)) / np.float64(10.0))
        return self.language.finished()

    def add(self, name, last):
        is_seen = bool(self.variables) and (last or self.chance(0.2 if self.theme is FINITE else 0.4))
        often = OFTEN | self.theme
        row = self.pick([f for f in FAMILIES for _ in range(often.get(f, 1)) if not (is_seen and f in PRIORS_ONLY)])
        kind, slots, *other = FAMILIES[row]
        family = other[0] if other else row
        shape = self.pick(SHAPES_OF.get(row, SHAPES))
        given, parents = self.given(slots, shape)
        depth = 1 + max((v.depth for names in parents.values() for v in names), default=0)
        observed = self.seen(family, kind, shape) if is_seen else None
        if observed is not None and self.chance(0.2):
            observed = self.language.data(f"{name}_data", observed)
        rv = self.language.draw(family, name, shape, given, observed)
        v = Variable(name, family, kind, shape, rv, parents, depth)
        if is_seen:
            self.observed.append(v)
            return
        if kind not in ("parts", "matrix") and self.chance(0.1):
            v.rv = self.language.deterministic(f"{name}_again", v.rv)
        self.variables.append(v)

    def given(self, slots, shape):
        """Return parameters by name, and the unknowns in each; mostly in one of them."""
        given, parents = {}, {}
        self.parents = parents
        often = [name for name, slot in slots.items() if slot not in SELDOM or self.chance(0.2)]
        main = self.pick(often) if often and self.chance(0.9) else None
        for name, slot in slots.items():
            self.using = set()
            linked = bool(self.variables) and (name == main or self.chance(0.4 if self.theme is MATRICES else 0.1))
            given[name] = slot(self, shape, given, linked)
            parents[name] = self.using
        return given, parents

    def seen(self, family, kind, shape):
        """Return data that a variable may be seen to be."""
        rng = self.rng
        if kind in ("precision", "covariance"):
            return self.definite(shape[0])
        if family == "multinomial":
            return rng.multinomial(5, np.ones(N_CATEGORIES) / N_CATEGORIES, size=shape[:-1])
        return {
            "real": lambda: self.numbers(shape),
            "matrix": lambda: self.numbers(shape),
            "bounded": lambda: rng.uniform(-1.5, 2.5, size=shape).round(2),
            "positive": lambda: self.positive(shape),
            "below": lambda: rng.uniform(0.01, 0.06, size=shape),
            "unit": lambda: rng.uniform(0.1, 0.9, size=shape).round(2),
            "count": lambda: rng.integers(1, 5, size=shape),
            "finite": lambda: rng.integers(0, {"bernoulli": 2, "binomial": 5}.get(family, N_CATEGORIES), size=shape),
            "simplex": lambda: rng.dirichlet(np.ones(N_CATEGORIES) * 3),
        }[kind]()

    def family_of(self, name):
        return next(v.family for v in (*self.variables, *self.observed) if v.name == name)

    # Numbers ---------------------------------------------------------------------------------------------------

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, options):
        return options[self.rng.integers(len(options))]

    def own(self, shape):
        """Return the shape, or that of a number, which stands for all elements."""
        return shape if self.chance(0.3) else ()

    def numbers(self, shape=()):
        return np.asarray(self.rng.normal(size=shape).round(2))

    def constant(self, shape=()):
        """Return numbers, now and then those of a shared variable."""
        x = self.numbers(shape)
        if self.chance(0.05):
            self.n_shared += 1
            return self.language.data(f"data{self.n_shared}", x)
        return x

    def positive(self, shape=()):
        return np.asarray(self.rng.uniform(0.5, 2.5, size=shape).round(2))

    def definite(self, d):
        root = self.rng.normal(size=(d, d)).round(1)
        return root @ root.T + np.eye(d)

    # Links -----------------------------------------------------------------------------------------------------

    def found(self, *kinds):
        """Return the unknowns of some kinds that may have children."""
        found = [v for v in self.variables if v.kind in kinds and v.depth < DEPTH]
        return found[-2:] if self.eager else found

    def taken(self, v):
        self.using.add(v)
        return v

    def pick_from(self, *kinds):
        return self.taken(self.pick(self.found(*kinds))).rv

    def link(self, kind, shape):
        """Return elements of one unknown of a kind, in this shape or one that broadcasts to it."""
        found = self.found(kind)
        if not found:
            return (
                self.rng.uniform(0.2, 0.8, size=self.own(shape)) if kind == "unit" else self.positive(self.own(shape))
            )
        v = self.taken(self.pick(found))
        return self.elements(v, shape)

    def elements(self, v, shape):
        rng = self.rng
        if v.shape == shape and not (len(shape) == 1 and self.chance(0.2)):
            return v.rv
        if can_broadcast(v.shape, shape) and (1 not in v.shape or self.language.stretches):
            return v.rv
        if shape == ():
            return v.rv[tuple(int(rng.integers(n)) for n in v.shape)]
        return v.rv[tuple(rng.integers(n, size=shape) for n in v.shape)]

    def rate(self, shape):
        """Return an unknown rate: a variable of a rate's conjugate family, or the reciprocal of one of a scale's."""
        found = self.found("positive")
        if not found:
            return self.positive(self.own(shape))
        v = self.taken(self.pick(found))
        x = self.elements(v, shape)
        if v.family == "halfflat":
            x = self.t.sqr(x)
        q = 1 / x if (v.family in ("inversegamma", "halfflat")) != self.chance(0.1) else x
        return self.positive(self.own(shape)) * q if self.chance(0.4) else q

    def expression(self, shape, depth):
        """Return an expression of exactly this shape, mostly affine in what is unknown."""
        r = self.rng.random()
        vectors = [v for v in self.found("real") if len(v.shape) == 1]
        if len(shape) == 1 and vectors and self.chance(0.1):
            v = self.taken(self.pick(vectors))
            return self.t.dot(self.numbers((*shape, *v.shape)), v.rv)
        if depth <= 0 or r < 0.35:
            return self.leaf(shape)
        if r < 0.50:
            return self.expression(shape, depth - 1) + self.leaf(shape)
        if r < 0.57:
            return self.leaf(shape) - self.expression(shape, depth - 1)
        if r < 0.70:
            return self.constant(self.own(shape)) * self.expression(shape, depth - 1)
        if r < 0.74:
            return -self.expression(shape, depth - 1) / np.float64(2.0)
        if r < 0.76:
            return self.expression(shape, depth - 1) * self.expression((), 1)
        if r < 0.78:
            return self.t.exp(np.float64(0.1) * self.expression(shape, depth - 1))
        return self.of_another_shape(shape, depth - 1)

    def of_another_shape(self, shape, depth):
        rng, t, r = self.rng, self.t, self.rng.random()
        if shape == ():
            if r < 0.4:
                return t.sum(self.expression(self.pick([(3,), (2, 3)]), depth))
            if r < 0.6:
                return t.mean(self.expression((3,), depth))
            if r < 0.8:
                return t.dot(self.constant((3,)), self.expression((3,), depth))
            return self.expression((3,), depth)[int(rng.integers(3))]
        if len(shape) == 1:
            n = shape[0]
            if r < 0.35:
                return t.dot(self.constant((n, 3)), self.expression((3,), depth))
            if r < 0.6:
                return self.expression((3,), depth)[rng.integers(3, size=n)]
            if r < 0.7:
                return t.sum(self.expression((2, 3), depth), axis=0)[rng.integers(3, size=n)]
            if r < 0.8:
                return self.expression((2, 3), depth)[rng.integers(2, size=n), rng.integers(3, size=n)]
            if r < 0.9:
                return self.expression((n,), depth)[::-1]
            return self.expression((), depth) + self.constant((n,))
        n, m = shape
        if r < 0.3:
            return self.expression((m,), depth) + self.constant(shape)
        if r < 0.5:
            return self.expression((n,), depth)[:, None] + self.constant(shape)
        if r < 0.7:
            return t.reshape(self.expression((3,), depth)[rng.integers(3, size=n * m)], shape)
        if r < 0.8:
            return self.expression((m, n), depth).T
        return self.expression((3,), depth)[rng.integers(3, size=shape)]

    def leaf(self, shape):
        found = self.found("real", "bounded") * 2 + self.found("finite") + self.found("positive")
        if not found:
            return self.constant(shape)
        v = self.taken(self.pick(found))
        x = self.elements(v, shape)
        if v.kind == "finite":
            x = self.t.as_tensor_variable(self.constant((MOST,)))[x] if self.chance(0.7) else np.float64(1.0) * x
        return x if v.shape == shape else x + np.zeros(shape)


def can_broadcast(shape, target):
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False
