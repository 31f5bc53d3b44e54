"""Random models of normal variables whose means are random expressions: mostly affine, now and then not."""

import numpy as np

SHAPES = [(), (3,), (2, 3), (1,), (1, 3), (2, 1)]


class RandomModel:
    """Draws a model from a seed: 1 to 4 variables, 1 to 3 sets of data, in the language of a backend."""

    def __init__(self, backend, seed):
        self.pm, self.t = backend.pm, backend.tensor
        self.rng = np.random.default_rng(seed)
        self.variables = []

    def build(self):
        rng = self.rng
        with self.pm.Model() as model:
            for i in range(rng.integers(1, 5)):
                self.variables.append(self.variable(f"x{i}"))
            if rng.random() < 0.3:
                v, _ = self.pick(self.variables)
                self.pm.Potential("p", -self.t.sum(v**2) / 10)
            if rng.random() < 0.3:
                v, _ = self.pick(self.variables)
                self.pm.Deterministic("d", 2 * v + 1)
            for i in range(rng.integers(1, 4)):
                self.data(f"y{i}")
        return model

    def pick(self, options):
        return options[self.rng.integers(len(options))]

    def constant(self, shape=()):
        return np.asarray(self.rng.normal(size=shape).round(2))

    def scale(self, name, shape):
        r = self.rng.random()
        if r < 0.2:
            return self.pm.HalfNormal(f"{name}_scale", sigma=1.0)
        if r < 0.25 and self.variables:
            v, _ = self.pick(self.variables)
            return self.t.exp(0.3 * self.t.sum(v))
        return self.rng.uniform(0.5, 2.0, size=shape if r < 0.5 else ()).round(2)

    def variable(self, name):
        shape, rng = self.pick(SHAPES), self.rng
        if rng.random() < 0.2 and len(shape) == 1:
            root = rng.normal(size=(shape[0], shape[0])).round(1)
            mean = self.expression(shape, 2)
            return self.pm.MvNormal(name, mean, cov=root @ root.T + np.eye(len(root)), shape=shape), shape
        mean = self.expression(shape, 2) if rng.random() < 0.6 else self.constant()
        return self.pm.Normal(name, mean, sigma=self.scale(name, shape), shape=shape), shape

    def data(self, name):
        shape, rng = self.pick([(), (3,), (4,), (2, 3)]), self.rng
        mean, values = self.expression(shape, 3), rng.normal(size=shape).round(2)
        r = rng.random()
        if r < 0.2 and len(shape) == 1:
            root = rng.normal(size=(shape[0], shape[0])).round(1)
            self.pm.MvNormal(name, mean, cov=root @ root.T + np.eye(len(root)), observed=values)
        elif r < 0.3:
            self.pm.StudentT(name, nu=4.0, mu=mean, sigma=1.0, observed=values)
        else:
            self.pm.Normal(name, mean, sigma=self.scale(name, shape), observed=values)

    def expression(self, shape, depth):
        """Return an expression of exactly this shape."""
        rng, t = self.rng, self.t
        r = rng.random()
        if depth == 0 or r < 0.15:
            return self.leaf(shape)
        if r < 0.35:
            return self.expression(shape, depth - 1) + self.expression(shape, depth - 1)
        if r < 0.45:
            return self.expression(shape, depth - 1) - self.expression(shape, depth - 1)
        if r < 0.60:
            return self.constant(shape if rng.random() < 0.5 else ()) * self.expression(shape, depth - 1)
        if r < 0.65:
            return -self.expression(shape, depth - 1) / 2
        if r < 0.69:
            return self.expression(shape, depth - 1) * self.expression((), 1)
        if r < 0.72:
            return t.exp(0.1 * self.expression(shape, depth - 1))
        return self.of_another_shape(shape, depth)

    def of_another_shape(self, shape, depth):
        rng, t = self.rng, self.t
        r = rng.random()
        if shape == ():
            if r < 0.4:
                return t.sum(self.expression(self.pick([(3,), (2, 3)]), depth - 1))
            if r < 0.6:
                return t.mean(self.expression((3,), depth - 1))
            if r < 0.8:
                return t.dot(self.constant((3,)), self.expression((3,), depth - 1))
            return self.expression((3,), depth - 1)[int(rng.integers(3))]
        if len(shape) == 1:
            n = shape[0]
            if r < 0.25:
                return t.dot(self.constant((n, 3)), self.expression((3,), depth - 1))
            if r < 0.5:
                return self.expression((3,), depth - 1)[rng.integers(3, size=n)]
            if r < 0.6:
                return t.sum(self.expression((2, 3), depth - 1), axis=0)[rng.integers(3, size=n)]
            if r < 0.7:
                return self.expression((2, 3), depth - 1)[rng.integers(2, size=n), rng.integers(3, size=n)]
            if r < 0.8:
                return self.expression((n,), depth - 1)[::-1]
            return self.expression((), depth - 1) + self.constant((n,))
        n, m = shape
        if r < 0.3:
            return self.expression((m,), depth - 1) + self.constant(shape)
        if r < 0.5:
            return self.expression((n,), depth - 1)[:, None] + self.constant(shape)
        if r < 0.7:
            return t.reshape(self.expression((3,), depth - 1)[rng.integers(3, size=n * m)], shape)
        if r < 0.8:
            return self.expression((m, n), depth - 1).T
        return self.expression((3,), depth - 1)[rng.integers(3, size=shape)]

    def leaf(self, shape):
        fitting = [v for v, s in self.variables if s == shape]
        if fitting:
            return self.pick(fitting)
        broadcasting = [v for v, s in self.variables if s != () and can_broadcast(s, shape)]
        if broadcasting:
            return self.pick(broadcasting) + self.constant(shape)
        scalars = [v for v, s in self.variables if s == ()]
        if scalars and self.rng.random() < 0.7:
            return self.pick(scalars) * self.constant(shape)
        return self.constant(shape)


