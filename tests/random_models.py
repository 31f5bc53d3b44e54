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