def can_broadcast(shape, target):
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


class RandomRates:
    """Draws a model of rates, probabilities, counts and normal variables from a seed, some of it observed."""

    def __init__(self, backend, seed):
        self.pm, self.t = backend.pm, backend.tensor
        self.rng = np.random.default_rng(seed)
        self.found = {"rate": [], "chance": [], "real": [], "count": []}

    def build(self):
        rng = self.rng
        with self.pm.Model() as model:
            for i in range(rng.integers(1, 4)):
                kind = self.pick(["rate", "rate", "chance", "real"])
                self.found[kind].append(self.prior(kind, f"{kind}{i}"))
            for i in range(rng.integers(1, 5)):
                self.child(f"y{i}")
            if rng.random() < 0.2:
                kind = self.pick([k for k, v in self.found.items() if v])
                self.pm.Deterministic("d", self.t.sqr(self.pick(self.found[kind])[0]))
        return model

    def pick(self, options):
        return options[self.rng.integers(len(options))]

    def positive(self, shape=()):
        """Return a positive number, or one that is unknown."""
        if self.found["rate"] and self.rng.random() < 0.3:
            v, s = self.pick(self.found["rate"])
            return v if can_broadcast(s, shape) else self.t.sum(v)
        return self.rng.uniform(0.5, 3.0, size=shape if self.rng.random() < 0.3 else ()).round(2)

    def prior(self, kind, name):
        pm, shape = self.pm, self.pick([(), (3,), (2, 3), (1,)])
        if kind == "rate":
            r = self.rng.integers(5)
            if r < 2:
                return pm.Gamma(name, 1 + self.positive(shape), self.positive(shape), shape=shape), shape
            if r == 2:
                return pm.Exponential(name, self.positive(shape), shape=shape), shape
            if r == 3:
                alpha, beta = 2 + self.positive(shape), self.positive(shape)
                return pm.InverseGamma(name, alpha=alpha, beta=beta, shape=shape), shape
            return pm.HalfNormal(name, sigma=self.positive(shape), shape=shape), shape
        if kind == "chance":
            if self.rng.random() < 0.3:
                return pm.Uniform(name, 0.0, 1.0, shape=shape), shape
            return pm.Beta(name, 0.5 + self.positive(shape), 0.5 + self.positive(shape), shape=shape), shape
        return pm.Normal(name, self.rng.normal(), sigma=self.positive(shape), shape=shape), shape

    def link(self, kind, shape):
        """Return an expression of exactly this shape of a variable of a kind."""
        v, s = self.pick(self.found[kind])
        zeros = np.zeros(shape)
        if shape == ():
            return v[tuple(int(self.rng.integers(n)) for n in s)] if s else v
        if s == shape:
            return v[::-1] if len(s) == 1 and self.rng.random() < 0.3 else v
        if can_broadcast(s, shape):
            return v + zeros
        if len(s) == 1 and s[0] > 1:
            return v[self.rng.integers(s[0], size=shape)]
        if len(s) == 2 and shape == s[1:]:
            return v[self.rng.integers(s[0])]
        return v[(0,) * len(s)] + zeros

    def child(self, name):
        rng, shape = self.rng, self.pick([(), (3,), (4,), (2, 3)])
        kind = self.pick([k for k, v in self.found.items() if v])
        family, mean = self.pick(CHILDREN[kind]), self.link(kind, shape)
        values, dist, parameters = family(self, rng, mean, shape)
        if rng.random() < 0.7:
            dist(name, **parameters, observed=values)
            return
        real = dist in (self.pm.Normal, self.pm.Laplace)
        result = "count" if values.dtype.kind == "i" else "real" if real else "rate"
        self.found[result].append((dist(name, **parameters, shape=shape), shape))


def _counts(rng, shape, low=0, high=6):
    return np.asarray(rng.integers(low, high, size=shape))


def _positive(rng, shape):
    return np.asarray(rng.uniform(0.1, 3.0, size=shape).round(2))


def _real(rng, shape):
    return np.asarray(rng.normal(size=shape).round(2))


CHILDREN = {
    "rate": [
        lambda m, rng, q, s: (_counts(rng, s), m.pm.Poisson, {"mu": q * rng.uniform(0.5, 2.0)}),
        lambda m, rng, q, s: (_positive(rng, s), m.pm.Exponential, {"lam": q}),
        lambda m, rng, q, s: (_positive(rng, s), m.pm.Gamma, {"alpha": m.positive(s), "beta": 2 * q}),
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": 0.3, "sigma": 1 / m.t.sqrt(q)}),
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": 0.3, "sigma": m.t.sqrt(q)}),
        lambda m, rng, q, s: (_real(rng, s), m.pm.Laplace, {"mu": 0.3, "b": q}),
        lambda m, rng, q, s: (_positive(rng, s), m.pm.InverseGamma, {"alpha": 2.5, "beta": q}),
    ],
    "chance": [
        lambda m, rng, q, s: (_counts(rng, s), m.pm.Binomial, {"n": 6, "p": q}),
        lambda m, rng, q, s: (_counts(rng, s, 0, 2), m.pm.Bernoulli, {"p": 1 - q}),
        lambda m, rng, q, s: (_counts(rng, s, 1, 6), m.pm.Geometric, {"p": q}),
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": 2 * q, "sigma": 1.0}),
    ],
    "real": [
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": 2 * q - 1, "sigma": m.positive(s)}),
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": q, "sigma": m.positive(s)}),
        lambda m, rng, q, s: (_counts(rng, s), m.pm.Poisson, {"mu": m.t.exp(q / 3)}),
    ],
    "count": [
        lambda m, rng, q, s: (_real(rng, s), m.pm.Normal, {"mu": 1.0 * q, "sigma": m.positive(s)}),
        lambda m, rng, q, s: (_counts(rng, s), m.pm.Poisson, {"mu": 0.5 + q}),
    ],
}
